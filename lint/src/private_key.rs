//! Private keys (RFC 5958, 5915, 8017), also under a passphrase (RFC 8018). No byte of a key is in a finding.

use handclasp_crypto::{KeyEncoding, KeyError, KeyKind};
use handclasp_passphrase::{Closed, Passphrases, old_encryption};
use handclasp_provider_aws_lc::KEYS;
use zeroize::Zeroizing;

use crate::{
    Code,
    der::{OCTET_STRING, Reader, SEQUENCE},
    finding::Log,
};

/// What a private key is.
#[derive(Debug)]
pub(crate) struct PrivateKey {
    pub(crate) kind: Option<KeyKind>,
    /// SubjectPublicKeyInfo of its public half.
    pub(crate) public: Option<Vec<u8>>,
}

/// The encoding by the PEM label; without one by the tags.
pub(crate) fn encoding(label: &str, der: &[u8]) -> KeyEncoding {
    match label {
        "EC PRIVATE KEY" => return KeyEncoding::Sec1,
        "RSA PRIVATE KEY" => return KeyEncoding::Pkcs1,
        _ => {}
    }
    let second = Reader::new(der).peek().and_then(|outer| {
        let mut fields = outer.inside();
        fields.skip_to(fields.peek()?.end());
        fields.tag()
    });
    match second {
        Some(OCTET_STRING) => KeyEncoding::Sec1,
        Some(crate::der::INTEGER) => KeyEncoding::Pkcs1,
        _ => KeyEncoding::Pkcs8,
    }
}

/// Loads a key that is not encrypted.
pub(crate) fn lint(encoding: KeyEncoding, der: &[u8], log: &mut Log) -> PrivateKey {
    let mut file = Reader::new(der);
    if let Some(outer) = file.expect(SEQUENCE, "private key", log)
        && !file.is_empty()
    {
        // Without bytes of what may be a key.
        let found = format!("{} bytes behind it", file.bytes.len());
        log.add(Code::BytesBehind, outer.end(), "the end of the private key", found);
    }
    let kind = KeyKind::of_private_key(encoding, der).ok();
    match KEYS.load(encoding, der) {
        Ok(key) => return PrivateKey { kind, public: Some(key.public_key().to_vec()) },
        Err(KeyError::Unsupported) => {
            let found = kind.map_or("another kind of key", |kind| kind.name());
            log.add(
                Code::PrivateKeyUnsupported,
                0,
                "P-256, P-384, P-521, Ed25519 or RSA from 2048 bits",
                found,
            );
        }
        Err(_) if log.findings.is_empty() => {
            log.add(Code::PrivateKeyMalformed, 0, format!("a private key in {encoding:?}"), "");
        }
        Err(_) => {}
    }
    PrivateKey { kind, public: None }
}

/// Decrypts EncryptedPrivateKeyInfo (RFC 5958 §3). Asks until the passphrase is right or `None`.
pub(crate) fn decrypt(
    der: &[u8],
    passphrases: &mut Passphrases<'_>,
    log: &mut Log,
) -> Option<Zeroizing<Vec<u8>>> {
    let mut file = Reader::new(der);
    let outer = file.expect(SEQUENCE, "EncryptedPrivateKeyInfo", log)?;
    file.finish("EncryptedPrivateKeyInfo", log);
    let mut fields = outer.inside();
    let algorithm = fields.expect(SEQUENCE, "encryptionAlgorithm", log)?;
    let data = fields.expect(OCTET_STRING, "encryptedData", log)?;
    fields.finish("EncryptedPrivateKeyInfo", log);
    let whole = algorithm.whole(der);
    match handclasp_passphrase::decrypt(whole, data.content, passphrases) {
        Ok(key) => {
            if let Some(name) = old_encryption(whole) {
                log.add(Code::KeyOldEncryption, algorithm.offset, "PBES2 with AES", name);
            }
            Some(key)
        }
        Err(closed) => {
            closed_as(&closed, algorithm.offset, log);
            None
        }
    }
}

/// The finding about encrypted bytes that stay closed; `at` is the offset of their algorithm.
pub(crate) fn closed_as(closed: &Closed, at: usize, log: &mut Log) {
    match closed {
        Closed::NoPassphrase => log.add(Code::KeyEncrypted, at, "", ""),
        Closed::Unsupported(name) => {
            log.add(Code::EncryptionUnknown, at, "PBES2 with PBKDF2 or scrypt", name.as_str());
        }
        _ => log.add(Code::PassphraseWrong, at, "", ""),
    }
}
