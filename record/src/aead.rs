//! Records protected with an AEAD: nonce and additional data of both versions (RFC 8446 §5.2 and §5.3,
//! RFC 5246 §6.2.3.3, RFC 5288, RFC 6655, RFC 7905).

use alloc::boxed::Box;
use core::ops::Range;

use handclasp_crypto::{Aead, AeadKey, NonceStyle, NotAuthentic, SealFailed, WithIv, WrongKeyLength};
use handclasp_schedule::TrafficKeys;

use crate::HEADER;

/// Length of the sequence number and of the explicit part of the nonce, which is sent with each record
/// (RFC 5288 §3).
const NUMBER: usize = 8;

/// Keys of one direction.
pub(crate) struct AeadRecords {
    key: Box<WithIv<dyn AeadKey>>,
    /// Bytes of the explicit part of the nonce in front of the ciphertext: 8 or 0.
    explicit: usize,
    /// Bytes that protection adds: the explicit part of the nonce and the tag.
    around: usize,
    is_tls13: bool,
}

impl AeadRecords {
    /// Returns `None` if the key or the IV does not have the length that the suite requires.
    pub(crate) fn new(
        keys: &TrafficKeys,
        aead: &'static dyn Aead,
        nonce: NonceStyle,
        is_tls13: bool,
    ) -> Option<Self> {
        let explicit = match nonce {
            NonceStyle::Xor => 0,
            NonceStyle::Explicit => NUMBER,
        };
        let key = aead.key(keys.key.expose())?;
        let mut records = Self { key, explicit, around: explicit.saturating_add(aead.tag_len()), is_tls13 };
        records.set_iv(keys).ok()?;
        Some(records)
    }

    /// Replaces the keys by the next ones of the same suite.
    ///
    /// # Errors
    /// A key or an IV that does not have the length that the suite requires.
    pub(crate) fn renew(&mut self, keys: &TrafficKeys) -> Result<(), WrongKeyLength> {
        self.key.renew(keys.key.expose())?;
        self.set_iv(keys)
    }

    /// The secret part of the nonce comes first; what is sent with each record has its place after it.
    fn set_iv(&mut self, keys: &TrafficKeys) -> Result<(), WrongKeyLength> {
        let iv = keys.iv_or_mac_key.expose();
        let (secret, sent) = self.key.iv.split_at_mut_checked(iv.len()).ok_or(WrongKeyLength)?;
        if sent.len() != self.explicit {
            return Err(WrongKeyLength);
        }
        secret.copy_from_slice(iv);
        Ok(())
    }

    /// Length of a protected record with `content` bytes of content: the content type (TLS 1.3)
    /// included, without padding.
    pub(crate) fn sealed_len(&self, content: usize) -> usize {
        content.saturating_add(self.around).saturating_add(usize::from(self.is_tls13))
    }

    /// See `RecordKeys::seal`.
    pub(crate) fn seal(
        &self,
        sequence: u64,
        header: [u8; HEADER],
        plaintext: &[u8],
        suffix: &[u8],
        out: &mut [u8],
    ) -> Result<(), SealFailed> {
        // The sequence number is the explicit part of the nonce (RFC 5288 §3).
        let number = sequence.to_be_bytes();
        let (explicit, sealed) = out.split_at_mut_checked(self.explicit).ok_or(SealFailed)?;
        explicit.iter_mut().zip(number).for_each(|(place, byte)| *place = byte);
        let authenticated = Authenticated::new(sequence, header, self.is_tls13, plaintext.len());
        self.key.seal(&self.nonce(number), authenticated.bytes(), plaintext, suffix, sealed)
    }

    /// See `RecordKeys::open`.
    pub(crate) fn open(
        &self,
        sequence: u64,
        header: [u8; HEADER],
        payload: &mut [u8],
    ) -> Result<Range<usize>, NotAuthentic> {
        let plaintext_len = payload.len().checked_sub(self.around).ok_or(NotAuthentic)?;
        let (explicit, ciphertext) = payload.split_at_mut_checked(self.explicit).ok_or(NotAuthentic)?;
        let number = explicit.first_chunk().copied().unwrap_or(sequence.to_be_bytes());
        let authenticated = Authenticated::new(sequence, header, self.is_tls13, plaintext_len);
        let length = self.key.open(&self.nonce(number), authenticated.bytes(), ciphertext)?;
        Ok(self.explicit..self.explicit.saturating_add(length))
    }

    /// Returns the nonce of a record: the IV XOR the sequence number (RFC 8446 §5.3, RFC 7905 §2), or
    /// the salt and the explicit part (RFC 5288 §3), where the IV has zeros.
    fn nonce(&self, number: [u8; NUMBER]) -> [u8; 12] {
        let mut nonce = *self.key.iv;
        if let Some(tail) = nonce.last_chunk_mut() {
            *tail = (u64::from_ne_bytes(*tail) ^ u64::from_ne_bytes(number)).to_ne_bytes();
        }
        nonce
    }
}

/// The additional data of a record.
struct Authenticated {
    /// TLS 1.2: the sequence number, type and version from the header, and the length of the plaintext.
    numbered: [u8; NUMBER + HEADER],
    /// TLS 1.3: the record header alone.
    is_tls13: bool,
}

impl Authenticated {
    fn new(sequence: u64, header: [u8; HEADER], is_tls13: bool, plaintext_len: usize) -> Self {
        let [s0, s1, s2, s3, s4, s5, s6, s7] = sequence.to_be_bytes();
        let [content_type, major, minor, high, low] = header;
        let [high, low] = match is_tls13 {
            true => [high, low],
            false => u16::try_from(plaintext_len).unwrap_or(u16::MAX).to_be_bytes(),
        };
        let numbered = [s0, s1, s2, s3, s4, s5, s6, s7, content_type, major, minor, high, low];
        Self { numbered, is_tls13 }
    }

    fn bytes(&self) -> &[u8] {
        let front = if self.is_tls13 { NUMBER } else { 0 };
        self.numbered.get(front..).unwrap_or_default()
    }
}
