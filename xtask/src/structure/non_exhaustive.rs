//! Public enums of the published crates are `#[non_exhaustive]`, so that a new variant breaks no user. Those that
//! are exhaustive on purpose stand in a table with the reason.

use std::path::Path;

use anyhow::Result;

use super::crate_heads;
use crate::step::Outcome;
use crate::workspace;

/// Exhaustive on purpose: crate, enum (`*` for all of a crate), reason.
const EXHAUSTIVE: &[(&str, &str, &str)] = &[
    ("codec", "*", "every mapping in `report`, `crypto` and the state machines must know each member"),
    ("crypto", "*", "providers and state machines map every kind of key, suite and error"),
    ("schedule", "*", "sides, epochs and errors of the key schedule: the state machines map each"),
    ("record", "Deframed", "a record is there, or it is not"),
    ("handshake", "Action", "`connection` must execute every action"),
    ("handshake", "PskHash", "each hash has its own key schedule"),
    ("device", "Next", "a program must do whatever comes next"),
    ("device", "Received", "bytes, none yet, or none ever"),
    ("report", "Side", "there are two sides"),
    ("report", "Tag", "`explain` must print every kind of note"),
    ("trust", "Role", "there are two roles"),
    ("trust", "PskUse", "a key is used in no other way than those that were thought of (RFC 9257 §4.1)"),
];

/// Checks all published crates.
pub fn check() -> Result<Outcome> {
    let mut complaints = Vec::new();
    let mut count = 0;
    let root = workspace::read("Cargo.toml")?;
    let mut published = Vec::new();
    for member in crate_heads::members(&root) {
        let manifest = workspace::read(format!("{member}/Cargo.toml"))?;
        // A program has no API.
        if !manifest.contains("publish = false") && workspace::root().join(member).join("src/lib.rs").exists()
        {
            published.push(member);
        }
    }
    for path in workspace::rust_files()? {
        let Some(member) = published.iter().find(|member| path.starts_with(Path::new(member).join("src")))
        else {
            continue;
        };
        for (line, name) in exhaustive(&workspace::read(&path)?) {
            count += 1;
            let known =
                EXHAUSTIVE.iter().any(|(of, known, _)| of == member && (*known == name || *known == "*"));
            if !known {
                complaints.push(format!(
                    "{}:{line}: pub enum {name} is not #[non_exhaustive]; make it so, or pub(crate), or add it with \
                     the reason to xtask/src/structure/non_exhaustive.rs",
                    path.display()
                ));
            }
        }
    }
    Ok(Outcome::from_complaints(format!("{count} exhaustive on purpose"), &complaints))
}

/// Lines and names of public enums without the attribute.
fn exhaustive(source: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut marked = false;
    for (number, line) in (1..).zip(source.lines()) {
        let line = line.trim_start();
        if line.starts_with("#[non_exhaustive]") {
            marked = true;
        } else if let Some(rest) = line.strip_prefix("pub enum ") {
            let name =
                rest.split(|end: char| !end.is_alphanumeric() && end != '_').next().unwrap_or_default();
            // `$name` of a macro has none.
            if !marked && !name.is_empty() {
                found.push((number, name));
            }
            marked = false;
        } else if !line.starts_with("#[") && !line.starts_with("//") {
            marked = false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::exhaustive;

    #[test]
    fn the_attribute_stands_anywhere_above() {
        let source = "#[non_exhaustive]\n#[derive(Debug)]\npub enum A {}\npub enum B<'a> {}\npub(crate) enum C {}\n\
                      #[derive(Debug)]\n#[non_exhaustive]\npub enum D {}\n#[non_exhaustive]\npub struct E;\npub enum F {}";
        assert_eq!(exhaustive(source), [(4, "B"), (11, "F")]);
    }
}
