//! Answers to what a handshake needs, from the configuration; what it leaves to the application waits.

use alloc::vec::Vec;

use handclasp_codec::ProtocolVersion;
use handclasp_connection::{Connection as Engine, Context};
use handclasp_crypto::SignError;
use handclasp_handshake::{
    Answer, Credential, CredentialRequest, Need, PeerIdentity, PskAnswer, PskHash, PskIdentities,
};
use handclasp_identity::Identity;
use handclasp_report::{CertificateFault, Fault};
use handclasp_trust::{CHAIN_MAX, Name, Psk, PskUse, VerifiedKey};

use crate::{
    need::{HC_LATE_PEER, HC_LATE_PSK, HC_LATE_SIGNATURE},
    settings::Settings,
    trust::{Verdict, judge},
};

/// Identities of a client that are compared with the configured keys: those of one list.
const IDENTITIES_MAX: usize = 16;

/// What the answers of a handshake keep.
#[derive(Default)]
pub(crate) struct Progress {
    /// The name that the server's certificate must be for.
    pub(crate) name: Option<Name>,
    /// The peer's certificates so far.
    pub(crate) chain: Vec<Vec<u8>>,
    /// Whether a need waits for the application.
    pub(crate) is_waiting: bool,
}

/// An answer, free of the need's borrow.
enum Reply<'s> {
    Later,
    Credential(bool),
    Signature(Result<Vec<u8>, SignError>),
    Noted,
    Peer(Verdict),
    Psk(Option<(usize, &'s Psk)>),
    Session,
    Ticket,
    Status,
    Refuse,
}

/// Answers needs until there are none, or one waits for the application.
pub(crate) fn answer_needs(
    engine: &mut Engine,
    settings: &Settings,
    progress: &mut Progress,
    context: &mut Context<'_>,
) -> Result<(), Fault> {
    while !progress.is_waiting
        && let Some(need) = engine.need()
    {
        match reply(need, settings, progress, context) {
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
    context: &mut Context<'_>,
) -> Reply<'s> {
    match need {
        Need::PeerCertificate { index, der, last, certificate_type } => {
            if index >= CHAIN_MAX {
                return Reply::Peer(Err(CertificateFault::Budget.into()));
            }
            progress.chain.push(Vec::from(der));
            match last {
                false => Reply::Noted,
                true if settings.is_late(HC_LATE_PEER) => Reply::Later,
                true => {
                    let chain = core::mem::take(&mut progress.chain);
                    let name = progress.name.as_ref();
                    Reply::Peer(judge(settings, &chain, certificate_type, name, context.now))
                }
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
            None if settings.is_late(HC_LATE_PSK) => Reply::Later,
            found => Reply::Psk(found),
        },
        Need::Ticket { .. } => Reply::Session,
        Need::SealTicket { .. } => Reply::Ticket,
        // A need that this version does not know cannot be met.
        _ => Reply::Refuse,
    }
}

fn give(
    engine: &mut Engine,
    settings: &Settings,
    context: &mut Context<'_>,
    reply: &Reply<'_>,
) -> Result<(), Fault> {
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
        Reply::Session => Answer::Session(None),
        Reply::Ticket => Answer::Ticket(None),
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

/// The first identity that is a key of ours for this version.
fn find<'s>(
    settings: &'s Settings,
    identities: &PskIdentities<'_>,
    version: ProtocolVersion,
) -> Option<(usize, &'s Psk)> {
    identities.iter().take(IDENTITIES_MAX).find_map(|(index, identity)| {
        let named = |psk: &&Psk| psk.identity() == identity && psk.usage().serves(version);
        Some((index, settings.psks.iter().find(named)?))
    })
}

/// The hash that a key is bound to in TLS 1.3.
pub(crate) fn hash(usage: PskUse) -> PskHash {
    match usage {
        PskUse::Tls13Sha384 => PskHash::Sha384,
        PskUse::Tls12 | PskUse::Tls13Sha256 | PskUse::Imported | PskUse::BothVersions => PskHash::Sha256,
    }
}
