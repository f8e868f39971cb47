//! What every file and every published crate must say about itself: a head, the workspace's
//! lints (which forbid `unsafe`), and in the crates that read peer bytes the lints that keep
//! them from panicking.

use std::path::Path;

use anyhow::Result;

use super::scan;
use crate::step::Outcome;
use crate::workspace;

/// Crates that bytes of a peer pass through.
const PEER_BYTES: &[&str] = &["codec", "record", "schedule", "handshake", "connection"];

/// What those crates deny at the head of their `lib.rs`.
const DENIED: &[&str] = &[
    "clippy::indexing_slicing",
    "clippy::unwrap_used",
    "clippy::expect_used",
    "clippy::panic",
    "clippy::as_conversions",
    "clippy::arithmetic_side_effects",
];

/// Folders that may hold `unsafe`, each with its argument.
const UNSAFE: &[&str] = &[
    "capi",         // a C ABI takes pointers
    "glibc-arenas", // one call of the C library, without pointers
    "firmware",     // start-up code, registers, semihosting
    "bench",        // counting allocators
    "freed-memory", // the allocator of a test, which looks at what is freed; never published
];

/// Checks heads, lints and `unsafe`.
pub fn check() -> Result<Outcome> {
    let mut complaints = Vec::new();
    let files = workspace::rust_files()?;
    for path in &files {
        let source = workspace::read(path)?;
        file(path, &source, &mut complaints);
    }
    for member in PEER_BYTES {
        peer_bytes(member, &workspace::read(format!("{member}/src/lib.rs"))?, &mut complaints);
    }
    let root = workspace::read("Cargo.toml")?;
    if section(&root, "workspace.lints.rust").all(|line| line != "unsafe_code = \"forbid\"") {
        complaints.push("Cargo.toml: [workspace.lints.rust] does not forbid unsafe_code".to_owned());
    }
    // The workspace's lints forbid `unsafe`; these have their own.
    for member in members(&root).into_iter().filter(|member| !UNSAFE.contains(member)) {
        let path = format!("{member}/Cargo.toml");
        if section(&workspace::read(&path)?, "lints").all(|line| line != "workspace = true") {
            complaints.push(format!("{path}: no `[lints] workspace = true`"));
        }
    }
    Ok(Outcome::from_complaints(format!("{} files", files.len()), &complaints))
}

/// One file: its head, and that it has no `unsafe`.
fn file(path: &Path, source: &str, complaints: &mut Vec<String>) {
    let shown = path.display();
    if !source.starts_with("//! ") {
        complaints.push(format!("{shown}: no head; the first line must be `//! what this is`"));
    }
    let folder = path.components().next().and_then(|first| first.as_os_str().to_str()).unwrap_or_default();
    if !UNSAFE.contains(&folder) && scan::has_word(&scan::blank(source), "unsafe") {
        complaints.push(format!("{shown}: unsafe"));
    }
}

/// The deny list of a member that reads peer bytes, outside of any `cfg_attr`.
fn peer_bytes(member: &str, source: &str, complaints: &mut Vec<String>) {
    let code = scan::blank(source);
    let denied: Vec<&str> = code
        .match_indices("#![deny(")
        .flat_map(|(at, mark)| code[at + mark.len()..].split(')').next().unwrap_or_default().split(','))
        .map(str::trim)
        .collect();
    for lint in DENIED.iter().filter(|lint| !denied.contains(lint)) {
        complaints.push(format!("{member}/src/lib.rs: does not deny {lint}"));
    }
}

/// The lines of one `[section]` of a manifest, trimmed.
pub fn section<'a>(manifest: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let header = format!("[{name}]");
    manifest
        .lines()
        .map(str::trim)
        .skip_while(move |line| *line != header)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
}

/// The members of the workspace in the order of its manifest.
pub fn members(root: &str) -> Vec<&str> {
    root.lines()
        .skip_while(|line| !line.starts_with("members"))
        .skip(1)
        .take_while(|line| !line.starts_with(']'))
        .filter_map(|line| line.split('"').nth(1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(check: impl Fn(&mut Vec<String>)) -> usize {
        let mut complaints = Vec::new();
        check(&mut complaints);
        complaints.len()
    }

    #[test]
    fn a_file_needs_a_head_and_no_unsafe() {
        let path = Path::new("codec/src/a.rs");
        assert_eq!(count(|c| file(path, "//! A.\n#![forbid(unsafe_code)] // unsafe", c)), 0);
        assert_eq!(count(|c| file(path, "// A.\nunsafe fn a() {}", c)), 2);
        assert_eq!(count(|c| file(Path::new("bench/src/a.rs"), "//! A.\nunsafe fn a() {}", c)), 0);
    }

    #[test]
    fn the_deny_list_must_be_whole_and_unconditional() {
        let all = DENIED.join(", ");
        assert_eq!(count(|c| peer_bytes("a", &format!("#![deny({all})]"), c)), 0);
        assert_eq!(count(|c| peer_bytes("a", &format!("#![cfg_attr(x, deny({all}))]"), c)), DENIED.len());
        assert_eq!(count(|c| peer_bytes("a", &format!("// #![deny({all})]"), c)), DENIED.len());
        assert_eq!(count(|c| peer_bytes("a", "#![deny(clippy::panic)]", c)), DENIED.len() - 1);
    }

    #[test]
    fn manifests_are_read_by_section() {
        let manifest = "[a]\nx = 1\n[lints]\nworkspace = true\n\n[b]\ny = 2\n";
        assert_eq!(section(manifest, "lints").collect::<Vec<_>>(), ["workspace = true", ""]);
        assert_eq!(members("members = [\n    \"a\", # first\n    \"b\",\n]\nexclude = [\"c\"]"), ["a", "b"]);
    }
}
