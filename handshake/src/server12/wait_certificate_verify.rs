//! The client proves that it holds the key of its certificate: a signature over all messages so
//! far, which were kept for it (RFC 5246 §7.4.8).

use alloc::boxed::Box;

use handclasp_codec::{CertificateVerify, Field, ProtocolVersion};
use handclasp_report::{Fault, Side, Signed, Tag};
use handclasp_schedule::MasterSecret;

use super::{State, flight::Flight, wait_change_cipher_spec::WaitChangeCipherSpec};
use crate::{
    Context,
    message::decode,
    verify::{PeerKey, Signature},
};

/// The ClientKeyExchange came, and before it a certificate that the caller accepted.
pub(crate) struct WaitCertificateVerify {
    pub(super) flight: Box<Flight>,
    pub(super) master: MasterSecret,
    pub(super) peer: PeerKey,
}

impl WaitCertificateVerify {
    #[inline(never)]
    pub(super) fn certificate_verify(
        self,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Fault> {
        let Self { mut flight, master, peer } = self;
        let CertificateVerify { algorithm, signature } =
            decode(message, Field::certificate_verify, context.report)?;
        context.report.note_word(Side::Client, Tag::ChosenScheme, algorithm);
        let signature = Signature {
            version: ProtocolVersion::TLS_1_2,
            signed: Signed::ClientCertificateVerify,
            scheme: algorithm,
            content: flight.transcript.messages(),
            signature,
        };
        signature.verify(context, &peer)?;
        flight.transcript.add(message);
        flight.transcript.drop_messages();
        flight.agreed.client_scheme = Some(algorithm);
        flight.agreed.peer = Some(peer.identity);
        Ok(State::WaitChangeCipherSpec(WaitChangeCipherSpec { flight, master, finished: false }))
    }
}
