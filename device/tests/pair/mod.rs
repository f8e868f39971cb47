//! Two connections joined in memory.

use handclasp_device::{Connection, Next, Random, RandomFailed};

/// Numbers for tests: the same ones in each run.
pub struct Seeded(pub u64);

impl Random for Seeded {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        for byte in out {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = self.0.to_be_bytes()[0];
        }
        Ok(())
    }
}

/// What one side saw.
pub struct Seen {
    pub read: Vec<u8>,
    pub end: Next,
}

/// One side, which writes a line once connected and closes when it has read as much.
struct Side<'a, 'd> {
    connection: &'a mut Connection<'d>,
    read: Vec<u8>,
    has_written: bool,
    end: Option<Next>,
}

const LINE: &[u8] = b"hello board";

impl Side<'_, '_> {
    /// Steps until nothing more can be done without the other side; returns whether anything was done.
    fn turn(&mut self, random: &mut dyn Random, input: &mut Vec<u8>, output: &mut Vec<u8>) -> bool {
        let mut did = false;
        while self.end.is_none() {
            if self.connection.may_write() && !self.has_written {
                self.has_written = true;
                assert_eq!(self.connection.write(LINE, random), Ok(LINE.len()));
            }
            if self.read.len() >= LINE.len() {
                self.connection.close();
            }
            match self.connection.step(random) {
                Next::Work => {}
                Next::Transmit => {
                    output.extend_from_slice(self.connection.transmit());
                    self.connection.transmitted(self.connection.transmit().len());
                }
                Next::Read => {
                    self.read.extend_from_slice(self.connection.readable());
                    self.connection.consume(self.connection.readable().len());
                }
                Next::Receive if input.is_empty() => return did,
                Next::Receive => {
                    let count = self.connection.receive(input);
                    input.drain(..count);
                }
                Next::PeerClosed => self.connection.close(),
                end @ (Next::Closed | Next::Failed(_)) => self.end = Some(end),
            }
            did = true;
        }
        did
    }
}

/// Runs both until neither can go on.
pub fn run(
    client: &mut Connection<'_>,
    server: &mut Connection<'_>,
    random: &mut dyn Random,
) -> (Seen, Seen) {
    let side = |connection| Side { connection, read: Vec::new(), has_written: false, end: None };
    let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
    let mut client = Side { connection: client, read: Vec::new(), has_written: false, end: None };
    let mut server = side(server);
    loop {
        let did_client = client.turn(random, &mut to_client, &mut to_server);
        let did_server = server.turn(random, &mut to_server, &mut to_client);
        if !did_client && !did_server {
            break;
        }
    }
    let seen = |side: Side<'_, '_>| Seen { end: side.end.unwrap_or(Next::Receive), read: side.read };
    (seen(client), seen(server))
}
