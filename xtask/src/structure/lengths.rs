//! One thought a file, one step a function. A file may run to 400 lines and a function to 60;
//! to 450 and 80 when the file's head has a line `Long because: …`. Tests read top to bottom
//! and may be longer. Files of vectors and generated files are data and are not counted.

use std::path::Path;

use anyhow::Result;

use super::scan;
use crate::step::Outcome;
use crate::workspace;

/// Lines of a file, lines of a function.
#[derive(Clone, Copy)]
struct Limit {
    file: usize,
    function: usize,
}

const USUAL: Limit = Limit { file: 400, function: 60 };
const ARGUED: Limit = Limit { file: 450, function: 80 };
/// A test is one story: its steps are not functions that others call.
const TEST: Limit = Limit { file: 600, function: 120 };

/// The line of a file's head that argues for more.
const REASON: &str = "//! Long because: ";

/// Measures every Rust file of the repository.
pub fn check() -> Result<Outcome> {
    let mut complaints = Vec::new();
    let files = workspace::rust_files()?;
    for path in files.iter().filter(|path| !is_data(path)) {
        let source = workspace::read(path)?;
        measure(&path.display().to_string(), &source, is_test(path), &mut complaints);
    }
    Ok(Outcome::from_complaints(format!("{} files", files.len()), &complaints))
}

/// Vectors and generated files.
fn is_data(path: &Path) -> bool {
    let folder =
        path.components().any(|part| matches!(part.as_os_str().to_str(), Some("vectors" | "generated")));
    folder || path.file_stem().is_some_and(|stem| stem == "vectors" || stem == "generated")
}

/// Files of tests alone.
fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests")
        || path.file_stem().is_some_and(|stem| stem == "tests")
}

/// Adds what is too long in one file.
fn measure(path: &str, source: &str, test: bool, complaints: &mut Vec<String>) {
    let head = source.lines().take_while(|line| line.starts_with("//!"));
    let argued =
        head.into_iter().any(|line| line.strip_prefix(REASON).is_some_and(|why| !why.trim().is_empty()));
    let usual = if argued { ARGUED } else { USUAL };
    let limit = if test { TEST } else { usual };

    let lines = source.lines().count();
    if lines > limit.file {
        complaints.push(format!("{path}: {lines} lines; at most {}{}", limit.file, advice(argued || test)));
    }
    for function in scan::functions(source) {
        let most = if test || function.test { TEST.function } else { usual.function };
        if function.lines > most {
            let scan::Function { name, line, lines, .. } = function;
            let advice = advice(argued || test || function.test);
            complaints.push(format!("{path}:{line}: fn {name} has {lines} lines; at most {most}{advice}"));
        }
    }
}

/// What else could be done than to cut.
fn advice(exhausted: bool) -> String {
    if exhausted {
        return String::new();
    }
    format!(" ({} and {} with a head line `{REASON}…`)", ARGUED.file, ARGUED.function)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(head: &str, file: usize, function: usize, test: bool) -> usize {
        let body = "    ();\n".repeat(function - 2);
        let mut source = format!("{head}fn long() {{\n{body}}}\n");
        source += &"\n".repeat(file - source.lines().count());
        let mut complaints = Vec::new();
        measure("a.rs", &source, test, &mut complaints);
        complaints.len()
    }

    #[test]
    fn limits_are_inclusive() {
        assert_eq!(complaints("", 400, 60, false), 0);
        assert_eq!(complaints("", 401, 61, false), 2);
        assert_eq!(complaints("", 600, 120, true), 0);
        assert_eq!(complaints("", 601, 121, true), 2);
    }

    #[test]
    fn a_reason_in_the_head_stretches_them() {
        let head = "//! A file.\n//! Long because: it is a table.\n";
        assert_eq!(complaints(head, 450, 80, false), 0);
        assert_eq!(complaints(head, 451, 81, false), 2);
        assert_eq!(complaints("//! Long because: \n", 401, 10, false), 1);
        assert_eq!(complaints("//! A file.\n\n//! Long because: too late.\n", 401, 10, false), 1);
    }

    #[test]
    fn data_and_tests_are_known_by_their_names() {
        assert!(is_data(Path::new("schedule/vectors/rfc8448.rs")));
        assert!(is_data(Path::new("schedule/tests/vectors.rs")));
        assert!(!is_data(Path::new("codec/src/vector.rs")));
        assert!(is_test(Path::new("codec/src/read/tests.rs")));
        assert!(is_test(Path::new("handshake/tests/order.rs")));
        assert!(!is_test(Path::new("xtask/src/test.rs")));
    }
}
