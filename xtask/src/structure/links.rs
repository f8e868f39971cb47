//! Links of all documents (`*.md`): each leads to a file, and each row of the table of features to the
//! tests that cover it.

use std::path::Path;

use anyhow::Result;

use crate::step::Outcome;
use crate::workspace;

/// The document of the table whose rows must each name a test, and the title above the table.
const SUPPORTED: &str = "docs/supported.md";
const FEATURES: &str = "# What is supported";

/// Follows all links.
pub fn check() -> Result<Outcome> {
    let mut complaints = Vec::new();
    let mut count = 0;
    for document in workspace::files(".md")? {
        let text = workspace::read(&document)?;
        let folder = document.parent().unwrap_or(Path::new(""));
        for target in targets(&text) {
            count += 1;
            if !workspace::root().join(folder).join(target).exists() {
                complaints.push(format!("{}: no file {target}", document.display()));
            }
        }
    }
    complaints.extend(untested(&workspace::read(SUPPORTED)?));
    Ok(Outcome::from_complaints(format!("{count} links"), &complaints))
}

/// Files that a document links to; addresses on the web and places within it left out.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let inside = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files = inside.filter(|target| !target.contains("://") && !target.starts_with('#'));
    files.filter_map(|target| target.split('#').next())
}

/// Rows of the table of features that link to no test.
fn untested(document: &str) -> Vec<String> {
    let section = document.split(FEATURES).nth(1).unwrap_or_default();
    let section = section.split("\n#").next().unwrap_or_default();
    // The first row names the columns, the second is the line below it.
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with('|')).skip(2).collect();
    if rows.is_empty() {
        return vec![format!("{SUPPORTED}: no table below `{FEATURES}`")];
    }
    let is_test = |target: &str| target.contains("/tests/") || target.contains("/matrix/");
    rows.into_iter()
        .filter(|row| !targets(row).any(is_test))
        .map(|row| format!("{SUPPORTED}: no test linked in `{row}`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_from_addresses() {
        let text = "[a](README.md), [b](xtask/a.rs#L3) and [c](https://a.test/b), [d](#below); `f](` (g)";
        assert_eq!(targets(text).take(2).collect::<Vec<_>>(), ["README.md", "xtask/a.rs"]);
        assert!(targets("[c](https://a.test/b) [d](#below)").next().is_none());
    }

    #[test]
    fn every_feature_names_a_test() {
        let table = |row| format!("x\n{FEATURES}\n\n| | a |\n|---|---|\n{row}\n\n## Next\n| no | row |\n");
        assert!(untested(&table("| suites | [t](interop/matrix/suites.tsv) |")).is_empty());
        assert_eq!(untested(&table("| suites | [t](README.md) |")).len(), 1);
        assert_eq!(untested("nothing").len(), 1);
    }
}
