//! The figures that a set must reach: `interop/score/floors.tsv`, or percentages for a folder of the user.

use anyhow::{Context as _, Result};

use super::figures::{Figures, percent};
use crate::table;
use crate::table::Table;

const TABLE: Table = table!("score/floors.tsv");
const COLUMNS: [&str; 5] = ["set", "cases", "failing", "first", "of_three"];

/// Without a row: so many of a hundred failing cases must have the right cause first, …
const FIRST_PERCENT: usize = 95;
/// … and so many among the first three.
const OF_THREE_PERCENT: usize = 98;

/// The row of a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Floor {
    counts: Option<Counts>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counts {
    /// All cases.
    cases: usize,
    /// Cases of a failure.
    failing: usize,
    /// Of these, the right cause first.
    first: usize,
    /// Of these, the right cause among the first three.
    of_three: usize,
}

impl Floor {
    /// That of a set of the repository.
    pub fn of_set(set: &str) -> Result<Self> {
        let rows = TABLE.read(COLUMNS, |[set, cases, failing, first, of_three]| {
            let [cases, failing] = [cases.parse()?, failing.parse()?];
            let counts = Counts { cases, failing, first: first.parse()?, of_three: of_three.parse()? };
            Ok((set.to_owned(), counts))
        })?;
        let row = rows.into_iter().find(|(name, _)| name == set);
        let (_, counts) = row.with_context(|| format!("{} has no row for the set {set}", TABLE.file))?;
        Ok(Self { counts: Some(counts) })
    }

    /// Figures below the floor.
    pub fn failures(&self, figures: &Figures) -> Vec<String> {
        let mut failures = Vec::new();
        let mut at_least = |what: &str, found: usize, floor: usize| {
            if found < floor {
                failures.push(format!("{what}: {found}; the floor is {floor}"));
            }
        };
        match self.counts {
            Some(counts) => {
                at_least("cases", figures.cases, counts.cases);
                at_least("cases of a failure", figures.failing, counts.failing);
                at_least("right cause first", figures.first, counts.first);
                at_least("right cause among the first three", figures.of_three, counts.of_three);
            }
            None => {
                for (what, count, floor) in [
                    ("first", figures.first, FIRST_PERCENT),
                    ("of three", figures.of_three, OF_THREE_PERCENT),
                ] {
                    if count * 100 < figures.failing * floor {
                        failures.push(format!(
                            "{what} {}; the floor is {floor} %",
                            percent(count, figures.failing)
                        ));
                    }
                }
            }
        }
        for (what, list) in figures.violations() {
            if !list.is_empty() {
                failures.push(format!("{} {what}; must be 0", list.len()));
            }
        }
        failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::judgement::tests::judged;

    fn figures() -> Figures {
        let mut figures = Figures::default();
        figures.add(&judged("sni.missing", &[("sni.missing", "observed")]));
        figures.add(&judged("sni.missing", &[("cert.expired", "observed"), ("sni.missing", "observed")]));
        figures
    }

    #[test]
    fn counts_are_floors() {
        let floor = |cases, failing, first, of_three| Floor {
            counts: Some(Counts { cases, failing, first, of_three }),
        };
        assert!(floor(2, 2, 1, 2).failures(&figures()).is_empty());
        for (lacking, cases, failing, first, of_three) in
            [(1, 3, 2, 1, 2), (1, 2, 3, 1, 2), (1, 2, 2, 2, 2), (1, 2, 2, 1, 3), (4, 3, 3, 2, 3)]
        {
            assert_eq!(floor(cases, failing, first, of_three).failures(&figures()).len(), lacking);
        }
    }

    #[test]
    fn without_counts_percentages_are_floors() {
        let failures = Floor::default().failures(&figures());
        assert_eq!(failures, ["first 1/2 = 50.0 %; the floor is 95 %"]);
    }

    #[test]
    fn alarms_are_never_within_the_floor() {
        let mut figures = figures();
        figures.add(&judged("none", &[("sni.missing", "possible")]));
        let floor = Floor { counts: Some(Counts { cases: 0, failing: 0, first: 0, of_three: 0 }) };
        assert_eq!(floor.failures(&figures), ["1 false alarms; must be 0"]);
    }

    #[test]
    fn every_set_of_the_repository_has_a_row() {
        for set in ["corpus", "fresh", "healthy", "own"] {
            Floor::of_set(set).unwrap();
        }
        assert!(Floor::of_set("other").is_err());
    }
}
