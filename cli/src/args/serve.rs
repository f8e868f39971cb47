//! The arguments of `handclasp serve`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use handclasp::Pin;

use super::{Protocol, PskFlags, Recording, values};

/// Every client is served at the same time as the others, in a thread of its own. What clients send
/// goes to standard output, unless --echo or --reply is given; if standard output cannot be written
/// any more, the server ends.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen; port 0 lets the system choose
    #[arg(value_name = "ADDR:PORT", value_parser = values::listen_address)]
    pub address: String,
    /// Certificate chain, PEM, leaf first; with --key (repeatable: the name and the algorithms
    /// that a client asks for choose among several)
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Vec<PathBuf>,
    /// Its private key, PEM (repeatable, in the order of --cert)
    #[arg(long, value_name = "FILE")]
    pub key: Vec<PathBuf>,
    /// Raw public keys instead of certificates (RFC 7250), for clients that do them; --client-pin
    /// judges theirs. A --key without --cert serves such clients alone
    #[arg(long)]
    pub raw_key: bool,
    /// Refuse clients without a certificate issued by those in this PEM file
    #[arg(long, value_name = "FILE", conflicts_with = "client_pin")]
    pub client_ca: Option<PathBuf>,
    /// Refuse clients without this key: sha256/BASE64 of its SubjectPublicKeyInfo (repeatable)
    #[arg(long, value_name = "PIN")]
    pub client_pin: Vec<Pin>,
    /// Whether clients must show a certificate or key for --client-ca or --client-pin, or may. One
    /// that is shown and not believed is refused either way
    #[arg(long, value_name = "WHEN", value_enum, default_value = "required")]
    pub client_cert: ClientCert,
    /// Make a certificate for this name, for as long as the program runs
    #[arg(long, value_name = "NAME", conflicts_with = "cert")]
    pub self_signed: Option<String>,
    #[command(flatten)]
    pub psk: PskFlags,
    /// What clients of TLS 1.2 are told about the pre-shared key that is wanted
    #[arg(long, value_name = "TEXT", requires = "psk")]
    pub psk_hint: Option<String>,
    /// An OCSP response (DER) about the first certificate, for clients that ask for one
    #[arg(long, value_name = "FILE")]
    pub ocsp: Option<PathBuf>,
    /// Keep nothing of a ClientHello that is to be repeated: the client carries it in a cookie
    #[arg(long)]
    pub stateless_retry: bool,
    /// Send back what comes
    #[arg(long, conflicts_with = "reply")]
    pub echo: bool,
    /// Send this text to every client, then close. A client that leaves then, also without
    /// close_notify, has done all that it had to
    #[arg(long, value_name = "TEXT")]
    pub reply: Option<String>,
    /// Serve one connection, then end with its exit code
    #[arg(long)]
    pub once: bool,
    #[command(flatten)]
    pub limits: Limits,
    #[command(flatten)]
    pub protocol: Protocol,
    #[command(flatten)]
    pub record: Recording,
}

/// Whether clients must show who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClientCert {
    /// A client that shows nothing is refused
    Required,
    /// A client that shows nothing is served
    Optional,
}

/// Bounds on what clients hold of this machine.
#[derive(Clone, Copy, Debug, Args)]
pub struct Limits {
    /// Connections at once. Over it, a handshake gives way to a new client: one whose client has said
    /// nothing for 0.25 s, else the oldest that is unfinished for a second. If all are finished, new
    /// clients wait
    #[arg(long, value_name = "N", default_value = "512", value_parser = values::count)]
    pub max_connections: usize,
    /// Handshakes in flight at once. Over it, one gives way as with --max-connections. More than
    /// --max-per-address, so that no address alone makes others wait
    #[arg(long, value_name = "N", default_value = "384", value_parser = values::count)]
    pub max_handshakes: usize,
    /// Connections and handshakes at once from one IPv4 address or IPv6 /64. Over it, its silent or
    /// oldest handshake gives way at once; if all are finished, the new one is closed
    #[arg(long, value_name = "N", default_value = "256", value_parser = values::count)]
    pub max_per_address: usize,
}
