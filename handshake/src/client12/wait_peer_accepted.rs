//! The caller looks at the chain, certificate after certificate. Only then is a key there to
//! verify the ServerKeyExchange with.

use alloc::boxed::Box;

use handclasp_codec::Field;
use handclasp_crypto::{Authentication, KeyExchangeAlgorithm, KeyKind, Suite};
use handclasp_report::{Choice, Failed, Fault, Side};

use super::{State, handshake::Handshake, wait_server_key_exchange::WaitServerKeyExchange};
use crate::{
    Answer, Context, Need, capability,
    chain::{Chain, Judged},
    need::curve,
};

/// The Certificate came.
pub(crate) struct WaitPeerAccepted {
    pub(super) handshake: Box<Handshake>,
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
        let Self { handshake, chain } = self;
        match chain.answer(answer, context.report, Side::Server)? {
            Judged::Next(chain) => Ok(State::WaitPeerAccepted(on, Self { handshake, chain })),
            Judged::Accepted(key) if fits(handshake.suite, key.kind) => {
                // The curves that we offer are also those of certificates (RFC 8422 §5.1).
                if let Some(curve) = curve(key.kind)
                    && !context.config.groups.iter().any(|ours| ours.group() == curve)
                {
                    return Err(context.fail(Fault::NotOffered { choice: Choice::Group, found: curve.0 }));
                }
                Ok(State::WaitServerKeyExchange(on, WaitServerKeyExchange { handshake, key }))
            }
            // The server chose a suite for which it has no certificate (RFC 5246 §7.4.2).
            Judged::Accepted(_) => Err(context.fail(Fault::IllegalParameter(Field::cipher_suite))),
        }
    }
}

/// Whether the suite is authenticated by such a key.
fn fits(suite: &Suite, key: KeyKind) -> bool {
    suite.exchange == KeyExchangeAlgorithm::Ecdhe(Authentication::of(key))
}
