//! Records without protection, and splitting content into records (RFC 8446 §5.1).

use alloc::vec::Vec;

use handclasp_codec::{ContentType, ProtocolVersion};

use crate::HEADER;

/// Appends an unprotected record to `wire`; `payload` has at most 2^14 bytes.
pub fn write_plain(content_type: ContentType, version: ProtocolVersion, payload: &[u8], wire: &mut Vec<u8>) {
    wire.reserve(HEADER.saturating_add(payload.len()));
    wire.extend_from_slice(&header(content_type, version, payload.len()));
    wire.extend_from_slice(payload);
}

/// Returns the header of a record of `length` bytes after it.
pub(crate) fn header(content_type: ContentType, version: ProtocolVersion, length: usize) -> [u8; HEADER] {
    let (ContentType(content_type), ProtocolVersion(version)) = (content_type, version);
    let [major, minor] = version.to_be_bytes();
    let [high, low] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
    [content_type, major, minor, high, low]
}

/// Splits content into pieces of at most `limit` bytes, one per record. Empty content has no pieces.
pub fn fragments(data: &[u8], limit: usize) -> impl Iterator<Item = &[u8]> {
    data.chunks(limit.max(1))
}
