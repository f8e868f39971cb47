//! Certificates of one run, made by the `openssl` command.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;
use interop::workspace;

/// The name in the certificates.
pub const NAME: &str = "localhost";

/// A self-signed certificate and its key, as PEM files.
#[derive(Clone, Debug)]
pub struct Certificate {
    pub chain: PathBuf,
    pub key: PathBuf,
    /// Both in one file, as HAProxy reads them.
    pub both: PathBuf,
}

/// Kinds of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    P256,
    Rsa2048,
}

impl Certificate {
    /// Makes one; `name` is that of its files.
    pub fn new(folder: &Path, name: &str, kind: Kind) -> Result<Self> {
        let file = |ending: &str| folder.join(format!("{name}.{ending}"));
        let made = Self { chain: file("crt"), key: file("key"), both: file("pem") };
        let key = match kind {
            Kind::P256 => ["ec", "ec_paramgen_curve:P-256"],
            Kind::Rsa2048 => ["rsa", "rsa_keygen_bits:2048"],
        };
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=localhost", "-newkey", key[0]]);
        command.args(["-pkeyopt", key[1], "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]);
        command.arg("-keyout").arg(&made.key).arg("-out").arg(&made.chain);
        workspace::output(&mut command)?;
        let both = std::fs::read_to_string(&made.chain)? + &std::fs::read_to_string(&made.key)?;
        std::fs::write(&made.both, both)?;
        Ok(made)
    }
}
