//! Records without protection, and splitting content into records (RFC 8446 §5.1).

use handclasp_codec::{ContentType, Encode, ProtocolVersion, RecordHeader, SliceOutput};
use handclasp_report::{Fault, Internal};

use crate::HEADER;

/// Writes an unprotected record into `out`, which must be [`HEADER`] + `payload.len()` bytes long.
///
/// # Errors
/// [`Internal::Bug`] if `out` has another length or the payload is empty or too long for a record.
pub fn write_plain(
    content_type: ContentType,
    version: ProtocolVersion,
    payload: &[u8],
    out: &mut [u8],
) -> Result<(), Fault> {
    let body = write_header(content_type, version, payload.len(), out)?;
    body.copy_from_slice(payload);
    Ok(())
}

/// Writes the header of a record that fills `out`, and returns the slice after it.
pub(crate) fn write_header(
    content_type: ContentType,
    version: ProtocolVersion,
    length: usize,
    out: &mut [u8],
) -> Result<&mut [u8], Fault> {
    const BUG: Fault = Fault::Internal(Internal::Bug);
    let (head, body) = out.split_at_mut_checked(HEADER).ok_or(BUG)?;
    if body.len() != length {
        return Err(BUG);
    }
    let length = u16::try_from(length).map_err(|_| BUG)?;
    RecordHeader { content_type, legacy_record_version: version, length }
        .encode_to(&mut SliceOutput::new(head))?;
    Ok(body)
}

/// Splits content into pieces of at most `limit` bytes, one per record. Empty content has no pieces.
pub fn fragments(data: &[u8], limit: usize) -> impl Iterator<Item = &[u8]> {
    data.chunks(limit.max(1))
}
