//! What the tests share: the program under test, certificates, and the peers that are built here. Each
//! is made when the first test asks for it, and once.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, anyhow};

use crate::check::{mbedtls, server};
use crate::credentials::Credentials;
use crate::mbedtls_source::Source;
use crate::services::Services;
use crate::{peers, workspace};

/// The environment variable that names the program under test. Unset: that of the profile `suites`, which is then
/// built first.
pub const PROGRAM: &str = "INTEROP_PROGRAM";

/// The packages of the unit tests, without optimization. Cargo unites the features of all packages that it is
/// asked for: with another selection it would build their dependencies once more.
const LIKE_UNIT_TESTS: [&str; 3] = ["--workspace", "--exclude", "interop"];

/// A value that is made once.
pub type Once<T> = OnceLock<Result<T, String>>;

/// The shared parts.
#[derive(Default)]
pub struct Fixtures {
    program: Once<PathBuf>,
    device: Once<PathBuf>,
    local_network: Once<PathBuf>,
    credentials: Once<Credentials>,
    client_hellos: Once<()>,
    mbedtls_peer: Once<PathBuf>,
    mbedtls_source: Once<Source>,
    mbedtls_chains: Once<()>,
    current_mbedtls_peer: Once<PathBuf>,
    rustls_peer: Once<PathBuf>,
    go_peer: Once<PathBuf>,
    /// The services behind tunnels.
    pub services: Services,
}

impl Fixtures {
    /// The program under test.
    pub fn program(&self) -> Result<&PathBuf> {
        once(&self.program, || match env::var_os(PROGRAM) {
            Some(path) => {
                // Tests run in `interop/`; a relative path is one from the root.
                let path = workspace::root().join(path);
                path.canonicalize().with_context(|| format!("{PROGRAM}: {}", path.display()))
            }
            None => workspace::build_program(workspace::PROGRAM_OF_SUITES),
        })
    }

    /// The programs of a board on a host: the example `host` of `handclasp-device`.
    pub fn device(&self) -> Result<&PathBuf> {
        once(&self.device, || {
            workspace::build_program(&[&LIKE_UNIT_TESTS[..], &["--example", "host"]].concat())
        })
    }

    /// The example of two machines that find each other: `examples/src/bin/local_network.rs`.
    pub fn local_network(&self) -> Result<&PathBuf> {
        once(&self.local_network, || {
            workspace::build_program(&[&LIKE_UNIT_TESTS[..], &["--bin", "local_network"]].concat())
        })
    }

    /// Certificates, keys and OpenSSL's configuration.
    pub fn credentials(&self) -> Result<&Credentials> {
        once(&self.credentials, Credentials::generate)
    }

    /// The program around the installed Mbed TLS, from `interop/peers/mbedtls.c`.
    fn mbedtls_peer(&self) -> Result<&PathBuf> {
        once(&self.mbedtls_peer, || {
            peers::require("cc")?;
            peers::require("mbedtls/ssl.h")?;
            let program = self.credentials()?.path().join("mbedtls-peer");
            let mut cc = Command::new("cc");
            cc.args(["-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&program);
            cc.arg(workspace::root().join("interop/peers/mbedtls.c"));
            workspace::output(cc.args(["-lmbedtls", "-lmbedx509", "-lmbedcrypto"]))?;
            Ok(program)
        })
    }

    /// The source of a current Mbed TLS.
    pub fn mbedtls_source(&self) -> Result<&Source> {
        once(&self.mbedtls_source, || {
            peers::require("cc")?;
            Source::find()
        })
    }

    /// The chains and files of `check/mbedtls.tsv`, in the directory of the certificates.
    pub fn mbedtls_chains(&self) -> Result<()> {
        let credentials = self.credentials()?;
        once(&self.mbedtls_chains, || mbedtls::prepare(credentials)).map(|&()| ())
    }

    /// The program around a current Mbed TLS, from `interop/peers/mbedtls.c`. In the default configuration
    /// record_size_limit is off, without which a peer of TLS 1.3 sends records of 16 KB.
    pub fn current_mbedtls_peer(&self) -> Result<&PathBuf> {
        once(&self.current_mbedtls_peer, || {
            let program = self.credentials()?.path().join("current-mbedtls-peer");
            self.mbedtls_source()?.build(&program, "mbedtls.c", &["-DMBEDTLS_SSL_RECORD_SIZE_LIMIT"])?;
            Ok(program)
        })
    }

    /// The program around rustls, from the crate `peer-rustls`.
    fn rustls_peer(&self) -> Result<&PathBuf> {
        once(&self.rustls_peer, || {
            workspace::build_program(&[&LIKE_UNIT_TESTS[..], &["--bin", "peer-rustls"]].concat())
        })
    }

    /// The program around Go's crypto/tls, from `interop/peers/go`.
    fn go_peer(&self) -> Result<&PathBuf> {
        once(&self.go_peer, || {
            peers::require("go")?;
            let program = self.credentials()?.path().join("go-peer");
            let mut go = Command::new("go");
            go.current_dir(workspace::root().join("interop/peers/go"));
            // The installed toolchain as it is: nothing is downloaded.
            go.env("GOTOOLCHAIN", "local").args(["build", "-o"]).arg(&program).arg(".");
            workspace::output(&mut go)?;
            Ok(program)
        })
    }

    /// The command that a line of a table stands for. Words `NAME=value` in front of the program are
    /// environment variables; `{mbedtls}`, `{mbedtls3}`, `{rustls}` and `{go}` are the programs built here,
    /// `{handclasp}` the one under test, `{device}` the programs of a board; for the other placeholders see
    /// [`Credentials::fill`].
    pub fn command(&self, line: &str, port: u16) -> Result<Command> {
        let credentials = self.credentials()?;
        let mut words = line.split(' ').filter(|word| !word.is_empty() && *word != "-").peekable();
        let mut variables = Vec::new();
        while let Some(word) = words.next_if(|word| is_assignment(word)) {
            variables.push(credentials.fill(word, port)?);
        }
        let mut command = match words.next().context("no program")? {
            "{mbedtls}" => Command::new(self.mbedtls_peer()?),
            "{mbedtls3}" => Command::new(self.current_mbedtls_peer()?),
            "{rustls}" => Command::new(self.rustls_peer()?),
            "{handclasp}" => Command::new(self.program()?),
            "{device}" => Command::new(self.device()?),
            "{go}" => Command::new(self.go_peer()?),
            name => {
                peers::require(name)?;
                Command::new(name)
            }
        };
        credentials.isolate(&mut command);
        command.envs(variables.iter().filter_map(|variable| variable.split_once('=')));
        for word in words {
            command.arg(credentials.fill(word, port)?);
        }
        Ok(command)
    }

    /// The files of `check/client_hellos.tsv`, in the directory of the certificates.
    pub fn write_client_hellos(&self) -> Result<()> {
        let directory = self.credentials()?.path();
        once(&self.client_hellos, || server::write_client_hellos(directory)).map(|&()| ())
    }
}

/// Whether a word sets an environment variable.
pub fn is_assignment(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_'))
}

/// The value of a slot, made on the first call; a failure is kept and returned to every caller.
pub fn once<T>(slot: &Once<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    let made = slot.get_or_init(|| make().map_err(|error| format!("{error:#}")));
    made.as_ref().map_err(|error| anyhow!("{error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_told_from_arguments() {
        assert!(is_assignment("OPENSSL_CONF=/a") && !is_assignment("cert=a.pem") && !is_assignment("-x"));
    }

    #[test]
    fn a_failure_is_kept() {
        let slot: Once<u8> = OnceLock::new();
        assert_eq!(once(&slot, || Err(anyhow!("first"))).unwrap_err().to_string(), "first");
        assert_eq!(once(&slot, || Ok(1)).unwrap_err().to_string(), "first");
    }
}
