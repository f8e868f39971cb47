//! The library for a device: small, and without the functions that the C library has.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use ar_archive_writer::{ArchiveKind, DEFAULT_OBJECT_READER, NewArchiveMember, write_archive_to_stream};
use object::read::archive::ArchiveFile;
use object::{Object as _, ObjectSymbol as _};

use super::install;
use crate::embedded::Toolchain;
use crate::workspace;

/// The small back ends of RustCrypto, as in `firmware/.cargo/config.toml`.
const RUSTFLAGS: &str = "--cfg sha2_backend=\"soft\" --cfg sha2_backend_soft=\"compact\" \
                         --cfg aes_backend=\"soft\" --cfg aes_backend_soft=\"compact\"";

/// The settings of a small library.
const PROFILE: [(&str, &str); 4] =
    [("OPT_LEVEL", "z"), ("LTO", "fat"), ("CODEGEN_UNITS", "1"), ("PANIC", "abort")];

/// Functions of every C library. compiler_builtins has them too, larger, and a linker takes the first that
/// it finds.
const OF_THE_C_LIBRARY: [&str; 6] = ["memcpy", "memmove", "memset", "memcmp", "bcmp", "strlen"];

/// Beginnings of names that exist for these alone: the same functions of the ARM ABI, and the bodies of all.
const THEIR_HELPERS: [&str; 2] = ["__aeabi_mem", "17compiler_builtins3mem"];

/// Builds the library for `target` with these features of the crate, and writes it.
pub fn build(toolchain: &Toolchain, target: &str, features: &str, output: &Path) -> Result<()> {
    let mut cargo = toolchain.cargo("rustc", &[target])?;
    cargo.args(["--quiet", "--release", "--package", "handclasp-capi", "--lib", "--crate-type", "staticlib"]);
    cargo.args(["--no-default-features", "--features", &format!("rustcrypto,{features}")]);
    for (name, value) in PROFILE {
        cargo.env(format!("CARGO_PROFILE_RELEASE_{name}"), value);
    }
    let variable = target.to_uppercase().replace('-', "_");
    cargo.env(format!("CARGO_TARGET_{variable}_RUSTFLAGS"), RUSTFLAGS);
    workspace::output(&mut cargo)?;
    let built = install::target().join(target).join("release/libhandclasp.a");
    let archive = fs::read(&built).with_context(|| built.display().to_string())?;
    if let Some(folder) = output.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(output, without_the_c_library(&archive)?).with_context(|| output.display().to_string())
}

/// The archive without the members that define functions of the C library.
fn without_the_c_library(archive: &[u8]) -> Result<Vec<u8>> {
    let read = ArchiveFile::parse(archive)?;
    let mut kept = Vec::new();
    let mut dropped = 0_usize;
    for member in read.members() {
        let member = member?;
        let bytes = member.data(archive)?;
        if defines(bytes) {
            dropped += 1;
            continue;
        }
        let name = String::from_utf8_lossy(member.name()).into_owned();
        kept.push(NewArchiveMember::new(bytes, &DEFAULT_OBJECT_READER, name));
    }
    ensure!(dropped >= OF_THE_C_LIBRARY.len(), "compiler_builtins changed: only {dropped} members dropped");
    let mut written = Cursor::new(Vec::new());
    write_archive_to_stream(&mut written, &kept, ArchiveKind::Gnu, false, None)?;
    Ok(written.into_inner())
}

/// Whether a member defines one of these functions, and so nothing else.
fn defines(member: &[u8]) -> bool {
    let Ok(file) = object::File::parse(member) else { return false };
    file.symbols().filter(|symbol| symbol.is_global() && symbol.is_definition()).any(|symbol| {
        let name = symbol.name().unwrap_or_default();
        OF_THE_C_LIBRARY.contains(&name) || THEIR_HELPERS.iter().any(|part| name.contains(part))
    })
}
