//! What reading and writing under keys have in common: the sequence number, the nonce and the
//! additional data made of it, for both versions.
//! Called by `protect` and `unprotect`.

use alloc::boxed::Box;

use handclasp_crypto::{AeadKey, Exchange, NonceStyle, Suite};
use handclasp_report::{Fault, Internal};
use handclasp_schedule::TrafficKeys;
use zeroize::Zeroizing;

use crate::HEADER;

/// Bytes of the nonce that travel with a record (RFC 5288 §3).
pub(crate) const EXPLICIT: usize = 8;

/// Bytes of the secret rest.
const SALT: usize = 4;

/// seq_num, type, version, length (RFC 5246 §6.2.3.3).
const ADDITIONAL_DATA_12: usize = 8 + HEADER;

/// One direction under one key.
pub(crate) struct Direction {
    pub(crate) suite: &'static Suite,
    pub(crate) key: Box<dyn AeadKey>,
    iv: Zeroizing<[u8; 12]>,
    sequence: u64,
}

impl Direction {
    /// `None` when key or IV do not have the length that the suite wants.
    pub(crate) fn new(keys: &TrafficKeys) -> Option<Self> {
        let wanted = match keys.suite.nonce {
            NonceStyle::Xor => 12,
            NonceStyle::Explicit => SALT,
        };
        if keys.iv.len() != wanted {
            return None;
        }
        let mut iv = Zeroizing::new([0; 12]);
        iv.get_mut(..wanted)?.copy_from_slice(keys.iv.expose());
        let key = keys.suite.aead.key(keys.key.expose())?;
        Some(Self { suite: keys.suite, key, iv, sequence: 0 })
    }

    /// The number of the next record.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Takes the number of the next record. The very last one is never used, so that the
    /// counter cannot wrap (RFC 8446 §5.3).
    pub(crate) fn take_sequence(&mut self, limit: u64) -> Result<u64, Fault> {
        let sequence = self.sequence;
        let next = sequence.checked_add(1).filter(|_| sequence < limit);
        self.sequence = next.ok_or(Fault::Internal(Internal::KeyExhausted))?;
        Ok(sequence)
    }

    /// Whether content type and padding are inside of what is encrypted (RFC 8446 §5.2).
    pub(crate) fn is_tls13(&self) -> bool {
        match self.suite.exchange {
            Exchange::Tls13 => true,
            Exchange::Ecdhe(_) | Exchange::Psk | Exchange::EcdhePsk => false,
        }
    }

    /// Bytes of nonce in front of the ciphertext.
    pub(crate) fn explicit_len(&self) -> usize {
        match self.suite.nonce {
            NonceStyle::Xor => 0,
            NonceStyle::Explicit => EXPLICIT,
        }
    }

    /// Bytes that protection adds to content without padding.
    pub(crate) fn overhead(&self) -> usize {
        let content_type = usize::from(self.is_tls13());
        self.explicit_len().saturating_add(content_type).saturating_add(self.suite.aead.tag_len())
    }

    /// The nonce of a record: the IV XOR its number (RFC 8446 §5.3, RFC 7905 §2), or the salt
    /// and what travels with the record (RFC 5288 §3).
    pub(crate) fn nonce(&self, sequence: u64, explicit: [u8; EXPLICIT]) -> [u8; 12] {
        let mut nonce = *self.iv;
        if let Some(tail) = nonce.last_chunk_mut::<EXPLICIT>() {
            match self.suite.nonce {
                NonceStyle::Xor => {
                    tail.iter_mut().zip(sequence.to_be_bytes()).for_each(|(byte, number)| *byte ^= number);
                }
                NonceStyle::Explicit => *tail = explicit,
            }
        }
        nonce
    }

    /// The additional data: the header as it stands on the wire in 1.3; in 1.2 the number, type
    /// and version as on the wire, and the length of the plaintext.
    pub(crate) fn additional_data(
        &self,
        sequence: u64,
        header: [u8; HEADER],
        plaintext_len: usize,
    ) -> AdditionalData {
        if self.is_tls13() {
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

/// Additional data in place.
pub(crate) struct AdditionalData {
    bytes: [u8; ADDITIONAL_DATA_12],
    length: usize,
}

impl core::ops::Deref for AdditionalData {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use handclasp_crypto::Secret;
    use handclasp_provider_aws_lc::TLS_AES_128_GCM_SHA256;

    use super::*;

    fn direction() -> Direction {
        let (key, iv) = (Secret::zero(16), Secret::zero(12));
        Direction::new(&TrafficKeys { suite: &TLS_AES_128_GCM_SHA256, key, iv }).unwrap()
    }

    #[test]
    fn the_sequence_number_never_wraps() {
        let mut direction = direction();
        direction.sequence = u64::MAX - 2;
        assert_eq!(direction.take_sequence(u64::MAX), Ok(u64::MAX - 2));
        assert_eq!(direction.take_sequence(u64::MAX), Ok(u64::MAX - 1));
        for _ in 0..3 {
            // Exhausted stays exhausted.
            let exhausted = Err(Fault::Internal(Internal::KeyExhausted));
            assert_eq!(direction.take_sequence(u64::MAX), exhausted);
        }
    }

    #[test]
    fn a_limit_is_the_number_of_records() {
        let mut direction = direction();
        for sequence in 0..5 {
            assert_eq!(direction.take_sequence(5), Ok(sequence));
        }
        assert_eq!(direction.take_sequence(5), Err(Fault::Internal(Internal::KeyExhausted)));
    }
}
