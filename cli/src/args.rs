//! The arguments. Names of flags are fixed: scripts rely on them.

mod check;
mod explain;
mod listen;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, builder::PossibleValuesParser};
use handclasp::{CipherSuite, NamedGroup, Pin, Policy, ProtocolVersion};

use crate::exit::Failure;
pub use check::Check;
pub use explain::{Color, Explain};
pub use listen::Listen;

/// TLS for peers and devices, and why a handshake failed.
#[derive(Debug, Parser)]
#[command(name = "handclasp", version, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Connect to a TLS server; standard input and output are the stream
    Connect(Connect),
    /// Serve TLS on an address, for many clients at once
    Serve(Serve),
    /// Say why a handshake failed: from a capture, a hex dump, or a report
    Explain(Box<Explain>),
    /// Find out what a server accepts and requires, and the least that works
    Check(Check),
    /// Wait for clients, and say what each offers and why it gives up
    Listen(Box<Listen>),
    /// Show the main job on loopback, in a few seconds
    Demo,
}

#[derive(Debug, Args)]
pub struct Connect {
    /// Where to connect
    #[arg(value_name = "HOST:PORT")]
    pub address: String,
    #[command(flatten)]
    pub psk: PskFlags,
    /// Believe this key and no other: sha256/BASE64 of its SubjectPublicKeyInfo (repeatable)
    #[arg(long, value_name = "PIN")]
    pub pin: Vec<Pin>,
    /// Believe certificates issued by those in this PEM file, instead of the system's roots
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Show this certificate chain (PEM, leaf first) to servers that ask; with --key (repeatable)
    #[arg(long, value_name = "FILE")]
    pub cert: Vec<PathBuf>,
    /// Its private key, PEM (repeatable, in the order of --cert)
    #[arg(long, value_name = "FILE")]
    pub key: Vec<PathBuf>,
    /// Raw public keys instead of certificates (RFC 7250), where the server does them; --pin judges
    /// the server's. A --key without --cert is one of ours
    #[arg(long)]
    pub raw_key: bool,
    /// The name that the certificate must be for, and that server_name carries
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Send no server_name. The certificate must be for the name all the same
    #[arg(long)]
    pub no_name: bool,
    /// Believe anybody. The connection is then open to anyone on the path
    #[arg(long)]
    pub danger_accept_any: bool,
    /// Keep sessions in this file and resume them from there. It holds secrets: made for its
    /// owner's eyes only, and refused if others can read it
    #[arg(long, value_name = "FILE")]
    pub session: Option<PathBuf>,
    /// Ask for an OCSP response about the server's certificate and write it (DER) to this file.
    /// Nobody verifies it
    #[arg(long, value_name = "FILE")]
    pub ocsp: Option<PathBuf>,
    #[command(flatten)]
    pub protocol: Protocol,
    #[command(flatten)]
    pub record: Recording,
}

#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen; port 0 lets the system choose
    #[arg(value_name = "ADDR:PORT")]
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
    /// Make a certificate for this name, for as long as the program runs
    #[arg(long, value_name = "NAME", conflicts_with = "cert")]
    pub self_signed: Option<String>,
    #[command(flatten)]
    pub psk: PskFlags,
    /// What clients of TLS 1.2 are told about the pre-shared key that is wanted
    #[arg(long, value_name = "TEXT")]
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
    /// Send this text to every client, then close
    #[arg(long, value_name = "TEXT")]
    pub reply: Option<String>,
    /// Serve one connection, then end with its exit code
    #[arg(long)]
    pub once: bool,
    #[command(flatten)]
    pub protocol: Protocol,
    #[command(flatten)]
    pub record: Recording,
}

/// A pre-shared key. Its encoding is part of the flag, so that both ends hold the same bytes.
#[derive(Debug, Args)]
#[group(skip)]
pub struct PskFlags {
    /// A pre-shared key in hexadecimal, as `openssl -psk` reads it
    #[arg(long, value_name = "VALUE", group = "psk")]
    pub psk_hex: Option<String>,
    /// A pre-shared key as the bytes of this text
    #[arg(long, value_name = "VALUE", group = "psk")]
    pub psk_ascii: Option<String>,
    /// A pre-shared key in base64
    #[arg(long, value_name = "VALUE", group = "psk")]
    pub psk_base64: Option<String>,
    /// Its identity
    #[arg(long, value_name = "ID", default_value = "Client_identity")]
    pub psk_id: String,
    /// The hash that the key is bound to in TLS 1.3, and so the suites that it works with
    #[arg(long, value_name = "HASH", value_enum, default_value = "sha256")]
    pub psk_hash: PskHash,
    /// Import the key (RFC 9258) under this context, which both ends give alike and which may be
    /// empty: it then works with suites of every hash. For TLS 1.3
    #[arg(long, value_name = "CONTEXT", conflicts_with = "psk_hash")]
    pub psk_import: Option<String>,
    /// Permit TLS 1.3 with the key alone, without a key exchange: whoever gets the key later reads
    /// what was recorded before
    #[arg(long)]
    pub psk_ke: bool,
    /// Permit a key shorter than 16 bytes, which can be guessed from one recorded handshake
    #[arg(long)]
    pub allow_weak_psk: bool,
}

/// A hash that keys of TLS 1.3 are bound to.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PskHash {
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
}

#[derive(Debug, Args)]
pub struct Protocol {
    /// Which algorithms: modern (unless told otherwise), tls13_only, compatible (older peers, CBC
    /// with encrypt-then-MAC, no extended_master_secret), constrained (small peers)
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Policy::NAMES))]
    pub policy: Option<String>,
    /// Records of at most this much content, in both directions: 512 to 16384. The peer is told by
    /// record_size_limit and, if it is a server, by max_fragment_length
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u16).range(512..=16_384))]
    pub max_record: Option<u16>,
    /// Application protocols, in order of preference
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub alpn: Vec<String>,
    /// Only this version. A pre-shared key is for one version: 1.3 unless 1.2 is said
    #[arg(long, value_name = "1.2|1.3", value_parser = version)]
    pub tls: Option<ProtocolVersion>,
    /// Only this cipher suite, by its IANA name (repeatable)
    #[arg(long, value_name = "NAME", value_parser = suite)]
    pub suite: Vec<CipherSuite>,
    /// Only this group, by its IANA name (repeatable)
    #[arg(long, value_name = "NAME", value_parser = group)]
    pub group: Vec<NamedGroup>,
}

#[derive(Debug, Args)]
pub struct Recording {
    /// Append the secrets of the connection to this file, for reading captures of it
    #[arg(long, value_name = "FILE")]
    pub keylog: Option<PathBuf>,
    /// Write the connection's report to this file
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// No facts on standard error; failures are still told
    #[arg(long)]
    pub quiet: bool,
}

fn version(text: &str) -> Result<ProtocolVersion, String> {
    match text {
        "1.2" => Ok(ProtocolVersion::TLS_1_2),
        "1.3" => Ok(ProtocolVersion::TLS_1_3),
        other => Err(format!("expected 1.2 or 1.3, found {other}")),
    }
}

fn suite(text: &str) -> Result<CipherSuite, String> {
    CipherSuite::from_name(text)
        .ok_or_else(|| format!("{text} is no IANA name of a cipher suite, such as TLS_AES_128_GCM_SHA256"))
}

fn group(text: &str) -> Result<NamedGroup, String> {
    NamedGroup::from_name(text)
        .ok_or_else(|| format!("{text} is no IANA name of a group, such as x25519 or secp256r1"))
}

impl Protocol {
    /// The policy that these flags ask for; `otherwise` where none is named.
    pub fn policy(&self, psk: &PskFlags, otherwise: Policy) -> Result<Policy, Failure> {
        // The parser has let through no other names.
        let mut policy = self.policy.as_deref().and_then(Policy::by_name).unwrap_or(otherwise);
        if let Some(version) = self.tls {
            policy = policy.only_version(version).map_err(Failure::usage)?;
        }
        if !self.suite.is_empty() {
            policy = policy.only_suites(&self.suite).map_err(Failure::usage)?;
        }
        if !self.group.is_empty() {
            policy = policy.only_groups(&self.group).map_err(Failure::usage)?;
        }
        Ok(if psk.psk_ke { policy.permit_psk_ke() } else { policy })
    }

    /// The application protocols.
    pub fn alpn(&self) -> Vec<&str> {
        self.alpn.iter().map(String::as_str).collect()
    }
}
