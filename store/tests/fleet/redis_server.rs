//! A redis-server in a folder of its own, ended with the value.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use handclasp_store::{RedisAddress, RedisStore, Store};
use tempfile::TempDir;

pub struct RedisServer {
    folder: TempDir,
    /// Further arguments.
    arguments: &'static [&'static str],
    child: Option<Child>,
}

pub const PASSWORD: &str = "correct horse";

impl RedisServer {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub async fn start_with(arguments: &'static [&'static str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut server = Self { folder, arguments, child: None };
        server.restart().await;
        server
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    pub fn store(&self) -> RedisStore {
        Self::store_at(&self.socket())
    }

    /// The store at another socket that leads to the server.
    pub fn store_at(socket: &Path) -> RedisStore {
        let address = RedisAddress::parse(&format!("unix:{}", socket.display())).expect("an address");
        RedisStore::new(address.with_password(PASSWORD.to_owned().into()))
    }

    /// Starts it, empty, and waits until it answers.
    pub async fn restart(&mut self) {
        let mut command = Command::new("redis-server");
        command.args([
            "--port",
            "0",
            "--save",
            "",
            "--appendonly",
            "no",
            "--requirepass",
            PASSWORD,
            "--unixsocket",
        ]);
        command
            .arg(self.socket())
            .arg("--dir")
            .arg(self.folder.path())
            .args(self.arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.child = Some(command.spawn().expect("redis-server starts (Debian: apt install redis-server)"));
        let (store, begun) = (self.store(), Instant::now());
        while let Err(error) = store.ping().await {
            assert!(begun.elapsed() < Duration::from_secs(60), "redis-server does not answer: {error}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What a person types into redis-cli.
    pub fn cli(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        command.env("REDISCLI_AUTH", PASSWORD).arg("-s").arg(self.socket()).args(arguments);
        String::from_utf8(command.output().expect("redis-cli").stdout).expect("text")
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.as_ref().expect("runs").id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().expect("kill").success());
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
