//! Runs of `server` with both slots open: two handshakes at the same time, then two echoes. A third client is
//! refused by TCP, and a slot that becomes free takes the next one.

use std::time::Instant;

use anyhow::{Result, ensure};
use interop::fixtures::Fixtures;
use interop::process::{Running, contains, free_port};

use crate::firmware::machine::{Machine, Settings, Tag};
use crate::firmware::programs::{Core, profile};
use crate::firmware::proxy::Proxy;
use crate::firmware::run::{Bench, Run, TIMEOUT, excerpt, expect};
use crate::firmware::server::{CLIENT, VERIFIES, settings};

/// The profile.
const PROFILE: &str = "server";

/// A run: the versions of the two clients, as OpenSSL's options.
pub struct TwoAtOnce {
    name: &'static str,
    versions: [&'static str; 2],
    settings: Settings,
}

/// The runs.
pub fn runs(fixtures: &Fixtures) -> Result<Vec<TwoAtOnce>> {
    let settings = settings(fixtures.credentials()?, "P-256")?
        // Those of the two clients, and one behind the first that ends.
        .number(Tag::Connections, 3)
        // A client waits for the handshake of the other one.
        .number(Tag::Deadline, 60_000);
    let run = |name, versions| TwoAtOnce { name, versions, settings: settings.clone() };
    Ok(vec![
        run("two at once, TLS 1.3", ["-tls1_3", "-tls1_3"]),
        run("two at once, TLS 1.2 and 1.3", ["-tls1_2", "-tls1_3"]),
    ])
}

impl Run for TwoAtOnce {
    fn name(&self) -> (&'static str, &'static str) {
        (PROFILE, self.name)
    }

    fn on_both_cores(&self) -> bool {
        true
    }

    fn run(&self, core: Core, bench: &Bench<'_>) -> Result<()> {
        let deadline = Instant::now() + TIMEOUT;
        let port = free_port()?;
        let program = bench.programs.path(core, profile(PROFILE)?);
        let mut machine = Machine::start(&program, core, &self.settings, Some(port))?;
        machine.wait_line("ready", deadline)?;
        // Neither client hears of the board before the board has answered both.
        let proxy = Proxy::start_together(port, self.versions.len())?;
        let open = |version: &str, port| {
            let line = format!("{CLIENT} {version} -maxfraglen 1024 {VERIFIES}");
            Running::start(&mut bench.fixtures.command(&line, port)?)
        };
        let [one, two] = self.versions;
        let (mut first, mut second) = (open(one, proxy.port())?, open(two, proxy.port())?);
        for client in [&first, &second] {
            expect(client, "Verified peername: server.test", &machine)?;
        }
        let mut third = open("-tls1_3", port)?;
        expect(&third, "SSL handshake has read 0 bytes", &machine)?;
        ensure!(third.exit_code(deadline).is_some_and(|code| code != 0), "a third client connects");
        for half in ["a", "b"] {
            let texts = [payload(&format!("1{half}")), payload(&format!("2{half}"))];
            let [to_first, to_second] = &texts;
            first.feed(to_first.as_bytes());
            second.feed(to_second.as_bytes());
            echoed(&first, to_first, &machine, deadline)?;
            echoed(&second, to_second, &machine, deadline)?;
        }
        close(&mut first, &machine, deadline)?;
        let mut next = open("-tls1_2", port)?;
        for (client, text) in [(&mut next, "the next one\n"), (&mut second, "the second one\n")] {
            client.feed(text.as_bytes());
            echoed(client, text, &machine, deadline)?;
        }
        close(&mut next, &machine, deadline)?;
        close(&mut second, &machine, deadline)?;
        machine.end(deadline)
    }
}

/// 50 KB of lines that begin with a mark, so that bytes of the other connection would show.
fn payload(mark: &str) -> String {
    (0..50).map(|line| format!("{mark}{line:0997}\n")).collect()
}

/// Waits until a client has received the text, whole and in one piece.
fn echoed(client: &Running, text: &str, machine: &Machine, deadline: Instant) -> Result<()> {
    let came = client.wait(deadline, |output| contains(&output.out, text));
    ensure!(
        came.is_ok(),
        "what a client sent did not come back:\n{}\n{}",
        excerpt(&client.text()),
        machine.text()
    );
    Ok(())
}

/// Ends a client's connection.
fn close(client: &mut Running, machine: &Machine, deadline: Instant) -> Result<()> {
    client.close_input();
    ensure!(
        client.exit(deadline).is_some(),
        "a client still runs:\n{}\n{}",
        excerpt(&client.text()),
        machine.text()
    );
    Ok(())
}
