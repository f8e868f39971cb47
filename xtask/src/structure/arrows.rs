//! Which crate may depend on which: `xtask/arrows.txt` against the manifests.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{DependencyKind, MetadataCommand};

use super::crate_heads;
use crate::step::Outcome;
use crate::workspace;

/// A crate and those it may depend on.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    name: String,
    knows: Vec<String>,
}

/// Checks the table in itself, its order, and every manifest against it.
pub fn check() -> Result<Outcome> {
    let table = parse(&workspace::read("xtask/arrows.txt")?)?;
    let mut complaints = Vec::new();
    let names: Vec<&str> = table.iter().map(|member| member.name.as_str()).collect();
    let manifest = workspace::read("Cargo.toml")?;
    let members = crate_heads::members(&manifest);
    if members != names {
        complaints.push(format!("order or names differ: Cargo.toml has {members:?}, arrows.txt {names:?}"));
    }
    let (used, wrong) = used_arrows(&table)?;
    complaints.extend(wrong);
    Ok(Outcome::from_complaints(format!("{} crates, {used} arrows", table.len()), &complaints))
}

/// Reads the table: `crate : crate crate # why`, arrows upwards only.
fn parse(text: &str) -> Result<Vec<Row>> {
    let mut table: Vec<Row> = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let (name, knows) =
            line.split_once(':').with_context(|| format!("arrows.txt: no colon in `{line}`"))?;
        let knows: Vec<String> = knows.split_whitespace().map(str::to_owned).collect();
        for member in &knows {
            if table.iter().all(|above| above.name != *member) {
                bail!("arrows.txt: {} → {member} does not point upwards", name.trim());
            }
        }
        table.push(Row { name: name.trim().to_owned(), knows });
    }
    Ok(table)
}

/// Counts the arrows in the manifests, and names those that the table does not have.
fn used_arrows(table: &[Row]) -> Result<(usize, Vec<String>)> {
    let metadata = MetadataCommand::new().current_dir(workspace::root()).no_deps().exec()?;
    let folder = |path: &cargo_metadata::camino::Utf8Path| path.file_name().unwrap_or_default().to_owned();
    let mut used = 0;
    let mut wrong = Vec::new();
    for package in metadata.workspace_packages() {
        let name = package.manifest_path.parent().map(folder).unwrap_or_default();
        let allowed: BTreeSet<&str> = table
            .iter()
            .filter(|member| member.name == name)
            .flat_map(|member| member.knows.iter().map(String::as_str))
            .collect();
        for dependency in &package.dependencies {
            let Some(to) = dependency.path.as_deref().map(folder) else { continue };
            if dependency.kind == DependencyKind::Development {
                continue;
            }
            used += 1;
            if !allowed.contains(to.as_str()) {
                wrong.push(format!("{name} → {to}: not in xtask/arrows.txt"));
            }
        }
    }
    Ok((used, wrong))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_point_upwards() {
        let table = parse("# head\na :\n\nb : a # why\n").unwrap();
        assert_eq!(table[1], Row { name: "b".into(), knows: vec!["a".into()] });
        assert!(parse("b : a\na :").is_err());
        assert!(parse("a : a").is_err());
        assert!(parse("a").is_err());
    }

    #[test]
    fn the_table_of_the_project_parses() {
        assert!(parse(include_str!("../../arrows.txt")).unwrap().len() >= 15);
    }
}
