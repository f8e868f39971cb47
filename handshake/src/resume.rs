//! Whether a server accepts a decrypted ticket (RFC 8446 §4.6.1, RFC 5077 §3.4, RFC 7627 §5.3): its
//! session must be one that this connection could have negotiated. After a refused ticket a full
//! handshake follows.

use handclasp_codec::{CertificateType, List, ProtocolVersion};
use handclasp_report::{Report, Side, Tag};

use crate::{
    ClientAuthentication, Config, ResumeRefusal,
    session::{Session, WEEK},
};

/// The parameters of this connection that a ticket's session must agree with.
pub(crate) struct Circumstances<'a> {
    /// The protocol version.
    pub(crate) version: ProtocolVersion,
    /// The host name that the client asks for.
    pub(crate) server_name: Option<&'a [u8]>,
    /// Types of our certificate that the client accepts.
    pub(crate) types: List<'a, CertificateType>,
    /// Seconds since 1970.
    pub(crate) now: u64,
}

/// The reason for which a ticket is refused. The report notes it by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The session has another version, or does not decode.
    Version,
    /// Its suite is not enabled or not offered.
    Suite,
    /// It is for another server name.
    ServerName,
    /// Clients must authenticate, and the session's client did not.
    ClientAuthentication,
    /// The trust configuration has changed.
    TrustGeneration,
    /// The client's certificate has expired.
    NotAfter,
    /// The ticket has expired.
    Age,
    /// The client does not accept the type of certificate that the session began with.
    CertificateType,
    /// A single-use ticket was used before.
    Used,
    /// The client was revoked.
    Revoked,
    /// The caller cannot know whether the ticket was used or the client revoked.
    Unavailable,
}

impl Refusal {
    /// Notes the reason in the report.
    pub(crate) fn note(self, report: &mut Report) {
        let number = match self {
            Self::Version => 1,
            Self::Suite => 2,
            Self::ServerName => 3,
            Self::ClientAuthentication => 4,
            Self::TrustGeneration => 5,
            Self::NotAfter => 6,
            Self::Age => 7,
            Self::CertificateType => 8,
            Self::Used => 9,
            Self::Revoked => 10,
            Self::Unavailable => 11,
        };
        report.note(Side::Server, Tag::TicketRefused, &[number]);
    }
}

impl From<ResumeRefusal> for Refusal {
    fn from(refusal: ResumeRefusal) -> Self {
        match refusal {
            ResumeRefusal::Used => Self::Used,
            ResumeRefusal::Revoked => Self::Revoked,
            ResumeRefusal::Unavailable => Self::Unavailable,
        }
    }
}

/// Checks a ticket's session against this connection.
///
/// # Errors
/// The first one that the ticket breaks.
pub(crate) fn check(config: &Config, session: &Session, with: &Circumstances<'_>) -> Result<(), Refusal> {
    if session.version != with.version {
        return Err(Refusal::Version);
    }
    if session.suite_of(config).is_none() {
        return Err(Refusal::Suite);
    }
    if session.server_name.as_deref() != with.server_name {
        return Err(Refusal::ServerName);
    }
    if session.shown.is_some_and(|shown| !with.types.has(shown)) {
        return Err(Refusal::CertificateType);
    }
    // A pre-shared key authenticates a client as well as a certificate does.
    let is_known = session.peer.is_some() || session.psk_identity.is_some();
    if config.certificates.client_authentication == ClientAuthentication::Required && !is_known {
        return Err(Refusal::ClientAuthentication);
    }
    if session.trust_generation != config.resumption.trust_generation {
        return Err(Refusal::TrustGeneration);
    }
    if session.peer_not_after().is_some_and(|not_after| with.now > not_after) {
        return Err(Refusal::NotAfter);
    }
    match session.is_fresh(with.now) {
        true => Ok(()),
        false => Err(Refusal::Age),
    }
}

/// Whether the client itself says that the ticket is older than any may be (RFC 8446
/// §4.2.11.1). Its clock and ours need not agree closer than that: without early data nothing
/// hangs on it.
pub(crate) fn is_too_old_by_client(session: &Session, obfuscated_ticket_age: u32) -> bool {
    let milliseconds = obfuscated_ticket_age.wrapping_sub(session.age_add);
    milliseconds / 1000 > session.lifetime.min(WEEK)
}
