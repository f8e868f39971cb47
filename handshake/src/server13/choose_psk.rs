//! RECVD_CH, with pre-shared keys offered: the caller names one, and its binder must be right
//! (RFC 8446 §4.2.11).

use handclasp_codec::ProtocolVersion;
use handclasp_crypto::equal;
use handclasp_report::{Failed, Fault, FaultCode, Misuse, Side, Tag};
use handclasp_schedule::{BinderKind, EarlySecret};

use super::{
    State,
    choices::{Mode, binders, identities},
    flight,
    handshake::{Exchange, Handshake},
    received::without_psk,
    retry::{self, Retry},
};
use crate::{Context, Need, PskAnswer, PskIdentities};

/// The caller is asked for one of the client's keys.
pub(crate) struct ChoosePsk {
    pub(super) mode: Mode,
    /// The first identity in question; the tickets before it were refused.
    pub(super) from: usize,
}

impl ChoosePsk {
    pub(super) fn need<'a>(&self, shared: &'a Handshake) -> Need<'a> {
        let identities = PskIdentities::List { list: identities(shared.hello.view()), from: self.from };
        Need::Psk { identities, version: ProtocolVersion::TLS_1_3 }
    }

    #[inline(never)]
    pub(super) fn psk(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        answer: Option<PskAnswer<'_>>,
    ) -> Result<State, Failed> {
        let Some(answer) = answer else {
            note_identity(shared, context);
            return without_psk(shared, context, Some(Fault::UnknownPskIdentity));
        };
        let Some(suite) = shared.suite_for_psk(context.config, answer.hash) else {
            // The key fits no suite of the client's; one behind it may, or a certificate.
            return self.ask_again(shared, context, answer.index, Fault::NoCommonSuite);
        };
        shared.suite = suite;
        let early = EarlySecret::new(suite.hash, Some(answer.secret));
        let kind = if answer.imported { BinderKind::Imported } else { BinderKind::External };
        let index = verify_binder(shared, &early, answer.index, kind)
            .map_err(|code| context.report.fail_code(code))?;
        context.report.note(Side::Server, Tag::ChosenPsk, &index.to_be_bytes());

        let group = match self.mode {
            Mode::WithExchange(Exchange { group, retry: Some(on) }) => {
                return retry::request(on, shared, context, Retry { suite, group, psk: true });
            }
            Mode::WithExchange(Exchange { group, retry: None }) => Some(group),
            Mode::Alone => None,
        };
        let identity = identities(shared.hello.view()).iter().nth(answer.index);
        let identity = identity.map(|entry| entry.identity.to_vec());
        shared.agreed().psk_identity = identity;
        let secret = flight::begin(shared, context, early, group, Some(index))?;
        flight::finish(shared, context, secret)
    }
}

/// The key could not be looked up. A certificate serves without it (RFC 8446 §4.2.11: a server that chooses no
/// key goes on as without the extension).
#[inline(never)]
pub(super) fn unavailable(shared: &mut Handshake, context: &mut Context<'_>) -> Result<State, Failed> {
    note_identity(shared, context);
    without_psk(shared, context, Some(Fault::PskUnavailable))
}

/// Why the client has to show a certificate. RFC 8446 §4.2.11: an identity that is no ticket has an age of 0.
fn note_identity(shared: &Handshake, context: &mut Context<'_>) {
    let named = identities(shared.hello.view()).iter().find(|entry| entry.obfuscated_ticket_age == 0);
    if let Some(named) = named {
        context.report.note(Side::Client, Tag::PskIdentity, named.identity);
    }
}

/// Checks the binder, which proves that the client holds the key (§4.2.11.2). It covers the
/// hello up to the binders, and all messages before. Returns the index as it is sent.
pub(super) fn verify_binder(
    shared: &Handshake,
    early: &EarlySecret,
    index: usize,
    kind: BinderKind,
) -> Result<u16, FaultCode> {
    let wrong_answer = Fault::Misuse(Misuse::WrongAnswer);
    let identity = u16::try_from(index).map_err(|_| wrong_answer)?;
    let hello = shared.hello.view();
    let binder = binders(hello).iter().nth(index).ok_or(wrong_answer)?;
    let transcript_hash = shared.transcript.hash_with(shared.suite.hash, hello.before_binders());
    match equal(&early.binder(kind, &transcript_hash), binder.0) {
        true => Ok(identity),
        false => Err(Fault::BinderInvalid { identity }.code()),
    }
}
