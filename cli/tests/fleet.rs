//! Two servers with one Redis: clients resume at either one, also those of OpenSSL; a ticket is used once among both;
//! pre-shared keys of redis-cli work at once and are refused within a second; Redis may stop and come back.
//! Needs redis-server and openssl.

mod program;

use std::{
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use program::{Directory, Running, ends, err, out, run};

const KEY: &str = "000102030405060708090a0b0c0d0e0f";

struct Redis<'a> {
    directory: &'a Directory,
    child: Child,
}

impl<'a> Redis<'a> {
    fn start(directory: &'a Directory) -> Self {
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--dir"]).arg(directory.path());
        command.args(["--unixsocket", &directory.at("redis.sock")]).stdout(Stdio::null());
        let redis = Self { directory, child: command.spawn().expect("redis-server is installed") };
        while !Path::new(&directory.at("redis.sock")).exists() || !redis.cli(&["PING"]).contains("PONG") {
            thread::sleep(Duration::from_millis(10));
        }
        redis
    }

    fn cli(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        out(&command
            .args(["-s", &self.directory.at("redis.sock")])
            .args(arguments)
            .output()
            .expect("redis-cli"))
    }

    fn signal(&self, name: &str) {
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

/// Tries again for less than a record counts without a notification, and for long enough on a machine that is busy.
#[track_caller]
fn noticed(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(8), "the change is not seen");
    }
}

#[test]
fn two_servers_with_one_redis() {
    let directory = Directory::new("fleet");
    let redis = Redis::start(&directory);
    let identity = directory.at("server");
    ends(&["id", "new", &identity, "--name", "localhost"], 0, &[]);
    let store = format!("unix:{}", directory.at("redis.sock"));
    let flags = ["--identity", &identity, "--store", &store, "--store-psk", "--reply", "hi"];
    let mut servers = [Running::serve(&flags), Running::serve(&flags)];

    let (ca, session) = (format!("{identity}/certificate.pem"), directory.at("session"));
    let connect = |server: &Running| {
        let address = server.address();
        let flags = ["--name", "localhost", "--ca", &ca, "--session", &session];
        let output = run(&[&["connect", &address][..], &flags].concat());
        assert_eq!((output.status.code(), out(&output).as_str()), (Some(0), "hi"), "{}", err(&output));
        err(&output).contains(" resumed ")
    };
    assert!(!connect(&servers[0]));
    for place in [1, 0, 0, 1] {
        assert!(connect(&servers[place]), "{place}");
    }

    // OpenSSL keeps the ticket, and uses it again: a copy of a ticket at the other server, with its key.
    let file = directory.at("openssl.session");
    // It reads to the end of the reply, so that the ticket in front of it has come.
    let openssl = |server: &Running, flag: &str| {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-tls1_3", "-connect", &server.address(), "-servername", "localhost"]);
        let output: Output =
            command.args([flag, &file, "-ign_eof"]).stdin(Stdio::null()).output().expect("openssl");
        out(&output).contains("Reused, TLSv1.3")
    };
    assert!(!openssl(&servers[0], "-sess_out"));
    assert!(openssl(&servers[1], "-sess_in"));
    assert!(!openssl(&servers[0], "-sess_in") && !openssl(&servers[1], "-sess_in"), "used");

    // A key by redis-cli.
    let key = directory.file("key", KEY.as_bytes());
    let key = format!("@{key}");
    let with_key = |server: &Running| {
        let flags = ["--psk-hex", &key, "--psk-id", "device-7"];
        run(&[&["connect", &server.address()][..], &flags].concat()).status.success()
    };
    assert!(servers.iter().all(|server| !with_key(server)));
    redis.cli(&["HSET", "handclasp:psk:device-7", "hex", KEY]);
    servers.iter().for_each(|server| noticed(|| with_key(server)));
    let listed = ends(&["store", "psk", "list", "--store", &store], 0, &[]);
    assert!(out(&listed).starts_with("device-7  TLS 1.3  check value ") && !out(&listed).contains(KEY));
    ends(&["store", "psk", "revoke", "device-7", "--store", &store], 0, &["revoked device-7"]);
    servers.iter().for_each(|server| noticed(|| !with_key(server)));
    assert_eq!(redis.cli(&["HEXISTS", "handclasp:psk:device-7", "hex"]).trim(), "0", "the key is removed");

    // Slow, and back.
    assert!(connect(&servers[0]));
    redis.signal("STOP");
    assert!(!connect(&servers[0]) && !connect(&servers[1]), "in full");
    servers.iter().for_each(|server| drop(server.told_in_time("the store does not answer")));
    redis.signal("CONT");
    servers.iter_mut().for_each(|server| drop(server.told_in_time("the store answers again")));
    assert!(connect(&servers[0]) && connect(&servers[1]));
    // Down, and back, and empty: the servers still have the keys.
    drop(redis);
    servers.iter().for_each(|server| {
        while server.told().matches("the store does not answer").count() < 2 {
            thread::sleep(Duration::from_millis(10));
        }
    });
    assert!(!connect(&servers[0]) && !connect(&servers[1]), "in full");
    let _redis = Redis::start(&directory);
    servers.iter().for_each(|server| {
        while server.told().matches("the store answers again").count() < 2 {
            thread::sleep(Duration::from_millis(10));
        }
    });
    assert!(connect(&servers[1]) && connect(&servers[0]));
}
