//! Installs the library with what C build systems look for.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::step::Outcome;
use crate::workspace;

/// The version of the crates.
const VERSION: &str = env!("CARGO_PKG_VERSION");
const MAJOR: &str = env!("CARGO_PKG_VERSION_MAJOR");
const MINOR: &str = env!("CARGO_PKG_VERSION_MINOR");

/// Libraries that the static library needs beside the C library.
const PRIVATE: &str = if cfg!(target_os = "macos") {
    "-framework Security -framework CoreFoundation"
} else {
    "-lpthread -ldl -lm"
};

/// Files that are installed: source in `capi`, place below the prefix.
const FILES: &[(&str, &str)] = &[
    ("include/handclasp.h", "include/handclasp.h"),
    ("include/module.modulemap", "include/module.modulemap"),
    ("cmake/handclaspConfig.cmake", "lib/cmake/handclasp/handclaspConfig.cmake"),
    ("cmake/handclaspConfigVersion.cmake.in", "lib/cmake/handclasp/handclaspConfigVersion.cmake"),
    ("cmake/handclasp.pc.in", "lib/pkgconfig/handclasp.pc"),
];

/// Builds the library for this machine and installs it below `prefix`; without `release` quickly and slow.
pub fn run(prefix: &Path, release: bool) -> Result<Outcome> {
    let mut cargo = workspace::cargo();
    cargo.args(["build", "--quiet", "--package", "handclasp-capi", "--lib"]);
    if release {
        cargo.arg("--release");
    }
    workspace::output(&mut cargo)?;
    let profile = if release { "release" } else { "debug" };
    let library = target().join(profile).join("libhandclasp.a");
    let installed = prefix.join("lib/libhandclasp.a");
    put(&installed, &fs::read(&library).with_context(|| library.display().to_string())?)?;
    for (from, to) in FILES {
        let text = workspace::read(Path::new("capi").join(from))?;
        let text = [("@VERSION@", VERSION), ("@MAJOR@", MAJOR), ("@MINOR@", MINOR), ("@PRIVATE@", PRIVATE)]
            .iter()
            .fold(text, |text, (mark, value)| text.replace(mark, value));
        put(&prefix.join(to), text.as_bytes())?;
    }
    Ok(Outcome::passed(prefix.display().to_string()))
}

/// The build directory.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace::root().join("target"), PathBuf::from)
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::write(path, bytes).with_context(|| path.display().to_string())
}
