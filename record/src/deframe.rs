//! Splits a stream into records (RFC 8446 §5.1, RFC 5246 §6.2.1).

use handclasp_codec::{ContentType, ProtocolVersion, RecordHeader};
use handclasp_report::{Fault, FaultCode};

/// Length of a record header in bytes.
pub const HEADER: usize = 5;

/// Most bytes of content in one record (RFC 8446 §5.1). How much protection may add (§5.2 permits 256)
/// depends on the keys: see `ReadKeys::payload_limit`.
pub const MAX_PLAINTEXT: usize = 1 << 14;

/// Limits that apply to the next record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Most bytes after the header: [`MAX_PLAINTEXT`] without keys, `ReadKeys::payload_limit` with keys.
    pub max_payload: usize,
    /// Whether this is the first record from this peer.
    pub first: bool,
}

/// Result of looking for a record at the start of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deframed {
    /// The record is incomplete; the input needs at least this many bytes.
    NeedMore(usize),
    /// A complete record of [`HEADER`] + `length` bytes.
    Record {
        /// Content type in the header; application_data (23) for protected records of TLS 1.3.
        content_type: ContentType,
        /// legacy_record_version in the header.
        version: ProtocolVersion,
        /// Bytes after the header.
        length: usize,
    },
}

/// Finds the record at the start of `bytes`. A header is checked as soon as it is complete, so that the
/// caller neither waits for nor buffers a record that will be rejected.
///
/// # Errors
/// [`Fault::NotTls`], [`Fault::UnknownContentType`], [`Fault::RecordVersion`],
/// [`Fault::RecordOverflow`], [`Fault::EmptyRecord`].
pub fn deframe(bytes: &[u8], limit: Limit) -> Result<Deframed, FaultCode> {
    let Some(first) = bytes.first_chunk::<HEADER>() else {
        return Ok(Deframed::NeedMore(HEADER));
    };
    // Five bytes are always a header; through a reader they would take 300 bytes of code more.
    let [content_type, major, minor, high, low] = *first;
    let header = RecordHeader {
        content_type: ContentType(content_type),
        legacy_record_version: ProtocolVersion(u16::from_be_bytes([major, minor])),
        length: u16::from_be_bytes([high, low]),
    };
    judge_header(header, first, limit)?;

    let length = usize::from(header.length);
    let whole = HEADER.saturating_add(length);
    if bytes.len() < whole {
        return Ok(Deframed::NeedMore(whole));
    }
    Ok(Deframed::Record { content_type: header.content_type, version: header.legacy_record_version, length })
}

fn judge_header(header: RecordHeader, first: &[u8; HEADER], limit: Limit) -> Result<(), FaultCode> {
    let content_type = header.content_type;
    let known = matches!(
        content_type,
        ContentType::change_cipher_spec
            | ContentType::alert
            | ContentType::handshake
            | ContentType::application_data
    );
    if !known {
        let ContentType(number) = content_type;
        return Err(match limit.first {
            true => Fault::NotTls { first: *first }.code(),
            false => Fault::UnknownContentType(number).code(),
        });
    }
    // Before an initial ClientHello every 03xx is acceptable (RFC 5246 §E.1). Later versions are ignored
    // (RFC 8446 §5.1); protected records authenticate them.
    let ProtocolVersion(version) = header.legacy_record_version;
    let [major, _] = version.to_be_bytes();
    if limit.first && major != 3 {
        return Err(Fault::RecordVersion(header.legacy_record_version).code());
    }
    if usize::from(header.length) > limit.max_payload {
        let limit = u16::try_from(limit.max_payload).unwrap_or(u16::MAX);
        return Err(Fault::RecordOverflow { limit, found: header.length }.code());
    }
    // Only protected application data may be empty, and that still has a tag.
    if header.length == 0 {
        return Err(Fault::EmptyRecord(content_type).code());
    }
    Ok(())
}
