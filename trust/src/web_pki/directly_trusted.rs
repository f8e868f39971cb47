//! A self-signed certificate that is itself in the list of roots: the caller passed to `--ca` the
//! certificate that the peer sends, which is how most people first try TLS.
//!
//! webpki builds a path from a leaf to a root. If both are the same certificate and it is marked as a
//! CA, webpki refuses the CA as a leaf. That rule (CA/Browser Forum, not RFC 5280) keeps CA keys out of
//! daily use; here the caller trusts this certificate, byte for byte. For certificates not marked as a
//! CA webpki finds the path, so this module is not used.
//!
//! webpki has checked the dates before, and the name is checked afterwards. This module verifies the
//! signature, so that a damaged file is reported as such, and the extended key usage.

use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use webpki::{EndEntityCert, Error};

use crate::{
    Role,
    der::{Elements, Malformed, SEQUENCE},
    extension::permits_purpose,
};

const SERVER_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x01";
const CLIENT_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x02";

/// Checks the extended key usage and the signature.
pub(crate) fn verify(
    leaf: &EndEntityCert<'_>,
    der: &CertificateDer<'_>,
    supported: &[&dyn SignatureVerificationAlgorithm],
    role: Role,
) -> Result<(), DirectTrustError> {
    let purpose = match role {
        Role::Server => SERVER_AUTH,
        Role::Client => CLIENT_AUTH,
    };
    if !permits_purpose(der, purpose).map_err(|_| Error::BadDer)? {
        return Err(DirectTrustError::Usage);
    }
    verify_own(leaf, der, supported)
}

/// Verifies the signature of a self-signed certificate under its own key.
pub(crate) fn verify_own(
    leaf: &EndEntityCert<'_>,
    der: &CertificateDer<'_>,
    supported: &[&dyn SignatureVerificationAlgorithm],
) -> Result<(), DirectTrustError> {
    let parts = Parts::of(der).map_err(|_| Error::BadDer)?;
    let mut last = Err(DirectTrustError::Algorithm);
    for algorithm in supported.iter().filter(|one| one.signature_alg_id().as_ref() == parts.algorithm) {
        last =
            leaf.verify_signature(*algorithm, parts.signed, parts.signature).map_err(DirectTrustError::from);
        // The same AlgorithmIdentifier may stand for another curve: try the next algorithm.
        if !matches!(
            last,
            Err(DirectTrustError::Other(Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)))
        ) {
            break;
        }
    }
    last
}

/// Why a directly trusted certificate is refused.
pub(crate) enum DirectTrustError {
    /// The extended key usage does not permit the role of the peer.
    Usage,
    /// The signature algorithm is not supported.
    Algorithm,
    /// An error of webpki.
    Other(Error),
}

impl From<Error> for DirectTrustError {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue } (RFC 5280 §4.1).
struct Parts<'a> {
    /// The tbsCertificate, with tag and length.
    signed: &'a [u8],
    /// Content of the AlgorithmIdentifier.
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(der: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Elements::of_sequence(der)?;
        let signed = fields.expect_whole(SEQUENCE)?;
        let (algorithm, signature) = (fields.expect(SEQUENCE)?, fields.expect_bytes()?);
        fields.end().map(|()| Self { signed, algorithm, signature })
    }
}
