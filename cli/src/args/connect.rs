//! The arguments of `handclasp connect`.

use std::path::PathBuf;

use clap::{ArgAction, Args, builder::UnknownArgumentValueParser};
use handclasp::Pin;

use super::{Protocol, PskFlags, Recording, values};

/// Standard input goes to the server, and what the server sends to standard output.
///
/// When standard input ends, the connection stays open until the server closes it. A server that
/// then ends the connection without close_notify, at the end of a record and after it has answered,
/// earns a remark and exit code 0: nothing tells that anything is missing. Exit code 1 says that
/// the end may be missing: the connection ended before standard input did or before everything was
/// sent, without any answer, inside a record, by a reset, or short of the length that an HTTP/1
/// reply announces (Content-Length, or chunked). An HTTP/1 reply that has the length it announces
/// is whole, however the connection ends.
#[derive(Debug, Args)]
pub struct Connect {
    /// The server
    #[arg(value_name = "HOST:PORT", value_parser = values::host_port)]
    pub address: String,
    /// Send close_notify as soon as standard input ends, instead of waiting for the server to
    /// close. Many servers answer nothing more then, and servers of TLS 1.2 must not
    #[arg(long)]
    pub half_close: bool,
    #[command(flatten)]
    pub psk: PskFlags,
    /// Believe this key and no other: sha256/BASE64 of its SubjectPublicKeyInfo (repeatable)
    #[arg(long, value_name = "PIN")]
    pub pin: Vec<Pin>,
    /// Believe certificates issued by those in this PEM file, instead of the system's roots
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Show this certificate chain (PEM, leaf first) to servers that ask; with --key (repeatable)
    #[arg(long, value_name = "FILE")]
    pub cert: Vec<PathBuf>,
    /// Its private key, PEM (repeatable, in the order of --cert)
    #[arg(long, value_name = "FILE")]
    pub key: Vec<PathBuf>,
    /// Raw public keys instead of certificates (RFC 7250), where the server does them; --pin judges
    /// the server's. A --key without --cert is one of ours
    #[arg(long)]
    pub raw_key: bool,
    /// The name that the certificate must be for, and that server_name carries
    #[arg(long, value_name = "NAME", value_parser = values::name)]
    pub name: Option<String>,
    /// Send no server_name. The certificate must be for the name all the same
    #[arg(long)]
    pub no_name: bool,
    /// Believe anybody. The connection is then open to anyone on the path
    #[arg(long)]
    pub danger_accept_any: bool,
    #[arg(
        long = "insecure",
        short = 'k',
        hide = true,
        action = ArgAction::SetTrue,
        value_parser = UnknownArgumentValueParser::suggest_arg("--danger-accept-any")
            .and_suggest("--pin sha256/... or --ca FILE believe the one server that is meant")
    )]
    _insecure: Option<String>,
    /// Keep sessions in this file and resume them from there. It holds secrets: made for its
    /// owner's eyes only, and refused if others can read it
    #[arg(long, value_name = "FILE")]
    pub session: Option<PathBuf>,
    /// Ask for an OCSP response about the server's certificate and write it (DER) to this file.
    /// With --ca and the system's roots it must be sound and say "good"
    #[arg(long, value_name = "FILE")]
    pub ocsp: Option<PathBuf>,
    #[command(flatten)]
    pub protocol: Protocol,
    #[command(flatten)]
    pub record: Recording,
}
