//! Power cuts: the board is reset at moments that come later and later in the handshake. Each start behind a cut
//! must complete a connection.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use interop::credentials::{PSK_HEX, PSK_ID};
use interop::fixtures::Fixtures;
use interop::process::{Running, contains, free_port};

use crate::firmware::faults::CORE;
use crate::firmware::machine::{Machine, Settings, Tag};
use crate::firmware::programs::{Core, profile};
use crate::firmware::run::{Bench, Run, excerpt};
use crate::firmware::server::{CLIENT, VERIFIES, settings};

/// The profile.
const PROFILE: &str = "server with faults";

const LINE: &str = "a line for the board\n";

/// Hundreds of starts, with a self-test each.
const TIMEOUT: Duration = Duration::from_secs(180);

/// How often the power is cut, and by how much later each time, in sixteenths of a millisecond; the distance
/// grows from cut to cut, see `firmware/src/faults.rs`.
#[derive(Clone, Copy)]
pub struct Cuts {
    /// How often.
    pub count: u8,
    /// How much later.
    pub step: u8,
}

impl Cuts {
    /// The entry `Faults` of the settings.
    pub fn faults(self) -> [u8; 6] {
        [0, 0, 0, 0, self.count, self.step]
    }

    /// The number of the start behind the last cut and the connection behind it.
    pub fn last_start(self) -> usize {
        2 * usize::from(self.count)
    }

    /// Whether the serial line shows cuts from before to after the handshake, and a whole connection behind each.
    pub fn check(self, text: &str) -> Result<()> {
        let has = |start: &str, word| start.lines().any(|line| line.split(' ').next() == Some(word));
        let starts: Vec<&str> = text.split("boot number=").skip(1).take(self.last_start()).collect();
        let (mut before, mut behind) = (0, 0);
        for start in starts.chunks(2) {
            let [cut, whole] = start else { bail!("the board does not start again:\n{text}") };
            match (has(cut, "cut"), has(cut, "connected")) {
                (true, false) => before += 1,
                _ => behind += 1,
            }
            ensure!(
                has(whole, "closed") && !has(whole, "failed") && !has(whole, "cut"),
                "no whole connection behind a cut:\n{cut}\n{whole}"
            );
        }
        let some = usize::from(self.count.div_ceil(8));
        ensure!(before >= some, "only {before} cuts before the handshake is complete:\n{text}");
        ensure!(behind > 0, "no cut behind the handshake: the last moments of it are left out:\n{text}");
        Ok(())
    }
}

/// A run: clients of a server, until the board has started often enough.
pub struct PowerRun {
    name: &'static str,
    /// The client's command line.
    client: String,
    cuts: Cuts,
    settings: Settings,
}

/// The runs. A handshake with the certificate takes 33 milliseconds, with the key half of one.
pub fn runs(fixtures: &Fixtures) -> Result<Vec<PowerRun>> {
    let settings = settings(fixtures.credentials()?, "P-256")?.number(Tag::Connections, 1);
    let run = |name, client: String, cuts: Cuts| PowerRun {
        name,
        client: format!("{CLIENT} {client}"),
        cuts,
        settings: settings.clone().with(Tag::Faults, &cuts.faults()),
    };
    let certificate = Cuts { count: 40, step: 16 };
    let key = Cuts { count: 40, step: 1 };
    let psk = format!("-tls1_2 -cipher PSK -psk {PSK_HEX} -psk_identity {PSK_ID}");
    Ok(vec![
        run("power cuts, TLS 1.3", format!("-tls1_3 {VERIFIES}"), certificate),
        run("power cuts, TLS 1.2", format!("-tls1_2 {VERIFIES}"), certificate),
        run("power cuts, TLS 1.2 with a key", psk, key),
    ])
}

impl Run for PowerRun {
    fn name(&self) -> (&'static str, &'static str) {
        (PROFILE, self.name)
    }

    fn on_both_cores(&self) -> bool {
        false
    }

    fn run(&self, _: Core, bench: &Bench<'_>) -> Result<()> {
        let deadline = Instant::now() + TIMEOUT;
        let port = free_port()?;
        let program = bench.programs.path(CORE, profile(PROFILE)?);
        let machine = Machine::start_again(&program, CORE, &self.settings, Some(port))?;
        for start in 0..self.cuts.last_start() {
            machine.wait_start(start, "ready", deadline)?;
            let mut client = Running::start(&mut bench.fixtures.command(&self.client, port)?)?;
            client.feed(LINE.as_bytes());
            if start % 2 == 1 {
                echoed(&client, &machine, deadline)?;
            }
            client.close_input();
            // Cut off, a client may wait for ever: it ends with this start.
            machine.wait_start(start + 1, "", deadline)?;
        }
        machine.must_be_sound()?;
        self.cuts.check(&machine.text())
    }
}

/// The client's line must come back.
fn echoed(client: &Running, machine: &Machine, deadline: Instant) -> Result<()> {
    let came = client
        .wait(deadline.min(Instant::now() + Duration::from_secs(20)), |output| contains(&output.out, LINE));
    ensure!(
        came.is_ok(),
        "what a client sent did not come back:\n{}\n{}",
        excerpt(&client.text()),
        machine.text()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serial(starts: &[&str]) -> String {
        let start = |(number, lines): (usize, &&str)| format!("boot number={number}\nready\n{lines}\n");
        starts.iter().enumerate().map(start).collect()
    }

    #[test]
    fn cuts_must_span_the_handshake_and_leave_a_board_that_works() {
        let cuts = Cuts { count: 2, step: 1 };
        const WHOLE: &str = "connected\nclosed";
        let good = ["cut after=1", WHOLE, "connected\ncut after=2", WHOLE];
        cuts.check(&serial(&good)).unwrap();
        for (place, bad, words) in
            [(1, "failed alert=20", "no whole connection"), (2, "cut after=1", "no cut behind the handshake")]
        {
            let mut starts = good;
            starts[place] = bad;
            assert!(cuts.check(&serial(&starts)).unwrap_err().to_string().starts_with(words), "{bad}");
        }
        assert!(cuts.check(&serial(&good[..3])).is_err());
        let never = Cuts { count: 4, step: 1 };
        let starts = [WHOLE; 8];
        assert!(never.check(&serial(&starts)).unwrap_err().to_string().starts_with("only 0 cuts before"));
    }
}
