//! Verifies a signature of ours before it is used, and names a signature in the wrong encoding.

use handclasp_codec::SignatureScheme;

use crate::{KeyKind, PublicKey, SignError, Verify};

/// Verifies a signature over a whole message by the key of this SubjectPublicKeyInfo, with one of
/// `verify`.
///
/// # Errors
/// A key that does not parse, a scheme that `verify` lacks, or a signature that does not verify.
pub fn verify_signature(
    spki: &[u8],
    scheme: SignatureScheme,
    message: &[u8],
    signature: &[u8],
    verify: &[&dyn Verify],
) -> Result<(), SignError> {
    let key = PublicKey::from_spki(spki).map_err(|_| SignError::Failed)?;
    let fits = |verify: &&&dyn Verify| verify.scheme() == scheme && verify.key() == key.kind;
    let verify = verify.iter().find(fits).ok_or(SignError::Scheme(scheme))?;
    match verify.verify(key.bits, message, signature) {
        Ok(()) => Ok(()),
        Err(_) if is_raw_ecdsa(key.kind, signature) => Err(SignError::RawEcdsa),
        Err(_) => Err(SignError::DoesNotVerify),
    }
}

/// Whether an ECDSA signature is r and s concatenated, as PKCS#11 returns it, by its length. A DER
/// signature of that length starts with a SEQUENCE header that says so.
pub fn is_raw_ecdsa(kind: KeyKind, signature: &[u8]) -> bool {
    let raw = match kind {
        KeyKind::P256 => 64,
        KeyKind::P384 => 96,
        KeyKind::P521 => 132,
        KeyKind::Ed25519 | KeyKind::Rsa | KeyKind::RsaPss => return false,
    };
    let is_der = signature.starts_with(&[0x30])
        && signature.get(1).is_some_and(|length| usize::from(*length).saturating_add(2) == raw);
    signature.len() == raw && !is_der
}
