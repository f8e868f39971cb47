//! Sealing records from the caller's slice to the wire in one pass (RFC 8446 §5.2, RFC 5246
//! §6.2.3.3).

use handclasp_codec::{ContentType, ProtocolVersion};
use handclasp_crypto::WrongKeyLength;
use handclasp_report::{Fault, Internal};
use handclasp_schedule::TrafficKeys;

use crate::{HEADER, MAX_PLAINTEXT, direction::Direction, plain::write_header};

/// Keys that seal what we send.
pub struct WriteKeys(Direction);

impl WriteKeys {
    /// Begins with record 0. `None` when a key or the IV does not have the length that the suite
    /// wants.
    pub fn new(keys: &TrafficKeys) -> Option<Self> {
        Direction::new(keys).map(Self)
    }

    /// Replaces these keys, and begins with record 0.
    ///
    /// # Errors
    /// A key or IV that does not have the length that the suite requires.
    pub fn renew(&mut self, keys: &TrafficKeys) -> Result<(), WrongKeyLength> {
        self.0.renew(keys)
    }

    /// The number of the next record.
    pub fn sequence(&self) -> u64 {
        self.0.sequence()
    }

    /// Bytes behind the header of a record with so many bytes of content.
    pub fn sealed_len(&self, plaintext: usize) -> usize {
        self.0.sealed_len(plaintext)
    }

    /// Whether the key must be changed soon (1.3), or the connection be ended (1.2): 15/16 of
    /// the records it may seal are sealed (RFC 8446 §5.5). The rest is room for the KeyUpdate or
    /// close_notify, and for what is already on its way.
    pub fn near_limit(&self) -> bool {
        let limit = self.0.seal_limit();
        self.0.sequence() >= limit.saturating_sub(limit >> 4)
    }

    /// Seals one record; `out` has exactly [`HEADER`] and [`WriteKeys::sealed_len`] bytes.
    ///
    /// # Errors
    /// [`Internal::KeyExhausted`] at the AEAD's limit, [`Internal::Bug`] for lengths that do not
    /// fit or content above 2^14 bytes, [`Internal::Crypto`].
    pub fn seal(&mut self, content_type: ContentType, plaintext: &[u8], out: &mut [u8]) -> Result<(), Fault> {
        if plaintext.len() > MAX_PLAINTEXT {
            return Err(Fault::Internal(Internal::Bug));
        }
        // RFC 8446 §5.2: outside it always is application data of TLS 1.2.
        let ContentType(inner_type) = content_type;
        let (outer_type, suffix): (_, &[u8]) = match self.0.is_tls13() {
            true => (ContentType::application_data, &[inner_type]),
            false => (content_type, &[]),
        };
        let length = self.sealed_len(plaintext.len());
        write_header(outer_type, ProtocolVersion::TLS_1_2, length, out)?;
        let (header, body) = out.split_first_chunk_mut::<HEADER>().ok_or(Fault::Internal(Internal::Bug))?;

        // Taken before anything is sealed: no number is ever used twice.
        let sequence = self.0.take_sequence(self.0.seal_limit())?;
        self.0.seal(sequence, *header, plaintext, suffix, body)
    }
}
