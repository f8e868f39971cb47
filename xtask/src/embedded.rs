//! The bare-metal targets: `rustup target add`, or, where rustup cannot download or does not
//! exist, Debian's browser toolchain (`rustc-web`, `rust-web-src`) unpacked below `target/`
//! with `core` and `alloc` built for the targets into its sysroot. Nothing is installed.

mod debian;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::step::Outcome;
use crate::workspace;

/// Cortex-M0 and up; Cortex-M4 and M7 with a float unit.
pub const TARGETS: [&str; 2] = ["thumbv6m-none-eabi", "thumbv7em-none-eabihf"];

/// A compiler for the targets.
pub struct Toolchain {
    /// The fallback's `rustc`; `None` if the default compiler has the targets.
    rustc: Option<PathBuf>,
}

/// Makes the targets available; the outcome names the compiler.
pub fn prepare(without_rustup: bool) -> Result<Outcome> {
    let toolchain = if without_rustup { Toolchain::debian()? } else { Toolchain::find()? };
    Ok(Outcome::passed(toolchain.version()?))
}

impl Toolchain {
    /// The default compiler if it has the targets or rustup can install them, else the fallback.
    pub fn find() -> Result<Self> {
        let default = Self { rustc: None };
        if default.has_targets() {
            return Ok(default);
        }
        let mut rustup = Command::new("rustup");
        rustup.current_dir(workspace::root()).args(["target", "add"]).args(TARGETS);
        match workspace::output(&mut rustup) {
            Ok(_) if default.has_targets() => Ok(default),
            Ok(_) => Self::debian().context("rustup added the targets, but the compiler in use lacks them"),
            Err(error) => Self::debian().with_context(|| format!("rustup could not: {error:#}")),
        }
    }

    /// The fallback.
    fn debian() -> Result<Self> {
        Ok(Self { rustc: Some(debian::prepare(&TARGETS)?) })
    }

    /// `cargo SUBCOMMAND --target TARGET …`, at the root, with the right compiler and linker.
    pub fn cargo(&self, subcommand: &str, targets: &[&str]) -> Result<Command> {
        let mut command = workspace::cargo();
        command.arg(subcommand);
        for target in targets {
            command.args(["--target", target]);
        }
        if let Some(rustc) = &self.rustc {
            // Debian's compiler has no rust-lld; the default one has.
            let host = print(&mut Self { rustc: None }.rustc(), &["--print", "host-tuple"])?;
            let sysroot = print(&mut Self { rustc: None }.rustc(), &["--print", "sysroot"])?;
            let linker = Path::new(&sysroot).join("lib/rustlib").join(host).join("bin/rust-lld");
            command.env("RUSTC", rustc);
            for target in targets {
                let variable = format!("CARGO_TARGET_{}_LINKER", target.to_uppercase().replace('-', "_"));
                command.env(variable, &linker);
            }
        }
        Ok(command)
    }

    /// The compiler's version, which the tables of sizes name.
    pub fn version(&self) -> Result<String> {
        print(&mut self.rustc(), &["--version"])
    }

    fn rustc(&self) -> Command {
        let mut command = Command::new(self.rustc.as_deref().unwrap_or(Path::new("rustc")));
        command.current_dir(workspace::root());
        command
    }

    fn has_targets(&self) -> bool {
        TARGETS.iter().all(|target| {
            let libraries = print(&mut self.rustc(), &["--print", "target-libdir", "--target", target]);
            libraries.is_ok_and(|directory| has_core(Path::new(&directory)))
        })
    }
}

/// Whether a target's library directory holds a `core`.
fn has_core(directory: &Path) -> bool {
    let entries = directory.read_dir().into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
}

/// One line that a program prints.
fn print(command: &mut Command, arguments: &[&str]) -> Result<String> {
    Ok(workspace::output(command.args(arguments))?.trim().to_owned())
}
