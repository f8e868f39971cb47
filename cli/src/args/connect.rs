//! The arguments of `handclasp connect`.

use std::path::PathBuf;

use clap::{ArgAction, Args, builder::UnknownArgumentValueParser};
use handclasp::Pin;

use super::{OwnKey, Protocol, PskFlags, Recording, ServerStatus, Service, Tofu, values};
use crate::starttls;

/// Connect to a TLS server; standard input and output carry the data
///
/// Sends standard input to the server, and writes what the server sends to standard output.
///
/// When standard input ends, the connection stays open until the server closes it. If the server then
/// ends the connection without close_notify, but at the end of a record and after responding, a note is
/// printed and the exit code is 0: nothing indicates that data is missing. Exit code 1 means that the end
/// of the data may be missing: the connection ended before standard input did or before everything was
/// sent, without any response, inside a record, by a reset, or before the announced length of an HTTP/1
/// response (Content-Length, or chunked). An HTTP/1 response of its announced length is complete,
/// however the connection ends.
#[derive(Debug, Args)]
pub struct Connect {
    /// The server
    #[arg(value_name = "HOST:PORT", value_parser = values::host_port, required_unless_present = "service")]
    pub address: Option<String>,
    /// Send close_notify as soon as standard input ends, instead of waiting for the server to
    /// close. Many servers then send nothing more, and TLS 1.2 servers must not
    #[arg(long)]
    pub half_close: bool,
    /// Ask for TLS in this protocol first (STARTTLS, STLS, AUTH TLS, SSLRequest)
    #[arg(long, value_name = "PROTOCOL")]
    pub starttls: Option<starttls::Protocol>,
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
    /// Certificate chain to send to servers that request one: PEM, DER or PKCS#12; with --key, unless the file
    /// holds the key, too, or with --pkcs11, --agent or --signer (repeatable)
    #[arg(long, value_name = "FILE")]
    pub cert: Vec<PathBuf>,
    /// Private key of --cert: PEM, DER or PKCS#12, also encrypted (repeatable, in the order of --cert)
    #[arg(long, value_name = "FILE")]
    pub key: Vec<PathBuf>,
    #[command(flatten)]
    pub own: OwnKey,
    /// Use raw public keys instead of certificates (RFC 7250) if the server supports them; --pin verifies
    /// the server's. A --key without --cert is our raw key
    #[arg(long)]
    pub raw_key: bool,
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
    /// Request an OCSP response about the server's certificate and write it (DER) to this file.
    /// With --ca or the system's roots it must be valid and have the status "good"
    #[arg(long, value_name = "FILE")]
    pub ocsp: Option<PathBuf>,
    #[command(flatten)]
    pub status: ServerStatus,
    #[command(flatten)]
    pub service: Service,
    #[command(flatten)]
    pub protocol: Protocol,
    #[command(flatten)]
    pub record: Recording,
}
