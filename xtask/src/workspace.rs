//! Where the workspace is, its files, and commands run in it.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

pub use interop::workspace::{cargo, output, read, root, shown};

/// Every Rust file of the repository, as [`files`] lists them.
pub fn rust_files() -> Result<Vec<PathBuf>> {
    files(".rs")
}

/// Every file of the repository whose name has that ending: sorted, relative to the root; build
/// directories and hidden ones left out.
pub fn files(ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![root().to_path_buf()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).with_context(|| directory.display().to_string())? {
            let path = entry?.path();
            let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    open.push(path);
                }
            } else if name.ends_with(ending) {
                found.push(path.strip_prefix(root())?.to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}
