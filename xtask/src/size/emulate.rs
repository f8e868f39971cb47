//! Programs under QEMU: what a handshake and a signature need of heap, stack and instructions.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use cargo_metadata::camino::Utf8Path;

use crate::size::table::Table;
use interop::process::Running;

/// The board whose core QEMU lets us choose.
const BOARD: &str = "lm3s6965evb";

/// What runs takes seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// Below the table.
pub const LEGEND: &str = "\
bytes of heap as asked for, each side's own; idle: connected, buffers released; allocations and
instructions until both sides are connected; stack: the deepest call. Board and randomness are QEMU's.";

/// Runs the program to its end and adds the rows that it prints, `target` in front. The first
/// row is the header.
pub fn run(program: &Utf8Path, core: &str, target: &str, table: &mut Table) -> Result<()> {
    let mut qemu = Command::new("qemu-system-arm");
    qemu.args(["-machine", BOARD, "-cpu", core, "-nographic", "-monitor", "none", "-serial", "none"])
        // An instruction takes a nanosecond, so that SysTick counts instructions.
        .args(["-icount", "shift=0"])
        .args(["-semihosting-config", "enable=on,target=native", "-kernel", program.as_str()]);
    let mut running = Running::start(&mut qemu)?;
    let status = running.exit(Instant::now() + PATIENCE);
    let (out, err) = (running.out_text(), running.err_text());
    match status {
        Some(status) if status.success() => add(&out, target, table),
        Some(status) => bail!("{program}: {status}\n{out}{err}"),
        None => bail!("{program}: no end within {} s\n{out}{err}", PATIENCE.as_secs()),
    }
}

fn add(out: &str, target: &str, table: &mut Table) -> Result<()> {
    let mut rows = out.lines().filter(|line| line.contains('\t'));
    let cells = |first: &str, line: &str| -> Vec<String> {
        [first].into_iter().chain(line.split('\t')).map(str::to_owned).collect()
    };
    let Some(header) = rows.next() else { bail!("the program printed no table:\n{out}") };
    if table.is_empty() {
        table.row(cells("target", header));
    }
    for row in rows {
        table.row(cells(target, row));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_taken_and_the_header_once() {
        let mut table = Table::new(&[]);
        add("noise\nside\tpeak\nclient\t10\n", "m0", &mut table).unwrap();
        add("side\tpeak\nclient\t9\n", "m4", &mut table).unwrap();
        assert_eq!(table.to_string(), "target  side    peak\nm0      client    10\nm4      client     9\n");
        assert!(add("nothing", "m0", &mut table).is_err());
    }
}
