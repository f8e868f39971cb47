//! Connections one after the other: every echo compared, and memory that stays flat.

use std::time::Instant;

use anyhow::{Context as _, Result};

use super::{Findings, Soak};
use crate::client::{self, Offer};

/// How much resident memory may grow after the first tenth, in KiB.
pub const GROWTH_MAX: u64 = 1024;

/// Sizes of what is sent; each tenth of the connections has all of them.
const SIZES: [usize; 7] = [1, 100, 1_000, 4_096, 16_384, 16_385, 60_000];

pub fn run(soak: &Soak, findings: &mut Findings) -> Result<()> {
    let count = soak.number(20_000, 1_500);
    let server = soak.echo()?;
    // Full handshakes of both versions, and resumed ones.
    let fresh = client::client(Offer::Modern)?.without_resumption();
    let clients = [client::client(Offer::Modern)?, fresh, client::client(Offer::Tls12)?];
    let (mut data, mut space) = (vec![0; SIZES.iter().copied().max().unwrap_or(0)], Vec::new());
    let mut after_tenth = 0;
    let mut resumed = 0;
    let begun = Instant::now();
    for (number, size) in (0..count).zip(SIZES.iter().cycle()) {
        let part = &mut data[..*size];
        client::pattern(number as u64, part);
        let mut one = || -> Result<bool> {
            let mut stream = client::open(&clients[number % clients.len()], server.address)?;
            client::echo(&mut stream, part, &mut space)?;
            let resumed = stream.connected().resumed;
            client::close(stream)?;
            Ok(resumed)
        };
        let was_resumed = one().with_context(|| format!("connection {number} of {count}"))?;
        resumed += usize::from(was_resumed);
        if number + 1 == count / 10 {
            after_tenth = server.resident()?;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let at_end = server.resident()?;
    findings.figure(format!("{count} connections ({resumed} resumed), {:.0}/s", count as f64 / seconds));
    findings.figure(format!("resident memory: {after_tenth} KiB after a tenth, {at_end} KiB at the end"));
    findings.expect(resumed > count / 2, format!("only {resumed} connections were resumed"));
    findings.expect(
        at_end.saturating_sub(after_tenth) < GROWTH_MAX,
        format!("memory grew by {} KiB, {GROWTH_MAX} are permitted", at_end.saturating_sub(after_tenth)),
    );
    Ok(())
}
