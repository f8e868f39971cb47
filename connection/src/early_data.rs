//! Skips early data that this server cannot decrypt: a client with a ticket of another server may send
//! some after its ClientHello. Its records are skipped (RFC 8446 §4.2.10) up to the first that
//! decrypts, or after a HelloRetryRequest up to the first without protection.

use handclasp_codec::ContentType;
use handclasp_record::RecordKeys;
use handclasp_report::{Fault, FaultCode, Flood, Uint};

/// Most bytes that are skipped: BoringSSL's kMaxEarlyDataSkipped. Tickets of this server permit no early
/// data.
const MOST: usize = 16_384;

/// The bytes of early data that may still be skipped.
pub(crate) struct EarlyData {
    left: usize,
}

impl EarlyData {
    /// Bytes that protection adds to a record of early data at most (RFC 8446 §5.2). Whatever limit we
    /// negotiate binds no record that was sent before our answer.
    pub(crate) const EXPANSION: usize = 256;

    pub(crate) fn expected() -> Self {
        Self { left: MOST }
    }

    /// Skips a record of that many bytes.
    ///
    /// # Errors
    /// [`Fault::Flood`].
    pub(crate) fn skip_record(&mut self, length: usize) -> Result<(), FaultCode> {
        self.left = self.left.checked_sub(length).ok_or(Fault::Flood(Flood::EarlyData).code())?;
        Ok(())
    }

    /// Whether a record that came without keys of ours is early data.
    pub(crate) fn is_in_clear(content_type: ContentType) -> bool {
        content_type == ContentType::application_data
    }

    /// Whether a record that did not open is early data; then it never counted.
    pub(crate) fn did_not_open(keys: &mut RecordKeys, handshaking: bool, code: FaultCode) -> bool {
        let is_first = code == Fault::RecordNotAuthentic { sequence: Uint::ZERO, handshaking }.code();
        if is_first {
            keys.skip_record();
        }
        is_first
    }
}
