//! Secrets of records, sealed under a key that is not in the store: somebody who can read the store reads no
//! ticket key and no pre-shared key, and nobody who can write it makes one that servers accept as sealed.
//!
//! ```text
//! nonce (12) | AES-256-GCM of the secret; additional data: "handclasp store", the kind and the name
//! ```
//!
//! The additional data binds a secret to its record: moved to another name it does not open.

use std::{fmt, path::Path};

use handclasp_crypto::{Random, SharedSecret, expand};
use handclasp_private_file::read_secret;
use handclasp_provider_aws_lc::{AES_256_GCM, SHA256, SystemRandom};
use zeroize::Zeroizing;

use crate::{RecordKind, hex};

const NONCE: usize = 12;
const TAG: usize = 16;

/// The longest file of a key.
const FILE_MAX: usize = 4096;

/// The key that seals secrets before they leave the machine, the same on all servers of a fleet. Wiped when
/// dropped, never printed.
#[derive(Clone)]
pub struct StoreKey(SharedSecret);

impl StoreKey {
    /// From at least 32 bytes that are not all the same.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let secret = SharedSecret::from_bytes(bytes).map_err(|_| {
            format!(
                "expected at least 32 random bytes, found {} or all the same; make one with: head -c 32 /dev/urandom",
                bytes.len()
            )
        })?;
        Ok(Self(secret))
    }

    /// The bytes of a file as they are, such as `head -c 32 /dev/urandom` writes them.
    ///
    /// # Errors
    /// A file that cannot be read, that others can read, or whose content is refused.
    pub fn from_file(path: &Path) -> Result<Self, String> {
        let bytes = read_secret(path, FILE_MAX).map_err(|error| error.to_string())?;
        Self::from_bytes(&bytes).map_err(|error| format!("{}: {error}", path.display()))
    }

    fn aead(&self) -> Option<Box<handclasp_crypto::WithIv<dyn handclasp_crypto::AeadKey>>> {
        let mut key = Zeroizing::new([0; 32]);
        expand(SHA256, self.0.expose(), b"handclasp store key", &mut key[..]);
        AES_256_GCM.key(&key[..])
    }

    /// Seals the secret of a record; `None` where randomness or the library fails.
    pub fn seal(&self, kind: RecordKind, name: &[u8], secret: &[u8]) -> Option<String> {
        let mut nonce = [0; NONCE];
        SystemRandom.fill(&mut nonce).ok()?;
        let mut sealed = vec![0; secret.len().checked_add(TAG)?];
        self.aead()?.seal(&nonce, &bound_to(kind, name), secret, &[], &mut sealed).ok()?;
        Some(hex::encode(&[&nonce[..], &sealed].concat()))
    }

    /// Opens the secret of a record; `None` of what this key did not seal for it.
    pub fn open(&self, kind: RecordKind, name: &[u8], sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = hex::decode(sealed)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        let mut secret = Zeroizing::new(sealed.to_vec());
        let length = self.aead()?.open(nonce, &bound_to(kind, name), &mut secret).ok()?;
        secret.truncate(length);
        Some(secret)
    }
}

fn bound_to(kind: RecordKind, name: &[u8]) -> Vec<u8> {
    [b"handclasp store\0", kind.name().as_bytes(), b"\0", name].concat()
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_in_its_own_record_alone() {
        let key = StoreKey::from_bytes(&std::array::from_fn::<u8, 32, _>(|place| place as u8)).unwrap();
        let sealed = key.seal(RecordKind::Psk, b"device-7", b"the secret").unwrap();
        assert_eq!(**key.open(RecordKind::Psk, b"device-7", &sealed).unwrap(), *b"the secret");
        assert!(key.open(RecordKind::Psk, b"device-8", &sealed).is_none());
        assert!(key.open(RecordKind::TicketKey, b"device-7", &sealed).is_none());
        let again = key.seal(RecordKind::Psk, b"device-7", b"the secret").unwrap();
        assert_ne!(again[..2 * NONCE], sealed[..2 * NONCE], "a nonce is used once");
        let other = StoreKey::from_bytes(&std::array::from_fn::<u8, 33, _>(|place| place as u8)).unwrap();
        assert!(other.open(RecordKind::Psk, b"device-7", &sealed).is_none());
        for place in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
            assert!(key.open(RecordKind::Psk, b"device-7", std::str::from_utf8(&changed).unwrap()).is_none());
            assert!(key.open(RecordKind::Psk, b"device-7", &sealed[..place]).is_none());
        }
        assert!(StoreKey::from_bytes(&[7; 32]).is_err() && StoreKey::from_bytes(b"short").is_err());
    }
}
