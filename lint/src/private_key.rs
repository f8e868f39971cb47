//! Private keys (RFC 5958, 5915, 8017), also under a passphrase (RFC 8018). No byte of a key is in a finding.

use handclasp_crypto::{KeyEncoding, KeyError, KeyKind};
use handclasp_provider_aws_lc::KEYS;
use pkcs5::{EncryptionScheme, pbes2};
use zeroize::Zeroizing;

use crate::{
    Code, Passphrase,
    der::{Element, OCTET_STRING, Reader, SEQUENCE, oid_text},
    finding::Log,
    spki,
};

/// Passphrases that are tried.
const ATTEMPTS: u8 = 3;
/// Iterations of a key derivation that are done at most: some seconds.
const ITERATIONS_MAX: u32 = 10_000_000;
/// Memory that scrypt may take, in bytes.
const SCRYPT_MEMORY_MAX: u64 = 256 << 20;

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
            let found = kind.map_or("another kind of key", spki::name);
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
    passphrase: &mut dyn Passphrase,
    log: &mut Log,
) -> Option<Zeroizing<Vec<u8>>> {
    let mut file = Reader::new(der);
    let outer = file.expect(SEQUENCE, "EncryptedPrivateKeyInfo", log)?;
    file.finish("EncryptedPrivateKeyInfo", log);
    let mut fields = outer.inside();
    let algorithm = fields.expect(SEQUENCE, "encryptionAlgorithm", log)?;
    let data = fields.expect(OCTET_STRING, "encryptedData", log)?;
    fields.finish("EncryptedPrivateKeyInfo", log);
    unlock(algorithm, data, der, passphrase, log)
}

/// Decrypts `data`, which becomes a SEQUENCE. Asks until the passphrase is right or `None`.
pub(crate) fn unlock<'a>(
    algorithm: Element<'a>,
    data: Element<'a>,
    der: &'a [u8],
    passphrase: &mut dyn Passphrase,
    log: &mut Log,
) -> Option<Zeroizing<Vec<u8>>> {
    let scheme = match scheme(algorithm.whole(der)) {
        Ok(scheme) => scheme,
        Err(found) => {
            let found = match found {
                Some(found) => found,
                None => algorithm.inside().peek().map(|oid| oid_text(oid.content)).unwrap_or_default(),
            };
            log.add(Code::EncryptionUnknown, algorithm.offset, "PBES2 with PBKDF2 or scrypt", found);
            return None;
        }
    };
    for attempt in 0..ATTEMPTS {
        let Some(typed) = passphrase.ask(attempt) else {
            let code = if attempt == 0 { Code::KeyEncrypted } else { Code::PassphraseWrong };
            log.add(code, data.offset, "", "");
            return None;
        };
        let opened = scheme.decrypt(typed.as_bytes(), data.content).ok().map(Zeroizing::new);
        // A wrong passphrase leaves a valid padding once in 256 attempts.
        let is_key = |key: &Zeroizing<Vec<u8>>| {
            Reader::new(key).peek().is_some_and(|outer| outer.tag == SEQUENCE && outer.end() == key.len())
        };
        if let Some(key) = opened.filter(is_key) {
            return Some(key);
        }
    }
    log.add(Code::PassphraseWrong, data.offset, "", "");
    None
}

/// The encryption, if its cost is within the limits; else what it is, if that is known.
fn scheme(algorithm: &[u8]) -> Result<EncryptionScheme, Option<String>> {
    let scheme = EncryptionScheme::try_from(algorithm).map_err(|_| None)?;
    let Some(parameters) = scheme.pbes2() else { return Err(None) };
    match &parameters.kdf {
        pbes2::Kdf::Pbkdf2(kdf) if kdf.iteration_count > ITERATIONS_MAX => {
            Err(Some(format!("{} iterations, above the limit of {ITERATIONS_MAX}", kdf.iteration_count)))
        }
        pbes2::Kdf::Scrypt(kdf) => {
            let memory = kdf.cost_parameter.saturating_mul(u64::from(kdf.block_size)).saturating_mul(128);
            let total = memory.saturating_mul(u64::from(kdf.parallelization));
            match total > SCRYPT_MEMORY_MAX {
                true => Err(Some(format!("scrypt over {memory} bytes, above the limit"))),
                false => Ok(scheme),
            }
        }
        _ => Ok(scheme),
    }
}
