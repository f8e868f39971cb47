//! The little DER (X.690 §10) that a handshake itself must read and write.

use alloc::vec::Vec;

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const SEQUENCE: u8 = 0x30;
/// [0], constructed.
pub(crate) const CONTEXT_0: u8 = 0xa0;
/// [1], constructed.
pub(crate) const CONTEXT_1: u8 = 0xa1;

/// Splits one DER element of that tag: its content, and what follows. Lengths in the one form
/// that DER allows, below 64 KiB.
pub(crate) fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match *length {
        short @ 0..=0x7f => (usize::from(short), rest),
        0x81 => {
            let (byte, rest) = rest.split_first()?;
            (Some(usize::from(*byte)).filter(|length| *length > 0x7f)?, rest)
        }
        0x82 => {
            let (bytes, rest) = rest.split_first_chunk::<2>()?;
            (Some(usize::from(u16::from_be_bytes(*bytes))).filter(|length| *length > 0xff)?, rest)
        }
        _ => return None,
    };
    if *first != tag {
        return None;
    }
    rest.split_at_checked(length)
}

/// Appends tag and length of an element whose content follows.
pub(crate) fn header(out: &mut Vec<u8>, tag: u8, length: usize) {
    out.push(tag);
    let [.., high, low] = length.to_be_bytes();
    match length {
        0..=0x7f => out.push(low),
        0x80..=0xff => out.extend([0x81, low]),
        // Longer ones than 64 KiB do not occur: RSA keys end at 8192 bits.
        _ => out.extend([0x82, high, low]),
    }
}

/// Bytes that [`header`] appends.
pub(crate) fn header_len(length: usize) -> usize {
    match length {
        0..=0x7f => 2,
        0x80..=0xff => 3,
        _ => 4,
    }
}

/// The magnitude of a positive INTEGER, by its content.
pub(crate) fn positive(content: &[u8]) -> Option<&[u8]> {
    match content {
        // A zero in front only where the sign bit would stand otherwise.
        [0, 0x80..=0xff, ..] => content.strip_prefix(&[0]),
        [0x01..=0x7f, ..] => Some(content),
        _ => None,
    }
}
