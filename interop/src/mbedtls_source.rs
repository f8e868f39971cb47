//! The source of a current Mbed TLS, which Debian does not have: that of the crate `mbedtls-rs-sys`, see
//! `interop/peers/mbedtls-source`. It is compiled here with a C compiler and nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::MetadataCommand;
use tempfile::TempDir;

use crate::workspace;

/// The source of Mbed TLS.
pub struct Source {
    mbedtls: PathBuf,
}

impl Source {
    /// Asks cargo for the source.
    pub fn find() -> Result<Self> {
        let manifest = workspace::root().join("interop/peers/mbedtls-source/Cargo.toml");
        let metadata = MetadataCommand::new().manifest_path(manifest).exec().context("mbedtls-source")?;
        let package = metadata.packages.iter().find(|package| package.name.as_str() == "mbedtls-rs-sys");
        let package = package.context("mbedtls-source has no mbedtls-rs-sys")?;
        let mbedtls =
            package.manifest_path.parent().context("a manifest without a directory")?.join("mbedtls");
        Ok(Self { mbedtls: mbedtls.into_std_path_buf() })
    }

    /// Builds a program of `interop/peers` with the library; `options` are those of the compiler that configure
    /// the library. One compiler for each processor.
    pub fn build(&self, program: &Path, peer: &str, options: &[&str]) -> Result<()> {
        let mut files = vec![workspace::root().join("interop/peers").join(peer)];
        for entry in fs::read_dir(self.mbedtls.join("library"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "c") {
                files.push(path);
            }
        }
        files.sort();
        let objects = TempDir::new()?;
        let compilers = thread::available_parallelism().map_or(1, usize::from).min(files.len());
        let mut running = Vec::new();
        for number in 0..compilers {
            let part = files.iter().skip(number).step_by(compilers);
            let mut cc = self.compiler();
            cc.args(options).current_dir(objects.path()).arg("-c").args(part).stderr(Stdio::piped());
            running.push(cc.spawn().context("cc did not start")?);
        }
        // All of them are awaited, also behind one that fails.
        let results: Vec<Result<()>> = running.into_iter().map(ended).collect();
        results.into_iter().collect::<Result<()>>()?;
        let mut cc = Command::new("cc");
        cc.arg("-o").arg(program);
        for entry in fs::read_dir(objects.path())? {
            cc.arg(entry?.path());
        }
        workspace::output(&mut cc).map(drop)
    }

    fn compiler(&self) -> Command {
        let mut cc = Command::new("cc");
        cc.args(["-std=c99", "-D_DEFAULT_SOURCE", "-O0", "-w"]);
        cc.arg("-I").arg(self.mbedtls.join("include")).arg("-I").arg(self.mbedtls.join("library"));
        cc
    }
}

/// Waits for a compiler; an error has its words.
fn ended(compiler: Child) -> Result<()> {
    let output = compiler.wait_with_output()?;
    if !output.status.success() {
        bail!("cc: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
