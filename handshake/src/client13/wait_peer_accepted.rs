//! Between WAIT_CERT and WAIT_CV: the caller looks at the chain, certificate after certificate.

use alloc::boxed::Box;

use handclasp_report::{Failed, Side};

use super::{
    State, handshake::Handshake, wait_certificate_or_request::Request,
    wait_certificate_verify::WaitCertificateVerify, wait_status_accepted::WaitStatusAccepted,
};
use crate::{
    Answer, Context, Need, capability,
    chain::{Chain, Judged},
};

/// The Certificate came.
pub(crate) struct WaitPeerAccepted {
    pub(super) handshake: Box<Handshake>,
    pub(super) request: Option<Request>,
    pub(super) chain: Chain,
}

impl WaitPeerAccepted {
    pub(super) fn need(&self) -> Need<'_> {
        self.chain.need()
    }

    #[inline(never)]
    pub(super) fn answer(
        self,
        on: capability::Certificates,
        context: &mut Context<'_>,
        answer: Answer<'_>,
    ) -> Result<State, Failed> {
        let Self { handshake, request, chain } = self;
        let key = match chain.answer(answer, context.report, Side::Server)? {
            Judged::Next(chain) => {
                return Ok(State::WaitPeerAccepted(on, Self { handshake, request, chain }));
            }
            Judged::Accepted(key) => key,
        };
        let asks_status = context.config.extensions.status_request && handshake.types.is_x509_server();
        Ok(match capability::HostExtensions::get().filter(|_| asks_status) {
            Some(host) => State::WaitStatusAccepted(on, host, WaitStatusAccepted { handshake, request, key }),
            None => State::WaitCertificateVerify(on, WaitCertificateVerify { handshake, request, key }),
        })
    }
}
