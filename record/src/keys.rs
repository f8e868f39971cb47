//! Keys of one direction: the sequence number and the kind of protection. `protect` seals with them,
//! `unprotect` opens.

use handclasp_codec::CipherSuite;
use handclasp_crypto::{KeyExchangeAlgorithm, Protection, RecordId, WrongKeyLength};
use handclasp_report::Internal;
use handclasp_schedule::TrafficKeys;

use crate::{
    HEADER,
    aead::AeadRecords,
    capability::{CbcKeys, cbc_keys},
};

/// Keys of one direction of a connection: they open the peer's records, or seal ours.
pub struct RecordKeys {
    suite: CipherSuite,
    /// Whether content type and padding are encrypted (RFC 8446 §5.2).
    pub(crate) is_tls13: bool,
    pub(crate) records: Records,
    sequence: u64,
    /// Most records that may be sealed with this key (RFC 8446 §5.5).
    pub(crate) seal_limit: u64,
}

/// The kind of protection with its keys, as [`Protection`] lists them.
pub(crate) enum Records {
    Aead(AeadRecords),
    CbcEtm(CbcKeys),
}

impl RecordKeys {
    /// Returns keys that begin with sequence number 0, or `None` if a key or the IV does not have the
    /// length that the suite requires.
    pub fn new(keys: &TrafficKeys) -> Option<Self> {
        let is_tls13 = keys.suite.exchange == KeyExchangeAlgorithm::Tls13;
        let (records, seal_limit) = match keys.suite.protection {
            Protection::Aead { aead, nonce } => {
                (Records::Aead(AeadRecords::new(keys, aead, nonce, is_tls13)?), aead.seal_limit())
            }
            Protection::CbcEtm(cipher) => (Records::CbcEtm(cbc_keys(cipher, keys)?), cipher.seal_limit()),
        };
        Some(Self { suite: keys.suite.id, is_tls13, records, sequence: 0, seal_limit })
    }

    /// Puts keys in `place` that begin with sequence number 0. For TLS 1.3, where the suite does not
    /// change, the next keys replace those before without an allocation.
    ///
    /// # Errors
    /// A key or IV that does not have the length that the suite requires.
    pub fn install(place: &mut Option<Self>, keys: &TrafficKeys) -> Result<(), WrongKeyLength> {
        match place {
            Some(Self { suite, records: Records::Aead(records), sequence, .. })
                if *suite == keys.suite.id =>
            {
                // If the next key has a wrong length, the current one stays and its counter goes on.
                records.renew(keys)?;
                *sequence = 0;
                Ok(())
            }
            _ => {
                *place = Some(Self::new(keys).ok_or(WrongKeyLength)?);
                Ok(())
            }
        }
    }

    /// Returns the sequence number of the next record.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Sets the sequence number of the next record, for an observer that may miss records or see them
    /// twice. An endpoint never calls this.
    pub fn set_sequence(&mut self, sequence: u64) {
        self.sequence = sequence;
    }

    /// Skips the record that just failed to open, as records of rejected early data do; the next record
    /// uses the same sequence number (RFC 8446 §4.2.10).
    pub fn skip_record(&mut self) {
        self.sequence = self.sequence.saturating_sub(1);
    }

    /// Returns the sequence number of the next record and increments it. The last number is never used,
    /// so the counter cannot wrap (RFC 8446 §5.3).
    pub(crate) fn take_sequence(&mut self, limit: u64) -> Result<u64, Internal> {
        let sequence = self.sequence;
        let next = sequence.checked_add(1).filter(|_| sequence < limit);
        self.sequence = next.ok_or(Internal::KeyExhausted)?;
        Ok(sequence)
    }
}

/// What CBC authenticates besides the content. Type and version are those on the wire.
pub(crate) fn record_id(sequence: u64, header: [u8; HEADER]) -> RecordId {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = sequence.to_be_bytes();
    let [content_type, major, minor, ..] = header;
    [s0, s1, s2, s3, s4, s5, s6, s7, content_type, major, minor]
}

#[cfg(test)]
mod tests {
    use handclasp_crypto::Secret;
    use handclasp_provider_aws_lc::TLS_AES_128_GCM_SHA256;

    use super::*;

    fn record_keys() -> RecordKeys {
        let (key, iv_or_mac_key) = (Secret::zero(16), Secret::zero(12));
        RecordKeys::new(&TrafficKeys { suite: &TLS_AES_128_GCM_SHA256, key, iv_or_mac_key }).unwrap()
    }

    #[test]
    fn the_sequence_number_never_wraps() {
        let mut keys = record_keys();
        keys.sequence = u64::MAX - 2;
        assert_eq!(keys.take_sequence(u64::MAX), Ok(u64::MAX - 2));
        assert_eq!(keys.take_sequence(u64::MAX), Ok(u64::MAX - 1));
        for _ in 0..3 {
            // An exhausted key stays exhausted.
            let exhausted = Err(Internal::KeyExhausted);
            assert_eq!(keys.take_sequence(u64::MAX), exhausted);
        }
    }

    #[test]
    fn a_key_that_was_not_replaced_uses_no_number_again() {
        let mut place = Some(record_keys());
        let keys = place.as_mut().unwrap();
        assert_eq!(keys.take_sequence(keys.seal_limit), Ok(0));
        let (key, iv_or_mac_key) = (Secret::zero(15), Secret::zero(12));
        let next = TrafficKeys { suite: &TLS_AES_128_GCM_SHA256, key, iv_or_mac_key };
        assert_eq!(RecordKeys::install(&mut place, &next), Err(WrongKeyLength));
        // An alert that says so is sealed by the key before, with a nonce of its own (RFC 8446 §5.3).
        assert_eq!(place.unwrap().sequence(), 1);
    }

    #[test]
    fn a_limit_is_the_number_of_records() {
        let mut keys = record_keys();
        for sequence in 0..5 {
            assert_eq!(keys.take_sequence(5), Ok(sequence));
        }
        assert_eq!(keys.take_sequence(5), Err(Internal::KeyExhausted));
    }
}
