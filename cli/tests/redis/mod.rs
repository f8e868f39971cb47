//! A redis-server of one test, on a UNIX socket in its directory and, where the test says so, on a port with TLS.

#![allow(dead_code, reason = "each test uses a part")]

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::program::{Directory, out};

pub struct Redis<'a> {
    directory: &'a Directory,
    child: Child,
}

impl<'a> Redis<'a> {
    pub fn start(directory: &'a Directory) -> Self {
        Self::start_with(directory, &[]).expect("redis-server runs (Debian: apt install redis-server)")
    }

    /// With TLS on a port, which it also returns: certificate, key and the CA of clients, who need a certificate.
    pub fn start_with_tls(directory: &'a Directory, certificate: &str, key: &str, ca: &str) -> (Self, u16) {
        // Another program may take the port first.
        for _ in 0..20 {
            let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let files = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", ca];
            let flags = ["--tls-port", &free.to_string(), "--tls-auth-clients", "yes"];
            if let Some(redis) = Self::start_with(directory, &[&flags[..], &files].concat()) {
                return (redis, free);
            }
        }
        panic!("redis-server with TLS does not run");
    }

    fn start_with(directory: &'a Directory, arguments: &[&str]) -> Option<Self> {
        let _ = std::fs::remove_file(directory.at("redis.sock"));
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--dir"]).arg(directory.path());
        command.args(["--unixsocket", &directory.at("redis.sock")]).args(arguments).stdout(Stdio::null());
        let mut redis = Self { directory, child: command.spawn().ok()? };
        while !Path::new(&directory.at("redis.sock")).exists() || !redis.cli(&["PING"]).contains("PONG") {
            if redis.child.try_wait().unwrap().is_some() {
                return None;
            }
            thread::sleep(Duration::from_millis(10));
        }
        Some(redis)
    }

    /// Its address for `--store`.
    pub fn url(&self) -> String {
        format!("unix:{}", self.directory.at("redis.sock"))
    }

    pub fn cli(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        let output = command.args(["-s", &self.directory.at("redis.sock")]).args(arguments).output();
        out(&output.expect("redis-cli"))
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().expect("kill").success());
    }
}

impl Drop for Redis<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tries again for less than a record counts without a notification (10 s and more), and for long enough on a machine that
/// is busy.
#[track_caller]
pub fn noticed(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(8), "the change is not seen");
    }
}
