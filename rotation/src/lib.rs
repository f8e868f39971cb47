//! A statement that a key has a successor, signed by both keys, so that peers which know the old key can
//! accept the new one.
//!
//! In the presentation language of RFC 8446 §3:
//!
//! ```text
//! struct {
//!     uint8 version = 1;
//!     uint64 time;                      seconds since 1970
//!     opaque old_key<1..2^16-1>;        SubjectPublicKeyInfo
//!     opaque new_key<1..2^16-1>;        SubjectPublicKeyInfo
//! } Statement;
//!
//! struct {
//!     Statement statement;
//!     SignatureScheme old_scheme;
//!     opaque old_signature<0..2^16-1>;
//!     SignatureScheme new_scheme;
//!     opaque new_signature<0..2^16-1>;
//! } KeyRotation;
//! ```
//!
//! A signature is over 64 bytes of 0x20, the text `handclasp key rotation`, a zero byte, and the statement:
//! the form of RFC 8446 §4.4.3, with a text of its own, so that a signature of a handshake is never one of
//! a statement. The new key signs too, so that the key of another party cannot be declared a successor. As
//! PEM the label is `HANDCLASP KEY ROTATION`.
//!
//! Called by: `identity`, which makes statements, and `trust`, which accepts them.
#![no_std]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

extern crate alloc;

#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
mod default_provider;
mod pem;

use alloc::vec::Vec;
use core::{fmt, time::Duration};

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{Random, SignError, SigningKey, Verify, verify_signature};
use rustls_pki_types::UnixTime;

/// The version of the format.
const VERSION: u8 = 1;

/// A verified statement that one key is the successor of another.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRotation {
    bytes: Vec<u8>,
    old_key: Vec<u8>,
    new_key: Vec<u8>,
    time: UnixTime,
}

/// One of the two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RotationKey {
    /// The key that is given up.
    Old,
    /// Its successor.
    New,
}

/// Why a statement is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RotationError {
    /// The bytes end, or go on, at this offset.
    Malformed {
        /// Counted from 0.
        offset: usize,
    },
    /// Another version of the format.
    Version(u8),
    /// Both keys are the same.
    SameKey,
    /// A signature does not verify.
    Signature(RotationKey, SignError),
}

impl KeyRotation {
    /// The PEM label.
    pub const PEM_LABEL: &'static str = "HANDCLASP KEY ROTATION";

    /// Makes the statement that `new` follows `old`.
    ///
    /// # Errors
    /// A signer that fails, with the key that it is of.
    pub fn sign(
        old: &dyn SigningKey,
        new: &dyn SigningKey,
        time: UnixTime,
        random: &mut dyn Random,
    ) -> Result<Self, RotationError> {
        let (old_key, new_key) = (old.public_key().to_vec(), new.public_key().to_vec());
        if old_key == new_key {
            return Err(RotationError::SameKey);
        }
        let mut bytes = Vec::from([VERSION]);
        bytes.extend_from_slice(&time.as_secs().to_be_bytes());
        for key in [&old_key, &new_key] {
            write_opaque(&mut bytes, key);
        }
        let content = signed_content(&bytes);
        for (role, key) in [(RotationKey::Old, old), (RotationKey::New, new)] {
            let failed = |why| RotationError::Signature(role, why);
            let scheme = *key.schemes().first().ok_or(failed(SignError::Failed))?;
            let signature = key.sign(scheme, &content, random).map_err(failed)?;
            bytes.extend_from_slice(&scheme.0.to_be_bytes());
            write_opaque(&mut bytes, &signature);
        }
        Ok(Self { bytes, old_key, new_key, time })
    }

    /// Reads a statement and verifies both signatures with those of `verify`.
    ///
    /// # Errors
    /// Bytes of another form, or a signature that does not verify.
    pub fn from_bytes(bytes: &[u8], verify: &[&dyn Verify]) -> Result<Self, RotationError> {
        let mut rest = Rest { all: bytes, offset: 0 };
        match rest.array()? {
            [VERSION] => {}
            [other] => return Err(RotationError::Version(other)),
        }
        let time = UnixTime::since_unix_epoch(Duration::from_secs(u64::from_be_bytes(rest.array()?)));
        let (old_key, new_key) = (rest.opaque()?, rest.opaque()?);
        if old_key == new_key {
            return Err(RotationError::SameKey);
        }
        let content = signed_content(bytes.get(..rest.offset).unwrap_or_default());
        for (role, key) in [(RotationKey::Old, old_key), (RotationKey::New, new_key)] {
            let scheme = SignatureScheme(u16::from_be_bytes(rest.array()?));
            verify_signature(key, scheme, &content, rest.opaque()?, verify)
                .map_err(|why| RotationError::Signature(role, why))?;
        }
        if rest.offset != bytes.len() {
            return Err(RotationError::Malformed { offset: rest.offset });
        }
        Ok(Self { bytes: bytes.to_vec(), old_key: old_key.to_vec(), new_key: new_key.to_vec(), time })
    }

    /// The encoded statement.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The statement in PEM.
    pub fn pem(&self) -> alloc::string::String {
        pem::write(&self.bytes)
    }

    /// SubjectPublicKeyInfo (DER) of the key that is given up. Its SHA-256 is the pin that peers know.
    pub fn old_key(&self) -> &[u8] {
        &self.old_key
    }

    /// SubjectPublicKeyInfo (DER) of the successor.
    pub fn new_key(&self) -> &[u8] {
        &self.new_key
    }

    /// When the statement was made, by the clock of its maker.
    pub fn time(&self) -> UnixTime {
        self.time
    }
}

/// What both keys sign.
fn signed_content(statement: &[u8]) -> Vec<u8> {
    [&[0x20; 64], &b"handclasp key rotation\0"[..], statement].concat()
}

/// Appends a vector with its length. Keys and signatures are shorter than 64 KiB.
fn write_opaque(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes.get(..usize::from(length)).unwrap_or(bytes));
}

/// The bytes that are not read yet.
struct Rest<'a> {
    all: &'a [u8],
    offset: usize,
}

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], RotationError> {
        let end = self.offset.saturating_add(length);
        let taken = self.all.get(self.offset..end);
        let taken = taken.ok_or(RotationError::Malformed { offset: self.all.len() })?;
        self.offset = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], RotationError> {
        let offset = self.offset;
        self.take(N)?.try_into().map_err(|_| RotationError::Malformed { offset })
    }

    fn opaque(&mut self) -> Result<&'a [u8], RotationError> {
        let length = u16::from_be_bytes(self.array()?);
        self.take(usize::from(length))
    }
}

impl fmt::Debug for KeyRotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRotation").field("time", &self.time.as_secs()).finish_non_exhaustive()
    }
}

impl fmt::Display for RotationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { offset } => {
                write!(f, "not a key rotation statement: its structure is wrong at byte {offset}")
            }
            Self::Version(found) => {
                write!(f, "a key rotation statement of version {found}; this program reads version {VERSION}")
            }
            Self::SameKey => f.write_str("the old key and the new key of the rotation are the same"),
            Self::Signature(RotationKey::Old, _) => f.write_str(
                "the signature of the old key does not verify: the statement was changed, or the owner of \
                 the old key did not make it",
            ),
            Self::Signature(RotationKey::New, _) => f.write_str(
                "the signature of the new key does not verify: the statement was changed, or its maker does \
                 not have the new key",
            ),
        }
    }
}

impl core::error::Error for RotationError {}
