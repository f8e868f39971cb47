//! Cells against peers other than OpenSSL: the rows of `peers.tsv`, `gnutls.tsv`, `mbed.tsv` and
//! `rustls.tsv` in `interop/matrix`, each with the peer's whole command line. Tabs divide columns, `-` is nothing, `#` begins a comment line:
//!
//! - `name`: unique together with `we`
//! - `we`: `client` or `server`
//! - `ours`: arguments of `handclasp connect 127.0.0.1:PORT --half-close` or `handclasp serve --once --echo`
//! - `peer`: its command line, which as a server echoes lines
//! - `ready`: what a peer that is a server says once it listens
//! - `end`: `ok` (a line came back, we exit 0) or `exit N`
//! - `words`: phrases, divided by `;`, that our standard error must contain
//! - `sees`: phrases that the peer's output must contain
//!
//! `{port}` is the port, `{dir}` where the certificates are, `{peers}` where peers' sources are,
//! `{pin:NAME}` the pin of `NAME.pem`; `{mbed}` and `{rustls}` are the programs of `built`.

use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use super::Bench;
use super::cell::Side;
use crate::process::{Running, contains};
use crate::workspace;

const TABLES: [&str; 4] = [
    include_str!("../../matrix/peers.tsv"),
    include_str!("../../matrix/gnutls.tsv"),
    include_str!("../../matrix/mbed.tsv"),
    include_str!("../../matrix/rustls.tsv"),
];
const COLUMNS: &str = "name we ours peer ready end words sees";
/// A Java machine takes a second to start, more where many start.
const PATIENCE: Duration = Duration::from_secs(20);
const LINE: &str = "a line that comes back";

/// One row.
pub struct Pairing {
    /// `peer we name`.
    pub name: String,
    we: Side,
    ours: String,
    peer: String,
    ready: String,
    /// Our exit code; connected if it is 0.
    exit: i32,
    words: Vec<String>,
    sees: Vec<String>,
}

/// Reads the tables.
pub fn all() -> Result<Vec<Pairing>> {
    let tables: Vec<_> = TABLES.iter().map(|table| parse(table)).collect::<Result<_>>()?;
    Ok(tables.into_iter().flatten().collect())
}

fn parse(table: &str) -> Result<Vec<Pairing>> {
    let rows = table.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let mut rows = rows.map(|line| line.split('\t').map(str::trim).collect::<Vec<_>>());
    ensure!(rows.next().context("empty")?.join(" ") == COLUMNS, "the columns are `{COLUMNS}`");
    rows.map(|row| pairing(&row).with_context(|| format!("{row:?}"))).collect()
}

fn pairing(row: &[&str]) -> Result<Pairing> {
    let [name, we, ours, peer, ready, end, words, sees] = *row else { bail!("{} columns", row.len()) };
    let list = |value: &str| -> Vec<String> {
        let parts = value.split(';').map(str::trim).filter(|part| !part.is_empty() && *part != "-");
        parts.map(str::to_owned).collect()
    };
    let program = peer.split(' ').next().unwrap_or_default().trim_matches(['{', '}']);
    Ok(Pairing {
        name: format!("{program} {we} {name}"),
        we: match we {
            "client" => Side::Client,
            "server" => Side::Server,
            _ => bail!("`{we}` is neither client nor server"),
        },
        ours: ours.to_owned(),
        peer: peer.to_owned(),
        ready: ready.to_owned(),
        exit: match end.strip_prefix("exit ") {
            Some(code) => code.parse()?,
            None if end == "ok" => 0,
            None => bail!("`{end}` is no end"),
        },
        words: list(words),
        sees: list(sees),
    })
}

impl Pairing {
    /// Plays it; nothing, or all there is to say about its failure.
    pub fn story(&self, bench: &Bench) -> Option<String> {
        let (complaints, told) = match self.play(bench) {
            Ok(played) => played,
            Err(error) => (vec![format!("{error:#}")], String::new()),
        };
        if complaints.is_empty() {
            return None;
        }
        let complaints: String = complaints.iter().map(|one| format!("  - {one}\n")).collect();
        Some(format!("CELL {}\n{complaints}{told}", self.name))
    }

    fn play(&self, bench: &Bench) -> Result<(Vec<String>, String)> {
        let deadline = Instant::now() + PATIENCE;
        let program = bench.program.display().to_string();
        let (mut us, mut peer, told) = match self.we {
            Side::Client => {
                // Free a moment ago; who else would take it?
                let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
                let mut theirs = self.command(bench, &self.peer, port)?;
                let peer = Running::start(&mut theirs)?;
                let ready = self.ready.replace("{port}", &port.to_string());
                let listens =
                    peer.wait(deadline, |told| contains(&told.out, &ready) || contains(&told.err, &ready));
                if listens.is_err() {
                    bail!("the peer never said `{ready}`:\n{}{}", peer.out_text(), peer.err_text());
                }
                let line = format!("{program} connect 127.0.0.1:{port} --half-close {}", self.ours);
                let mut ours = self.command(bench, &line, port)?;
                (Running::start(&mut ours)?, peer, [workspace::shown(&ours), workspace::shown(&theirs)])
            }
            Side::Server => {
                let line = format!("{program} serve 127.0.0.1:0 --once --echo {}", self.ours);
                let mut ours = self.command(bench, &line, 0)?;
                let us = Running::start(&mut ours)?;
                let port = super::play::port(&us, "listening on 127.0.0.1:", deadline)?;
                let mut theirs = self.command(bench, &self.peer, port)?;
                let peer = Running::start(&mut theirs)?;
                (us, peer, [workspace::shown(&ours), workspace::shown(&theirs)])
            }
        };
        let mut complaints = Vec::new();
        let client = if self.we == Side::Client { &mut us } else { &mut peer };
        client.feed(format!("{LINE}\n").as_bytes());
        if self.exit == 0 && client.wait(deadline, |told| contains(&told.out, LINE)).is_err() {
            complaints.push("the line did not come back".to_owned());
        }
        client.close_input();
        let code = us.exit(deadline).and_then(|status| status.code());
        if self.we == Side::Server {
            let _ = peer.exit(Instant::now() + Duration::from_secs(5));
        } else {
            // Some serve on for ever, and some say later than they do.
            let _ = peer.wait(Instant::now() + Duration::from_secs(5), |told| {
                self.sees.iter().all(|phrase| contains(&told.out, phrase) || contains(&told.err, phrase))
            });
            peer.kill();
        }
        if code != Some(self.exit) {
            complaints.push(format!("our program: exit {code:?}; wanted exit {}", self.exit));
        }
        let (ours, theirs) = (us.err_text(), [peer.out_text(), peer.err_text()].concat());
        for (who, phrases, said) in [("our words", &self.words, &ours), ("the peer's", &self.sees, &theirs)] {
            let lacking = phrases.iter().filter(|phrase| !said.contains(phrase.as_str()));
            complaints.extend(lacking.map(|phrase| format!("{who} lack `{phrase}`")));
        }
        let [our_line, their_line] = told;
        Ok((complaints, format!("  ours: {our_line}\n{ours}\n  peer: {their_line}\n{theirs}\n")))
    }

    fn command(&self, bench: &Bench, line: &str, port: u16) -> Result<Command> {
        let files = &bench.credentials;
        let mut words = line.split(' ').filter(|word| !word.is_empty() && *word != "-");
        let mut command = Command::new(match words.next().context("no program")? {
            "{mbed}" => bench.built.mbed.as_os_str(),
            "{rustls}" => bench.built.rustls.as_os_str(),
            other => other.as_ref(),
        });
        for word in words {
            command.arg(files.filled(word, port)?);
        }
        files.clean(&mut command);
        Ok(command)
    }
}
