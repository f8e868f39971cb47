//! Runs cells as named tests, with the options and the output of `cargo test`.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use anyhow::{Result, ensure};
use libtest_mimic::{Arguments, Conclusion, Trial};

use crate::fixtures::Fixtures;
use crate::peers;

/// [`main`] for tests that wait most of their time: all of them at once, unless `--test-threads` says otherwise.
pub fn main_of_waiting_tests(tests: Result<Vec<Box<dyn Test>>>) -> ExitCode {
    exit_code(tests.and_then(|tests| {
        let threads = tests.len();
        run_with(tests, threads)
    }))
}

/// [`main`] for tests that wait half of their time: twice as many of them.
pub fn main_of_half_waiting_tests(tests: Result<Vec<Box<dyn Test>>>) -> ExitCode {
    exit_code(tests.and_then(|tests| run_with(tests, 2 * THREADS_PER_PROCESSOR * processors())))
}

/// Tests at a time for each processor, unless `--test-threads` says otherwise. A test runs two or three programs
/// that wait for each other: it keeps less than half of a processor busy.
const THREADS_PER_PROCESSOR: usize = 2;

/// A test that can be listed, filtered and run by its name.
pub trait Test: Send + 'static {
    /// Unique among the tests of a run.
    fn name(&self) -> String;

    /// Runs it. An error counts as a failed expectation.
    fn run(&self, fixtures: &Fixtures) -> Result<Transcript>;
}

/// What a test found.
#[derive(Debug, Default)]
pub struct Transcript {
    /// Expectations that were not met.
    pub failures: Vec<String>,
    /// The commands and their output; printed only for a failed test.
    pub log: String,
}

impl Transcript {
    /// The message of the failed test; `None` if every expectation was met.
    fn message(self) -> Option<String> {
        if self.failures.is_empty() {
            return None;
        }
        let failures: String = self.failures.iter().map(|failure| format!("  - {failure}\n")).collect();
        Some(failures + &self.log)
    }
}

/// The `main` of a test program: runs the tests that its arguments select.
pub fn main(tests: Result<Vec<Box<dyn Test>>>) -> ExitCode {
    exit_code(tests.and_then(run))
}

fn exit_code(conclusion: Result<Conclusion>) -> ExitCode {
    match conclusion {
        Ok(conclusion) => conclusion.exit_code(),
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the selected tests; an error for a name that two of them share.
pub fn run(tests: Vec<Box<dyn Test>>) -> Result<Conclusion> {
    run_with(tests, THREADS_PER_PROCESSOR * processors())
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn run_with(tests: Vec<Box<dyn Test>>, threads: usize) -> Result<Conclusion> {
    let names: BTreeSet<String> = tests.iter().map(|test| test.name()).collect();
    ensure!(names.len() == tests.len(), "two tests share a name");
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(threads);
    let fixtures = Arc::new(Fixtures::default());
    let trials = tests.into_iter().map(|test| trial(test, Arc::clone(&fixtures))).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    let missing = peers::missing();
    if conclusion.has_failed() && !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|peer| peer.name).collect();
        eprintln!("missing peers: {}; see `cargo xtask test --install-peers`", names.join(", "));
    }
    Ok(conclusion)
}

fn trial(test: Box<dyn Test>, fixtures: Arc<Fixtures>) -> Trial {
    Trial::test(test.name(), move || {
        let transcript = test
            .run(&fixtures)
            .unwrap_or_else(|error| Transcript { failures: vec![format!("{error:#}")], log: String::new() });
        transcript.message().map_or(Ok(()), |message| Err(message.into()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_begins_with_what_failed() {
        assert_eq!(Transcript { failures: Vec::new(), log: "log".into() }.message(), None);
        let failed = Transcript { failures: vec!["exit 3".into()], log: "log".into() };
        assert_eq!(failed.message().unwrap(), "  - exit 3\nlog");
    }
}
