//! The recorded results of the runner's tests, `tests.tsv`: name, part of the protocol, verdict, and the
//! reason why a test is not run. Excluded tests are listed by hand, name by name, so that a new test of the
//! runner is never excluded unnoticed; a run writes the other verdicts, and why the shim does not implement
//! a test.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// The first lines of the file.
const HEAD: &str =
    "# Every test of BoringSSL's protocol test runner. By hand: the part (core: TLS 1.2 and 1.3; optional:
# extensions and algorithms that a stack may lack; outside: DTLS, QUIC, older versions and extensions of
# BoringSSL), and `excluded` with its reason. The rest: cargo xtask bogo --accept.
";

/// What a test is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// TLS 1.2 and 1.3.
    Core,
    /// Optional extensions and algorithms.
    Optional,
    /// Other protocols, and extensions of BoringSSL.
    Outside,
}

/// The result of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It ended as expected.
    Passed,
    /// It ended otherwise.
    Failed,
    /// The shim does not know a flag of the test.
    NotImplemented,
    /// Not run; listed by hand.
    Excluded,
}

impl Part {
    const ALL: [(Self, &str); 3] =
        [(Self::Core, "core"), (Self::Optional, "optional"), (Self::Outside, "outside")];
}

impl Verdict {
    const ALL: [(Self, &str); 4] = [
        (Self::Passed, "passed"),
        (Self::Failed, "failed"),
        (Self::NotImplemented, "not implemented"),
        (Self::Excluded, "excluded"),
    ];
}

fn named<T: Copy>(all: &[(T, &str)], name: &str) -> Result<T> {
    let found = all.iter().find(|(_, known)| *known == name);
    found.map(|(value, _)| *value).with_context(|| format!("unknown word {name:?}"))
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = Self::ALL.iter().find(|(verdict, _)| verdict == self);
        f.write_str(found.map_or("", |(_, name)| name))
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the test is about.
    pub part: Part,
    /// Its result.
    pub verdict: Verdict,
    /// Why it is not run; empty if it is.
    pub reason: String,
}

/// All lines, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// The commit that the runner was built from.
    pub runner: String,
    /// The tests.
    pub tests: BTreeMap<String, Entry>,
}

impl Ledger {
    /// Reads the file.
    pub fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        Self::parse(&text).with_context(|| file.display().to_string())
    }

    fn parse(text: &str) -> Result<Self> {
        let rows = text.strip_prefix(HEAD).context("another head")?;
        let (first, rows) = rows.split_once('\n').context("no runner")?;
        let runner = first.strip_prefix("runner\t").context("no runner")?.to_owned();
        let mut tests = BTreeMap::new();
        for row in rows.lines() {
            let columns: Vec<&str> = row.split('\t').collect();
            let [part, verdict, name, reason] = columns[..] else { bail!("not four columns: {row}") };
            // The runner takes names as patterns; each of these must match one test.
            if name.is_empty() || name.contains(['*', '?', '[', '\\', ';']) {
                bail!("{name:?} is not the name of one test");
            }
            let (part, verdict) = (named(&Part::ALL, part)?, named(&Verdict::ALL, verdict)?);
            let entry = Entry { part, verdict, reason: reason.to_owned() };
            if tests.insert(name.to_owned(), entry).is_some() {
                bail!("{name} is listed twice");
            }
        }
        Ok(Self { runner, tests })
    }

    /// Writes the file: one test a line, so that a diff shows one.
    pub fn write(&self, file: &Path) -> Result<()> {
        fs::write(file, self.text()?)?;
        Ok(())
    }

    fn text(&self) -> Result<String> {
        let mut text = format!("{HEAD}runner\t{}\n", self.runner);
        let mut rows: Vec<_> = self.tests.iter().collect();
        rows.sort_by_key(|(name, entry)| (entry.part, entry.verdict, name.as_str()));
        for (name, Entry { part, verdict, reason }) in rows {
            let part = Part::ALL.iter().find(|(known, _)| known == part).map_or("", |(_, name)| *name);
            writeln!(text, "{part}\t{verdict}\t{name}\t{reason}")?;
        }
        Ok(text)
    }

    /// The excluded tests, and why.
    pub fn excluded(&self) -> impl Iterator<Item = (&String, &String)> {
        let excluded = self.tests.iter().filter(|(_, entry)| entry.verdict == Verdict::Excluded);
        excluded.map(|(name, entry)| (name, &entry.reason))
    }

    /// Differences from the names of the runner, and missing reasons.
    pub fn complaints(&self, names: &[String]) -> Vec<String> {
        let mut complaints = Vec::new();
        for name in names.iter().filter(|name| !self.tests.contains_key(*name)) {
            complaints.push(format!("{name}: not in the ledger; give it a line with its part"));
        }
        let known: std::collections::BTreeSet<&String> = names.iter().collect();
        for name in self.tests.keys().filter(|name| !known.contains(name)) {
            complaints.push(format!("{name}: in the ledger, and the runner has no such test"));
        }
        complaints.extend(self.without_reason().map(|name| format!("{name}: not run, without a reason")));
        complaints
    }

    fn without_reason(&self) -> impl Iterator<Item = &String> {
        let needs_one = |entry: &Entry| match entry.verdict {
            Verdict::Excluded => true,
            Verdict::NotImplemented => entry.part == Part::Core,
            Verdict::Passed | Verdict::Failed => false,
        };
        let bare = self.tests.iter().filter(move |(_, entry)| needs_one(entry) && entry.reason.is_empty());
        bare.map(|(name, _)| name)
    }

    /// The number of tests of a part with that verdict.
    pub fn count(&self, part: Part, verdict: Verdict) -> usize {
        let of = |entry: &&Entry| entry.part == part && entry.verdict == verdict;
        self.tests.values().filter(of).count()
    }

    /// The counts of each part.
    pub fn summary(&self) -> String {
        let parts = Part::ALL.map(|(part, name)| {
            let counts = Verdict::ALL.map(|(verdict, name)| (self.count(part, verdict), name));
            let all: usize = counts.iter().map(|(count, _)| count).sum();
            let words = counts.map(|(count, name)| format!("{count} {name}"));
            format!("{name} {all}: {}", words.join(", "))
        });
        parts.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let rows = "core\tpassed\tB\t\ncore\texcluded\tA\twhy\noptional\tnot implemented\tC\t\n";
        let text = format!("{HEAD}runner\tcommit\n{rows}");
        let ledger = Ledger::parse(&text).unwrap();
        assert_eq!(ledger.text().unwrap(), text);
        let names = ["A", "B", "C"].map(str::to_owned);
        assert!(ledger.complaints(&names).is_empty());
        assert_eq!(ledger.excluded().collect::<Vec<_>>(), [(&"A".to_owned(), &"why".to_owned())]);
    }

    #[test]
    fn names_that_are_new_or_gone_or_lack_a_reason_are_reported() {
        let rows = "core\tnot implemented\tA\t\ncore\texcluded\tB\t\noptional\tnot implemented\tC\t\n";
        let ledger = Ledger::parse(&format!("{HEAD}runner\tcommit\n{rows}")).unwrap();
        let names = ["A", "B", "D"].map(str::to_owned);
        let of = |complaint: &String| complaint.split(':').next().map(str::to_owned);
        let reported: Vec<_> = ledger.complaints(&names).iter().filter_map(of).collect();
        assert_eq!(reported, ["D", "C", "A", "B"]);
    }

    #[test]
    fn patterns_and_doubles_are_refused() {
        for rows in
            ["core\texcluded\tA*\twhy\n", "core\tpassed\tA\t\ncore\tpassed\tA\t\n", "core\tgood\tA\t\n"]
        {
            assert!(Ledger::parse(&format!("{HEAD}runner\tcommit\n{rows}")).is_err(), "{rows}");
        }
    }

    /// The recorded results, as far as they can be checked without the runner.
    #[test]
    fn the_recorded_results_are_complete() {
        let ledger = Ledger::read(&crate::workspace::root().join("conformance/bogo/tests.tsv")).unwrap();
        assert_eq!(ledger.without_reason().collect::<Vec<_>>(), Vec::<&String>::new());
        assert_eq!(ledger.tests.values().filter(|entry| entry.verdict == Verdict::Failed).count(), 0);
        assert!(ledger.count(Part::Core, Verdict::Passed) >= 1340, "{}", ledger.summary());
    }
}
