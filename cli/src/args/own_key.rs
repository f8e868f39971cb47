//! Flags that say where our own key is. At most one of them, `--key` and `--self-signed` names it.

use std::path::PathBuf;

use clap::Args;

use super::values;

/// Our keys and certificates of a client or server.
#[derive(Debug, Args)]
pub struct OwnCredentials {
    #[command(flatten)]
    pub files: OwnFiles,
    /// Use raw public keys instead of certificates (RFC 7250) with peers that support them; pins and --tofu verify the
    /// peer's. A --key without --cert is our raw key: a server with such a key alone serves only such clients
    #[arg(long)]
    pub raw_key: bool,
}

/// Our certificates, and where their keys are.
#[derive(Debug, Args)]
pub struct OwnFiles {
    /// Certificate chain: PEM, DER or PKCS#12; with --key, unless the file holds the key, too, or with --pkcs11,
    /// --agent or --signer. A client sends it to servers that request one (repeatable: the peer's server_name,
    /// issuers and algorithms select one of them)
    #[arg(long, value_name = "FILE")]
    pub cert: Vec<PathBuf>,
    /// Private key of --cert: PEM, DER or PKCS#12, also encrypted (repeatable, in the order of --cert)
    #[arg(long, value_name = "FILE")]
    pub key: Vec<PathBuf>,
    #[command(flatten)]
    pub own: OwnKey,
}

#[derive(Debug, Args)]
pub struct OwnKey {
    /// Identity folder with our certificate and our key or its location, as `handclasp id new` makes it
    #[arg(long, value_name = "DIR")]
    pub identity: Option<PathBuf>,
    /// Passphrase of --key or of a PKCS#12 in --cert: @FILE or env:NAME. Without this flag it is asked for on a
    /// terminal
    #[arg(long, value_name = "@FILE|env:NAME")]
    pub passphrase: Option<String>,
    #[command(flatten)]
    pub elsewhere: Elsewhere,
    #[command(flatten)]
    pub access: KeyAccess,
}

/// A key that this program cannot read.
#[derive(Debug, Args)]
pub struct Elsewhere {
    /// Key in a PKCS#11 token, such as pkcs11:token=lab;object=device?module-path=/usr/lib/softhsm/libsofthsm2.so
    /// (RFC 7512; without a module p11-kit's)
    #[arg(long, value_name = "URI")]
    pub pkcs11: Option<String>,
    /// Key in the ssh-agent of SSH_AUTH_SOCK: its fingerprint (SHA256:..., see ssh-add -l), its comment, or its .pub
    /// file
    #[arg(long, value_name = "KEY")]
    pub agent: Option<String>,
    /// Key behind a command that signs, a line for sh; the protocol is in docs/identity.md
    #[arg(long, value_name = "CMD")]
    pub signer: Option<String>,
}

/// How a key elsewhere is reached, by a flag or by the location in an identity folder.
#[derive(Clone, Debug, Args)]
pub struct KeyAccess {
    /// PIN of the token: @FILE or env:NAME. Without this flag it is the pin-source of the URI, or is asked for on
    /// the terminal. A wrong PIN is not tried again
    #[arg(long, value_name = "@FILE|env:NAME")]
    pub token_pin: Option<String>,
    /// Seconds for each request to the command that signs, which is killed afterwards [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = values::count)]
    pub signer_timeout: Option<usize>,
}
