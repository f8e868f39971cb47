//! The arguments of `handclasp listen`.

use std::path::PathBuf;

use clap::Args;

use super::{Protocol, PskFlags, values};

/// Waits for clients and says what each offers and why it gives up. Without --policy it is
/// compatible: old clients are to be heard, too.
#[derive(Debug, Args)]
pub struct Listen {
    /// Where to listen; port 0 lets the system choose
    #[arg(value_name = "ADDR:PORT", value_parser = values::listen_address)]
    pub address: String,
    /// Certificate chain, PEM, leaf first; with --key (repeatable)
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Vec<PathBuf>,
    /// Its private key, PEM (repeatable, in the order of --cert)
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Vec<PathBuf>,
    /// Make a certificate for this name, for as long as the program runs; localhost unless given,
    /// and none where a pre-shared key is given
    #[arg(long, value_name = "NAME", conflicts_with = "cert")]
    pub self_signed: Option<String>,
    /// Ask clients for a certificate, and take any
    #[arg(long)]
    pub ask_client: bool,
    #[command(flatten)]
    pub psk: PskFlags,
    /// Listen to one client, then end
    #[arg(long)]
    pub once: bool,
    /// JSON, for scripts: one document for each client
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub protocol: Protocol,
}
