//! THREATS.md names tests, and a test that was renamed or removed holds nothing: each row of its
//! table names a test function, a test file, cells of the matrix or a command of `xtask` that exist, or says why there
//! is none.

use std::collections::HashSet;
use std::path::Path;

use anyhow::Result;

use super::scan;
use crate::step::Outcome;
use crate::workspace;

const DOCUMENT: &str = "THREATS.md";

/// How a row begins its last column that has no test, before it says why.
const NONE: &str = "no test: ";

/// Checks the table.
pub fn check() -> Result<Outcome> {
    let mut functions = HashSet::new();
    for path in workspace::rust_files()? {
        functions.extend(scan::functions(&workspace::read(&path)?).into_iter().map(|function| function.name));
    }
    let exists = |name: &str| match name.strip_prefix("cargo xtask ") {
        Some(command) => {
            let sources = [format!("xtask/src/{command}.rs"), format!("interop/tests/{command}.rs")];
            sources.iter().any(|source| workspace::root().join(source).exists())
        }
        None if name.contains(' ') => is_cell(name),
        None if is_identifier(name) => functions.contains(name) || is_crate(name),
        None => workspace::root().join(name).exists(),
    };
    let text = workspace::read(DOCUMENT)?;
    let (rows, complaints) = judge(&text, exists);
    Ok(Outcome::from_complaints(format!("{rows} threats"), &complaints))
}

/// Whether cells of the matrix are called that.
fn is_cell(name: &str) -> bool {
    let tables = std::fs::read_dir(workspace::root().join("interop/matrix")).into_iter().flatten();
    let mut texts = tables.filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok());
    texts.any(|text| text.contains(name))
}

/// A test function has several words; a file has a dot or a slash.
fn is_identifier(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|one| one.is_ascii_alphanumeric() || one == '_')
}

/// Whether that is a folder of the workspace with tests of its own.
fn is_crate(name: &str) -> bool {
    workspace::root().join(Path::new(name)).join("Cargo.toml").exists()
}

/// How many rows there are, and what is wrong with them.
fn judge(text: &str, exists: impl Fn(&str) -> bool) -> (usize, Vec<String>) {
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).skip(2).collect();
    let mut complaints = Vec::new();
    for row in &rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [attack, .., last] = cells[..] else {
            complaints.push(format!("{DOCUMENT}: a row of one column: `{row}`"));
            continue;
        };
        if last.starts_with(NONE) {
            continue;
        }
        let mut names = last.split('`').skip(1).step_by(2).peekable();
        if names.peek().is_none() {
            complaints.push(format!("{DOCUMENT}: no test named for `{attack}`"));
        }
        complaints.extend(
            names.filter(|name| !exists(name)).map(|name| format!("{DOCUMENT}: no test {name} ({attack})")),
        );
    }
    if rows.is_empty() {
        complaints.push(format!("{DOCUMENT}: no table"));
    }
    (rows.len(), complaints)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(row: &str) -> usize {
        let text = format!("# Head\n\n| attack | defence | where | test |\n|---|---|---|---|\n{row}\n");
        let (rows, complaints) = judge(&text, |name| ["a_test", "crate/tests/file.rs"].contains(&name));
        assert_eq!(rows, 1);
        complaints.len()
    }

    #[test]
    fn each_row_names_tests_that_exist() {
        assert_eq!(complaints("| flood | budget | `src/x.rs` | `a_test`, `crate/tests/file.rs` |"), 0);
        assert_eq!(complaints("| flood | budget | `src/x.rs` | `a_test`, `another` |"), 1);
        assert_eq!(complaints("| flood | budget | `a_test` | the tests of the record layer |"), 1);
        assert_eq!(complaints("| timing | `equal` | – | no test: time cannot be measured here |"), 0);
        assert_eq!(judge("no table", |_| true).1.len(), 1);
    }

    #[test]
    fn the_document_names_tests_that_exist() {
        let outcome = check().unwrap();
        assert_eq!((outcome.failed, outcome.details.as_str()), (0, ""));
    }

    #[test]
    fn names_of_functions_are_told_from_paths() {
        assert!(is_identifier("a_test") && is_identifier("codec"));
        assert!(!is_identifier("record/tests/a.rs") && !is_identifier(""));
    }
}
