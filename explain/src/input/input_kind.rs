//! Detects the kind of an input from its first bytes.

/// Bytes that are looked at to detect the kind of an input. A text may begin with a long comment, so
/// this is more than a magic number needs.
pub(crate) const PREFIX: usize = 4096;

/// The kind of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputKind {
    /// A pcap or pcapng file, possibly compressed with gzip or zstd.
    Capture,
    /// An encoded handclasp report.
    Report,
    /// Raw bytes as one peer sent them.
    Bytes,
    /// Text: a hex dump or a log.
    Text,
    /// A compressed file; the name of the program that decompresses it.
    Compressed(&'static str),
}

impl InputKind {
    /// Detects the kind from the first bytes of an input; 4096 bytes are enough.
    ///
    /// ```
    /// use handclasp_explain::InputKind;
    ///
    /// assert_eq!(InputKind::of(&[0xd4, 0xc3, 0xb2, 0xa1]), InputKind::Capture);
    /// assert_eq!(InputKind::of(b"16 03 01 00 20"), InputKind::Text);
    /// assert_eq!(InputKind::of(b"\x16\x03\x01\x00\x20"), InputKind::Bytes);
    /// ```
    pub fn of(prefix: &[u8]) -> Self {
        match prefix {
            // pcap in either byte order, with microseconds, nanoseconds, or Kuznetzov's fields.
            [0xa1, 0xb2, 0xc3, 0xd4, ..]
            | [0xd4, 0xc3, 0xb2, 0xa1, ..]
            | [0xa1, 0xb2, 0x3c, 0x4d, ..]
            | [0x4d, 0x3c, 0xb2, 0xa1, ..]
            | [0xa1, 0xb2, 0xcd, 0x34, ..]
            | [0x34, 0xcd, 0xb2, 0xa1, ..]
            | [0x0a, 0x0d, 0x0d, 0x0a, ..] => Self::Capture,
            // gzip and zstd: of all inputs only captures are kept compressed.
            [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Capture,
            [0xfd, b'7', b'z', b'X', b'Z', ..] => Self::Compressed("xz"),
            [b'P', b'K', 3, 4, ..] => Self::Compressed("zip"),
            [b'H', version, ..] if *version < b'\t' => Self::Report,
            // Byte order marks of UTF-16.
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Self::Text,
            _ if is_text(prefix) => Self::Text,
            _ => Self::Bytes,
        }
    }
}

/// Whether bytes are UTF-8 without control characters other than white space and ESC. The last
/// character may be cut.
fn is_text(bytes: &[u8]) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !valid.chars().any(|found| found.is_control() && !found.is_whitespace() && found != '\u{1b}')
}

/// Decodes a text: UTF-8, or UTF-16 with a byte order mark. Invalid sequences are replaced.
pub(crate) fn decode_text(bytes: &[u8]) -> String {
    let utf16 = |from: fn([u8; 2]) -> u16, rest: &[u8]| {
        let units: Vec<u16> =
            rest.chunks_exact(2).filter_map(|pair| pair.first_chunk()).map(|pair| from(*pair)).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => utf16(u16::from_be_bytes, rest),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_detected_from_the_first_bytes() {
        for (prefix, kind) in [
            (&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0][..], InputKind::Capture),
            (&[0x0a, 0x0d, 0x0d, 0x0a, 0x1c, 0, 0, 0], InputKind::Capture),
            (b"H\x01\x00\x00\x00\x00", InputKind::Report),
            (b"\x16\x03\x01\x00\x20", InputKind::Bytes),
            (b"HTTP/1.1 400 Bad Request\r\n", InputKind::Text),
            (b"16 03 01 00 20 01", InputKind::Text),
            ("# Ger\u{e4}t\n16 03".as_bytes(), InputKind::Text),
            (b"\xff\xfe1\x006\x00", InputKind::Text),
            (b"\x1f\x8b\x08", InputKind::Capture),
            (b"\x28\xb5\x2f\xfd", InputKind::Capture),
        ] {
            assert_eq!(InputKind::of(prefix), kind, "{prefix:02x?}");
        }
    }

    #[test]
    fn a_cut_character_is_text() {
        assert!(is_text(b"16 03 \xc3"));
        assert!(!is_text(b"16 03 \xc3 01"));
    }
}
