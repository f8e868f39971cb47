//! CBC with encrypt-then-MAC (RFC 7366 §3): explicit IV, content and padding encrypted
//! (RFC 5246 §6.2.3.2), then an HMAC over number, header, IV and ciphertext.
//!
//! The MAC is checked first and nothing is deciphered without it, so that padding is no oracle
//! (Vaudenay; Lucky 13). The order of RFC 5246 exists nowhere here.
//!
//! It stands behind traits, as an AEAD does, so that what no policy lists is not linked.

use alloc::boxed::Box;
use core::ops::Range;

use crate::{BLOCK, Cbc, CbcKey, Digest, Hash, NotAuthentic, SealFailed, Secret, equal};

/// A cipher and a MAC, encrypt-then-MAC.
pub trait CbcEtm: Send + Sync {
    /// Bytes of the cipher's key.
    fn key_len(&self) -> usize;

    /// Bytes of the MAC's key, and of the MAC.
    fn mac_len(&self) -> usize;

    /// Records that one key may seal before it must change.
    fn seal_limit(&self) -> u64;

    /// Prepares keys of [`CbcEtm::key_len`] and [`CbcEtm::mac_len`] bytes; `None` when a length
    /// is another.
    fn key(&self, key: &[u8], mac_key: &[u8]) -> Option<Box<dyn CbcEtmKey>>;
}

/// What is authenticated besides: seq_num, type and version (RFC 5246 §6.2.3.1). The length
/// that belongs behind them comes of what is sealed.
pub type RecordId = [u8; 8 + 1 + 2];

/// Keys ready for use.
pub trait CbcEtmKey: Send + Sync {
    /// Bytes that so much content becomes, with the shortest padding.
    fn sealed_len(&self, content: usize) -> usize;

    /// The most bytes that so much content may have become: with the longest padding.
    fn sealed_max(&self, content: usize) -> usize;

    /// Seals `plaintext` from the caller's slice into `out`, which has
    /// [`CbcEtmKey::sealed_len`] bytes. No two records under one key may have the same number.
    ///
    /// # Errors
    /// Lengths that do not fit each other.
    fn seal(&self, record: &RecordId, plaintext: &[u8], out: &mut [u8]) -> Result<(), SealFailed>;

    /// Opens IV, ciphertext and MAC in place; returns where the plaintext stands.
    ///
    /// # Errors
    /// It does not authenticate, or has no padding.
    fn open(&self, record: &RecordId, in_out: &mut [u8]) -> Result<Range<usize>, NotAuthentic>;
}

/// A block cipher in CBC mode and HMAC over a hash.
pub struct CbcHmac {
    /// The cipher.
    pub cipher: &'static dyn Cbc,
    /// The hash; the MAC is not truncated.
    pub mac: &'static dyn Hash,
}

/// The advantage of an adversary against CBC grows as σ² / 2^128 with the blocks σ, twice that
/// since the cipher is a permutation (Bellare, Desai, Jokipii and Rogaway 1997): 2^25 records of
/// 1026 blocks keep it at 2^-57, the margin of RFC 8446 §5.5.
const SEAL_LIMIT: u64 = 1 << 25;

/// The longest padding with its length byte (RFC 5246 §6.2.3.2).
const PADDING_MAX: usize = 256;

impl CbcEtm for CbcHmac {
    fn key_len(&self) -> usize {
        self.cipher.key_len()
    }

    fn mac_len(&self) -> usize {
        self.mac.output_len()
    }

    fn seal_limit(&self) -> u64 {
        SEAL_LIMIT
    }

    fn key(&self, key: &[u8], mac_key: &[u8]) -> Option<Box<dyn CbcEtmKey>> {
        if mac_key.len() != self.mac_len() {
            return None;
        }
        let mac_key = Secret::copy_from(mac_key)?;
        Some(Box::new(CbcHmacKey { cipher: self.cipher.key(key)?, mac: self.mac, mac_key }))
    }
}

struct CbcHmacKey {
    cipher: Box<dyn CbcKey>,
    mac: &'static dyn Hash,
    mac_key: Secret,
}

impl CbcHmacKey {
    /// IV, whole blocks, MAC.
    fn around(&self, padded: usize) -> usize {
        (padded & !(BLOCK - 1)).saturating_add(BLOCK + self.mac.output_len())
    }

    /// An IV that nobody foresees: the record's number under the cipher, which is the first
    /// method of NIST SP 800-38A appendix C (a block unique to each record, enciphered under the
    /// key of the data). It wants no randomness per record.
    fn iv(&self, record: &RecordId) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        block.iter_mut().rev().zip(record.iter().take(8).rev()).for_each(|(to, from)| *to = *from);
        // One block of CBC under an IV of zeros is the cipher itself.
        self.cipher.encrypt(&[0; BLOCK], core::slice::from_mut(&mut block));
        block
    }

    /// The MAC; the length in it counts IV and ciphertext, not the MAC (RFC 7366 §3).
    fn mac(&self, record: &RecordId, sealed: &[u8]) -> Digest {
        let length = u16::try_from(sealed.len()).unwrap_or(u16::MAX).to_be_bytes();
        let mut mac = [0; Digest::MAX];
        self.mac.hmac(self.mac_key.expose(), &[record, &length, sealed], &mut mac);
        Digest::new(mac.get(..self.mac.output_len()).unwrap_or_default())
    }

    /// Where the MAC begins.
    fn split<'b>(&self, sealed: &'b mut [u8]) -> Option<(&'b mut [u8], &'b mut [u8])> {
        let length = sealed.len().checked_sub(self.mac.output_len())?;
        sealed.split_at_mut_checked(length)
    }

    fn try_open(&self, record: &RecordId, in_out: &mut [u8]) -> Option<Range<usize>> {
        let (sealed, mac) = self.split(in_out)?;
        if !equal(&self.mac(record, sealed), mac) {
            return None;
        }
        let (iv, body) = sealed.split_first_chunk_mut::<BLOCK>()?;
        let (blocks, []) = body.as_chunks_mut::<BLOCK>() else { return None };
        self.cipher.decrypt(iv, blocks);
        Some(BLOCK..BLOCK.checked_add(without_padding(body)?)?)
    }
}

impl CbcEtmKey for CbcHmacKey {
    fn sealed_len(&self, content: usize) -> usize {
        self.around(content.saturating_add(BLOCK))
    }

    fn sealed_max(&self, content: usize) -> usize {
        self.around(content.saturating_add(PADDING_MAX))
    }

    fn seal(&self, record: &RecordId, plaintext: &[u8], out: &mut [u8]) -> Result<(), SealFailed> {
        if out.len() != self.sealed_len(plaintext.len()) {
            return Err(SealFailed);
        }
        let (sealed, mac) = self.split(out).ok_or(SealFailed)?;
        let (iv, body) = sealed.split_first_chunk_mut::<BLOCK>().ok_or(SealFailed)?;
        let (content, padding) = body.split_at_mut_checked(plaintext.len()).ok_or(SealFailed)?;
        content.copy_from_slice(plaintext);
        // Each byte of padding is padding_length, which does not count itself.
        let padding_length = padding.len().checked_sub(1).and_then(|length| u8::try_from(length).ok());
        padding.fill(padding_length.ok_or(SealFailed)?);

        *iv = self.iv(record);
        let (blocks, []) = body.as_chunks_mut::<BLOCK>() else { return Err(SealFailed) };
        self.cipher.encrypt(iv, blocks);
        mac.copy_from_slice(&self.mac(record, sealed));
        Ok(())
    }

    fn open(&self, record: &RecordId, in_out: &mut [u8]) -> Result<Range<usize>, NotAuthentic> {
        self.try_open(record, in_out).ok_or(NotAuthentic)
    }
}

/// The length of the content in front of its padding; `None` when the padding is none.
///
/// The peer itself made it, as the MAC has shown. Still all bytes that could be padding are
/// looked at whatever their values, so that time tells nothing of the content's length either.
fn without_padding(body: &[u8]) -> Option<usize> {
    let padding_length = *body.last()?;
    let length = usize::from(padding_length) + 1;
    let start = body.len().saturating_sub(PADDING_MAX);
    let mut wrong = u8::from(length > body.len());
    for (distance, byte) in (0..=u8::MAX).zip(body.get(start..).unwrap_or_default().iter().rev()) {
        let is_padding = u8::from(distance <= padding_length).wrapping_neg();
        wrong |= (byte ^ padding_length) & is_padding;
    }
    (wrong == 0).then(|| body.len().saturating_sub(length))
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn padding_of_every_length() {
        for padding_length in 0..=u8::MAX {
            let padding = vec![padding_length; usize::from(padding_length) + 1];
            for content in [0, 1, 15, 16, 300] {
                let mut body = vec![0xaa; content];
                body.extend(&padding);
                // Content may end like padding.
                if let Some(last) = content.checked_sub(1) {
                    body[last] = padding_length;
                }
                assert_eq!(without_padding(&body), Some(content), "{content} and {padding_length}");
            }
        }
    }

    #[test]
    fn padding_that_is_none() {
        assert_eq!(without_padding(&[]), None);
        for padding_length in 1..=u8::MAX {
            let padding = vec![padding_length; usize::from(padding_length) + 1];
            assert_eq!(without_padding(&padding[1..]), None, "longer than what there is");
            for damaged in 0..usize::from(padding_length) {
                let mut body = vec![0xaa; 16];
                body.extend(&padding);
                body[16 + damaged] ^= 1;
                assert_eq!(without_padding(&body), None, "byte {damaged} of {padding_length}");
            }
        }
    }
}
