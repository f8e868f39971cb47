//! RECVD_CH: a ClientHello with the choices made from it, and what the caller is asked next. The
//! same for a first and a second hello.

use alloc::boxed::Box;

use handclasp_report::Fault;
use handclasp_schedule::Transcript;

use super::{
    State,
    choices::{Certificate, Choices, Exchange},
    choose_credential::ChooseCredential,
    choose_psk::ChoosePsk,
    retry::{self, Retry, Unchanged},
};
use crate::{
    Context,
    server::{Decoded, Hello},
};

/// A ClientHello that is answered.
pub(super) struct Received {
    pub(super) hello: Hello,
    /// What stands before it: nothing, or a first hello's hash and a HelloRetryRequest.
    pub(super) transcript: Transcript,
    pub(super) choices: Choices,
    /// What a second hello must repeat.
    pub(super) unchanged: Unchanged,
}

impl Received {
    /// Refuses what cannot succeed, then asks for a pre-shared key or a certificate. `retry`: what
    /// the HelloRetryRequest before it has settled.
    pub(super) fn decide(
        context: &mut Context<'_>,
        hello: Hello,
        decoded: &Decoded<'_>,
        transcript: Transcript,
        retry: Option<&Retry>,
    ) -> Result<State, Fault> {
        let (choices, psks) = Choices::of(context.config, &hello, decoded, retry)?;
        let unchanged = Unchanged::of(decoded);
        let received = Box::new(Self { hello, transcript, choices, unchanged });
        match psks {
            Some(psks) => Ok(State::ChoosePsk(psks.on, ChoosePsk { received, psks, from: 0 })),
            None => received.without_psk(context),
        }
    }

    /// Goes on with a certificate.
    pub(super) fn without_psk(self: Box<Self>, context: &mut Context<'_>) -> Result<State, Fault> {
        let Certificate { on, suite, exchange, requested } = self.choices.certificate?;
        match exchange {
            Exchange::Share(share) => {
                let state = ChooseCredential { received: self, suite, share, requested };
                Ok(State::ChooseCredential(on, state))
            }
            Exchange::Retry(on, group) => {
                retry::request(on, context, self, Retry { suite, group, psk: false })
            }
        }
    }
}
