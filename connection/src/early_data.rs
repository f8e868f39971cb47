//! Early data that nobody here can open: a client that resumes elsewhere may have sent some
//! behind its ClientHello. Its records are passed over (RFC 8446 §4.2.10) up to the first that
//! is for us: under our keys, or after a HelloRetryRequest in the clear.

use handclasp_codec::ContentType;
use handclasp_record::{MAX_PLAINTEXT, ReadKeys};
use handclasp_report::{Fault, Flood};

/// Bytes that are passed over. Our tickets permit none, so whoever sends some holds a ticket of
/// another server; this is BoringSSL's kMaxEarlyDataSkipped.
const MOST: usize = 16_384;

/// Where early data may come.
pub(crate) struct EarlyData {
    left: usize,
}

impl EarlyData {
    /// Bytes of a record of early data at most (RFC 8446 §5.2). Whatever limit we negotiate binds
    /// no record that was sent before our answer.
    pub(crate) const LONGEST_RECORD: usize = MAX_PLAINTEXT + 256;

    pub(crate) fn expected() -> Self {
        Self { left: MOST }
    }

    /// Passes over a record of that many bytes.
    ///
    /// # Errors
    /// [`Fault::Flood`].
    pub(crate) fn pass_over(&mut self, length: usize) -> Result<(), Fault> {
        self.left = self.left.checked_sub(length).ok_or(Fault::Flood(Flood::EarlyData))?;
        Ok(())
    }

    /// Whether a record that came without keys of ours is early data.
    pub(crate) fn is_in_clear(content_type: ContentType) -> bool {
        content_type == ContentType::application_data
    }

    /// Whether a record that did not open is early data; then it never counted.
    pub(crate) fn did_not_open(keys: &mut ReadKeys, fault: &Fault) -> bool {
        let is_first = matches!(fault, Fault::RecordNotAuthentic { sequence: 0, .. });
        if is_first {
            keys.pass_over();
        }
        is_first
    }
}
