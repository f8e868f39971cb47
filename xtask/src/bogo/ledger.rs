//! The ledger of the runner's tests, `tests.tsv`: each by its name, the part of the protocol that it
//! is about, its verdict, and the reason where it is not played. What is excluded is written by
//! hand, name by name, so that a new test of the runner is never excluded unseen; the verdicts of
//! the others, and why the shim does not play them, are what a run wrote.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// What the file begins with.
const HEAD: &str =
    "# Every test of BoringSSL's protocol test runner. By hand: the part (core: TLS 1.2 and 1.3 as every
# stack has them; optional: what a stack of TLS may have or not; outside: DTLS, QUIC, older versions
# and inventions of BoringSSL's), and `excluded` with its reason. The rest: cargo xtask bogo --accept.
";

/// Which tests it is fair to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// TLS 1.2 and 1.3.
    Core,
    /// Extensions and algorithms that a stack may have.
    Optional,
    /// Other protocols, and what only BoringSSL has.
    Outside,
}

/// How a test went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As expected.
    Passed,
    /// Otherwise.
    Failed,
    /// The shim does not know what the test asks for.
    NotImplemented,
    /// Not run, by hand.
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
    found.map(|(value, _)| *value).with_context(|| format!("what is {name:?}?"))
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = Self::ALL.iter().find(|(verdict, _)| verdict == self);
        f.write_str(found.map_or("", |(_, name)| name))
    }
}

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is about.
    pub part: Part,
    /// How it went.
    pub verdict: Verdict,
    /// Why it is not played.
    pub reason: String,
}

/// All lines, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// The commit that the runner was made from.
    pub runner: String,
    /// The tests.
    pub tests: BTreeMap<String, Entry>,
}

impl Ledger {
    /// From the file.
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
            // The runner takes names as patterns; ours are to be none.
            if name.is_empty() || name.contains(['*', '?', '[', '\\', ';']) {
                bail!("{name:?} is no name of one test");
            }
            let (part, verdict) = (named(&Part::ALL, part)?, named(&Verdict::ALL, verdict)?);
            let entry = Entry { part, verdict, reason: reason.to_owned() };
            if tests.insert(name.to_owned(), entry).is_some() {
                bail!("{name} stands there twice");
            }
        }
        Ok(Self { runner, tests })
    }

    /// Into the file: one test a line, so that a change shows as one.
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

    /// Tests that are not run, and why.
    pub fn excluded(&self) -> impl Iterator<Item = (&String, &String)> {
        let excluded = self.tests.iter().filter(|(_, entry)| entry.verdict == Verdict::Excluded);
        excluded.map(|(name, entry)| (name, &entry.reason))
    }

    /// What is wrong with the ledger itself, beside the names that the runner has.
    pub fn complaints(&self, names: &[String]) -> Vec<String> {
        let mut complaints = Vec::new();
        for name in names.iter().filter(|name| !self.tests.contains_key(*name)) {
            complaints.push(format!("{name}: not in the ledger; give it a line with its part"));
        }
        let known: std::collections::BTreeSet<&String> = names.iter().collect();
        for name in self.tests.keys().filter(|name| !known.contains(name)) {
            complaints.push(format!("{name}: in the ledger, and the runner has no such test"));
        }
        complaints.extend(self.without_reason().map(|name| format!("{name}: not played, without a reason")));
        complaints
    }

    fn without_reason(&self) -> impl Iterator<Item = &String> {
        let wants = |entry: &Entry| match entry.verdict {
            Verdict::Excluded => true,
            Verdict::NotImplemented => entry.part == Part::Core,
            Verdict::Passed | Verdict::Failed => false,
        };
        let bare = self.tests.iter().filter(move |(_, entry)| wants(entry) && entry.reason.is_empty());
        bare.map(|(name, _)| name)
    }

    /// How many of a part have that verdict.
    pub fn count(&self, part: Part, verdict: Verdict) -> usize {
        let of = |entry: &&Entry| entry.part == part && entry.verdict == verdict;
        self.tests.values().filter(of).count()
    }

    /// The counts of each part.
    pub fn summary(&self) -> String {
        let parts = Part::ALL.map(|(part, name)| {
            let counts = Verdict::ALL.map(|(verdict, name)| (self.count(part, verdict), name));
            let all: usize = counts.iter().map(|(count, _)| count).sum();
            let told = counts.map(|(count, name)| format!("{count} {name}"));
            format!("{name} {all}: {}", told.join(", "))
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
    fn a_name_that_is_new_or_gone_or_without_reason_is_told() {
        let rows = "core\tnot implemented\tA\t\ncore\texcluded\tB\t\noptional\tnot implemented\tC\t\n";
        let ledger = Ledger::parse(&format!("{HEAD}runner\tcommit\n{rows}")).unwrap();
        let names = ["A", "B", "D"].map(str::to_owned);
        let of = |complaint: &String| complaint.split(':').next().map(str::to_owned);
        let told: Vec<_> = ledger.complaints(&names).iter().filter_map(of).collect();
        assert_eq!(told, ["D", "C", "A", "B"]);
    }

    #[test]
    fn patterns_and_doubles_are_refused() {
        for rows in
            ["core\texcluded\tA*\twhy\n", "core\tpassed\tA\t\ncore\tpassed\tA\t\n", "core\tgood\tA\t\n"]
        {
            assert!(Ledger::parse(&format!("{HEAD}runner\tcommit\n{rows}")).is_err(), "{rows}");
        }
    }

    /// What is checked in, as far as it can be judged without the runner.
    #[test]
    fn the_ledger_holds() {
        let ledger = Ledger::read(&crate::workspace::root().join("conformance/bogo/tests.tsv")).unwrap();
        assert_eq!(ledger.without_reason().collect::<Vec<_>>(), Vec::<&String>::new());
        assert_eq!(ledger.tests.values().filter(|entry| entry.verdict == Verdict::Failed).count(), 0);
        assert!(ledger.count(Part::Core, Verdict::Passed) >= 1340, "{}", ledger.summary());
    }
}
