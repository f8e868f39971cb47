//! Cells against OpenSSL: the rows of nine tables in `interop/matrix`. Their columns:
//!
//! - `name`: unique together with `role` and `version`
//! - `role`: that of handclasp, `client` (OpenSSL runs `s_server`) or `server` (OpenSSL runs `s_client`)
//! - `version`, `suite`, `group`: what OpenSSL is restricted to; `A vs B` restricts handclasp to A and
//!   OpenSSL to B, `*` is unrestricted. Lists with `:`. Names of IANA.
//! - `auth`: how the server authenticates, see [`Auth`]
//! - `action`: what happens once connected, see [`Action`]
//! - `our_args`, `openssl_args`: more arguments; `{dir}` is where the certificates are; `NAME=value` sets an
//!   environment variable
//! - `expect`: `ok` (connected, the action done, exit 0), or `<N` OpenSSL receives alert N, `>N` it sends
//!   alert N, `exit N` handclasp's exit code; `ok exit N`: connected, but then
//! - `our_output`: phrases, divided by `;`, that handclasp's standard error must contain, in any case
//! - `openssl_output`: phrases that OpenSSL's output must contain; followed by `x2`: at least twice;
//!   by `x0`: never

mod parse;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

pub use parse::all;

use super::{expectations, run};
use crate::credentials::Credentials;
use crate::fixtures::{Fixtures, is_assignment};
use crate::harness::{Test, Transcript};

/// One row.
#[derive(Clone, Debug)]
pub struct Cell {
    /// `ROLE VERSION NAME`.
    pub name: String,
    /// The role of handclasp.
    pub role: Role,
    /// `1.2` or `1.3`.
    pub version: Restriction,
    /// Cipher suites, as IANA names them.
    pub suite: Restriction,
    /// Groups, as IANA names them.
    pub group: Restriction,
    /// How the server authenticates.
    pub auth: Auth,
    /// What happens once connected.
    pub action: Action,
    /// More arguments for handclasp.
    pub our_args: Vec<String>,
    /// More arguments for OpenSSL.
    pub openssl_args: Vec<String>,
    /// How it must end.
    pub expect: Expectation,
    /// Phrases in handclasp's standard error.
    pub our_output: Vec<String>,
    /// Phrases in OpenSSL's output, and how often; 0: never.
    pub openssl_output: Vec<(String, usize)>,
}

/// An end of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It connects.
    Client,
    /// It accepts.
    Server,
}

impl Role {
    /// As the tables name it.
    pub fn from_word(word: &str) -> Result<Self> {
        match word {
            "client" => Ok(Self::Client),
            "server" => Ok(Self::Server),
            _ => bail!("`{word}` is neither client nor server"),
        }
    }
}

/// The values that each end is restricted to; an empty list is no restriction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restriction {
    /// For handclasp.
    pub ours: Vec<String>,
    /// For OpenSSL.
    pub openssl: Vec<String>,
}

/// Declares an enum whose variants are words of a table.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $member:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$what])* $member,)* }

        impl $name {
            fn from_word(word: &str) -> Result<Self> {
                match word {
                    $($word => Ok(Self::$member),)*
                    _ => bail!("`{word}` is not one of {}", [$($word),*].join(", ")),
                }
            }
        }
    };
}

words! {
    /// How the server authenticates, and what is wrong with it.
    Auth {
        /// A certificate of the known root, with this kind of key.
        P256 = "P-256", P384 = "P-384", P521 = "P-521", Ed25519 = "Ed25519", Rsa = "RSA",
        RsaPss = "RSA-PSS",
        /// The same, with a kind of key that handclasp does not support.
        Ed448 = "Ed448",
        /// P-256, through an intermediate.
        Chain = "chain",
        /// P-256; the client expects the IP address instead of a name.
        Address = "address",
        /// P-256; the client trusts another root, or the system's.
        UnknownCa = "unknown CA", SystemRoots = "system roots",
        /// P-256, but expired, not yet valid, or for another name.
        Expired = "expired", NotYetValid = "not yet valid", OtherName = "other name",
        /// P-256; the client has the right pin, a wrong one, or both.
        Pin = "pin", WrongPin = "wrong pin", TwoPins = "two pins",
        /// The client does not verify.
        Danger = "danger",
        /// Our server generates its certificate.
        SelfSigned = "self-signed",
        /// The same pre-shared key, given as hex, ASCII or base64.
        Psk = "PSK", PskAscii = "PSK ascii", PskBase64 = "PSK base64",
        /// Our end has another key, or another identity.
        PskWrong = "PSK wrong", PskUnknown = "PSK unknown",
        /// `abc123`, which OpenSSL reads as hex and handclasp as ASCII (RFC 4279 §5.4 requires both).
        PskReadings = "PSK readings",
    }
}

words! {
    /// What happens once connected.
    Action {
        /// A line each way; the client closes.
        Hello = "hello",
        /// The same, after OpenSSL updated its keys twice and requested an update of ours once.
        Update = "update",
        /// The same, and both key logs are equal.
        KeyLog = "key log",
        /// Our client requests a page; OpenSSL's server sends it and closes.
        PeerCloses = "peer closes",
        /// A line each way; OpenSSL is killed without close_notify.
        Truncate = "truncate",
        /// 10 MB each way, hashes compared.
        Bulk = "bulk",
        /// Our server sends its reply without waiting for a request.
        Reply = "reply",
        /// OpenSSL asks for a renegotiation: its server by a HelloRequest, its client by a ClientHello.
        /// handclasp declines with a warning (RFC 5246 §7.2.2), on which OpenSSL ends the connection.
        Renegotiate = "renegotiate",
        /// Our server and three clients at once.
        Many = "many",
        /// A connection that saves its session to a file, then one that resumes it.
        Resume = "resume",
        /// The same, and a second one that resumes it.
        ResumeTwice = "resume twice",
        /// A line each way, and the pin that our server printed is that of its certificate.
        Pin = "pin",
    }
}

impl Action {
    /// How many connections come before the one under test.
    pub fn prior_connections(self) -> usize {
        match self {
            Self::Resume => 1,
            Self::ResumeTwice => 2,
            _ => 0,
        }
    }

    /// Whether the server has more than one client.
    pub fn has_several_clients(self) -> bool {
        self == Self::Many || self.prior_connections() > 0
    }
}

impl Auth {
    /// The base name of the server's certificate among the [`Credentials`].
    pub fn certificate(self) -> &'static str {
        match self {
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Ed25519 => "Ed25519",
            Self::Rsa => "RSA",
            Self::RsaPss => "RSA-PSS",
            Self::Ed448 => "Ed448",
            Self::Chain => "chain",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::OtherName => "other-name",
            _ => "P-256",
        }
    }

    /// Whether a pre-shared key authenticates both ends.
    pub fn is_psk(self) -> bool {
        matches!(
            self,
            Self::Psk
                | Self::PskAscii
                | Self::PskBase64
                | Self::PskWrong
                | Self::PskUnknown
                | Self::PskReadings
        )
    }
}

impl Cell {
    /// The directory for the files of this cell.
    pub fn directory(&self, credentials: &Credentials) -> PathBuf {
        credentials.path().join("cells").join(self.name.replace('/', "-"))
    }

    /// A file of this cell.
    pub fn file(&self, credentials: &Credentials, name: &str) -> PathBuf {
        self.directory(credentials).join(name)
    }
}

impl Test for Cell {
    fn name(&self) -> String {
        format!("matrix::openssl::{}", self.name)
    }

    fn run(&self, fixtures: &Fixtures) -> Result<Transcript> {
        let record = run::run(self, fixtures)?;
        Ok(Transcript { failures: expectations::failures(self, &record), log: record.to_string() })
    }
}

/// Adds arguments and environment variables of a row to a command.
pub fn add_arguments(command: &mut Command, arguments: &[String], credentials: &Credentials) {
    let directory = credentials.path().display().to_string();
    for argument in arguments {
        let argument = argument.replace("{dir}", &directory);
        match argument.split_once('=') {
            Some((name, value)) if is_assignment(&argument) => command.env(name, value),
            _ => command.arg(argument),
        };
    }
}

/// How a cell must end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    /// The handshake succeeds and the action is done.
    pub connected: bool,
    /// The fatal alert that OpenSSL receives.
    pub received: Option<u8>,
    /// The fatal alert that OpenSSL sends.
    pub sent: Option<u8>,
    /// handclasp's exit code.
    pub exit: Option<i32>,
}
