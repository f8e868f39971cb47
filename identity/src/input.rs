//! Reads certificates and private keys from PEM (RFC 7468, any number of sections) or DER; keys as
//! PKCS#8 (RFC 5958), SEC1 (RFC 5915) or PKCS#1 (RFC 8017).

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

/// All certificates, in file order.
pub(crate) fn certificates(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, Cause> {
    let input = Input::Certificate;
    if bytes.first() == Some(&SEQUENCE) {
        return match Found::of(bytes) {
            // Unknown DER may be a damaged certificate: the parser reports it.
            Found::Certificate | Found::Der => Ok(Vec::from([CertificateDer::from(Vec::from(bytes))])),
            found => Err(Cause::NotExpected { input, found }),
        };
    }
    let mut certificates = Vec::new();
    for section in sections(bytes) {
        match section {
            Ok((SectionKind::Certificate, der)) => certificates.push(CertificateDer::from(der)),
            Ok((_, other)) => drop(Zeroizing::new(other)),
            // Certificate and encrypted key in one file: only `key` reports the key.
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
        Self { encoding: encoding(key), der: Zeroizing::new(Vec::from(key.secret_der())) }
    }
}

/// The encoding of a private key.
pub(crate) fn encoding(key: &PrivateKeyDer<'_>) -> KeyEncoding {
    match key {
        PrivateKeyDer::Sec1(_) => KeyEncoding::Sec1,
        PrivateKeyDer::Pkcs1(_) => KeyEncoding::Pkcs1,
        // PKCS#8. `PrivateKeyDer` is non-exhaustive: the provider refuses a variant added later.
        _ => KeyEncoding::Pkcs8,
    }
}

/// The SubjectPublicKeyInfo of a certificate, outer SEQUENCE included. Parsed as leniently as a root:
/// the peer decides about our certificate. Old tools make certificates of version 1, which OpenSSL
/// accepts.
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
