//! Why a peer's certificate, chain or key was not accepted.

use crate::Evidence;

/// A certificate that was not accepted: why, with the dates or the pin that its sentence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificateError {
    /// Why.
    pub fault: CertificateFault,
    /// The dates or the pin; `None` for most faults.
    pub evidence: Option<Evidence>,
}

impl From<CertificateFault> for CertificateError {
    fn from(fault: CertificateFault) -> Self {
        Self { fault, evidence: None }
    }
}

impl From<StapleFault> for CertificateError {
    fn from(fault: StapleFault) -> Self {
        CertificateFault::Staple(fault).into()
    }
}

impl From<CrlFault> for CertificateError {
    fn from(fault: CrlFault) -> Self {
        CertificateFault::Crl(fault).into()
    }
}

impl CertificateFault {
    /// The fault with its evidence; evidence that belongs to other faults is left out.
    pub fn with(self, evidence: Evidence) -> CertificateError {
        CertificateError { fault: self, evidence: Some(evidence) }
    }
}

/// Why a certificate was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateFault {
    /// The certificate at this place of the chain (0 is the leaf) does not parse.
    Malformed {
        /// Place in the chain.
        index: u8,
    },
    /// Past its notAfter. Evidence: notAfter and our clock, [`Evidence::Dates`].
    Expired,
    /// Before its notBefore. Evidence: notBefore and our clock, [`Evidence::Dates`].
    NotYetValid,
    /// No path to a root that we trust.
    UnknownIssuer {
        /// Whether the leaf is its own issuer.
        self_signed: bool,
    },
    /// The leaf is not for the name that we asked for.
    NameMismatch {
        /// How many names the leaf has (0: only a common name, or none).
        names: u8,
    },
    /// A signature within the chain does not verify.
    SignatureInvalid,
    /// A signature algorithm within the chain that we do not accept.
    WeakSignature,
    /// A key too small, or of a kind that we do not do.
    UnsupportedKey,
    /// An extended key usage that does not permit this role.
    WrongUsage,
    /// A CA in the chain that is none, or a path or name constraint violated.
    ConstraintViolated,
    /// The leaf is a CA certificate and must not be.
    CaUsedAsLeaf,
    /// Revoked, by a CRL or an OCSP response. Evidence: when it was revoked and our clock,
    /// [`Evidence::Dates`].
    Revoked,
    /// The key is not one of those pinned. Evidence: its pin, [`Evidence::Pin`].
    PinMismatch,
    /// A client whose certificate or raw key is in order, and whose key is not on the list of those that are
    /// accepted. Evidence: its pin, [`Evidence::Pin`].
    NotListed,
    /// A server whose key is not among the known ones, and that was not accepted as a new one. Evidence: its pin,
    /// [`Evidence::Pin`].
    NotKnown,
    /// The pin given is SHA-256 of the whole certificate (its fingerprint), where a pin is
    /// SHA-256 of the key in it. Evidence: what the pin must be, [`Evidence::Pin`].
    PinIsFingerprint,
    /// The certificate at this place of the chain has its notAfter before its notBefore.
    NeverValid {
        /// Place in the chain.
        index: u8,
    },
    /// Our program gave no name that a server's certificate must be for.
    NoExpectedName,
    /// This kind of trust cannot judge certificates (a pre-shared key was configured).
    NotConfigured,
    /// The chain was too long or too laborious to judge.
    Budget,
    /// An issuer whose keyUsage has no keyCertSign (RFC 5280 §6.1.4).
    IssuerMayNotSign {
        /// Place in the chain; 1 is the first above the leaf.
        index: u8,
    },
    /// The certificate promises an OCSP response (RFC 7633), we asked for it, and none came.
    NoStaple,
    /// The OCSP response that we asked for is of no use.
    Staple(StapleFault),
    /// More certificates between the leaf and a root than are walked.
    PathTooLong {
        /// How many are.
        limit: u8,
    },
    /// The revocation lists (CRLs) that we have do not prove that a certificate is not revoked.
    Crl(CrlFault),
}

/// Why revocation lists do not prove that a certificate is not revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrlFault {
    /// We have no list of the issuer of a certificate in the chain.
    Missing,
    /// The list is not signed by the issuer of the certificate.
    NotAuthentic,
    /// The list is signed by an algorithm that we do not accept.
    WeakSignature,
    /// The keyUsage of the issuer has no cRLSign (RFC 5280 §6.3.3 (f)).
    IssuerMayNotSign,
    /// Before its thisUpdate. Evidence: thisUpdate and our clock, [`Evidence::Dates`].
    NotYetValid,
    /// Past its nextUpdate. Evidence: nextUpdate and our clock, [`Evidence::Dates`].
    Outdated,
}

/// What is wrong with an OCSP response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StapleFault {
    /// It does not parse.
    Malformed,
    /// The responder could not answer.
    NotSuccessful,
    /// Not signed by the issuer of the certificate, nor by a responder of the issuer's.
    NotAuthentic,
    /// About other certificates.
    OtherCertificate,
    /// The responder does not know the certificate.
    Unknown,
    /// Before its thisUpdate. Evidence: thisUpdate and our clock, [`Evidence::Dates`].
    NotYetValid,
    /// Past its nextUpdate. Evidence: nextUpdate and our clock, [`Evidence::Dates`].
    Outdated,
    /// None came, and our program requires one of every peer.
    Missing,
}
