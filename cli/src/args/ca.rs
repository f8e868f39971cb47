//! The arguments of `handclasp ca`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use handclasp_authority::{AltName, CrlUrl, Profile, RevocationReason, Subtree};

use super::{KeyAccess, NewKey};

/// Run a small CA: sign certificate requests, revoke, make CRLs
///
/// For the devices of one team. The CA is a folder that only its owner can read, with a list of what was issued.
#[derive(Debug, Args)]
pub struct Ca {
    #[command(subcommand)]
    pub command: CaCommand,
}

#[derive(Debug, Subcommand)]
pub enum CaCommand {
    Init(CaInit),
    Sign(CaSign),
    Revoke(CaRevoke),
    Crl(CaCrl),
    List(CaList),
}

/// Make a CA: its key and its certificate
///
/// Peers need its certificate: DIR/certificate.pem.
///
/// With --pkcs11 its key is made in the token and cannot leave it; with --agent or --signer it exists. The folder then
/// says where the key is.
#[derive(Debug, Args)]
pub struct CaInit {
    /// Folder of the CA: new, or empty
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Common name of the CA, at most 64 characters
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// Certify only this DNS name with all names below it, or this network, such as 192.0.2.0/24 (repeatable).
    /// Peers refuse certificates of the CA for other names, even if its key is stolen
    #[arg(long, value_name = "NAME|NET")]
    pub permit: Vec<Subtree>,
    /// Never certify this DNS name or a name below it, or this network (repeatable)
    #[arg(long, value_name = "NAME|NET")]
    pub exclude: Vec<Subtree>,
    /// Validity of the CA in days, from 1 to 36524 [default: 7305]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_524))]
    pub days: Option<u32>,
    /// URL at which peers will find the CRL, such as http://example.com/ca.crl: every certificate names it (RFC 5280
    /// §4.2.1.13). Publish there what `handclasp ca crl DIR --der` makes (repeatable: other ways to the same CRL)
    #[arg(long, value_name = "URL")]
    pub crl_url: Vec<CrlUrl>,
    #[command(flatten)]
    pub key: NewKey,
    #[command(flatten)]
    pub access: KeyAccess,
}

/// Sign a certificate request; the certificate goes to standard output
///
/// The certificate is recorded in the list before it is printed, so that everything that leaves the CA can be revoked.
#[derive(Debug, Args)]
pub struct CaSign {
    /// Folder of the CA
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// The request (PKCS#10) in PEM or DER; `-` for standard input
    #[arg(value_name = "REQUEST")]
    pub request: PathBuf,
    /// What the certificate is for: device (server and client, 3652 days), server (397 days) or client (397 days)
    #[arg(long, value_name = "PROFILE", default_value = "device")]
    pub profile: Profile,
    /// Validity of the certificate in days, never beyond the end of the CA. Default: that of the profile
    #[arg(long, value_name = "DAYS")]
    pub days: Option<u32>,
    /// Common name that replaces the subject of the request
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Name that replaces those of the request: a DNS name, an address, a mail address or a URI (repeatable)
    #[arg(long, value_name = "NAME")]
    pub san: Vec<AltName>,
    /// The same device asks again: its key may have a valid certificate
    #[arg(long)]
    pub renew: bool,
    /// Write the certificate to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub access: KeyAccess,
}

/// Revoke a certificate
///
/// Peers learn of it from the next CRL: `handclasp ca crl`.
#[derive(Debug, Args)]
pub struct CaRevoke {
    /// Folder of the CA
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Serial number in hexadecimal digits, or the file of the certificate
    #[arg(value_name = "SERIAL|CERTIFICATE")]
    pub certificate: String,
    /// Why: unspecified, keyCompromise (its key gets no certificate any more), affiliationChanged, superseded,
    /// cessationOfOperation or privilegeWithdrawn
    #[arg(long, value_name = "REASON", default_value = "unspecified")]
    pub reason: RevocationReason,
}

/// Make a CRL of what was revoked, for the peers
///
/// Make a new one after each revocation, and before the days are over: peers that check CRLs
/// refuse every certificate when theirs is too old.
#[derive(Debug, Args)]
pub struct CaCrl {
    /// Folder of the CA
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Days until the next CRL, from 1 to 366
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub days: u32,
    /// DER instead of PEM: the form that peers expect at the --crl-url of the CA
    #[arg(long)]
    pub der: bool,
    /// Write the CRL to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub access: KeyAccess,
}

/// List what was issued and revoked
#[derive(Debug, Args)]
pub struct CaList {
    /// Folder of the CA
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}
