//! BoGo: our shim (`conformance/bogo`) under BoringSSL's protocol test runner, compared with the
//! results that are checked in. The runner is a copy beside the project: `DIR` holds
//! `runner.test`, the compiled tests of BoringSSL's `ssl/test/runner`, and a file `COMMIT` with
//! the commit that it was made from.
//!
//! Called by: `main`.

mod results;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::step::Outcome;
use crate::workspace;
use results::{Results, Verdict};

/// Where the shim, its configuration and the results stand.
const FOLDER: &str = "conformance/bogo";

/// What is asked for.
pub struct Asked<'a> {
    /// Where the runner is.
    pub runner: &'a Path,
    /// Only tests that fit one of these patterns, parted by semicolons.
    pub only: Option<&'a str>,
    /// Check the new results in.
    pub accept: bool,
}

/// Runs all tests of the selection and compares.
pub fn run(asked: &Asked<'_>) -> Result<Outcome> {
    if asked.accept && asked.only.is_some() {
        bail!("only the results of all tests can be checked in");
    }
    let folder = workspace::root().join(FOLDER);
    let file = folder.join("results.json");
    let commit = commit(asked.runner)?;
    let shim = build(&folder)?;
    let played = play(asked, &folder, &shim)?;
    let mut now = Results::read_runner(&commit, &played.json)?;

    if asked.accept {
        now.exclude(&names(asked, &folder, &shim)?);
        now.write(&file)?;
        return Ok(Outcome::passed(now.summary()));
    }
    let before = Results::read(&file)?;
    if before.runner != commit {
        bail!("the results are those of the runner of {}, this one is of {commit}", before.runner);
    }
    let changes = before.compare(&now, asked.only.is_none());
    let mut complaints = Vec::new();
    for name in &changes.worse {
        complaints.push(format!("{name}: {} -> {}", before.of(name), now.of(name)));
        complaints.extend(story(&played.told, name).map(str::to_owned));
    }
    let better = match changes.better.len() {
        0 => String::new(),
        count => format!("; {count} better than checked in: --accept keeps them"),
    };
    Ok(Outcome {
        passed: now.count(Verdict::Passed),
        failed: changes.worse.len(),
        note: format!("{}{better}", now.summary()),
        details: complaints.join("\n"),
    })
}

/// The commit that the runner was made from.
fn commit(runner: &Path) -> Result<String> {
    let file = runner.join("COMMIT");
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    Ok(text.trim().to_owned())
}

/// Builds the shim, in a workspace of its own.
fn build(folder: &Path) -> Result<PathBuf> {
    let mut cargo = workspace::cargo();
    cargo.current_dir(folder);
    cargo.args(["build", "--release", "--quiet", "--locked", "--message-format=json-render-diagnostics"]);
    let text = workspace::output(&mut cargo)?;
    let mut program = None;
    for message in cargo_metadata::Message::parse_stream(std::io::Cursor::new(text)) {
        if let cargo_metadata::Message::CompilerArtifact(artifact) = message? {
            program = artifact.executable.map(PathBuf::from).or(program);
        }
    }
    program.context("no shim was built")
}

/// What the runner left behind.
struct Played {
    /// Its verdicts.
    json: String,
    /// What it had to say about each test.
    told: String,
}

fn play(asked: &Asked<'_>, folder: &Path, shim: &Path) -> Result<Played> {
    let mut arguments = vec!["-shim-config".to_owned(), folder.join("config.json").display().to_string()];
    arguments.extend(asked.only.map(|only| format!("-test={only}")));
    start(asked.runner, shim, &arguments)
}

/// All tests there are: every one is asked for, and the shim says to each that it is not
/// implemented, since it is given a flag that nobody knows.
fn names(asked: &Asked<'_>, folder: &Path, shim: &Path) -> Result<Vec<String>> {
    let config = folder.join("config.json").display().to_string();
    let arguments = ["-shim-config", &config, "-include-disabled", "-shim-extra-flags=-name-only"];
    let played = start(asked.runner, shim, &arguments.map(str::to_owned))?;
    Ok(Results::read_runner("", &played.json)?.names())
}

fn start(runner: &Path, shim: &Path, arguments: &[String]) -> Result<Played> {
    let runner = runner.canonicalize().with_context(|| runner.display().to_string())?;
    let folder = tempfile::tempdir()?;
    let verdicts = folder.path().join("verdicts.json");
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut command = Command::new(runner.join("runner.test"));
    command.current_dir(folder.path());
    command.args(["-test.timeout=60m", "-allow-unimplemented", "-pipe"]);
    command.arg(format!("-num-workers={workers}"));
    command.arg(format!("-json-output={}", verdicts.display()));
    command.arg("-shim-path").arg(shim).args(arguments);
    let output = command.output().context("the runner did not start")?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let err = String::from_utf8_lossy(&output.stderr);
    // Its exit tells whether all tests passed, which is for us to judge.
    let json = std::fs::read_to_string(&verdicts).with_context(|| format!("no verdicts\n{told}{err}"))?;
    Ok(Played { json, told })
}

/// What the runner said about one failed test.
fn story<'t>(told: &'t str, name: &str) -> Option<&'t str> {
    let start = told.find(&format!("FAILED ({name})\n"))?;
    let rest = told.get(start..)?;
    let end = ["\nFAILED (", "\nUNIMPLEMENTED ("].iter().filter_map(|next| rest.find(next)).min();
    rest.get(..end.unwrap_or(rest.len())).map(str::trim_end)
}

#[cfg(test)]
mod tests {
    #[test]
    fn stories_end_where_the_next_begins() {
        let told = "FAILED (A)\nwhy\n\nUNIMPLEMENTED (B)\nFAILED (AB)\nbecause\n";
        assert_eq!(super::story(told, "A"), Some("FAILED (A)\nwhy"));
        assert_eq!(super::story(told, "AB"), Some("FAILED (AB)\nbecause"));
        assert_eq!(super::story(told, "B"), None);
    }
}
