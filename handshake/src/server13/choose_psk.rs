//! RECVD_CH, with pre-shared keys offered: the caller names one, and its binder must be right
//! (RFC 8446 §4.2.11).

use handclasp_crypto::equal;
use handclasp_report::{Fault, Misuse, Side, Tag};
use handclasp_schedule::{BinderKind, EarlySecret};

use super::{
    State, flight,
    received::{Received, group},
    retry,
};
use crate::{Context, Need, PskAnswer, PskIdentities, negotiate::Group13};
use handclasp_codec::{ProtocolVersion, PskKeyExchangeMode};

/// The hello whose identities are asked about.
pub(crate) struct ChoosePsk {
    pub(super) received: Received,
    /// How the key would be used.
    pub(super) mode: PskKeyExchangeMode,
    /// The first identity in question; the tickets before it were refused.
    pub(super) from: usize,
}

impl ChoosePsk {
    pub(super) fn need(&self) -> Option<Need<'_>> {
        let psks = self.received.hello().ok()?.extensions.pre_shared_key?;
        let identities = PskIdentities::List { list: psks.identities, from: self.from };
        Some(Need::Psk { identities, version: ProtocolVersion::TLS_1_3 })
    }

    pub(super) fn psk(
        self,
        context: &mut Context<'_>,
        answer: Option<PskAnswer<'_>>,
    ) -> Result<State, Fault> {
        let Some(answer) = answer else { return self.received.without_psk(context) };
        let suite = match self.received.suite_for_psk(context, answer.hash) {
            Ok(suite) => suite,
            // The key fits no suite of the client's; one behind it may, or a certificate.
            Err(fault) => return self.ask_again(context, answer.index).map_err(|_| fault),
        };
        let early = EarlySecret::new(suite.hash, Some(answer.secret));
        let kind = if answer.imported { BinderKind::Imported } else { BinderKind::External };
        let identity = self.verify_binder(&early, suite, answer.index, kind)?;
        context.report.note(Side::Server, Tag::ChosenPsk, &identity.to_be_bytes());

        if self.mode == PskKeyExchangeMode::psk_dhe_ke
            && let Group13::Retry(group) = group(context, &self.received.hello()?)?
        {
            return retry::request(context, self.received, suite, group.group(), true);
        }
        let by = flight::Authentication::Psk { index: identity, mode: self.mode };
        flight::begin(context, self.received, suite, early, by)?.finish(context)
    }

    /// The binder proves that the client holds the key (§4.2.11.2). It covers the hello up to
    /// the binders, and all that stood before.
    pub(super) fn verify_binder(
        &self,
        early: &EarlySecret,
        suite: &handclasp_crypto::Suite,
        index: usize,
        kind: BinderKind,
    ) -> Result<u16, Fault> {
        let wrong_answer = Fault::Misuse(Misuse::WrongAnswer);
        let identity = u16::try_from(index).map_err(|_| wrong_answer)?;
        let psks = self.received.hello()?.extensions.pre_shared_key.ok_or(wrong_answer)?;
        let binder = psks.binders.iter().nth(index).ok_or(wrong_answer)?;

        let message = self.received.hello.message();
        let truncated = message.len().saturating_sub(psks.binders_wire_len());
        let truncated = message.get(..truncated).unwrap_or_default();
        let transcript_hash = self.received.transcript.hash_with(suite.hash, truncated);
        match equal(&early.binder(kind, &transcript_hash), binder.0) {
            true => Ok(identity),
            false => Err(Fault::BinderInvalid { identity }),
        }
    }
}
