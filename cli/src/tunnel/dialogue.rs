//! What is said before TLS. The server is asked for TLS; when it has begun, the client is sent what it would have seen at
//! the beginning of a connection without STARTTLS.
//!
//! Nothing that the server said before TLS reaches the client: an attacker in the path could have written it (RFC 3207
//! §4.2, RFC 9051 §11.1). The greeting is one of ours, behind the TLS handshake, when it is known who the server is. It
//! names no capabilities; what the client asks for then, it asks for inside of TLS.

use std::{
    io::{Error, ErrorKind, Result},
    net::IpAddr,
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
        let Dialogue { protocol, host, patience } = dialogue;
        let negotiated = starttls::negotiate_async(socket, *protocol, host, *patience).await;
        negotiated.map(|()| greeting(*protocol, host).into_bytes()).map_err(Error::other)
    }

    async fn with_client(&self, client: &mut Socket) -> Result<Vec<u8>> {
        match self {
            Self::StartTls(Dialogue { protocol: Protocol::Postgres, .. }) => postgres(client).await,
            _ => Ok(Vec::new()),
        }
    }
}

/// What the client is sent first. `host` is the server's name, by our flags.
fn greeting(protocol: Protocol, host: &str) -> String {
    match protocol {
        Protocol::Smtp => format!("220 {} ESMTP\r\n", domain(host)),
        Protocol::Imap => "* OK ready\r\n".to_owned(),
        // Without the timestamp of APOP, which would be of the time before TLS.
        Protocol::Pop3 => "+OK ready\r\n".to_owned(),
        // Whether posting is permitted, MODE READER and CAPABILITIES say.
        Protocol::Nntp => "200 ready\r\n".to_owned(),
        // The server greets again inside of TLS (RFC 5804 §2.2).
        Protocol::Sieve
        // The client speaks first.
        | Protocol::Ldap
        | Protocol::Postgres
        // Not of a tunnel.
        | Protocol::Ftp
        | Protocol::Xmpp
        | Protocol::XmppServer
        | Protocol::Mysql
        | Protocol::Rdp => String::new(),
    }
}

/// A name or an address literal as a greeting has it (RFC 5321 §4.1.3).
fn domain(host: &str) -> String {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => format!("[{address}]"),
        Ok(IpAddr::V6(address)) => format!("[IPv6:{address}]"),
        Err(_) => match host.replace(|c: char| !c.is_ascii_graphic(), "") {
            name if name.is_empty() => "localhost".to_owned(),
            name => name,
        },
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

    #[test]
    fn a_greeting_of_smtp_names_the_server() {
        for (host, expected) in [
            ("mail.test", "220 mail.test ESMTP\r\n"),
            ("192.0.2.7", "220 [192.0.2.7] ESMTP\r\n"),
            ("2001:db8::1", "220 [IPv6:2001:db8::1] ESMTP\r\n"),
            ("", "220 localhost ESMTP\r\n"),
            ("a\r\n250 b", "220 a250b ESMTP\r\n"),
        ] {
            assert_eq!(greeting(Protocol::Smtp, host), expected);
        }
    }
}
