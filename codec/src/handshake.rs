//! Handshake messages: RFC 8446 §4, RFC 5246 §7.4, one per file. Each structure is the body of a
//! message; the four bytes before it are a [`HandshakeHeader`].

mod certificate;
mod certificate_request;
mod certificate_status;
mod certificate_verify;
mod client_hello;
mod client_hello_view;
mod client_key_exchange;
mod compressed_certificate;
mod encrypted_extensions;
mod end_of_early_data;
mod finished;
mod hello_request;
mod hello_retry_request;
mod key_update;
mod new_session_ticket;
mod server_hello;
mod server_hello_done;
mod server_key_exchange;

pub use certificate::*;
pub use certificate_request::*;
pub use certificate_status::*;
pub use certificate_verify::*;
pub use client_hello::*;
pub use client_hello_view::*;
pub use client_key_exchange::*;
pub use compressed_certificate::*;
pub use encrypted_extensions::*;
pub use end_of_early_data::*;
pub use finished::*;
pub use hello_request::*;
pub use hello_retry_request::*;
pub use key_update::*;
pub use new_session_ticket::*;
pub use server_hello::*;
pub use server_hello_done::*;
pub use server_key_exchange::*;

use crate::{
    Decode, DecodeError, EncodeError, ErrorSlot, Field, HandshakeType, Malformed, Output, Reader, Writer,
    structure::structure,
};

structure! {
    /// Header of every handshake message, 4 bytes.
    HandshakeHeader {
        /// Type of the message.
        msg_type: HandshakeType => word,
        /// Length of the body in bytes, below 2^24; the limit depends on the message.
        length: u32 => u24,
    }
}

impl HandshakeHeader {
    /// Size of the header in bytes.
    pub const SIZE: usize = 4;
}

/// The first handshake message in a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandshakeMessage<'a> {
    /// Decoded header.
    pub header: HandshakeHeader,
    /// Bytes of the body, without the header.
    pub body: &'a [u8],
    /// Header and body, as they enter the transcript hash.
    pub message: &'a [u8],
    /// Bytes after the message.
    pub rest: &'a [u8],
}

/// Splits off the first handshake message.
///
/// # Errors
/// [`crate::Problem::Truncated`] while header or body are incomplete: on [`Field::body`] if only the body is.
pub fn split_handshake(bytes: &[u8]) -> Result<HandshakeMessage<'_>, DecodeError> {
    let mut slot = ErrorSlot::default();
    split(&mut Reader::new(bytes, &mut slot)).map_err(|malformed| slot.error(malformed))
}

fn split<'a>(reader: &mut Reader<'a, '_, ErrorSlot>) -> Result<HandshakeMessage<'a>, Malformed> {
    let whole = reader.remaining();
    let header = HandshakeHeader::decode(reader)?;
    let count = usize::try_from(header.length).unwrap_or(usize::MAX);
    let body = reader.bytes(Field::body, count)?;
    let rest = reader.remaining();
    let message = whole.get(..whole.len().saturating_sub(rest.len())).unwrap_or_default();
    Ok(HandshakeMessage { header, body, message, rest })
}

/// Encodes a handshake message: a header, then the body that `body` writes.
///
/// # Errors
/// As [`Writer::finish`]; a body is shorter than 2^24 bytes.
pub fn encode_handshake(
    output: &mut dyn Output,
    msg_type: HandshakeType,
    body: impl FnOnce(&mut Writer<'_>),
) -> Result<(), EncodeError> {
    let mut writer = Writer::new(output);
    writer.word(msg_type);
    writer.vector24(Field::body, body);
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{bytes, known};
    use crate::*;

    #[test]
    fn split_and_put_together() {
        let mut wire = alloc::vec::Vec::new();
        encode_handshake(&mut wire, HandshakeType::finished, |writer| writer.bytes(b"abc")).unwrap();
        assert_eq!(wire, bytes("14 000003 616263"));
        wire.extend([0x0e, 0, 0, 0]);
        let first = split_handshake(&wire).unwrap();
        assert_eq!(first.header, HandshakeHeader { msg_type: HandshakeType::finished, length: 3 });
        assert_eq!((first.body, first.message, first.rest), (&wire[4..7], &wire[..7], &wire[7..]));
        let second = split_handshake(first.rest).unwrap();
        assert_eq!(second.header.msg_type, HandshakeType::server_hello_done);
        assert!(second.body.is_empty() && second.rest.is_empty());
        known!(HandshakeHeader, first.header, "14 000003");
    }

    #[test]
    fn incomplete() {
        let error = split_handshake(&bytes("0b ffffff 00")).unwrap_err();
        assert_eq!((error.field, error.offset), (Field::body, 4));
        assert_eq!(error.problem, Problem::Truncated);
        assert_eq!(split_handshake(&bytes("0b 0000")).unwrap_err().field, Field::length);
        assert_eq!(split_handshake(&[]).unwrap_err().field, Field::msg_type);
    }

    #[test]
    fn an_output_without_room() {
        let mut room = [0; 6];
        let mut output = SliceOutput::new(&mut room);
        let written = encode_handshake(&mut output, HandshakeType::finished, |writer| writer.bytes(b"abc"));
        assert_eq!(written, Err(EncodeError::Full));
    }
}
