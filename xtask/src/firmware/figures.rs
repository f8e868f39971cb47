//! The table: what each profile takes on each core, beside its budget and beside other stacks.

use anyhow::Result;

use crate::firmware::budget::Budgets;
use crate::firmware::elf::Image;
use crate::firmware::machine::Figures;
use crate::firmware::owner::Owners;
use crate::firmware::programs::{BARE, CORES, Core, PROFILES, Profile, Programs, profile};
use crate::firmware::table::Table;
use crate::firmware::weight::{self, Weight};
use crate::step::Outcome;

/// Below the table.
const LEGEND: &str = "\
flash: all that is linked. network: smoltcp, the driver and the program itself, as a program takes that does the same
without TLS. total = flash - network. board: start-up, heap, serial line. own = total - crypto - board: handclasp,
with self-test and report lines, and what it uses of Rust's library.
RAM: static data without the heap. heap: peak as requested, buffers included. stack: peak of the whole
program. instructions: of all calls until the handshake is complete; longest: of a single call, during
which the network is not polled. Bytes and instructions, QEMU.";

/// What runs have measured.
#[derive(Default)]
pub struct Measured {
    rows: Vec<(Core, &'static str, Figures)>,
}

impl Measured {
    /// Adds the figures of a run.
    pub fn add(&mut self, core: Core, profile: &Profile, figures: Figures) {
        self.rows.push((core, profile.name, figures));
    }

    fn of(&self, core: Core, profile: &Profile) -> Option<Figures> {
        let found = self.rows.iter().find(|(of, name, _)| (*of, *name) == (core, profile.name));
        found.map(|(_, _, figures)| *figures)
    }
}

/// Weighs the programs and compares with the budgets.
pub fn outcome(
    programs: &Programs,
    measured: &Measured,
    compiler: &str,
    symbols: Option<usize>,
) -> Result<Outcome> {
    let owners = Owners::find()?;
    let budgets = Budgets::read()?;
    let mut table = Table::new(&[
        "core",
        "profile",
        "flash",
        "network",
        "total",
        "crypto",
        "board",
        "own",
        "RAM",
        "heap",
        "stack",
        "instructions",
        "longest",
    ]);
    let mut complaints = Vec::new();
    let mut lists = String::new();
    for core in CORES.into_iter().rev() {
        let image = |profile: &Profile| Image::read(&programs.path(core, profile));
        let bare = image(profile(BARE)?)?;
        for one in PROFILES.iter().filter(|profile| !profile.is_plain() && programs.has(profile.name)) {
            let Some(figures) = measured.of(core, one) else {
                complaints.push(format!("{} did not run on {}", one.name, core.name));
                continue;
            };
            let linked = image(one)?;
            let weight = Weight::new(&linked, &image(profile(one.plain)?)?, &bare, &owners);
            table.row(row(core, one, &linked, weight, figures));
            if core.name == "M4" {
                complaints.extend(budgets.complaints(one, weight, figures));
            }
            complaints.extend(weight::unneeded(core, one, &linked));
            if let Some(count) = symbols {
                lists += &weight::list(core, one, &linked, &owners, count);
            }
        }
    }
    let mut outcome = Outcome::from_complaints(compiler, &complaints);
    outcome.details = format!("{table}\n{LEGEND}\n{}\n{budgets}\n{lists}{}", weight::OTHERS, outcome.details);
    Ok(outcome)
}

fn row(core: Core, profile: &Profile, image: &Image, weight: Weight, figures: Figures) -> Vec<String> {
    let numbers = [
        weight.flash,
        weight.network,
        weight.total,
        weight.crypto,
        weight.board,
        weight.own,
        image.data + image.bss,
        figures.heap,
        figures.stack,
        figures.instructions,
        figures.longest,
    ];
    let names = [core.name, profile.name].into_iter().map(str::to_owned);
    names.chain(numbers.iter().map(u64::to_string)).collect()
}
