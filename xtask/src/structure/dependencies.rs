//! The dependency tree: every direct dependency has a reason beside it in its manifest, and the tree is
//! counted. Licences and sources are left to cargo-deny.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context as _, Result};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, NodeDep, Package, PackageId};

use super::rooms;
use crate::step::Outcome;
use crate::workspace;

/// The crate whose tree, with default features, is what users build.
const SHIPPED: &str = "handclasp-cli";

/// Checks reasons, and counts.
pub fn check() -> Result<Outcome> {
    let mut complaints = Vec::new();
    for member in rooms::members(&workspace::read("Cargo.toml")?) {
        let path = format!("{member}/Cargo.toml");
        let manifest = workspace::read(&path)?;
        complaints.extend(
            without_reason(&manifest)
                .into_iter()
                .map(|name| format!("{path}: {name} without a reason (`# …`)")),
        );
    }
    let metadata = MetadataCommand::new()
        .current_dir(workspace::root())
        .other_options(vec!["--filter-platform".to_owned(), host()?])
        .exec()?;
    let (direct, total) = count(&metadata)?;
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

/// Distinct crates of others below [`SHIPPED`]: named by a crate of ours, and in all.
/// Build scripts' crates count, tests' do not.
fn count(metadata: &Metadata) -> Result<(usize, usize)> {
    let resolve = metadata.resolve.as_ref().context("cargo metadata resolved nothing")?;
    let nodes: HashMap<&PackageId, &[NodeDep]> =
        resolve.nodes.iter().map(|node| (&node.id, node.deps.as_slice())).collect();
    let packages: HashMap<&PackageId, &Package> =
        metadata.packages.iter().map(|package| (&package.id, package)).collect();
    let foreign = |id: &PackageId| packages.get(id).is_some_and(|package| package.source.is_some());

    let root = metadata.workspace_packages().into_iter().find(|package| package.name.as_str() == SHIPPED);
    let mut open = vec![&root.with_context(|| format!("no crate {SHIPPED}"))?.id];
    let mut seen: BTreeSet<&PackageId> = open.iter().copied().collect();
    let mut direct = BTreeSet::new();
    while let Some(id) = open.pop() {
        for dependency in nodes.get(id).copied().unwrap_or_default() {
            if dependency.dep_kinds.iter().all(|kind| kind.kind == DependencyKind::Development) {
                continue;
            }
            if foreign(&dependency.pkg) && !foreign(id) {
                direct.insert(&dependency.pkg);
            }
            if seen.insert(&dependency.pkg) {
                open.push(&dependency.pkg);
            }
        }
    }
    Ok((direct.len(), seen.into_iter().filter(|id| foreign(id)).count()))
}

/// The platform that we run on.
fn host() -> Result<String> {
    let text = workspace::output(std::process::Command::new("rustc").arg("-vV"))?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc -vV names no host")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::without_reason;

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
}
