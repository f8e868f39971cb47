//! The programs, each built with the features of a profile, for both targets.

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

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

    /// Whether it is for runs on Cortex-M4 alone.
    fn is_faulty(&self) -> bool {
        FAULTY.iter().any(|profile| profile.name == self.name)
    }
}

/// The programs as built.
pub struct Programs {
    directory: PathBuf,
    only: String,
    count: usize,
}

impl Programs {
    /// Builds them into `firmware/target/programs`, or only those whose name contains `only`. One call of cargo
    /// builds all programs with the same features for both targets: linking is a single thread, with link-time
    /// optimization.
    pub fn build(toolchain: &Toolchain, only: Option<&str>) -> Result<Self> {
        let directory = workspace::root().join("firmware/target/programs");
        fs::create_dir_all(&directory)?;
        let mut this = Self { directory, only: only.unwrap_or_default().to_owned(), count: 0 };
        for profiles in this.calls() {
            let cores = if profiles.iter().all(|profile| profile.is_faulty()) { &CORES[1..] } else { &CORES };
            let built = build(toolchain, cores, &profiles)?;
            for (core, profile) in cores.iter().flat_map(|core| profiles.iter().map(move |one| (core, one))) {
                let program = format!("{}/release/{}", core.target, profile.program);
                let path = built.iter().find(|path| path.ends_with(&program));
                let path = path.with_context(|| format!("{}: cargo built no {program}", profile.name))?;
                fs::copy(path, this.path(*core, profile))?;
                this.count += 1;
            }
        }
        Ok(this)
    }

    /// The profiles to build, together those that have their features in common.
    fn calls(&self) -> Vec<Vec<&'static Profile>> {
        let mut calls: Vec<Vec<&Profile>> = Vec::new();
        let all = PROFILES.iter().chain(FAULTY);
        for profile in all.filter(|profile| profile.is_plain() || self.has(profile.name)) {
            match calls.iter_mut().find(|call| call.iter().all(|other| other.features == profile.features)) {
                Some(call) => call.push(profile),
                None => calls.push(vec![profile]),
            }
        }
        calls
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

/// Builds programs that have their features in common; the files of all.
fn build(toolchain: &Toolchain, cores: &[Core], profiles: &[&Profile]) -> Result<Vec<PathBuf>> {
    let targets: Vec<&str> = cores.iter().map(|core| core.target).collect();
    let mut cargo = toolchain.cargo("build", &targets)?;
    cargo.current_dir(workspace::root().join("firmware"));
    cargo.args(["--release", "--message-format=json-render-diagnostics"]);
    for profile in profiles {
        cargo.args(["--bin", profile.program]);
    }
    cargo.args(profiles.first().map(|profile| ["--features", profile.features]).iter().flatten());
    let text = workspace::output(&mut cargo)?;
    let mut programs = Vec::new();
    for message in Message::parse_stream(Cursor::new(text)) {
        if let Message::CompilerArtifact(artifact) = message? {
            programs.extend(artifact.executable.map(PathBuf::from));
        }
    }
    Ok(programs)
}
