//! The arguments of `handclasp tunnel`.

use clap::{Args, ValueEnum as _, builder::PossibleValuesParser, builder::TypedValueParser as _};
use handclasp_relay::Address;

use super::{ClientFlags, DrainFlags, Limits, ListenOn, Observing, ProxyProtocol, values};
use crate::starttls;

/// Give a program without TLS a TLS client: plain in, TLS out
///
/// Accepts clients in plaintext and connects each one to a TLS server, whose certificate, key or pre-shared key is
/// verified as `handclasp connect` does. With `handclasp serve --forward` at the other end, both programs of any TCP
/// protocol speak TLS without a change.
///
/// Sessions are resumed between connections. An end of one side is passed on as an end, a truncation or reset as a reset. If
/// the server is not reached or not trusted, the client sees a reset, which it cannot take for an empty answer, and the
/// log says why.
///
/// Everybody who can connect to LISTEN uses the tunnel's identity: listen on 127.0.0.1, or on a UNIX socket, whose file
/// is for its owner and group.
#[derive(Debug, Args)]
pub struct Tunnel {
    /// Address to listen on, in plaintext: ADDR:PORT, where the system chooses port 0, unix:/PATH, or systemd:NAME
    /// for a socket that systemd opened
    #[arg(value_name = "LISTEN", value_parser = values::listener)]
    pub listen: ListenOn,
    /// The TLS server: HOST:PORT or unix:/PATH
    #[arg(value_name = "TARGET", value_parser = values::service)]
    pub target: Address,
    /// Ask the server for TLS in this protocol first (STARTTLS, STLS, SSLRequest): smtp, imap, pop3, ldap, postgres, nntp,
    /// sieve. Clients speak the same protocol without TLS
    #[arg(long, value_name = "PROTOCOL", value_parser = tunnelled())]
    pub starttls: Option<starttls::Protocol>,
    #[command(flatten)]
    pub proxy_protocol: ProxyProtocol,
    #[command(flatten)]
    pub client: ClientFlags,
    #[command(flatten)]
    pub limits: Limits,
    #[command(flatten)]
    pub drain: DrainFlags,
    #[command(flatten)]
    pub observing: Observing,
}

/// Protocols whose client may speak plaintext to us while we speak TLS. FTP has connections for data beside the one with
/// commands; in MySQL's and RDP's the first messages of client and server say whether TLS follows; XMPP repeats the
/// stream.
const TUNNELLED: [starttls::Protocol; 7] = [
    starttls::Protocol::Smtp,
    starttls::Protocol::Imap,
    starttls::Protocol::Pop3,
    starttls::Protocol::Ldap,
    starttls::Protocol::Postgres,
    starttls::Protocol::Nntp,
    starttls::Protocol::Sieve,
];

fn tunnelled() -> impl clap::builder::TypedValueParser<Value = starttls::Protocol> {
    PossibleValuesParser::new(TUNNELLED.iter().filter_map(starttls::Protocol::to_possible_value))
        .try_map(|name| starttls::Protocol::from_str(&name, false))
}
