//! What is said before TLS. The server is asked for TLS; when it has begun, the client is sent what it would have seen at
//! the beginning of a connection without STARTTLS.
//!
//! The server's greeting reaches the client behind the TLS handshake, when it is known who the server is. Its capabilities
//! from before TLS must be forgotten (RFC 9051 §6.2.1), so that they are cut out; what the client asks for then, it asks for
//! inside of TLS. The text of the greeting stays unauthenticated: a client sees no command result in it.

use std::{
    io::{Error, ErrorKind, Result},
    time::Duration,
};

use handclasp_relay::{Prelude, Socket};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::starttls::{self, Protocol};

/// What a tunnel says before TLS.
pub enum Dialogues {
    None,
    StartTls(Dialogue),
}

/// A protocol in which the server is asked for TLS.
pub struct Dialogue {
    protocol: Protocol,
    /// The server's name.
    host: String,
    patience: Duration,
}

impl Dialogue {
    /// The server has as much time as for a handshake, and not more than in other commands.
    pub fn new(protocol: Protocol, host: &str, handshake_timeout: Duration) -> Self {
        let patience = handshake_timeout.min(starttls::PATIENCE);
        Self { protocol, host: host.to_owned(), patience }
    }
}

impl Prelude for Dialogues {
    async fn before_tls(&self, server: &Socket) -> Result<Vec<u8>> {
        let Self::StartTls(dialogue) = self else { return Ok(Vec::new()) };
        let socket = server.tcp().ok_or(ErrorKind::Unsupported)?;
        let lines =
            starttls::negotiate_async(socket, dialogue.protocol, &dialogue.host, dialogue.patience).await;
        lines.map(|lines| greeting(dialogue.protocol, &lines)).map_err(Error::other)
    }

    async fn with_client(&self, client: &mut Socket) -> Result<Vec<u8>> {
        match self {
            Self::StartTls(Dialogue { protocol: Protocol::Postgres, .. }) => postgres(client).await,
            _ => Ok(Vec::new()),
        }
    }
}

/// What the client is sent first.
fn greeting(protocol: Protocol, lines: &[String]) -> Vec<u8> {
    let lines = match protocol {
        // The server greets again inside of TLS (RFC 5804 §2.2).
        Protocol::Sieve => &[],
        _ => lines,
    };
    let mut bytes = Vec::new();
    for line in lines {
        let line = match protocol {
            Protocol::Imap => without_capabilities(line),
            _ => line.clone(),
        };
        bytes.extend(line.replace(char::is_control, "").into_bytes());
        bytes.extend(b"\r\n");
    }
    bytes
}

/// `* OK [CAPABILITY …] text` without the response code (RFC 9051 §7.1).
fn without_capabilities(line: &str) -> String {
    let Some((before, rest)) = line.split_once('[') else { return line.to_owned() };
    match rest.split_once(']') {
        Some((code, text)) if code.get(..10).is_some_and(|word| word.eq_ignore_ascii_case("CAPABILITY")) => {
            format!("{}{}", before, text.trim_start())
        }
        _ => line.to_owned(),
    }
}

/// Length and code of the requests that stand in place of a StartupMessage ("Message Formats" in PostgreSQL's
/// documentation).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
const GSSENC_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30];

/// Answers a client of PostgreSQL that asks for encryption, as it does with its usual settings (sslmode=prefer): none is
/// spoken here. Returns the first bytes of its next message, which are the server's.
async fn postgres(client: &mut Socket) -> Result<Vec<u8>> {
    let mut first = [0; 8];
    // Both requests, in any order, and what follows.
    for _ in 0..3 {
        client.read_exact(&mut first).await?;
        if first != SSL_REQUEST && first != GSSENC_REQUEST {
            return Ok(first.to_vec());
        }
        client.write_all(b"N").await?;
    }
    Err(ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(protocol: Protocol, lines: &[&str]) -> String {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        String::from_utf8(greeting(protocol, &lines)).unwrap()
    }

    #[test]
    fn a_greeting_has_no_capabilities_of_the_time_before_tls() {
        for (line, expected) in [
            ("* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Dovecot ready.", "* OK Dovecot ready.\r\n"),
            ("* OK [capability IMAP4rev1] a [b]", "* OK a [b]\r\n"),
            ("* OK [ALERT] down at noon", "* OK [ALERT] down at noon\r\n"),
            ("* OK ready", "* OK ready\r\n"),
            ("* OK [CAPABILITY", "* OK [CAPABILITY\r\n"),
        ] {
            assert_eq!(shown(Protocol::Imap, &[line]), expected);
        }
        assert_eq!(shown(Protocol::Smtp, &["220-a", "220 b\u{1b}[2J"]), "220-a\r\n220 b[2J\r\n");
        assert_eq!(shown(Protocol::Pop3, &["+OK <1.2@a>"]), "+OK <1.2@a>\r\n");
        assert_eq!(shown(Protocol::Sieve, &["\"SASL\" \"\"", "OK"]), "");
    }
}
