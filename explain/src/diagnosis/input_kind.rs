//! From a file to what is told: what the file is shows in its first bytes.

use std::fmt;
use std::io::{self, Read};

use handclasp_report::{Report, ReportError};

use crate::conversation::events::Conversation;
use crate::diagnosis::explained::{Diagnosis, Explained, Explainer, Reported};
use crate::diagnosis::log_messages;
use crate::diagnosis::malformed::other_protocol;
use crate::input::capture::{self, CaptureError};
use crate::input::capture_event::Side;
use crate::input::evidence::Evidence;
use crate::input::hex::{self, HexError};
use crate::input::{Form, Part};

/// Bytes that tell what a file is; a text may begin with a long comment, so more than a magic.
const BEGINNING: usize = 4096;
/// What is no capture is read at once. A hex dump of a whole handshake has some 100 KB.
const LONGEST: u64 = 64 << 20;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// pcap or pcapng.
    Capture,
    /// A report of handclasp's.
    Report,
    /// Bytes of TLS as one end sent them.
    Bytes,
    /// Text: hexadecimal in some form.
    Hex,
    /// Something packed, with the program's name that packed it.
    Packed(&'static str),
}

impl InputKind {
    /// By the first bytes.
    pub fn of(begins: &[u8]) -> Self {
        match begins {
            // pcap in either order of bytes, with microseconds, nanoseconds, or Kuznetzov's fields.
            [0xa1, 0xb2, 0xc3, 0xd4, ..]
            | [0xd4, 0xc3, 0xb2, 0xa1, ..]
            | [0xa1, 0xb2, 0x3c, 0x4d, ..]
            | [0x4d, 0x3c, 0xb2, 0xa1, ..]
            | [0xa1, 0xb2, 0xcd, 0x34, ..]
            | [0x34, 0xcd, 0xb2, 0xa1, ..]
            | [0x0a, 0x0d, 0x0d, 0x0a, ..] => Self::Capture,
            // Captures are kept packed by gzip; nothing else is.
            [0x1f, 0x8b, ..] => Self::Capture,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Packed("zstd"),
            [0xfd, b'7', b'z', b'X', b'Z', ..] => Self::Packed("xz"),
            [b'P', b'K', 3, 4, ..] => Self::Packed("zip"),
            [b'H', version, ..] if *version < b'\t' => Self::Report,
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Self::Hex,
            _ if is_text(begins) => Self::Hex,
            _ => Self::Bytes,
        }
    }
}

/// Whether bytes are text: UTF-8 as far as they go, and no control characters but white space.
fn is_text(bytes: &[u8]) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // A character may be cut at the end.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !valid.chars().any(|found| found.is_control() && !found.is_whitespace() && found != '\u{1b}')
}

/// Why a file cannot be read.
pub enum Unreadable {
    /// The system's word.
    Io(io::Error),
    /// A capture that is damaged, or of packets that are not known here.
    Capture(CaptureError),
    /// Text that is no hexadecimal.
    Hex(HexError),
    /// A report that is damaged, or of a newer program.
    Report(ReportError),
    /// It has to be unpacked first.
    Packed(&'static str),
    /// No capture, and longer than anything else is.
    TooLong,
    /// Nothing is there.
    Empty,
}

/// As `Display`: what `?` in `main` prints.
impl fmt::Debug for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Capture(error) => error.fmt(f),
            Self::Hex(error) => error.fmt(f),
            Self::Report(ReportError::NotAReport) => f.write_str("this is no report of handclasp's"),
            Self::Report(ReportError::Version(version)) => {
                write!(
                    f,
                    "version at offset 1 is {version}, and must be 1: a newer handclasp made this report"
                )
            }
            Self::Report(ReportError::Malformed { offset }) => {
                write!(f, "the report is damaged or cut off: the note at offset {offset} does not read")
            }
            Self::Report(ReportError::TooLong) => f.write_str("the report is longer than any report can be"),
            Self::Packed(with) => write!(f, "this is packed with {with}: unpack it first"),
            Self::TooLong => write!(
                f,
                "expected a capture (pcap or pcapng), a report or a hex dump; this is no capture, and longer than \
                 {} MiB",
                LONGEST >> 20
            ),
            Self::Empty => f.write_str("there is nothing here: 0 bytes"),
        }
    }
}

impl std::error::Error for Unreadable {}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Explains a capture, a report, a hex dump, or bytes of TLS. Captures stream: their length does
/// not matter. `progress` is told how many bytes were read so far.
///
/// # Errors
/// What is wrong with the file.
pub fn explain_file(
    mut file: impl Read,
    evidence: &Evidence,
    progress: &mut dyn FnMut(u64),
) -> Result<Explained, Unreadable> {
    let mut begins = Vec::new();
    file.by_ref().take(BEGINNING as u64).read_to_end(&mut begins)?;
    if begins.is_empty() {
        return Err(Unreadable::Empty);
    }
    let given = InputKind::of(&begins);
    let mut whole = io::Cursor::new(begins).chain(file);
    if given == InputKind::Capture {
        let mut explainer = Explainer::new(evidence);
        let read = capture::read(whole, progress, &mut explainer).map_err(Unreadable::Capture)?;
        return Ok(Explained { packets: Some(read), ..explainer.finish() });
    }
    let mut bytes = Vec::new();
    whole.by_ref().take(LONGEST + 1).read_to_end(&mut bytes)?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    progress(length);
    if length > LONGEST {
        return Err(Unreadable::TooLong);
    }
    match given {
        InputKind::Packed(with) => Err(Unreadable::Packed(with)),
        InputKind::Report => {
            let report = Report::decode(&bytes).map_err(Unreadable::Report)?;
            Ok(Explained { reports: vec![Reported::new(report, evidence)], ..Explained::default() })
        }
        InputKind::Hex => {
            let text = text(&bytes);
            match hex::parse(&text) {
                Ok(parts) => {
                    Ok(Explained::of_pasted(crate::diagnosis::explanation::explain_parts(parts, evidence)))
                }
                // What another protocol says is text too.
                Err(_) if other_protocol(&bytes).is_some() => Ok(of_bytes(bytes, evidence)),
                Err(error) => of_log(text, evidence).ok_or(Unreadable::Hex(error)),
            }
        }
        InputKind::Bytes | InputKind::Capture => Ok(of_bytes(bytes, evidence)),
    }
}

/// What a log says that is given alone; `None` if it says nothing that is known.
fn of_log(text: String, evidence: &Evidence) -> Option<Explained> {
    let says = |of| {
        log_messages::read(&text, of)
            .iter()
            .any(|line| matches!(line.says, log_messages::Says::Why(_) | log_messages::Says::Maybe(..)))
    };
    let of = log_messages::side(&text).unwrap_or(if says(Side::Server) && !says(Side::Client) {
        Side::Server
    } else {
        Side::Client
    });
    if log_messages::read(&text, of).is_empty() {
        return None;
    }
    let mut evidence = evidence.clone();
    match of {
        Side::Client => evidence.client_log = Some(text),
        Side::Server => evidence.server_log = Some(text),
    }
    let told = Diagnosis::new(Conversation::default(), &evidence);
    Some(Explained { conversations: vec![told], ..Explained::default() })
}

fn of_bytes(bytes: Vec<u8>, evidence: &Evidence) -> Explained {
    let part = Part { direction: None, form: Form::Stream, bytes };
    Explained::of_pasted(crate::diagnosis::explanation::explain_parts(vec![part], evidence))
}

/// Text in UTF-8, or in UTF-16 as some programs of Windows write it.
fn text(bytes: &[u8]) -> String {
    let wide = |from: fn([u8; 2]) -> u16, rest: &[u8]| {
        let units: Vec<u16> =
            rest.chunks_exact(2).filter_map(|pair| pair.first_chunk()).map(|pair| from(*pair)).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_show_in_the_first_bytes() {
        for (begins, given) in [
            (&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0][..], InputKind::Capture),
            (&[0x0a, 0x0d, 0x0d, 0x0a, 0x1c, 0, 0, 0], InputKind::Capture),
            (b"H\x01\x00\x00\x00\x00", InputKind::Report),
            (b"\x16\x03\x01\x00\x20", InputKind::Bytes),
            (b"HTTP/1.1 400 Bad Request\r\n", InputKind::Hex),
            (b"16 03 01 00 20 01", InputKind::Hex),
            ("# Ger\u{e4}t\n16 03".as_bytes(), InputKind::Hex),
            (b"\xff\xfe1\x006\x00", InputKind::Hex),
            (b"\x1f\x8b\x08", InputKind::Capture),
            (b"\x28\xb5\x2f\xfd", InputKind::Packed("zstd")),
        ] {
            assert_eq!(InputKind::of(begins), given, "{begins:02x?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let told =
            |bytes: &[u8]| explain_file(bytes, &Evidence::default(), &mut |_| {}).unwrap_err().to_string();
        assert_eq!(told(b""), "there is nothing here: 0 bytes");
        assert_eq!(
            told(b"H\x02\0\0\0\0"),
            "version at offset 1 is 2, and must be 1: a newer handclasp made this report"
        );
        assert!(told(b"H\x01\0\0\0\x05").contains("offset 6"), "{}", told(b"H\x01\0\0\0\x05"));
        assert!(told(b"PK\x03\x04").contains("zip"));
        assert!(told(b"zz zz").starts_with("line 1, column 1"));
    }

    #[test]
    fn the_answer_of_another_protocol_is_no_hex() {
        let answer = b"HTTP/1.1 400 Bad Request\r\n\r\n";
        let explained = explain_file(&answer[..], &Evidence::default(), &mut |_| {}).unwrap();
        assert_eq!(
            explained.findings().first().unwrap().0.cause,
            crate::diagnosis::cause::Cause::TransportNotTlsHttp
        );
        assert!(!explained.is_without_tls());
        let noise = [0x7f, 0x45, 0x4c, 0x46, 2, 1];
        assert!(explain_file(&noise[..], &Evidence::default(), &mut |_| {}).unwrap().is_without_tls());
    }

    #[test]
    fn utf_16_is_text_too() {
        let wide: Vec<u8> = [0xfeff_u16]
            .into_iter()
            .chain("15 03 03 00 02 02 28".encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let explained = explain_file(&wide[..], &Evidence::default(), &mut |_| {}).unwrap();
        assert_eq!(explained.pasted.unwrap().bytes, [0x15, 3, 3, 0, 2, 2, 0x28]);
    }
}
