//! Cutting records out of a stream (RFC 8446 §5.1, RFC 5246 §6.2.1).

use handclasp_codec::{ContentType, Decode, Field, ProtocolVersion, RecordHeader};
use handclasp_report::Fault;

/// Bytes of a record's header.
pub const HEADER: usize = 5;

/// Bytes of content in one record at most (RFC 8446 §5.1). What a record may have beyond it when
/// protected (§5.2 allows 256) depends on its keys: see `ReadKeys::payload_limit`.
pub const MAX_PLAINTEXT: usize = 1 << 14;

/// What a record may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Bytes behind the header at most: [`MAX_PLAINTEXT`] without keys,
    /// `ReadKeys::payload_limit` with them.
    pub max_payload: usize,
    /// Whether nothing came from this peer before.
    pub first: bool,
}

/// What stands at the front of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deframed {
    /// Not yet a record: at least so many bytes are needed in all.
    NeedMore(usize),
    /// A whole record, of [`HEADER`] and `length` bytes.
    Record {
        /// What it says it carries.
        content_type: ContentType,
        /// legacy_record_version.
        version: ProtocolVersion,
        /// Bytes behind the header.
        length: usize,
    },
}

/// Finds the record at the front of `bytes`. A header is judged as soon as it is there, so that
/// nobody waits for, or makes room for, a record that will not be accepted.
///
/// # Errors
/// [`Fault::NotTls`], [`Fault::UnknownContentType`], [`Fault::RecordVersion`],
/// [`Fault::RecordOverflow`], [`Fault::EmptyRecord`].
pub fn deframe(bytes: &[u8], limit: Limit) -> Result<Deframed, Fault> {
    let Some(first) = bytes.first_chunk::<HEADER>() else {
        return Ok(Deframed::NeedMore(HEADER));
    };
    let header = RecordHeader::from_bytes(first, Field::record).map_err(Fault::decode(Field::record))?;
    judge_header(header, first, limit)?;

    let length = usize::from(header.length);
    let whole = HEADER.saturating_add(length);
    if bytes.len() < whole {
        return Ok(Deframed::NeedMore(whole));
    }
    Ok(Deframed::Record { content_type: header.content_type, version: header.legacy_record_version, length })
}

fn judge_header(header: RecordHeader, first: &[u8; HEADER], limit: Limit) -> Result<(), Fault> {
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
            true => Fault::NotTls { first: *first },
            false => Fault::UnknownContentType(number),
        });
    }
    // Any 03xx is acceptable in front of a first ClientHello (RFC 5246 §E.1), and whatever comes
    // later is ignored (RFC 8446 §5.1); protected records authenticate it anyway.
    let ProtocolVersion(version) = header.legacy_record_version;
    let [major, _] = version.to_be_bytes();
    if limit.first && major != 3 {
        return Err(Fault::RecordVersion(header.legacy_record_version));
    }
    if usize::from(header.length) > limit.max_payload {
        let limit = u16::try_from(limit.max_payload).unwrap_or(u16::MAX);
        return Err(Fault::RecordOverflow { limit, found: header.length });
    }
    // Only protected application data may be empty, and that still has a tag.
    if header.length == 0 {
        return Err(Fault::EmptyRecord(content_type));
    }
    Ok(())
}
