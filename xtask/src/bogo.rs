//! BoGo: the shim (`conformance/bogo`) under BoringSSL's protocol test runner, compared with the recorded
//! results. The runner is built outside of the repository: `DIR` holds `runner.test`, the compiled tests of
//! BoringSSL's `ssl/test/runner`, and a file `COMMIT` with the commit that it was built from.

mod ledger;
mod runner;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::step::Outcome;
use crate::workspace;
use ledger::{Ledger, Verdict};
use runner::{Run, Runner};

/// The folder of the shim, its configuration and the recorded results.
const FOLDER: &str = "conformance/bogo";

/// Options of the command.
pub struct Options<'a> {
    /// The folder of the runner.
    pub runner: &'a Path,
    /// Only tests that match one of these patterns, separated by semicolons.
    pub only: Option<&'a str>,
    /// Record the new results.
    pub accept: bool,
}

/// Runs the selected tests and compares the results.
pub fn run(options: &Options<'_>) -> Result<Outcome> {
    if options.accept && options.only.is_some() {
        bail!("only the results of all tests can be recorded");
    }
    let folder = workspace::root().join(FOLDER);
    let (file, config) = (folder.join("tests.tsv"), folder.join("config.json"));
    let commit = commit(options.runner)?;
    let before = Ledger::read(&file)?;
    if before.runner != commit && !options.accept {
        bail!("the results are of the runner of {}, this one is of {commit}", before.runner);
    }
    let shim = build(&folder)?;
    let runner = Runner { folder: options.runner, shim: &shim, config: &config };
    let run = runner.run(&before, options.only)?;
    if options.only.is_some() {
        return Ok(compare(&before, &run, Vec::new()));
    }
    let names = runner.names()?;
    if !options.accept {
        return Ok(compare(&before, &run, before.complaints(&names)));
    }
    let after = accept(before, &commit, &runner, &run)?;
    after.write(&file)?;
    let failed = after.tests.iter().filter(|(_, entry)| entry.verdict == Verdict::Failed);
    let mut complaints: Vec<_> =
        failed.filter_map(|(name, _)| run.failure(name)).map(str::to_owned).collect();
    complaints.extend(after.complaints(&names));
    Ok(Outcome { note: after.summary(), ..Outcome::from_complaints("", &complaints) })
}

/// What got worse. Only passing is an improvement: "not implemented" instead of a failure is not.
fn compare(before: &Ledger, run: &Run, mut complaints: Vec<String>) -> Outcome {
    let mut now = before.clone();
    let mut better = 0;
    for (name, verdict) in &run.verdicts {
        let Some(entry) = now.tests.get_mut(name) else { continue };
        if entry.verdict != *verdict && *verdict == Verdict::Passed {
            better += 1;
        } else if entry.verdict != *verdict {
            complaints.push(format!("{name}: {} -> {verdict}", entry.verdict));
            complaints.extend(run.failure(name).map(str::to_owned));
        }
        entry.verdict = *verdict;
    }
    let better = match better {
        0 => String::new(),
        count => format!("; {count} better than recorded: --accept records them"),
    };
    let passed = run.verdicts.values().filter(|verdict| **verdict == Verdict::Passed).count();
    let note = format!("{}{better}", now.summary());
    Outcome { passed, failed: complaints.len(), note, details: complaints.join("\n") }
}

/// The ledger with the new verdicts, and why tests are not implemented.
fn accept(mut ledger: Ledger, commit: &str, runner: &Runner<'_>, run: &Run) -> Result<Ledger> {
    commit.clone_into(&mut ledger.runner);
    let is_missing = |(_, verdict): &(&String, &Verdict)| **verdict == Verdict::NotImplemented;
    let missing: Vec<&String> = run.verdicts.iter().filter(is_missing).map(|(name, _)| name).collect();
    let mut reasons = runner.reasons(&missing)?;
    for (name, verdict) in &run.verdicts {
        let Some(entry) = ledger.tests.get_mut(name) else { continue };
        entry.verdict = *verdict;
        entry.reason = reasons.remove(name).unwrap_or_default();
    }
    Ok(ledger)
}

/// The commit that the runner was built from.
fn commit(runner: &Path) -> Result<String> {
    let file = runner.join("COMMIT");
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    Ok(text.trim().to_owned())
}

/// Builds the shim, which is a workspace of its own.
fn build(folder: &Path) -> Result<PathBuf> {
    let mut cargo = workspace::cargo();
    cargo.current_dir(folder);
    cargo.args(["build", "--release", "--quiet", "--locked", "--message-format=json-render-diagnostics"]);
    let text = workspace::output(&mut cargo)?;
    let mut program = None;
    for message in cargo_metadata::Message::parse_stream(std::io::Cursor::new(text)) {
        if let cargo_metadata::Message::CompilerArtifact(artifact) = message? {
            program = artifact.executable.map(PathBuf::from).or(program);
        }
    }
    program.context("no shim was built")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use ledger::{Entry, Part};

    #[test]
    fn only_passing_is_better() {
        use Verdict::{Excluded, Failed, NotImplemented, Passed};
        for before in [Passed, Failed, NotImplemented, Excluded] {
            for after in [Passed, Failed, NotImplemented] {
                let entry = Entry { part: Part::Core, verdict: before, reason: String::new() };
                let tests = BTreeMap::from([("t".to_owned(), entry)]);
                let ledger = Ledger { runner: String::new(), tests };
                let run = Run::of(BTreeMap::from([("t".to_owned(), after)]));
                let outcome = compare(&ledger, &run, Vec::new());
                let worse = before != after && after != Passed;
                assert_eq!(outcome.failed, usize::from(worse), "{before} {after}");
                assert_eq!(outcome.note.contains("1 better"), before != after && after == Passed);
            }
        }
    }
}
