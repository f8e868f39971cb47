//! The arguments that give a pre-shared key, alike for every command.

use clap::{Args, ValueEnum, builder::UnknownArgumentValueParser};

/// A pre-shared key. Its encoding is part of the flag, so that both ends hold the same bytes.
#[derive(Debug, Args)]
#[group(skip)]
pub struct PskFlags {
    /// A pre-shared key in hexadecimal, as `openssl -psk` reads it. @FILE or env:NAME keep it out of
    /// the list of processes; one line end behind the key in FILE is not part of it
    #[arg(long, value_name = "VALUE", group = "psk")]
    pub psk_hex: Option<String>,
    /// A pre-shared key as the bytes of this text; @FILE and env:NAME as with --psk-hex
    #[arg(long, value_name = "VALUE", group = "psk")]
    pub psk_ascii: Option<String>,
    /// A pre-shared key in base64; @FILE and env:NAME as with --psk-hex
    #[arg(long, value_name = "VALUE", group = "psk")]
    pub psk_base64: Option<String>,
    #[arg(
        long = "psk",
        hide = true,
        num_args = 0..=1,
        value_parser = UnknownArgumentValueParser::suggest_arg("--psk-hex")
            .and_suggest("--psk-hex, --psk-ascii and --psk-base64 say how the key is written: both ends must read it alike")
    )]
    _psk: Option<String>,
    /// Its identity
    #[arg(long, value_name = "ID", requires = "psk", default_value = "Client_identity")]
    pub psk_id: String,
    /// The hash that the key is bound to in TLS 1.3, and so the suites that it works with
    #[arg(long, value_name = "HASH", value_enum, requires = "psk", default_value = "sha256")]
    pub psk_hash: PskHash,
    /// Import the key (RFC 9258) under this context, which both ends give alike and which may be
    /// empty: it then works with suites of every hash. For TLS 1.3
    #[arg(long, value_name = "CONTEXT", requires = "psk", conflicts_with = "psk_hash")]
    pub psk_import: Option<String>,
    /// Use the key in TLS 1.2 and in TLS 1.3, the same bytes in both. A key is meant for one
    /// protocol, since what one gives away may break the other (RFC 9257, section 4.1): only where
    /// the other end does the same
    #[arg(long, requires = "psk", conflicts_with_all = ["psk_hash", "psk_import"])]
    pub psk_both_versions: bool,
    /// Permit TLS 1.3 with the key alone, without a key exchange: a key that leaks later
    /// decrypts what was recorded before
    #[arg(long, requires = "psk")]
    pub psk_ke: bool,
    /// Permit a key shorter than 16 bytes, which can be guessed from one recorded handshake
    #[arg(long, requires = "psk")]
    pub allow_weak_psk: bool,
}

/// A hash that keys of TLS 1.3 are bound to.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PskHash {
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
}
