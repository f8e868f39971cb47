//! `cargo xtask size`: the programs for microcontrollers. Builds those of `firmware/` (a workspace of its
//! own) for both targets, measures the code size of the clients, runs the loopback handshake and the
//! verification of signatures under QEMU, and prints a table of each. It fails if a program does not build,
//! if one that runs fails, or if a client links code that it does not need.

mod code_size;
mod elf;
mod emulate;
mod owner;
mod table;

use std::io::Cursor;

use anyhow::{Context as _, Result};
use cargo_metadata::Message;
use cargo_metadata::camino::Utf8PathBuf;

use crate::embedded::{TARGETS, Toolchain};
use crate::size::elf::Image;
use crate::size::owner::Owners;
use crate::size::table::Table;
use crate::step::Outcome;
use crate::workspace;

/// QEMU's names of the cores of the two targets.
const CORES: [&str; 2] = ["cortex-m0", "cortex-m4"];

/// The programs that run; of the others only the size counts.
const LOOPBACK: &str = "loopback";
const SIGNATURES: &str = "signatures";

/// Builds, measures and runs everything; with `symbols` also lists that many of the largest functions of
/// each client.
pub fn run(symbols: Option<usize>) -> Result<Outcome> {
    let toolchain = Toolchain::find()?;
    let owners = Owners::find()?;
    let mut sizes = Table::new(&code_size::HEADER);
    let mut needs = Table::new(&[]);
    let mut signatures = Table::new(&[]);
    let mut lists = String::new();
    let mut complaints = Vec::new();
    for (target, core) in TARGETS.into_iter().zip(CORES) {
        for program in build(&toolchain, target)? {
            let name = program.file_name().unwrap_or_default();
            if let Some(table) = match name {
                LOOPBACK => Some(&mut needs),
                SIGNATURES => Some(&mut signatures),
                _ => None,
            } {
                emulate::run(&program, core, target, table)?;
                continue;
            }
            let image = Image::read(program.as_std_path())?;
            sizes.row(code_size::row(target, name, &image, &owners));
            complaints.extend(code_size::unneeded(target, name, &image));
            if let Some(count) = symbols {
                lists += &code_size::list(target, name, &image, &owners, count);
            }
        }
    }
    let details =
        format!("{sizes}\n{}\n\n{needs}\n{}\n\n{signatures}\n{lists}", code_size::LEGEND, emulate::LEGEND);
    let mut outcome = Outcome::from_complaints(toolchain.version()?, &complaints);
    outcome.details = format!("{details}\n{}", outcome.details);
    Ok(outcome)
}

/// Builds the firmware workspace for a target; its programs, by name.
fn build(toolchain: &Toolchain, target: &str) -> Result<Vec<Utf8PathBuf>> {
    let firmware = workspace::root().join("firmware");
    let mut cargo = toolchain.cargo("build", target)?;
    cargo.current_dir(&firmware).args(["--release", "--message-format=json-render-diagnostics"]);
    let text = workspace::output(&mut cargo).with_context(|| format!("firmware for {target}"))?;
    let mut programs = Vec::new();
    for message in Message::parse_stream(Cursor::new(text)) {
        if let Message::CompilerArtifact(artifact) = message? {
            programs.extend(artifact.executable);
        }
    }
    programs.sort();
    Ok(programs)
}
