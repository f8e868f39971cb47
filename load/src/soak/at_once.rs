//! Many connections open together: all inside their handshake, then all connected, then all with data.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    ops::Range,
    sync::{Arc, Barrier},
    thread,
    time::Instant,
};

use anyhow::{Context as _, Result, anyhow};
use handclasp::Client;

use super::{Findings, Soak, in_a_row::GROWTH_MAX};
use crate::{
    certificate::NAME,
    client::{self, Offer},
    server::Server,
    usage,
};

/// What a thread of a client needs: little, for there are a thousand.
const STACK: usize = 256 * 1024;
const ROUNDS: usize = 10;

/// Each round has the same peak, so that nothing may grow after the first.
pub fn run(soak: &Soak, findings: &mut Findings) -> Result<()> {
    let count = soak.number(1_000, 200);
    let server = soak.echo()?;
    let before = usage::descriptors(server.id())?;
    let client = client::client(Offer::Modern)?.without_resumption();
    let (mut memory, mut most) = (Vec::new(), 0);
    let begun = Instant::now();
    for number in 0..ROUNDS {
        most = most.max(round(&client, &server, number * count..(number + 1) * count)?);
        memory.push(server.resident()?);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let after = server.settle(before)?;
    let rate = (ROUNDS * count) as f64 / seconds;
    findings.figure(format!("{ROUNDS} × {count} connections at once, {rate:.0}/s"));
    findings.figure(format!("resident memory after each {count}: {memory:?} KiB"));
    findings.figure(format!("descriptors: {before} before, {most} at most, {after} after"));
    findings.expect(most >= count, format!("{most} descriptors for {count} connections: not at once"));
    findings.expect(after <= before, format!("{after} descriptors remain open, {before} at the start"));
    let first = memory.first().copied().unwrap_or(0);
    let growth = memory.iter().max().copied().unwrap_or(0).saturating_sub(first);
    findings.expect(growth < GROWTH_MAX, format!("memory grew by {growth} KiB, not {GROWTH_MAX}"));
    Ok(())
}

/// A connection for each of the numbers, in a thread of its own. Returns the number of the server's descriptors while
/// all are connected.
fn round(client: &Client, server: &Server, numbers: Range<usize>) -> Result<usize> {
    let barrier = Arc::new(Barrier::new(numbers.len() + 1));
    let one = |number: usize, steps: Steps| -> Result<()> {
        let stepping = Stepping { socket: client::dial(server.address)?, steps };
        let mut stream = client.connect_over(stepping, NAME)?;
        let steps = &mut stream.get_mut().steps;
        steps.connected();
        steps.counted();
        let (mut data, mut space) = ([0; 5_000], Vec::new());
        client::pattern(number as u64, &mut data);
        for part in data.chunks(1_700) {
            client::echo(&mut stream, part, &mut space)?;
        }
        client::close(stream)
    };
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for number in numbers {
            let (one, steps) = (&one, Steps { barrier: barrier.clone(), left: STEPS });
            let builder = thread::Builder::new().stack_size(STACK);
            threads.push((number, builder.spawn_scoped(scope, move || one(number, steps))?));
        }
        let mut steps = Steps { barrier, left: STEPS };
        steps.answered();
        steps.connected();
        let counted = usage::descriptors(server.id());
        steps.counted();
        for (number, thread) in threads {
            let outcome = thread.join().map_err(|_| anyhow!("a client panicked"))?;
            outcome.with_context(|| format!("client {number}"))?;
        }
        counted
    })
}

/// What all clients and the counting thread reach together.
const STEPS: usize = 3;

/// The steps that one of them has still to take. Who fails takes the rest at once, so that nobody waits for it.
struct Steps {
    barrier: Arc<Barrier>,
    left: usize,
}

impl Steps {
    /// The server has answered every hello: so many handshakes are open in it.
    fn answered(&mut self) {
        self.take(STEPS);
    }

    /// All handshakes are complete.
    fn connected(&mut self) {
        self.take(STEPS - 1);
    }

    /// The server's descriptors were counted.
    fn counted(&mut self) {
        self.take(STEPS - 2);
    }

    /// Waits for all others, if it is the turn of the step after which fewer than `left` remain.
    fn take(&mut self, left: usize) {
        if self.left == left {
            self.left -= 1;
            self.barrier.wait();
        }
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        while self.left > 0 {
            self.take(self.left);
        }
    }
}

/// A socket that holds the handshake up between the server's answer and our Finished.
struct Stepping {
    socket: TcpStream,
    steps: Steps,
}

impl Read for Stepping {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.socket.read(out)?;
        self.steps.answered();
        Ok(count)
    }
}

impl Write for Stepping {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.socket.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}
