//! A chain verified certificate by certificate as it arrives (RFC 5280 §6), for devices: [`Trust`](crate::Trust)
//! needs the chain whole in memory, which takes a device 5 KB.
//!
//! Of a certificate stays what its issuer, the next certificate, has to confirm: the issuer's name, the hash of
//! the tbsCertificate and the signature; and the public key of the leaf. A certificate that is not the issuer of the
//! one before is skipped; once a certificate is signed by a trust anchor, the rest of the chain does not matter.
//!
//! | file | content |
//! |---|---|
//! | `anchor` | trust anchors |
//! | `awaited` | what stays of a certificate until its issuer arrives |
//! | `checks` | what a certificate has to permit by itself |
//! | `names` | names of the leaf |
//! | `time` | dates |

mod anchor;
mod awaited;
mod checks;
mod names;
pub(crate) mod time;

use alloc::vec::Vec;
use core::{fmt, time::Duration};

use handclasp_crypto::{Hash, Verify};
use handclasp_report::{CertificateError, CertificateFault, Evidence};
use rustls_pki_types::{SubjectPublicKeyInfoDer, UnixTime};

use crate::{
    CHAIN_MAX, CHAIN_MAX_BYTES, Name, Role, VerifiedKey, extension::KeyUsage, leaf, x509::Certificate,
};
pub use anchor::Anchor;
use awaited::Awaited;
use checks::Facts;

/// Limit for the number of certificates between leaf and anchor; that of hosts.
const INTERMEDIATES_MAX: u8 = 6;

/// Limit for the number of signatures that are verified for one chain: a path of seven, and some issuers with the
/// name but not the key that signed.
const SIGNATURES_MAX: u8 = 10;

/// The time at which certificates must be valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChainTime {
    /// The time is known.
    Now(UnixTime),
    /// The time is not known, but not earlier, such as the date of the build of a device without a clock. A
    /// certificate that ended before is refused; one that begins later is accepted.
    AtLeast(UnixTime),
}

impl ChainTime {
    fn seconds(self) -> u64 {
        match self {
            Self::Now(time) | Self::AtLeast(time) => time.as_secs(),
        }
    }

    fn is_known(self) -> bool {
        matches!(self, Self::Now(_))
    }
}

/// Parameters of the verification of a chain, the same for all of its certificates.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct ChainOptions<'a> {
    /// The trust anchors: the chain must lead to one of them.
    pub anchors: &'a [Anchor<'a>],
    /// The role of the peer.
    pub role: Role,
    /// The name that a server's certificate must be for; servers are refused without it.
    pub name: Option<&'a Name>,
    /// The time at which certificates must be valid.
    pub time: ChainTime,
    /// The signature algorithms accepted in certificates.
    pub algorithms: &'a [&'static dyn Verify],
    /// SHA-256.
    pub sha256: &'a dyn Hash,
}

impl<'a> ChainOptions<'a> {
    /// For a peer of that role, without a name.
    pub const fn new(
        anchors: &'a [Anchor<'a>],
        role: Role,
        time: ChainTime,
        algorithms: &'a [&'static dyn Verify],
        sha256: &'a dyn Hash,
    ) -> Self {
        Self { anchors, role, name: None, time, algorithms, sha256 }
    }

    /// Sets the name that the certificate must be for.
    #[must_use]
    pub const fn with_name(mut self, name: Option<&'a Name>) -> Self {
        self.name = name;
        self
    }
}

impl fmt::Debug for ChainOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainOptions")
            .field("role", &self.role)
            .field("name", &self.name)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

/// Verifies the chain of one peer. It owns what it keeps, so that it can wait for the next certificate anywhere.
///
/// ```
/// # use handclasp_trust::chain::{Anchor, ChainOptions, ChainTime, ChainVerifier};
/// # use handclasp_trust::VerifiedKey;
/// # fn verify(options: &ChainOptions<'_>, chain: &[&[u8]]) -> Result<VerifiedKey, handclasp_report::CertificateError> {
/// let mut verifier = ChainVerifier::new();
/// for certificate in chain {
///     verifier.certificate(options, certificate)?;
/// }
/// verifier.finish(options)
/// # }
/// ```
pub struct ChainVerifier {
    /// Certificates and bytes taken.
    count: u8,
    bytes: usize,
    signatures: u8,
    /// Intermediates on the path.
    intermediates: u8,
    /// The leaf, from the first certificate on.
    leaf: Option<Leaf>,
    /// The last certificate on the path, while its issuer is awaited; `None` once an anchor signed it.
    awaited: Option<Awaited>,
    /// The earliest notAfter on the path.
    not_after: u64,
    /// The first fault of a certificate that could have been the next on the path.
    fault: Option<CertificateFault>,
    /// The date that its certificate missed, if that is the fault.
    limit: u64,
    /// The first issuer on the path that must not issue; counts only if the path is complete, as on hosts.
    issuers: Result<(), CertificateFault>,
}

/// What stays of the leaf.
struct Leaf {
    spki: Vec<u8>,
    is_self_issued: bool,
    /// Whether it is for the name of the peer and has a key that TLS can use; counts only if the path is
    /// complete, as on hosts.
    verdict: Result<(), CertificateFault>,
}

impl ChainVerifier {
    /// For a chain whose first certificate follows.
    pub const fn new() -> Self {
        Self {
            count: 0,
            bytes: 0,
            signatures: 0,
            intermediates: 0,
            leaf: None,
            awaited: None,
            not_after: u64::MAX,
            fault: None,
            limit: 0,
            issuers: Ok(()),
        }
    }

    /// Takes the next certificate (DER), leaf first. The options are the same for all certificates of a chain.
    ///
    /// # Errors
    /// A leaf that is refused by itself, or too many certificates. A fault of another certificate is an error
    /// of [`ChainVerifier::finish`], since a later certificate may be the issuer.
    pub fn certificate(&mut self, options: &ChainOptions<'_>, der: &[u8]) -> Result<(), CertificateError> {
        let index = self.count;
        self.count = self.count.saturating_add(1);
        self.bytes = self.bytes.saturating_add(der.len());
        if usize::from(index) >= CHAIN_MAX || self.bytes > CHAIN_MAX_BYTES {
            // So that an error that the caller ignores does not end in trust.
            self.leaf = None;
            return Err(CertificateFault::Budget.into());
        }
        let mut missed = 0;
        match self.take(options, der, index, &mut missed) {
            Ok(()) => Ok(()),
            Err(fault) if index == 0 => Err(error(fault, missed, options)),
            Err(fault) => {
                self.note(fault, missed);
                Ok(())
            }
        }
    }

    /// The verdict on the certificates taken. A second call finds no certificate.
    ///
    /// # Errors
    /// Why the peer is not trusted.
    pub fn finish(&mut self, options: &ChainOptions<'_>) -> Result<VerifiedKey, CertificateError> {
        let spki = self.verdict().map_err(|fault| error(fault, self.limit, options))?;
        let not_after = UnixTime::since_unix_epoch(Duration::from_secs(self.not_after));
        Ok(VerifiedKey::new(SubjectPublicKeyInfoDer::from(spki), Some(not_after), options.sha256))
    }

    /// The key of the leaf, if it is trusted.
    fn verdict(&mut self) -> Result<Vec<u8>, CertificateFault> {
        let leaf = self.leaf.take().ok_or(CertificateFault::Malformed { index: 0 })?;
        if self.awaited.is_some() {
            let unknown = CertificateFault::UnknownIssuer { self_signed: leaf.is_self_issued };
            return Err(self.fault.unwrap_or(unknown));
        }
        self.issuers?;
        leaf.verdict?;
        Ok(leaf.spki)
    }

    /// Takes a certificate: the leaf, the issuer that is awaited, or one that does not matter.
    fn take(
        &mut self,
        options: &ChainOptions<'_>,
        der: &[u8],
        index: u8,
        missed: &mut u64,
    ) -> Result<(), CertificateFault> {
        let is_leaf = index == 0;
        if !is_leaf && self.awaited.is_none() {
            return Ok(());
        }
        let certificate = Certificate::read(der).map_err(|_| CertificateFault::Malformed { index })?;
        if !is_leaf {
            // Certificates of version 1 may be roots that the peer sends, and issue nothing.
            let is_next = self.awaited.as_ref().is_some_and(|awaited| awaited.issuer == certificate.subject);
            if !certificate.is_v3 || !is_next {
                return Ok(());
            }
            if self.intermediates >= INTERMEDIATES_MAX {
                return Err(CertificateFault::PathTooLong { limit: INTERMEDIATES_MAX });
            }
        } else if !certificate.is_v3 {
            // Certificates of version 1 have no names; without them a CA cannot be told from a leaf.
            return Err(match options.role {
                Role::Server => CertificateFault::NameMismatch { names: 0 },
                Role::Client => CertificateFault::Malformed { index: 0 },
            });
        }
        let mut facts = Facts::default();
        facts.check(&certificate, options.time, index, missed)?;
        if is_leaf {
            check_not_a_ca(&certificate, der, &facts, options)?;
        } else if !facts.is_ca || facts.path_len.is_some_and(|length| length < self.intermediates) {
            return Err(CertificateFault::ConstraintViolated);
        }
        facts.check_purpose(options.role, index)?;
        if is_leaf {
            self.leaf = Some(Leaf {
                spki: certificate.spki.to_vec(),
                is_self_issued: certificate.is_self_issued(),
                verdict: check_leaf(&certificate, &facts, options),
            });
        } else {
            self.verify(certificate.spki, options)?;
            self.issuers = self.issuers.and_then(|()| facts.check_issuing(index));
            self.intermediates = self.intermediates.saturating_add(1);
        }
        self.not_after = self.not_after.min(facts.not_after);
        self.extend(&certificate, options);
        Ok(())
    }

    /// Adds a certificate to the path, and looks for an anchor that signed it.
    fn extend(&mut self, certificate: &Certificate<'_>, options: &ChainOptions<'_>) {
        self.fault = None;
        self.awaited = Some(Awaited::new(certificate, options.algorithms));
        for anchor in options.anchors.iter().filter(|anchor| anchor.subject == certificate.issuer) {
            match self.verify(anchor.spki, options) {
                Ok(()) => {
                    self.awaited = None;
                    return;
                }
                // Many certificates are named `CN=localhost`: it shares its name with an anchor, but not its key.
                Err(_) if certificate.is_self_issued() && certificate.spki != anchor.spki => {}
                Err(fault) => self.note(fault, 0),
            }
        }
    }

    /// Verifies the signature of the last certificate on the path under this key.
    fn verify(&mut self, spki: &[u8], options: &ChainOptions<'_>) -> Result<(), CertificateFault> {
        let Some(awaited) = &self.awaited else { return Ok(()) };
        self.signatures = self.signatures.saturating_add(1);
        if self.signatures > SIGNATURES_MAX {
            return Err(CertificateFault::Budget);
        }
        awaited.verify(spki, options.algorithms)
    }

    /// Keeps the first fault, but prefers others to a certificate that does not parse: it may belong to another
    /// chain.
    fn note(&mut self, fault: CertificateFault, limit: u64) {
        if matches!(self.fault, None | Some(CertificateFault::Malformed { .. })) {
            (self.fault, self.limit) = (Some(fault), limit);
        }
    }
}

/// A fault with the dates that are its evidence.
fn error(fault: CertificateFault, limit: u64, options: &ChainOptions<'_>) -> CertificateError {
    match fault {
        CertificateFault::Expired | CertificateFault::NotYetValid => {
            fault.with(Evidence::Dates { limit, now: options.time.seconds() })
        }
        other => other.into(),
    }
}

/// Refuses a leaf that is a CA, except a trust anchor that is its own peer: `openssl req -x509` marks every
/// self-signed certificate as a CA. Most of them are just unknown.
fn check_not_a_ca(
    leaf: &Certificate<'_>,
    der: &[u8],
    facts: &Facts<'_>,
    options: &ChainOptions<'_>,
) -> Result<(), CertificateFault> {
    if !facts.is_ca {
        return Ok(());
    }
    if !leaf.is_self_issued() {
        return Err(CertificateFault::CaUsedAsLeaf);
    }
    let mut refused = CertificateFault::UnknownIssuer { self_signed: true };
    for anchor in options.anchors.iter().filter(|anchor| anchor.spki == leaf.spki) {
        if anchor.certificate == Some(der) {
            return Ok(());
        }
        if anchor.subject == leaf.subject {
            refused = CertificateFault::CaUsedAsLeaf;
        }
    }
    Err(refused)
}

/// Checks the names of the leaf and its key.
fn check_leaf(
    leaf: &Certificate<'_>,
    facts: &Facts<'_>,
    options: &ChainOptions<'_>,
) -> Result<(), CertificateFault> {
    if let Some(name) = options.name {
        match facts.subject_alt_name.map_or(Ok((false, 0)), |value| names::find(value, name)) {
            Ok((true, _)) => {}
            Ok((false, names)) => return Err(CertificateFault::NameMismatch { names }),
            Err(_) => return Err(CertificateFault::Malformed { index: 0 }),
        }
    } else if options.role == Role::Server {
        return Err(CertificateFault::NoExpectedName);
    }
    facts.check_usage(KeyUsage::permits_signatures, CertificateFault::WrongUsage, 0)?;
    leaf::check(leaf.spki)
}

impl Default for ChainVerifier {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ChainVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainVerifier").field("count", &self.count).finish_non_exhaustive()
    }
}
