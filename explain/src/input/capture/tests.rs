//! Captures built byte by byte, and the events reported for them.

mod broken;
mod conversing;
mod endless;
mod formats;
mod layers;
mod missing;
mod reordered;

use super::{FlowId, Listener, Summary, read};
use crate::input::capture_event::{CaptureEvent, CaptureEventKind, Side};

/// Initial sequence numbers of the two peers.
const CLIENT_ISN: u32 = 1000;
const SERVER_ISN: u32 = 9000;

/// A TCP segment between 10.0.0.1:50000 (the client) and 10.0.0.2:443. Sequence numbers are relative to the
/// initial ones: the first byte has number 1. Flags by their initials.
#[derive(Clone)]
struct Tcp {
    from: Side,
    sequence: u32,
    acknowledgment: u32,
    flags: &'static str,
    payload: Vec<u8>,
    ports: [u16; 2],
    initial: [u32; 2],
}

/// A segment of the client.
fn c(flags: &'static str, sequence: u32, acknowledgment: u32, payload: impl AsRef<[u8]>) -> Tcp {
    let payload = payload.as_ref().to_vec();
    let (ports, initial) = ([50000, 443], [CLIENT_ISN, SERVER_ISN]);
    Tcp { from: Side::Client, sequence, acknowledgment, flags, payload, ports, initial }
}

/// A segment of the server.
fn s(flags: &'static str, sequence: u32, acknowledgment: u32, payload: impl AsRef<[u8]>) -> Tcp {
    Tcp { from: Side::Server, ..c(flags, sequence, acknowledgment, payload) }
}

/// The three-way handshake.
fn opening() -> Vec<Tcp> {
    vec![c("S", 0, 0, ""), s("SA", 0, 1, ""), c("A", 1, 1, "")]
}

/// The three-way handshake, and these segments.
fn opened(segments: impl IntoIterator<Item = Tcp>) -> Vec<Tcp> {
    opening().into_iter().chain(segments).collect()
}

impl Tcp {
    fn initial(self, client: u32, server: u32) -> Self {
        Self { initial: [client, server], ..self }
    }

    fn ports(self, client: u16, server: u16) -> Self {
        Self { ports: [client, server], ..self }
    }

    /// Header and payload.
    fn segment(&self) -> Vec<u8> {
        let ([mut source, mut destination], [mut own, mut peer]) = (self.ports, self.initial);
        if self.from == Side::Server {
            (source, destination, own, peer) = (destination, source, peer, own);
        }
        let is_ack = self.flags.contains('A');
        let flag = |letter, bit| if self.flags.contains(letter) { bit } else { 0 };
        let acknowledgment = if is_ack { peer.wrapping_add(self.acknowledgment) } else { 0 };
        let flags = flag('F', 1u8) | flag('S', 2) | flag('R', 4) | flag('A', 16);
        let mut out = Vec::new();
        out.extend(source.to_be_bytes());
        out.extend(destination.to_be_bytes());
        out.extend(own.wrapping_add(self.sequence).to_be_bytes());
        out.extend(acknowledgment.to_be_bytes());
        out.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        out.extend(&self.payload);
        out
    }

    /// Last bytes of the addresses: source, destination.
    fn hosts(&self) -> [u8; 2] {
        match self.from {
            Side::Client => [1, 2],
            Side::Server => [2, 1],
        }
    }

    /// The segment in an IPv4 packet.
    fn packet(&self) -> Vec<u8> {
        ipv4(self.hosts(), 6, &self.segment())
    }
}

/// An IPv4 packet from 10.0.0.x to 10.0.0.y.
fn ipv4([source, destination]: [u8; 2], protocol: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + payload.len()).unwrap().to_be_bytes();
    let mut out = vec![0x45, 0, length[0], length[1], 0, 0, 0, 0, 64, protocol, 0, 0];
    out.extend([10, 0, 0, source, 10, 0, 0, destination]);
    out.extend(payload);
    out
}

/// A pcap file, little-endian, microseconds; one millisecond between packets.
struct Pcap(Vec<u8>, u32);

impl Pcap {
    fn new(link: u32) -> Self {
        let mut out = 0xa1b2_c3d4_u32.to_le_bytes().to_vec();
        out.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0]);
        out.extend(link.to_le_bytes());
        Self(out, 0)
    }

    fn packet(self, packet: &[u8]) -> Self {
        let at = self.1 + 1;
        self.cut(packet, packet.len()).time(at)
    }

    /// Truncated to this many captured bytes.
    fn cut(mut self, packet: &[u8], captured: usize) -> Self {
        let length = |length: usize| u32::try_from(length).unwrap();
        let packet_bytes = &packet[..captured.min(packet.len())];
        for field in [1_700_000_000, self.1 * 1000, length(packet_bytes.len()), length(packet.len())] {
            self.0.extend(field.to_le_bytes());
        }
        self.0.extend(packet_bytes);
        self
    }

    /// Time of the next packet in milliseconds.
    fn time(self, milliseconds: u32) -> Self {
        Self(self.0, milliseconds)
    }
}

/// A pcap file with raw IP packets.
fn capture(segments: &[Tcp]) -> Vec<u8> {
    segments.iter().fold(Pcap::new(101), |pcap, segment| pcap.packet(&segment.packet())).0
}

/// The reported events, one per line: `0 C#4 "hello"` is what the client of connection 0 sent in packet 4.
/// Checks the positions.
#[derive(Default)]
struct Heard {
    lines: Vec<String>,
    /// Bytes and gaps so far, by connection and direction.
    offsets: std::collections::HashMap<(u64, bool), u64>,
    open: std::collections::HashSet<u64>,
}

impl Listener for Heard {
    fn begin(&mut self, id: FlowId, client: String, server: String, begins_late: bool) {
        assert!(self.open.insert(id.0), "begun twice");
        let late = if begins_late { " late" } else { "" };
        self.lines.push(format!("{} {client} {server}{late}", id.0));
    }

    fn on_event(&mut self, id: FlowId, event: &CaptureEvent<'_>) {
        assert!(self.open.contains(&id.0), "not open");
        let CaptureEvent { from, position, kind } = *event;
        let offset = self.offsets.entry((id.0, from == Side::Client)).or_default();
        assert_eq!(position.offset, *offset, "{event:?}");
        let (length, what) = match kind {
            CaptureEventKind::Bytes(bytes) => {
                (bytes.len() as u64, format!("{:?}", String::from_utf8_lossy(bytes)))
            }
            CaptureEventKind::Gap(count) => (count, format!("gap {count}")),
            other => (0, format!("{other:?}").to_lowercase()),
        };
        assert_eq!(position.length, length, "{event:?}");
        assert!(
            length > 0 || !matches!(kind, CaptureEventKind::Bytes(_) | CaptureEventKind::Gap(_)),
            "nothing at all"
        );
        *offset += length;
        let side = if from == Side::Client { 'C' } else { 'S' };
        self.lines.push(format!("{} {side}#{} {what}", id.0, position.frame.unwrap()));
    }

    fn end(&mut self, id: FlowId) {
        assert!(self.open.remove(&id.0), "ended twice");
        self.lines.push(format!("{} end", id.0));
    }

    fn key_log(&mut self, text: &str) {
        self.lines.push(format!("key log {text:?}"));
    }
}

/// Reads a capture without errors.
fn heard_of(file: &[u8]) -> (Vec<String>, Summary) {
    let mut heard = Heard::default();
    let mut total = 0;
    let mut progress = |read| total = read;
    let summary = read(file, &mut progress, &mut heard).unwrap();
    assert_eq!(total, file.len() as u64, "progress counts all bytes");
    assert!(heard.open.is_empty(), "every conversation ends");
    (heard.lines, summary)
}

/// The events of these segments, without the first and last line of one connection.
fn heard(segments: &[Tcp]) -> Vec<String> {
    let (lines, summary) = heard_of(&capture(segments));
    assert_eq!(summary.skipped.total(), 0);
    only(lines)
}

/// Without the first and last line of one connection, and without its number.
fn only(mut lines: Vec<String>) -> Vec<String> {
    assert_eq!(lines.remove(0), "0 10.0.0.1:50000 10.0.0.2:443");
    assert_eq!(lines.pop().as_deref(), Some("0 end"));
    lines.iter().map(|line| line.strip_prefix("0 ").expect("one conversation").to_owned()).collect()
}

/// The events after the three-way handshake of [`opening`].
fn after_opening(segments: impl IntoIterator<Item = Tcp>) -> Vec<String> {
    let lines = heard(&opened(segments));
    assert_eq!(lines[..2], ["C#1 syn", "S#2 synack"]);
    lines[2..].to_vec()
}
