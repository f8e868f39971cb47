//! The events of a TCP connection, one at a time and in order: the interface between finding
//! connections in packets (`input/capture`) and reading TLS (`conversation/reader`).
//!
//! Events borrow their bytes; a consumer copies what it keeps.

use std::{fmt, time::Duration};

pub use handclasp_report::Side;

/// One event of a TCP connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaptureEvent<'a> {
    /// The sender.
    pub from: Side,
    /// The packet, and the offset in the sender's stream.
    pub position: Position,
    /// The kind of the event, with its bytes.
    pub kind: CaptureEventKind<'a>,
}

impl<'a> CaptureEvent<'a> {
    /// An event of the peer `from`.
    pub fn new(from: Side, position: Position, kind: CaptureEventKind<'a>) -> Self {
        Self { from, position, kind }
    }
}

/// Where an event is in the input.
///
/// ```
/// use handclasp_explain::capture::Position;
/// use std::time::Duration;
///
/// let position = Position::of_live(Duration::from_secs(1_700_000_000), 5, 80);
/// assert_eq!(position.to_string(), "byte 5");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Position {
    /// Number of the packet, counted from 1. `None`: the input has no packets.
    pub frame: Option<u64>,
    /// Time since 1970. `None`: unknown.
    pub time: Option<Duration>,
    /// Offset of the first byte in the sender's stream; for an event without bytes, the end of the
    /// stream so far.
    pub offset: u64,
    /// Number of bytes from there to the end of the last record.
    pub length: u64,
}

impl Position {
    /// A position in a live connection, which has no packets: the time since 1970, the offset in the
    /// sender's stream, and the number of bytes.
    pub fn of_live(time: Duration, offset: u64, length: u64) -> Self {
        Self { frame: None, time: Some(time), offset, length }
    }
}

/// The kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaptureEventKind<'a> {
    /// The client's SYN.
    Syn,
    /// The server's SYN with ACK.
    SynAck,
    /// The next bytes of the stream: in order, without retransmissions and gaps.
    Bytes(&'a [u8]),
    /// A gap: the number of bytes that are missing from the capture. The stream continues after them.
    Gap(u64),
    /// An ACK of all data that the peer has sent so far.
    Acknowledged,
    /// FIN: the sender closed its direction.
    Fin,
    /// RST: the sender aborted the connection.
    Reset,
}

/// As evidence names a position: the packet, or the byte where the input has no packets.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.frame {
            Some(frame) => write!(f, "frame {frame}"),
            None => write!(f, "byte {}", self.offset),
        }
    }
}
