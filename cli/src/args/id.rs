//! The arguments of `handclasp id`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use handclasp::{KeyKind, SubjectField};

use super::{Elsewhere, KeyAccess, values};

/// Make, show, renew and certify the identity of a device or program
///
/// An identity is a key or its location, its certificate, and statements of key rotations, in a folder that only its
/// owner can read. `--identity DIR` of the other commands uses it.
///
/// A certificate of a CA takes three steps: `id csr DIR > request.pem`, the CA signs the request, `id install DIR
/// chain.pem`.
#[derive(Debug, Args)]
pub struct Id {
    #[command(subcommand)]
    pub command: IdCommand,
}

#[derive(Debug, Subcommand)]
pub enum IdCommand {
    New(IdNew),
    Show(IdShow),
    Csr(IdCsr),
    Install(IdInstall),
    Renew(IdRenew),
    Rotate(IdRotate),
}

/// Make a key, or name one elsewhere, and a self-signed certificate for it
///
/// Peers that pin the key need neither a CA nor a DNS name.
///
/// With --pkcs11 the key is made in the token and cannot leave it; with --agent or --signer it exists. The folder then
/// says where the key is and holds no secret.
#[derive(Debug, Args)]
pub struct IdNew {
    /// Folder of the identity: new, or empty
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Name of the device. A DNS name or an address becomes the subjectAltName, any other name only the common
    /// name of the certificate
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// Validity of the self-signed certificate in days [default: 3652]
    #[arg(long, value_name = "DAYS", value_parser = values::count)]
    pub days: Option<usize>,
    #[command(flatten)]
    pub key: NewKey,
    #[command(flatten)]
    pub access: KeyAccess,
}

/// The key of a new identity, or the one that follows the present one.
#[derive(Debug, Args)]
pub struct NewKey {
    /// Kind of the key that is made: p256 (the default), p384, ed25519 (not in a token) or rsa (2048 bits)
    #[arg(long = "key", value_name = "KIND", value_parser = key_kind)]
    pub kind: Option<KeyKind>,
    #[command(flatten)]
    pub elsewhere: Elsewhere,
    /// Use the key of --pkcs11 that is in the token already
    #[arg(long, requires = "pkcs11")]
    pub existing: bool,
}

/// Print name, pin, certificate and the location of the key
#[derive(Debug, Args)]
pub struct IdShow {
    /// Folder of the identity
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Open the key as well: it signs a test message, and a token shows the attributes of the key
    #[arg(long)]
    pub open: bool,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub access: KeyAccess,
}

/// Print a request that a CA issues a certificate for the key (PKCS#10, PEM)
///
/// The request is signed by the key. Names and subject are those of the present certificate, unless flags name others.
#[derive(Debug, Args)]
pub struct IdCsr {
    /// Folder of the identity
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// DNS name or address of the subjectAltName (repeatable)
    #[arg(long, value_name = "NAME")]
    pub san: Vec<String>,
    /// Field of the subject: CN, O, OU, C, ST, L or serialNumber, such as O=Example (repeatable)
    #[arg(long, value_name = "FIELD=VALUE", value_parser = subject_field)]
    pub subject: Vec<(SubjectField, String)>,
    /// Extended key usage to ask for
    #[arg(long, value_name = "USAGE", value_enum, default_value = "both")]
    pub usage: CsrUsage,
    /// Write the request to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub access: KeyAccess,
}

/// What a certificate is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CsrUsage {
    /// serverAuth
    Server,
    /// clientAuth
    Client,
    /// serverAuth and clientAuth
    Both,
}

/// Install the certificate chain that a CA returned
#[derive(Debug, Args)]
pub struct IdInstall {
    /// Folder of the identity
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// What the CA returned, PEM: the certificate of the key, then its issuers
    #[arg(value_name = "CHAIN")]
    pub chain: PathBuf,
}

/// Replace the certificate and keep the key: self-signed ones here, others by a new request to the CA
///
/// The pin stays. A self-signed certificate is made anew. For one of a CA a request is printed, as by `id csr`: the present certificate stays until `id install` replaces it.
#[derive(Debug, Args)]
pub struct IdRenew {
    /// Folder of the identity
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Validity of a self-signed certificate in days [default: 3652]
    #[arg(long, value_name = "DAYS", value_parser = values::count)]
    pub days: Option<usize>,
    #[command(flatten)]
    pub access: KeyAccess,
}

/// Replace the key, and state with the old one that the new one follows
///
/// For self-signed identities. Both keys sign the statement. Peers that know the old key by --tofu accept the new one with this statement; peers with a --pin need
/// the new pin; where the old key was stolen a statement proves nothing.
///
/// An identity with a certificate of a CA is not rotated: make a new one (`id new DIR2`), have it certified, and change
/// to its folder.
#[derive(Debug, Args)]
pub struct IdRotate {
    /// Folder of the identity
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    #[command(flatten)]
    pub key: NewKey,
    #[command(flatten)]
    pub access: KeyAccess,
}

/// A kind of key, by its short name.
fn key_kind(text: &str) -> Result<KeyKind, String> {
    match text.to_ascii_lowercase().as_str() {
        "p256" | "p-256" => Ok(KeyKind::P256),
        "p384" | "p-384" => Ok(KeyKind::P384),
        "ed25519" => Ok(KeyKind::Ed25519),
        "rsa" | "rsa2048" => Ok(KeyKind::Rsa),
        other => Err(format!("expected p256, p384, ed25519 or rsa, found {other}")),
    }
}

/// `FIELD=VALUE` of a subject.
fn subject_field(text: &str) -> Result<(SubjectField, String), String> {
    let (name, value) =
        text.split_once('=').ok_or_else(|| "expected FIELD=VALUE, such as O=Example".to_owned())?;
    let field = match name.to_ascii_lowercase().as_str() {
        "cn" => SubjectField::CommonName,
        "o" => SubjectField::Organization,
        "ou" => SubjectField::OrganizationalUnit,
        "c" => SubjectField::Country,
        "st" => SubjectField::State,
        "l" => SubjectField::Locality,
        "serialnumber" => SubjectField::SerialNumber,
        _ => return Err(format!("expected the field CN, O, OU, C, ST, L or serialNumber, found {name}")),
    };
    Ok((field, value.to_owned()))
}
