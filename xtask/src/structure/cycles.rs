//! The modules of a crate import one way: two that import each other, also over others, are one module in two files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;

use super::{layers, scan};
use crate::{step::Outcome, workspace};

/// The crates whose modules are checked; a crate that has no more circles is added.
const CRATES: &[&str] = &[
    "capi",
    "cli",
    "codec",
    "connection",
    "crypto",
    "device",
    "explain",
    "handclasp",
    "identity",
    "load",
    "private-file",
    "provider-aws-lc",
    "provider-rustcrypto",
    "record",
    "relay",
    "report",
    "rotation",
    "schedule",
    "store",
    "trust",
    "xtask",
];

/// Which modules of the crate a module imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// Checks the modules in the root of each crate.
pub fn check() -> Result<Outcome> {
    let mut complaints = Vec::new();
    for name in CRATES {
        let mut sources = Vec::new();
        for path in workspace::rust_files()? {
            if let Some(module) = module_of(&path, name) {
                sources.push((module, workspace::read(&path)?));
            }
        }
        if let Some(circle) = circle(&imports(&sources)) {
            complaints.push(format!("{name}/src: {} import each other", circle.join(" -> ")));
        }
    }
    Ok(Outcome::from_complaints(format!("{} crates", CRATES.len()), &complaints))
}

/// The module in the root of that crate to which a file belongs. Files of tests belong to none: a test may
/// compare its module with one that is built on it.
fn module_of(path: &Path, name: &str) -> Option<String> {
    let path = path.strip_prefix(name).ok()?.strip_prefix("src").ok()?;
    if path.iter().any(|part| part == "tests" || part == "tests.rs") {
        return None;
    }
    let first = path.iter().next()?.to_str()?;
    let module = first.strip_suffix(".rs").unwrap_or(first);
    (module != "lib" && module != "main").then(|| module.to_owned())
}

fn imports(sources: &[(String, String)]) -> Imports {
    let modules: BTreeSet<&str> = sources.iter().map(|(module, _)| module.as_str()).collect();
    let mut imports = Imports::new();
    for (module, source) in sources {
        let code = scan::blank(source);
        let mut named: BTreeSet<String> = code.split("crate::").skip(1).map(identifier).collect();
        for (_, tree) in layers::trees(&code) {
            for (at, _) in tree.match_indices(['{', ',']) {
                if layers::depth(&tree[..=at]) == 1 {
                    named.insert(identifier(tree[at + 1..].trim_start()));
                }
            }
        }
        let others = named.into_iter().filter(|name| name != module && modules.contains(name.as_str()));
        imports.entry(module.clone()).or_default().extend(others);
    }
    imports
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect()
}

/// Modules of which each imports the next one, and the last one the first.
fn circle(imports: &Imports) -> Option<Vec<&str>> {
    let mut left: BTreeSet<&str> = imports.keys().map(String::as_str).collect();
    // What imports nothing that is left is in no circle.
    loop {
        let free = |module: &&&str| imports[**module].iter().all(|other| !left.contains(other.as_str()));
        let Some(module) = left.iter().find(free).copied() else { break };
        left.remove(module);
    }
    let mut circle = vec![*left.first()?];
    loop {
        let next = imports[circle[circle.len() - 1]].iter().find(|other| left.contains(other.as_str()))?;
        if let Some(start) = circle.iter().position(|module| module == next) {
            circle.drain(..start);
            return Some(circle);
        }
        circle.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sources: &[(&str, &str)]) -> Option<Vec<String>> {
        let owned: Vec<_> =
            sources.iter().map(|(module, source)| ((*module).to_owned(), (*source).to_owned())).collect();
        let imports = imports(&owned);
        circle(&imports).map(|circle| circle.into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn circles_are_found_and_chains_are_not() {
        let a = ("a", "use crate::{\n    b::{c, d},\n    e,\n};");
        assert_eq!(found(&[a, ("b", "use crate::c::f;"), ("c", ""), ("e", "")]), None);
        // In a body, and over a third module.
        let back = found(&[a, ("b", ""), ("e", "fn f() { crate::g::h() }"), ("g", "use crate::{b, a::i};")]);
        assert_eq!(back, Some(vec!["a".into(), "e".into(), "g".into()]));
        // Names inside of a module, comments and the module itself do not count.
        assert_eq!(found(&[("a", "use crate::b::{a, c};"), ("b", "// crate::a::d\nuse crate::b::e;")]), None);
    }

    #[test]
    fn files_belong_to_the_module_in_the_root() {
        let module = |path| module_of(Path::new(path), "capi");
        assert_eq!(module("capi/src/trust/chain.rs").as_deref(), Some("trust"));
        assert_eq!(module("capi/src/trust/chain/tests.rs"), None);
        assert_eq!(module("capi/src/trust/tests/chain.rs"), None);
        assert_eq!(module("capi/src/trust.rs").as_deref(), Some("trust"));
        assert_eq!(module("capi/src/lib.rs"), None);
        assert_eq!(module("trust/src/trust.rs"), None);
    }
}
