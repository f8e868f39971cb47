//! Records protected with an AEAD: nonce and additional data of both versions (RFC 8446 §5.2 and §5.3,
//! RFC 5246 §6.2.3.3, RFC 5288, RFC 6655, RFC 7905).

use alloc::boxed::Box;
use core::ops::Range;

use handclasp_crypto::{Aead, AeadKey, NonceStyle, NotAuthentic, SealFailed, WithIv, WrongKeyLength};
use handclasp_schedule::TrafficKeys;

use crate::HEADER;

/// Length of the explicit part of the nonce, which is sent with each record (RFC 5288 §3).
const EXPLICIT: usize = 8;

/// seq_num, type, version and length (RFC 5246 §6.2.3.3).
const ADDITIONAL_DATA_12: usize = 8 + HEADER;

/// Keys of one direction.
pub(crate) struct AeadRecords {
    key: Box<WithIv<dyn AeadKey>>,
    nonce: NonceStyle,
    is_tls13: bool,
    /// Bytes that protection adds: the explicit part of the nonce and the tag.
    around: usize,
}

impl AeadRecords {
    /// Returns `None` if the key does not have the length that the AEAD requires.
    pub(crate) fn new(
        keys: &TrafficKeys,
        aead: &'static dyn Aead,
        nonce: NonceStyle,
        is_tls13: bool,
    ) -> Option<Self> {
        let mut key = aead.key(keys.key.expose())?;
        key.iv.iter_mut().zip(keys.iv_or_mac_key.expose()).for_each(|(to, from)| *to = *from);
        Some(Self { key, nonce, is_tls13, around: explicit_len(nonce).saturating_add(aead.tag_len()) })
    }

    /// Replaces the keys by the next ones of the same suite.
    ///
    /// # Errors
    /// A key that does not have the length that the AEAD requires.
    pub(crate) fn renew(&mut self, keys: &TrafficKeys) -> Result<(), WrongKeyLength> {
        self.key.renew(keys.key.expose())?;
        self.key.iv.iter_mut().zip(keys.iv_or_mac_key.expose()).for_each(|(to, from)| *to = *from);
        Ok(())
    }

    /// Length of a protected record with `content` bytes of content: the content type (TLS 1.3)
    /// included, without padding.
    pub(crate) fn sealed_len(&self, content: usize) -> usize {
        content.saturating_add(self.around).saturating_add(usize::from(self.is_tls13))
    }

    /// See `Direction::seal`.
    pub(crate) fn seal(
        &self,
        sequence: u64,
        header: [u8; HEADER],
        plaintext: &[u8],
        suffix: &[u8],
        out: &mut [u8],
    ) -> Result<(), SealFailed> {
        // The sequence number is the explicit part of the nonce (RFC 5288 §3).
        let explicit = sequence.to_be_bytes();
        let nonce = self.nonce(sequence, explicit);
        let additional_data = self.additional_data(sequence, header, plaintext.len());
        let (front, sealed) = out.split_at_mut_checked(explicit_len(self.nonce)).ok_or(SealFailed)?;
        front.iter_mut().zip(explicit).for_each(|(place, byte)| *place = byte);
        self.key.seal(&nonce, &additional_data, plaintext, suffix, sealed)
    }

    /// See `Direction::open`.
    pub(crate) fn open(
        &self,
        sequence: u64,
        header: [u8; HEADER],
        payload: &mut [u8],
    ) -> Result<Range<usize>, NotAuthentic> {
        let plaintext_len = payload.len().checked_sub(self.around).ok_or(NotAuthentic)?;
        let start = explicit_len(self.nonce);
        let (explicit, ciphertext) = payload.split_at_mut_checked(start).ok_or(NotAuthentic)?;
        let explicit = explicit.first_chunk::<EXPLICIT>().copied().unwrap_or_default();
        let nonce = self.nonce(sequence, explicit);
        let additional_data = self.additional_data(sequence, header, plaintext_len);
        let length = self.key.open(&nonce, &additional_data, ciphertext)?;
        Ok(start..start.saturating_add(length))
    }

    /// Returns the nonce of a record: the IV XOR the sequence number (RFC 8446 §5.3, RFC 7905 §2), or
    /// the salt and the explicit part (RFC 5288 §3).
    fn nonce(&self, sequence: u64, explicit: [u8; EXPLICIT]) -> [u8; 12] {
        let mut nonce = *self.key.iv;
        if let Some(tail) = nonce.last_chunk_mut::<EXPLICIT>() {
            match self.nonce {
                NonceStyle::Xor => {
                    tail.iter_mut().zip(sequence.to_be_bytes()).for_each(|(byte, number)| *byte ^= number);
                }
                NonceStyle::Explicit => *tail = explicit,
            }
        }
        nonce
    }

    /// Returns the additional data. TLS 1.3: the record header. TLS 1.2: the sequence number, type and
    /// version from the header, and the length of the plaintext.
    fn additional_data(&self, sequence: u64, header: [u8; HEADER], plaintext_len: usize) -> AdditionalData {
        if self.is_tls13 {
            let mut bytes = [0; ADDITIONAL_DATA_12];
            if let Some(front) = bytes.first_chunk_mut::<HEADER>() {
                *front = header;
            }
            return AdditionalData { bytes, length: HEADER };
        }
        let [s0, s1, s2, s3, s4, s5, s6, s7] = sequence.to_be_bytes();
        let [content_type, major, minor, ..] = header;
        let [high, low] = u16::try_from(plaintext_len).unwrap_or(u16::MAX).to_be_bytes();
        AdditionalData {
            bytes: [s0, s1, s2, s3, s4, s5, s6, s7, content_type, major, minor, high, low],
            length: ADDITIONAL_DATA_12,
        }
    }
}

/// Length of the explicit part of the nonce in front of the ciphertext.
fn explicit_len(nonce: NonceStyle) -> usize {
    match nonce {
        NonceStyle::Xor => 0,
        NonceStyle::Explicit => EXPLICIT,
    }
}

/// Additional data in a fixed buffer.
struct AdditionalData {
    bytes: [u8; ADDITIONAL_DATA_12],
    length: usize,
}

impl core::ops::Deref for AdditionalData {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}
