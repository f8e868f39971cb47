//! A message of a program, and the cause that it names: one if a client prints it, one if a server does.
//! The tables in `messages` are made of these.

use super::says::Says;
use crate::diagnosis::cause::Cause as C;
use crate::input::capture_event::Side;

/// A message in words. A number is a `Code`: it is compared as a number and not searched
/// for, always has words that explain it, and may stand for an alert.
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

    /// The message has several reasons, listed in `words`; the cause is one of them.
    pub(super) const fn several(mut self, words: &'static str) -> Self {
        self.words = Some(words);
        self
    }

    /// Other lines of the same log say more.
    pub(super) const fn weak(mut self) -> Self {
        self.weak = true;
        self
    }

    /// Whether a line in lower case contains the message.
    pub(super) fn is_in(&self, lower: &str) -> bool {
        fits(lower, self.part)
    }

    /// Whether another line of the same log says more.
    pub(super) const fn is_weak(&self) -> bool {
        self.weak
    }

    /// The meaning of the message in a log of this side.
    pub(super) fn says(&self, of: Side) -> Option<Says> {
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

/// A message that either side prints about its peer, or that helps one side only.
pub(super) const fn both(part: &'static str, cause: C) -> Message {
    Message::new(part, Some(cause), Some(cause))
}

/// A message about the peer's certificate: the server's in a client's log, the client's in a server's.
pub(super) const fn peer(part: &'static str, of_server: C, of_client: C) -> Message {
    Message::new(part, Some(of_server), Some(of_client))
}

/// A message of clients.
pub(super) const fn client(part: &'static str, cause: C) -> Message {
    Message::new(part, Some(cause), None)
}

/// A message of servers.
pub(super) const fn server(part: &'static str, cause: C) -> Message {
    Message::new(part, None, Some(cause))
}

/// A line that contains the words of another message and means something else.
pub(super) const fn neither(part: &'static str) -> Message {
    Message::new(part, None, None)
}

/// A message that the handshake failed, without the reason.
pub(super) const fn unexplained(part: &'static str, words: &'static str) -> Message {
    Message::new(part, None, None).several(words).weak()
}

/// The peer closed the connection.
pub(super) const fn closed(part: &'static str) -> Message {
    Message::new(part, Some(C::TransportClosedByServer), Some(C::TransportClosedByClient))
}

/// The issuer of the peer's certificate is not trusted.
pub(super) const fn untrusted(part: &'static str) -> Message {
    peer(part, C::CertUnknownIssuer, C::ClientCertUnknownIssuer)
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
