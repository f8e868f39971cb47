//! A block cipher in CBC mode (NIST SP 800-38A §6.2), without padding and MAC: for those see
//! `cbc_etm`, which alone calls it.

use alloc::boxed::Box;

/// Bytes of a block, and so of an IV: those of AES, the only block cipher here.
pub const BLOCK: usize = 16;

/// A block cipher in CBC mode.
pub trait Cbc: Send + Sync {
    /// Bytes of a key.
    fn key_len(&self) -> usize;

    /// Prepares a key of [`Cbc::key_len`] bytes; `None` when the length is another.
    fn key(&self, key: &[u8]) -> Option<Box<dyn CbcKey>>;
}

/// A key ready for use.
pub trait CbcKey: Send + Sync {
    /// Encrypts in place. `iv` must be unpredictable.
    fn encrypt(&self, iv: &[u8; BLOCK], blocks: &mut [[u8; BLOCK]]);

    /// Decrypts in place. Authenticates nothing.
    fn decrypt(&self, iv: &[u8; BLOCK], blocks: &mut [[u8; BLOCK]]);
}
