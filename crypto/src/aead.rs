//! Authenticated encryption (RFC 5116). Nonces have 12 bytes in every suite of TLS.

use alloc::boxed::Box;
use core::{
    fmt,
    ops::{Deref, DerefMut},
};

use zeroize::Zeroizing;

/// The longest tag in bytes.
pub const TAG_MAX: usize = 16;

/// An AEAD algorithm.
pub trait Aead: Send + Sync {
    /// Bytes of a key.
    fn key_len(&self) -> usize;

    /// Bytes of the tag: 16, or 8 for CCM_8.
    fn tag_len(&self) -> usize;

    /// Records that one key may seal before it must change (RFC 8446 §5.5, RFC 9846).
    fn seal_limit(&self) -> u64;

    /// Prepares a key of [`Aead::key_len`] bytes; `None` when the length is another.
    fn key(&self, key: &[u8]) -> Option<Box<WithIv<dyn AeadKey>>>;
}

/// A key, and beside it in the same block of memory the IV of the records that it protects: who
/// holds both may be moved about, and neither leaves a copy behind. The IV is wiped when dropped.
pub struct WithIv<K: ?Sized> {
    /// Zeros until the holder writes it.
    pub iv: Zeroizing<[u8; 12]>,
    key: K,
}

impl<K> WithIv<K> {
    /// With an IV of zeros.
    pub fn new(key: K) -> Self {
        Self { iv: Zeroizing::new([0; 12]), key }
    }
}

impl<K: ?Sized> Deref for WithIv<K> {
    type Target = K;
    fn deref(&self) -> &K {
        &self.key
    }
}

impl<K: ?Sized> DerefMut for WithIv<K> {
    fn deref_mut(&mut self) -> &mut K {
        &mut self.key
    }
}

/// A key ready for use.
pub trait AeadKey: Send + Sync {
    /// Replaces this key by another of the same algorithm, in the same memory.
    ///
    /// # Errors
    /// [`WrongKeyLength`]; this key then stays.
    fn renew(&mut self, key: &[u8]) -> Result<(), WrongKeyLength>;

    /// Seals `plaintext` followed by `suffix` (the content type of TLS 1.3; empty in 1.2) from
    /// the caller's slice into `out`, whose length is that of both and the tag.
    ///
    /// # Errors
    /// [`SealFailed`]: lengths that do not fit each other, or a failure of the library.
    fn seal(
        &self,
        nonce: &[u8; 12],
        aad: &[u8],
        plaintext: &[u8],
        suffix: &[u8],
        out: &mut [u8],
    ) -> Result<(), SealFailed>;

    /// Opens ciphertext and tag in place; the plaintext stands at the front. Returns its length.
    ///
    /// # Errors
    /// [`NotAuthentic`]; `in_out` then holds nothing of use.
    fn open(&self, nonce: &[u8; 12], aad: &[u8], in_out: &mut [u8]) -> Result<usize, NotAuthentic>;
}

/// A key does not have the length that its algorithm requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongKeyLength;

/// A record cannot be sealed: the lengths do not fit each other, or the library failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealFailed;

/// The record does not authenticate under this key, nonce and header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAuthentic;

impl fmt::Display for WrongKeyLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the key has the wrong length")
    }
}

impl fmt::Display for SealFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the record cannot be sealed")
    }
}

impl fmt::Display for NotAuthentic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the record does not authenticate")
    }
}

impl core::error::Error for WrongKeyLength {}
impl core::error::Error for SealFailed {}
impl core::error::Error for NotAuthentic {}
