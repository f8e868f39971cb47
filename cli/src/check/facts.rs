//! All that was found out about a server.

use std::io;

use handclasp::{CipherSuite, KeyKind, Policy, ProtocolVersion};
use handclasp_explain::certificate;

use super::handshake_probe::{End, HandshakeProbe, Kit, ProbedHandshake};
use super::minimal_profile::MinimalProfile;
use super::observed::{self, CredentialRequest};
use super::probe::Target;
use super::survey::Survey;
use crate::{exit::Failure, starttls::Protocol};

/// What was found out.
pub struct Facts {
    pub address: String,
    pub survey: Survey,
    pub least: Option<MinimalProfile>,
    /// The identity of the pre-shared key that was given.
    pub psk_identity: Option<String>,
    /// Of each version that is accepted.
    pub looks: Vec<Look>,
    /// Of each version, with the pre-shared key that was given.
    pub psk: Vec<WithPsk>,
    /// The client certificate that was given: the kind of its key, and the bytes of each certificate.
    pub given: Option<(KeyKind, Vec<usize>)>,
    /// The protocol that begins each connection.
    pub starttls: Option<Protocol>,
    /// Connections that were made.
    pub questions: u32,
}

/// The client's own certificate in the least profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnCertificate {
    /// None is shown.
    None,
    /// One is required, and was not given.
    CredentialRequest,
    /// The one given: the kind of its key, and the bytes of each certificate.
    Given(KeyKind, Vec<usize>),
}

impl OwnCertificate {
    /// The kind of its key; P-256 where it is not known.
    pub fn key(&self) -> Option<KeyKind> {
        match self {
            Self::None => None,
            Self::CredentialRequest => Some(KeyKind::P256),
            Self::Given(kind, _) => Some(*kind),
        }
    }

    /// Bytes of the Certificate message, header included (RFC 5246 §7.4.2, RFC 8446 §4.4.2). `None`:
    /// there is a certificate, and it is not known.
    pub fn message_len(&self, tls13: bool) -> Option<usize> {
        let (context, extensions) = if tls13 { (1, 2) } else { (0, 0) };
        match self {
            Self::None => Some(0),
            Self::CredentialRequest => None,
            Self::Given(_, sizes) => {
                Some(4 + context + 3 + sizes.iter().map(|size| 3 + size + extensions).sum::<usize>())
            }
        }
    }
}

/// What whole handshakes of one version show.
pub struct Look {
    pub version: ProtocolVersion,
    pub client_certificate: ClientCertificate,
    /// What the server does with the certificate that was given.
    pub with_certificate: Option<End>,
    /// Whether a ticket is resumed; `None` where no handshake was complete.
    pub resumption: Option<Resumption>,
}

/// What became of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumption {
    /// The server resumed the session.
    Resumed,
    /// It gave a ticket, and made a full handshake when it came back.
    NotResumed,
    /// TLS 1.2: it gave no ticket, and no later message can bring one.
    NoTicket,
    /// TLS 1.3: it gave no ticket as long as nobody said anything. Some servers send theirs with the
    /// first data (RFC 8446 §4.6.1 leaves the time to them).
    NoneBeforeData,
}

/// Whether a client certificate is wanted.
pub enum ClientCertificate {
    /// The server does not ask.
    NotAsked,
    /// It asks, and goes on without.
    Asked(CredentialRequest),
    /// It asks, and refuses clients without one: in these words.
    Required(CredentialRequest, String),
    /// It asks, and neither refused a client without one nor went on.
    Unclear(CredentialRequest),
    /// No handshake came so far, and why.
    Unknown(String),
}

/// What the server does with the pre-shared key.
pub struct WithPsk {
    pub version: ProtocolVersion,
    pub full: ProbedHandshake,
}

/// A certificate of the server.
pub struct Shown {
    /// In one line.
    pub line: String,
    pub bytes: usize,
}

/// Whole handshakes of one version: without a certificate, with the one that was given, and once
/// more to see whether the session is resumed.
pub fn look(
    target: &mut Target,
    kit: &Kit<'_>,
    version: ProtocolVersion,
    accepted: &[CipherSuite],
) -> Result<Option<Look>, Failure> {
    let only_cbc = !accepted.is_empty() && accepted.iter().all(|suite| suite.is_cbc());
    let Ok(policy) = Policy::compatible().only_version(version) else { return Ok(None) };
    let policy = if only_cbc { policy.offer_cbc() } else { policy };
    let reached = |error: io::Error| Failure::Transport(error.to_string());
    let looker = |identity| -> Result<HandshakeProbe, Failure> {
        Ok(HandshakeProbe::new(policy.clone(), kit.trust(version, false)?, identity, kit, kit.name.is_some()))
    };
    let plain = looker(None)?;
    let first = plain.look(target).map_err(reached)?;
    let wanted = first.diagnosis.as_ref().and_then(observed::wanted);
    let mut done = (plain, first);
    let client_certificate = match (wanted, done.1.end.clone()) {
        (None, End::Complete | End::Unclear) => ClientCertificate::NotAsked,
        (None, End::Refused(why) | End::Failed(why)) | (Some(_), End::Failed(why)) => {
            ClientCertificate::Unknown(why)
        }
        (Some(wanted), End::Complete) => ClientCertificate::Asked(wanted),
        (Some(wanted), End::Unclear) => ClientCertificate::Unclear(wanted),
        (Some(wanted), End::Refused(why)) => ClientCertificate::Required(wanted, why),
    };
    let mut with_certificate = None;
    if kit.has_certificate() && done.1.wants_certificate() {
        let shows = looker(kit.identity()?)?;
        let full = shows.look(target).map_err(reached)?;
        with_certificate = Some(full.end.clone());
        done = (shows, full);
    }
    let (looker, full) = done;
    let resumption = match full.end {
        End::Complete | End::Unclear if full.ticket => {
            let again = looker.look(target).map_err(reached)?;
            Some(if again.resumed { Resumption::Resumed } else { Resumption::NotResumed })
        }
        End::Complete | End::Unclear => Some(match version == ProtocolVersion::TLS_1_3 {
            true => Resumption::NoneBeforeData,
            false => Resumption::NoTicket,
        }),
        End::Refused(_) | End::Failed(_) => None,
    };
    Ok(Some(Look { version, client_certificate, with_certificate, resumption }))
}

/// A whole handshake with the pre-shared key.
pub fn with_psk(
    target: &mut Target,
    kit: &Kit<'_>,
    version: ProtocolVersion,
) -> Result<Option<WithPsk>, Failure> {
    let Ok(policy) = Policy::compatible().only_version(version) else { return Ok(None) };
    let look = |policy: Policy, target: &mut Target| {
        let looker = HandshakeProbe::new(policy, kit.trust(version, true)?, None, kit, kit.name.is_some());
        looker.look(target).map_err(|error| Failure::Transport(error.to_string()))
    };
    let mut full = look(policy.clone(), target)?;
    if matches!(full.end, End::Refused(_)) && version == ProtocolVersion::TLS_1_2 {
        // It may have suites with CBC alone, which are offered only on request.
        let with_cbc = look(policy.offer_cbc(), target)?;
        if matches!(with_cbc.end, End::Complete | End::Unclear) {
            full = with_cbc;
        }
    }
    Ok(Some(WithPsk { version, full }))
}

impl Facts {
    /// The certificates that the server shows, by the newest version that it accepts.
    pub fn chain(&self) -> Vec<Shown> {
        let newest = self.survey.accepted.first().map(|of| of.diagnosis.as_ref());
        let old = || self.survey.old_only().map(|(_, diagnosis)| diagnosis);
        let Some(diagnosis) = newest.or_else(old) else { return Vec::new() };
        let line = |der: &[u8]| certificate::summary(der).unwrap_or_else(|| "not a certificate".to_owned());
        let shown = |der: &Vec<u8>| Shown { line: line(der), bytes: der.len() };
        observed::chain(diagnosis).iter().map(shown).collect()
    }

    /// Whether the server requires a client certificate of the least profile's version.
    pub fn requires_certificate(&self, least: &MinimalProfile) -> bool {
        let required = |look: &Look| matches!(look.client_certificate, ClientCertificate::Required(..));
        self.looks.iter().any(|look| least.hello.versions.contains(&look.version) && required(look))
    }

    /// The client certificate of the least profile's version.
    pub fn own(&self, least: &MinimalProfile) -> OwnCertificate {
        let asks = |look: &Look| {
            matches!(
                look.client_certificate,
                ClientCertificate::Required(..) | ClientCertificate::Asked(_) | ClientCertificate::Unclear(_)
            )
        };
        let asked = self.looks.iter().any(|look| least.hello.versions.contains(&look.version) && asks(look));
        match &self.given {
            Some((kind, sizes)) if asked => OwnCertificate::Given(*kind, sizes.clone()),
            _ if self.requires_certificate(least) => OwnCertificate::CredentialRequest,
            Some(_) | None => OwnCertificate::None,
        }
    }

    /// The limits of max_fragment_length that the server takes up in the least profile's version.
    pub fn limits(&self, least: &MinimalProfile) -> &[u16] {
        let version = least.hello.versions.first().copied();
        let of = version.and_then(|version| self.survey.of(version));
        of.map_or(&[], |of| &of.max_fragment_length)
    }
}
