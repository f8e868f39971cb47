//! AEADs (RFC 5116): AES-GCM (RFC 5288, RFC 8446 §B.4) and ChaCha20-Poly1305 (RFC 8439).

use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use handclasp_crypto::{Aead, AeadKey, NotAuthentic, SealFailed, WithIv, WrongKeyLength};

/// AES-128-GCM.
pub static AES_128_GCM: &dyn Aead =
    &Algorithm { algorithm: &aead::AES_128_GCM, seal_limit: AES_GCM_SEAL_LIMIT };

/// AES-256-GCM.
pub static AES_256_GCM: &dyn Aead =
    &Algorithm { algorithm: &aead::AES_256_GCM, seal_limit: AES_GCM_SEAL_LIMIT };

/// ChaCha20-Poly1305.
pub static CHACHA20_POLY1305: &dyn Aead =
    &Algorithm { algorithm: &aead::CHACHA20_POLY1305, seal_limit: u64::MAX };

/// Most records per key: 2^24.5 full-size records keep the safety margin at 2^-57 (RFC 8446 §5.5);
/// rounded down.
const AES_GCM_SEAL_LIMIT: u64 = 23_726_566;

/// An AEAD of aws-lc-rs. With ChaCha20-Poly1305 the sequence number would wrap before a limit is reached
/// (RFC 8446 §5.5), hence `u64::MAX`.
struct Algorithm {
    algorithm: &'static aead::Algorithm,
    seal_limit: u64,
}

impl Aead for Algorithm {
    fn key_len(&self) -> usize {
        self.algorithm.key_len()
    }

    fn tag_len(&self) -> usize {
        self.algorithm.tag_len()
    }

    fn seal_limit(&self) -> u64 {
        self.seal_limit
    }

    fn key(&self, key: &[u8]) -> Option<Box<WithIv<dyn AeadKey>>> {
        let key = UnboundKey::new(self.algorithm, key).ok()?;
        Some(Box::new(WithIv::new(Key(LessSafeKey::new(key)))))
    }
}

/// "Less safe" means that the caller must never repeat a nonce; the record layer's sequence numbers
/// ensure that.
struct Key(LessSafeKey);

impl AeadKey for Key {
    fn renew(&mut self, key: &[u8]) -> Result<(), WrongKeyLength> {
        self.0 = LessSafeKey::new(UnboundKey::new(self.0.algorithm(), key).map_err(|_| WrongKeyLength)?);
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
        // One pass from the caller's slice to the wire; the library checks that the second half is
        // exactly as long as suffix and tag.
        let (body, suffix_and_tag) = out.split_at_mut_checked(plaintext.len()).ok_or(SealFailed)?;
        self.0
            .seal_out_of_place_scatter(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(aad),
                plaintext,
                body,
                suffix,
                suffix_and_tag,
            )
            .map_err(|_| SealFailed)
    }

    fn open(&self, nonce: &[u8; 12], aad: &[u8], in_out: &mut [u8]) -> Result<usize, NotAuthentic> {
        self.0
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), in_out)
            .map(|plaintext| plaintext.len())
            .map_err(|_| NotAuthentic)
    }
}
