//! Certificates and private keys out of what people have: PEM (RFC 7468), several sections in
//! one file, or DER; keys as PKCS#8 (RFC 5958), SEC1 (RFC 5915) or PKCS#1 (RFC 8017).

use alloc::vec::Vec;

use handclasp_crypto::KeyEncoding;
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{self, PemObject, SectionKind},
};
use zeroize::Zeroizing;

use crate::{
    Cause, Found, Input,
    found::{SEQUENCE, legacy_encrypted},
};

/// A private key, not yet loaded.
pub(crate) struct KeyInput {
    pub(crate) encoding: KeyEncoding,
    pub(crate) der: Zeroizing<Vec<u8>>,
}

/// All certificates, in the order in which they stand.
pub(crate) fn certificates(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Cause> {
    let input = Input::Certificate;
    if bytes.first() == Some(&SEQUENCE) {
        return match Found::of(bytes) {
            // What is no certificate by its tags may still be a damaged one.
            Found::Certificate | Found::Der => Ok(Vec::from([Vec::from(bytes)])),
            found => Err(Cause::NotExpected { input, found }),
        };
    }
    let mut certificates = Vec::new();
    for section in sections(bytes) {
        match section {
            Ok((SectionKind::Certificate, der)) => certificates.push(der),
            Ok((_, other)) => drop(Zeroizing::new(other)),
            // Certificate and key in one file, the key encrypted: not this one's business.
            Err(_) if legacy_encrypted(bytes) => {}
            Err(_) => return Err(Cause::BrokenPem { input }),
        }
    }
    if certificates.is_empty() {
        return Err(Cause::NotExpected { input, found: Found::of(bytes) });
    }
    Ok(certificates)
}

/// The first private key.
pub(crate) fn key(bytes: &[u8]) -> Result<KeyInput, Cause> {
    let input = Input::Key;
    if bytes.first() == Some(&SEQUENCE) {
        return match (Found::of(bytes), PrivateKeyDer::try_from(bytes)) {
            (Found::EncryptedKey, _) => Err(Cause::Encrypted),
            (Found::PrivateKey, Ok(key)) => Ok(KeyInput::from(&key)),
            (found, _) => Err(Cause::NotExpected { input, found }),
        };
    }
    if legacy_encrypted(bytes) {
        return Err(Cause::Encrypted);
    }
    for section in sections(bytes) {
        let (kind, der) = section.map_err(|_| Cause::BrokenPem { input })?;
        let der = Zeroizing::new(der);
        let encoding = match kind {
            SectionKind::PrivateKey => KeyEncoding::Pkcs8,
            SectionKind::EcPrivateKey => KeyEncoding::Sec1,
            SectionKind::RsaPrivateKey => KeyEncoding::Pkcs1,
            _ => continue,
        };
        return Ok(KeyInput { encoding, der });
    }
    let encrypted = |line: &[u8]| line.starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY");
    if bytes.split(|byte| *byte == b'\n').any(encrypted) {
        return Err(Cause::Encrypted);
    }
    Err(Cause::NotExpected { input, found: Found::of(bytes) })
}

/// The sections that the library knows; a byte order mark in front would hide the first.
fn sections(bytes: &[u8]) -> impl Iterator<Item = Result<(SectionKind, Vec<u8>), pem::Error>> {
    <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}

impl From<&PrivateKeyDer<'_>> for KeyInput {
    fn from(key: &PrivateKeyDer<'_>) -> Self {
        let encoding = match key {
            PrivateKeyDer::Sec1(_) => KeyEncoding::Sec1,
            PrivateKeyDer::Pkcs1(_) => KeyEncoding::Pkcs1,
            // PKCS#8, and whatever the library may learn: the provider refuses what it is not.
            _ => KeyEncoding::Pkcs8,
        };
        Self { encoding, der: Zeroizing::new(Vec::from(key.secret_der())) }
    }
}

/// The SubjectPublicKeyInfo of a certificate, outer SEQUENCE included. Read as a root is read:
/// leniently, since it is ours to show and the peer's to judge; old tools make certificates of
/// version 1, which OpenSSL accepts.
pub(crate) fn public_key(certificate: &[u8]) -> Option<Vec<u8>> {
    let der = CertificateDer::from(certificate);
    let parsed = webpki::anchor_from_trusted_cert(&der).ok()?;
    let content = &parsed.subject_public_key_info;
    // The library leaves the outer tag and length out; it reads no certificate above 64 KiB.
    let [.., high, low] = content.len().to_be_bytes();
    let mut spki = match content.len() {
        0..=0x7f => Vec::from([SEQUENCE, low]),
        0x80..=0xff => Vec::from([SEQUENCE, 0x81, low]),
        _ => Vec::from([SEQUENCE, 0x82, high, low]),
    };
    spki.extend_from_slice(content);
    Some(spki)
}
