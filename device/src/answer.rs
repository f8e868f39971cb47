//! Answers what a handshake needs from the configuration, one need a call.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::ProtocolVersion;
use handclasp_connection::{Connection as Engine, Context};
use handclasp_crypto::SignError;
use handclasp_handshake::{Answer, CredentialRequest, Need, PskAnswer, PskIdentities};
use handclasp_report::{CertificateError, CertificateFault, Fault, NoneShown, Side, Tag};
use handclasp_trust::{Name, Psk, Role};

use crate::{
    ChainJudge, Judged, Subject,
    clock::Now,
    config::{Shared, psk_hash},
};

/// Identities of one client that are looked at. Clients name one key, and a few tickets.
const IDENTITIES_MAX: usize = 16;

/// What the answers of one connection keep.
pub(crate) struct Answers {
    /// The name that the server's certificate must be for.
    name: Option<Name>,
    /// The peer's chain, while it comes.
    judge: Option<Box<dyn ChainJudge>>,
}

/// An answer, free of the need's borrow.
enum Reply<'s> {
    Credential(bool),
    Signature(Result<Vec<u8>, SignError>),
    Noted,
    Peer(Result<Judged, CertificateError>),
    Psk(Option<(usize, &'s Psk)>),
    NoSession,
    Refuse,
}

impl Answers {
    pub(crate) fn new(name: Option<Name>) -> Self {
        Self { name, judge: None }
    }

    /// Answers the need that waits.
    pub(crate) fn answer(
        &mut self,
        engine: &mut Engine,
        shared: &Shared,
        now: Now,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        let Some(need) = engine.need() else { return Ok(()) };
        let reply = match need {
            Need::PeerCertificate { index, der, last, .. } => self.certificate(shared, now, index, der, last),
            Need::Credential(request) => Reply::Credential(is_usable(shared, &request)),
            Need::Signature { scheme, message } => Reply::Signature(match &shared.identity {
                Some(identity) => identity.sign(scheme, message, context.random),
                None => Err(SignError::Failed),
            }),
            Need::Psk { identities, version } => Reply::Psk(find_key(shared, &identities, version)),
            Need::Ticket { .. } | Need::SealTicket { .. } => Reply::NoSession,
            _ => Reply::Refuse,
        };
        let seals = matches!(engine.need(), Some(Need::SealTicket { .. }));
        let answer = match &reply {
            Reply::Credential(true) => {
                Answer::Credential(shared.identity.as_ref().map(|identity| identity.credential()))
            }
            Reply::Credential(false) => {
                let why = match shared.identity {
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
            Reply::Psk(found) => Answer::Psk(found.map(|(index, psk)| PskAnswer {
                index,
                secret: psk.secret(),
                hash: psk_hash(psk),
                imported: false,
            })),
            Reply::NoSession if seals => Answer::Ticket(None),
            Reply::NoSession => Answer::Session(None),
            Reply::Refuse => Answer::Refuse,
        };
        engine.answer_once(context, answer)
    }

    fn certificate(
        &mut self,
        shared: &Shared,
        now: Now,
        index: usize,
        der: &[u8],
        last: bool,
    ) -> Reply<'static> {
        let Some(trust) = &shared.trust else {
            return Reply::Peer(Err(CertificateFault::NotConfigured.into()));
        };
        let subject = Subject {
            role: shared.peer_role,
            name: self.name.as_ref(),
            now: now.seconds,
            time_is_known: now.is_known,
            verify: shared.verify,
        };
        let judge = self.judge.get_or_insert_with(|| trust.start(&subject));
        let verdict = judge.certificate(index, der, last);
        if last || verdict.is_err() {
            self.judge = None;
        }
        match verdict {
            Ok(Some(judged)) => Reply::Peer(Ok(judged)),
            Ok(None) if last => Reply::Peer(Err(CertificateFault::NotConfigured.into())),
            Ok(None) => Reply::Noted,
            Err(why) => Reply::Peer(Err(why)),
        }
    }
}

/// Whether our certificate can be sent. A server sends it in any case: the machine then says what is
/// missing.
fn is_usable(shared: &Shared, request: &CredentialRequest<'_>) -> bool {
    let Some(identity) = &shared.identity else { return false };
    shared.peer_role == Role::Client || request.scheme(identity.kind(), identity.schemes()).is_some()
}

/// The first identity that is a key of ours.
fn find_key<'s>(
    shared: &'s Shared,
    identities: &PskIdentities<'_>,
    version: ProtocolVersion,
) -> Option<(usize, &'s Psk)> {
    identities.iter().take(IDENTITIES_MAX).find_map(|(index, identity)| {
        let fits = |psk: &&Psk| psk.identity() == identity && psk.usage().serves(version);
        shared.psks.iter().find(fits).map(|psk| (index, psk))
    })
}
