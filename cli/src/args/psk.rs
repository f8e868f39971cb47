//! The arguments for a pre-shared key, shared by all commands.

use std::path::PathBuf;

use clap::{Args, ValueEnum, builder::UnknownArgumentValueParser};

/// A pre-shared key. The flag defines its encoding, so that both sides use the same bytes.
#[derive(Debug, Args)]
#[group(skip)]
pub struct PskFlags {
    /// A pre-shared key in hexadecimal, as for `openssl -psk`. @FILE or env:NAME keep it out of the
    /// process list; one line end after the key in FILE is ignored
    #[arg(long, value_name = "VALUE", group = "psk")]
    pub psk_hex: Option<String>,
    /// A pre-shared key as the bytes of this text; @FILE and env:NAME as for --psk-hex
    #[arg(long, value_name = "VALUE", group = "psk")]
    pub psk_ascii: Option<String>,
    /// A pre-shared key in base64; @FILE and env:NAME as for --psk-hex
    #[arg(long, value_name = "VALUE", group = "psk")]
    pub psk_base64: Option<String>,
    #[arg(
        long = "psk",
        hide = true,
        num_args = 0..=1,
        value_parser = UnknownArgumentValueParser::suggest_arg("--psk-hex")
            .and_suggest("--psk-hex, --psk-ascii and --psk-base64 define how the key is written: both sides \
                          must use the same bytes")
    )]
    _psk: Option<String>,
    /// Pre-shared keys in a file, a line for each: IDENTITY:KEY, as PSKsecrets of stunnel and psktool of GnuTLS have
    /// them. A server uses all of them, a client the one of --psk-id or the first. Other users must not be able to
    /// read the file
    #[arg(long, value_name = "FILE", group = "psk")]
    pub psk_file: Option<PathBuf>,
    /// How the keys of --psk-file are written
    #[arg(long, value_name = "ENCODING", value_enum, requires = "psk_file", default_value = "hex")]
    pub psk_encoding: PskEncoding,
    /// Identity of the pre-shared key [default: Client_identity, or the first one of --psk-file]
    #[arg(long, value_name = "ID", requires = "psk")]
    pub psk_id: Option<String>,
    /// The hash that the key is bound to in TLS 1.3, which restricts the cipher suites
    #[arg(long, value_name = "HASH", value_enum, requires = "psk", default_value = "sha256")]
    pub psk_hash: PskHash,
    /// Import the key (RFC 9258) with this context, which must be equal on both sides and may be empty:
    /// the key then works with cipher suites of every hash. TLS 1.3 only
    #[arg(long, value_name = "CONTEXT", requires = "psk", conflicts_with = "psk_hash")]
    pub psk_import: Option<String>,
    /// Use the same key in TLS 1.2 and TLS 1.3. A key should serve one protocol version, since a
    /// weakness of one may expose the other (RFC 9257, section 4.1): use this only if the peer does
    /// the same
    #[arg(long, requires = "psk", conflicts_with_all = ["psk_hash", "psk_import"])]
    pub psk_both_versions: bool,
    /// Permit TLS 1.3 with the key alone, without a key exchange: a key that leaks later decrypts
    /// connections recorded earlier
    #[arg(long, requires = "psk")]
    pub psk_ke: bool,
    /// Permit a key shorter than 16 bytes, which can be guessed offline from one recorded handshake
    #[arg(long, requires = "psk")]
    pub allow_weak_psk: bool,
}

impl PskFlags {
    /// Whether a pre-shared key was given.
    pub fn are_given(&self) -> bool {
        self.psk_hex.is_some()
            || self.psk_ascii.is_some()
            || self.psk_base64.is_some()
            || self.psk_file.is_some()
    }
}

/// How the keys of a file are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PskEncoding {
    /// Hexadecimal digits
    Hex,
    /// The bytes of the text
    Ascii,
    /// Base64
    Base64,
}

/// Hash that a TLS 1.3 pre-shared key is bound to.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PskHash {
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
}
