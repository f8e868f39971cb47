//! TLS behind the first lines of another protocol: the plaintext dialogue that asks for TLS, of a client
//! ([`negotiate`]) and of a server ([`answer`]).
//!
//! | file | content |
//! |---|---|
//! | `wire` | reading with limits, never beyond the end of the dialogue |
//! | `trouble` | what can go wrong, in words |
//! | `lines`, `lines/table` | protocols of lines: SMTP, IMAP, POP3, FTP, NNTP, ManageSieve |
//! | `xmpp`, `ldap`, `postgres`, `mysql`, `rdp` | the others |
//!
//! Bytes that follow the request or the answer before TLS begins are refused: an attacker who
//! inserts them speaks in the name of the peer (CVE-2011-0411). Nothing behind the dialogue is read here, so what
//! arrives later reaches the TLS engine, which accepts records only.

mod ldap;
mod lines;
mod mysql;
mod postgres;
mod rdp;
mod trouble;
mod wire;
mod xmpp;

use std::{
    io,
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use clap::ValueEnum;
use handclasp_explain::Side;

use crate::exit::Failure;
pub use trouble::Error;
use trouble::Trouble;
use wire::Wire;

/// Time for the whole dialogue. Mail servers that suspect spam greet after several seconds.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Time for a TCP connection to one address.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);

/// A protocol that begins in plaintext and asks for TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
#[non_exhaustive]
pub enum Protocol {
    /// RFC 3207
    Smtp,
    /// RFC 9051 §6.2.1
    Imap,
    /// STLS, RFC 2595
    Pop3,
    /// AUTH TLS, RFC 4217
    Ftp,
    /// A client's stream, RFC 6120 §5
    Xmpp,
    /// A stream between servers
    XmppServer,
    /// The extended operation StartTLS, RFC 4511 §4.14
    Ldap,
    /// SSLRequest of PostgreSQL
    Postgres,
    /// SSLRequest of MySQL and MariaDB
    Mysql,
    /// The negotiation request of Remote Desktop, MS-RDPBCGR §2.2.1.1
    Rdp,
    /// RFC 4642
    Nntp,
    /// ManageSieve, RFC 5804
    Sieve,
}

impl Protocol {
    /// Its value on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
            Self::Ftp => "ftp",
            Self::Xmpp => "xmpp",
            Self::XmppServer => "xmpp-server",
            Self::Ldap => "ldap",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Rdp => "rdp",
            Self::Nntp => "nntp",
            Self::Sieve => "sieve",
        }
    }
}

/// Asks the server for TLS. `host` is the name that XMPP asks for. Afterwards the next bytes in either
/// direction are TLS.
///
/// # Errors
/// What the server answered instead, a limit, or an error of the socket.
pub fn negotiate(stream: &TcpStream, protocol: Protocol, host: &str) -> Result<(), Error> {
    blocking(stream, protocol, Side::Server, async |stream| {
        negotiate_async(stream, protocol, host, PATIENCE).await
    })
}

/// As [`negotiate`], within `patience`.
///
/// # Errors
/// As [`negotiate`].
pub async fn negotiate_async(
    stream: &tokio::net::TcpStream,
    protocol: Protocol,
    host: &str,
    patience: Duration,
) -> Result<(), Error> {
    let mut wire = Wire::new(stream, Side::Server, patience);
    let wire = &mut wire;
    let outcome = match protocol {
        Protocol::Xmpp => xmpp::negotiate(wire, host, "jabber:client").await,
        Protocol::XmppServer => xmpp::negotiate(wire, host, "jabber:server").await,
        Protocol::Ldap => ldap::negotiate(wire).await,
        Protocol::Postgres => postgres::negotiate(wire).await,
        Protocol::Mysql => mysql::negotiate(wire).await,
        Protocol::Rdp => rdp::negotiate(wire).await,
        Protocol::Smtp
        | Protocol::Imap
        | Protocol::Pop3
        | Protocol::Ftp
        | Protocol::Nntp
        | Protocol::Sieve => lines::negotiate(wire, protocol).await,
    };
    outcome.map_err(|trouble| Error::new(protocol, Side::Server, trouble))
}

/// Answers a client up to its request for TLS.
///
/// # Errors
/// What the client sent instead, a limit, or an error of the socket.
pub fn answer(stream: &TcpStream, protocol: Protocol) -> Result<(), Error> {
    blocking(stream, protocol, Side::Client, async |stream| {
        let mut wire = Wire::new(stream, Side::Client, PATIENCE);
        let wire = &mut wire;
        let outcome = match protocol {
            Protocol::Xmpp | Protocol::XmppServer => xmpp::answer(wire).await,
            Protocol::Ldap => ldap::answer(wire).await,
            Protocol::Postgres => postgres::answer(wire).await,
            Protocol::Mysql => mysql::answer(wire).await,
            Protocol::Rdp => rdp::answer(wire).await,
            Protocol::Smtp
            | Protocol::Imap
            | Protocol::Pop3
            | Protocol::Ftp
            | Protocol::Nntp
            | Protocol::Sieve => lines::answer(wire, protocol).await,
        };
        outcome.map_err(|trouble| Error::new(protocol, Side::Client, trouble))
    })
}

/// Connects to `HOST:PORT` and asks for TLS.
///
/// # Errors
/// As [`negotiate`], and if no address of the host answers.
pub fn dial(address: &str, protocol: Protocol, host: &str) -> Result<TcpStream, Failure> {
    let unreached = |error: io::Error| Failure::Transport(format!("{address}: {error}"));
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for socket_address in address.to_socket_addrs().map_err(unreached)? {
        match TcpStream::connect_timeout(&socket_address, CONNECT_PATIENCE) {
            Ok(stream) => {
                stream.set_nodelay(true).map_err(unreached)?;
                return match negotiate(&stream, protocol, host) {
                    Ok(()) => Ok(stream),
                    Err(error) => Err(error.failure(address)),
                };
            }
            Err(error) => last = error,
        }
    }
    Err(unreached(last))
}

/// The failure to reach a server: of the plaintext before TLS, or of the socket.
pub fn unreached(address: &str, error: io::Error) -> Failure {
    match error.downcast::<Error>() {
        Ok(error) => error.failure(address),
        Err(error) => Failure::Transport(format!("{address}: {error}")),
    }
}

/// Runs a dialogue with `peer` to its end, in this thread. The socket blocks again afterwards.
fn blocking(
    stream: &TcpStream,
    protocol: Protocol,
    peer: Side,
    dialogue: impl AsyncFnOnce(&tokio::net::TcpStream) -> Result<(), Error>,
) -> Result<(), Error> {
    let failed = |error| Error::new(protocol, peer, Trouble::Io(error));
    let run = || -> io::Result<Result<(), Error>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let _entered = runtime.enter();
        stream.set_nonblocking(true)?;
        let stream = tokio::net::TcpStream::from_std(stream.try_clone()?)?;
        Ok(runtime.block_on(dialogue(&stream)))
    };
    let outcome = run().unwrap_or_else(|error| Err(failed(error)));
    outcome.and(stream.set_nonblocking(false).map_err(failed))
}

#[cfg(test)]
mod tests;
