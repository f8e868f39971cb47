//! WAIT_CV: the client proves that it holds the key of its certificate (RFC 8446 §4.4.3).

use handclasp_codec::{CertificateVerify, Field, ProtocolVersion};
use handclasp_report::{Fault, Side, Signed, Tag};
use handclasp_schedule::{Sender, certificate_verify_content};

use super::{State, handshake::Handshake, wait_finished::WaitFinished};
use crate::{
    Context,
    message::decode,
    verify::{PeerKey, Signature},
};

/// The caller accepted the chain.
pub(crate) struct WaitCertificateVerify {
    pub(super) handshake: Handshake,
    pub(super) key: PeerKey,
}

impl WaitCertificateVerify {
    #[inline(never)]
    pub(super) fn certificate_verify(
        self,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Fault> {
        let Self { mut handshake, key } = self;
        let CertificateVerify { algorithm, signature } =
            decode(message, Field::certificate_verify, context.report)?;
        context.report.note_word(Side::Client, Tag::ChosenScheme, algorithm);
        let content = certificate_verify_content(Sender::Client, &handshake.transcript.hash());
        let signature = Signature {
            version: ProtocolVersion::TLS_1_3,
            signed: Signed::ClientCertificateVerify,
            scheme: algorithm,
            content: &content,
            signature,
        };
        signature.verify(context, &key)?;
        handshake.transcript.add(message);
        handshake.agreed.client_scheme = Some(algorithm);
        handshake.agreed.peer = Some(key.identity);
        Ok(State::WaitFinished(WaitFinished { handshake }))
    }
}
