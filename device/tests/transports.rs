//! Connections driven over a transport.

mod pair;

use handclasp_device::{Config, Connection, Next, Psk, PskUse, Received, Transport, profile};
use pair::{Ends, Seeded};

/// A transport whose peer sent everything and closed before this side looks.
struct Closed {
    received: Vec<u8>,
    /// Bytes that are taken at once.
    room: usize,
    sent: Vec<u8>,
}

impl Transport for Closed {
    fn send(&mut self, bytes: &[u8]) -> Option<usize> {
        let count = bytes.len().min(self.room);
        self.sent.extend_from_slice(&bytes[..count]);
        Some(count)
    }

    fn receive(&mut self, space: &mut [u8]) -> Received {
        if self.received.is_empty() {
            return Received::End;
        }
        let count = space.len().min(self.received.len());
        space[..count].copy_from_slice(&self.received[..count]);
        self.received.drain(..count);
        Received::Bytes(count)
    }
}

fn ends() -> Ends {
    let psk = || Psk::from_bytes("board", PskUse::Tls13Sha256, &[7; 32]).expect("a key");
    let client = Config::new(profile::client::PSK_TLS13).with_psk(psk());
    Ends::boot(client, Config::new(profile::server::PSK_TLS13).with_psk(psk()))
}

/// Completes the handshake.
fn connected<'e>(ends: &'e Ends, random: &mut Seeded) -> (Connection<'e>, Connection<'e>) {
    let (mut client, mut server) = ends.connect(random);
    while !client.may_write() || !server.may_write() {
        for (from, to) in [(0, 1), (1, 0)] {
            let both = [&mut client, &mut server];
            while both[from].step(random) == Next::Work {}
            let bytes = both[from].transmit().to_vec();
            both[from].transmitted(bytes.len());
            let taken = both[to].receive(&bytes);
            assert_eq!(taken, bytes.len());
        }
    }
    (client, server)
}

/// The server has output that waits, while the client's last words and the end of the transport come.
#[test]
fn what_came_before_the_end_of_the_transport_is_not_lost() {
    let ends = ends();
    let random = &mut Seeded(1);
    let (mut client, mut server) = connected(&ends, random);
    assert_eq!(client.write(b"last words", random), Ok(10));
    client.close();
    // Both are known before the next step, as with callbacks of a network stack.
    assert_eq!(server.receive(client.transmit()), client.transmit().len());
    server.end_of_input();
    let mut transport = Closed { received: Vec::new(), room: usize::MAX, sent: Vec::new() };
    assert_eq!(server.write(b"an answer", random), Ok(9));
    let mut read = Vec::new();
    for _ in 0..100 {
        match server.drive(&mut transport, random) {
            Next::Read => {
                read.extend_from_slice(server.readable());
                server.consume(server.readable().len());
                // Output that waits while the rest comes.
                assert_eq!(server.write(b"another answer", random), Ok(14));
            }
            Next::PeerClosed => server.close(),
            Next::Closed => {
                assert_eq!(read, b"last words");
                return;
            }
            Next::Failed(fault) => panic!("{fault}"),
            Next::Work | Next::Transmit | Next::Receive => {}
        }
    }
    panic!("it does not end");
}

/// A peer that reads nothing before it has sent everything.
#[test]
fn a_full_transport_does_not_stop_the_input() {
    let ends = ends();
    let random = &mut Seeded(1);
    let (mut client, mut server) = connected(&ends, random);
    let mut received = Vec::new();
    for _ in 0..20 {
        assert_eq!(client.write(&[5; 1000], random), Ok(1000));
        received.extend_from_slice(client.transmit());
        client.transmitted(client.transmit().len());
    }
    client.close();
    received.extend_from_slice(client.transmit());
    let mut transport = Closed { received, room: 0, sent: Vec::new() };
    assert_eq!(server.write(b"an answer that waits", random), Ok(20));
    let mut read = 0;
    for _ in 0..1000 {
        match server.drive(&mut transport, random) {
            Next::Read => {
                read += server.readable().len();
                server.consume(server.readable().len());
            }
            Next::PeerClosed => {
                assert_eq!(read, 20_000);
                return;
            }
            Next::Closed | Next::Failed(_) => panic!("{:?}", server.fault()),
            Next::Work | Next::Transmit | Next::Receive => {}
        }
    }
    panic!("it waits for room: {read} bytes read");
}
