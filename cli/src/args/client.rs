//! The flags of a TLS client, the same for `connect` and `tunnel`.

use std::path::PathBuf;

use clap::{ArgAction, Args, builder::UnknownArgumentValueParser};
use handclasp::Pin;

use super::{OwnCredentials, Protocol, PskFlags, Recording, ServerStatus, Tofu, values};

/// Which servers are trusted, our own key, and what is negotiated.
#[derive(Debug, Args)]
pub struct ClientFlags {
    #[command(flatten)]
    pub psk: PskFlags,
    /// Trust only this server key: sha256/BASE64 of its SubjectPublicKeyInfo (repeatable)
    #[arg(long, value_name = "PIN")]
    pub pin: Vec<Pin>,
    #[command(flatten)]
    pub tofu: Tofu,
    /// Trust the root certificates in this PEM file, instead of the system's roots
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    #[command(flatten)]
    pub credentials: OwnCredentials,
    /// The name to verify the certificate against, and to send in server_name
    #[arg(long, value_name = "NAME", value_parser = values::name)]
    pub name: Option<String>,
    /// Do not send server_name. The certificate is still verified against the name
    #[arg(long)]
    pub no_name: bool,
    /// Do not verify the server. Any attacker on the path can then read and change the connection
    #[arg(long)]
    pub danger_accept_any: bool,
    #[arg(
        long = "insecure",
        short = 'k',
        hide = true,
        action = ArgAction::SetTrue,
        value_parser = UnknownArgumentValueParser::suggest_arg("--danger-accept-any")
            .and_suggest("--pin sha256/... or --ca FILE trust only the intended server")
    )]
    _insecure: Option<String>,
    /// Store sessions in this file and resume them from it. It contains secrets: it is created
    /// readable by its owner only, and rejected if other users can read it
    #[arg(long, value_name = "FILE")]
    pub session: Option<PathBuf>,
    #[command(flatten)]
    pub status: ServerStatus,
    #[command(flatten)]
    pub protocol: Protocol,
    #[command(flatten)]
    pub record: Recording,
}
