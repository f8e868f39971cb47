//! Programs under QEMU: heap, stack and instructions of a handshake and of a signature.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use cargo_metadata::camino::Utf8Path;

use crate::size::table::Table;
use interop::process::Running;

/// A board whose core can be chosen.
const BOARD: &str = "lm3s6965evb";

/// The programs take seconds.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Below the table.
pub const LEGEND: &str = "\
heap in bytes as requested, for each end; idle: connected, buffers released; allocations and
instructions until both ends are connected; stack: the deepest call. Board and randomness are QEMU's.";

/// Runs the program to its end and adds the rows that it prints, with `target` in front. The first row is
/// the header.
pub fn run(program: &Utf8Path, core: &str, target: &str, table: &mut Table) -> Result<()> {
    let mut qemu = Command::new("qemu-system-arm");
    qemu.args(["-machine", BOARD, "-cpu", core, "-nographic", "-monitor", "none", "-serial", "none"])
        // One instruction a nanosecond: SysTick counts instructions.
        .args(["-icount", "shift=0"])
        .args(["-semihosting-config", "enable=on,target=native", "-kernel", program.as_str()]);
    let mut running = Running::start(&mut qemu)?;
    let status = running.exit(Instant::now() + TIMEOUT);
    let (out, err) = (running.out_text(), running.err_text());
    match status {
        Some(status) if status.success() => add(&out, target, table),
        Some(status) => bail!("{program}: {status}\n{out}{err}"),
        None => bail!("{program}: still running after {} s\n{out}{err}", TIMEOUT.as_secs()),
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
