//! WAIT_CV: the client proves that it holds the key of its certificate (RFC 8446 §4.4.3).

use handclasp_codec::{CertificateVerify, Field, ProtocolVersion};
use handclasp_report::{Fault, Side, Signed, Tag};
use handclasp_schedule::{Sender, certificate_verify_content};

use super::{State, session::Session, wait_finished::WaitFinished};
use crate::{
    Context,
    message::decode,
    verify::{PeerKey, Signature},
};

/// The caller believes the chain.
pub(crate) struct WaitCertificateVerify {
    pub(super) session: Session,
    pub(super) key: PeerKey,
}

impl WaitCertificateVerify {
    pub(super) fn certificate_verify(
        self,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Fault> {
        let Self { mut session, key } = self;
        let CertificateVerify { algorithm, signature } = decode(message, Field::certificate_verify)?;
        context.report.note_words(Side::Client, Tag::ChosenScheme, core::iter::once(algorithm));
        let content = certificate_verify_content(Sender::Client, &session.transcript.hash());
        let signature = Signature {
            version: ProtocolVersion::TLS_1_3,
            signed: Signed::ClientCertificateVerify,
            scheme: algorithm,
            content: &content,
            signature,
        };
        signature.verify(context.config, &key)?;
        session.transcript.add(message);
        session.agreed.client_scheme = Some(algorithm);
        session.agreed.peer = Some(key.identity);
        Ok(State::WaitFinished(WaitFinished { session }))
    }
}
