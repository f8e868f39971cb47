//! The fallback compiler for bare-metal targets: Debian's packages, downloaded by apt and
//! unpacked, not installed; no root needed. About 1 GB and a few minutes, once.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::workspace;

/// The compiler, its library sources, and the shared libraries it loads.
const PACKAGES: [&str; 3] = ["rustc-web", "rust-web-src", "libstd-rust-web-dev"];

/// Unpacks the compiler and builds the libraries of the targets unless that is done; its `rustc`.
pub fn prepare(targets: &[&str]) -> Result<PathBuf> {
    let directory = workspace::root().join("target/embedded-toolchain");
    let rustc = directory.join("rustc");
    if !rustc.exists() {
        unpack(&directory)?;
        // Last: if it exists, the rest is complete.
        wrapper(&directory, &rustc)?;
    }
    for target in targets {
        let libraries = directory.join("usr/lib/rustlib").join(target).join("lib");
        if !super::has_core(&libraries) {
            build_core(&rustc, target, &libraries).with_context(|| format!("core for {target}"))?;
        }
    }
    Ok(rustc)
}

/// Downloads the packages and unpacks them.
fn unpack(directory: &Path) -> Result<()> {
    let packages = directory.join("packages");
    fs::create_dir_all(&packages)?;
    // The driver's and LLVM's packages carry a version in their names.
    let driver = dependency(PACKAGES[2], "libstd-rust-web-")?;
    let llvm = dependency(&driver, "libllvm")?;
    let mut download = Command::new("apt-get");
    download.current_dir(&packages).arg("download").args(PACKAGES).args([&driver, &llvm]);
    workspace::output(&mut download).context("apt-get download (is `apt-get update` due?)")?;
    for entry in packages.read_dir()? {
        workspace::output(Command::new("dpkg-deb").arg("-x").arg(entry?.path()).arg(directory))?;
    }
    fs::remove_dir_all(&packages)?;
    Ok(())
}

/// The first dependency of a package whose name has that prefix.
fn dependency(package: &str, prefix: &str) -> Result<String> {
    let text = workspace::output(Command::new("apt-cache").args(["depends", package]))?;
    let names = text.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    let found = names.map(str::trim).find(|name| name.starts_with(prefix));
    Ok(found.with_context(|| format!("{package} depends on no {prefix}*"))?.to_owned())
}

/// Cargo runs one program: a script that sets the path of the unpacked shared libraries.
fn wrapper(directory: &Path, rustc: &Path) -> Result<()> {
    let libraries = directory.join("usr/lib").read_dir()?.flatten().map(|entry| entry.path());
    let multiarch: Vec<String> = libraries
        .filter(|path| path.to_string_lossy().contains("-linux-gnu"))
        .map(|path| path.display().to_string())
        .collect();
    let script = format!(
        "#!/bin/sh\nLD_LIBRARY_PATH='{}' exec '{}' \"$@\"\n",
        multiarch.join(":"),
        directory.join("usr/bin/rustc").display()
    );
    fs::write(rustc, script)?;
    fs::set_permissions(rustc, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// Builds `core` and `alloc` for one target and puts them into the compiler's sysroot.
fn build_core(rustc: &Path, target: &str, libraries: &Path) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let package = scratch.path();
    fs::create_dir(package.join("src"))?;
    fs::write(package.join("src/lib.rs"), "#![no_std]\n")?;
    fs::write(
        package.join("Cargo.toml"),
        "[package]\nname = \"core-for-a-target\"\nedition = \"2021\"\n\
         [workspace]\n[profile.release]\npanic = \"abort\"\n",
    )?;
    let mut build = workspace::cargo();
    build
        .current_dir(package)
        .args(["build", "--release", "-Z", "build-std=core,alloc", "--target", target])
        .env("RUSTC", rustc)
        // Building `core` needs an unstable option.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", package.join("target"))
        .env("RUSTFLAGS", "-Cembed-bitcode=yes -Copt-level=z");
    workspace::output(&mut build)?;
    fs::create_dir_all(libraries)?;
    for entry in package.join("target").join(target).join("release/deps").read_dir()? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let wanted = ["libcore-", "liballoc-", "libcompiler_builtins-"];
        if name.ends_with(".rlib") && wanted.iter().any(|prefix| name.starts_with(prefix)) {
            fs::copy(&path, libraries.join(name))?;
        }
    }
    Ok(())
}
