//! Why revocation lists did not load.

use alloc::string::{String, ToString as _};
use core::fmt;

use crate::{der::Malformed, distinguished_name::dotted};

/// Why revocation lists did not load.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrlError {
    /// The text contains no list.
    Empty {
        /// What the first PEM section is, if there is one: `CERTIFICATE`.
        found: Option<String>,
    },
    /// The text is not valid PEM.
    Pem {
        /// A sentence for people.
        reason: String,
    },
    /// A list that cannot be used.
    List {
        /// Its index, from 0.
        index: usize,
        /// What is wrong with it.
        problem: CrlProblem,
    },
    /// A file cannot be read or its content is invalid.
    File {
        /// The path of the file.
        path: String,
        /// A sentence for people.
        reason: String,
    },
}

/// Why a revocation list cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrlProblem {
    /// It does not parse.
    Malformed,
    /// It is a certificate.
    Certificate,
    /// Its version is not 1 or 2.
    Version,
    /// It has no nextUpdate, so that it would never be outdated.
    NoNextUpdate,
    /// It lists only changes since another list (RFC 5280 §5.2.4).
    Delta,
    /// It is of certificates of other issuers (RFC 5280 §5.2.5).
    Indirect,
    /// It covers only some reasons (RFC 5280 §5.2.5).
    SomeReasons,
    /// It covers only attribute certificates (RFC 5280 §5.2.5).
    AttributeCertificates,
    /// The name of its distribution point is relative to that of the issuer.
    RelativeName,
    /// It has a critical extension that is not supported.
    CriticalExtension {
        /// The OID, in dotted form.
        id: String,
    },
}

impl CrlProblem {
    pub(super) fn critical(id: &[u8]) -> Self {
        Self::CriticalExtension { id: dotted(id) }
    }
}

impl From<Malformed> for CrlProblem {
    fn from(Malformed: Malformed) -> Self {
        Self::Malformed
    }
}

impl fmt::Display for CrlProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("it does not parse; `handclasp lint FILE` names the byte"),
            Self::Certificate => f.write_str("it is a certificate, not a revocation list"),
            Self::Version => f.write_str("its version is neither 1 nor 2"),
            Self::NoNextUpdate => f.write_str(
                "it has no nextUpdate, so that an old list could not be told from a new one (RFC 5280 \
                 §5.1.2.5)",
            ),
            Self::Delta => f.write_str(
                "it is a delta CRL, which lists only changes; use the complete CRL of the same issuer",
            ),
            Self::Indirect => f.write_str(
                "it is an indirect CRL, which lists certificates of other issuers; use the CRL that the \
                 certificate's issuer signs",
            ),
            Self::SomeReasons => f.write_str(
                "it covers only some reasons of revocation (onlySomeReasons); use a CRL that covers all",
            ),
            Self::AttributeCertificates => f.write_str("it is for attribute certificates only"),
            Self::RelativeName => f.write_str(
                "the name of its distribution point is relative to the issuer (nameRelativeToCRLIssuer), \
                 which is not supported",
            ),
            Self::CriticalExtension { id } => {
                write!(f, "it has the critical extension {id}, which is not supported")
            }
        }
    }
}

impl fmt::Display for CrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { found: None } => {
                f.write_str("no revocation list found; expected -----BEGIN X509 CRL----- or DER")
            }
            Self::Empty { found: Some(label) } => {
                write!(f, "no revocation list found; expected -----BEGIN X509 CRL-----, found {label}")
            }
            Self::Pem { reason } => write!(f, "not readable as PEM: {reason}"),
            Self::List { index: 0, problem } => write!(f, "{problem}"),
            Self::List { index, problem } => {
                write!(f, "revocation list {}: {problem}", index.saturating_add(1))
            }
            Self::File { path, reason } => write!(f, "{path}: {reason}"),
        }
    }
}

/// As `Display`: what `?` in `main` prints.
impl fmt::Debug for CrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_string())
    }
}

impl core::error::Error for CrlError {}
