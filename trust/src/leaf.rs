//! The public key of a leaf certificate, which the peer has to prove possession of.

use handclasp_crypto::{PublicKey, SpkiError};
use handclasp_report::CertificateFault;
use rustls_pki_types::SubjectPublicKeyInfoDer;

use crate::{
    der::{Elements, INTEGER},
    extension::KeyUsage,
    x509::{Certificate, KEY_USAGE},
};

/// Bits of an RSA modulus that we accept: below 2048 NIST SP 800-131A disallows it, above 8192
/// a verification takes long enough for a denial of service. The providers have the same limits.
const RSA_BITS: core::ops::RangeInclusive<usize> = 2048..=8192;

/// The leaf's SubjectPublicKeyInfo, outer SEQUENCE included, if TLS can use its key. Parsed as
/// leniently as a root: pins also accept devices with certificates of version 1.
pub(crate) fn key(leaf: &[u8]) -> Result<SubjectPublicKeyInfoDer<'static>, CertificateFault> {
    let leaf = Certificate::read(leaf).map_err(|_| CertificateFault::Malformed { index: 0 })?;
    check_usage(&leaf)?;
    check(leaf.spki).map(|()| SubjectPublicKeyInfoDer::from(leaf.spki.to_vec()))
}

/// Checks that the key is for signatures: TLS uses it for nothing else (RFC 8446 §4.4.2.2). The keyUsage is
/// checked for every kind of trust, pins included.
pub(crate) fn check_usage(leaf: &Certificate<'_>) -> Result<(), CertificateFault> {
    let usage = leaf.extensions.find(KEY_USAGE).and_then(|value| value.map(KeyUsage::read).transpose());
    match usage {
        Ok(Some(usage)) if !usage.permits_signatures() => Err(CertificateFault::WrongUsage),
        Ok(_) => Ok(()),
        Err(_) => Err(CertificateFault::Malformed { index: 0 }),
    }
}

/// Checks that TLS can use the key of a SubjectPublicKeyInfo.
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
    let modulus = Elements::of_sequence(key).ok()?.expect(INTEGER).ok()?;
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let significant = modulus.get(zeros..)?;
    let unused = usize::try_from(significant.first()?.leading_zeros()).ok()?;
    significant.len().checked_mul(8)?.checked_sub(unused)
}
