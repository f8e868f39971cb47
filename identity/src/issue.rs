//! Certificates made here (RFC 5280 §4): what is asked for, what comes out, and the self-signed
//! one for peers that know each other by pin.

use alloc::{boxed::Box, string::String, vec::Vec};
use core::{fmt, net::IpAddr, time::Duration};

use handclasp_crypto::{KeyEncoding, KeyError, KeyKind, Keys, Random, SigningKey};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose as Purpose, IsCa, KeyIdMethod,
    KeyUsagePurpose, SanType, SerialNumber,
};
use rustls_pki_types::DnsName;
use zeroize::Zeroizing;

use crate::{Identity, IdentityError, signer::Signer, to_pem};

/// What a certificate is to say.
#[derive(Clone, Copy, Debug)]
pub struct Issue<'a> {
    /// DNS names (a first label `*` permitted) and addresses; the first is also its common name.
    pub names: &'a [&'a str],
    /// When it is good.
    pub validity: Validity,
    /// The kind of its key.
    pub key: KeyKind,
    /// What it is good for.
    pub usage: Usage,
}

/// When a certificate is good, both ends included; seconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Not before.
    pub not_before: u64,
    /// Not after.
    pub not_after: u64,
}

/// The extended key usage (RFC 5280 §4.2.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// serverAuth and clientAuth.
    Both,
    /// serverAuth.
    Server,
    /// clientAuth.
    Client,
    /// codeSigning: of no use to TLS. For tests.
    Neither,
}

/// A certificate made here, and its key.
pub struct Issued {
    /// DER, leaf first; without the root.
    pub chain: Vec<Vec<u8>>,
    /// The private key as PKCS#8 (DER).
    pub key: Zeroizing<Vec<u8>>,
}

/// Why there is no certificate.
#[derive(Clone, PartialEq, Eq)]
pub enum IssueError {
    /// Neither a DNS name nor an address.
    Name(String),
    /// No name at all.
    NoName,
    /// A kind of key for which no certificate can be made here.
    Unsupported(KeyKind),
    /// The key could not be made or loaded.
    Key(KeyError),
    /// What was made does not load.
    Identity(IdentityError),
    /// Signer, randomness or library failed.
    Failed,
}

const DAY: u64 = 24 * 60 * 60;

impl Validity {
    /// From a day ago, since clocks differ, for ten years. A self-signed certificate is known by
    /// its pin, and then nobody asks for dates; where somebody does, they should not be what
    /// breaks a device in a wall. Not for ever (9999-12-31, RFC 5280 §4.1.2.5), which some
    /// libraries with 32-bit clocks read as long past.
    pub fn from_now(now: u64) -> Self {
        Self { not_before: now.saturating_sub(DAY), not_after: now.saturating_add(3652 * DAY) }
    }
}

/// A new P-256 key and a certificate signed by itself: valid as [`Validity::from_now`] by the
/// system's clock, for servers and clients, not for a CA.
///
/// # Errors
/// A name that is none, or randomness or library failed.
pub fn self_signed(names: &[&str], keys: &dyn Keys, random: &mut dyn Random) -> Result<Issued, IssueError> {
    // A clock before 1970 is a clock at 1970.
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    let validity = Validity::from_now(now);
    self_signed_with(&Issue { names, validity, key: KeyKind::P256, usage: Usage::Both }, keys, random)
}

/// A new key and a certificate signed by itself, as asked for.
///
/// # Errors
/// A name that is none, a kind of key that cannot be had, or randomness or library failed.
pub fn self_signed_with(
    issue: &Issue<'_>,
    keys: &dyn Keys,
    random: &mut dyn Random,
) -> Result<Issued, IssueError> {
    let params = leaf(issue, random)?;
    let key = NewKey::make(issue.key, keys, random)?;
    let certificate = params.self_signed(&Signer::new(&*key.signer, random)?);
    let certificate = certificate.map_err(|_| IssueError::Failed)?;
    Ok(Issued { chain: Vec::from([certificate.der().to_vec()]), key: key.pkcs8 })
}

/// A new private key, as it is kept and as it signs.
pub(crate) struct NewKey {
    pub(crate) pkcs8: Zeroizing<Vec<u8>>,
    pub(crate) signer: Box<dyn SigningKey>,
}

impl NewKey {
    pub(crate) fn make(kind: KeyKind, keys: &dyn Keys, random: &mut dyn Random) -> Result<Self, IssueError> {
        let pkcs8 = keys.generate(kind, random).map_err(IssueError::Key)?;
        let signer = keys.load(KeyEncoding::Pkcs8, &pkcs8).map_err(IssueError::Key)?;
        Ok(Self { pkcs8, signer })
    }
}

/// What every certificate has: dates, a serial number and key identifiers.
pub(crate) fn base(
    common_name: Option<&str>,
    validity: Validity,
    random: &mut dyn Random,
) -> Result<CertificateParams, IssueError> {
    let mut params = CertificateParams::default();
    // Times of certificates end with the year 9999, and the library panics behind it.
    let end = |seconds: u64| Duration::from_secs(seconds.min(253_402_300_799));
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + end(validity.not_before);
    params.not_after = rcgen::date_time_ymd(1970, 1, 1) + end(validity.not_after);
    params.distinguished_name = DistinguishedName::new();
    // ub-common-name (RFC 5280 §A.1) is 64; names are looked for among the alternative ones.
    if let Some(name) = common_name.filter(|name| name.len() <= 64) {
        params.distinguished_name.push(DnType::CommonName, name);
    }

    // 126 random bits: unpredictable and positive, within 20 bytes (RFC 5280 §4.1.2.2). The
    // identifier must only be unique (§4.2.1.2), which needs no hash.
    let mut serial = [0; 16];
    random.fill(&mut serial).map_err(|_| IssueError::Failed)?;
    serial.iter_mut().take(1).for_each(|first| *first = *first & 0x7f | 0x40);
    params.serial_number = Some(SerialNumber::from(serial.to_vec()));
    let mut identifier = [0; 20];
    random.fill(&mut identifier).map_err(|_| IssueError::Failed)?;
    params.key_identifier_method = KeyIdMethod::PreSpecified(identifier.to_vec());
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// What a certificate of a server or client has beside that.
pub(crate) fn leaf(issue: &Issue<'_>, random: &mut dyn Random) -> Result<CertificateParams, IssueError> {
    let names: Result<Vec<SanType>, IssueError> = issue.names.iter().map(|name| subject(name)).collect();
    let mut params = base(issue.names.first().copied(), issue.validity, random)?;
    params.subject_alt_names = names?;
    if params.subject_alt_names.is_empty() {
        return Err(IssueError::NoName);
    }
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = Vec::from([KeyUsagePurpose::DigitalSignature]);
    params.extended_key_usages = match issue.usage {
        Usage::Both => Vec::from([Purpose::ServerAuth, Purpose::ClientAuth]),
        Usage::Server => Vec::from([Purpose::ServerAuth]),
        Usage::Client => Vec::from([Purpose::ClientAuth]),
        Usage::Neither => Vec::from([Purpose::CodeSigning]),
    };
    Ok(params)
}

/// A subjectAltName: an address, or a DNS name whose first label may be a wildcard.
fn subject(name: &str) -> Result<SanType, IssueError> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let refused = || IssueError::Name(String::from(name));
    let host = name.strip_prefix("*.").unwrap_or(name);
    // Certificates have no final dot (RFC 5280 §4.2.1.6).
    DnsName::try_from(host).ok().filter(|_| !host.ends_with('.')).ok_or_else(refused)?;
    name.try_into().map(SanType::DnsName).map_err(|_| refused())
}

impl Issued {
    /// As an identity.
    ///
    /// # Errors
    /// What was made does not load.
    pub fn identity(&self, keys: &dyn Keys) -> Result<Identity, IssueError> {
        Identity::from_der(self.chain.clone(), KeyEncoding::Pkcs8, &self.key, keys)
            .map_err(IssueError::Identity)
    }

    /// The chain as PEM.
    pub fn certificate_pem(&self) -> String {
        self.chain.iter().map(|der| String::from(to_pem("CERTIFICATE", der).as_str())).collect()
    }

    /// The private key as PEM.
    pub fn key_pem(&self) -> Zeroizing<String> {
        to_pem("PRIVATE KEY", &self.key)
    }
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

/// As `Display`: what `?` in `main` prints.
impl fmt::Debug for IssueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for IssueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "{name:?} is neither a DNS name nor an address"),
            Self::NoName => write!(f, "a certificate needs at least one DNS name or address"),
            Self::Unsupported(kind) => {
                write!(
                    f,
                    "certificates for keys of type {} are not supported",
                    crate::words::kind_name(*kind)
                )
            }
            Self::Key(KeyError::Unsupported) => write!(f, "keys of this type cannot be generated"),
            Self::Key(KeyError::Malformed | KeyError::Failed) => write!(f, "the key could not be generated"),
            Self::Identity(error) => write!(f, "the generated certificate does not load: {error}"),
            Self::Failed => {
                write!(
                    f,
                    "the certificate could not be issued: signer, random number generator or crypto library \
                     failed"
                )
            }
        }
    }
}

impl core::error::Error for IssueError {}
