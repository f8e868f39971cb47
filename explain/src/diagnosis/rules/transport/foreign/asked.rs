//! TLS that is asked for in plain first: STARTTLS in all its spellings, the requests of databases, RDP and
//! proxies (RFC 3207, RFC 2595, RFC 4217, RFC 4511 §4.14, RFC 9110 §9.3.6). `answers` says what a refusal
//! is.

mod answers;

use answers::Refusal;

use super::{Said, contains};
use crate::conversation::{Event, Side};
use crate::diagnosis::cause::{Cause, Party};
use crate::diagnosis::finding::{Confidence, Finding, Severity};
use crate::diagnosis::fix::Fix;
use crate::diagnosis::protocol::shown;
use crate::diagnosis::rules::Case;

/// The client asks in plain for TLS, or for a way to a server of TLS, and is answered.
pub(super) struct Asked<'a> {
    what: Request,
    /// Index of the server's answer among the turns in plain.
    index: usize,
    at: &'a Event,
    answer: &'a [u8],
    refusal: Option<Refusal>,
}

/// How it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// STARTTLS, STLS, AUTH TLS.
    Command,
    /// `<starttls/>` of XMPP (RFC 6120 §5.4).
    Xmpp,
    /// SSLRequest of PostgreSQL.
    Postgres,
    /// The extended operation StartTLS of LDAP.
    Ldap,
    /// A negotiation request within X.224 (MS-RDPBCGR §2.2.1.1.1).
    Rdp,
    /// PRELOGIN of TDS with encryption (MS-TDS §2.2.6.5).
    Tds,
    /// CONNECT to a proxy (RFC 9110 §9.3.6).
    Proxy,
    /// A SOCKS proxy (RFC 1928 §4).
    Socks,
}

impl<'a> Asked<'a> {
    /// The last request before TLS begins, or the last one, with its answer.
    pub fn of(case: &Case<'_>, foreign: &[Said<'a>]) -> Option<Self> {
        let (asked, what) = foreign.iter().enumerate().rev().find_map(|(index, (item, begins))| {
            let what = request(begins).filter(|_| item.from == Side::Client)?;
            Some((index, what))
        })?;
        let answers = foreign.iter().enumerate().skip(asked);
        let (index, (at, answer)) = answers.clone().find(|(_, (item, _))| item.from == Side::Server)?;
        let refusal = Refusal::of(what, answer);
        let asked = Self { what, index, at, answer, refusal };
        (asked.refusal.is_some() || case.conversation.client_hello().is_some()).then_some(asked)
    }

    /// A refusal is the end of it; behind consent the plain lines have no part in what follows.
    pub fn findings(&self, case: &Case<'_>, foreign: &[Said<'_>]) -> Vec<Finding> {
        let Some(refusal) = &self.refusal else { return Vec::new() };
        let anyway = case.conversation.client_hello().is_some();
        let tail = match (anyway, self.goes_on(foreign)) {
            (true, _) => ", but the client starts it anyway",
            (false, true) => "; the client goes on without TLS",
            (false, false) => "",
        };
        let cause = match self.what {
            Request::Proxy => Cause::TransportNotTlsHttp,
            Request::Socks => Cause::TransportNotTlsOther,
            _ => Cause::TransportStarttls,
        };
        let mut finding =
            Finding::failure(cause, Confidence::Observed, format!("{}{tail}.", refusal.summary))
                .evidence(format!("{}: the server responds {}", self.at.position, shown(self.answer)))
                .evidence(case.ended());
        if !anyway && self.goes_on(foreign) {
            finding.severity = Severity::Advice;
        }
        finding.fix = refusal.fixes.iter().map(|(side, text)| Fix::by(*side, *text)).collect();
        if let Some((side, _)) = refusal.fixes.first() {
            finding = finding.side(*side);
        }
        vec![finding]
    }

    /// Whether both sides go on in plain after the refusal: TLS was wanted, not required.
    fn goes_on(&self, foreign: &[Said<'_>]) -> bool {
        let mut after = foreign.iter().skip(self.index + 1);
        let leaves = |begins: &[u8]| contains(begins, &["QUIT", "LOGOUT", "</STREAM"]);
        let goes_on = |(item, begins): &Said<'_>| item.from == Side::Client && !leaves(begins);
        after.by_ref().any(goes_on) && after.any(|(item, _)| item.from == Side::Server)
    }
}

/// What a client asks for in plain.
pub(super) fn request(begins: &[u8]) -> Option<Request> {
    const SSL_REQUEST: &[u8] = &[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
    Some(match begins {
        _ if begins.starts_with(SSL_REQUEST) => Request::Postgres,
        _ if begins.starts_with(b"CONNECT ") && contains(begins, &[" HTTP/"]) => Request::Proxy,
        // RDP_NEG_REQ at the end: type 1, flags, length 8, protocols of which one is TLS.
        [3, 0, _, _, _, 0xe0, .., 1, _, 8, 0, protocols, _, _, _] if *protocols != 0 => Request::Rdp,
        [0x12, ..] if matches!(answers::tds_encryption(begins), Some(1 | 3)) => Request::Tds,
        [5, 1, 0, ..] | [5, 2, 0, 1 | 3 | 4, ..] | [4, 1, ..] => Request::Socks,
        [0x30, ..] if contains(begins, &["1.3.6.1.4.1.1466.20037"]) => Request::Ldap,
        _ if contains(begins, &["<STARTTLS"]) => Request::Xmpp,
        _ if contains(begins, &["STARTTLS", "AUTH TLS", "AUTH SSL", "STLS"]) => Request::Command,
        _ => return None,
    })
}

/// Both sides of a refusal that the server's settings cause.
type Fixes = &'static [(Party, &'static str)];
