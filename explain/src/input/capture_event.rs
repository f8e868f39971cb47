//! What a capture shows of one conversation, one thing at a time and in its order: the seam
//! between finding conversations (`input/capture`) and reading TLS in them (`reading`).
//!
//! A happening borrows its bytes, so that nothing is kept which nobody wants.

use std::time::Duration;

pub use handclasp_report::Side;

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaptureEvent<'a> {
    /// Whose doing it is.
    pub from: Side,
    /// Where it stands.
    pub position: Position,
    /// What it is.
    pub kind: CaptureEventKind<'a>,
}

impl<'a> CaptureEvent<'a> {
    /// An event of the peer `from`.
    pub fn new(from: Side, position: Position, kind: CaptureEventKind<'a>) -> Self {
        Self { from, position, kind }
    }
}

/// Where something stands in what was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Position {
    /// The packet, counted from 1; `None` where there are no packets (hex, reports).
    pub frame: Option<u64>,
    /// When, since 1970; `None` where nothing tells.
    pub time: Option<Duration>,
    /// Offset of its first byte in all that its sender sent. Events without bytes stand behind
    /// the last byte.
    pub offset: u64,
    /// Bytes, from there on. A message in several records ends where its last record does.
    pub length: u64,
}

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaptureEventKind<'a> {
    /// The client asks for a connection (SYN).
    Opened,
    /// The server agrees (SYN and ACK).
    Accepted,
    /// The next bytes in order, each once: no retransmission, no hole.
    Bytes(&'a [u8]),
    /// So many bytes are missing from the capture; what follows stands behind them.
    Gap(u64),
    /// Everything that the other end sent up to now was acknowledged by this one.
    Acknowledged,
    /// It has nothing more to send (FIN).
    Fin,
    /// It breaks the connection off (RST).
    Reset,
}

impl Position {
    /// A position in a live connection, which has no packets: the time since 1970, the offset in all
    /// bytes of the sender, and the number of bytes.
    pub fn of_live(time: Duration, offset: u64, length: u64) -> Self {
        Self { frame: None, time: Some(time), offset, length }
    }
}

/// As evidence names it: the packet, or the byte.
impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.frame {
            Some(frame) => write!(f, "frame {frame}"),
            None => write!(f, "byte {}", self.offset),
        }
    }
}
