//! The client proves that it holds the key of its certificate: a signature over all messages so
//! far, which were kept for it (RFC 5246 §7.4.8).

use handclasp_codec::{CertificateVerify, Field, ProtocolVersion};
use handclasp_report::{Failed, Side, Signed, Tag};
use handclasp_schedule::MasterSecret;

use super::{State, handshake::Handshake, wait_change_cipher_spec::WaitChangeCipherSpec};
use crate::{
    Context,
    message::decode,
    verify::{PeerKey, Signature},
};

/// The ClientKeyExchange came, and before it a certificate that the caller accepted.
pub(crate) struct WaitCertificateVerify {
    pub(super) master: MasterSecret,
    pub(super) peer: PeerKey,
}

impl WaitCertificateVerify {
    #[inline(never)]
    pub(super) fn certificate_verify(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { master, peer } = self;
        let CertificateVerify { algorithm, signature } =
            decode(message, Field::certificate_verify, context.report)?;
        context.report.note_word(Side::Client, Tag::ChosenScheme, algorithm);
        let signature = Signature {
            version: ProtocolVersion::TLS_1_2,
            signed: Signed::ClientCertificateVerify,
            scheme: algorithm,
            content: shared.transcript.messages(),
            signature,
        };
        signature.verify(context, &peer)?;
        shared.transcript.add(message);
        shared.transcript.drop_messages();
        let agreed = shared.agreed();
        agreed.client_scheme = Some(algorithm);
        agreed.peer = Some(peer.identity);
        Ok(State::WaitChangeCipherSpec(WaitChangeCipherSpec { master, finished: false }))
    }
}
