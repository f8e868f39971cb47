//! `load soak`: what a server must survive. Each part starts a server of its own, prints its figures, and
//! fails if something was lost, left open or changed on the way.
//!
//! | file | what |
//! |---|---|
//! | `in_a_row` | one connection after the other: resident memory |
//! | `at_once` | a thousand connections open together |
//! | `offsets` | clients that close at every byte offset of their flights |
//! | `slow` | clients that are slow, silent or leave, while others are served |
//! | `signals` | SIGHUP and SIGTERM under load |
//! | `flood` | hellos in large numbers for one listener, while clients of another are served |
//! | `descriptors` | more clients than descriptors |
//! | `clients` | good clients that connect, send, compare and close: what the parts have in common |

mod at_once;
mod clients;
mod descriptors;
mod flood;
mod in_a_row;
mod offsets;
mod signals;
mod slow;

use std::{
    fmt::Display,
    io::Write as _,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Result;
use tempfile::TempDir;

use crate::{
    certificate::{Certificate, Kind},
    server::Server,
};

/// What all parts have in common.
pub struct Soak {
    program: PathBuf,
    folder: TempDir,
    certificate: Certificate,
    /// Small numbers.
    quick: bool,
}

impl Soak {
    /// The first number, or the second where it should be quick.
    fn number(&self, whole: usize, quick: usize) -> usize {
        if self.quick { quick } else { whole }
    }

    /// `handclasp serve --echo` with high limits.
    fn echo(&self) -> Result<Server> {
        Server::serve(&self.program, &self.certificate, &["--echo"])
    }
}

/// What a part found.
#[derive(Default)]
pub struct Findings {
    figures: Vec<String>,
    complaints: Vec<String>,
}

impl Findings {
    fn figure(&mut self, text: impl Display) {
        self.figures.push(text.to_string());
    }

    /// A complaint, unless it is so.
    fn expect(&mut self, is_so: bool, otherwise: impl Display) {
        if !is_so {
            self.complaints.push(otherwise.to_string());
        }
    }
}

type Part = (&'static str, fn(&Soak, &mut Findings) -> Result<()>);

const PARTS: &[Part] = &[
    ("in a row", in_a_row::run),
    ("at once", at_once::run),
    ("every offset", offsets::run),
    ("slow and silent", slow::run),
    ("SIGHUP", signals::reload),
    ("SIGTERM", signals::terminate),
    ("flood", flood::run),
    ("descriptors", descriptors::run),
];

/// Runs the parts whose name contains a text. `true` if all were in order.
pub fn run(program: &Path, quick: bool, only: &str) -> Result<bool> {
    let folder = TempDir::new()?;
    let certificate = Certificate::new(folder.path(), "server", Kind::P256)?;
    let soak = Soak { program: program.to_owned(), folder, certificate, quick };
    let mut fine = true;
    for (name, part) in PARTS.iter().filter(|(name, _)| name.contains(only)) {
        print!("{name:<16} ");
        // A part may take minutes; its name shows which one runs.
        let _ = std::io::stdout().flush();
        let begun = Instant::now();
        let mut findings = Findings::default();
        if let Err(error) = part(&soak, &mut findings) {
            findings.complaints.push(format!("{error:#}"));
        }
        let verdict = if findings.complaints.is_empty() { "ok" } else { "FAILED" };
        println!("{verdict:<6} {:6.1} s", begun.elapsed().as_secs_f64());
        for line in findings.figures.iter().chain(&findings.complaints).flat_map(|text| text.lines()) {
            println!("    {line}");
        }
        fine &= findings.complaints.is_empty();
    }
    Ok(fine)
}
