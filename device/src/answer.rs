//! Answers what a handshake needs from the configuration, one need a call.

mod keys;

use alloc::vec::Vec;

use handclasp_connection::{Connection as Engine, Context};
use handclasp_crypto::SignError;
use handclasp_handshake::{Answer, CredentialRequest, Need};
use handclasp_report::{FaultCode, NoneShown, Side, Tag};
use handclasp_trust::{Name, Role};

use crate::{
    Subject,
    capability::ForCertificates,
    clock::Now,
    config::Shared,
    judge::{Judging, not_configured},
};
pub(crate) use keys::answer as answer_keys;

/// State of one connection's answers.
pub(crate) struct Answers<'d> {
    /// The name that the server's certificate must be for.
    name: Option<Name>,
    /// The peer's chain, until its last certificate is judged.
    judging: Judging<'d>,
    /// Answers the needs that only servers have. A pointer, so that a client does not link it.
    keys: Option<AnswerKeys>,
}

/// Answers a need for a key or a ticket.
pub(crate) type AnswerKeys = fn(&mut Engine, &Shared, Now, &mut Context<'_>) -> Result<(), FaultCode>;

/// An answer about our certificate, free of the need's borrow.
enum Reply {
    Credential(bool),
    Signature(Result<Vec<u8>, SignError>),
}

impl<'d> Answers<'d> {
    pub(crate) fn new(name: Option<Name>, keys: Option<AnswerKeys>) -> Self {
        Self { name, judging: None, keys }
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
                    Some(trust) => {
                        let subject = Subject {
                            role: shared.peer_role,
                            name: self.name.as_ref(),
                            now: now.seconds,
                            time_is_known: now.is_known,
                            verify: shared.verify,
                        };
                        trust.get().answer(&mut self.judging, engine, &subject, context)
                    }
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
