//! The steps of a command: one line for each with its name, its result and its duration, below it the
//! details of a failed step, at the end the sum.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

/// The result of a step. An `Err` instead counts as one failure.
pub struct Outcome {
    /// Number of checks that passed.
    pub passed: usize,
    /// Number of checks that failed.
    pub failed: usize,
    /// A few words for the step's line; may be empty.
    pub note: String,
    /// Printed below the line.
    pub details: String,
}

impl Outcome {
    /// One check that passed.
    pub fn passed(note: impl Into<String>) -> Self {
        Self { passed: 1, failed: 0, note: note.into(), details: String::new() }
    }

    /// One check, which failed if there are complaints.
    pub fn from_complaints(note: impl Into<String>, complaints: &[String]) -> Self {
        if complaints.is_empty() {
            return Self::passed(note);
        }
        let note = format!("{} complaints", complaints.len());
        Self { passed: 0, failed: 1, note, details: complaints.join("\n") }
    }
}

/// The sum of the steps so far.
#[derive(Default)]
pub struct Steps {
    passed: usize,
    failed: usize,
}

impl Steps {
    /// Runs one step and prints its line. `true` if nothing failed.
    pub fn run(&mut self, name: &str, step: impl FnOnce() -> Result<Outcome>) -> bool {
        print!("{name:<28} ");
        // A step may take minutes; its name shows which one runs.
        let _ = std::io::stdout().flush();
        let start = Instant::now();
        let outcome = step().unwrap_or_else(|error| Outcome {
            passed: 0,
            failed: 1,
            note: String::new(),
            details: format!("{error:#}"),
        });
        let seconds = start.elapsed().as_secs_f64();
        let verdict = if outcome.failed == 0 { "ok" } else { "FAILED" };
        let note = if outcome.note.is_empty() { String::new() } else { format!("  {}", outcome.note) };
        println!("{verdict:<6} {seconds:7.1} s{note}");
        for line in outcome.details.lines() {
            println!("    {line}");
        }
        self.passed += outcome.passed;
        self.failed += outcome.failed;
        outcome.failed == 0
    }

    /// Prints the sum; the exit code of the command.
    pub fn finish(self) -> ExitCode {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
