//! The arguments of `handclasp check`.

use std::path::PathBuf;

use clap::Args;

use super::{OwnKey, PskFlags, values};
use crate::starttls::Protocol;

/// Determine what a server accepts and requires, and a minimal working configuration
///
/// One parameter at a time, with at most about a hundred sequential connections.
#[derive(Debug, Args)]
pub struct Check {
    /// The server
    #[arg(value_name = "HOST:PORT", value_parser = values::host_port)]
    pub address: String,
    /// The server_name to send, instead of the host name
    #[arg(long, value_name = "NAME", value_parser = values::name)]
    pub name: Option<String>,
    /// Ask for TLS in this protocol first (STARTTLS, STLS, AUTH TLS, SSLRequest)
    #[arg(long, value_name = "PROTOCOL")]
    pub starttls: Option<Protocol>,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// Send the ClientHello in this capture, hex dump or binary file, and report what to change in it
    #[arg(long = "as", value_name = "FILE")]
    pub as_hello: Option<PathBuf>,
    /// Certificate chain to send if the server requests one: PEM, DER or PKCS#12; with --key, unless the
    /// file holds the key, too, or with --pkcs11, --agent or --signer
    #[arg(long, value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// Private key of --cert: PEM, DER or PKCS#12, also encrypted
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    #[command(flatten)]
    pub own: OwnKey,
    #[command(flatten)]
    pub psk: PskFlags,
    /// Do not show a progress bar
    #[arg(long)]
    pub quiet: bool,
}
