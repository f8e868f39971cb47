//! What the clients of all services share: running a program to its end, and data to compare.

use std::io::{Read as _, Write as _};
use std::process::Command;
use std::sync::OnceLock;
use std::thread;

use anyhow::{Context as _, Result, bail, ensure};

use super::address::{Address, deadline};
use crate::matrix::payload;
use crate::process::Running;
use crate::workspace::shown;

/// The large payload of the matrix, 10 MB of digits, as it is sent and compared here.
pub fn large() -> &'static [u8] {
    payload::large()
}

/// Lines of text, some MB, each with a number: rows of a table.
pub fn rows() -> &'static [u8] {
    static ROWS: OnceLock<Vec<u8>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let digits = large().chunks(50).take(60_000).enumerate();
        digits
            .flat_map(|(number, digits)| [format!("{number}\t").as_bytes(), digits, b"\n"].concat())
            .collect()
    })
}

/// Runs a client to its end with this input, and returns its standard output. An error quotes what it printed.
pub fn run(command: &mut Command, input: &[u8]) -> Result<Vec<u8>> {
    let mut running = Running::start(command)?;
    running.feed(input);
    running.close_input();
    let Some(status) = running.exit(deadline()) else {
        bail!("{} did not end: {}", shown(command), brief(&running.text()))
    };
    ensure!(status.success(), "{}: {status}: {}", shown(command), brief(&running.text()));
    let out = std::mem::take(&mut running.output().out);
    Ok(out)
}

/// [`run`] without input, and its output as text without the last line end.
pub fn text(command: &mut Command) -> Result<String> {
    let out = run(command, b"")?;
    Ok(String::from_utf8_lossy(&out).trim_end().to_owned())
}

/// Compares bytes; an error has the lengths and hashes, or short texts.
pub fn compare(found: &[u8], expected: &[u8]) -> Result<()> {
    let show = |bytes: &[u8]| match bytes.len() {
        0..200 => format!("{:?}", String::from_utf8_lossy(bytes)),
        length => format!("{length} bytes, SHA-256 {}", payload::hash(bytes)),
    };
    ensure!(found == expected, "expected {}, found {}", show(expected), show(found));
    Ok(())
}

/// Sends everything and ends sending, and meanwhile reads until the peer ends.
pub fn exchange(address: &Address, bytes: Vec<u8>) -> Result<Vec<u8>> {
    let mut stream = address.connect()?;
    let mut sender = stream.try_clone()?;
    let sending = thread::spawn(move || sender.write_all(&bytes).and_then(|()| sender.end_sending()));
    let mut received = Vec::new();
    let read = stream.read_to_end(&mut received);
    let sent = sending.join().unwrap_or_else(|_| Err(std::io::Error::other("the sender panicked")));
    read.with_context(|| format!("reading, after {} bytes", received.len()))?;
    sent.context("sending")?;
    Ok(received)
}

/// The end of a long output.
fn brief(text: &str) -> String {
    let skipped = text.chars().count().saturating_sub(4000);
    text.chars().skip(skipped).collect()
}
