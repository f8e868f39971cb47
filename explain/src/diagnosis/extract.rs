//! The ClientHello of a file, for whoever wants to send it again.

use std::fmt;
use std::io::Read;

use handclasp_codec::HandshakeType;

use crate::diagnosis::explained::Diagnosis;
use crate::diagnosis::input_kind::{Unreadable, explain_file};
use crate::input::capture_event::Side;
use crate::input::evidence::Evidence;

/// Why no ClientHello comes out of a file.
pub enum ExtractError {
    /// The file cannot be read.
    Unreadable(Unreadable),
    /// It can, and there is none in it, or not all of one.
    NoClientHello,
}

/// As `Display`: what `?` in `main` prints.
impl fmt::Debug for ExtractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ExtractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => error.fmt(f),
            Self::NoClientHello => f.write_str("expected a whole ClientHello, and there is none in it"),
        }
    }
}

impl std::error::Error for ExtractError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable(error) => Some(error),
            Self::NoClientHello => None,
        }
    }
}

/// The first ClientHello of a capture, a hex dump or bytes of TLS: the whole message with its
/// header, whether it decodes or not. Of several conversations the first that failed is asked, then
/// the others.
///
/// # Errors
/// The file does not read, or has none.
pub fn client_hello_of(file: impl Read) -> Result<Vec<u8>, ExtractError> {
    let explained =
        explain_file(file, &Evidence::default(), &mut |_| {}).map_err(ExtractError::Unreadable)?;
    let hello = |told: &Diagnosis| {
        let found = told.conversation.first(Side::Client, HandshakeType::client_hello)?;
        Some(found.message.bytes.clone())
    };
    let main = explained.main().and_then(hello);
    main.or_else(|| explained.conversations.iter().find_map(hello)).ok_or(ExtractError::NoClientHello)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str = "010000290303\
        5252525252525252525252525252525252525252525252525252525252525252000002c02b0100";

    #[test]
    fn out_of_hex_and_bytes() {
        let record = format!("160301002d{HELLO}");
        let bytes: Vec<u8> = record
            .as_bytes()
            .chunks(2)
            .map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap())
            .collect();
        for file in [record.as_bytes(), &bytes] {
            assert_eq!(client_hello_of(file).unwrap(), &bytes[5..]);
        }
    }

    #[test]
    fn where_there_is_none() {
        let told = |file: &[u8]| client_hello_of(file).unwrap_err().to_string();
        assert!(told(b"15030300020228").contains("whole ClientHello"));
        assert!(told(b"").contains("0 bytes"));
    }
}
