//! The arguments. Names of flags are fixed: scripts rely on them.

mod ca;
mod check;
mod client;
mod connect;
mod discovery;
mod drain;
mod explain;
mod id;
pub mod lint;
mod listen;
mod listen_on;
mod names;
mod observe;
mod own_key;
mod peers;
mod proxy_protocol;
mod psk;
mod revocation;
mod run;
mod serve;
mod store;
mod tofu;
mod tunnel;
pub mod usage;
pub mod values;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, builder::PossibleValuesParser};
use handclasp::{CipherSuite, NamedGroup, Policy, ProtocolVersion};

use crate::exit::Failure;
pub use ca::{Ca, CaCommand, CaCrl, CaInit, CaList, CaRevoke, CaSign};
pub use check::Check;
pub use client::ClientFlags;
pub use connect::Connect;
pub use discovery::{Advertise, Browse, Service};
pub use drain::DrainFlags;
pub use explain::{Color, Explain};
pub use id::{CsrUsage, Id, IdCommand, IdCsr, IdInstall, IdNew, IdRenew, IdRotate, IdShow, NewKey};
pub use lint::Lint;
pub use listen::Listen;
pub use listen_on::ListenOn;
pub use names::described;
pub use observe::{LogForm, Observing};
pub use own_key::{Elsewhere, KeyAccess, OwnCredentials, OwnFiles, OwnKey};
pub use peers::{
    PeersAccept, PeersArguments, PeersCommand, PeersFile, PeersForget, PeersList, PeersRevoke, PeersRotate,
};
pub use proxy_protocol::ProxyProtocol;
pub use psk::{PskEncoding, PskFlags, PskHash};
pub use revocation::{ClientStatus, ServerStatus};
pub use run::Run;
pub use serve::{ClientCert, Limits, Serve};
pub use store::{
    PskUsage, StoreAccess, StoreArguments, StoreClient, StoreClientAdd, StoreCommand, StoreFlags, StoreList,
    StoreName, StorePsk, StorePskAdd,
};
pub use tofu::{NewPeer, Tofu, joined};
pub use tunnel::Tunnel;

/// Below the list of commands.
const AFTER: &str = "\
Exit codes: 0 done, 1 transport or truncation, 2 usage, 3 refused by us, 4 refused by the peer, 5 TLS was not found, \
6 lint or ca sign found something wrong

A device with an identity of its own:   handclasp id new --help
A CA for the devices of one team:       handclasp ca --help
Peers without a CA or DNS name:         handclasp id new, then serve --tofu and connect --tofu";

/// TLS 1.2 and 1.3 client and server that explains why a handshake failed.
#[derive(Debug, Parser)]
#[command(name = "handclasp", version, max_term_width = 100, after_help = AFTER)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Connect(Box<Connect>),
    Serve(Box<Serve>),
    Tunnel(Box<Tunnel>),
    Run(Run),
    Explain(Box<Explain>),
    Check(Box<Check>),
    Listen(Box<Listen>),
    Lint(Lint),
    Id(Id),
    Peers(PeersArguments),
    Ca(Ca),
    Browse(Browse),
    Store(StoreArguments),
    /// Run several handshakes on loopback, and explain one that fails
    Demo,
}

#[derive(Debug, Args)]
pub struct Protocol {
    /// Set of algorithms: modern (the default), tls13_only, compatible (older peers; CBC with
    /// encrypt-then-MAC, which a client offers only if --suite selects it), constrained (small peers)
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Policy::NAMES))]
    pub policy: Option<String>,
    /// Reject TLS 1.2 peers without extended_master_secret (RFC 7627). Without this flag, such a
    /// connection is not resumed and has no exporter
    #[arg(long)]
    pub require_ems: bool,
    /// Maximum content of a record in bytes, in both directions: 512 to 16384. Sent to the peer in
    /// record_size_limit and, to servers, in max_fragment_length
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u16).range(512..=16_384))]
    pub max_record: Option<u16>,
    /// Application protocols (ALPN), in order of preference
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = values::protocol)]
    pub alpn: Vec<String>,
    /// Only this version. A pre-shared key is for one version: 1.3 unless --tls is 1.2
    #[arg(long, value_name = "1.2|1.3", value_parser = version)]
    pub tls: Option<ProtocolVersion>,
    /// Only this cipher suite, by its IANA or OpenSSL name (repeatable)
    #[arg(long, value_name = "NAME", value_parser = names::suite)]
    pub suite: Vec<CipherSuite>,
    /// Only this group, such as x25519 or P-256 (repeatable)
    #[arg(long, value_name = "NAME", value_parser = names::group)]
    pub group: Vec<NamedGroup>,
}

#[derive(Debug, Args)]
pub struct Recording {
    /// Append the secrets of the connection to this key log, for decrypting captures of it
    #[arg(long, value_name = "FILE")]
    pub keylog: Option<PathBuf>,
    /// Write the connection's report to this file
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Print no connection details on standard error; failures are still printed
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

impl Protocol {
    /// The policy that these flags ask for; `otherwise` where none is named.
    pub fn policy(&self, psk: &PskFlags, otherwise: Policy) -> Result<Policy, Failure> {
        self.without_contradiction(psk)?;
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
        if self.require_ems {
            policy = policy.require_extended_master_secret();
        }
        Ok(if psk.psk_ke { policy.permit_psk_ke() } else { policy })
    }

    /// Flags that exclude each other, by name: later only an empty policy would be left.
    fn without_contradiction(&self, psk: &PskFlags) -> Result<(), Failure> {
        let wrong = |what: String| Err(Failure::usage(format!("{what}: remove one of the two")));
        if let (Some("tls13_only"), Some(ProtocolVersion::TLS_1_2)) = (self.policy.as_deref(), self.tls) {
            return wrong("--policy tls13_only and --tls 1.2 exclude each other".to_owned());
        }
        let Some(version) = self.tls else { return Ok(()) };
        if psk.psk_both_versions {
            return wrong("--psk-both-versions and --tls exclude each other".to_owned());
        }
        let (asked, other) = match version {
            ProtocolVersion::TLS_1_2 => ("1.2", "1.3"),
            _ => ("1.3", "1.2"),
        };
        let of_other =
            |suite: &&CipherSuite| names::described(**suite).is_some_and(|suite| suite.version() != version);
        if let Some(suite) = self.suite.iter().find(of_other) {
            return wrong(format!("--suite {suite} is for TLS {other}, but --tls {asked} was given"));
        }
        if version != ProtocolVersion::TLS_1_2 {
            return Ok(());
        }
        let is_hybrid = |group: &NamedGroup| *group == NamedGroup::X25519MLKEM768;
        if !self.group.is_empty() && self.group.iter().all(is_hybrid) {
            return wrong("--group X25519MLKEM768 is for TLS 1.3, but --tls 1.2 was given".to_owned());
        }
        if psk.psk_import.is_some() {
            return wrong("--psk-import is for TLS 1.3, but --tls 1.2 was given".to_owned());
        }
        match psk.psk_hash {
            PskHash::Sha384 => wrong("--psk-hash sha384 is for TLS 1.3, but --tls 1.2 was given".to_owned()),
            PskHash::Sha256 => Ok(()),
        }
    }

    /// The application protocols.
    pub fn alpn(&self) -> Vec<&str> {
        self.alpn.iter().map(String::as_str).collect()
    }
}
