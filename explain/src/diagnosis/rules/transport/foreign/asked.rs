//! TLS that is asked for in plain first: STARTTLS in all its spellings, PostgreSQL's SSLRequest, a
//! proxy (RFC 3207, RFC 2595, RFC 4217, RFC 9110 §9.3.6).

use super::{contains, shown};
use crate::conversation::{Event, Side};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::rules::Case;

/// The client asks in plain for TLS, or for a way to a server of TLS, and is answered.
pub(super) struct Asked<'a> {
    what: Request,
    at: &'a Event,
    answer: &'a [u8],
}

/// How it asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    /// STARTTLS, STLS, AUTH TLS.
    Command,
    /// SSLRequest of PostgreSQL.
    Postgres,
    /// CONNECT to a proxy (RFC 9110 §9.3.6).
    Proxy,
}

impl<'a> Asked<'a> {
    /// The last request before TLS begins, or the last one, with its answer.
    pub fn of(case: &Case<'_>, foreign: &[(&'a Event, &'a [u8])]) -> Option<Self> {
        let (asked, what) = foreign.iter().enumerate().rev().find_map(|(index, (item, begins))| {
            let what = request(begins).filter(|_| item.from == Side::Client)?;
            Some((index, what))
        })?;
        let (at, answer) = foreign.iter().skip(asked).find(|(item, _)| item.from == Side::Server)?;
        let asked = Self { what, at, answer };
        (asked.is_refused() || case.conversation.client_hello().is_some()).then_some(asked)
    }

    fn is_refused(&self) -> bool {
        let text = String::from_utf8_lossy(self.answer).to_uppercase();
        match self.what {
            Request::Command => {
                text.starts_with(['4', '5'])
                    || text.starts_with("-ERR")
                    || contains(self.answer, &[" NO ", " BAD "])
            }
            Request::Postgres => text.starts_with(['N', 'E']),
            Request::Proxy => text
                .strip_prefix("HTTP/1.")
                .and_then(|rest| rest.get(1..3))
                .is_some_and(|status| status != " 2"),
        }
    }

    /// A refusal is the end of it; behind consent the plain lines have no part in what follows.
    pub fn findings(&self, case: &Case<'_>) -> Vec<Finding> {
        if !self.is_refused() {
            return Vec::new();
        }
        let answer = format!("{}: the server responds {}", self.at.position, shown(self.answer));
        let observed = |cause, summary| {
            Finding::failure(cause, Confidence::Observed, summary)
                .evidence(answer.clone())
                .evidence(case.ended())
        };
        vec![match self.what {
            Request::Command if case.conversation.client_hello().is_some() => observed(
                Cause::TransportStarttls,
                "The server refuses to start TLS, but the client starts it anyway.",
            ),
            Request::Command => observed(Cause::TransportStarttls, "The server refuses to start TLS.")
                .fix("enable TLS on the server: configure a certificate and key, and permit STARTTLS"),
            Request::Postgres => observed(
                Cause::TransportStarttls,
                "The client requests TLS, and the server does not support it.",
            )
            .fix("enable TLS on the server: ssl = on, ssl_cert_file and ssl_key_file in postgresql.conf"),
            Request::Proxy => observed(
                Cause::TransportNotTlsHttp,
                "The proxy refuses to connect to the server, so TLS never starts.",
            )
            .fix("permit this host and port in the proxy, authenticate to it, or bypass it"),
        }]
    }
}

/// What a client asks for in plain.
pub(super) fn request(begins: &[u8]) -> Option<Request> {
    const SSL_REQUEST: &[u8] = &[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
    match begins {
        _ if begins.starts_with(SSL_REQUEST) => Some(Request::Postgres),
        _ if begins.starts_with(b"CONNECT ") => Some(Request::Proxy),
        _ => contains(begins, &["STARTTLS", "AUTH TLS", "STLS"]).then_some(Request::Command),
    }
}
