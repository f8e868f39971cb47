//! AES in CBC mode (NIST SP 800-38A), for CBC with encrypt-then-MAC (RFC 7366). aws-lc-rs pads as in
//! PKCS #7, which TLS does not, so the cipher is RustCrypto's.

use core::marker::PhantomData;

use aes::{Aes128, Aes256};
use cbc::{
    Decryptor, Encryptor,
    cipher::{
        Array, BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, BlockSizeUser,
        InnerIvInit, KeyInit, KeySizeUser, consts::U16,
    },
};
use handclasp_crypto::{BLOCK, Cbc, CbcEtm, CbcHmac, CbcKey};

use crate::{SHA1, SHA256, SHA384};

/// AES-128-CBC.
pub static AES_128_CBC: &dyn Cbc = &Algorithm::<Aes128>(PhantomData);

/// AES-256-CBC.
pub static AES_256_CBC: &dyn Cbc = &Algorithm::<Aes256>(PhantomData);

/// AES-128-CBC with HMAC-SHA-1, encrypt-then-MAC.
pub static AES_128_CBC_SHA: &dyn CbcEtm = &CbcHmac { cipher: AES_128_CBC, mac: SHA1 };

/// AES-256-CBC with HMAC-SHA-1, encrypt-then-MAC.
pub static AES_256_CBC_SHA: &dyn CbcEtm = &CbcHmac { cipher: AES_256_CBC, mac: SHA1 };

/// AES-128-CBC with HMAC-SHA-256, encrypt-then-MAC.
pub static AES_128_CBC_SHA256: &dyn CbcEtm = &CbcHmac { cipher: AES_128_CBC, mac: SHA256 };

/// AES-256-CBC with HMAC-SHA-384, encrypt-then-MAC.
pub static AES_256_CBC_SHA384: &dyn CbcEtm = &CbcHmac { cipher: AES_256_CBC, mac: SHA384 };

/// A block cipher of RustCrypto.
struct Algorithm<C>(PhantomData<fn() -> C>);

/// Bounds on a block cipher, abbreviated.
trait Cipher:
    BlockCipherEncrypt + BlockCipherDecrypt + BlockSizeUser<BlockSize = U16> + Send + Sync + 'static
{
}

impl Cipher for Aes128 {}
impl Cipher for Aes256 {}

impl<C: Cipher + KeyInit> Cbc for Algorithm<C> {
    fn key_len(&self) -> usize {
        <C as KeySizeUser>::key_size()
    }

    fn key(&self, key: &[u8]) -> Option<Box<dyn CbcKey>> {
        Some(Box::new(Key(C::new_from_slice(key).ok()?)))
    }
}

/// Key schedule of RustCrypto, which wipes itself (feature `zeroize`).
struct Key<C>(C);

impl<C: Cipher> CbcKey for Key<C> {
    fn encrypt(&self, iv: &[u8; BLOCK], blocks: &mut [[u8; BLOCK]]) {
        Encryptor::inner_iv_init(&self.0, iv.into()).encrypt_blocks(of_library(blocks));
    }

    fn decrypt(&self, iv: &[u8; BLOCK], blocks: &mut [[u8; BLOCK]]) {
        Decryptor::inner_iv_init(&self.0, iv.into()).decrypt_blocks(of_library(blocks));
    }
}

/// Returns the same blocks as the library's type.
fn of_library(blocks: &mut [[u8; BLOCK]]) -> &mut [Array<u8, U16>] {
    let (blocks, _none) = Array::slice_as_chunks_mut(blocks.as_flattened_mut());
    blocks
}
