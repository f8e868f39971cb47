//! `--store rediss://`: Redis over TLS, whose server asks for a certificate. Needs redis-server.

mod daemons;
mod program;
mod redis;

use std::{fs, io::Write as _};

use daemons::{ONE, client, connect, echoes, port, reload, run};
use handclasp::{CertificateParams, IssuedCertificate, identity::private_file::PrivateFile};
use program::{Directory, Running, ends};
use redis::Redis;

/// A certificate and its key in files of that name: `NAME.pem` and `NAME.key`.
fn certificate(directory: &Directory, name: &str) {
    let made = IssuedCertificate::self_signed(&CertificateParams::new(&["localhost"])).unwrap();
    fs::write(directory.at(&format!("{name}.pem")), made.certificate_pem()).unwrap();
    let key = directory.at(&format!("{name}.key"));
    let _ = fs::remove_file(&key);
    PrivateFile::new(&key, 1 << 16).append().unwrap().write_all(made.key_pem().as_bytes()).unwrap();
}

#[test]
fn redis_over_tls_is_verified_and_verifies_us() {
    let directory = Directory::new("store-tls");
    for name in ["redis", "ours", "other"] {
        certificate(&directory, name);
    }
    let [ca, key, clients] = ["redis.pem", "redis.key", "ours.pem"].map(|name| directory.at(name));
    let (redis, redis_port) = Redis::start_with_tls(&directory, &ca, &key, &clients);
    let url = format!("rediss://localhost:{redis_port}");
    let list = |arguments: &[&str], code: i32, words: &[&str]| {
        let arguments: Vec<String> = arguments
            .iter()
            .map(|text| if text.starts_with("--") { (*text).to_owned() } else { directory.at(text) })
            .collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        ends(&[&["store", "psk", "list", "--store", &url], &arguments[..]].concat(), code, words)
    };
    let right = ["--store-ca", "redis.pem", "--store-cert", "ours.pem", "--store-cert-key", "ours.key"];
    list(&right, 0, &[]);
    // Certificate and key in one file.
    let both = ["ours.pem", "ours.key"].map(|name| fs::read(directory.at(name)).unwrap()).concat();
    directory.file("both.pem", &both);
    list(&["--store-ca", "redis.pem", "--store-cert", "both.pem"], 0, &[]);
    // Another CA, no certificate, one that Redis does not trust, and the system's roots.
    let wrong_ca = ["--store-ca", "other.pem", "--store-cert", "both.pem"];
    list(&wrong_ca, 1, &["--store: ", "we do not trust it as a root"]);
    list(
        &["--store-cert", "both.pem"],
        1,
        &["we do not trust it as a root", "with the system's roots, --store-ca"],
    );
    list(&["--store-ca", "redis.pem"], 1, &["--store: ", "certificate"]);
    let other = ["--store-ca", "redis.pem", "--store-cert", "other.pem", "--store-cert-key", "other.key"];
    list(&other, 1, &["--store: ", "unknown_ca"]);
    // What cannot be.
    list(
        &["--store-ca", "redis.pem", "--store-cert", "ours.pem"],
        2,
        &["--store-cert: ", "--store-cert-key"],
    );
    list(&["--store-cert", "ours.pem", "--store-cert-key", "other.key"], 2, &["--store-cert: "]);
    list(&["--store-cert-key", "ours.key"], 2, &["--store-cert"]);
    let plain = ["store", "psk", "list", "--store", "redis://127.0.0.1", "--store-cert"];
    ends(&[&plain[..], &[&directory.at("both.pem")]].concat(), 2, &["--store-cert is for rediss://"]);

    // A server by a file.
    redis.cli(&["HSET", "handclasp:psk:door", "hex", ONE]);
    let text = format!(
        "[serve.web]\nlisten = \"127.0.0.1:0\"\necho = true\nstore = \"{url}\"\nstore-psk = true\nstore-ca = \"redis.pem\"\n\
         store-cert = \"ours.pem\"\nstore-cert-key = \"ours.key\"\n"
    );
    let mut running = Running::start(&mut run(&directory, &text));
    let port = port(&mut running, "serve.web");
    echoes(&mut connect(&client("door", ONE), port));
    // A reload keeps what was read as long as the files are the same; by the new certificate, Redis answers nothing.
    reload(&mut running);
    echoes(&mut connect(&client("door", ONE), port));
    assert!(!running.told().contains("the store does not answer"), "{}", running.told());
    certificate(&directory, "ours");
    reload(&mut running);
    running.told_in_time("nothing was read from it yet");
    assert!(client("door", ONE).connect_to(&format!("127.0.0.1:{port}"), "localhost").is_err());
}
