//! AEADs (RFC 5116): AES-GCM (RFC 5288, RFC 8446 §B.4) and ChaCha20-Poly1305 (RFC 8439).

use alloc::boxed::Box;
use core::marker::PhantomData;

use aes_gcm::{
    Aes128Gcm, Aes256Gcm,
    aead::{AeadCore, AeadInOut, KeyInit, KeySizeUser, array::typenum::Unsigned, consts::U12},
};
use chacha20poly1305::ChaCha20Poly1305;
use handclasp_crypto::{Aead, AeadKey, NotAuthentic, SealFailed, WithIv, WrongKeyLength};

/// AES-128-GCM.
pub static AES_128_GCM: &dyn Aead = &Algorithm::<Aes128Gcm>::new(AES_GCM_SEAL_LIMIT);

/// AES-256-GCM.
pub static AES_256_GCM: &dyn Aead = &Algorithm::<Aes256Gcm>::new(AES_GCM_SEAL_LIMIT);

/// ChaCha20-Poly1305.
pub static CHACHA20_POLY1305: &dyn Aead = &Algorithm::<ChaCha20Poly1305>::new(u64::MAX);

/// Most records per key: 2^24.5 full-size records keep the safety margin at 2^-57 (RFC 8446 §5.5);
/// rounded down.
const AES_GCM_SEAL_LIMIT: u64 = 23_726_566;

/// An AEAD of RustCrypto. With ChaCha20-Poly1305 the sequence number would wrap before a limit is
/// reached (RFC 8446 §5.5), hence `u64::MAX`.
pub(crate) struct Algorithm<A> {
    library: PhantomData<fn() -> A>,
    seal_limit: u64,
}

impl<A> Algorithm<A> {
    pub(crate) const fn new(seal_limit: u64) -> Self {
        Self { library: PhantomData, seal_limit }
    }
}

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
        self.seal_limit
    }

    fn key(&self, key: &[u8]) -> Option<Box<WithIv<dyn AeadKey>>> {
        let key = key.try_into().ok()?;
        // Built in place: a `Result` would be moved on the stack, 400 bytes each time.
        Some(Box::new(WithIv::new(Key(A::new(key)))))
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
        // Copied to its place and sealed there: the suffix need not follow the content in the caller's
        // slice, and the library takes only one input.
        let (body, rest) = out.split_at_mut_checked(plaintext.len()).ok_or(SealFailed)?;
        let (tail, tag) = rest.split_at_mut_checked(suffix.len()).ok_or(SealFailed)?;
        if tag.len() != A::TagSize::USIZE {
            return Err(SealFailed);
        }
        body.copy_from_slice(plaintext);
        tail.copy_from_slice(suffix);

        let length = plaintext.len() + suffix.len();
        let (body, tag) = out.split_at_mut_checked(length).ok_or(SealFailed)?;
        let made = self.0.encrypt_inout_detached(nonce.into(), aad, body.into()).map_err(|_| SealFailed)?;
        tag.iter_mut().zip(made).for_each(|(to, from)| *to = from);
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
