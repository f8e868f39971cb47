//! The runner, started: on all tests that are not excluded, on a few, or only to say which tests
//! there are.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::ledger::{Ledger, Verdict};

/// Where the shim notes, a line for each process, how it ended.
const NOTES: &str = "HANDCLASP_BOGO_NOTES";

/// Bytes of names that one start of the runner is given; the system permits 128 KiB.
const NAMES: usize = 100_000;

/// The runner and what it needs.
pub struct Runner<'a> {
    /// The folder with `runner.test`.
    pub folder: &'a Path,
    /// Our shim.
    pub shim: &'a Path,
    /// Which of our faults stand for which error of BoringSSL's.
    pub config: &'a Path,
}

/// What the runner left behind.
pub struct Played {
    /// Its verdicts.
    pub verdicts: BTreeMap<String, Verdict>,
    /// What it had to say about each test, in the order in which they ended.
    told: String,
    /// What the shims noted, if they were asked to.
    notes: String,
}

impl Runner<'_> {
    /// Plays what is not excluded; of that only tests that fit one of the patterns.
    pub fn play(&self, ledger: &Ledger, only: Option<&str>) -> Result<Played> {
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

    /// All tests there are: the shim says to each that it is not implemented, since it is given
    /// a flag that nobody knows.
    pub fn names(&self) -> Result<Vec<String>> {
        let arguments = ["-include-disabled", "-shim-extra-flags=-name-only"].map(str::to_owned);
        Ok(self.start(&arguments)?.verdicts.into_keys().collect())
    }

    /// Why the shim does not play these. The runner keeps to itself what a shim says then: they
    /// are played once more, one after the other, and the shims note it.
    pub fn reasons(&self, names: &[&String]) -> Result<BTreeMap<String, String>> {
        let mut reasons = BTreeMap::new();
        for some in names.chunks_by_length() {
            let arguments = ["-num-workers=1".to_owned(), format!("-test={}", some.join(";"))];
            let played = self.start(&arguments)?;
            let ended: Vec<&str> = played.told.lines().filter_map(ended).collect();
            // The first one was asked only whether it can split handshakes, and noted nothing.
            let notes: Vec<&str> = played.notes.lines().collect();
            if ended.len() != notes.len() {
                bail!("{} tests ended, and {} shims said how", ended.len(), notes.len());
            }
            let reason = |note: &str| note.strip_prefix("not implemented: ").unwrap_or(note).to_owned();
            reasons.extend(ended.into_iter().zip(notes).map(|(name, note)| (name.to_owned(), reason(note))));
        }
        Ok(reasons)
    }

    fn start(&self, arguments: &[String]) -> Result<Played> {
        let runner = self.folder.canonicalize().with_context(|| self.folder.display().to_string())?;
        let folder = tempfile::tempdir()?;
        let (verdicts, notes) = (folder.path().join("verdicts.json"), folder.path().join("notes"));
        let mut command = Command::new(runner.join("runner.test"));
        command.current_dir(folder.path()).env(NOTES, &notes);
        command.args(["-test.timeout=60m", "-allow-unimplemented", "-pipe"]);
        command.arg(format!("-json-output={}", verdicts.display()));
        command.arg("-shim-path").arg(self.shim).args(arguments);
        let output = command.output().context("the runner did not start")?;
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let err = String::from_utf8_lossy(&output.stderr);
        // Its exit tells whether all tests passed, which is for us to judge.
        let json = fs::read_to_string(&verdicts).with_context(|| format!("no verdicts\n{told}{err}"))?;
        let notes = fs::read_to_string(&notes).unwrap_or_default();
        Ok(Played { verdicts: verdicts_of(&json)?, told, notes })
    }
}

/// Names in heaps that one command line can carry.
trait ByLength<'n> {
    fn chunks_by_length(&self) -> Vec<Vec<&'n str>>;
}

impl<'n> ByLength<'n> for [&'n String] {
    fn chunks_by_length(&self) -> Vec<Vec<&'n str>> {
        let mut heaps: Vec<Vec<&str>> = Vec::new();
        let mut length = usize::MAX;
        for name in self {
            length = length.saturating_add(name.len() + 1);
            if length > NAMES {
                heaps.push(Vec::new());
                length = name.len() + 1;
            }
            if let Some(heap) = heaps.last_mut() {
                heap.push(name);
            }
        }
        heaps
    }
}

/// The test that a line of the runner's says the end of.
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

impl Played {
    #[cfg(test)]
    pub fn of(verdicts: BTreeMap<String, Verdict>) -> Self {
        Self { verdicts, told: String::new(), notes: String::new() }
    }

    /// What the runner said about one failed test.
    pub fn story(&self, name: &str) -> Option<&str> {
        let start = self.told.find(&format!("FAILED ({name})\n"))?;
        let rest = self.told.get(start..)?;
        let behind = rest.lines().skip(1).find(|line| ended(line).is_some());
        let end = behind.and_then(|line| rest.find(&format!("\n{line}\n")));
        rest.get(..end.unwrap_or(rest.len())).map(str::trim_end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stories_end_where_the_next_begins() {
        let told = "FAILED (A)\nwhy\n\nUNIMPLEMENTED (B)\nFAILED (AB)\nbecause\nPASSED (C)\n".to_owned();
        let played = Played { verdicts: BTreeMap::new(), told, notes: String::new() };
        assert_eq!(played.story("A"), Some("FAILED (A)\nwhy"));
        assert_eq!(played.story("AB"), Some("FAILED (AB)\nbecause"));
        assert_eq!(played.story("B"), None);
    }

    #[test]
    fn no_command_line_is_too_long() {
        let names: Vec<String> = (0..5000).map(|number| format!("{number:040}")).collect();
        let borrowed: Vec<&String> = names.iter().collect();
        let heaps = borrowed.chunks_by_length();
        assert!(heaps.len() > 1 && heaps.iter().all(|heap| heap.join(";").len() <= NAMES));
        assert_eq!(heaps.concat().len(), names.len());
    }
}
