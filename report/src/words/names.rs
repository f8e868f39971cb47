//! Numbers and errors of `codec`, spoken: `TLS 1.2`, `handshake_failure (40)`, `2 bytes`.

use core::fmt::{self, Display, Formatter};

use handclasp_codec::{
    AlertDescription, DecodeError, EncodeError, Problem, ProtocolVersion, SignatureScheme,
};
use handclasp_crypto::KeyKind;

/// Displays a value of another crate in words.
#[derive(Clone, Copy, Debug)]
pub struct Named<T>(pub T);

/// So many bytes.
#[derive(Clone, Copy, Debug)]
pub struct Bytes(pub u32);

impl Display for Bytes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} byte{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

impl Display for Named<AlertDescription> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.name() {
            Some(name) => write!(f, "{name} ({})", self.0.0),
            None => write!(f, "{} (not registered)", self.0.0),
        }
    }
}

impl Display for Named<ProtocolVersion> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = match self.0 {
            ProtocolVersion::SSL_2_0 => "SSL 2.0",
            ProtocolVersion::SSL_3_0 => "SSL 3.0",
            ProtocolVersion::TLS_1_0 => "TLS 1.0",
            ProtocolVersion::TLS_1_1 => "TLS 1.1",
            ProtocolVersion::TLS_1_2 => "TLS 1.2",
            ProtocolVersion::TLS_1_3 => "TLS 1.3",
            ProtocolVersion::DTLS_1_0 => "DTLS 1.0",
            ProtocolVersion::DTLS_1_2 => "DTLS 1.2",
            ProtocolVersion::DTLS_1_3 => "DTLS 1.3",
            // The numbers of versions are open: a peer may send any.
            other => return write!(f, "0x{:04x}", other.0),
        };
        f.write_str(text)
    }
}

impl Display for Named<SignatureScheme> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.name() {
            Some(name) => write!(f, "{name} (0x{:04x})", self.0.0),
            None => write!(f, "0x{:04x}", self.0.0),
        }
    }
}

impl Display for Named<KeyKind> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            KeyKind::P256 => "P-256",
            KeyKind::P384 => "P-384",
            KeyKind::P521 => "P-521",
            KeyKind::Ed25519 => "Ed25519",
            KeyKind::Rsa => "RSA",
            KeyKind::RsaPss => "RSA-PSS",
        })
    }
}

impl Display for Named<DecodeError> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let DecodeError { field, offset, problem } = self.0;
        let field = field.name();
        write!(f, "{field} at offset {offset} ")?;
        match problem {
            Problem::Truncated { needed, available } => {
                let (needed, verb) = (Bytes(needed), if available == 1 { "is" } else { "are" });
                write!(f, "needs {needed}, but only {available} {verb} left")
            }
            Problem::Trailing { extra } => {
                let verb = if extra == 1 { "is" } else { "are" };
                write!(f, "must end here, but {} {verb} left over", Bytes(extra))
            }
            Problem::OutOfRange { min, max, found } => {
                write!(f, "is {found}, expected {min} to {max}")
            }
            Problem::NotWhole { element, found } => {
                write!(f, "is a list of {}, not a multiple of {element}", Bytes(found))
            }
            Problem::Duplicate { value } => write!(f, "repeats 0x{value:04x}, which may occur only once"),
            Problem::Unexpected { expected, found } => {
                write!(f, "is {found} (0x{found:02x}), expected {expected} (0x{expected:02x})")
            }
            Problem::NotLast => write!(f, "is not last, as required"),
        }
    }
}

impl Display for Named<EncodeError> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            EncodeError::TooLong { field } => write!(f, "{} is too long to encode", field.name()),
            EncodeError::Full => f.write_str("the buffer is full"),
        }
    }
}
