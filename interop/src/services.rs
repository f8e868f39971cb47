//! Real services and their own clients through two ends of a tunnel: redis-server, PostgreSQL and nginx behind
//! `handclasp serve --forward`, with redis-cli, psql, curl and browsers at `handclasp tunnel`, or with other
//! programs at one of the ends. The rows of the tables in `interop/services/`; their columns are described
//! in the files of `interop/src/services/`.

pub mod address;
mod browser;
mod clients;
mod endings;
pub mod ends;
mod jobs;
mod middle_box;
mod nginx;
mod postgres;
mod redis;
mod tunnel;
mod upstream;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::credentials::{Credentials, PSK_HEX, PSK_ID, PSK_OTHER_HEX};
use crate::fixtures::{Once, once};
use crate::harness::Test;
use crate::workspace;

/// The services, each started when the first test asks for it.
#[derive(Default)]
pub struct Services {
    redis: Once<redis::Redis>,
    postgres: Once<postgres::Postgres>,
    nginx: Once<nginx::Nginx>,
    keys: Once<()>,
}

impl Services {
    fn redis(&self, credentials: &Credentials) -> Result<&redis::Redis> {
        once(&self.redis, || redis::Redis::start(credentials))
    }

    fn postgres(&self, credentials: &Credentials) -> Result<&postgres::Postgres> {
        once(&self.postgres, || postgres::Postgres::start(credentials))
    }

    fn nginx(&self, credentials: &Credentials) -> Result<&nginx::Nginx> {
        once(&self.nginx, || nginx::Nginx::start(credentials))
    }

    /// Files with keys, as the programs at the ends read them, in the directory of the certificates.
    fn keys(&self, directory: &Path) -> Result<()> {
        once(&self.keys, || write_keys(directory)).map(|&()| ())
    }
}

/// Every cell, named `services::…`.
pub fn tests() -> Result<Vec<Box<dyn Test>>> {
    let mut tests: Vec<Box<dyn Test>> = Vec::new();
    for cell in tunnel::all()? {
        tests.push(Box::new(cell));
    }
    for cell in clients::all()? {
        tests.push(Box::new(cell));
    }
    for cell in endings::all()? {
        tests.push(Box::new(cell));
    }
    Ok(tests)
}

/// The pre-shared key, and another one for the same identity; certificate and key in one file, for HAProxy and
/// socat, and in a store for Java.
fn write_keys(directory: &Path) -> Result<()> {
    let write = |name: &str, content: String| -> Result<()> {
        let path = directory.join(name);
        fs::write(&path, content)?;
        // stunnel refuses a key that others can read.
        Ok(fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?)
    };
    write("psk.hex", format!("{PSK_HEX}\n"))?;
    write("psk.stunnel", format!("{PSK_ID}:{PSK_HEX}\n"))?;
    write("other-psk.hex", format!("{PSK_OTHER_HEX}\n"))?;
    write("other-psk.stunnel", format!("{PSK_ID}:{PSK_OTHER_HEX}\n"))?;
    let mut java = Command::new("openssl");
    java.current_dir(directory).args(["pkcs12", "-export", "-passout", "pass:store", "-out", "client.p12"]);
    workspace::output(java.args(["-in", "client-P-256.pem", "-inkey", "client-P-256.key"]))?;
    for name in ["P-256", "client-P-256"] {
        let read = |kind| fs::read_to_string(directory.join(format!("{name}.{kind}")));
        write(&format!("{name}.both.pem"), read("pem")? + &read("key")?)?;
    }
    Ok(())
}
