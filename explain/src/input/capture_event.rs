//! What a capture shows of one conversation, one thing at a time and in its order: the seam
//! between finding conversations (`input/capture`) and reading TLS in them (`reading`).
//!
//! A happening borrows its bytes, so that nothing is kept which nobody wants.

use std::time::Duration;

pub use handclasp_report::Side;

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaptureEvent<'a> {
    /// Whose doing it is.
    pub from: Side,
    /// Where it stands.
    pub position: Position,
    /// What it is.
    pub event: CaptureEventKind<'a>,
}

/// Where something stands in what was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The packet, counted from 1; `None` where there are no packets (hex, reports).
    pub frame: Option<u64>,
    /// When, since 1970; `None` where nothing tells.
    pub at: Option<Duration>,
    /// Offset of its first byte in all that its sender sent. Events without bytes stand behind
    /// the last byte.
    pub offset: u64,
    /// Bytes, from there on. A message in several records ends where its last record does.
    pub length: u64,
}

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// As evidence names it: the packet, or the byte.
impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.frame {
            Some(frame) => write!(f, "frame {frame}"),
            None => write!(f, "byte {}", self.offset),
        }
    }
}
