//! Roots of trust (RFC 5280 §6.1.1 (d)): passed by the caller, or those of the operating system.

use alloc::{string::String, vec::Vec};
use core::fmt;

use handclasp_crypto::{Digest, Hash};
use rustls_pki_types::{
    CertificateDer, TrustAnchor,
    pem::{self, PemObject},
};

use crate::Crls;

/// Root certificates (trust anchors) of web PKI.
#[derive(Clone, Default)]
pub struct Roots {
    /// Name, key and name constraints of each root.
    pub(crate) anchors: Vec<TrustAnchor<'static>>,
    /// The certificates that the caller passed: a peer may send one of them as its own, see
    /// `directly_trusted`. Those of the system are not kept: public CAs are not TLS peers.
    given: Vec<CertificateDer<'static>>,
    /// Revocation lists of the CAs below these roots.
    pub(crate) crls: Option<Crls>,
}

/// Why the roots did not load.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RootsError {
    /// The list or text contains no certificate.
    Empty,
    /// A certificate that does not parse.
    Malformed {
        /// Its index, from 0.
        index: usize,
    },
    /// The text is not valid PEM.
    Pem {
        /// A sentence for people.
        reason: String,
    },
    /// A file cannot be read or its content is invalid.
    File {
        /// The path of the file.
        path: String,
        /// A sentence for people.
        reason: String,
    },
    /// The operating system has no roots, or they cannot be read.
    System {
        /// A sentence for people.
        reason: String,
    },
}

impl Roots {
    /// From certificates.
    ///
    /// # Errors
    /// An empty list, or a certificate that does not parse.
    pub fn from_der(certificates: &[CertificateDer<'_>]) -> Result<Self, RootsError> {
        let mut roots = Self::default();
        for (index, certificate) in certificates.iter().enumerate() {
            roots.anchors.push(anchor(certificate).ok_or(RootsError::Malformed { index })?);
            roots.given.push(certificate.clone().into_owned());
        }
        if roots.given.is_empty() { Err(RootsError::Empty) } else { Ok(roots) }
    }

    /// From all certificates of a PEM text, or from one certificate as DER.
    ///
    /// # Errors
    /// Invalid PEM, a text without a certificate, or a certificate that does not parse.
    pub fn from_pem(pem: &[u8]) -> Result<Self, RootsError> {
        // DER begins with a SEQUENCE, whose tag is a printable '0' that no PEM begins with.
        if pem.first() == Some(&crate::der::SEQUENCE) {
            return Self::from_der(&[CertificateDer::from(pem)]);
        }
        let certificates: Result<Vec<CertificateDer<'_>>, pem::Error> =
            CertificateDer::pem_slice_iter(pem).collect();
        let certificates = certificates.map_err(|error| RootsError::Pem { reason: pem_reason(&error) })?;
        Self::from_der(&certificates)
    }

    /// From a file with PEM or DER, as [`Roots::from_pem`].
    ///
    /// # Errors
    /// As [`Roots::from_pem`], or a file that cannot be read.
    #[cfg(feature = "std")]
    pub fn from_pem_file(path: impl AsRef<std::path::Path>) -> Result<Self, RootsError> {
        use alloc::string::ToString;

        let path = path.as_ref();
        let file = |reason: String| RootsError::File { path: path.display().to_string(), reason };
        let bytes = std::fs::read(path).map_err(|error| file(error.to_string()))?;
        Self::from_pem(&bytes).map_err(|error| file(error.to_string()))
    }

    /// The roots of the operating system, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    /// Certificates that do not parse are skipped: every large store has some.
    ///
    /// # Errors
    /// No root was found.
    #[cfg(feature = "std")]
    pub fn system() -> Result<Self, RootsError> {
        use alloc::string::ToString;

        let found = rustls_native_certs::load_native_certs();
        let anchors: Vec<_> = found.certs.iter().filter_map(anchor).collect();
        if anchors.is_empty() {
            let reason = match found.errors.first() {
                Some(error) => error.to_string(),
                None => String::from("it has none (on Linux they are in the package ca-certificates)"),
            };
            return Err(RootsError::System { reason });
        }
        Ok(Self { anchors, ..Self::default() })
    }

    /// These roots and those of `other`.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.anchors.extend(other.anchors);
        self.given.extend(other.given);
        self.crls = match (self.crls, other.crls) {
            (Some(crls), Some(others)) => Some(crls.and(others)),
            (crls, others) => crls.or(others),
        };
        self
    }

    /// Refuses certificates that these lists name, or whose issuer none of them is of. In addition to
    /// lists given before.
    ///
    /// ```
    /// use handclasp_trust::{Crls, Roots, Trust};
    ///
    /// # fn trust() -> Result<Trust, Box<dyn std::error::Error>> {
    /// let crls = Crls::from_pem_file("ca.crl")?;
    /// let trust = Trust::WebPki(Roots::from_pem_file("ca.pem")?.with_crls(crls));
    /// # Ok(trust)
    /// # }
    /// ```
    #[must_use]
    pub fn with_crls(mut self, crls: Crls) -> Self {
        self.crls = Some(match self.crls {
            Some(before) => crls.and(before),
            None => crls,
        });
        self
    }

    /// The revocation lists, if there are any.
    pub fn crls(&self) -> Option<&Crls> {
        self.crls.as_ref()
    }

    /// The subjects of the roots (DER), as in certificate_authorities (RFC 8446 §4.2.4).
    pub fn names(&self) -> Vec<Vec<u8>> {
        self.anchors.iter().map(|anchor| crate::der::sequence(&anchor.subject)).collect()
    }

    /// A hash of the names and keys of the roots, and of the revocation lists, that does not depend on
    /// their order.
    pub fn digest(&self, hash: &dyn Hash) -> Digest {
        let each = |anchor: &TrustAnchor<'_>| {
            let constraints = anchor.name_constraints.as_ref().map_or(&[][..], |der| der.as_ref());
            hash.hash(&[
                &hash.hash(&[&anchor.subject]),
                &hash.hash(&[&anchor.subject_public_key_info]),
                constraints,
            ])
        };
        let mut digests: Vec<Digest> = self.anchors.iter().map(each).collect();
        digests.sort_unstable();
        digests.dedup();
        let mut all: Vec<&[u8]> = digests.iter().map(|digest| &**digest).collect();
        let crls = self.crls.as_ref().map(|crls| crls.digest(hash));
        all.extend(crls.as_deref());
        hash.hash(&all)
    }

    /// The number of roots.
    pub fn len(&self) -> usize {
        self.anchors.len()
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }

    /// Whether the caller passed exactly this certificate.
    pub(crate) fn contains(&self, der: &[u8]) -> bool {
        self.given.iter().any(|given| given.as_ref() == der)
    }
}

/// The trust anchor of a certificate. Its other fields are not checked (RFC 5280 §6.2): certificates
/// of version 1 and expired ones are roots too.
fn anchor(der: &CertificateDer<'_>) -> Option<TrustAnchor<'static>> {
    webpki::anchor_from_trusted_cert(der).ok().map(|anchor| anchor.to_owned())
}

/// A description without the bytes that the library prints as numbers.
pub(crate) fn pem_reason(error: &pem::Error) -> String {
    String::from(match error {
        pem::Error::MissingSectionEnd { .. } => "a section has no END line; was the file truncated?",
        pem::Error::IllegalSectionStart { .. } => "a BEGIN line is damaged",
        pem::Error::Base64Decode(_) => "the base64 of a section is damaged",
        _ => "it cannot be read",
    })
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roots").field("len", &self.len()).field("crls", &self.crls).finish()
    }
}

/// As `Display`: what `?` in `main` prints.
impl fmt::Debug for RootsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for RootsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "no certificate found; expected -----BEGIN CERTIFICATE-----"),
            Self::Malformed { index } => {
                write!(f, "certificate {} does not parse", index.saturating_add(1))
            }
            Self::Pem { reason } => write!(f, "not readable as PEM: {reason}"),
            Self::File { path, reason } => write!(f, "roots from {path}: {reason}"),
            Self::System { reason } => write!(f, "the roots of the operating system: {reason}"),
        }
    }
}

impl core::error::Error for RootsError {}
