//! The arguments of `handclasp check`.

use std::path::PathBuf;

use clap::Args;

use super::{PskFlags, values};

/// What a server accepts and requires, found out one thing at a time with at most about a hundred
/// connections, one after the other; and the least that works.
#[derive(Debug, Args)]
pub struct Check {
    /// The server
    #[arg(value_name = "HOST:PORT", value_parser = values::host_port)]
    pub address: String,
    /// The name to ask for, instead of the host's
    #[arg(long, value_name = "NAME", value_parser = values::name)]
    pub name: Option<String>,
    /// JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// Send the ClientHello of this capture, hex dump or file of bytes, and say what to change in it
    #[arg(long = "as", value_name = "FILE")]
    pub as_hello: Option<PathBuf>,
    /// Show this certificate chain (PEM, leaf first) where the server asks; with --key
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    #[command(flatten)]
    pub psk: PskFlags,
    /// No progress bar
    #[arg(long)]
    pub quiet: bool,
}
