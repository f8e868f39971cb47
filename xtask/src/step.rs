//! One line per step: its name, how it went, how long it took; what a failed step has to say
//! stands below its line. At the end the sum.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

pub use interop::outcome::Outcome;

/// The sum so far.
#[derive(Default)]
pub struct Steps {
    passed: usize,
    failed: usize,
}

impl Steps {
    /// Runs one step and prints its line. `true`: nothing failed.
    pub fn run(&mut self, name: &str, step: impl FnOnce() -> Result<Outcome>) -> bool {
        print!("{name:<28} ");
        // A step may take minutes; whoever waits should see which one.
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

    /// The last line, and what the command exits with.
    pub fn finish(self) -> ExitCode {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
