//! Records before there are keys, and the cutting of content into records (RFC 8446 §5.1).

use handclasp_codec::{ContentType, Encode, ProtocolVersion, RecordHeader, SliceOutput};
use handclasp_report::{Fault, Internal};

use crate::HEADER;

/// Writes an unprotected record; `out` has exactly [`HEADER`] and `payload.len()` bytes.
///
/// # Errors
/// [`Internal::Bug`] when it has not, or the payload is none for a record.
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

/// Writes the header of a record that fills `out`, and returns the room behind it.
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

/// Cuts content into pieces of at most `limit` bytes, one for each record. Nothing gives nothing.
pub fn fragments(data: &[u8], limit: usize) -> impl Iterator<Item = &[u8]> {
    data.chunks(limit.max(1))
}
