//! The caller looks at the client's chain, certificate after certificate.

use handclasp_report::{Failed, Side};

use super::{
    State,
    wait_client_key_exchange::{UnderWay, WaitClientKeyExchange},
};
use crate::{
    Answer, Context, Need, capability,
    chain::{Chain, Judged},
};

/// The client's Certificate came.
pub(crate) struct WaitPeerAccepted {
    pub(super) under_way: UnderWay,
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
        let Self { under_way, chain } = self;
        Ok(match chain.answer(answer, context.report, Side::Client)? {
            Judged::Next(chain) => State::WaitPeerAccepted(on, Self { under_way, chain }),
            Judged::Accepted(key) => {
                State::WaitClientKeyExchange(WaitClientKeyExchange { under_way, peer: Some((on, key)) })
            }
        })
    }
}
