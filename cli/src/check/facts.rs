//! All that was found out about a server.
//!
//! Called by: `check` (fills it), `told`, `json` (say it).

use std::io;

use handclasp::{CipherSuite, Policy, ProtocolVersion};
use handclasp_explain::shown;

use super::ask::Target;
use super::full::{End, Full, Kit, Looker};
use super::least::Least;
use super::seen::{self, Wanted};
use super::survey::Survey;
use crate::exit::Failure;

/// What was found out.
pub struct Facts {
    pub address: String,
    pub survey: Survey,
    pub least: Option<Least>,
    /// The identity of the pre-shared key that was given.
    pub psk_identity: Option<String>,
    /// Of each version that is accepted.
    pub looks: Vec<Look>,
    /// Of each version, with the pre-shared key that was given.
    pub psk: Vec<WithPsk>,
    /// Connections that were made.
    pub questions: u32,
}

/// What whole handshakes of one version show.
pub struct Look {
    pub version: ProtocolVersion,
    pub client_certificate: ClientCertificate,
    /// What the server does with the certificate that was given.
    pub with_certificate: Option<End>,
    /// Whether a ticket is resumed; `None` where no handshake was complete.
    pub resumes: Option<bool>,
}

/// Whether a client certificate is wanted.
pub enum ClientCertificate {
    /// The server does not ask.
    NotAsked,
    /// It asks, and goes on without.
    Asked(Wanted),
    /// It asks, and refuses clients without one: in these words.
    Required(Wanted, String),
    /// It asks, and neither refused a client without one nor went on.
    Unclear(Wanted),
    /// No handshake came so far, and why.
    Unknown(String),
}

/// What the server does with the pre-shared key.
pub struct WithPsk {
    pub version: ProtocolVersion,
    pub full: Full,
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
    let only_cbc = !accepted.is_empty() && accepted.iter().all(|suite| is_cbc(*suite));
    let Ok(policy) = Policy::compatible().only_version(version) else { return Ok(None) };
    let policy = if only_cbc { policy.offer_cbc() } else { policy };
    let reached = |error: io::Error| Failure::Transport(error.to_string());
    let looker = |identity| -> Result<Looker, Failure> {
        Ok(Looker::new(policy.clone(), kit.trust(version, false)?, identity, kit, kit.name.is_some()))
    };
    let plain = looker(None)?;
    let first = plain.look(target).map_err(reached)?;
    let wanted = first.told.as_ref().and_then(seen::wanted);
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
    let resumes = match full.end {
        End::Complete | End::Unclear if full.ticket => Some(looker.look(target).map_err(reached)?.resumed),
        End::Complete | End::Unclear => Some(false),
        End::Refused(_) | End::Failed(_) => None,
    };
    Ok(Some(Look { version, client_certificate, with_certificate, resumes }))
}

/// A whole handshake with the pre-shared key.
pub fn with_psk(
    target: &mut Target,
    kit: &Kit<'_>,
    version: ProtocolVersion,
) -> Result<Option<WithPsk>, Failure> {
    let Ok(policy) = Policy::compatible().only_version(version) else { return Ok(None) };
    let look = |policy: Policy, target: &mut Target| {
        let looker = Looker::new(policy, kit.trust(version, true)?, None, kit, kit.name.is_some());
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

fn is_cbc(suite: CipherSuite) -> bool {
    suite.name().is_some_and(|name| name.contains("_CBC_"))
}

impl Facts {
    /// The certificates that the server shows, by the newest version that it accepts.
    pub fn chain(&self) -> Vec<Shown> {
        let Some(of) = self.survey.accepted.first() else { return Vec::new() };
        let line = |der: &[u8]| shown::certificate(der).unwrap_or_else(|| "not a certificate".to_owned());
        let shown = |der: &Vec<u8>| Shown { line: line(der), bytes: der.len() };
        seen::chain(&of.told).iter().map(shown).collect()
    }

    /// Whether the server requires a client certificate of the least profile's version.
    pub fn requires_certificate(&self, least: &Least) -> bool {
        let required = |look: &Look| matches!(look.client_certificate, ClientCertificate::Required(..));
        self.looks.iter().any(|look| least.hello.versions.contains(&look.version) && required(look))
    }

    /// The limits of max_fragment_length that the server takes up in the least profile's version.
    pub fn limits(&self, least: &Least) -> &[u16] {
        let version = least.hello.versions.first().copied();
        let of = version.and_then(|version| self.survey.of(version));
        of.map_or(&[], |of| &of.max_fragment_length)
    }
}
