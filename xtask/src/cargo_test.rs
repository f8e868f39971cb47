//! The steps that run `cargo test`, and what its output says.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, Result, bail};
use interop::fixtures::PROGRAM;
use interop::score::CAPTURES;

use crate::step::Outcome;
use crate::{test_programs, workspace};

/// A test program of the crate `interop`, and what it runs.
#[derive(Default)]
pub struct Suite<'a> {
    /// The name of the test program.
    pub name: &'a str,
    /// Only tests whose name contains this.
    pub only: Option<&'a str>,
    /// The program under test; the release build if `None`.
    pub program: Option<PathBuf>,
    /// For `score`: a folder of captures; those of the repository if `None`.
    pub captures: Option<&'a Path>,
}

/// All tests of the workspace, except the test programs of `interop`, which are steps of their own.
pub fn unit() -> Result<Outcome> {
    let mut whole = Outcome { passed: 0, failed: 0, note: String::new(), details: String::new() };
    let mut add = |outcome: Outcome| {
        whole.passed += outcome.passed;
        whole.failed += outcome.failed;
        whole.details += &outcome.details;
    };
    for ran in test_programs::run(&["--workspace", "--exclude", "interop"])? {
        let mut outcome = outcome(&ran.output);
        if outcome.failed > 0 {
            outcome.details.insert_str(0, &format!("{}:\n", ran.name));
        }
        add(outcome);
    }
    // The other provider as the default: without aws-lc, so in a build of its own. With `explain` beside it, most
    // of RustCrypto has the features of the first build.
    let rustcrypto = [
        "--package",
        "handclasp",
        "--package",
        "handclasp-explain",
        "--no-default-features",
        "--features",
        "handclasp/rustcrypto,handclasp/std",
        "--test",
        "provider",
    ];
    for selection in [&["--package", "interop", "--lib"][..], &rustcrypto] {
        add(outcome(&workspace::cargo().args(["test", "--no-fail-fast"]).args(selection).output()?));
    }
    whole.note = format!("{} tests", whole.passed);
    Ok(whole)
}

/// Capabilities that programs are built with: those of the programs of `firmware/`, each alone, and all but
/// some. Without a profile of its own a feature that another one hides behind would be missed.
const PROFILES: &[&str] = &[
    "",
    "psk",
    "psk,ecdhe",
    "psk,ecdhe,tickets,retry",
    "certificates",
    "certificates,client-auth,tickets,retry",
    "certificates,retry,host-extensions,exporter,key-log,cbc",
];

/// The tests of the state machines in programs that leave capabilities out, and the compiler's warnings; and of the
/// connection what the machines only prepare. Clippy checks what is left without any capability: the rest is the same
/// source in each.
pub fn profiles() -> Result<Outcome> {
    const MACHINES: &str = "handclasp-handshake";
    let mut whole = Outcome { passed: 0, failed: 0, note: String::new(), details: String::new() };
    let mut run = |package: &str, features: &str, command: &[&str], behind: &[&str]| -> Result<()> {
        let mut cargo = workspace::cargo();
        cargo.args(command).args(["--package", package, "--no-default-features", "--features", features]);
        let output = cargo.args(behind).output()?;
        let mut outcome = outcome(&output);
        let err = String::from_utf8_lossy(&output.stderr);
        if output.status.success() && has_warnings(&err) {
            outcome = Outcome { passed: 0, failed: 1, note: String::new(), details: err.into_owned() };
        }
        whole.passed += outcome.passed;
        whole.failed += outcome.failed;
        if outcome.failed > 0 {
            whole.details += &format!("features `{features}`:\n{}", outcome.details);
        }
        Ok(())
    };
    for features in PROFILES {
        run(MACHINES, features, &["test", "--no-fail-fast"], &["--lib", "--tests"])?;
    }
    run(MACHINES, "", &["clippy", "--all-targets", "--quiet"], &["--", "--deny", "warnings"])?;
    run("handclasp-connection", "psk", &["test"], &["--test", "without"])?;
    whole.note = format!("{} tests in {} profiles", whole.passed, PROFILES.len());
    Ok(whole)
}

/// Whether cargo printed a warning, of this build or again of an earlier one.
fn has_warnings(err: &str) -> bool {
    err.lines().any(|line| line.starts_with("warning:"))
}

/// The named tests of a suite.
pub fn interop(suite: &Suite<'_>) -> Result<Outcome> {
    let mut cargo = command(suite)?;
    let output = cargo.output()?;
    let mut outcome = outcome(&output);
    let run = outcome.passed + outcome.failed;
    if run == 0 {
        bail!("no test of `{}` has `{}` in its name", suite.name, suite.only.unwrap_or_default());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let (figures, details) = figures(&text);
    outcome.note = format!("{run} cells, {} failed", outcome.failed);
    if !figures.is_empty() {
        outcome.note = figures;
        if outcome.failed == 0 {
            outcome.details = details;
        }
    }
    Ok(outcome)
}

fn command(suite: &Suite<'_>) -> Result<Command> {
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--package", "interop", "--test", suite.name, "--"]).args(suite.only);
    if let Some(program) = &suite.program {
        cargo.env(PROGRAM, program.canonicalize()?);
    }
    if let Some(captures) = suite.captures {
        cargo.env(CAPTURES, captures.canonicalize().with_context(|| captures.display().to_string())?);
    }
    Ok(cargo)
}

/// The sums of a run of `cargo test`, and its output about failures.
fn outcome(output: &Output) -> Outcome {
    let text = String::from_utf8_lossy(&output.stdout);
    let (passed, failed) = count(&text);
    if output.status.success() {
        return Outcome { passed, failed, note: String::new(), details: String::new() };
    }
    let mut details: Vec<&str> = text.lines().filter(|line| is_about_failure(line)).collect();
    let err = String::from_utf8_lossy(&output.stderr);
    details.extend(err.lines());
    // A test program that does not build or that aborts counts nothing.
    Outcome { passed, failed: failed.max(1), note: String::new(), details: details.join("\n") + "\n" }
}

/// What `score` prints after its tests: the figures of each set for the step's line, and the indented lines
/// below them under the name of the set. Empty for other suites.
fn figures(text: &str) -> (String, String) {
    let after = text.lines().skip_while(|line| !line.starts_with("test result: ")).skip(1);
    let (mut figures, mut details) = (Vec::new(), String::new());
    for line in after.filter(|line| !line.is_empty()) {
        if !line.starts_with(' ') {
            figures.push(line);
        }
        let detail = if line.starts_with(' ') { line } else { line.split(' ').next().unwrap_or(line) };
        details += &format!("{detail}\n");
    }
    (figures.join("  "), details)
}

/// Whether a line of a test program is about a failure.
fn is_about_failure(line: &str) -> bool {
    let fine = line.starts_with("test ") && line.ends_with("... ok")
        || line.starts_with("running ")
        || line.starts_with("test result: ok");
    !fine && !line.is_empty()
}

/// Sums the lines `test result: ok. 12 passed; 0 failed; …`.
fn count(text: &str) -> (usize, usize) {
    let mut sum = (0, 0);
    for line in text.lines().filter(|line| line.starts_with("test result: ")) {
        let words: Vec<&str> = line.split([' ', ';']).collect();
        let number = |what: &str| -> usize {
            let found = words.windows(2).find(|pair| pair[1] == what);
            found.and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
        };
        sum.0 += number("passed");
        sum.1 += number("failed");
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "running 3 tests\ntest a ... ok\ntest b ... FAILED\n  - exit 3\n\
        test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
        test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n";

    #[test]
    fn results_are_summed() {
        assert_eq!(count(TEXT), (15, 2));
    }

    #[test]
    fn figures_follow_the_result() {
        let text = format!("{TEXT}\nown: first 1/2\n  miss: a\nfresh: first 2/2\n");
        let (figures, details) = figures(text.split_once("test result: ok").unwrap().1);
        assert_eq!(figures, "own: first 1/2  fresh: first 2/2");
        assert_eq!(details, "own:\n  miss: a\nfresh:\n");
    }

    #[test]
    fn warnings_are_seen() {
        let warning =
            "warning: unused variable: `a`\nwarning: `handclasp-handshake` (lib) generated 1 warning";
        assert!(has_warnings(warning) && has_warnings(&format!("   Compiling a v0.1.0\n{warning}")));
        assert!(!has_warnings("   Compiling a v0.1.0\n    Finished `test` profile\n     Running a"));
    }

    #[test]
    fn only_failures_are_quoted() {
        let quoted: Vec<&str> = TEXT.lines().filter(|line| is_about_failure(line)).collect();
        assert_eq!(quoted[..2], ["test b ... FAILED", "  - exit 3"]);
        assert_eq!(quoted.len(), 3);
    }
}
