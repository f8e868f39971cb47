//! Many connections open together: all handshakes at once, all echoes at once.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use anyhow::{Context as _, Result, anyhow};

use super::{Findings, Soak, in_a_row::GROWTH_MAX};
use crate::{
    client::{self, Offer},
    usage,
};

/// What a thread of a client needs: little, for there are a thousand.
const STACK: usize = 256 * 1024;

pub fn run(soak: &Soak, findings: &mut Findings) -> Result<()> {
    let count = soak.number(1_000, 200);
    let rounds = soak.number(10, 5);
    let server = soak.echo()?;
    let before = usage::descriptors(server.id())?;
    let client = client::client(Offer::Modern)?.without_resumption();
    let mut memory = Vec::new();
    let open = AtomicU64::new(0);
    let begun = Instant::now();
    for round in 0..rounds {
        let barrier = Barrier::new(count + 1);
        let one = |number: usize| -> Result<()> {
            barrier.wait();
            let opened = client::open(&client, server.address);
            // All are connected, then counted, then they go on.
            barrier.wait();
            barrier.wait();
            let mut stream = opened?;
            let (mut data, mut space) = ([0; 5_000], Vec::new());
            client::pattern((round * count + number) as u64, &mut data);
            for part in data.chunks(1_700) {
                client::echo(&mut stream, part, &mut space)?;
            }
            client::close(stream)
        };
        thread::scope(|scope| -> Result<()> {
            let threads: Vec<_> = (0..count)
                .map(|number| {
                    let one = &one;
                    thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || one(number))
                })
                .collect::<std::io::Result<_>>()?;
            barrier.wait();
            barrier.wait();
            let counted = usage::descriptors(server.id());
            barrier.wait();
            open.fetch_max(counted? as u64, Ordering::Relaxed);
            for (number, thread) in threads.into_iter().enumerate() {
                let outcome = thread.join().map_err(|_| anyhow!("a client panicked"))?;
                outcome.with_context(|| format!("client {number} of {count}"))?;
            }
            Ok(())
        })?;
        memory.push(server.resident()?);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let after = server.settle(before)?;
    let (first, last) = (memory.first().copied().unwrap_or(0), memory.last().copied().unwrap_or(0));
    let most = open.into_inner();
    findings.figure(format!(
        "{rounds} × {count} connections at once, {:.0}/s",
        (rounds * count) as f64 / seconds
    ));
    findings.figure(format!("resident memory: {first} KiB after the first {count}, {last} KiB at the end"));
    findings.figure(format!("descriptors: {before} before, {most} at most, {after} after"));
    // With few connections the most that are in their handshake together comes later than in the first round.
    let permitted = if soak.quick { 2 * GROWTH_MAX } else { GROWTH_MAX };
    let at_once = (count + before) as u64;
    findings.expect(most >= at_once, format!("{most} descriptors for {count} connections: not at once"));
    findings.expect(after <= before, format!("{after} descriptors remain open, {before} at the start"));
    findings.expect(last.saturating_sub(first) < permitted, format!("memory grew by {} KiB", last - first));
    Ok(())
}
