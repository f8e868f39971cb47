//! A self-signed certificate that the caller holds itself: `--ca` with the very certificate that
//! the peer shows, which is how most people first try TLS.
//!
//! webpki walks from a leaf to a root; where the two are one and marked as a CA's, it refuses
//! the CA as a leaf. That rule (CA/Browser Forum, not RFC 5280) protects against a CA's key in
//! daily use; here the caller has named this certificate, every byte of it, so nothing is left
//! to protect. Certificates not marked as a CA's never come here: webpki finds the path.
//!
//! Dates were judged before (webpki looks at them first) and the name is judged after. What is
//! left: the signature, so that a damaged file is told as such and both kinds are treated alike,
//! and the extended key usage, if there is one.

use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use webpki::{EndEntityCert, Error};

use crate::{
    Role,
    der::{BIT_STRING, Malformed, SEQUENCE, whole_sequence},
    extension::permits_purpose,
};

const SERVER_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x01";
const CLIENT_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x02";

/// Judges what webpki did not come to.
pub(crate) fn judge(
    leaf: &EndEntityCert<'_>,
    der: &CertificateDer<'_>,
    supported: &[&dyn SignatureVerificationAlgorithm],
    role: Role,
) -> Result<(), Held> {
    let purpose = match role {
        Role::Server => SERVER_AUTH,
        Role::Client => CLIENT_AUTH,
    };
    if !permits_purpose(der, purpose).map_err(|_| Error::BadDer)? {
        return Err(Held::Usage);
    }
    verify_own(leaf, der, supported)
}

/// Verifies a self-signed certificate's signature under its own key.
pub(crate) fn verify_own(
    leaf: &EndEntityCert<'_>,
    der: &CertificateDer<'_>,
    supported: &[&dyn SignatureVerificationAlgorithm],
) -> Result<(), Held> {
    let parts = Parts::of(der).map_err(|_| Error::BadDer)?;
    let mut last = Err(Held::Algorithm);
    for algorithm in supported.iter().filter(|one| one.signature_alg_id().as_ref() == parts.algorithm) {
        last = leaf.verify_signature(*algorithm, parts.signed, parts.signature).map_err(Held::from);
        // Another curve under the same name of a signature may still be the key's.
        if !matches!(last, Err(Held::Other(Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)))) {
            break;
        }
    }
    last
}

/// Why it is not accepted.
pub(crate) enum Held {
    /// An extended key usage that does not permit the role.
    Usage,
    /// Signed with something that we do not verify.
    Algorithm,
    /// As webpki says.
    Other(Error),
}

impl From<Error> for Held {
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
        let mut fields = whole_sequence(der)?;
        let tbs = fields.expect(SEQUENCE)?;
        let algorithm = fields.expect(SEQUENCE)?.content;
        let (_unused_bits, signature) = fields.expect(BIT_STRING)?.content.split_first().ok_or(Malformed)?;
        fields.end().map(|()| Self { signed: tbs.whole, algorithm, signature })
    }
}
