//! AES-CCM (RFC 3610, RFC 5116 §5.3, RFC 6655 §6.1), from RustCrypto because aws-lc-rs lacks it.

use core::marker::PhantomData;

use aes::{Aes128Enc, Aes256Enc};
use ccm::{
    Ccm,
    aead::{AeadCore, AeadInOut, KeyInit, KeySizeUser, Tag, array::typenum::Unsigned},
    consts::{U8, U12, U16},
};
use handclasp_crypto::{Aead, AeadKey, NotAuthentic, SealFailed, WithIv, WrongKeyLength};

/// AES-128-CCM with a tag of 16 bytes.
pub static AES_128_CCM: &dyn Aead = &Algorithm::<Ccm<Aes128Enc, U16, U12>>(PhantomData);

/// AES-128-CCM with a tag of 8 bytes: one forgery in 2^64 succeeds.
pub static AES_128_CCM_8: &dyn Aead = &Algorithm::<Ccm<Aes128Enc, U8, U12>>(PhantomData);

/// AES-256-CCM with a tag of 16 bytes. Our suites do not use it, but `explain` may meet it in captures.
pub static AES_256_CCM: &dyn Aead = &Algorithm::<Ccm<Aes256Enc, U16, U12>>(PhantomData);

/// AES-256-CCM with a tag of 8 bytes. Our suites do not use it, but `explain` may meet it in captures.
pub static AES_256_CCM_8: &dyn Aead = &Algorithm::<Ccm<Aes256Enc, U8, U12>>(PhantomData);

/// Most records per key. RFC 8446 has no limit for CCM; RFC 9147 §4.5.3 and its appendix B: 2^23
/// full-size records keep the margin at 2^-60, for every tag length.
const SEAL_LIMIT: u64 = 1 << 23;

/// An AEAD of RustCrypto.
struct Algorithm<A>(PhantomData<fn() -> A>);

impl<A> Aead for Algorithm<A>
where
    A: AeadInOut<NonceSize = U12> + KeyInit + Send + Sync + 'static,
{
    fn key_len(&self) -> usize {
        <A as KeySizeUser>::key_size()
    }

    fn tag_len(&self) -> usize {
        <A as AeadCore>::TagSize::USIZE
    }

    fn seal_limit(&self) -> u64 {
        SEAL_LIMIT
    }

    fn key(&self, key: &[u8]) -> Option<Box<WithIv<dyn AeadKey>>> {
        Some(Box::new(WithIv::new(Key(A::new_from_slice(key).ok()?))))
    }
}

/// Key schedule of RustCrypto, which wipes itself (feature `zeroize`).
struct Key<A>(A);

impl<A> AeadKey for Key<A>
where
    A: AeadInOut<NonceSize = U12> + KeyInit + Send + Sync,
{
    fn renew(&mut self, key: &[u8]) -> Result<(), WrongKeyLength> {
        self.0 = A::new(key.try_into().map_err(|_| WrongKeyLength)?);
        Ok(())
    }

    fn seal(
        &self,
        nonce: &[u8; 12],
        aad: &[u8],
        plaintext: &[u8],
        suffix: &[u8],
        out: &mut [u8],
    ) -> Result<(), SealFailed> {
        let length = plaintext.len() + suffix.len();
        let (body, tag) = out.split_at_mut_checked(length).ok_or(SealFailed)?;
        let tag: &mut Tag<A> = tag.try_into().map_err(|_| SealFailed)?;
        let (front, tail) = body.split_at_mut(plaintext.len());
        front.copy_from_slice(plaintext);
        tail.copy_from_slice(suffix);
        *tag = self.0.encrypt_inout_detached(nonce.into(), aad, body.into()).map_err(|_| SealFailed)?;
        Ok(())
    }

    fn open(&self, nonce: &[u8; 12], aad: &[u8], in_out: &mut [u8]) -> Result<usize, NotAuthentic> {
        let length = in_out.len().checked_sub(A::TagSize::USIZE).ok_or(NotAuthentic)?;
        let (body, tag) = in_out.split_at_mut_checked(length).ok_or(NotAuthentic)?;
        let tag = (&*tag).try_into().map_err(|_| NotAuthentic)?;
        self.0.decrypt_inout_detached(nonce.into(), aad, body.into(), tag).map_err(|_| NotAuthentic)?;
        Ok(length)
    }
}
