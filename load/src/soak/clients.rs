//! Good clients that connect, send, compare what comes back and close, one connection after the other.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use handclasp::Client;

use crate::client;

/// What the good clients saw.
#[derive(Default)]
pub struct Served {
    /// Duration of each connection, sorted.
    durations: Vec<Duration>,
    /// How long all of it took.
    seconds: f64,
    /// Why connections failed.
    pub failures: Vec<String>,
}

impl Served {
    pub fn count(&self) -> usize {
        self.durations.len()
    }

    pub fn per_second(&self) -> f64 {
        self.count() as f64 / self.seconds
    }

    /// The duration that this part of the connections did not exceed.
    pub fn within(&self, part: f64) -> Duration {
        let index = (self.count() as f64 * part) as usize;
        self.durations.get(index.min(self.count().saturating_sub(1))).copied().unwrap_or_default()
    }
}

impl std::fmt::Display for Served {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let milliseconds = |part| self.within(part).as_secs_f64() * 1e3;
        let (half, most, all) = (milliseconds(0.5), milliseconds(0.99), milliseconds(1.0));
        write!(
            out,
            "{} connections, {:.0}/s, half within {half:.1} ms, 99 % within {most:.1} ms, all within {all:.1} ms",
            self.count(),
            self.per_second()
        )
    }
}

/// Serves `threads` clients for a time.
pub fn serve(client: &Client, address: SocketAddr, threads: usize, time: Duration) -> Result<Served> {
    let stop = AtomicBool::new(false);
    let begun = Instant::now();
    let mut served = Served::default();
    thread::scope(|scope| -> Result<()> {
        let threads: Vec<_> = (0..threads)
            .map(|number| {
                let stop = &stop;
                scope.spawn(move || one_after_the_other(client, address, number, stop))
            })
            .collect();
        thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        for thread in threads {
            let (durations, failures) = thread.join().map_err(|_| anyhow!("a client panicked"))?;
            served.durations.extend(durations);
            served.failures.extend(failures);
        }
        Ok(())
    })?;
    served.seconds = begun.elapsed().as_secs_f64();
    served.durations.sort();
    Ok(served)
}

fn one_after_the_other(
    client: &Client,
    address: SocketAddr,
    seed: usize,
    stop: &AtomicBool,
) -> (Vec<Duration>, Vec<String>) {
    let (mut durations, mut failures) = (Vec::new(), Vec::new());
    let (mut data, mut space) = ([0; 2_000], Vec::new());
    while !stop.load(Ordering::Relaxed) {
        client::pattern((seed << 32 | durations.len()) as u64, &mut data);
        let begun = Instant::now();
        let outcome = client::open(client, address).and_then(|mut stream| {
            client::echo(&mut stream, &data, &mut space)?;
            client::close(stream)
        });
        match outcome {
            Ok(()) => durations.push(begun.elapsed()),
            Err(error) => failures.push(format!("{error:#}")),
        }
    }
    (durations, failures)
}
