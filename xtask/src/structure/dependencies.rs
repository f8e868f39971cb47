//! The dependency tree: every direct dependency has a reason beside it in its manifest, and the tree is
//! counted. Licences and sources are left to cargo-deny.

use std::collections::BTreeSet;

use anyhow::Result;

use super::crate_heads;
use crate::step::Outcome;
use crate::workspace;

/// The crate whose tree, with default features, is what users build.
const SHIPPED: &str = "handclasp-cli";

/// Checks reasons, and counts.
pub fn check() -> Result<Outcome> {
    let mut complaints = Vec::new();
    for member in crate_heads::members(&workspace::read("Cargo.toml")?) {
        let path = format!("{member}/Cargo.toml");
        let manifest = workspace::read(&path)?;
        complaints.extend(
            without_reason(&manifest)
                .into_iter()
                .map(|name| format!("{path}: {name} without a reason (`# …`)")),
        );
    }
    let tree = ["tree", "--package", SHIPPED, "--edges", "normal,build", "--prefix", "depth"];
    let (direct, total) = count(&workspace::output(workspace::cargo().args(tree))?);
    let note = format!("{SHIPPED}: {direct} direct, {total} in all");
    Ok(Outcome::from_complaints(note, &complaints))
}

/// Crates of others that a manifest names without a comment on their line or right above it.
fn without_reason(manifest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    let mut above = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line.trim_end_matches(']').ends_with("dependencies");
        } else if inside && !line.is_empty() && !line.starts_with('#') {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            if !above && !line.contains(" # ") && !name.starts_with("handclasp") {
                found.push(name.to_owned());
            }
        }
        above = line.starts_with('#');
    }
    found
}

/// Distinct crates of others below [`SHIPPED`]: named by a crate of ours, and in all. Build scripts'
/// crates count, tests' do not.
///
/// `tree` is the output of `cargo tree --prefix depth`, which enables the features of this one crate;
/// the graph of `cargo metadata` has those of the whole workspace.
fn count(tree: &str) -> (usize, usize) {
    // Whether each crate on the way to the current line is ours.
    let mut way: Vec<bool> = Vec::new();
    let (mut direct, mut all) = (BTreeSet::new(), BTreeSet::new());
    for line in tree.lines() {
        let (depth, package) = line.split_at(line.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(0));
        way.truncate(depth.parse().unwrap_or(0));
        // A package of a path is ours; one of a registry shows none.
        let is_ours = package.contains("(/");
        // The name and the version: marks as `(*)` may follow.
        let package: Vec<&str> = package.split(' ').take(2).collect();
        if !is_ours {
            if way.last() == Some(&true) {
                direct.insert(package.clone());
            }
            all.insert(package);
        }
        way.push(is_ours);
    }
    (direct.len(), all.len())
}

#[cfg(test)]
mod tests {
    use super::{count, without_reason};

    #[test]
    fn a_reason_stands_on_the_line_or_above() {
        let manifest = "\
[package]
name = \"a\"

[dependencies]
b = \"1\" # why
# Why, at length.
c = { version = \"1\" }
d = \"1\"
handclasp-codec.workspace = true

# too far

e.workspace = true
[dev-dependencies]
f = \"1\"
[lints]
workspace = true
";
        assert_eq!(without_reason(manifest), ["d", "e", "f"]);
    }

    #[test]
    fn crates_of_others_are_counted_once() {
        let tree = "\
0ours v0.1.0 (/tree/ours)
1a v1.0.0
2b v1.0.0
2c v1.0.0 (proc-macro)
1ours-too v0.1.0 (/tree/ours-too)
2b v1.0.0
2d v1.0.0
3a v2.0.0
1ours-too v0.1.0 (/tree/ours-too) (*)
1a v1.0.0 (*)
";
        assert_eq!(count(tree), (3, 5));
    }
}
