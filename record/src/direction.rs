//! State shared by reading and writing under keys: the sequence number and the kind of protection.

use alloc::boxed::Box;
use core::ops::Range;

use handclasp_codec::CipherSuite;
use handclasp_crypto::{
    CbcEtmKey, KeyExchangeAlgorithm, NotAuthentic, Protection, RecordId, SealFailed, WrongKeyLength,
};
use handclasp_report::{Fault, Internal};
use handclasp_schedule::TrafficKeys;

use crate::{HEADER, aead::AeadRecords};

/// One direction of a connection under one key.
pub(crate) struct Direction {
    suite: CipherSuite,
    is_tls13: bool,
    records: Records,
    sequence: u64,
    seal_limit: u64,
}

/// The kind of protection with its keys, as [`Protection`] lists them.
enum Records {
    Aead(AeadRecords),
    CbcEtm(Box<dyn CbcEtmKey>),
}

impl Direction {
    /// Returns `None` if a key or the IV does not have the length that the suite requires.
    pub(crate) fn new(keys: &TrafficKeys) -> Option<Self> {
        let protection = keys.suite.protection;
        if keys.iv_or_mac_key.len() != protection.iv_or_mac_key_len() {
            return None;
        }
        let is_tls13 = match keys.suite.exchange {
            KeyExchangeAlgorithm::Tls13 => true,
            KeyExchangeAlgorithm::Ecdhe(_) | KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::EcdhePsk => {
                false
            }
        };
        let (records, seal_limit) = match protection {
            Protection::Aead { aead, nonce } => {
                (Records::Aead(AeadRecords::new(keys, aead, nonce, is_tls13)?), aead.seal_limit())
            }
            Protection::CbcEtm(cipher) => {
                let key = cipher.key(keys.key.expose(), keys.iv_or_mac_key.expose())?;
                (Records::CbcEtm(key), cipher.seal_limit())
            }
        };
        Some(Self { suite: keys.suite.id, is_tls13, records, sequence: 0, seal_limit })
    }

    /// As [`Direction::new`]. For TLS 1.3, where the suite does not change, the next keys replace these
    /// without an allocation.
    ///
    /// # Errors
    /// A key or IV that does not have the length that the suite requires.
    pub(crate) fn renew(&mut self, keys: &TrafficKeys) -> Result<(), WrongKeyLength> {
        match (&mut self.records, keys.suite.protection) {
            (Records::Aead(records), Protection::Aead { .. })
                if self.suite == keys.suite.id
                    && keys.iv_or_mac_key.len() == keys.suite.protection.iv_or_mac_key_len() =>
            {
                records.renew(keys)?;
                self.sequence = 0;
            }
            _ => *self = Self::new(keys).ok_or(WrongKeyLength)?,
        }
        Ok(())
    }

    /// Returns the sequence number of the next record.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Returns the sequence number of the next record and increments it. The last number is never used,
    /// so the counter cannot wrap (RFC 8446 §5.3).
    pub(crate) fn take_sequence(&mut self, limit: u64) -> Result<u64, Fault> {
        let sequence = self.sequence;
        let next = sequence.checked_add(1).filter(|_| sequence < limit);
        self.sequence = next.ok_or(Fault::Internal(Internal::KeyExhausted))?;
        Ok(sequence)
    }

    /// Returns the number of a record that was not protected with these keys, so that the next record
    /// uses it.
    pub(crate) fn give_back_sequence(&mut self) {
        self.sequence = self.sequence.saturating_sub(1);
    }

    /// Sets the sequence number of the next record.
    pub(crate) fn set_sequence(&mut self, sequence: u64) {
        self.sequence = sequence;
    }

    /// Whether content type and padding are encrypted (RFC 8446 §5.2).
    pub(crate) fn is_tls13(&self) -> bool {
        self.is_tls13
    }

    /// Most records that may be sealed with this key (RFC 8446 §5.5).
    pub(crate) fn seal_limit(&self) -> u64 {
        self.seal_limit
    }

    /// Length after the header of a record that we seal with `content` bytes of content.
    pub(crate) fn sealed_len(&self, content: usize) -> usize {
        match &self.records {
            Records::Aead(records) => records.sealed_len(content),
            Records::CbcEtm(key) => key.sealed_len(content),
        }
    }

    /// Most bytes after the header of a record with at most `content` bytes of content.
    pub(crate) fn payload_limit(&self, content: usize) -> usize {
        match &self.records {
            Records::Aead(records) => records.sealed_len(content),
            Records::CbcEtm(key) => key.sealed_max(content),
        }
    }

    /// Seals content and its suffix into `out`, which is the record after its header.
    pub(crate) fn seal(
        &self,
        sequence: u64,
        header: [u8; HEADER],
        plaintext: &[u8],
        suffix: &[u8],
        out: &mut [u8],
    ) -> Result<(), Fault> {
        match &self.records {
            Records::Aead(records) => records.seal(sequence, header, plaintext, suffix, out),
            // Only TLS 1.3 has a suffix, and it has no CBC suites.
            Records::CbcEtm(key) => key.seal(&record_id(sequence, header), plaintext, out),
        }
        .map_err(|SealFailed| Fault::Internal(Internal::Crypto))
    }

    /// Opens the record after its header in place. Returns the range of the plaintext.
    pub(crate) fn open(
        &self,
        sequence: u64,
        header: [u8; HEADER],
        payload: &mut [u8],
    ) -> Result<Range<usize>, NotAuthentic> {
        match &self.records {
            Records::Aead(records) => records.open(sequence, header, payload),
            Records::CbcEtm(key) => key.open(&record_id(sequence, header), payload),
        }
    }
}

/// Type and version are those on the wire.
fn record_id(sequence: u64, header: [u8; HEADER]) -> RecordId {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = sequence.to_be_bytes();
    let [content_type, major, minor, ..] = header;
    [s0, s1, s2, s3, s4, s5, s6, s7, content_type, major, minor]
}

#[cfg(test)]
mod tests {
    use handclasp_crypto::Secret;
    use handclasp_provider_aws_lc::TLS_AES_128_GCM_SHA256;

    use super::*;

    fn direction() -> Direction {
        let (key, iv_or_mac_key) = (Secret::zero(16), Secret::zero(12));
        Direction::new(&TrafficKeys { suite: &TLS_AES_128_GCM_SHA256, key, iv_or_mac_key }).unwrap()
    }

    #[test]
    fn the_sequence_number_never_wraps() {
        let mut direction = direction();
        direction.sequence = u64::MAX - 2;
        assert_eq!(direction.take_sequence(u64::MAX), Ok(u64::MAX - 2));
        assert_eq!(direction.take_sequence(u64::MAX), Ok(u64::MAX - 1));
        for _ in 0..3 {
            // An exhausted key stays exhausted.
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
