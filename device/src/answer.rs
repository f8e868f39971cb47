//! Answers what a handshake needs from the configuration, one need a call.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::ProtocolVersion;
use handclasp_connection::{Connection as Engine, Context};
use handclasp_crypto::SignError;
use handclasp_handshake::{Answer, CredentialRequest, Need, OpenedTicket, PskAnswer, PskIdentities};
use handclasp_report::{CertificateError, CertificateFault, Fault, NoneShown, NotJudged, Side, Tag};
use handclasp_trust::{Name, Psk, Role};
use zeroize::Zeroizing;

use crate::{
    ChainJudge, Judged, Subject,
    clock::Now,
    config::{Shared, psk_hash},
};

/// Identities of one client that are looked at. Clients name one key, and a few tickets.
const IDENTITIES_MAX: usize = 16;

/// What the answers of one connection keep.
pub(crate) struct Answers<'d> {
    /// The name that the server's certificate must be for.
    name: Option<Name>,
    /// The peer's chain, while it comes.
    judge: Option<Box<dyn ChainJudge + 'd>>,
}

/// An answer, free of the need's borrow.
enum Reply<'s> {
    Credential(bool),
    Signature(Result<Vec<u8>, SignError>),
    Noted,
    Peer(Result<Judged, CertificateError>),
    Psk(Option<(usize, &'s Psk)>),
    /// Which identity is a ticket of ours, and the session in it.
    Session(Option<(usize, Zeroizing<Vec<u8>>)>),
    Ticket(Option<Vec<u8>>),
    Refuse,
}

impl<'d> Answers<'d> {
    pub(crate) fn new(name: Option<Name>) -> Self {
        Self { name, judge: None }
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
        let (reply, not_judged) = match need {
            Need::PeerCertificate { index, der, last, .. } => self.certificate(shared, now, index, der, last),
            need => (reply(need, shared, now, context), None),
        };
        if let Some(what) = not_judged {
            engine.note(shared.side(), Tag::NotJudged, &what.note());
        }
        give(engine, shared, context, &reply)
    }

    fn certificate(
        &mut self,
        shared: &'d Shared,
        now: Now,
        index: usize,
        der: &[u8],
        last: bool,
    ) -> (Reply<'d>, Option<NotJudged>) {
        let Some(trust) = &shared.trust else {
            return (Reply::Peer(Err(CertificateFault::NotConfigured.into())), None);
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
        let reply = match verdict {
            Ok(Some(judged)) => Reply::Peer(Ok(judged)),
            Ok(None) if last => Reply::Peer(Err(CertificateFault::NotConfigured.into())),
            Ok(None) => Reply::Noted,
            Err(why) => Reply::Peer(Err(why)),
        };
        (reply, trust.not_judged(&subject).filter(|_| index == 0))
    }
}

/// The answer to a need, but for certificates of the peer.
fn reply<'d>(need: Need<'_>, shared: &'d Shared, now: Now, context: &mut Context<'_>) -> Reply<'d> {
    match need {
        Need::Credential(request) => Reply::Credential(is_usable(shared, &request)),
        Need::Signature { scheme, message } => Reply::Signature(match &shared.identity {
            Some(identity) => identity.sign(scheme, message, context.random),
            None => Err(SignError::Failed),
        }),
        Need::Psk { identities, version } => find_key(shared, &identities, version, now),
        Need::Ticket { ticket } => Reply::Session(open(shared, ticket, now).map(|session| (0, session))),
        Need::SealTicket { session } => {
            let resumption = shared.resumption.as_ref();
            Reply::Ticket(resumption.and_then(|one| one.seal(session.0, now.seconds, context.random)))
        }
        _ => Reply::Refuse,
    }
}

/// Gives an answer to the machine.
fn give(
    engine: &mut Engine,
    shared: &Shared,
    context: &mut Context<'_>,
    reply: &Reply<'_>,
) -> Result<(), Fault> {
    let answer = match reply {
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
        Reply::Session(opened) => Answer::Session(opened.as_ref().map(|(index, session)| OpenedTicket {
            index: *index,
            session,
            renew: false,
            redeem: None,
        })),
        Reply::Ticket(ticket) => Answer::Ticket(ticket.as_deref()),
        Reply::Refuse => Answer::Refuse,
    };
    engine.answer_once(context, answer)
}

/// Whether our certificate can be sent. A server sends it in any case: the machine then says what is
/// missing.
fn is_usable(shared: &Shared, request: &CredentialRequest<'_>) -> bool {
    let Some(identity) = &shared.identity else { return false };
    shared.peer_role == Role::Client || request.scheme(identity.kind(), identity.schemes()).is_some()
}

/// The first identity that is a key of ours, or a ticket.
fn find_key<'s>(
    shared: &'s Shared,
    identities: &PskIdentities<'_>,
    version: ProtocolVersion,
    now: Now,
) -> Reply<'s> {
    for (index, identity) in identities.iter().take(IDENTITIES_MAX) {
        let fits = |psk: &&Psk| psk.identity() == identity && psk.usage().serves(version);
        if let Some(psk) = shared.psks.iter().find(fits) {
            return Reply::Psk(Some((index, psk)));
        }
        // In TLS 1.2 tickets have an extension of their own.
        if version == ProtocolVersion::TLS_1_3
            && let Some(session) = open(shared, identity, now)
        {
            return Reply::Session(Some((index, session)));
        }
    }
    Reply::Psk(None)
}

/// The session in a ticket of ours.
fn open(shared: &Shared, ticket: &[u8], now: Now) -> Option<Zeroizing<Vec<u8>>> {
    shared.resumption.as_ref()?.open(ticket, now.seconds)
}
