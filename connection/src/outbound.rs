//! From plaintext to the wire: fragment, protect, queue.

use alloc::vec::Vec;

use handclasp_codec::{ContentType, ProtocolVersion};
use handclasp_handshake::RecordLimits;
use handclasp_record::{RecordKeys, fragments, write_plain};
use handclasp_report::Internal;

use crate::limits::Limits;

/// Headers and tags of a flight's records.
const RECORDS: usize = 96;

/// Sealed records that wait for the transport, and the keys that seal.
pub(crate) struct Outbound {
    wire: Vec<u8>,
    /// Bytes at the front of `wire` that the transport has already.
    sent: usize,
    pub(crate) keys: Option<RecordKeys>,
    /// Whether the keys were forgotten: nothing is sent any more, least of all without protection.
    is_over: bool,
    /// Version in the header of records without protection (RFC 8446 §5.1).
    plain_version: ProtocolVersion,
    /// Most bytes of content in a record that the peer takes in, with keys and without.
    limits: Limits,
}

impl Outbound {
    pub(crate) fn new(plain_version: ProtocolVersion) -> Self {
        Self { wire: Vec::new(), sent: 0, keys: None, is_over: false, plain_version, limits: Limits::NONE }
    }

    /// After the first flight the header says TLS 1.2, whatever is negotiated.
    pub(crate) fn first_flight_is_over(&mut self) {
        self.plain_version = ProtocolVersion::TLS_1_2;
    }

    /// Encrypts nothing from here on; queued records are still sent.
    pub(crate) fn forget_keys(&mut self) {
        self.keys = None;
        self.is_over = true;
    }

    /// Limits records to what the peer accepts.
    pub(crate) fn limit(&mut self, limits: RecordLimits) {
        self.limits = Limits::new(limits.send, limits.unprotected);
    }

    pub(crate) fn key_is_worn(&self) -> bool {
        self.keys.as_ref().is_some_and(RecordKeys::near_limit)
    }

    /// Most bytes of content in the next record; `own` is our own bound.
    pub(crate) fn fragment_length(&self, own: usize) -> usize {
        self.limits.of(self.keys.is_some()).min(own)
    }

    /// Reserves memory for a flight of that many bytes, so that the queue does not grow record by record.
    pub(crate) fn reserve(&mut self, flight: usize) {
        let room = self.wire.capacity().saturating_sub(self.wire.len());
        if flight > 0 && room < flight.saturating_add(RECORDS) {
            // Half again, since more follows a server's first messages once a signature is there.
            self.wire.reserve(flight.saturating_add(RECORDS).saturating_add(flight >> 1));
        }
    }

    /// Protects `payload` in records of at most `limit` plaintext bytes, or of fewer where the
    /// peer wants that, and queues them.
    pub(crate) fn send(
        &mut self,
        content_type: ContentType,
        payload: &[u8],
        limit: usize,
    ) -> Result<(), Internal> {
        fragments(payload, self.fragment_length(limit))
            .try_for_each(|fragment| self.seal(content_type, fragment))
    }

    fn seal(&mut self, content_type: ContentType, fragment: &[u8]) -> Result<(), Internal> {
        if self.is_over {
            return Err(Internal::Bug);
        }
        match &mut self.keys {
            Some(keys) => keys.seal(content_type, fragment, &mut self.wire),
            None => {
                write_plain(content_type, self.plain_version, fragment, &mut self.wire);
                Ok(())
            }
        }
    }

    /// change_cipher_spec is never protected by the keys that it announces.
    pub(crate) fn send_change_cipher_spec(&mut self) {
        write_plain(ContentType::change_cipher_spec, ProtocolVersion::TLS_1_2, &[1], &mut self.wire);
    }

    pub(crate) fn waiting(&self) -> &[u8] {
        self.wire.get(self.sent..).unwrap_or_default()
    }

    pub(crate) fn transmitted(&mut self, count: usize) {
        self.sent = self.sent.saturating_add(count).min(self.wire.len());
        // Also where the transport never takes all, so that a peer which reads slowly makes nothing
        // grow; what moves is no more than what left.
        if self.sent >= self.waiting().len() {
            self.wire.drain(..self.sent);
            self.sent = 0;
        }
    }

    /// Gives the queue's memory back if nothing waits.
    pub(crate) fn release(&mut self) {
        if self.wire.is_empty() {
            self.wire = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::boxed::Box;

    use handclasp_crypto::{Aead, AeadKey, Secret, Suite, WithIv};
    use handclasp_provider_aws_lc::{AES_128_GCM, SHA256, TLS_AES_128_GCM_SHA256};
    use handclasp_record::HEADER;
    use handclasp_schedule::TrafficKeys;

    use super::*;

    /// AES-128-GCM that may seal one record.
    struct Short;

    impl Aead for Short {
        fn key_len(&self) -> usize {
            AES_128_GCM.key_len()
        }
        fn tag_len(&self) -> usize {
            AES_128_GCM.tag_len()
        }
        fn seal_limit(&self) -> u64 {
            1
        }
        fn key(&self, key: &[u8]) -> Option<Box<WithIv<dyn AeadKey>>> {
            AES_128_GCM.key(key)
        }
    }

    #[test]
    fn what_cannot_be_sealed_leaves_nothing_in_the_queue() {
        let suite: &'static Suite =
            Box::leak(Box::new(Suite::tls13(TLS_AES_128_GCM_SHA256.id, SHA256, &Short)));
        let mut outbound = Outbound::new(ProtocolVersion::TLS_1_2);
        let (key, iv_or_mac_key) = (Secret::zero(16), Secret::zero(12));
        outbound.keys = RecordKeys::new(&TrafficKeys { suite, key, iv_or_mac_key });
        outbound.send(ContentType::application_data, b"first", 100).unwrap();
        let before = outbound.waiting().to_vec();
        assert_eq!(before.len(), HEADER + 5 + 1 + 16);
        let refused = outbound.send(ContentType::application_data, b"second", 100);
        assert_eq!(refused, Err(Internal::KeyExhausted));
        assert_eq!(outbound.waiting(), before);
    }

    #[test]
    fn nothing_is_sent_when_the_keys_are_forgotten() {
        let mut outbound = Outbound::new(ProtocolVersion::TLS_1_2);
        outbound.send(ContentType::alert, &[2, 40], 100).unwrap();
        outbound.forget_keys();
        assert_eq!(outbound.send(ContentType::alert, &[2, 40], 100), Err(Internal::Bug));
        assert_eq!(outbound.waiting(), [21, 3, 3, 0, 2, 2, 40]);
    }

    #[test]
    fn a_transport_that_never_takes_all_makes_nothing_grow() {
        let mut outbound = Outbound::new(ProtocolVersion::TLS_1_2);
        let content: Vec<u8> = (0..1000_u32).map(|number| number.to_le_bytes()[0]).collect();
        let (mut sealed, mut taken) = (Vec::new(), Vec::new());
        for _ in 0..1000 {
            outbound.send(ContentType::alert, &content, content.len()).unwrap();
            sealed.extend_from_slice(&[&[21, 3, 3, 3, 232], &content[..]].concat());
            // All but what lay there before, so that something always waits.
            let count = outbound.waiting().len().min(1005) - usize::from(taken.is_empty());
            taken.extend_from_slice(&outbound.waiting()[..count]);
            outbound.transmitted(count);
            assert!(!outbound.waiting().is_empty());
        }
        taken.extend_from_slice(outbound.waiting());
        assert_eq!(taken, sealed);
        assert!(outbound.wire.capacity() < 10_000, "{} bytes", outbound.wire.capacity());
    }
}
