//! A chain verified certificate by certificate as it arrives (RFC 5280 §6), for devices: [`Trust`](crate::Trust)
//! needs the chain whole in memory, which takes a device 5 KB.
//!
//! Of a certificate stays what its issuer, the next certificate, has to confirm: the hash of the issuer's name,
//! the hash of the tbsCertificate and the signature; and the public key of the leaf. A certificate that is not the
//! issuer of the one before is skipped; once a certificate is signed by a trust anchor, the rest of the
//! chain does not matter.
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
mod time;

use alloc::vec::Vec;
use core::{fmt, time::Duration};

use handclasp_crypto::{Hash, Verify};
use handclasp_report::{CertificateError, CertificateFault, Evidence};
use rustls_pki_types::{SubjectPublicKeyInfoDer, UnixTime};

use crate::{CHAIN_MAX, CHAIN_MAX_BYTES, Name, Role, VerifiedKey, leaf, x509::Certificate};
pub use anchor::Anchor;
use awaited::Awaited;
use checks::Rules;

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

/// Parameters of the verification of a chain.
#[derive(Clone)]
#[non_exhaustive]
pub struct ChainOptions<'a> {
    /// The role of the peer.
    pub role: Role,
    /// The name that a server's certificate must be for; servers are refused without it.
    pub name: Option<Name>,
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
        role: Role,
        time: ChainTime,
        algorithms: &'a [&'static dyn Verify],
        sha256: &'a dyn Hash,
    ) -> Self {
        Self { role, name: None, time, algorithms, sha256 }
    }

    /// Sets the name that the certificate must be for.
    #[must_use]
    pub fn with_name(mut self, name: Option<Name>) -> Self {
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

/// Verifies the chain of one peer.
///
/// ```
/// # use handclasp_trust::chain::{Anchor, ChainOptions, ChainTime, ChainVerifier};
/// # use handclasp_trust::{Role, VerifiedKey};
/// # fn verify(root: &[u8], chain: &[&[u8]], options: ChainOptions<'_>) -> Result<VerifiedKey, handclasp_report::CertificateError> {
/// let anchors = [Anchor::from_certificate(root)?];
/// let mut verifier = ChainVerifier::new(&anchors, options);
/// for certificate in chain {
///     verifier.certificate(certificate)?;
/// }
/// verifier.finish()
/// # }
/// ```
pub struct ChainVerifier<'a> {
    anchors: &'a [Anchor<'a>],
    options: ChainOptions<'a>,
    /// Certificates and bytes taken.
    count: u8,
    bytes: usize,
    signatures: u8,
    /// The leaf, from the first certificate on.
    leaf: Option<Leaf>,
    /// Intermediates on the path.
    intermediates: u8,
    /// The earliest notAfter on the path.
    not_after: u64,
    path: Path,
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

/// How far the path has come.
enum Path {
    /// The issuer of the last certificate on the path is awaited.
    Open(Awaited),
    /// An anchor signed the last certificate on the path.
    Complete,
}

impl<'a> ChainVerifier<'a> {
    /// For a chain to one of these anchors.
    pub const fn new(anchors: &'a [Anchor<'a>], options: ChainOptions<'a>) -> Self {
        Self {
            anchors,
            options,
            count: 0,
            bytes: 0,
            signatures: 0,
            leaf: None,
            intermediates: 0,
            not_after: u64::MAX,
            path: Path::Complete,
            fault: None,
            limit: 0,
            issuers: Ok(()),
        }
    }

    /// Takes the next certificate (DER), leaf first.
    ///
    /// # Errors
    /// A leaf that is refused by itself, or too many certificates. A fault of another certificate is an error
    /// of [`ChainVerifier::finish`], since a later certificate may be the issuer.
    pub fn certificate(&mut self, der: &[u8]) -> Result<(), CertificateError> {
        self.take(der).map_err(|fault| self.with_evidence(fault))
    }

    fn take(&mut self, der: &[u8]) -> Result<(), CertificateFault> {
        let index = self.count;
        self.count = self.count.saturating_add(1);
        self.bytes = self.bytes.saturating_add(der.len());
        if usize::from(index) >= CHAIN_MAX || self.bytes > CHAIN_MAX_BYTES {
            // So that an error that the caller ignores does not end in trust.
            self.leaf = None;
            return Err(CertificateFault::Budget);
        }
        match &self.path {
            _ if index == 0 => self.take_leaf(der),
            Path::Complete => Ok(()),
            Path::Open(awaited) => {
                let Ok(issuer) = Certificate::read(der) else {
                    self.note(CertificateFault::Malformed { index }, 0);
                    return Ok(());
                };
                // Certificates of version 1 may be roots that the peer sends, and issue nothing.
                if issuer.is_v3 && awaited.issuer == self.options.sha256.hash(&[issuer.subject]) {
                    let mut limit = 0;
                    if let Err(fault) = self.take_issuer(&issuer, index, &mut limit) {
                        self.note(fault, limit);
                    }
                }
                Ok(())
            }
        }
    }

    /// The verdict on the certificates taken.
    ///
    /// # Errors
    /// Why the peer is not trusted.
    pub fn finish(mut self) -> Result<VerifiedKey, CertificateError> {
        let spki = self.verdict().map_err(|fault| self.with_evidence(fault))?;
        let not_after = UnixTime::since_unix_epoch(Duration::from_secs(self.not_after));
        Ok(VerifiedKey::new(SubjectPublicKeyInfoDer::from(spki), Some(not_after), self.options.sha256))
    }

    /// The key of the leaf, if it is trusted.
    fn verdict(&mut self) -> Result<Vec<u8>, CertificateFault> {
        let leaf = self.leaf.take().ok_or(CertificateFault::Malformed { index: 0 })?;
        if let Path::Open(_) = self.path {
            let unknown = CertificateFault::UnknownIssuer { self_signed: leaf.is_self_issued };
            return Err(self.fault.unwrap_or(unknown));
        }
        self.issuers?;
        leaf.verdict?;
        Ok(leaf.spki)
    }

    fn with_evidence(&self, fault: CertificateFault) -> CertificateError {
        match fault {
            CertificateFault::Expired | CertificateFault::NotYetValid => {
                fault.with(Evidence::Dates { limit: self.limit, now: self.options.time.seconds() })
            }
            other => other.into(),
        }
    }

    fn rules(&self, index: u8) -> Rules {
        Rules { role: self.options.role, time: self.options.time, index }
    }

    fn take_leaf(&mut self, der: &[u8]) -> Result<(), CertificateFault> {
        let malformed = CertificateFault::Malformed { index: 0 };
        let leaf = Certificate::read(der).map_err(|_| malformed)?;
        if !leaf.is_v3 {
            // Certificates of version 1 have no names; without them a CA cannot be told from a leaf.
            return Err(match self.options.role {
                Role::Server => CertificateFault::NameMismatch { names: 0 },
                Role::Client => malformed,
            });
        }
        let rules = self.rules(0);
        let checked = rules.check(&leaf, &mut self.limit)?;
        let is_self_issued = leaf.is_self_issued();
        if checked.is_ca
            && !(is_self_issued && self.anchors.iter().any(|anchor| anchor.certificate == Some(der)))
        {
            // `openssl req -x509` marks every self-signed certificate as a CA: most of them are just unknown.
            let is_known =
                self.anchors.iter().any(|one| one.subject == leaf.subject && one.spki == leaf.spki);
            return Err(match is_self_issued && !is_known {
                true => CertificateFault::UnknownIssuer { self_signed: true },
                false => CertificateFault::CaUsedAsLeaf,
            });
        }
        rules.check_purpose(&checked)?;
        let verdict = self
            .check_name(checked.extensions.subject_alt_name)
            .and_then(|()| leaf::check_usage(&leaf))
            .and_then(|()| leaf::check(leaf.spki));
        self.leaf = Some(Leaf { spki: leaf.spki.to_vec(), is_self_issued, verdict });
        self.extend(&leaf, checked.not_after);
        Ok(())
    }

    /// Checks the names of the leaf, by the value of its subjectAltName.
    fn check_name(&self, names: Option<&[u8]>) -> Result<(), CertificateFault> {
        let name = match (&self.options.name, self.options.role) {
            (Some(name), _) => name,
            (None, Role::Client) => return Ok(()),
            (None, Role::Server) => return Err(CertificateFault::NoExpectedName),
        };
        match names.map_or(Ok((false, 0)), |value| names::find(value, name)) {
            Ok((true, _)) => Ok(()),
            Ok((false, names)) => Err(CertificateFault::NameMismatch { names }),
            Err(_) => Err(CertificateFault::Malformed { index: 0 }),
        }
    }

    /// Takes a certificate with the name of the awaited issuer.
    fn take_issuer(
        &mut self,
        issuer: &Certificate<'_>,
        index: u8,
        limit: &mut u64,
    ) -> Result<(), CertificateFault> {
        if self.intermediates >= INTERMEDIATES_MAX {
            return Err(CertificateFault::PathTooLong { limit: INTERMEDIATES_MAX });
        }
        let rules = self.rules(index);
        let checked = rules.check_issuer(issuer, self.intermediates, limit)?;
        self.verify(issuer.spki)?;
        self.issuers = self.issuers.and_then(|()| rules.check_issuing(&checked));
        self.intermediates = self.intermediates.saturating_add(1);
        self.extend(issuer, checked.not_after);
        Ok(())
    }

    /// Adds a certificate to the path, and looks for an anchor that signed it.
    fn extend(&mut self, certificate: &Certificate<'_>, not_after: u64) {
        self.not_after = self.not_after.min(not_after);
        self.fault = None;
        self.path = Path::Open(Awaited::new(certificate, &self.options));
        for anchor in self.anchors.iter().filter(|anchor| anchor.subject == certificate.issuer) {
            match self.verify(anchor.spki) {
                Ok(()) => {
                    self.path = Path::Complete;
                    return;
                }
                // Many certificates are named `CN=localhost`: it shares its name with an anchor, but not its key.
                Err(_) if certificate.is_self_issued() && certificate.spki != anchor.spki => {}
                Err(fault) => self.note(fault, 0),
            }
        }
    }

    /// Verifies the signature of the last certificate on the path under this key.
    fn verify(&mut self, spki: &[u8]) -> Result<(), CertificateFault> {
        let Path::Open(awaited) = &self.path else { return Ok(()) };
        self.signatures = self.signatures.saturating_add(1);
        if self.signatures > SIGNATURES_MAX {
            return Err(CertificateFault::Budget);
        }
        awaited.verify(spki, self.options.algorithms)
    }

    /// Keeps the first fault, but prefers others to a certificate that does not parse: it may belong to another
    /// chain.
    fn note(&mut self, fault: CertificateFault, limit: u64) {
        if matches!(self.fault, None | Some(CertificateFault::Malformed { .. })) {
            (self.fault, self.limit) = (Some(fault), limit);
        }
    }
}

impl fmt::Debug for ChainVerifier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainVerifier")
            .field("options", &self.options)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}
