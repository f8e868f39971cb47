//! The arguments of `handclasp id`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use handclasp::KeyKind;

/// Makes and keeps the identity of a device or program: a key, its certificate, and statements of key rotations, in a
/// folder that only its owner can read. `--identity DIR` of the other commands uses it.
#[derive(Debug, Args)]
pub struct Id {
    #[command(subcommand)]
    pub command: IdCommand,
}

#[derive(Debug, Subcommand)]
pub enum IdCommand {
    /// Make a key and a self-signed certificate for it
    New(IdNew),
    /// Print name, pin, certificate and the location of the key
    Show(IdShow),
}

/// Makes a new identity. Peers that pin its key need neither a CA nor a DNS name.
#[derive(Debug, Args)]
pub struct IdNew {
    /// Folder of the identity: new, or empty
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Name of the device. A DNS name or an address becomes the subjectAltName, any other name only the common
    /// name of the certificate
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// Kind of the key: p256 (the default), p384, ed25519 or rsa (2048 bits)
    #[arg(long, value_name = "KIND", value_parser = key_kind)]
    pub key: Option<KeyKind>,
}

#[derive(Debug, Args)]
pub struct IdShow {
    /// Folder of the identity
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// A kind of key, by its short name.
pub(super) fn key_kind(text: &str) -> Result<KeyKind, String> {
    match text.to_ascii_lowercase().as_str() {
        "p256" | "p-256" => Ok(KeyKind::P256),
        "p384" | "p-384" => Ok(KeyKind::P384),
        "ed25519" => Ok(KeyKind::Ed25519),
        "rsa" | "rsa2048" => Ok(KeyKind::Rsa),
        other => Err(format!("expected p256, p384, ed25519 or rsa, found {other}")),
    }
}
