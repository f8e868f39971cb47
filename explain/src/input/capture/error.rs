//! Why a capture cannot be read: the field, its offset, what was expected and found.

use std::{fmt, io};

/// Where and why a file is not a supported capture.
#[non_exhaustive]
pub struct CaptureError {
    /// Offset in the file, after decompression.
    pub offset: u64,
    /// Name of the field at that offset.
    pub field: &'static str,
    /// The problem with the field.
    pub problem: CaptureProblem,
}

/// Why a file is not a supported capture.
#[derive(Debug)]
#[non_exhaustive]
pub enum CaptureProblem {
    /// Reading the file failed.
    Unreadable(io::Error),
    /// The file does not start like a capture; its first bytes.
    NotACapture(Vec<u8>),
    /// A link type that is not supported.
    UnknownLink(u32),
    /// A field with an invalid value.
    Damaged {
        /// The valid values.
        expected: String,
        /// The value in the file.
        found: String,
    },
}

impl CaptureError {
    pub(super) fn unreadable(offset: u64, error: io::Error) -> Self {
        Self { offset, field: "file", problem: CaptureProblem::Unreadable(error) }
    }

    pub(super) fn unknown_link(offset: u64, number: u32) -> Self {
        Self { offset, field: "link type", problem: CaptureProblem::UnknownLink(number) }
    }

    pub(super) fn damaged(
        offset: u64,
        field: &'static str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        let problem = CaptureProblem::Damaged { expected: expected.into(), found: found.into() };
        Self { offset, field, problem }
    }
}

/// Formats as `Display`, so that `main` returning this error prints a sentence.
impl fmt::Debug for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, field, problem } = self;
        write!(f, "byte {offset}, {field}: ")?;
        match problem {
            CaptureProblem::Unreadable(error) => write!(f, "cannot be read: {error}"),
            CaptureProblem::NotACapture(found) if found.is_empty() => {
                f.write_str("expected a pcap or pcapng file, found an empty file")
            }
            CaptureProblem::NotACapture(found) => {
                f.write_str(
                    "expected pcap (a1b2c3d4 or a1b23c4d, in either byte order), pcapng (0a0d0d0a), gzip \
                     (1f8b) or zstd (28b52ffd), found ",
                )?;
                found.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                match found.as_slice() {
                    [0x14..=0x17, 3, ..] => {
                        f.write_str("; this looks like TLS records without packet headers")
                    }
                    _ => Ok(()),
                }
            }
            CaptureProblem::UnknownLink(number) => write!(
                f,
                "expected Ethernet (1), Linux cooked (113, 276), BSD loopback (0, 108), raw IP (12, 14, 101, \
                 228, 229) or PPP (9, 50, 51), found {number}{}",
                known_elsewhere(*number)
            ),
            CaptureProblem::Damaged { expected, found } => write!(f, "expected {expected}, found {found}"),
        }
    }
}

/// Names link types that are known but not supported.
fn known_elsewhere(number: u32) -> &'static str {
    match number {
        105 | 119 | 127 | 163 => ": IEEE 802.11 frames; capture on a network interface of one side instead",
        147..=162 => ": reserved for private use",
        187 | 201 | 251 | 254 | 256 | 272 => ": Bluetooth",
        186 | 189 | 220 | 249 | 266 | 292..=295 => ": USB",
        195 | 215 | 230 | 283 => ": IEEE 802.15.4",
        253 => ": netlink",
        _ => "",
    }
}

impl std::error::Error for CaptureError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            CaptureProblem::Unreadable(error) => Some(error),
            CaptureProblem::NotACapture(_)
            | CaptureProblem::UnknownLink(_)
            | CaptureProblem::Damaged { .. } => None,
        }
    }
}
