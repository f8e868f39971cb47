//! Seals records from the caller's slice to the wire in one pass (RFC 8446 §5.2, RFC 5246 §6.2.3.3).

use handclasp_codec::{ContentType, ProtocolVersion};
use handclasp_crypto::WrongKeyLength;
use handclasp_report::{Fault, Internal};
use handclasp_schedule::TrafficKeys;

use crate::{HEADER, MAX_PLAINTEXT, direction::Direction, plain::write_header};

/// Keys that protect the records we send.
pub struct WriteKeys(Direction);

impl WriteKeys {
    /// Returns keys that begin with sequence number 0, or `None` if a key or the IV does not have the
    /// length that the suite requires.
    pub fn new(keys: &TrafficKeys) -> Option<Self> {
        Direction::new(keys).map(Self)
    }

    /// Replaces the keys and begins again with sequence number 0.
    ///
    /// # Errors
    /// A key or IV that does not have the length that the suite requires.
    pub fn renew(&mut self, keys: &TrafficKeys) -> Result<(), WrongKeyLength> {
        self.0.renew(keys)
    }

    /// Returns the sequence number of the next record.
    pub fn sequence(&self) -> u64 {
        self.0.sequence()
    }

    /// Length after the header of a record with `plaintext` bytes of content.
    pub fn sealed_len(&self, plaintext: usize) -> usize {
        self.0.sealed_len(plaintext)
    }

    /// Whether the key must soon be updated (TLS 1.3) or the connection closed (TLS 1.2): 15/16 of the
    /// records that the key may seal are used (RFC 8446 §5.5). The rest is a margin for KeyUpdate or
    /// close_notify and for data already queued.
    pub fn near_limit(&self) -> bool {
        let limit = self.0.seal_limit();
        self.0.sequence() >= limit.saturating_sub(limit >> 4)
    }

    /// Seals one record into `out`, which must be [`HEADER`] + [`WriteKeys::sealed_len`] bytes long.
    ///
    /// # Errors
    /// [`Internal::KeyExhausted`] at the AEAD's limit; [`Internal::Bug`] if a length does not fit or the
    /// content exceeds 2^14 bytes; [`Internal::Crypto`].
    pub fn seal(&mut self, content_type: ContentType, plaintext: &[u8], out: &mut [u8]) -> Result<(), Fault> {
        if plaintext.len() > MAX_PLAINTEXT {
            return Err(Fault::Internal(Internal::Bug));
        }
        // RFC 8446 §5.2: the outer type and version are always those of TLS 1.2 application data.
        let ContentType(inner_type) = content_type;
        let (outer_type, suffix): (_, &[u8]) = match self.0.is_tls13() {
            true => (ContentType::application_data, &[inner_type]),
            false => (content_type, &[]),
        };
        let length = self.sealed_len(plaintext.len());
        write_header(outer_type, ProtocolVersion::TLS_1_2, length, out)?;
        let (header, body) = out.split_first_chunk_mut::<HEADER>().ok_or(Fault::Internal(Internal::Bug))?;

        // Taken before sealing, so that a number is never used twice, even after a failure.
        let sequence = self.0.take_sequence(self.0.seal_limit())?;
        self.0.seal(sequence, *header, plaintext, suffix, body)
    }
}
