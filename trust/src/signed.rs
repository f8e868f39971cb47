//! Signatures of CRLs and OCSP responses, under the key of a certificate.

use rustls_pki_types::SignatureVerificationAlgorithm;

use crate::der::{Elements, Malformed, SEQUENCE};

/// Whether a signature verifies under the key of this SubjectPublicKeyInfo (its content). `algorithm` is the
/// content of the AlgorithmIdentifier.
pub(crate) fn verifies(
    supported: &[&dyn SignatureVerificationAlgorithm],
    spki: &[u8],
    algorithm: &[u8],
    data: &[u8],
    signature: &[u8],
) -> bool {
    let Ok((kind, bits)) = public_key(spki) else { return false };
    let fits = |one: &&&dyn SignatureVerificationAlgorithm| {
        one.signature_alg_id().as_ref() == algorithm && one.public_key_alg_id().as_ref() == kind
    };
    supported.iter().filter(fits).any(|one| one.verify_signature(bits, data, signature).is_ok())
}

/// AlgorithmIdentifier (its content) and bits of a SubjectPublicKeyInfo (its content).
pub(crate) fn public_key(spki: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let mut fields = Elements(spki);
    Ok((fields.expect(SEQUENCE)?, fields.expect_bytes()?))
}
