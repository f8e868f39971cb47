//! WAIT_CV: the server proves that it holds the key of its certificate (RFC 8446 §4.4.3).

use alloc::boxed::Box;

use handclasp_codec::{CertificateVerify, Field, ProtocolVersion};
use handclasp_report::{Failed, Side, Signed, Tag};
use handclasp_schedule::{Sender, certificate_verify_content};

use super::{State, handshake::Handshake, wait_certificate_or_request::Request, wait_finished::WaitFinished};
use crate::{
    Context,
    message::decode,
    verify::{PeerKey, Signature},
};

/// The caller accepted the chain.
pub(crate) struct WaitCertificateVerify {
    pub(super) handshake: Box<Handshake>,
    pub(super) request: Option<Request>,
    pub(super) key: PeerKey,
}

impl WaitCertificateVerify {
    #[inline(never)]
    pub(super) fn certificate_verify(
        self,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { mut handshake, request, key } = self;
        let CertificateVerify { algorithm, signature } =
            decode(message, Field::certificate_verify, context.report)?;
        context.report.note_word(Side::Server, Tag::ChosenScheme, algorithm);
        let content = certificate_verify_content(Sender::Server, &handshake.transcript.hash());
        let signature = Signature {
            version: ProtocolVersion::TLS_1_3,
            signed: Signed::ServerCertificateVerify,
            scheme: algorithm,
            content: &content,
            signature,
        };
        signature.verify(context, &key)?;
        handshake.transcript.add(message);
        handshake.agreed.scheme = Some(algorithm);
        handshake.agreed.peer = Some(key.identity);
        Ok(State::WaitFinished(WaitFinished { handshake, request }))
    }
}
