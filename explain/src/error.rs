//! Why an input cannot be explained.

use std::{fmt, io};

use handclasp_report::ReportError;

use crate::input::{capture::CaptureError, hex::HexError, report_lines::DamagedLine};

/// The longest input in MiB that is not a capture: such an input is held in memory as a whole. A hex
/// dump of a handshake has about 100 KB.
pub(crate) const LONGEST_MIB: u64 = 64;

/// Damaged lines that an error names one by one.
const SHOWN: usize = 5;

/// Why an input cannot be explained.
///
/// ```
/// use handclasp_explain::{Error, explain_bytes};
///
/// let error = explain_bytes(b"PK\x03\x04").unwrap_err();
/// assert!(matches!(error, Error::Compressed("zip")));
/// ```
#[non_exhaustive]
pub enum Error {
    /// Reading the file or stream failed.
    Io(io::Error),
    /// The capture is damaged before its first packet, or its link type is not supported.
    Capture(CaptureError),
    /// The text is not a hex dump, and not a log of a known TLS program.
    Hex(HexError),
    /// The text is a log, and none of its lines is a known message of a TLS program.
    UnknownLog,
    /// The report is damaged, or a newer version of handclasp wrote it.
    Report(ReportError),
    /// The log has lines of reports, and no report in it is whole.
    ReportLines(Vec<DamagedLine>),
    /// The input is compressed; the name of the program that decompresses it.
    Compressed(&'static str),
    /// The input is not a capture and longer than 64 MiB.
    TooLong,
    /// The input is empty.
    Empty,
}

/// Formats as `Display`, so that `main` returning this error prints a sentence.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The command that makes a capture.
pub(crate) const CAPTURE: &str = "tcpdump -i any -w handshake.pcap 'tcp port 443'";

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Capture(error) => error.fmt(f),
            Self::Hex(error) => error.fmt(f),
            Self::Report(error) => error.fmt(f),
            Self::ReportLines(damaged) => {
                f.write_str("no report in this log is whole")?;
                damaged.iter().take(SHOWN).try_for_each(|line| write!(f, "; {line}"))?;
                match damaged.len().saturating_sub(SHOWN) {
                    0 => Ok(()),
                    more => write!(f, "; and {more} more"),
                }
            }
            Self::Compressed(program) => {
                write!(f, "the file is compressed with {program}: decompress it first")
            }
            Self::UnknownLog => write!(
                f,
                "none of these words is a known message of a TLS program. Capture the handshake, then explain the \
                 capture: {CAPTURE}; handclasp explain handshake.pcap"
            ),
            Self::TooLong => write!(
                f,
                "expected a capture (pcap or pcapng), a report or a hex dump; this is not a capture, and longer than \
                 {LONGEST_MIB} MiB"
            ),
            Self::Empty => f.write_str("the input is empty (0 bytes)"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Capture(error) => Some(error),
            Self::Hex(error) => Some(error),
            Self::Report(error) => Some(error),
            Self::ReportLines(_) | Self::UnknownLog | Self::Compressed(_) | Self::TooLong | Self::Empty => {
                None
            }
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
