//! The arguments of `handclasp peers`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Show and change the known peers of connect --tofu and serve --tofu
///
/// Each peer is a line of a text file, which may be edited by hand, too.
#[derive(Debug, Args)]
pub struct PeersArguments {
    #[command(subcommand)]
    pub command: PeersCommand,
}

#[derive(Debug, Subcommand)]
pub enum PeersCommand {
    List(PeersList),
    Accept(PeersAccept),
    Rotate(PeersRotate),
    Forget(PeersForget),
    Revoke(PeersRevoke),
}

/// Which file.
#[derive(Debug, Args)]
pub struct PeersFile {
    /// The file of known peers, as given to --tofu
    #[arg(long, value_name = "FILE", conflicts_with = "clients")]
    pub file: Option<PathBuf>,
    /// The default file of `serve --tofu`, in place of that of `connect --tofu`
    #[arg(long)]
    pub clients: bool,
}

/// Print the known peers
#[derive(Debug, Args)]
pub struct PeersList {
    /// Only this peer
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub file: PeersFile,
}

/// Add a key of a peer, or replace those that it has
#[derive(Debug, Args)]
pub struct PeersAccept {
    /// Name of the peer: the host as it is given to `connect`, --name, or the name of a service; for clients any name
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Its key: a pin (sha256/BASE64), or a file with its certificate or public key
    #[arg(value_name = "PIN|FILE")]
    pub key: String,
    /// Remove the other keys of the peer. Without this flag they stay valid: several keys, such as a backup
    #[arg(long)]
    pub replace: bool,
    /// Text for people
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub comment: String,
    #[command(flatten)]
    pub file: PeersFile,
}

/// Replace keys by new ones, as the statements of `handclasp id rotate` name them
///
/// Each old key of the file that a statement names is replaced by the new one, for all its peers, and revoked. Statements
/// about other keys are left out.
#[derive(Debug, Args)]
pub struct PeersRotate {
    /// File with the statements: rotations.pem of the folder of the peer's identity
    #[arg(value_name = "STATEMENTS")]
    pub statements: PathBuf,
    #[command(flatten)]
    pub file: PeersFile,
}

/// Remove a peer: it is new the next time
#[derive(Debug, Args)]
pub struct PeersForget {
    /// Name of the peer
    #[arg(value_name = "NAME")]
    pub name: String,
    #[command(flatten)]
    pub file: PeersFile,
}

/// Mark a key as never to be accepted again
#[derive(Debug, Args)]
pub struct PeersRevoke {
    /// Name of the peer
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The key: a pin, or a file with its certificate or public key; also one that the file does not have. Without it, all
    /// keys of the peer
    #[arg(value_name = "PIN|FILE")]
    pub key: Option<String>,
    /// Why, for people
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
    #[command(flatten)]
    pub file: PeersFile,
}
