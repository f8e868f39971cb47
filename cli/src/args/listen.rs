//! The arguments of `handclasp listen`.

use clap::Args;

use super::{OwnFiles, Protocol, PskFlags, values};
use crate::starttls;

/// Wait for clients, and report what each offers and why it fails
///
/// The default policy is compatible, so that old clients get further.
#[derive(Debug, Args)]
pub struct Listen {
    /// Address to listen on; with port 0 the system chooses a port
    #[arg(value_name = "ADDR:PORT", value_parser = values::listen_address)]
    pub address: String,
    #[command(flatten)]
    pub files: OwnFiles,
    /// Use a temporary self-signed certificate for this name. Default: localhost, or no certificate if
    /// a pre-shared key is given
    #[arg(long, value_name = "NAME")]
    pub self_signed: Option<String>,
    /// Request a client certificate, and accept any
    #[arg(long)]
    pub ask_client: bool,
    #[command(flatten)]
    pub psk: PskFlags,
    /// Answer the plaintext of this protocol first, until the client asks for TLS
    #[arg(long, value_name = "PROTOCOL")]
    pub starttls: Option<starttls::Protocol>,
    /// Handle one client, then exit
    #[arg(long)]
    pub once: bool,
    /// Print JSON, for scripts: one document per client
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub protocol: Protocol,
}
