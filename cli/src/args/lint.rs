//! The arguments of `handclasp lint`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Check a certificate request, certificate, chain, private key, PKCS#12 or CRL
///
/// Prints what each file is, what is wrong and at which byte, what a peer says, and the fix. Ends with exit code 0 if nothing is wrong, with 6 if something is.
#[derive(Debug, Args)]
pub struct Lint {
    /// PEM, base64 or DER; `-` for standard input. Several files are checked against each other, such as a
    /// certificate and its key
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Passphrase of an encrypted private key or PKCS#12: @FILE or env:NAME. Without this flag it is asked for on a
    /// terminal
    #[arg(long, value_name = "@FILE|env:NAME")]
    pub passphrase: Option<String>,
    /// Check that the certificate covers this DNS name or IP address
    #[arg(long, value_name = "NAME", value_parser = super::values::name)]
    pub name: Option<String>,
    /// Check that the certificate permits this purpose
    #[arg(long, value_name = "PURPOSE", value_enum)]
    pub purpose: Option<Purpose>,
    /// Do not judge times of validity, for devices without a clock
    #[arg(long)]
    pub no_clock: bool,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// What a certificate is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Purpose {
    /// A TLS server
    Server,
    /// A TLS client
    Client,
    /// A CA
    Ca,
}
