//! Block ciphers in CBC mode, decryption only (RFC 5246 §6.2.3.2).

use aes::{Aes128, Aes256};
use camellia::{Camellia128, Camellia256};
use cbc::Decryptor;
use cbc::cipher::{Array, BlockCipherDecrypt, BlockModeDecrypt, BlockSizeUser, KeyInit, KeyIvInit};
use des::TdesEde3;

/// The length of a key, an IV or a ciphertext does not fit the block cipher.
#[derive(Debug)]
pub(crate) struct WrongLength;

/// A block cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockCipher {
    /// AES-128.
    Aes128,
    /// AES-256.
    Aes256,
    /// 3DES with three keys.
    TripleDes,
    /// Camellia-128.
    Camellia128,
    /// Camellia-256.
    Camellia256,
}

impl BlockCipher {
    /// Length of a key in bytes.
    pub fn key_len(self) -> usize {
        match self {
            Self::Aes128 | Self::Camellia128 => 16,
            Self::TripleDes => 24,
            Self::Aes256 | Self::Camellia256 => 32,
        }
    }

    /// Length of a block and of an IV in bytes.
    pub fn block_len(self) -> usize {
        match self {
            Self::TripleDes => 8,
            Self::Aes128 | Self::Aes256 | Self::Camellia128 | Self::Camellia256 => 16,
        }
    }

    /// Decrypts in place.
    ///
    /// # Errors
    /// A length does not fit the cipher.
    pub fn decrypt(self, key: &[u8], iv: &[u8], bytes: &mut [u8]) -> Result<(), WrongLength> {
        match self {
            Self::Aes128 => decrypt::<Aes128>(key, iv, bytes),
            Self::Aes256 => decrypt::<Aes256>(key, iv, bytes),
            Self::TripleDes => decrypt::<TdesEde3>(key, iv, bytes),
            Self::Camellia128 => decrypt::<Camellia128>(key, iv, bytes),
            Self::Camellia256 => decrypt::<Camellia256>(key, iv, bytes),
        }
    }
}

fn decrypt<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    bytes: &mut [u8],
) -> Result<(), WrongLength> {
    let mut cipher = Decryptor::<C>::new_from_slices(key, iv).map_err(|_| WrongLength)?;
    let (blocks, rest) = Array::<u8, <C as BlockSizeUser>::BlockSize>::slice_as_chunks_mut(bytes);
    cipher.decrypt_blocks(blocks);
    if rest.is_empty() { Ok(()) } else { Err(WrongLength) }
}
