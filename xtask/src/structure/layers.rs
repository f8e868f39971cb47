//! The four parts of `explain` import one way: input, conversation, diagnosis, output. And no module lists who
//! calls it: an editor knows, and such lists were wrong.

use std::path::Path;

use anyhow::Result;

use super::scan;
use crate::step::Outcome;
use crate::workspace;

/// From the lowest up; each imports only those before it.
const LAYERS: &[&str] = &["input", "conversation", "diagnosis", "output"];

/// Checks every file of `explain`, and the head of every module.
pub fn check() -> Result<Outcome> {
    let mut complaints = Vec::new();
    let mut count = 0;
    for path in workspace::rust_files()? {
        let source = workspace::read(&path)?;
        let is_head = path.ends_with("src/lib.rs") || path.ends_with("src/main.rs");
        if !is_head && source.lines().any(|line| line.starts_with("//! Called by:")) {
            complaints.push(format!("{}: \"Called by:\" is for the head of a crate", path.display()));
        }
        let Some(layer) = layer_of(&path) else { continue };
        count += 1;
        for (line, upper) in upward(layer, &source) {
            complaints.push(format!("{}:{line}: {} imports {upper}", path.display(), LAYERS[layer]));
        }
    }
    Ok(Outcome::from_complaints(format!("{count} files of explain"), &complaints))
}

/// The layer that a file of `explain` is in.
fn layer_of(path: &Path) -> Option<usize> {
    let rest = path.strip_prefix("explain/src").ok()?;
    let first = rest.components().next()?.as_os_str().to_str()?;
    LAYERS.iter().position(|layer| first == *layer || first == format!("{layer}.rs"))
}

/// Lines that name a layer above, in a path (`crate::output::…`) or in a tree (`crate::{ output::…`).
fn upward(layer: usize, source: &str) -> Vec<(usize, &'static str)> {
    let code = scan::blank(source);
    let above = LAYERS.iter().skip(layer + 1);
    let mut found = Vec::new();
    for upper in above {
        for (at, _) in code.match_indices(&format!("crate::{upper}")) {
            found.push((line_of(&code, at), *upper));
        }
        for (at, tree) in trees(&code) {
            for (inside, _) in tree.match_indices(upper) {
                let follows = tree[inside + upper.len()..].starts_with("::");
                let begins = tree[..inside].trim_end().ends_with(['{', ',']);
                if follows && begins && depth(&tree[..inside]) == 1 {
                    found.push((line_of(&code, at + inside), *upper));
                }
            }
        }
    }
    found.sort_unstable();
    found
}

/// Each `crate::{ … }`: where its brace is, and the text from there to the closing one.
pub(super) fn trees(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.match_indices("crate::{").map(|(at, mark)| {
        let start = at + mark.len() - 1;
        let rest = &code[start..];
        let end = rest.char_indices().find(|(index, _)| *index > 0 && depth(&rest[..=*index]) == 0);
        (start, end.map_or(rest, |(index, _)| &rest[..=index]))
    })
}

/// Braces that are open at the end of a text.
pub(super) fn depth(text: &str) -> usize {
    text.matches('{').count().saturating_sub(text.matches('}').count())
}

fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_of_a_layer_above_are_found() {
        let source = "use crate::input::a;\nuse crate::{\n    conversation::b,\n    output::{c, d},\n};\n\
                      fn e() { crate::diagnosis::f() } // crate::output::g\n";
        assert_eq!(upward(0, source), [(3, "conversation"), (4, "output"), (6, "diagnosis")]);
        assert_eq!(upward(2, source), [(4, "output")]);
        assert_eq!(upward(3, source), []);
        assert!(upward(0, "use crate::{ input::output::a };").is_empty());
    }

    #[test]
    fn files_have_their_layer() {
        assert_eq!(layer_of(Path::new("explain/src/input.rs")), Some(0));
        assert_eq!(layer_of(Path::new("explain/src/output/text.rs")), Some(3));
        assert_eq!(layer_of(Path::new("explain/src/lib.rs")), None);
        assert_eq!(layer_of(Path::new("cli/src/output.rs")), None);
    }
}
