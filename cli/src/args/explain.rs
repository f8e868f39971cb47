//! The arguments of `handclasp explain`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What was captured, and what is known beside it. All of it is optional but the file; each
/// makes a surer answer possible.
#[derive(Debug, Args)]
pub struct Explain {
    /// A capture (pcap or pcapng), a hex dump in any form, bytes of TLS, or a report that --report
    /// wrote; `-` for standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What the other end saw of the same: a capture or a report. What differs was changed between
    #[arg(value_name = "OTHER")]
    pub other: Option<PathBuf>,
    /// A key log (SSLKEYLOGFILE): opens what is protected
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// A pre-shared key as it was typed at one of the ends: every reading of it is tried. @FILE or
    /// env:NAME keep it out of the list of processes (repeatable)
    #[arg(long, value_name = "VALUE")]
    pub psk: Vec<String>,
    /// An identity of a pre-shared key that the server has (repeatable)
    #[arg(long, value_name = "ID")]
    pub psk_id: Vec<String>,
    /// The name or address that the client wanted to reach
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Certificates that the ends trust, or pinned ones: PEM or DER (repeatable)
    #[arg(long, value_name = "FILE")]
    pub roots: Vec<PathBuf>,
    /// A certificate chain that one end is configured with
    #[arg(long, value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// Its key, private or public: only the public half is looked at
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Judge validity at this time: RFC 3339, or now; else the time of the capture
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// What the client printed
    #[arg(long, value_name = "FILE")]
    pub client_log: Option<PathBuf>,
    /// What the server printed
    #[arg(long, value_name = "FILE")]
    pub server_log: Option<PathBuf>,
    /// The mbedtls_config.h of one end
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// Write one page of HTML that needs nothing else
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Explain every message and field, for people who learn
    #[arg(long)]
    pub teach: bool,
    /// Show this conversation of several, counted from 1
    #[arg(long, value_name = "N")]
    pub conversation: Option<usize>,
    /// Colours: auto means on a terminal
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
