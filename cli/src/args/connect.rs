//! The arguments of `handclasp connect`.

use std::path::PathBuf;

use clap::Args;

use super::{ClientFlags, Service, values};
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
    /// Request an OCSP response about the server's certificate and write it (DER) to this file.
    /// With --ca or the system's roots it must be valid and have the status "good"
    #[arg(long, value_name = "FILE")]
    pub ocsp: Option<PathBuf>,
    /// Print facts and failures on standard error as JSON, one object a line, for scripts: docs/json.md
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub service: Service,
    #[command(flatten)]
    pub client: ClientFlags,
}
