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
        f.write_str(self.0.name())
    }
}

/// An error with its numbers, where they are known.
impl Display for Named<(DecodeError, Option<[u32; 3]>)> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (DecodeError { field, problem, offset }, numbers) = self.0;
        let field = field.name();
        write!(f, "{field} at offset {offset} ")?;
        let Some([first, second, third]) = numbers else { return f.write_str(without_numbers(problem)) };
        match problem {
            Problem::Truncated => {
                let (needed, verb) = (Bytes(first), if second == 1 { "is" } else { "are" });
                write!(f, "needs {needed}, but only {second} {verb} left")
            }
            Problem::Trailing => {
                let verb = if first == 1 { "is" } else { "are" };
                write!(f, "must end here, but {} {verb} left over", Bytes(first))
            }
            Problem::OutOfRange => write!(f, "is {third}, expected {first} to {second}"),
            Problem::NotWhole => write!(f, "is a list of {}, not a multiple of {first}", Bytes(second)),
            Problem::Duplicate => write!(f, "repeats 0x{first:04x}, which may occur only once"),
            Problem::Unexpected => {
                write!(f, "is {second} (0x{second:02x}), expected {first} (0x{first:02x})")
            }
            Problem::NotLast => f.write_str(without_numbers(problem)),
        }
    }
}

fn without_numbers(problem: Problem) -> &'static str {
    match problem {
        Problem::Truncated => "needs more bytes than are left",
        Problem::Trailing => "must end here, but bytes are left over",
        Problem::OutOfRange => "is outside the permitted range",
        Problem::NotWhole => "is a list that does not end with a whole element",
        Problem::Duplicate => "repeats a value that may occur only once",
        Problem::Unexpected => "has another value than the one required",
        Problem::NotLast => "is not last, as required",
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
