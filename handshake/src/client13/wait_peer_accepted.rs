//! Between WAIT_CERT and WAIT_CV: the caller looks at the chain, certificate after certificate.

use handclasp_report::{Fault, Side};

use super::{
    State, handshake::Handshake, wait_certificate_or_request::Request,
    wait_certificate_verify::WaitCertificateVerify, wait_status_accepted::WaitStatusAccepted,
};
use crate::{
    Answer, Context, Need,
    chain::{Chain, Judged},
};

/// The Certificate came.
pub(crate) struct WaitPeerAccepted {
    pub(super) handshake: Handshake,
    pub(super) request: Option<Request>,
    pub(super) chain: Chain,
}

impl WaitPeerAccepted {
    pub(super) fn need(&self) -> Need<'_> {
        self.chain.need()
    }

    pub(super) fn answer(self, context: &mut Context<'_>, answer: Answer<'_>) -> Result<State, Fault> {
        let Self { handshake, request, chain } = self;
        Ok(match chain.answer(answer, context.report, Side::Server)? {
            Judged::Next(chain) => State::WaitPeerAccepted(Self { handshake, request, chain }),
            Judged::Accepted(key)
                if context.config.extensions.status_request && handshake.types.is_x509_server() =>
            {
                State::WaitStatusAccepted(WaitStatusAccepted { handshake, request, key })
            }
            Judged::Accepted(key) => {
                State::WaitCertificateVerify(WaitCertificateVerify { handshake, request, key })
            }
        })
    }
}
