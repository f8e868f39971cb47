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
    fitting(supported, kind, algorithm).any(|one| one.verify_signature(bits, data, signature).is_ok())
}

/// Whether one of these algorithms can verify such a signature under this key.
pub(crate) fn supports(
    supported: &[&dyn SignatureVerificationAlgorithm],
    spki: &[u8],
    algorithm: &[u8],
) -> bool {
    public_key(spki).is_ok_and(|(kind, _)| fitting(supported, kind, algorithm).next().is_some())
}

fn fitting<'a>(
    supported: &'a [&'a dyn SignatureVerificationAlgorithm],
    kind: &'a [u8],
    algorithm: &'a [u8],
) -> impl Iterator<Item = &'a &'a dyn SignatureVerificationAlgorithm> {
    supported.iter().filter(move |one| {
        one.signature_alg_id().as_ref() == algorithm && one.public_key_alg_id().as_ref() == kind
    })
}

/// AlgorithmIdentifier (its content) and bits of a SubjectPublicKeyInfo (its content).
pub(crate) fn public_key(spki: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let mut fields = Elements(spki);
    Ok((fields.expect(SEQUENCE)?, fields.expect_bytes()?))
}
