//! The unit files, by systemd's own checks.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result};

use crate::{step::Outcome, workspace};

/// The most that the unit may be exposed, by `systemd-analyze security`: 10 is a service without any restriction, 2.0
/// and less is called "OK" by systemd 252.
const EXPOSURE_MAX: f64 = 2.0;

const UNIT: &str = "packaging/systemd/handclasp.service";

/// Verifies each unit, and the exposure of the service.
pub fn check() -> Result<Outcome> {
    let folder = tempfile_in_target()?;
    let unit = workspace::root().join(UNIT);
    // The program of the unit is not installed here: any other stands for it.
    let text = fs::read_to_string(&unit)?.replace("/usr/bin/handclasp", "/bin/true");
    let service = folder.join("handclasp.service");
    fs::write(&service, text)?;
    let socket = folder.join("handclasp.socket");
    fs::copy(workspace::root().join("packaging/examples/handclasp.socket"), &socket)?;
    let mut complaints = Vec::new();
    for unit in [&service, &socket] {
        complaints.extend(verified(unit)?);
    }
    let exposure = exposure(&service)?;
    if exposure > EXPOSURE_MAX {
        complaints.push(format!("{UNIT}: exposure {exposure}, expected {EXPOSURE_MAX} or less"));
    }
    Ok(Outcome::from_complaints(format!("exposure {exposure} of 10"), &complaints))
}

fn tempfile_in_target() -> Result<std::path::PathBuf> {
    let folder = workspace::root().join("target/package-units");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// What `systemd-analyze verify` says of a unit; manual pages are looked for where the package is installed.
fn verified(unit: &Path) -> Result<Vec<String>> {
    let output = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(unit).output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let of_unit = said.lines().filter(|line| line.contains("handclasp")).map(str::to_owned);
    let mut complaints: Vec<String> = of_unit.collect();
    if complaints.is_empty() && !output.status.success() {
        complaints.push(format!("{}: {said}", unit.display()));
    }
    Ok(complaints)
}

fn exposure(unit: &Path) -> Result<f64> {
    let mut analyze = Command::new("systemd-analyze");
    let said = workspace::output(analyze.args(["security", "--offline=yes", "--no-pager"]).arg(unit))?;
    let line =
        said.lines().find(|line| line.contains("Overall exposure level")).context("no exposure level")?;
    let figure = line.rsplit(": ").next().and_then(|rest| rest.split_whitespace().next());
    figure.context("no figure")?.parse().with_context(|| line.to_owned())
}
