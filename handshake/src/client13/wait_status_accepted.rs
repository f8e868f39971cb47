//! Between WAIT_CERT and WAIT_CV, where a status was asked for: the caller judges the OCSP response,
//! or that there is none (RFC 8446 §4.4.2.1, RFC 6066 §8).

use alloc::boxed::Box;

use handclasp_report::Failed;

use super::{
    State, handshake::Handshake, wait_certificate_or_request::Request,
    wait_certificate_verify::WaitCertificateVerify,
};
use crate::{Answer, Context, Need, capability, message::refuse_answer, verify::PeerKey};

/// The caller accepted the chain.
pub(crate) struct WaitStatusAccepted {
    pub(super) handshake: Box<Handshake>,
    pub(super) request: Option<Request>,
    pub(super) key: PeerKey,
}

impl WaitStatusAccepted {
    pub(super) fn need(&self) -> Need<'_> {
        Need::CertificateStatus { response: self.handshake.agreed.ocsp_response.as_deref() }
    }

    #[inline(never)]
    pub(super) fn answer(
        self,
        on: capability::Certificates,
        context: &mut Context<'_>,
        answer: &Answer<'_>,
    ) -> Result<State, Failed> {
        let Self { handshake, request, key } = self;
        match answer {
            Answer::StatusAccepted => {
                Ok(State::WaitCertificateVerify(on, WaitCertificateVerify { handshake, request, key }))
            }
            Answer::PeerRefused(why) => Err(context.report.refuse(*why)),
            other => Err(refuse_answer(other, context.report)),
        }
    }
}
