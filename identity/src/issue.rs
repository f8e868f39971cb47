//! Issuing certificates (RFC 5280 §4): their parameters, the result, and the self-signed certificate
//! for peers that know each other by pin.

use alloc::{boxed::Box, string::String, vec::Vec};
use core::{fmt, net::IpAddr, time::Duration};

use handclasp_crypto::{KeyEncoding, KeyError, KeyKind, Keys, Random, SignError, SigningKey};
use rcgen::{
    CertificateParams as Params, DistinguishedName, DnType, ExtendedKeyUsagePurpose as Purpose, IsCa,
    KeyIdMethod, KeyUsagePurpose, SanType, SerialNumber,
};
use rustls_pki_types::{CertificateDer, DnsName, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use zeroize::Zeroizing;

use crate::{Identity, IdentityError, SubjectField, signer::self_signed, subject, to_pem};

/// Parameters of a certificate to be issued.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CertificateParams<'a> {
    /// DNS names (the first label may be `*`) and IP addresses of the subjectAltName. The first one
    /// is also the common name.
    pub names: &'a [&'a str],
    /// notBefore and notAfter.
    pub validity: Validity,
    /// The kind of the new key.
    pub key: KeyKind,
    /// The extended key usage.
    pub usage: Usage,
    /// The subject. Empty: the common name is the first of the names.
    pub subject: &'a [(SubjectField, &'a str)],
}

impl<'a> CertificateParams<'a> {
    /// For these names, with a P-256 key, for servers and clients, valid as
    /// [`Validity::starting_now`].
    pub fn new(names: &'a [&'a str]) -> Self {
        let validity = Validity::starting_now();
        Self { names, validity, key: KeyKind::P256, usage: Usage::Both, subject: &[] }
    }

    /// Sets the subject. With a subject the list of names may be empty, for peers that pin the key.
    ///
    /// ```
    /// use handclasp_identity::{CertificateParams, SubjectField};
    ///
    /// let subject = [(SubjectField::Organization, "Example"), (SubjectField::SerialNumber, "0042")];
    /// let params = CertificateParams::new(&["device-42.local"]).with_subject(&subject);
    /// # assert_eq!(params.subject.len(), 2);
    /// ```
    #[must_use]
    pub fn with_subject(mut self, subject: &'a [(SubjectField, &'a str)]) -> Self {
        self.subject = subject;
        self
    }

    /// Sets notBefore and notAfter.
    #[must_use]
    pub fn with_validity(mut self, validity: Validity) -> Self {
        self.validity = validity;
        self
    }

    /// Sets the kind of the new key.
    #[must_use]
    pub fn with_key_kind(mut self, key: KeyKind) -> Self {
        self.key = key;
        self
    }

    /// Sets the extended key usage.
    #[must_use]
    pub fn with_usage(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }
}

/// The period in which a certificate is valid (RFC 5280 §4.1.2.5), both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Validity {
    /// notBefore.
    pub not_before: UnixTime,
    /// notAfter.
    pub not_after: UnixTime,
}

/// The extended key usage of a certificate (RFC 5280 §4.2.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Usage {
    /// serverAuth and clientAuth.
    Both,
    /// serverAuth.
    Server,
    /// clientAuth.
    Client,
    /// codeSigning, which TLS peers refuse. For tests.
    Neither,
}

/// A certificate chain issued by this crate, and the private key of its leaf.
#[non_exhaustive]
pub struct IssuedCertificate {
    /// Leaf first, without the root.
    pub chain: Vec<CertificateDer<'static>>,
    /// The private key as PKCS#8 (DER).
    pub key: Zeroizing<Vec<u8>>,
}

/// Why no certificate was issued.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssueError {
    /// This is neither a DNS name nor an IP address.
    Name(String),
    /// The lists of names and of the subject's fields are empty.
    NoName,
    /// This is not a value of that field of the subject, or the field has a value already.
    Subject(SubjectField, String),
    /// Certificates for this kind of key are not supported.
    Unsupported(KeyKind),
    /// The signer of that kind of key has no scheme by which certificates are signed.
    NoCertificateScheme(KeyKind),
    /// The signer made no signature, or one that does not verify.
    Signer(SignError),
    /// The provider could not generate or load the key.
    Key(KeyError),
    /// The issued certificate and key do not load as an identity.
    Identity(IdentityError),
    /// The signer, the random number generator or the certificate library failed.
    Failed,
}

const DAY: u64 = 24 * 60 * 60;

impl Validity {
    /// From notBefore to notAfter.
    pub const fn new(not_before: UnixTime, not_after: UnixTime) -> Self {
        Self { not_before, not_after }
    }

    /// As [`Validity::from_now`], by the system's clock.
    pub fn starting_now() -> Self {
        // A clock before 1970 counts as 1970.
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        Self::from_now(UnixTime::since_unix_epoch(now))
    }

    /// From a day before `now`, since clocks differ, for ten years.
    ///
    /// Peers that pin a self-signed certificate ignore its dates; for those that check them, the
    /// certificate of an installed device should not expire. The end is not 9999-12-31 (RFC 5280
    /// §4.1.2.5), which libraries with 32-bit clocks take for a date in the past.
    pub fn from_now(now: UnixTime) -> Self {
        let now = now.as_secs();
        let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        Self::new(at(now.saturating_sub(DAY)), at(now.saturating_add(3652 * DAY)))
    }
}

/// A new private key: as PKCS#8 and as a signer.
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

/// The fields of every certificate: dates, serial number and key identifiers.
pub(crate) fn base(
    common_name: Option<&str>,
    validity: Validity,
    random: &mut dyn Random,
) -> Result<Params, IssueError> {
    let mut params = Params::default();
    // Times of certificates end with the year 9999; the library panics on later ones.
    let since_1970 = |time: UnixTime| Duration::from_secs(time.as_secs().min(253_402_300_799));
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + since_1970(validity.not_before);
    params.not_after = rcgen::date_time_ymd(1970, 1, 1) + since_1970(validity.not_after);
    params.distinguished_name = DistinguishedName::new();
    // ub-common-name (RFC 5280 §A.1) is 64; peers compare the subjectAltName.
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

/// The fields of the certificate of a server or client.
pub(crate) fn leaf(request: &CertificateParams<'_>, random: &mut dyn Random) -> Result<Params, IssueError> {
    let names: Result<Vec<SanType>, IssueError> =
        request.names.iter().map(|name| alternative_name(name)).collect();
    let mut params = base(request.names.first().copied(), request.validity, random)?;
    params.subject_alt_names = names?;
    if params.subject_alt_names.is_empty() && request.subject.is_empty() {
        return Err(IssueError::NoName);
    }
    if !request.subject.is_empty() {
        params.distinguished_name = subject::name(request.subject)?;
    }
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = Vec::from([KeyUsagePurpose::DigitalSignature]);
    params.extended_key_usages = match request.usage {
        Usage::Both => Vec::from([Purpose::ServerAuth, Purpose::ClientAuth]),
        Usage::Server => Vec::from([Purpose::ServerAuth]),
        Usage::Client => Vec::from([Purpose::ClientAuth]),
        Usage::Neither => Vec::from([Purpose::CodeSigning]),
    };
    Ok(params)
}

/// A subjectAltName: an address, or a DNS name whose first label may be a wildcard.
fn alternative_name(name: &str) -> Result<SanType, IssueError> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let refused = || IssueError::Name(String::from(name));
    let host = name.strip_prefix("*.").unwrap_or(name);
    // Certificates have no final dot (RFC 5280 §4.2.1.6).
    DnsName::try_from(host).ok().filter(|_| !host.ends_with('.')).ok_or_else(refused)?;
    name.try_into().map(SanType::DnsName).map_err(|_| refused())
}

impl IssuedCertificate {
    /// As [`IssuedCertificate::self_signed`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`IssuedCertificate::self_signed`].
    pub fn self_signed_with(
        params: &CertificateParams<'_>,
        keys: &dyn Keys,
        random: &mut dyn Random,
    ) -> Result<Self, IssueError> {
        // Names are judged before a key is made.
        let certificate = leaf(params, random)?;
        let key = NewKey::make(params.key, keys, random)?;
        let certificate = self_signed(&certificate, &*key.signer, &[], random)?;
        Ok(Self { chain: Vec::from([certificate]), key: key.pkcs8 })
    }

    /// As [`IssuedCertificate::identity`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`IssuedCertificate::identity`].
    pub fn identity_with(&self, keys: &dyn Keys) -> Result<Identity, IssueError> {
        Identity::from_der_with(self.chain.clone(), &self.private_key(), keys).map_err(IssueError::Identity)
    }

    /// The private key, borrowed.
    pub fn private_key(&self) -> PrivateKeyDer<'_> {
        PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.as_slice()))
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

impl fmt::Debug for IssuedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedCertificate").field("certificates", &self.chain.len()).finish_non_exhaustive()
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
            Self::NoName => write!(f, "a certificate needs at least one DNS name or address, or a subject"),
            Self::Subject(field, value) => subject::refused(f, *field, value),
            Self::NoCertificateScheme(kind) => write!(
                f,
                "the signer of this {} key lists no scheme by which certificates and requests are signed: \
                 {}",
                kind.name(),
                certificate_schemes(*kind)
            ),
            Self::Signer(why) => {
                write!(f, "the signer made no valid signature: {}", crate::words::sign_error(*why))
            }
            Self::Unsupported(kind) => {
                write!(f, "certificates for keys of type {} are not supported", kind.name())
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

/// The schemes that would do.
fn certificate_schemes(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::P256 => "ecdsa_secp256r1_sha256",
        KeyKind::P384 => "ecdsa_secp384r1_sha384",
        KeyKind::Ed25519 => "ed25519",
        KeyKind::Rsa => "rsa_pkcs1_sha256, rsa_pkcs1_sha384 or rsa_pkcs1_sha512",
        KeyKind::P521 | KeyKind::RsaPss => "not supported for this type",
    }
}

impl core::error::Error for IssueError {}
