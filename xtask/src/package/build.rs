//! The files of the package, and the package.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use super::{cargo_deb, target, text};
use crate::{step::Outcome, workspace};

/// Findings of lintian that stay, each with its reason.
const TOLERATED: &[(&str, &str)] = &[
    // Of a package that Debian itself would publish.
    ("initial-upload-closes-no-bugs", "the package is not uploaded to Debian"),
    // The cryptography of aws-lc is linked statically and has read-only data of its own.
    ("hardening-no-fortify-functions", "no C function that could be fortified is called"),
];

/// Builds the program, or puts the given one where cargo-deb looks for it.
pub fn program(given: Option<&Path>) -> Result<Outcome> {
    let place = workspace::root().join("target/release/handclasp");
    match given {
        Some(given) => {
            fs::create_dir_all(place.parent().context("a folder")?)?;
            anyhow::ensure!(absolute(given)? != place, "{}: leave --program out", text(given));
            fs::copy(given, &place).with_context(|| text(given))?;
            Ok(Outcome::passed(text(given)))
        }
        None => {
            workspace::output(workspace::cargo().args([
                "build",
                "--quiet",
                "--release",
                "-p",
                "handclasp-cli",
            ]))?;
            Ok(Outcome::passed(""))
        }
    }
}

/// Manual pages and completions, which a test of the program writes.
pub fn files(folder: &Path) -> Result<Outcome> {
    let _ = fs::remove_dir_all(folder.join("man"));
    let _ = fs::remove_dir_all(folder.join("completions"));
    let mut test = workspace::cargo();
    test.args(["test", "--quiet", "-p", "handclasp-cli", "--bin", "handclasp", "--", "--ignored", "--exact"]);
    test.arg("package_files::write_files").env("HANDCLASP_PACKAGE_FILES", absolute(folder)?);
    workspace::output(&mut test)?;
    let pages = fs::read_dir(folder.join("man")).with_context(|| text(folder))?.count();
    Ok(Outcome::passed(format!("{pages} pages")))
}

fn absolute(folder: &Path) -> Result<PathBuf> {
    std::path::absolute(folder).with_context(|| text(folder))
}

/// Builds the package from what is there.
pub fn package(package: &Path) -> Result<Outcome> {
    let _ = fs::remove_file(package);
    fs::create_dir_all(target())?;
    let mut build = Command::new(cargo_deb::program()?);
    build.current_dir(workspace::root()).args([
        "--package",
        "handclasp-cli",
        "--no-build",
        "--quiet",
        "--output",
    ]);
    workspace::output(build.arg(package))?;
    let listed = workspace::output(Command::new("dpkg-deb").arg("--contents").arg(package))?;
    let complaints: Vec<String> = [
        "./usr/bin/handclasp",
        "./usr/lib/systemd/system/handclasp.service",
        "./usr/share/man/man1/handclasp.1.gz",
        "./usr/share/man/man1/handclasp-connect.1.gz",
        "./usr/share/bash-completion/completions/handclasp",
        "./usr/share/zsh/vendor-completions/_handclasp",
        "./usr/share/fish/vendor_completions.d/handclasp.fish",
        "./usr/share/doc/handclasp/copyright",
        "./usr/share/doc/handclasp/changelog.Debian.gz",
        "./usr/share/doc/handclasp/examples/handclasp.toml",
    ]
    .iter()
    .filter(|file| !listed.lines().any(|line| line.ends_with(*file)))
    .map(|file| format!("the package lacks {file}"))
    .collect();
    let bytes = fs::metadata(package)?.len();
    Ok(Outcome::from_complaints(
        format!("{} files, {:.1} MB", listed.lines().count(), bytes as f64 / 1e6),
        &complaints,
    ))
}

/// What lintian finds, without [`TOLERATED`].
pub fn lint(package: &Path) -> Result<Outcome> {
    let output = Command::new("lintian")
        .args(["--allow-root", "--no-cfg", "--profile", "debian"])
        .arg(package)
        .output()?;
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let tolerated = |line: &str| TOLERATED.iter().any(|(tag, _)| line.contains(tag));
    let complaints: Vec<String> = said
        .lines()
        .filter(|line| line.starts_with(['E', 'W']) && !tolerated(line))
        .map(str::to_owned)
        .collect();
    Ok(Outcome::from_complaints("neither errors nor warnings", &complaints))
}
