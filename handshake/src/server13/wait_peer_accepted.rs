//! Between WAIT_CERT and WAIT_CV: the caller looks at the client's chain, certificate after
//! certificate.

use handclasp_report::{Failed, Side};
use handclasp_schedule::MainSecret;

use super::{State, wait_certificate_verify::WaitCertificateVerify};
use crate::{
    Answer, Context, Need, capability,
    chain::{Chain, Judged},
};

/// The client's Certificate came.
pub(crate) struct WaitPeerAccepted {
    pub(super) main: MainSecret,
    pub(super) chain: Chain,
}

impl WaitPeerAccepted {
    pub(super) fn need(&self) -> Need<'_> {
        self.chain.need()
    }

    #[inline(never)]
    pub(super) fn answer(
        self,
        on: capability::ClientAuth,
        context: &mut Context<'_>,
        answer: Answer<'_>,
    ) -> Result<State, Failed> {
        let Self { main, chain } = self;
        Ok(match chain.answer(answer, context.report, Side::Client)? {
            Judged::Next(chain) => State::WaitPeerAccepted(on, Self { main, chain }),
            Judged::Accepted(key) => State::WaitCertificateVerify(on, WaitCertificateVerify { main, key }),
        })
    }
}
