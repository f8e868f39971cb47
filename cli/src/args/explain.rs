//! The arguments of `handclasp explain`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values;

/// Explain why a handshake failed, from a capture, a hex dump, a log or a report
///
/// Everything but FILE is optional; additional evidence makes the answer more certain.
#[derive(Debug, Args)]
pub struct Explain {
    /// A capture (pcap or pcapng, also compressed with gzip or zstd), a log, a hex dump in any format, raw
    /// TLS bytes, or a report written by --report; `-` for standard input. Not needed beside --client-log
    /// or --server-log
    #[arg(value_name = "FILE", required_unless_present_any = ["client_log", "server_log"])]
    pub file: Option<PathBuf>,
    /// A capture or report of the same connection from the other side; differences show changes in transit
    #[arg(value_name = "OTHER")]
    pub other: Option<PathBuf>,
    /// A key log (SSLKEYLOGFILE), which decrypts protected records
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// A pre-shared key as it was typed on either side: every reading of it is tested. @FILE or
    /// env:NAME keep it out of the process list (repeatable)
    #[arg(long, value_name = "VALUE")]
    pub psk: Vec<String>,
    /// Identity of a pre-shared key that the server has (repeatable)
    #[arg(long, value_name = "ID")]
    pub psk_id: Vec<String>,
    /// The host name or address that the client intended to reach
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Certificates that the peers trust or pin: PEM or DER (repeatable)
    #[arg(long, value_name = "FILE")]
    pub roots: Vec<PathBuf>,
    /// A certificate chain that one side is configured with
    #[arg(long, value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// Private or public key of --cert; only the public key is used
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Check certificate validity at this time: RFC 3339, or now. Default: the time of the capture
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Log output of the client
    #[arg(long, value_name = "FILE")]
    pub client_log: Option<PathBuf>,
    /// Log output of the server
    #[arg(long, value_name = "FILE")]
    pub server_log: Option<PathBuf>,
    /// Connect to the server now, with the offer of the captured ClientHello, and judge its answer and its
    /// certificates as well. Without HOST:PORT: the address in the capture
    #[arg(long, value_name = "HOST:PORT", num_args = 0..=1, value_parser = values::asked)]
    pub ask: Option<Option<String>>,
    /// The mbedtls_config.h of one side
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// Write a self-contained HTML page to this file
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Explain every message and field
    #[arg(long)]
    pub teach: bool,
    /// Show this conversation if there are several, counted from 1
    #[arg(long, value_name = "N")]
    pub conversation: Option<usize>,
    /// When to use colours: auto means on a terminal
    #[arg(long, value_name = "WHEN", value_enum, default_value = "auto")]
    pub color: Color,
}

/// When there are colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
