//! The programs, each built with the features of a profile, for both targets.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use cargo_metadata::Message;

use crate::embedded::{TARGETS, Toolchain};
use crate::workspace;

/// The two processors: QEMU's names and our short ones, in the order of [`TARGETS`].
pub const CORES: [Core; 2] = [
    Core { target: TARGETS[0], qemu: "cortex-m0", name: "M0" },
    Core { target: TARGETS[1], qemu: "cortex-m4", name: "M4" },
];

/// A processor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Core {
    /// The compiler's target.
    pub target: &'static str,
    /// QEMU's name.
    pub qemu: &'static str,
    /// As in tables.
    pub name: &'static str,
}

/// A program with the features that it is built with.
pub struct Profile {
    /// As in tables.
    pub name: &'static str,
    /// The name of the program in `firmware/`.
    pub program: &'static str,
    /// Features of `firmware/`, separated by commas.
    pub features: &'static str,
    /// The profile that does the same without TLS, and so shows what board and network take.
    pub plain: &'static str,
}

/// The board alone.
pub const BARE: &str = "bare";

/// All of them.
pub const PROFILES: &[Profile] = &[
    Profile { name: BARE, program: "bare", features: "", plain: BARE },
    Profile { name: "plain client", program: "plain-client", features: "", plain: BARE },
    Profile { name: "1.2 PSK client", program: "psk-client", features: "tls12", plain: "plain client" },
    Profile {
        name: "1.2 PSK client, CCM_8",
        program: "psk-client",
        features: "tls12,ccm-8",
        plain: "plain client",
    },
    Profile { name: "1.3 PSK client", program: "psk-client", features: "tls13", plain: "plain client" },
];

impl Profile {
    /// Whether it is there only to be taken off the figures of others.
    pub fn is_plain(&self) -> bool {
        self.plain == BARE
    }

    /// A name for files.
    fn file_name(&self) -> String {
        self.name.replace([' ', ','], "-")
    }
}

/// The programs as built.
pub struct Programs {
    directory: PathBuf,
    count: usize,
}

impl Programs {
    /// Builds all of them into `firmware/target/programs`.
    pub fn build(toolchain: &Toolchain) -> Result<Self> {
        let directory = workspace::root().join("firmware/target/programs");
        fs::create_dir_all(&directory)?;
        let mut this = Self { directory, count: 0 };
        for core in CORES {
            for profile in PROFILES {
                let built = build(toolchain, core, profile)
                    .with_context(|| format!("{} for {}", profile.name, core.target))?;
                fs::copy(built, this.path(core, profile))?;
                this.count += 1;
            }
        }
        Ok(this)
    }

    /// The file of a program.
    pub fn path(&self, core: Core, profile: &Profile) -> PathBuf {
        self.directory.join(format!("{}-{}", profile.file_name(), core.name))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }
}

/// The profile with this name.
pub fn profile(name: &str) -> Result<&'static Profile> {
    PROFILES.iter().find(|profile| profile.name == name).with_context(|| format!("no profile {name}"))
}

fn build(toolchain: &Toolchain, core: Core, profile: &Profile) -> Result<PathBuf> {
    let mut cargo = toolchain.cargo("build", core.target)?;
    cargo.current_dir(workspace::root().join("firmware"));
    cargo.args(["--release", "--message-format=json-render-diagnostics"]);
    cargo.args(["--bin", profile.program, "--features", profile.features]);
    let text = workspace::output(&mut cargo)?;
    let mut program = None;
    for message in Message::parse_stream(Cursor::new(text)) {
        if let Message::CompilerArtifact(artifact) = message? {
            program = artifact.executable.map(PathBuf::from).or(program);
        }
    }
    program.filter(|path| Path::new(path).is_file()).context("cargo built no program")
}
