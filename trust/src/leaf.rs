//! The public key of a certificate: what every kind of trust in certificates ends with, and what
//! the peer must then prove to hold.
//! Called by `judge` and `fault`.

use alloc::vec::Vec;

use handclasp_crypto::{KeyKind, PublicKey, SpkiError};
use handclasp_report::CertificateFault;
use rustls_pki_types::CertificateDer;

use crate::der::{
    BIT_STRING, CONTEXT_3, Elements, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, sequence,
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
    if !may_sign(leaf) {
        return Err(CertificateFault::WrongUsage);
    }
    let spki = sequence(&parsed.subject_public_key_info);
    check(&spki).map(|()| spki)
}

/// Whether the key may be used for signatures, which is all that we use it for: keyUsage, where
/// it stands, says digitalSignature (RFC 8446 §4.4.2.2, RFC 5280 §4.2.1.3). Whom the caller
/// trusts makes no difference: this is about what the key is for.
fn may_sign(leaf: &[u8]) -> bool {
    const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
    const DIGITAL_SIGNATURE: u8 = 0x80;
    let usage = || {
        let value = extension(leaf, KEY_USAGE)?;
        Elements(value).expect(BIT_STRING)?.content.get(1).copied()
    };
    usage().is_none_or(|bits| bits & DIGITAL_SIGNATURE != 0)
}

/// The value of an extension of a certificate (RFC 5280 §4.2), by its identifier.
pub(crate) fn extension<'a>(certificate: &'a [u8], id: &[u8]) -> Option<&'a [u8]> {
    let tbs = Elements(Elements(certificate).expect(SEQUENCE)?.content).expect(SEQUENCE)?;
    let tagged = Elements(tbs.content).find(|field| field.tag == CONTEXT_3)?;
    Elements(Elements(tagged.content).expect(SEQUENCE)?.content).find_map(|extension| {
        let mut fields = Elements(extension.content);
        fields.expect(OBJECT_IDENTIFIER).filter(|found| found.content == id)?;
        fields.find(|field| field.tag == OCTET_STRING).map(|value| value.content)
    })
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
    key.kind == KeyKind::Rsa && !modulus_bits(key.bits).is_some_and(|bits| RSA_BITS.contains(&bits))
}

/// Bits of the modulus of an RSAPublicKey (RFC 8017 §A.1.1).
fn modulus_bits(key: &[u8]) -> Option<usize> {
    let inner = Elements(key).expect(SEQUENCE)?;
    let modulus = Elements(inner.content).expect(INTEGER)?.content;
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let significant = modulus.get(zeros..)?;
    let unused = usize::try_from(significant.first()?.leading_zeros()).ok()?;
    significant.len().checked_mul(8)?.checked_sub(unused)
}
