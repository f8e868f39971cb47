//! Cases whose first finding is known to be wrong: `interop/score/known_misses.tsv`, each with a reason.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use super::case::Case;
use crate::table;
use crate::table::Table;

const TABLE: Table = table!("score/known_misses.tsv");
const COLUMNS: [&str; 3] = ["set", "case", "reason"];

/// Names of the known misses of one set.
pub struct KnownMisses {
    names: BTreeSet<String>,
}

impl KnownMisses {
    /// Those of a set; an error for a name that is not among its cases.
    pub fn of_set(set: &str, cases: &[Case]) -> Result<Self> {
        Self::read(&TABLE, set, cases)
    }

    fn read(table: &Table, set: &str, cases: &[Case]) -> Result<Self> {
        let mut names = BTreeSet::new();
        let rows = table.read(COLUMNS, |[set, case, reason]| {
            ensure!(!reason.is_empty() && reason != "-", "{case} has no reason");
            Ok((set.to_owned(), case.to_owned()))
        })?;
        for (_, name) in rows.into_iter().filter(|(of, _)| of == set) {
            ensure!(cases.iter().any(|case| case.name == name), "{}: no case {set}/{name}", table.file);
            ensure!(names.insert(name.clone()), "{}: {set}/{name} is listed twice", table.file);
        }
        Ok(Self { names })
    }

    /// What is wrong with a case that missed, or did not, under this list.
    pub fn failure(&self, name: &str, miss: Option<&str>) -> Option<String> {
        match (miss, self.names.contains(name)) {
            (None, false) | (Some(_), true) => None,
            (Some(miss), false) => Some(miss.to_owned()),
            (None, true) => Some(format!("it is right now: remove its line from {}", TABLE.file)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::case::tests::case;

    fn read(text: &'static str) -> Result<KnownMisses> {
        KnownMisses::read(&Table { file: "misses.tsv", text }, "own", &[case("none", &[], "observed")])
    }

    #[test]
    fn a_new_miss_fails_and_so_does_a_listed_case_that_is_right() {
        let known = read("set\tcase\treason\nown\tone\tambiguous\nfresh\ttwo\tambiguous\n").unwrap();
        assert_eq!(known.failure("one", Some("wrong")), None);
        assert!(known.failure("one", None).unwrap().contains("remove its line"));
        assert_eq!(known.failure("two", Some("wrong")).unwrap(), "wrong");
        assert_eq!(known.failure("two", None), None);
    }

    #[test]
    fn a_row_names_a_case_once_and_a_reason() {
        for bad in ["own\tother\tambiguous", "own\tone\t-", "own\tone\ta\nown\tone\tb"] {
            let text = format!("set\tcase\treason\n{bad}\n").leak();
            assert!(read(text).is_err(), "{bad}");
        }
    }
}
