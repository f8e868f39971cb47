//! Starts the runner: for all tests that are not excluded, for a few, or only to list the tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::ledger::{Ledger, Verdict};

/// The environment variable that names the file in which each shim notes in one line how it ended.
const NOTES: &str = "HANDCLASP_BOGO_NOTES";

/// Bytes of test names on one command line; the system permits 128 KiB.
const NAMES: usize = 100_000;

/// The runner and what it needs.
pub struct Runner<'a> {
    /// The folder with `runner.test`.
    pub folder: &'a Path,
    /// The shim.
    pub shim: &'a Path,
    /// The configuration of the shim: which error of BoringSSL each fault corresponds to.
    pub config: &'a Path,
}

/// The results of one run.
pub struct Run {
    /// The verdicts, by the names of the tests.
    pub verdicts: BTreeMap<String, Verdict>,
    /// The output of the runner: a line for each test in the order of their ends.
    output: String,
    /// The notes of the shims.
    notes: String,
}

impl Runner<'_> {
    /// Runs the tests that are not excluded and match one of the patterns.
    pub fn run(&self, ledger: &Ledger, only: Option<&str>) -> Result<Run> {
        let mut config: Value = serde_json::from_str(&fs::read_to_string(self.config)?)?;
        let excluded = ledger.excluded().map(|(name, reason)| (name.clone(), Value::from(reason.as_str())));
        config["DisabledTests"] = Value::Object(excluded.collect());
        let file = tempfile::NamedTempFile::new()?;
        fs::write(file.path(), config.to_string())?;
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let mut arguments = vec!["-shim-config".to_owned(), file.path().display().to_string()];
        arguments.push(format!("-num-workers={workers}"));
        arguments.extend(only.map(|only| format!("-test={only}")));
        self.start(&arguments)
    }

    /// The names of all tests: with a flag that the shim does not know, it answers each with "not
    /// implemented".
    pub fn names(&self) -> Result<Vec<String>> {
        let arguments = ["-include-disabled", "-shim-extra-flags=-name-only"].map(str::to_owned);
        Ok(self.start(&arguments)?.verdicts.into_keys().collect())
    }

    /// Why the shim does not implement these. The runner does not print the reason, so the tests run
    /// once more, one after the other, and the shims note it.
    pub fn reasons(&self, names: &[&String]) -> Result<BTreeMap<String, String>> {
        let mut reasons = BTreeMap::new();
        for some in names.chunks_by_length() {
            let arguments = ["-num-workers=1".to_owned(), format!("-test={}", some.join(";"))];
            let run = self.start(&arguments)?;
            let ended: Vec<&str> = run.output.lines().filter_map(ended).collect();
            // The first shim only answers whether it supports split handshakes, and notes nothing.
            let notes: Vec<&str> = run.notes.lines().collect();
            if ended.len() != notes.len() {
                bail!("{} tests ended, but {} shims noted how", ended.len(), notes.len());
            }
            let reason = |note: &str| note.strip_prefix("not implemented: ").unwrap_or(note).to_owned();
            reasons.extend(ended.into_iter().zip(notes).map(|(name, note)| (name.to_owned(), reason(note))));
        }
        Ok(reasons)
    }

    fn start(&self, arguments: &[String]) -> Result<Run> {
        let runner = self.folder.canonicalize().with_context(|| self.folder.display().to_string())?;
        let folder = tempfile::tempdir()?;
        let (verdicts, notes) = (folder.path().join("verdicts.json"), folder.path().join("notes"));
        let mut command = Command::new(runner.join("runner.test"));
        command.current_dir(folder.path()).env(NOTES, &notes);
        command.args(["-test.timeout=60m", "-allow-unimplemented", "-pipe"]);
        command.arg(format!("-json-output={}", verdicts.display()));
        command.arg("-shim-path").arg(self.shim).args(arguments);
        let output = command.output().context("the runner did not start")?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let err = String::from_utf8_lossy(&output.stderr);
        // The exit code says whether all tests passed; the comparison decides instead.
        let json = fs::read_to_string(&verdicts).with_context(|| format!("no verdicts\n{text}{err}"))?;
        let notes = fs::read_to_string(&notes).unwrap_or_default();
        Ok(Run { verdicts: verdicts_of(&json)?, output: text, notes })
    }
}

/// Splits names into groups that fit one command line.
trait ByLength<'n> {
    fn chunks_by_length(&self) -> Vec<Vec<&'n str>>;
}

impl<'n> ByLength<'n> for [&'n String] {
    fn chunks_by_length(&self) -> Vec<Vec<&'n str>> {
        let mut groups: Vec<Vec<&str>> = Vec::new();
        let mut length = usize::MAX;
        for name in self {
            length = length.saturating_add(name.len() + 1);
            if length > NAMES {
                groups.push(Vec::new());
                length = name.len() + 1;
            }
            if let Some(group) = groups.last_mut() {
                group.push(name);
            }
        }
        groups
    }
}

/// The test that a line of the output reports as ended.
fn ended(line: &str) -> Option<&str> {
    let starts = ["PASSED (", "FAILED (", "UNIMPLEMENTED ("];
    starts.iter().find_map(|start| line.strip_prefix(start)?.strip_suffix(')'))
}

fn verdicts_of(json: &str) -> Result<BTreeMap<String, Verdict>> {
    let value: Value = serde_json::from_str(json)?;
    let tests = value.get("tests").and_then(Value::as_object).context("the runner lists no tests")?;
    let verdict = |(name, test): (&String, &Value)| {
        let verdict = match test.get("actual").and_then(Value::as_str) {
            Some("PASS") => Verdict::Passed,
            Some("SKIP") => Verdict::NotImplemented,
            Some(_) => Verdict::Failed,
            None => bail!("{name} without a verdict"),
        };
        Ok((name.clone(), verdict))
    };
    tests.iter().map(verdict).collect()
}

impl Run {
    #[cfg(test)]
    pub fn of(verdicts: BTreeMap<String, Verdict>) -> Self {
        Self { verdicts, output: String::new(), notes: String::new() }
    }

    /// The output about one failed test.
    pub fn failure(&self, name: &str) -> Option<&str> {
        let start = self.output.find(&format!("FAILED ({name})\n"))?;
        let rest = self.output.get(start..)?;
        let behind = rest.lines().skip(1).find(|line| ended(line).is_some());
        let end = behind.and_then(|line| rest.find(&format!("\n{line}\n")));
        rest.get(..end.unwrap_or(rest.len())).map(str::trim_end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_about_a_failure_ends_at_the_next_test() {
        let output = "FAILED (A)\nwhy\n\nUNIMPLEMENTED (B)\nFAILED (AB)\nbecause\nPASSED (C)\n".to_owned();
        let run = Run { verdicts: BTreeMap::new(), output, notes: String::new() };
        assert_eq!(run.failure("A"), Some("FAILED (A)\nwhy"));
        assert_eq!(run.failure("AB"), Some("FAILED (AB)\nbecause"));
        assert_eq!(run.failure("B"), None);
    }

    #[test]
    fn command_lines_are_short_enough() {
        let names: Vec<String> = (0..5000).map(|number| format!("{number:040}")).collect();
        let borrowed: Vec<&String> = names.iter().collect();
        let groups = borrowed.chunks_by_length();
        assert!(groups.len() > 1 && groups.iter().all(|group| group.join(";").len() <= NAMES));
        assert_eq!(groups.concat().len(), names.len());
    }
}
