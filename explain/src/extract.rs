//! Extracts the first ClientHello of an input, to send it again.

use std::{fmt, io::Read};

use handclasp_codec::HandshakeType;

use crate::{
    diagnosis::explanation::Diagnosis, error::Error, explainer::Explainer, input::capture_event::Side,
};

/// Why no ClientHello can be extracted.
#[non_exhaustive]
pub enum ExtractError {
    /// The input cannot be explained.
    Input(Error),
    /// The input has no complete ClientHello.
    NoClientHello,
}

/// Formats as `Display`, so that `main` returning this error prints a sentence.
impl fmt::Debug for ExtractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ExtractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => error.fmt(f),
            Self::NoClientHello => f.write_str("expected a complete ClientHello, found none"),
        }
    }
}

impl std::error::Error for ExtractError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Input(error) => Some(error),
            Self::NoClientHello => None,
        }
    }
}

/// Returns the first ClientHello of a capture, a hex dump or raw bytes: the whole message with its
/// header, whether it decodes or not. Of several conversations the first that failed is preferred.
///
/// ```
/// use handclasp_explain::extract::{ExtractError, client_hello};
///
/// let alert = b"15 03 03 00 02 02 28";
/// assert!(matches!(client_hello(&alert[..]), Err(ExtractError::NoClientHello)));
/// ```
///
/// # Errors
/// The input cannot be explained, or has no complete ClientHello.
pub fn client_hello(input: impl Read) -> Result<Vec<u8>, ExtractError> {
    let explanation = Explainer::default().explain_reader(input).map_err(ExtractError::Input)?;
    let hello = |diagnosis: &Diagnosis| {
        let found = diagnosis.conversation.first(Side::Client, HandshakeType::client_hello)?;
        Some(found.message.bytes.clone())
    };
    let main = explanation.main().and_then(hello);
    main.or_else(|| explanation.conversations.iter().find_map(hello)).ok_or(ExtractError::NoClientHello)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str =
        "0100002903035252525252525252525252525252525252525252525252525252525252525252000002c02b0100";

    #[test]
    fn out_of_hex_and_bytes() {
        let record = format!("160301002d{HELLO}");
        let bytes: Vec<u8> = record
            .as_bytes()
            .chunks(2)
            .map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap())
            .collect();
        for file in [record.as_bytes(), &bytes] {
            assert_eq!(client_hello(file).unwrap(), &bytes[5..]);
        }
    }

    #[test]
    fn where_there_is_none() {
        let told = |file: &[u8]| client_hello(file).unwrap_err().to_string();
        assert!(told(b"15030300020228").contains("complete ClientHello"));
        assert!(told(b"").contains("0 bytes"));
    }
}
