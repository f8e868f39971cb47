//! Seals records from the caller's slice to the wire in one pass (RFC 8446 §5.2, RFC 5246 §6.2.3.3).

use alloc::vec::Vec;

use handclasp_codec::{ContentType, ProtocolVersion};
use handclasp_crypto::SealFailed;
use handclasp_report::Internal;

use crate::{
    HEADER, MAX_PLAINTEXT, RecordKeys,
    keys::{Records, record_id},
    plain::header,
};

impl RecordKeys {
    /// Length after the header of a record with `plaintext` bytes of content.
    pub fn sealed_len(&self, plaintext: usize) -> usize {
        match &self.records {
            Records::Aead(records) => records.sealed_len(plaintext),
            Records::CbcEtm(key) => key.sealed_len(plaintext),
        }
    }

    /// Whether the key must soon be updated (TLS 1.3) or the connection closed (TLS 1.2): 15/16 of the
    /// records that the key may seal are used (RFC 8446 §5.5). The rest is a margin for KeyUpdate or
    /// close_notify and for data already queued.
    pub fn near_limit(&self) -> bool {
        self.sequence() >= self.seal_limit.saturating_sub(self.seal_limit >> 4)
    }

    /// Appends one sealed record to `wire`, or nothing where that fails.
    ///
    /// # Errors
    /// [`Internal::KeyExhausted`] at the AEAD's limit; [`Internal::Bug`] if the content exceeds 2^14
    /// bytes; [`Internal::Crypto`].
    pub fn seal(
        &mut self,
        content_type: ContentType,
        plaintext: &[u8],
        wire: &mut Vec<u8>,
    ) -> Result<(), Internal> {
        if plaintext.len() > MAX_PLAINTEXT {
            return Err(Internal::Bug);
        }
        // RFC 8446 §5.2: the outer type and version are always those of TLS 1.2 application data.
        let ContentType(inner_type) = content_type;
        let (outer_type, suffix): (_, &[u8]) = match self.is_tls13 {
            true => (ContentType::application_data, &[inner_type]),
            false => (content_type, &[]),
        };
        let length = self.sealed_len(plaintext.len());
        let header = header(outer_type, ProtocolVersion::TLS_1_2, length);
        // Taken before sealing, so that a number is never used twice, even after a failure.
        let sequence = self.take_sequence(self.seal_limit)?;

        let start = wire.len();
        wire.reserve(HEADER.saturating_add(length));
        wire.extend_from_slice(&header);
        let body = wire.len();
        wire.resize(body.saturating_add(length), 0);
        let out = wire.get_mut(body..).unwrap_or_default();
        let sealed = match &self.records {
            Records::Aead(records) => records.seal(sequence, header, plaintext, suffix, out),
            // Only TLS 1.3 has a suffix, and it has no CBC suites.
            Records::CbcEtm(key) => key.seal(&record_id(sequence, header), plaintext, out),
        };
        sealed.map_err(|SealFailed| {
            wire.truncate(start);
            Internal::Crypto
        })
    }
}
