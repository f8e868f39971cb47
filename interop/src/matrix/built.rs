//! The peers that are built here: Mbed TLS is a library, and so is rustls, which alone of the peers has
//! X25519MLKEM768. Sources: `interop/peers/mbed.c`, `peer-rustls`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::workspace;

/// The programs.
pub struct Built {
    /// Around Mbed TLS.
    pub mbed: PathBuf,
    /// Around rustls.
    pub rustls: PathBuf,
}

impl Built {
    /// Builds both; what goes away after the run into `directory`.
    pub fn make(directory: &Path) -> Result<Self> {
        let mbed = directory.join("mbed");
        let mut cc = Command::new("cc");
        cc.args(["-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&mbed);
        cc.arg(workspace::root().join("interop/peers/mbed.c"));
        workspace::output(cc.args(["-lmbedtls", "-lmbedx509", "-lmbedcrypto"]))?;
        // Without optimization: clippy and the unit tests have built most of it already.
        let rustls = workspace::program(&["--package", "peer-rustls"])?;
        Ok(Self { mbed, rustls })
    }
}
