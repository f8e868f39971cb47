//! Captures: files of packets, and the TCP conversations in them.
//!
//! A packet's way: `file` (pcap, pcapng, compressed or not) → `link` and `packet` (headers off) →
//! `flows` (which one) → `flow` (whose, and what it means) → `stream` (the bytes
//! of one direction, in order) → a [`Listener`].

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

use std::borrow::Cow;
use std::io::Read;

pub use error::{CaptureError, CaptureProblem};
pub use summary::{PassedOver, Summary};

use crate::input::capture_event::{CaptureEvent, Position};
use file::{File, Next};
use flows::Flows;
use fragments::Fragments;
use packet::Carried;

/// Which conversation something belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId(pub u64);

/// Takes what a capture holds, conversation by conversation, in the order of the packets.
pub trait Listener {
    /// A conversation begins; the addresses and ports of its ends, as text. The client is the one
    /// that sent the SYN, or else the one that sends a ClientHello first. It begins late where
    /// neither is in the capture.
    fn begin(&mut self, id: FlowId, client: String, server: String, begins_late: bool);
    /// Something happened in it.
    fn on_event(&mut self, id: FlowId, event: &CaptureEvent<'_>);
    /// It is over: both ends closed, or one broke it off, or the capture ended.
    fn end(&mut self, id: FlowId);
    /// The capture brings a key log of its own, and this is where it stands. Whoever can read the
    /// capture twice has it from [`key_log`] before the first packet.
    fn key_log(&mut self, _text: &str) {}
}

/// Reads a whole capture. `progress` hears how many bytes of `input` were read. Memory is
/// bounded, whatever the capture's size: see `window`, `stream`, `flows`, `fragments`.
///
/// # Errors
/// Where the input is no capture that we can read. Damage behind the first packet is no error:
/// what stands before it is told, and the [`Summary`] says where it is.
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
                summary.passed_over.fragments += 1;
                if let Some(whole) = fragments.take(&fragment) {
                    summary.passed_over.fragments -= whole.fragments;
                    match packet::of_ip(fragment.ends, whole.protocol, &whole.bytes, None) {
                        Carried::Tcp(segment) => flows.take(&segment, position, listener),
                        other => summary.passed_over.count(&other),
                    }
                }
            }
            other => summary.passed_over.count(&other),
        }
    }
    summary.cut |= file.is_cut();
    summary.flows = flows.finish(listener);
    match file.unknown_link() {
        Some(error) => Err(error),
        None => Ok(summary),
    }
}

/// The key logs that a capture brings in its Decryption Secrets Blocks, joined; empty where there
/// are none. Reads a pcapng file through, without its packets; a pcap file only as far as its
/// header.
///
/// # Errors
/// Where the input is no capture that we can read. Damage behind a key log is none, as in [`read`].
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

/// Text that may not be text.
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests;
