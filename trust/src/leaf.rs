//! The public key of a certificate: what every kind of trust in certificates ends with, and what
//! the peer must then prove to hold.

use alloc::vec::Vec;

use handclasp_crypto::{PublicKey, SpkiError};
use handclasp_report::CertificateFault;
use rustls_pki_types::CertificateDer;

use crate::{
    der::{INTEGER, sequence, whole_sequence},
    extension::key_usage,
};

/// Bits of an RSA modulus that we accept: below 2048 NIST SP 800-131A disallows it, above 8192
/// one verification takes long enough to tire us; both are the limits of the providers too.
const RSA_BITS: core::ops::RangeInclusive<usize> = 2048..=8192;

/// The leaf's SubjectPublicKeyInfo, outer SEQUENCE included, when its key is of use to TLS.
/// Parsed as a root is: pins also hold for devices with certificates of version 1.
pub(crate) fn key(leaf: &[u8]) -> Result<Vec<u8>, CertificateFault> {
    let malformed = CertificateFault::Malformed { index: 0 };
    let der = CertificateDer::from(leaf);
    let parsed = webpki::anchor_from_trusted_cert(&der).map_err(|_| malformed)?;
    // Its key is for signatures, which is all that we use it for (RFC 8446 §4.4.2.2). Who trusts the
    // certificate makes no difference: this is about what the key is for.
    if key_usage(leaf).map_err(|_| malformed)?.is_some_and(|usage| !usage.permits_signatures()) {
        return Err(CertificateFault::WrongUsage);
    }
    let spki = sequence(&parsed.subject_public_key_info);
    check(&spki).map(|()| spki)
}

/// Whether a SubjectPublicKeyInfo holds a key that is of use to TLS.
pub(crate) fn check(spki: &[u8]) -> Result<(), CertificateFault> {
    match PublicKey::from_spki(spki) {
        Ok(key) if too_small_or_large(&key) => Err(CertificateFault::UnsupportedKey),
        Ok(_) => Ok(()),
        Err(SpkiError::Unsupported) => Err(CertificateFault::UnsupportedKey),
        Err(SpkiError::Malformed) => Err(CertificateFault::Malformed { index: 0 }),
    }
}

/// Whether it is an RSA key outside of [`RSA_BITS`].
pub(crate) fn too_small_or_large(key: &PublicKey<'_>) -> bool {
    key.kind.is_rsa() && !modulus_bits(key.bits).is_some_and(|bits| RSA_BITS.contains(&bits))
}

/// Bits of the modulus of an RSAPublicKey (RFC 8017 §A.1.1).
fn modulus_bits(key: &[u8]) -> Option<usize> {
    let modulus = whole_sequence(key).ok()?.expect(INTEGER).ok()?.content;
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let significant = modulus.get(zeros..)?;
    let unused = usize::try_from(significant.first()?.leading_zeros()).ok()?;
    significant.len().checked_mul(8)?.checked_sub(unused)
}
