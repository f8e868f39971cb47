//! Answers to what a handshake needs, from the configuration; what it leaves to the application waits.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{CertificateType, ProtocolVersion};
use handclasp_connection::{Connection as Engine, Context};
use handclasp_crypto::SignError;
use handclasp_handshake::{
    Answer, Credential, CredentialRequest, Need, OpenedTicket, PeerIdentity, PskAnswer, PskHash,
    PskIdentities,
};
use handclasp_identity::Identity;
use handclasp_report::{CertificateFault, FaultCode, NotJudged, Tag};
use handclasp_trust::{CHAIN_MAX, Name, Psk, PskUse, VerifiedKey};
use zeroize::Zeroizing;

use crate::{
    late::{HC_LATE_PEER, HC_LATE_PSK, HC_LATE_SIGNATURE},
    settings::Settings,
    time::Now,
    trust::{Judge, Subject, Verdict},
};

/// Identities of a client that are compared with the configured keys: those of one list.
const IDENTITIES_MAX: usize = 16;

/// What the answers of a handshake keep.
pub(crate) struct Progress {
    /// The name that the server's certificate must be for.
    name: Option<Name>,
    /// The peer's certificates so far, where the application judges them.
    pub(crate) chain: Vec<Vec<u8>>,
    /// The peer's chain, while it comes, where the configuration judges it.
    judge: Option<Box<dyn Judge>>,
    /// Whether a need waits for the application.
    pub(crate) is_waiting: bool,
}

impl Progress {
    pub(crate) fn new(name: Option<Name>) -> Self {
        Self { name, chain: Vec::new(), judge: None, is_waiting: false }
    }
}

/// An answer, free of the need's borrow.
enum Reply<'s> {
    Later,
    Credential(bool),
    Signature(Result<Vec<u8>, SignError>),
    Noted,
    Peer(Verdict),
    Psk(Option<(usize, &'s Psk)>),
    /// Which identity is a ticket of ours, and the session in it.
    Session(Option<Opened>),
    Ticket(Option<Vec<u8>>),
    Status,
    Refuse,
}

/// A ticket that opened.
struct Opened {
    /// Index of the identity; 0 in TLS 1.2.
    index: usize,
    session: Zeroizing<Vec<u8>>,
    /// Whether the client gets a new one.
    renew: bool,
}

/// Answers needs until there are none, or one waits for the application.
pub(crate) fn answer_needs(
    engine: &mut Engine,
    settings: &Settings,
    progress: &mut Progress,
    now: Now,
    context: &mut Context<'_>,
) -> Result<(), FaultCode> {
    while !progress.is_waiting
        && let Some(need) = engine.need()
    {
        let is_first = matches!(need, Need::PeerCertificate { index: 0, .. });
        let reply = reply(need, settings, progress, now, context);
        let judges_dates = || settings.trust.as_ref().is_some_and(|trust| trust.judges_dates());
        if is_first && !now.is_known && progress.chain.is_empty() && judges_dates() {
            let what = NotJudged::NotBefore { earliest: now.seconds };
            engine.note(settings.side, Tag::NotJudged, &what.note());
        }
        match reply {
            Reply::Later => progress.is_waiting = true,
            reply => give(engine, settings, context, &reply)?,
        }
    }
    Ok(())
}

fn reply<'s>(
    need: Need<'_>,
    settings: &'s Settings,
    progress: &mut Progress,
    now: Now,
    context: &mut Context<'_>,
) -> Reply<'s> {
    match need {
        Need::PeerCertificate { index, .. } if index >= CHAIN_MAX => {
            Reply::Peer(Err(CertificateFault::Budget.into()))
        }
        Need::PeerCertificate { der, last, .. } if settings.is_late(HC_LATE_PEER) => {
            progress.chain.push(Vec::from(der));
            if last { Reply::Later } else { Reply::Noted }
        }
        Need::PeerCertificate { der, last, certificate_type, .. } => {
            let name = progress.name.as_ref();
            let algorithms = &settings.engine.handshake.verify;
            let subject = Subject { side: settings.side, name, now, algorithms };
            match (&settings.trust, certificate_type) {
                (Some(trust), CertificateType::X509) => {
                    let judge = progress.judge.get_or_insert_with(|| trust.start());
                    let noted = judge.certificate(&subject, der);
                    let reply = match (noted, last) {
                        (Ok(()), false) => return Reply::Noted,
                        (Ok(()), true) => Reply::Peer(judge.verdict(&subject)),
                        (Err(error), _) => Reply::Peer(Err(error)),
                    };
                    progress.judge = None;
                    reply
                }
                // Raw public keys are not offered.
                _ => Reply::Peer(Err(CertificateFault::NotConfigured.into())),
            }
        }
        Need::CertificateStatus { .. } => Reply::Status,
        Need::Credential(request) => Reply::Credential(fits(settings, &request)),
        Need::Signature { .. } if settings.is_late(HC_LATE_SIGNATURE) => Reply::Later,
        Need::Signature { scheme, message } => Reply::Signature(match &settings.identity {
            Some(identity) => identity.sign(scheme, message, context.random),
            None => Err(SignError::Failed),
        }),
        Need::Psk { identities, version } => match find(settings, &identities, version) {
            Reply::Psk(None) if settings.is_late(HC_LATE_PSK) => Reply::Later,
            found => found,
        },
        Need::Ticket { ticket } => Reply::Session(open(settings, ticket, 0)),
        Need::SealTicket { session } => {
            let tickets = settings.tickets.as_ref();
            Reply::Ticket(tickets.and_then(|tickets| tickets.seal(session.0, context.random)))
        }
        // A need that this version does not know cannot be met.
        _ => Reply::Refuse,
    }
}

fn give(
    engine: &mut Engine,
    settings: &Settings,
    context: &mut Context<'_>,
    reply: &Reply<'_>,
) -> Result<(), FaultCode> {
    let answer = match reply {
        Reply::Later => return Ok(()),
        Reply::Credential(is_shown) => {
            let identity = settings.identity.as_deref().filter(|_| *is_shown);
            Answer::Credential(identity.map(credential))
        }
        Reply::Signature(Ok(signature)) => Answer::Signature(signature),
        Reply::Signature(Err(why)) => Answer::SignerFailed(*why),
        Reply::Noted => Answer::CertificateNoted,
        Reply::Peer(Ok(peer)) => accepted(peer),
        Reply::Peer(Err(fault)) => Answer::PeerRefused(*fault),
        Reply::Psk(found) => Answer::Psk(found.map(|(index, psk)| PskAnswer {
            index,
            secret: psk.secret(),
            hash: hash(psk.usage()),
            imported: false,
        })),
        Reply::Session(opened) => Answer::Session(opened.as_ref().map(|opened| OpenedTicket {
            index: opened.index,
            session: &opened.session,
            renew: opened.renew,
            confirm: false,
        })),
        Reply::Ticket(ticket) => Answer::Ticket(ticket.as_deref()),
        Reply::Status => Answer::StatusAccepted,
        Reply::Refuse => Answer::Refuse,
    };
    engine.answer(context, answer)
}

/// The answer that accepts a peer's chain.
pub(crate) fn accepted(peer: &VerifiedKey) -> Answer<'_> {
    let not_after = peer.not_after.map(|time| time.as_secs());
    Answer::PeerAccepted { spki: &peer.spki, identity: PeerIdentity::new(peer.pin.0, not_after) }
}

fn credential(identity: &Identity) -> Credential<'_> {
    Credential::x509(identity.chain(), identity.key_kind(), identity.schemes())
}

/// Whether the peer accepts the key of our certificate. A server without one that fits ends there.
fn fits(settings: &Settings, request: &CredentialRequest<'_>) -> bool {
    let identity = settings.identity.as_deref();
    identity.is_some_and(|identity| request.scheme(identity.key_kind(), identity.schemes()).is_some())
}

/// The first identity that is a key of ours for this version, or a ticket.
fn find<'s>(settings: &'s Settings, identities: &PskIdentities<'_>, version: ProtocolVersion) -> Reply<'s> {
    for (index, identity) in identities.iter().take(IDENTITIES_MAX) {
        let named = |psk: &&Psk| psk.identity() == identity && psk.usage().serves(version);
        if let Some(psk) = settings.psks.iter().find(named) {
            return Reply::Psk(Some((index, psk)));
        }
        // In TLS 1.2 tickets have an extension of their own.
        if version == ProtocolVersion::TLS_1_3
            && let Some(opened) = open(settings, identity, index)
        {
            return Reply::Session(Some(opened));
        }
    }
    Reply::Psk(None)
}

/// The session in a ticket of ours, which is the identity at `index`.
fn open(settings: &Settings, ticket: &[u8], index: usize) -> Option<Opened> {
    let (session, renew) = settings.tickets.as_ref()?.open(ticket)?;
    Some(Opened { index, session, renew })
}

/// The hash that a key is bound to in TLS 1.3.
pub(crate) fn hash(usage: PskUse) -> PskHash {
    match usage {
        PskUse::Tls13Sha384 => PskHash::Sha384,
        PskUse::Tls12 | PskUse::Tls13Sha256 | PskUse::Imported | PskUse::BothVersions => PskHash::Sha256,
    }
}
