//! Cells of `listen`: the rows of `interop/check/clients.tsv`. Their columns:
//!
//! - `name`
//! - `listen_args`: arguments of `handclasp listen 127.0.0.1:0 --once`
//! - `client`: its command line; or `hex BYTES` or `text TEXT`, which is sent over TCP as it is, `{crlf}`
//!   as a line end
//! - `our_output`: phrases, divided by `;`, that handclasp must print; a line break counts as a space

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::minimal_profile::unhex;
use crate::fixtures::Fixtures;
use crate::harness::{Test, Transcript};
use crate::process::Running;
use crate::table;
use crate::table::{Table, list, optional};
use crate::workspace::shown;

const TABLE: Table = table!("check/clients.tsv");
const COLUMNS: [&str; 4] = ["name", "listen_args", "client", "our_output"];
const TIMEOUT: Duration = Duration::from_secs(20);

/// One row.
pub struct Cell {
    name: String,
    listen_args: String,
    client: String,
    our_output: Vec<String>,
}

/// Reads the table.
pub fn all() -> Result<Vec<Cell>> {
    TABLE.read(COLUMNS, |[name, listen_args, client, our_output]| {
        Ok(Cell {
            name: name.to_owned(),
            listen_args: optional(listen_args),
            client: client.to_owned(),
            our_output: list(our_output, ';'),
        })
    })
}

impl Test for Cell {
    fn name(&self) -> String {
        format!("check::listen::{}", self.name)
    }

    fn run(&self, fixtures: &Fixtures) -> Result<Transcript> {
        let program = fixtures.program()?.display();
        let mut command =
            fixtures.command(&format!("{program} listen 127.0.0.1:0 --once {}", self.listen_args), 0)?;
        let deadline = Instant::now() + TIMEOUT;
        let mut ours = Running::start(&mut command)?;
        let port = ours.listening_port("listening on 127.0.0.1:", deadline)?;
        if let Some(hex) = self.client.strip_prefix("hex ") {
            send(port, &unhex(hex)?)?;
        } else if let Some(text) = self.client.strip_prefix("text ") {
            send(port, format!("{}\r\n\r\n", text.replace("{crlf}", "\r\n")).as_bytes())?;
        } else {
            let mut client = Running::start(&mut fixtures.command(&self.client, port)?)?;
            client.close_input();
            let _ = client.exit(deadline);
        }
        let code = ours.exit_code(deadline);
        let output = ours.out_text();
        let words = output.split_whitespace().collect::<Vec<_>>().join(" ");
        let lacking = self.our_output.iter().filter(|phrase| !words.contains(phrase.as_str()));
        let mut failures: Vec<String> =
            lacking.map(|phrase| format!("the output lacks `{phrase}`")).collect();
        if code != Some(0) {
            failures.push(format!("handclasp: exit {code:?}"));
        }
        let log = format!("  handclasp: {}\n{output}{}\n", shown(&command), ours.err_text());
        Ok(Transcript { failures, log })
    }
}

/// Sends bytes over TCP and waits for an answer or the end.
fn send(port: u16, bytes: &[u8]) -> Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(bytes)?;
    // An alert or the end of the stream; what `listen` prints about it is what counts.
    let _ = stream.read(&mut [0; 512]);
    Ok(())
}
