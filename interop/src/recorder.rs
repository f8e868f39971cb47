//! A relay on loopback that records one connection as a capture: no privileges are needed, and only the
//! connection of one test is in it. The packets are made from what passed, in the order in which it was
//! read; the server's address is the real one.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, anyhow};

/// The longest segment that is written.
const SEGMENT: usize = 1400;

/// pcap with microseconds: magic, version 2.4, time zone, snapshot length, LINKTYPE_RAW (IPv4 or IPv6).
const HEAD: [u32; 6] = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 101];

const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;

/// What passed, and from which of the two peers.
enum Passed {
    Bytes(Vec<u8>),
    Flag(u8),
}

struct Event {
    from_client: bool,
    at: Duration,
    passed: Passed,
}

type Events = Arc<Mutex<Vec<Event>>>;

/// A relay that waits for one connection.
pub struct Recorder {
    /// The port that the client is to connect to.
    pub port: u16,
    server: u16,
    relay: JoinHandle<Result<(u16, Events)>>,
}

impl Recorder {
    /// Relays to a server on loopback.
    pub fn start(server: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        Ok(Self { port, server, relay: thread::spawn(move || relay(&listener, server)) })
    }

    /// The capture, once both peers have closed. The client must have connected.
    pub fn capture(self) -> Result<Vec<u8>> {
        let (client, events) = self.relay.join().map_err(|_| anyhow!("the relay panicked"))??;
        let events = events.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(written(client, self.server, &events))
    }
}

fn relay(listener: &TcpListener, server: u16) -> Result<(u16, Events)> {
    let (client, address) = listener.accept()?;
    let server = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, server)))?;
    let events = Events::default();
    for (from_client, flags) in [(true, SYN), (false, SYN | ACK), (true, ACK)] {
        note(&events, from_client, Passed::Flag(flags));
    }
    let mut threads = Vec::new();
    for (from, to, from_client) in [(&client, &server, true), (&server, &client, false)] {
        let (from, to, events) = (from.try_clone()?, to.try_clone()?, Arc::clone(&events));
        threads.push(thread::spawn(move || pass(from, to, from_client, &events)));
    }
    for thread in threads {
        thread.join().map_err(|_| anyhow!("a direction of the relay panicked"))?;
    }
    Ok((address.port(), events))
}

/// Passes one direction on until its end. What the other side no longer takes is recorded as well.
fn pass(mut from: TcpStream, mut to: TcpStream, from_client: bool, events: &Events) {
    let mut buffer = vec![0; 32 << 10];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => {
                note(events, from_client, Passed::Flag(FIN | ACK));
                let _ = to.shutdown(Shutdown::Write);
                return;
            }
            Ok(length) => {
                note(events, from_client, Passed::Bytes(buffer[..length].to_vec()));
                let _ = to.write_all(&buffer[..length]);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => {
                note(events, from_client, Passed::Flag(RST | ACK));
                // The other direction ends with it.
                let _ = (to.shutdown(Shutdown::Both), from.shutdown(Shutdown::Both));
                return;
            }
        }
    }
}

fn note(events: &Events, from_client: bool, passed: Passed) {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    events.lock().unwrap_or_else(PoisonError::into_inner).push(Event { from_client, at, passed });
}

/// The events as a file of packets.
fn written(client: u16, server: u16, events: &[Event]) -> Vec<u8> {
    let mut file: Vec<u8> = HEAD.iter().flat_map(|word| word.to_le_bytes()).collect();
    // The next sequence number of each peer: client, server.
    let mut next = [1000_u32, 2000];
    for event in events {
        let own = usize::from(!event.from_client);
        let ports = if event.from_client { [client, server] } else { [server, client] };
        let segments: Vec<(u8, &[u8])> = match &event.passed {
            Passed::Flag(flags) => vec![(*flags, &[])],
            Passed::Bytes(bytes) => bytes.chunks(SEGMENT).map(|chunk| (ACK, chunk)).collect(),
        };
        for (flags, payload) in segments {
            let packet = packet(ports, [next[own], next[1 - own]], flags, payload);
            let length = u32::try_from(packet.len()).unwrap_or(u32::MAX);
            let seconds = u32::try_from(event.at.as_secs()).unwrap_or(u32::MAX);
            for word in [seconds, event.at.subsec_micros(), length, length] {
                file.extend(word.to_le_bytes());
            }
            file.extend(packet);
            let counted = u32::from(flags & (SYN | FIN) != 0);
            next[own] += u32::try_from(payload.len()).unwrap_or(u32::MAX) + counted;
        }
    }
    file
}

/// An IPv4 packet with a TCP segment; the checksums are left out, as they are where hardware adds them.
fn packet(ports: [u16; 2], numbers: [u32; 2], flags: u8, payload: &[u8]) -> Vec<u8> {
    let total = u16::try_from(40 + payload.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut out = vec![0x45, 0, total[0], total[1], 0, 0, 0x40, 0, 64, 6, 0, 0];
    out.extend([Ipv4Addr::LOCALHOST.octets(); 2].concat());
    out.extend(ports.iter().flat_map(|port| port.to_be_bytes()));
    let acknowledged = if flags & ACK == 0 { 0 } else { numbers[1] };
    out.extend([numbers[0], acknowledged].iter().flat_map(|number| number.to_be_bytes()));
    out.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    out.extend(payload);
    out
}

/// Writes a capture to a file.
pub fn write(path: &std::path::Path, capture: &[u8]) -> Result<()> {
    std::fs::write(path, capture).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_recorded_in_order() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let server = listener.local_addr().unwrap().port();
        let recorder = Recorder::start(server).unwrap();
        let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, recorder.port)).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        client.write_all(b"question").unwrap();
        let mut read = [0; 8];
        peer.read_exact(&mut read).unwrap();
        peer.write_all(b"answer").unwrap();
        drop(peer);
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).unwrap();
        drop(client);
        let capture = recorder.capture().unwrap();
        let at = |text: &[u8]| capture.windows(text.len()).position(|window| window == text).unwrap();
        assert!(at(b"question") < at(b"answer"));
        assert_eq!(answer, b"answer");
        // Header and seven packets: handshake, two with data, two FINs.
        assert_eq!(capture.len(), 24 + 7 * (16 + 40) + 14);
    }
}
