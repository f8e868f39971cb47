//! Messages of programs, and the cause that each names: one if the client says it, one if the server
//! does. A part of the message in lower case; the first that fits decides, so the special ones stand
//! before the general.

mod devices;
mod last;
mod openssl;

pub(super) use openssl::alert as openssl_alert;

use super::{Says, browsers, gnutls, languages, platforms, servers};
use crate::diagnosis::cause::Cause as C;
use crate::input::capture_event::Side;

/// A message.
pub(super) struct Message {
    /// What the line contains: `…` stands for any words; `~` in front asks that the part stands alone
    /// between punctuation, as reasons do in the errors of OpenSSL.
    part: &'static str,
    /// The cause if a client says it.
    client: Option<C>,
    /// The cause if a server does.
    server: Option<C>,
    /// All reasons that the line has, the cause being one of them; or what a line without a cause means.
    words: Option<&'static str>,
    /// Another line of the same log says more.
    weak: bool,
}

impl Message {
    const fn new(part: &'static str, client: Option<C>, server: Option<C>) -> Self {
        Self { part, client, server, words: None, weak: false }
    }

    /// The line has several reasons.
    pub(super) const fn several(mut self, words: &'static str) -> Self {
        self.words = Some(words);
        self
    }

    /// Another line of the same log says more.
    pub(super) const fn weak(mut self) -> Self {
        self.weak = true;
        self
    }

    fn says(&self, of: Side) -> Option<Says> {
        let cause = match of {
            Side::Client => self.client,
            Side::Server => self.server,
        };
        match (cause, self.words) {
            (Some(cause), Some(words)) => Some(Says::Maybe(cause, words)),
            (Some(cause), None) => Some(Says::Why(cause)),
            (None, Some(words)) if self.client.is_none() && self.server.is_none() => {
                Some(Says::Number(words))
            }
            (None, _) => None,
        }
    }
}

/// Said by either end about the other, or of use to one end only.
pub(super) const fn both(part: &'static str, cause: C) -> Message {
    Message::new(part, Some(cause), Some(cause))
}

/// About the other end's certificate.
pub(super) const fn peer(part: &'static str, of_server: C, of_client: C) -> Message {
    Message::new(part, Some(of_server), Some(of_client))
}

pub(super) const fn client(part: &'static str, cause: C) -> Message {
    Message::new(part, Some(cause), None)
}

pub(super) const fn server(part: &'static str, cause: C) -> Message {
    Message::new(part, None, Some(cause))
}

/// Contains words of another message and says something else.
pub(super) const fn neither(part: &'static str) -> Message {
    Message::new(part, None, None)
}

/// Says that the handshake failed, not why.
pub(super) const fn unexplained(part: &'static str, words: &'static str) -> Message {
    Message::new(part, None, None).several(words).weak()
}

/// The other end closed the connection.
pub(super) const fn closed(part: &'static str) -> Message {
    Message::new(part, Some(C::TransportClosedByServer), Some(C::TransportClosedByClient))
}

/// The issuer of the other end's certificate is not trusted.
pub(super) const fn untrusted(part: &'static str) -> Message {
    peer(part, C::CertUnknownIssuer, C::ClientCertUnknownIssuer)
}

/// What a line in lower case says, and whether other lines of the log say more.
pub(super) fn says(lower: &str, of: Side) -> Option<(Says, bool)> {
    // BoringSSL and Python write reasons in capitals with underscores.
    let spaced = lower.replace('_', " ");
    let special = [
        devices::MESSAGES,
        servers::MESSAGES,
        platforms::MESSAGES,
        browsers::MESSAGES,
        languages::MESSAGES,
        gnutls::MESSAGES,
    ];
    let found = special
        .into_iter()
        .flatten()
        .find(|message| fits(lower, message.part))
        .or_else(|| openssl::find(&spaced))
        .or_else(|| last::MESSAGES.iter().find(|message| fits(lower, message.part)))
        .or_else(|| openssl::by_number(lower))?;
    Some((found.says(of)?, found.weak))
}

/// Whether a line contains a message.
fn fits(lower: &str, part: &str) -> bool {
    if let Some(alone) = part.strip_prefix('~') {
        return stands_alone(lower, alone);
    }
    let mut rest = lower;
    part.split('…').all(|part| match rest.split_once(part) {
        Some((_, behind)) => {
            rest = behind;
            true
        }
        None => false,
    })
}

/// Whether a part stands between punctuation or at an end of the line.
fn stands_alone(line: &str, part: &str) -> bool {
    line.match_indices(part).any(|(at, _)| {
        let before = line.get(..at).unwrap_or_default().trim_end().chars().next_back();
        let behind = line.get(at + part.len()..).unwrap_or_default();
        before.is_none_or(|before| ":](=\"'{".contains(before))
            && !behind.starts_with(char::is_alphanumeric)
            && !behind.trim_start().starts_with(char::is_alphanumeric)
    })
}
