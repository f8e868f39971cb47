//! The arguments of `handclasp serve`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};
use handclasp::Pin;
use handclasp_relay::Address;

use super::{
    Advertise, ClientStatus, DrainFlags, ListenOn, Observing, OwnCredentials, Protocol, ProxyProtocol,
    PskFlags, Recording, StoreFlags, Tofu, values,
};

/// Serve TLS on an address, for many clients at once
///
/// Data from clients goes to standard output, unless --forward, --echo or --reply is given; if standard output can no
/// longer be written, the server exits.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address to listen on: ADDR:PORT, where the system chooses port 0, unix:/PATH, or systemd:NAME for a socket that
    /// systemd opened
    #[arg(value_name = "ADDR:PORT", value_parser = values::listener)]
    pub address: ListenOn,
    /// Relay each client to the service at HOST:PORT or unix:/PATH, in plaintext. It is dialled after the client's
    /// handshake; a client whose service is not reached sees a reset
    #[arg(long, value_name = "ADDRESS", value_parser = values::service, conflicts_with_all = ["echo", "reply"])]
    pub forward: Option<Address>,
    #[command(flatten)]
    pub credentials: OwnCredentials,
    /// Accept clients with a certificate issued by a CA in this PEM file. Of --client-ca, --client-pin,
    /// --client-pins, --tofu and a pre-shared key each client needs one; all others are refused
    #[arg(long, value_name = "FILE")]
    pub client_ca: Option<PathBuf>,
    #[command(flatten)]
    pub status: ClientStatus,
    /// Accept clients with this key: sha256/BASE64 of its SubjectPublicKeyInfo (repeatable)
    #[arg(long, value_name = "PIN")]
    pub client_pin: Vec<Pin>,
    /// Accept clients whose key is in this file, one line each: NAME sha256/PIN. It is read for each client, so that
    /// `handclasp peers accept NAME PIN --file FILE` and `peers revoke` work without a restart
    #[arg(long, value_name = "FILE", conflicts_with = "tofu")]
    pub client_pins: Option<PathBuf>,
    /// Accept the first client too, and write it into the file of --client-pins, while that has no client
    #[arg(long, requires = "client_pins")]
    pub learn: bool,
    #[command(flatten)]
    pub tofu: Tofu,
    /// Whether clients must or may authenticate with a certificate or key for --client-ca,
    /// --client-pin, --client-pins or --tofu. An untrusted one is rejected either way
    #[arg(long, value_name = "WHEN", value_enum, default_value = "required")]
    pub client_cert: ClientCert,
    /// Use a temporary self-signed certificate for this name
    #[arg(long, value_name = "NAME")]
    pub self_signed: Option<String>,
    #[command(flatten)]
    pub psk: PskFlags,
    /// PSK identity hint sent to TLS 1.2 clients
    #[arg(long, value_name = "TEXT", requires = "psk")]
    pub psk_hint: Option<String>,
    /// An OCSP response (DER) about the first certificate, sent to clients that request one
    #[arg(long, value_name = "FILE")]
    pub ocsp: Option<PathBuf>,
    /// Keep no state after a HelloRetryRequest: the client returns it in a cookie
    #[arg(long)]
    pub stateless_retry: bool,
    /// Send received data back
    #[arg(long, conflicts_with = "reply")]
    pub echo: bool,
    /// Send this text to every client, then close. A client that then disconnects, even without
    /// close_notify, counts as successful
    #[arg(long, value_name = "TEXT")]
    pub reply: Option<String>,
    /// Serve one connection, then exit with its exit code
    #[arg(long)]
    pub once: bool,
    #[command(flatten)]
    pub store: StoreFlags,
    #[command(flatten)]
    pub advertise: Advertise,
    #[command(flatten)]
    pub proxy_protocol: ProxyProtocol,
    #[command(flatten)]
    pub limits: Limits,
    #[command(flatten)]
    pub drain: DrainFlags,
    #[command(flatten)]
    pub protocol: Protocol,
    #[command(flatten)]
    pub record: Recording,
    #[command(flatten)]
    pub observing: Observing,
}

/// Whether clients must authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClientCert {
    /// Reject clients without a certificate or key
    Required,
    /// Serve clients without a certificate or key
    Optional,
}

/// Limits on connections.
#[derive(Clone, Copy, Debug, Args)]
pub struct Limits {
    /// Maximum concurrent connections. At the limit, a new client displaces an unfinished handshake: one
    /// whose client has sent nothing for 0.25 s, else the oldest that has lasted a second. If all
    /// handshakes are complete, new clients wait
    #[arg(long, value_name = "N", default_value = "10000", value_parser = values::count)]
    pub max_connections: usize,
    /// Maximum concurrent handshakes. At the limit, one is displaced as with --max-connections. Greater
    /// than --max-per-address, so that a single address cannot make others wait
    #[arg(long, value_name = "N", default_value = "1500", value_parser = values::count)]
    pub max_handshakes: usize,
    /// Maximum concurrent connections and handshakes per IPv4 address or IPv6 /64. At the limit, a handshake of the
    /// address is displaced whose client has sent nothing, or that has lasted a second; otherwise the new connection
    /// is closed
    #[arg(long, value_name = "N", default_value = "1024", value_parser = values::count)]
    pub max_per_address: usize,
    /// Close a client whose handshake is not complete after this time. The dialogue of --starttls in front of a tunnel's
    /// handshake has the same limit, at most 20 s
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = values::count)]
    pub handshake_timeout: usize,
    /// Close a connection after this time without data in either direction, with a reset [default: never]
    #[arg(long, value_name = "SECONDS", value_parser = values::count)]
    pub idle_timeout: Option<usize>,
    /// How long to wait for a connection to the service of --forward, or to the server of a tunnel
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = values::count)]
    pub dial_timeout: usize,
}

impl Limits {
    pub fn handshake_timeout(&self) -> Duration {
        seconds(self.handshake_timeout)
    }

    pub fn idle_timeout(&self) -> Option<Duration> {
        self.idle_timeout.map(seconds)
    }

    pub fn dial_timeout(&self) -> Duration {
        seconds(self.dial_timeout)
    }
}

fn seconds(count: usize) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap_or(u64::MAX))
}
