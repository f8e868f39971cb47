//! Captures: files of packets, and the TCP connections in them.
//!
//! The path of a packet: `file` (pcap, pcapng, compressed or not) → `link` and `packet` (parse headers) →
//! `flows` (find the connection) → `flow` (find the sender and the meaning) → `stream` (the bytes of one
//! direction, in order) → a [`Listener`].

mod error;
mod file;
mod flow;
mod flows;
mod fragments;
pub(super) mod link;
pub(super) mod packet;
mod pcap;
mod pcapng;
mod stream;
mod summary;
mod window;
mod zstd;

use std::borrow::Cow;
use std::io::Read;

pub use error::{CaptureError, CaptureProblem};
pub use summary::{SkippedPackets, Summary};

use crate::input::capture_event::{CaptureEvent, Position};
use file::{File, Next};
use flows::Flows;
use fragments::Fragments;
use packet::Carried;

/// Identifies a connection of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId(pub u64);

/// Receives the events of all connections of a capture, in the order of the packets.
pub trait Listener {
    /// A connection begins. `client` and `server`: address and port. The client is the sender of the SYN,
    /// or else of the first ClientHello; `begins_late` if the capture has neither.
    fn begin(&mut self, id: FlowId, client: String, server: String, begins_late: bool);
    /// An event of a connection.
    fn on_event(&mut self, id: FlowId, event: &CaptureEvent<'_>);
    /// A connection ended: both peers closed, one reset it, or the capture ended.
    fn end(&mut self, id: FlowId);
    /// The capture contains a key log at this place. An input that can be read twice has it from
    /// [`key_log`] before the first packet.
    fn key_log(&mut self, _text: &str) {}
}

/// Reads a whole capture. `progress` is called with the number of bytes of `input` read so far. Memory is
/// bounded, whatever the size of the capture: see `window`, `stream`, `flows`, `fragments`.
///
/// ```
/// use handclasp_explain::capture::{EventExplainer, read};
///
/// let evidence = handclasp_explain::Evidence::default();
/// let mut explainer = EventExplainer::new(&evidence);
/// let error = read(&b"not a capture"[..], &mut |_| (), &mut explainer).unwrap_err();
/// assert_eq!(error.offset, 0);
/// ```
///
/// # Errors
/// The input is not a supported capture. Damage after the first packet is not an error: the packets before
/// it are read, and the [`Summary`] names the place.
pub fn read(
    input: impl Read,
    progress: &mut dyn FnMut(u64),
    listener: &mut dyn Listener,
) -> Result<Summary, CaptureError> {
    let mut file = File::open(input, progress)?;
    let mut summary = Summary::default();
    let mut flows = Flows::default();
    let mut fragments = Fragments::default();
    loop {
        let packet = match file.next() {
            Ok(Next::Packet(packet)) => packet,
            Ok(Next::KeyLog(text)) => {
                if !text.is_empty() {
                    listener.key_log(&text);
                }
                continue;
            }
            Ok(Next::End { cut }) => {
                summary.cut = cut;
                break;
            }
            Err(error) if summary.packets == 0 => return Err(error),
            Err(error) => {
                summary.damaged = Some(error);
                break;
            }
        };
        summary.packets += 1;
        let position = Position { frame: Some(summary.packets), time: packet.at, offset: 0, length: 0 };
        match packet::carried(&packet) {
            Carried::Tcp(segment) => flows.take(&segment, position, listener),
            Carried::Fragment(fragment) => {
                summary.skipped.fragments += 1;
                if let Some(whole) = fragments.take(&fragment) {
                    summary.skipped.fragments -= whole.fragments;
                    match packet::of_ip(fragment.ends, whole.protocol, &whole.bytes, None) {
                        Carried::Tcp(segment) => flows.take(&segment, position, listener),
                        other => summary.skipped.count(&other),
                    }
                }
            }
            other => summary.skipped.count(&other),
        }
    }
    summary.cut |= file.is_cut();
    summary.flows = flows.finish(listener);
    match file.unknown_link() {
        Some(error) => Err(error),
        None => Ok(summary),
    }
}

/// Returns the key logs in the Decryption Secrets Blocks of a capture, joined; empty if there are none.
/// Reads all of a pcapng file, skipping packets, and only the header of a pcap file.
///
/// ```
/// use handclasp_explain::capture::key_log;
///
/// assert!(key_log(&b"not a capture"[..]).is_err());
/// ```
///
/// # Errors
/// The input is not a supported capture. Damage after a key log is not an error, as in [`read`].
pub fn key_log(input: impl Read) -> Result<String, CaptureError> {
    let mut silent = |_| ();
    let mut file = File::open(input, &mut silent)?;
    let mut text = String::new();
    loop {
        match file.next_key_log() {
            Ok(Some(part)) => text.push_str(&part),
            Ok(None) => return Ok(text),
            Err(error) if text.is_empty() => return Err(error),
            Err(_) => return Ok(text),
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
    }
}

/// Decodes text, replacing invalid sequences.
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests;
