//! `cargo xtask package`: the Debian package, looked at by lintian, and installed, used and removed in a system that has
//! nothing else.
//!
//! | file | what |
//! |---|---|
//! | `build` | manual pages, completions, the package |
//! | `cargo_deb` | the tool: which one runs, and its installation |
//! | `units` | the unit files, by systemd's own checks |
//! | `chroot` | a Debian system in a folder, in which the package is tried |

mod build;
mod cargo_deb;
mod chroot;
mod units;

use std::path::{Path, PathBuf};

use crate::{step::Steps, workspace};

/// What is packaged.
pub struct Options {
    /// The program; otherwise target/release/handclasp, which is built first.
    pub program: Option<PathBuf>,
    /// Only manual pages and completions, into this folder.
    pub files: Option<PathBuf>,
    /// Do not try the package in a new system.
    pub without_chroot: bool,
}

/// Runs all steps, until one fails.
pub fn run(steps: &mut Steps, options: &Options) {
    if let Some(folder) = &options.files {
        steps.run("manual pages, completions", || build::files(folder));
        return;
    }
    let folder = workspace::root().join("target/package-files");
    let package = target().join("handclasp.deb");
    let _ = steps.run("cargo-deb", cargo_deb::prepare)
        && steps.run("program", || build::program(options.program.as_deref()))
        && steps.run("manual pages, completions", || build::files(&folder))
        && steps.run("unit files", units::check)
        && steps.run("package", || build::package(&package))
        && steps.run("lintian", || build::lint(&package))
        && (options.without_chroot || steps.run("in a new system", || chroot::try_package(&package)));
}

/// Where packages are built.
fn target() -> PathBuf {
    workspace::root().join("target/debian")
}

/// A path as an argument.
fn text(path: &Path) -> String {
    path.display().to_string()
}
