//! Answers what a handshake needs from the configuration, one need a call.

mod keys;

use alloc::{boxed::Box, vec::Vec};

use handclasp_connection::{Connection as Engine, Context};
use handclasp_crypto::SignError;
use handclasp_handshake::{Answer, CredentialRequest, Need};
use handclasp_report::{CertificateError, CertificateFault, Fault, NoneShown, NotJudged, Side, Tag};
use handclasp_trust::{Name, Role};

use crate::{ChainJudge, Judged, Subject, capability::ForCertificates, clock::Now, config::Shared};
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
pub(crate) type AnswerKeys = fn(&mut Engine, &Shared, Now, &mut Context<'_>) -> Result<(), Fault>;

/// An answer about certificates, free of the need's borrow.
enum Reply {
    Credential(bool),
    Signature(Result<Vec<u8>, SignError>),
    Noted,
    Peer(Result<Judged, CertificateError>),
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
    ) -> Result<(), Fault> {
        let Some(need) = engine.need() else { return Ok(()) };
        let certificates = match ForCertificates::<()>::ON {
            true => self.certificates(need, shared, now, context),
            false => None,
        };
        match (certificates, self.keys) {
            (Some((reply, not_judged)), _) => {
                if let Some(what) = not_judged {
                    engine.note(shared.side(), Tag::NotJudged, &what.note());
                }
                give(engine, shared, context, &reply)
            }
            (None, Some(answer)) => answer(engine, shared, now, context),
            (None, None) => engine.answer_once(context, Answer::Refuse),
        }
    }

    /// The answer to a need that is about certificates.
    fn certificates(
        &mut self,
        need: Need<'_>,
        shared: &'d Shared,
        now: Now,
        context: &mut Context<'_>,
    ) -> Option<(Reply, Option<NotJudged>)> {
        let reply = match need {
            Need::PeerCertificate { index, der, last, .. } => {
                return Some(self.certificate(shared, now, index, der, last));
            }
            Need::Credential(request) => Reply::Credential(is_usable(shared, &request)),
            Need::Signature { scheme, message } => Reply::Signature(match &shared.identity {
                Some(identity) => identity.get().sign(scheme, message, context.random),
                None => Err(SignError::Failed),
            }),
            _ => return None,
        };
        Some((reply, None))
    }

    fn certificate(
        &mut self,
        shared: &'d Shared,
        now: Now,
        index: usize,
        der: &[u8],
        last: bool,
    ) -> (Reply, Option<NotJudged>) {
        let not_configured = || Reply::Peer(Err(CertificateFault::NotConfigured.into()));
        let Some(trust) = &shared.trust else { return (not_configured(), None) };
        let trust = trust.get();
        let subject = Subject {
            role: shared.peer_role,
            name: self.name.as_ref(),
            now: now.seconds,
            time_is_known: now.is_known,
            verify: shared.verify,
        };
        if self.judge.is_none() {
            self.judge = ForCertificates::hold(trust.start(&subject));
        }
        let Some(judge) = &mut self.judge else { return (not_configured(), None) };
        let verdict = judge.get_mut().certificate(index, der, last);
        if last || verdict.is_err() {
            self.judge = None;
        }
        let reply = match verdict {
            Ok(Some(judged)) => Reply::Peer(Ok(judged)),
            Ok(None) if last => not_configured(),
            Ok(None) => Reply::Noted,
            Err(why) => Reply::Peer(Err(why)),
        };
        (reply, trust.not_judged(&subject).filter(|_| index == 0))
    }
}

/// Gives an answer about certificates to the machine.
fn give(engine: &mut Engine, shared: &Shared, context: &mut Context<'_>, reply: &Reply) -> Result<(), Fault> {
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
        Reply::Noted => Answer::CertificateNoted,
        Reply::Peer(Ok(judged)) => Answer::PeerAccepted { spki: &judged.spki, identity: judged.identity },
        Reply::Peer(Err(why)) => Answer::PeerRefused(*why),
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
