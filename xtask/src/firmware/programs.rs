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
    Profile { name: "plain server", program: "plain-server", features: "", plain: BARE },
    Profile { name: "plain MQTT", program: "plain-mqtt", features: "", plain: BARE },
    Profile { name: "1.2 PSK client", program: "psk-client", features: "tls12,psk", plain: "plain client" },
    Profile {
        name: "1.2 PSK client, CCM_8",
        program: "psk-client",
        features: "tls12-ccm-8,psk",
        plain: "plain client",
    },
    Profile { name: "1.3 PSK client", program: "psk-client", features: "tls13,psk", plain: "plain client" },
    Profile { name: "1.2 PSK server", program: "server", features: "tls12,psk", plain: "plain server" },
    Profile {
        name: "1.2 server, P-256",
        program: "server",
        features: "tls12,certificates",
        plain: "plain server",
    },
    Profile {
        name: "1.3 server, P-256",
        program: "server",
        features: "tls13,certificates,retry",
        plain: "plain server",
    },
    Profile {
        name: "server",
        program: "server",
        features: "tls12,tls13,certificates,retry,psk",
        plain: "plain server",
    },
    Profile {
        name: "MQTT client",
        program: "client",
        features: "tls12,tls13,certificates,client-auth,tickets",
        plain: "plain MQTT",
    },
];

/// Programs whose network and power fail as the settings say. For Cortex-M4 only.
pub const FAULTY: &[Profile] = &[
    Profile {
        name: "1.2 PSK client with faults",
        program: "psk-client",
        features: "tls12,psk,fault-injection",
        plain: "plain server",
    },
    Profile {
        name: "1.3 PSK client with faults",
        program: "psk-client",
        features: "tls13,psk,fault-injection",
        plain: "plain server",
    },
    Profile {
        name: "server with faults",
        program: "server",
        features: "tls12,tls13,certificates,retry,psk,fault-injection",
        plain: "plain server",
    },
];

impl Profile {
    /// Whether it is there only to be taken off the figures of others.
    pub fn is_plain(&self) -> bool {
        self.plain == BARE
    }
}

/// The programs as built.
pub struct Programs {
    directory: PathBuf,
    only: String,
    count: usize,
}

impl Programs {
    /// Builds them into `firmware/target/programs`, or only those whose name contains `only`.
    pub fn build(toolchain: &Toolchain, only: Option<&str>) -> Result<Self> {
        let directory = workspace::root().join("firmware/target/programs");
        fs::create_dir_all(&directory)?;
        let mut count = 0;
        let mut this = Self { directory, only: only.unwrap_or_default().to_owned(), count: 0 };
        for core in CORES {
            let faulty = if core.name == "M4" { FAULTY } else { &[] };
            let all = PROFILES.iter().chain(faulty);
            for profile in all.filter(|profile| profile.is_plain() || profile.name.contains(&this.only)) {
                let built = build(toolchain, core, profile)
                    .with_context(|| format!("{} for {}", profile.name, core.target))?;
                fs::copy(built, this.directory.join(file_name(core, profile)))?;
                count += 1;
            }
        }
        this.count = count;
        Ok(this)
    }

    /// Whether the profile of this name is one of those that were asked for.
    pub fn has(&self, name: &str) -> bool {
        name.contains(&self.only)
    }

    /// The file of a program.
    pub fn path(&self, core: Core, profile: &Profile) -> PathBuf {
        self.directory.join(file_name(core, profile))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }
}

/// The profile with this name.
pub fn profile(name: &str) -> Result<&'static Profile> {
    PROFILES
        .iter()
        .chain(FAULTY)
        .find(|profile| profile.name == name)
        .with_context(|| format!("no profile {name}"))
}

/// The name of the file of a program.
fn file_name(core: Core, profile: &Profile) -> String {
    format!("{}-{}", profile.name.replace([' ', ','], "-"), core.name)
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
