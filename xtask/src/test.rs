//! `cargo xtask test`: everything that can fail, the fast checks first.

use anyhow::Result;

use crate::step::{Outcome, Steps};
use crate::{cargo_deny, check, matrix, peers, score, size, structure, workspace};

/// Runs all steps; a failed one does not keep the others from running, except that
/// without peers there is nothing to run against.
pub fn run(steps: &mut Steps, install_peers: bool) {
    if !steps.run("peers", || peers::check(install_peers)) {
        return;
    }
    steps.run("cargo-deny", || cargo_deny::prepare(install_peers));
    structure::run(steps, false);
    steps.run("unit tests", unit_tests);
    steps.run("matrix", || matrix::run(None, None));
    steps.run("check and listen", || check::run(None, None));
    steps.run("handshakes explained", || score::run(None, None, None));
    steps.run("size", || size::run(None));
}

/// `cargo test --workspace`, counted.
fn unit_tests() -> Result<Outcome> {
    let output = workspace::cargo().args(["test", "--workspace", "--no-fail-fast"]).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (passed, failed) = count(&text);
    let (failed, details) = if output.status.success() {
        (failed, String::new())
    } else {
        // A test program that does not build, or dies, counts nothing of its own.
        let told: Vec<&str> = text.lines().filter(|line| tells(line)).collect();
        (failed.max(1), format!("{}\n{}", told.join("\n"), String::from_utf8_lossy(&output.stderr)))
    };
    Ok(Outcome { passed, failed, note: format!("{passed} tests"), details })
}

/// Whether a line of libtest is about a failure.
fn tells(line: &str) -> bool {
    let fine =
        line.ends_with("... ok") || line.starts_with("running ") || line.starts_with("test result: ok");
    !fine && !line.is_empty()
}

/// Sums the lines `test result: ok. 12 passed; 0 failed; …` of libtest.
fn count(text: &str) -> (usize, usize) {
    let mut sum = (0, 0);
    for line in text.lines().filter(|line| line.starts_with("test result: ")) {
        let number = |what: &str| -> usize {
            let words: Vec<&str> = line.split([' ', ';']).collect();
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
    #[test]
    fn results_of_libtest_are_summed() {
        let text = "running 3 tests\n\
            test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
            test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(super::count(text), (15, 2));
    }
}
