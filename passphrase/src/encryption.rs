//! What a private key or a part of PKCS#12 is encrypted with: PBES2 (RFC 8018 §6.2) and the schemes of PKCS#12
//! (RFC 7292 appendix C) that OpenSSL 1, Java 8 and Windows used. PBES1 with MD5 and DES, and RC4, stay closed.

use cbc::cipher::{BlockModeDecrypt as _, InnerIvInit as _, KeyIvInit as _, block_padding::Pkcs7};
use des::{TdesEde2, TdesEde3};
use handclasp_crypto::der::{Elements, INTEGER, Malformed, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};
use pkcs5::{EncryptionScheme, pbes2};
use rc2::Rc2;
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::{
    Passphrase, Passphrases,
    derivation::{Purpose, derive, utf16},
    source::ATTEMPTS,
};

/// Iterations of a key derivation that are done at most: some seconds.
const ITERATIONS_MAX: u32 = 10_000_000;
/// Memory that scrypt may take, in bytes.
const SCRYPT_MEMORY_MAX: u64 = 256 << 20;
/// Bytes that scrypt goes over in the time of one iteration of PBKDF2.
const BYTES_PER_ITERATION: u64 = 64;
/// Bytes of a salt that are taken at most.
const SALT_MAX: usize = 1024;

/// Why encrypted bytes stay closed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Closed {
    /// A passphrase is needed, and there is none.
    NoPassphrase,
    /// The passphrase is wrong, or the encrypted bytes are damaged.
    WrongPassphrase,
    /// An encryption that is not read here: its name, or why it costs too much.
    Unsupported(String),
}

/// Opens EncryptedPrivateKeyInfo (RFC 5958 §3): the DER of PKCS#8.
///
/// # Errors
/// Another structure; inside, why the key stays closed.
pub fn open_key(
    der: &[u8],
    passphrases: &mut Passphrases<'_>,
) -> Result<Result<Zeroizing<Vec<u8>>, Closed>, Malformed> {
    let mut fields = Elements::of_sequence(der)?;
    let algorithm = fields.expect_whole(SEQUENCE)?;
    let data = fields.expect(OCTET_STRING)?;
    fields.end()?;
    Ok(decrypt(algorithm, data, passphrases))
}

/// Decrypts `data`, which becomes a SEQUENCE. `algorithm` is its AlgorithmIdentifier. Asks until the passphrase is right
/// or there is none.
///
/// # Errors
/// Why the data stay closed.
pub fn decrypt(
    algorithm: &[u8],
    data: &[u8],
    passphrases: &mut Passphrases<'_>,
) -> Result<Zeroizing<Vec<u8>>, Closed> {
    let scheme = Scheme::of(algorithm).map_err(Closed::Unsupported)?;
    for attempt in 0..ATTEMPTS {
        let Some(typed) = passphrases.ask(attempt) else {
            return Err(if attempt == 0 { Closed::NoPassphrase } else { Closed::WrongPassphrase });
        };
        if !passphrases.spend(scheme.cost()) {
            return Err(Closed::Unsupported("key derivations that take too long together".to_owned()));
        }
        // A wrong passphrase leaves a valid padding once in 256 attempts.
        let is_sequence = |opened: &Zeroizing<Vec<u8>>| Elements::of_sequence(opened).is_ok();
        if let Some(opened) = scheme.decrypt(&typed, data).filter(is_sequence) {
            return Ok(opened);
        }
    }
    Err(Closed::WrongPassphrase)
}

/// An encryption that is read here, within the limits on its cost.
enum Scheme<'a> {
    Pbes2(Box<EncryptionScheme>),
    Pkcs12 { cipher: OldCipher, salt: &'a [u8], iterations: u32 },
}

/// The ciphers of PKCS#12 without PBES2.
#[derive(Clone, Copy, Debug)]
enum OldCipher {
    TripleDes3,
    TripleDes2,
    Rc2With128,
    Rc2With40,
}

impl<'a> Scheme<'a> {
    /// By its AlgorithmIdentifier; else what it is.
    fn of(algorithm: &'a [u8]) -> Result<Self, String> {
        let malformed = |_: Malformed| "a malformed AlgorithmIdentifier".to_owned();
        let mut fields = Elements::of_sequence(algorithm).map_err(malformed)?;
        let oid = fields.expect(OBJECT_IDENTIFIER).map_err(malformed)?;
        let cipher = match oid {
            b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d" => return pbes2(algorithm),
            b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03" => OldCipher::TripleDes3,
            b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x04" => OldCipher::TripleDes2,
            b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x05" => OldCipher::Rc2With128,
            b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x06" => OldCipher::Rc2With40,
            other => return Err(name(other)),
        };
        let parameters = fields.expect(SEQUENCE).map_err(malformed)?;
        let mut parameters = Elements(parameters);
        let salt = parameters.expect(OCTET_STRING).map_err(malformed)?;
        let iterations = parameters.expect(INTEGER).ok().and_then(number).filter(|count| *count > 0);
        match iterations {
            Some(iterations) if iterations <= ITERATIONS_MAX && salt.len() <= SALT_MAX => {
                Ok(Self::Pkcs12 { cipher, salt, iterations })
            }
            _ => Err(format!("{} with more than {ITERATIONS_MAX} iterations", name(oid))),
        }
    }

    /// Iterations of one attempt, or what takes as long.
    fn cost(&self) -> u64 {
        match self {
            // Two blocks of key and one of initialization vector.
            Self::Pkcs12 { iterations, .. } => u64::from(*iterations).saturating_mul(3),
            Self::Pbes2(scheme) => match scheme.pbes2().map(|parameters| &parameters.kdf) {
                Some(pbes2::Kdf::Pbkdf2(kdf)) => u64::from(kdf.iteration_count),
                Some(pbes2::Kdf::Scrypt(kdf)) => scrypt_memory(kdf) / BYTES_PER_ITERATION,
                _ => 1,
            },
        }
    }

    /// Decrypts; `None` for a wrong passphrase.
    fn decrypt(&self, passphrase: &str, data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Pbes2(scheme) => scheme.decrypt(passphrase.as_bytes(), data).ok().map(Zeroizing::new),
            Self::Pkcs12 { cipher, salt, iterations } => {
                let typed = utf16(passphrase);
                let opened = cipher.decrypt(&typed, salt, *iterations, data);
                // Without a passphrase some programs derive from nothing, in place of the two bytes 00.
                opened.or_else(|| {
                    passphrase.is_empty().then(|| cipher.decrypt(&[], salt, *iterations, data))?
                })
            }
        }
    }
}

impl OldCipher {
    fn decrypt(self, typed: &[u8], salt: &[u8], iterations: u32, data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = |purpose, length| derive::<Sha1>(purpose, typed, salt, iterations, length);
        let iv = bytes(Purpose::Iv, 8);
        let mut data = Zeroizing::new(data.to_vec());
        let opened = match self {
            Self::TripleDes3 => cbc::Decryptor::<TdesEde3>::new_from_slices(&bytes(Purpose::Key, 24), &iv)
                .ok()?
                .decrypt_padded::<Pkcs7>(&mut data),
            Self::TripleDes2 => cbc::Decryptor::<TdesEde2>::new_from_slices(&bytes(Purpose::Key, 16), &iv)
                .ok()?
                .decrypt_padded::<Pkcs7>(&mut data),
            Self::Rc2With128 | Self::Rc2With40 => {
                let (length, bits) = if matches!(self, Self::Rc2With40) { (5, 40) } else { (16, 128) };
                let cipher = Rc2::new_with_eff_key_len(&bytes(Purpose::Key, length), bits);
                cbc::Decryptor::inner_iv_slice_init(cipher, &iv).ok()?.decrypt_padded::<Pkcs7>(&mut data)
            }
        };
        let length = opened.ok()?.len();
        data.truncate(length);
        Some(data)
    }
}

/// PBES2, if its cost is within the limits.
fn pbes2(algorithm: &[u8]) -> Result<Scheme<'_>, String> {
    let scheme = EncryptionScheme::try_from(algorithm).map_err(|_| "PBES2 with another cipher".to_owned())?;
    let Some(parameters) = scheme.pbes2() else { return Err("PBES1".to_owned()) };
    match &parameters.kdf {
        pbes2::Kdf::Pbkdf2(kdf) if kdf.iteration_count > ITERATIONS_MAX => {
            return Err(format!("{} iterations, above the limit of {ITERATIONS_MAX}", kdf.iteration_count));
        }
        pbes2::Kdf::Scrypt(kdf) => {
            let memory = scrypt_memory(kdf);
            if memory > SCRYPT_MEMORY_MAX {
                return Err(format!("scrypt over {memory} bytes, above the limit"));
            }
        }
        _ => {}
    }
    Ok(Scheme::Pbes2(Box::new(scheme)))
}

/// The bytes that scrypt goes over.
fn scrypt_memory(kdf: &pbes2::ScryptParams) -> u64 {
    let block = u64::from(kdf.block_size).saturating_mul(128);
    kdf.cost_parameter.saturating_mul(block).saturating_mul(u64::from(kdf.parallelization))
}

/// A number of at most four bytes.
pub(crate) fn number(content: &[u8]) -> Option<u32> {
    let significant = content.strip_prefix(&[0]).unwrap_or(content);
    let fits = content.first().is_some_and(|first| *first < 0x80) && significant.len() <= 4;
    let joined = significant.iter().fold(0u32, |number, byte| (number << 8) | u32::from(*byte));
    fits.then_some(joined)
}

/// The name of an encryption by its AlgorithmIdentifier if it is one of those before PBES2: 3DES, DES, RC2 or RC4.
pub fn old_encryption(algorithm: &[u8]) -> Option<&'static str> {
    let oid =
        Elements::of_sequence(algorithm).and_then(|mut fields| fields.expect(OBJECT_IDENTIFIER)).ok()?;
    old_name(oid)
}

/// The name of an encryption that is not read here.
fn name(oid: &[u8]) -> String {
    old_name(oid).unwrap_or("an encryption that is not known here").to_owned()
}

/// The names of RFC 8018 §A.3 and RFC 7292 appendix C.
fn old_name(oid: &[u8]) -> Option<&'static str> {
    let name = match oid {
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x01" => "pbeWithMD2AndDES-CBC",
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x03" => "pbeWithMD5AndDES-CBC",
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x04" => "pbeWithMD2AndRC2-CBC",
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x06" => "pbeWithMD5AndRC2-CBC",
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0a" => "pbeWithSHA1AndDES-CBC",
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0b" => "pbeWithSHA1AndRC2-CBC",
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x01" => "pbeWithSHAAnd128BitRC4",
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x02" => "pbeWithSHAAnd40BitRC4",
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03" => "pbeWithSHAAnd3-KeyTripleDES-CBC",
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x04" => "pbeWithSHAAnd2-KeyTripleDES-CBC",
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x05" => "pbeWithSHAAnd128BitRC2-CBC",
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x06" => "pbeWithSHAAnd40BitRC2-CBC",
        _ => return None,
    };
    Some(name)
}
