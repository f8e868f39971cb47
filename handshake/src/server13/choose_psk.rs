//! RECVD_CH, with pre-shared keys offered: the caller names one, and its binder must be right
//! (RFC 8446 §4.2.11).

use alloc::boxed::Box;

use handclasp_codec::{List, ProtocolVersion, PskBinderEntry, PskIdentity};
use handclasp_crypto::{Suite, equal};
use handclasp_report::{Fault, Misuse, Side, Tag};
use handclasp_schedule::{BinderKind, EarlySecret};

use super::{
    State,
    choices::{Exchange, Mode, OfferedPsks},
    flight::{self, Authentication},
    received::Received,
    retry::{self, Retry},
};
use crate::{Context, Need, PskAnswer, PskIdentities};

/// The caller is asked for one of the client's keys.
pub(crate) struct ChoosePsk {
    pub(super) received: Box<Received>,
    pub(super) psks: OfferedPsks,
    /// The first identity in question; the tickets before it were refused.
    pub(super) from: usize,
}

impl ChoosePsk {
    pub(super) fn need(&self) -> Need<'_> {
        let identities = PskIdentities::List { list: self.identities(), from: self.from };
        Need::Psk { identities, version: ProtocolVersion::TLS_1_3 }
    }

    pub(super) fn identities(&self) -> List<'_, PskIdentity<'_>> {
        self.received.hello.list(self.psks.identities)
    }

    #[inline(never)]
    pub(super) fn psk(
        self,
        context: &mut Context<'_>,
        answer: Option<PskAnswer<'_>>,
    ) -> Result<State, Fault> {
        let Some(answer) = answer else { return self.received.without_psk(context) };
        let suite = match self.received.choices.suite_for_psk(answer.hash) {
            Ok(suite) => suite,
            // The key fits no suite of the client's; one behind it may, or a certificate.
            Err(fault) => return self.ask_again(context, answer.index).map_err(|_| fault),
        };
        let early = EarlySecret::new(suite.hash, Some(answer.secret));
        let kind = if answer.imported { BinderKind::Imported } else { BinderKind::External };
        let index = self.verify_binder(&early, suite, answer.index, kind)?;
        context.report.note(Side::Server, Tag::ChosenPsk, &index.to_be_bytes());

        let share = match self.psks.mode {
            Mode::WithExchange(Exchange::Retry(on, group)) => {
                return retry::request(on, context, self.received, Retry { suite, group, psk: true });
            }
            Mode::WithExchange(Exchange::Share(share)) => Some(share),
            Mode::Alone => None,
        };
        let identity = self.identities().iter().nth(answer.index).map(|entry| entry.identity.to_vec());
        let authentication = Authentication::Psk { index, identity };
        flight::begin(context, self.received, suite, early, share, authentication)?.finish(context)
    }

    /// Checks the binder, which proves that the client holds the key (§4.2.11.2). It covers the
    /// hello up to the binders, and all messages before. Returns the index as it is sent.
    pub(super) fn verify_binder(
        &self,
        early: &EarlySecret,
        suite: &Suite,
        index: usize,
        kind: BinderKind,
    ) -> Result<u16, Fault> {
        let wrong_answer = Fault::Misuse(Misuse::WrongAnswer);
        let identity = u16::try_from(index).map_err(|_| wrong_answer)?;
        let Received { hello, transcript, .. } = &*self.received;
        let binders: List<'_, PskBinderEntry<'_>> = hello.list(self.psks.binders);
        let binder = binders.iter().nth(index).ok_or(wrong_answer)?;
        let transcript_hash = transcript.hash_with(suite.hash, hello.part(self.psks.truncated));
        match equal(&early.binder(kind, &transcript_hash), binder.0) {
            true => Ok(identity),
            false => Err(Fault::BinderInvalid { identity }),
        }
    }
}
