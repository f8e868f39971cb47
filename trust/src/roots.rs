//! Roots of trust (RFC 5280 §6.1.1 (d)): given by the caller, or the operating system's.

use alloc::{string::String, vec::Vec};
use core::fmt;

use handclasp_crypto::{Digest, Hash};
use rustls_pki_types::{
    CertificateDer, TrustAnchor,
    pem::{self, PemObject},
};

/// Certificates that a path may end in.
#[derive(Clone, Default)]
pub struct Roots {
    /// Name, key and name constraints of each, as paths need them.
    pub(crate) anchors: Vec<TrustAnchor<'static>>,
    /// The certificates that the caller gave, whole: a peer may show one of them itself, see
    /// `held`. The system's are not kept: no peer is a public CA.
    given: Vec<Vec<u8>>,
}

/// Why there are no roots.
#[derive(Clone, PartialEq, Eq)]
pub enum RootsError {
    /// No certificate in what was given.
    Empty,
    /// A certificate that does not parse.
    Malformed {
        /// Which, counted from 0.
        index: usize,
    },
    /// Not PEM.
    Pem {
        /// In words.
        reason: String,
    },
    /// A file that cannot be read, or what is wrong with its content.
    File {
        /// Its path.
        path: String,
        /// In words.
        reason: String,
    },
    /// The operating system has none, or they cannot be read.
    System {
        /// In words.
        reason: String,
    },
}

impl Roots {
    /// From certificates (DER).
    ///
    /// # Errors
    /// None given, or one that does not parse.
    pub fn from_der<C: AsRef<[u8]>>(certificates: &[C]) -> Result<Self, RootsError> {
        let mut roots = Self::default();
        for (index, certificate) in certificates.iter().enumerate() {
            let der = certificate.as_ref();
            roots.anchors.push(anchor(der).ok_or(RootsError::Malformed { index })?);
            roots.given.push(Vec::from(der));
        }
        if roots.given.is_empty() { Err(RootsError::Empty) } else { Ok(roots) }
    }

    /// From all certificates of a PEM text, or one certificate as DER.
    ///
    /// # Errors
    /// Not PEM, no certificate in it, or one that does not parse.
    pub fn from_pem(pem: &[u8]) -> Result<Self, RootsError> {
        // DER begins with a SEQUENCE, whose tag is a printable '0' that no PEM begins with.
        if pem.first() == Some(&crate::der::SEQUENCE) {
            return Self::from_der(&[pem]);
        }
        let certificates: Result<Vec<CertificateDer<'_>>, pem::Error> =
            CertificateDer::pem_slice_iter(pem).collect();
        let certificates = certificates.map_err(|error| RootsError::Pem { reason: pem_reason(&error) })?;
        Self::from_der(&certificates)
    }

    /// From a file, as [`Roots::from_pem`].
    ///
    /// # Errors
    /// As [`Roots::from_pem`], or the file cannot be read.
    #[cfg(feature = "std")]
    pub fn from_pem_file(path: impl AsRef<std::path::Path>) -> Result<Self, RootsError> {
        use alloc::string::ToString;

        let path = path.as_ref();
        let file = |reason: String| RootsError::File { path: path.display().to_string(), reason };
        let bytes = std::fs::read(path).map_err(|error| file(error.to_string()))?;
        Self::from_pem(&bytes).map_err(|error| file(error.to_string()))
    }

    /// The operating system's; `SSL_CERT_FILE` and `SSL_CERT_DIR` are respected. Certificates
    /// among them that do not parse are left out: every large store has some.
    ///
    /// # Errors
    /// There are none at all.
    #[cfg(feature = "std")]
    pub fn system() -> Result<Self, RootsError> {
        use alloc::string::ToString;

        let found = rustls_native_certs::load_native_certs();
        let anchors: Vec<_> = found.certs.iter().filter_map(|der| anchor(der)).collect();
        if anchors.is_empty() {
            let reason = match found.errors.first() {
                Some(error) => error.to_string(),
                None => String::from("it has none (on Linux they are in the package ca-certificates)"),
            };
            return Err(RootsError::System { reason });
        }
        Ok(Self { anchors, given: Vec::new() })
    }

    /// Both these and the others.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.anchors.extend(other.anchors);
        self.given.extend(other.given);
        self
    }

    /// Their names (DER), as lists of authorities hold them (RFC 8446 §4.2.4).
    pub fn names(&self) -> Vec<Vec<u8>> {
        self.anchors.iter().map(|anchor| crate::der::sequence(&anchor.subject)).collect()
    }

    /// Their names and keys, in brief and in whatever order they came.
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
        let all: Vec<&[u8]> = digests.iter().map(|digest| &**digest).collect();
        hash.hash(&all)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.anchors.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }

    /// Whether the caller gave exactly this certificate.
    pub(crate) fn holds(&self, der: &[u8]) -> bool {
        self.given.iter().any(|given| given == der)
    }
}

/// What a path needs of a root. Nothing of it is judged (RFC 5280 §6.2): being on the list is
/// what makes it a root, so also certificates of version 1 and expired ones are.
fn anchor(der: &[u8]) -> Option<TrustAnchor<'static>> {
    let der = CertificateDer::from(der);
    webpki::anchor_from_trusted_cert(&der).ok().map(|anchor| anchor.to_owned())
}

/// Without the bytes that the library would print as numbers.
fn pem_reason(error: &pem::Error) -> String {
    String::from(match error {
        pem::Error::MissingSectionEnd { .. } => "a section has no END line; was the file truncated?",
        pem::Error::IllegalSectionStart { .. } => "a BEGIN line is damaged",
        pem::Error::Base64Decode(_) => "the base64 of a section is damaged",
        _ => "it cannot be read",
    })
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roots").field("len", &self.len()).finish()
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
