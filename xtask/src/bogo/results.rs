//! The verdict on each test: as the runner writes them, as they are checked in, and what
//! changed between the two.
//!
//! Called by: `bogo`.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

/// How a test went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As expected.
    Passed,
    /// Otherwise.
    Failed,
    /// The shim does not know what the test asks for.
    NotImplemented,
    /// The configuration leaves it out, with a reason.
    Excluded,
    /// It did not run.
    Absent,
}

impl Verdict {
    /// Those that are checked in, and under which name.
    const LISTS: [(Self, &str); 4] = [
        (Self::Passed, "passed"),
        (Self::Failed, "failed"),
        (Self::NotImplemented, "not implemented"),
        (Self::Excluded, "excluded"),
    ];
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::LISTS.iter().find(|(verdict, _)| verdict == self).map_or("absent", |(_, name)| name);
        f.write_str(name)
    }
}

/// The verdicts on all tests of one run.
pub struct Results {
    /// The commit that the runner was made from.
    pub runner: String,
    tests: BTreeMap<String, Verdict>,
}

/// Tests whose verdict changed.
pub struct Changes {
    /// Those that pass now.
    pub better: Vec<String>,
    /// All others.
    pub worse: Vec<String>,
}

impl Results {
    /// From what the runner writes.
    pub fn read_runner(commit: &str, text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text)?;
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
        let tests = tests.iter().map(verdict).collect::<Result<_>>()?;
        Ok(Self { runner: commit.to_owned(), tests })
    }

    /// From what is checked in.
    pub fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let value: Value = serde_json::from_str(&text)?;
        let runner =
            value.get("runner").and_then(Value::as_str).context("no commit of the runner")?.to_owned();
        let mut tests = BTreeMap::new();
        for (verdict, key) in Verdict::LISTS {
            let names =
                value.get(key).and_then(Value::as_array).with_context(|| format!("no list {key:?}"))?;
            let names = names.iter().filter_map(Value::as_str);
            tests.extend(names.map(|name| (name.to_owned(), verdict)));
        }
        Ok(Self { runner, tests })
    }

    /// Checks them in: one test a line, so that a change shows as one.
    pub fn write(&self, file: &Path) -> Result<()> {
        let mut counts = Map::new();
        let mut lists = vec![("runner", json!(self.runner))];
        for (verdict, key) in Verdict::LISTS {
            let of = self.tests.iter().filter(|(_, one)| **one == verdict).map(|(name, _)| name.as_str());
            let names: Vec<&str> = of.collect();
            counts.insert(key.to_owned(), json!(names.len()));
            lists.push((key, json!(names)));
        }
        lists.insert(1, ("counts", Value::Object(counts)));
        let lists: Map<_, _> = lists.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        fs::write(file, serde_json::to_string_pretty(&lists)? + "\n")?;
        Ok(())
    }

    /// The tests among `all` that did not run were excluded.
    pub fn exclude(&mut self, all: &[String]) {
        for name in all {
            self.tests.entry(name.clone()).or_insert(Verdict::Excluded);
        }
    }

    /// The names of all tests.
    pub fn names(self) -> Vec<String> {
        self.tests.into_keys().collect()
    }

    /// The verdict on one test.
    pub fn of(&self, name: &str) -> Verdict {
        self.tests.get(name).copied().unwrap_or(Verdict::Absent)
    }

    /// How many have that verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.tests.values().filter(|one| **one == verdict).count()
    }

    /// For the line of the step.
    pub fn summary(&self) -> String {
        let lists = Verdict::LISTS.map(|(verdict, name)| (self.count(verdict), name));
        let told =
            lists.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}"));
        told.collect::<Vec<_>>().join(", ")
    }

    /// What changed from these to `now`. Unless all tests ran, those that did not are left out.
    /// Passing is the only improvement: a failure that hides behind "not implemented" is none.
    pub fn compare(&self, now: &Self, all: bool) -> Changes {
        let mut changes = Changes { better: Vec::new(), worse: Vec::new() };
        let gone = self.tests.keys().filter(|name| all && !now.tests.contains_key(*name));
        for name in now.tests.keys().chain(gone) {
            match (self.of(name), now.of(name)) {
                (before, after) if before == after => {}
                // What is excluded does not run.
                (Verdict::Excluded, Verdict::Absent) => {}
                (_, Verdict::Passed) => changes.better.push(name.clone()),
                _ => changes.worse.push(name.clone()),
            }
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(list: &[(&str, Verdict)]) -> Results {
        let tests = list.iter().map(|(name, verdict)| ((*name).to_owned(), *verdict)).collect();
        Results { runner: "c".to_owned(), tests }
    }

    #[test]
    fn only_passing_is_better() {
        use Verdict::{Absent, Excluded, Failed, NotImplemented, Passed};
        let all = [Passed, Failed, NotImplemented, Excluded, Absent];
        for (before, after) in all.iter().flat_map(|before| all.map(|after| (*before, after))) {
            let list = |verdict| if verdict == Absent { results(&[]) } else { results(&[("t", verdict)]) };
            let changes = list(before).compare(&list(after), true);
            let better = after == Passed && before != Passed;
            let same = before == after || (before == Excluded && after == Absent);
            assert_eq!(
                (changes.better.len(), changes.worse.len()),
                (usize::from(better), usize::from(!better && !same))
            );
        }
        let part = results(&[("a", Passed), ("b", Passed)]).compare(&results(&[("a", Passed)]), false);
        assert!(part.better.is_empty() && part.worse.is_empty());
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("results.json");
        let text = r#"{"tests":{"A":{"actual":"PASS"},"B":{"actual":"FAIL"},"C":{"actual":"SKIP"}}}"#;
        let mut written = Results::read_runner("commit", text).unwrap();
        written.exclude(&["A".to_owned(), "D".to_owned()]);
        written.write(&file).unwrap();
        let read = Results::read(&file).unwrap();
        assert_eq!(
            (read.runner.as_str(), read.summary().as_str()),
            ("commit", "1 passed, 1 failed, 1 not implemented, 1 excluded")
        );
        assert_eq!(
            ["A", "B", "C", "D", "E"].map(|name| read.of(name)),
            [Verdict::Passed, Verdict::Failed, Verdict::NotImplemented, Verdict::Excluded, Verdict::Absent]
        );
    }
}
