//! Why a header is refused.

use std::fmt;

/// A PROXY header that is refused. The connection is to be closed: what follows is not the client's for sure.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderError {
    /// The connection begins with other bytes, the first of which are here.
    Missing {
        /// At most 16 bytes.
        found: Vec<u8>,
    },
    /// The connection ended inside the header.
    Ended {
        /// Bytes that had arrived.
        after: usize,
    },
    /// The header is longer than permitted.
    TooLong {
        /// Bytes that it announces; for version 1, that arrived without an end of the line.
        length: usize,
        /// Bytes that are permitted.
        limit: usize,
    },
    /// A byte or word is not one of those that the version knows.
    Unexpected {
        /// The field.
        field: &'static str,
        /// Where it begins, in bytes.
        offset: usize,
        /// What may stand there.
        expected: &'static str,
        /// What stands there, safe to print.
        found: String,
    },
    /// A value is longer than what is around it.
    Truncated {
        /// The field.
        field: &'static str,
        /// Where it begins, in bytes.
        offset: usize,
        /// Bytes that it needs.
        needs: usize,
        /// Bytes that are left.
        left: usize,
    },
    /// A value stands in the header twice.
    Repeated {
        /// The field.
        field: &'static str,
        /// Where the second one begins, in bytes.
        offset: usize,
    },
    /// The checksum of version 2 is not that of the header.
    Checksum {
        /// The one in the header.
        found: u32,
        /// The one of the header.
        computed: u32,
    },
}

impl std::error::Error for HeaderError {}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PROXY header: ")?;
        match self {
            Self::Missing { found } => {
                write!(f, "expected PROXY or the signature of version 2, found ")?;
                match found.as_slice() {
                    [0x16, 3, ..] => write!(f, "a TLS record: the sender does not send a PROXY header"),
                    _ => write!(f, "{}", printable(found)),
                }
            }
            Self::Ended { after: 0 } => write!(f, "the connection ended before its first byte"),
            Self::Ended { after } => write!(f, "the connection ended after {after} bytes of it"),
            Self::TooLong { length, limit } => {
                write!(f, "expected at most {limit} bytes, found {length} or more")
            }
            Self::Unexpected { field, offset, expected, found } => {
                write!(f, "{field} at offset {offset}: expected {expected}, found {found}")
            }
            Self::Truncated { field, offset, needs, left } => {
                write!(f, "{field} at offset {offset}: needs {needs} bytes, {left} are left")
            }
            Self::Repeated { field, offset } => write!(f, "{field} at offset {offset}: a second one"),
            Self::Checksum { found, computed } => {
                write!(f, "CRC-32C: expected {computed:#010x}, found {found:#010x}")
            }
        }
    }
}

/// Bytes of a peer in a message: a line of ASCII in quotes, anything else in hexadecimal; at most 32 bytes.
pub(super) fn printable(bytes: &[u8]) -> String {
    let shown = bytes.get(..32).unwrap_or(bytes);
    match shown.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\r' | b'\n')) {
        true => format!("\"{}\"", shown.escape_ascii()),
        false => {
            let hex: Vec<String> = shown.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("the bytes {}", hex.join(" "))
        }
    }
}
