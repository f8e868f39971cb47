//! Answers what a handshake needs from the configuration, one need a call.

mod keys;

use alloc::{boxed::Box, vec::Vec};

use handclasp_connection::{Connection as Engine, Context};
use handclasp_crypto::SignError;
use handclasp_handshake::{Answer, CredentialRequest, Need};
use handclasp_report::{CertificateFault, FaultCode, NoneShown, Side, Tag};
use handclasp_trust::{Name, Role};

use crate::{ChainJudge, PeerTrust, Subject, capability::ForCertificates, clock::Now, config::Shared};
pub(crate) use keys::answer as answer_keys;

/// What the answers of one connection keep.
pub(crate) struct Answers<'d> {
    /// The name that the server's certificate must be for.
    name: Option<Name>,
    /// The peer's chain, while it comes.
    judge: Option<ForCertificates<Box<dyn ChainJudge + 'd>>>,
    /// Answers what only servers are asked. A pointer, so that a client does not link it.
    keys: Option<AnswerKeys>,
}

/// Answers a need for a key or a ticket.
pub(crate) type AnswerKeys = fn(&mut Engine, &Shared, Now, &mut Context<'_>) -> Result<(), FaultCode>;

/// Answers a need about a certificate of the peer.
pub(crate) type Judge =
    for<'d> fn(&mut Answers<'d>, &mut Engine, &'d Shared, Now, &mut Context<'_>) -> Result<(), FaultCode>;

/// Trust, and what answers by it. A pointer, so that a program that trusts no certificate does not link it.
pub(crate) struct Trust {
    trust: Box<dyn PeerTrust>,
    judge: Judge,
}

impl Trust {
    pub(crate) fn new(trust: impl PeerTrust + 'static) -> Self {
        Self { trust: Box::new(trust), judge }
    }
}

/// An answer about our certificate, free of the need's borrow.
enum Reply {
    Credential(bool),
    Signature(Result<Vec<u8>, SignError>),
}

impl<'d> Answers<'d> {
    pub(crate) fn new(name: Option<Name>, keys: Option<AnswerKeys>) -> Self {
        Self { name, judge: None, keys }
    }

    /// Answers the need that waits.
    pub(crate) fn answer(
        &mut self,
        engine: &mut Engine,
        shared: &'d Shared,
        now: Now,
        context: &mut Context<'_>,
    ) -> Result<(), FaultCode> {
        let is_on = ForCertificates::<()>::ON;
        let reply = match engine.need() {
            None => return Ok(()),
            Some(Need::PeerCertificate { .. }) if is_on => {
                return match &shared.trust {
                    Some(trust) => (trust.get().judge)(self, engine, shared, now, context),
                    None => engine.answer_once(context, not_configured()),
                };
            }
            Some(Need::Credential(request)) if is_on => Reply::Credential(is_usable(shared, &request)),
            Some(Need::Signature { scheme, message }) if is_on => Reply::Signature(match &shared.identity {
                Some(identity) => identity.get().sign(scheme, message, context.random),
                None => Err(SignError::Failed),
            }),
            Some(_) => {
                return match self.keys {
                    Some(answer) => answer(engine, shared, now, context),
                    None => engine.answer_once(context, Answer::Refuse),
                };
            }
        };
        give(engine, shared, context, &reply)
    }
}

fn not_configured() -> Answer<'static> {
    Answer::PeerRefused(CertificateFault::NotConfigured.into())
}

/// Judges the certificate that waits.
fn judge<'d>(
    answers: &mut Answers<'d>,
    engine: &mut Engine,
    shared: &'d Shared,
    now: Now,
    context: &mut Context<'_>,
) -> Result<(), FaultCode> {
    let Some(Need::PeerCertificate { index, der, last, .. }) = engine.need() else { return Ok(()) };
    let Some(trust) = &shared.trust else { return Ok(()) };
    let trust = &trust.get().trust;
    let subject = Subject {
        role: shared.peer_role,
        name: answers.name.as_ref(),
        now: now.seconds,
        time_is_known: now.is_known,
        verify: shared.verify,
    };
    if answers.judge.is_none() {
        answers.judge = ForCertificates::hold(trust.start()).ok();
    }
    let Some(judge) = &mut answers.judge else { return Ok(()) };
    let verdict = judge.get_mut().certificate(&subject, index, der, last);
    if last || verdict.is_err() {
        answers.judge = None;
    }
    if let Some(what) = trust.not_judged(&subject).filter(|_| index == 0) {
        engine.note(shared.side(), Tag::NotJudged, &what.note());
    }
    let answer = match &verdict {
        Ok(Some(judged)) => Answer::PeerAccepted { spki: &judged.spki, identity: judged.identity },
        Ok(None) if last => not_configured(),
        Ok(None) => Answer::CertificateNoted,
        Err(why) => Answer::PeerRefused(*why),
    };
    engine.answer_once(context, answer)
}

/// Gives an answer about our certificate to the machine.
fn give(
    engine: &mut Engine,
    shared: &Shared,
    context: &mut Context<'_>,
    reply: &Reply,
) -> Result<(), FaultCode> {
    let identity = shared.identity.as_ref().map(ForCertificates::get);
    let answer = match reply {
        Reply::Credential(true) => Answer::Credential(identity.map(|identity| identity.credential())),
        Reply::Credential(false) => {
            let why = match identity {
                Some(_) => NoneShown::NoCommonScheme,
                None => NoneShown::NotConfigured,
            };
            engine.note(Side::Client, Tag::NoneShown, &[why.number()]);
            Answer::Credential(None)
        }
        Reply::Signature(Ok(signature)) => Answer::Signature(signature),
        Reply::Signature(Err(why)) => Answer::SignerFailed(*why),
    };
    engine.answer_once(context, answer)
}

/// Whether our certificate can be sent. A server sends it in any case: the machine then says what is
/// missing.
fn is_usable(shared: &Shared, request: &CredentialRequest<'_>) -> bool {
    let Some(identity) = &shared.identity else { return false };
    let identity = identity.get();
    shared.peer_role == Role::Client || request.scheme(identity.kind(), identity.schemes()).is_some()
}
