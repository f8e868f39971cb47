//! Why a dialogue did not end with TLS.

use std::{fmt, io, time::Duration};

use handclasp_explain::Side;

use super::Protocol;
use crate::exit::Failure;

/// Characters of a peer's answer that a message repeats.
const LONGEST: usize = 200;

/// A dialogue that did not end with TLS. Its text begins with the protocol.
#[derive(Debug)]
pub struct Error {
    protocol: Protocol,
    peer: Side,
    trouble: Trouble,
}

/// The reason.
#[derive(Debug)]
pub enum Trouble {
    /// The socket failed.
    Io(io::Error),
    /// Nothing arrived in time; what was expected, and the time for the whole dialogue.
    Silent { expected: String, patience: Duration },
    /// The peer closed or reset the connection; what was expected.
    Closed(String),
    /// An unexpected message: what was expected, and what arrived.
    Unexpected { expected: String, found: String },
    /// The peer cannot, or does not want to, begin TLS; why this is known.
    NotOffered(String),
    /// The first bytes of the peer are those of a TLS record.
    SpeaksTls,
    /// Bytes behind the last message of the dialogue, before TLS.
    Early(Vec<u8>),
    /// A limit of ours; what exceeds it.
    TooLong(&'static str, usize),
}

impl Trouble {
    /// An unexpected message.
    pub fn unexpected(expected: impl Into<String>, found: impl AsRef<[u8]>) -> Self {
        Self::Unexpected { expected: expected.into(), found: printable(found.as_ref()) }
    }
}

impl Error {
    pub fn new(protocol: Protocol, peer: Side, trouble: Trouble) -> Self {
        Self { protocol, peer, trouble }
    }

    /// Whether the socket failed or the peer was silent, so that another attempt may succeed.
    pub fn is_transport(&self) -> bool {
        match self.trouble {
            Trouble::Io(_) | Trouble::Silent { .. } | Trouble::Closed(_) => true,
            Trouble::Unexpected { .. }
            | Trouble::NotOffered(_)
            | Trouble::SpeaksTls
            | Trouble::Early(_)
            | Trouble::TooLong(..) => false,
        }
    }

    /// How the program ends: exit code 1 for the socket, 5 where TLS was not begun.
    pub fn failure(&self, address: &str) -> Failure {
        let text = format!("{address}: {self}");
        if self.is_transport() { Failure::Transport(text) } else { Failure::NoTls(text) }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (peer, verb) = match self.peer {
            Side::Server => ("server", "answered"),
            Side::Client => ("client", "sent"),
        };
        write!(f, "{}: ", self.protocol.name())?;
        match &self.trouble {
            Trouble::Io(error) => write!(f, "{error}"),
            Trouble::Silent { expected, patience } => {
                write!(f, "expected {expected}, the {peer} sent nothing within {} s", patience.as_secs_f64())
            }
            Trouble::Closed(expected) => write!(f, "expected {expected}, the {peer} closed the connection"),
            Trouble::Unexpected { expected, found } => {
                write!(f, "expected {expected}, the {peer} {verb} {found}")
            }
            Trouble::NotOffered(why) => match self.peer {
                Side::Server => write!(f, "the server does not offer STARTTLS: {why}"),
                Side::Client => write!(f, "the client does not ask for TLS: {why}"),
            },
            Trouble::SpeaksTls => {
                write!(f, "the {peer} speaks TLS from the first byte: leave --starttls out")
            }
            Trouble::Early(bytes) => write!(
                f,
                "the {peer} sent {} bytes after its last message in plaintext and before TLS, refused: {}; \
                 an attacker on the path can insert such bytes (CVE-2011-0411)",
                bytes.len(),
                printable(bytes)
            ),
            Trouble::TooLong(what, limit) => write!(f, "the {peer} sent {what} of more than {limit} bytes"),
        }
    }
}

/// A peer's bytes: as text without what moves a cursor, or in hexadecimal; shortened.
pub fn printable(bytes: &[u8]) -> String {
    let is_text = |text: &str| text.chars().all(|c| !c.is_control() || matches!(c, '\r' | '\n' | '\t'));
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| is_text(text)) else {
        let hex: Vec<String> = bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let more = if bytes.len() > 16 { " …" } else { "" };
        return format!("the bytes {}{more}", hex.join(" "));
    };
    let text = text.trim().replace("\r\n", " / ").replace(['\r', '\n', '\t'], " ");
    match text.chars().count() {
        0 => "an empty line".to_owned(),
        1..=LONGEST => text,
        _ => text.chars().take(LONGEST).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_a_peer_do_not_move_the_cursor() {
        assert_eq!(printable(b"454 4.7.0 later\r\n"), "454 4.7.0 later");
        assert_eq!(printable(b"\x1b[2J"), "the bytes 1b 5b 32 4a");
        assert_eq!(printable(b"\r\n"), "an empty line");
        assert_eq!(printable(&[b'a'; 999]).chars().count(), LONGEST + 1);
        assert!(printable(&[0; 99]).ends_with("00 …"));
    }
}
