//! WAIT_CV: the client proves that it holds the key of its certificate (RFC 8446 §4.4.3).

use handclasp_codec::{CertificateVerify, Field, ProtocolVersion};
use handclasp_report::{Failed, Side, Signed, Tag};
use handclasp_schedule::{MainSecret, Sender, certificate_verify_content};

use super::{State, handshake::Handshake, wait_finished::WaitFinished};
use crate::{
    Context,
    message::decode,
    verify::{PeerKey, Signature},
};

/// The caller accepted the chain.
pub(crate) struct WaitCertificateVerify {
    pub(super) main: MainSecret,
    pub(super) key: PeerKey,
}

impl WaitCertificateVerify {
    #[inline(never)]
    pub(super) fn certificate_verify(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { main, key } = self;
        let CertificateVerify { algorithm, signature } =
            decode(message, Field::certificate_verify, context.report)?;
        context.report.note_word(Side::Client, Tag::ChosenScheme, algorithm);
        let content = certificate_verify_content(Sender::Client, &shared.transcript.hash());
        let signature = Signature {
            version: ProtocolVersion::TLS_1_3,
            signed: Signed::ClientCertificateVerify,
            scheme: algorithm,
            content: &content,
            signature,
        };
        signature.verify(context, &key)?;
        shared.transcript.add(message);
        let agreed = shared.agreed();
        agreed.client_scheme = Some(algorithm);
        agreed.peer = Some(key.identity);
        Ok(State::WaitFinished(WaitFinished { main }))
    }
}
