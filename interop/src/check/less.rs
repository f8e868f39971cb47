//! One step less than the least that works, by each of its parts: none of them connects.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::server::Stage;
use crate::matrix::openssl::{group, suite};

/// What OpenSSL could offer instead.
const SUITES12: [&str; 4] = [
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_PSK_WITH_AES_128_GCM_SHA256",
];
const SUITES13: [&str; 2] = ["TLS_AES_128_CCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"];
const GROUPS: [&str; 4] = ["secp521r1", "secp384r1", "x25519", "secp256r1"];

/// A ServerHello in its record.
const SERVER_HELLO: (u8, u8) = (22, 2);

/// Steps that connect all the same, and a least that does not.
pub fn complaints(stage: &Stage<'_>, found: &Value) -> Result<Vec<String>> {
    let least = &found["least"];
    let mut complaints = Vec::new();
    if let Some(hello) =
        least["client_hello"].as_str().filter(|hello| !served(stage.port, hello).unwrap_or(false))
    {
        complaints.push(format!("the server does not serve the least ClientHello: {hello}"));
    }
    for needed in least["needed"].as_array().context("no list of what is needed")? {
        let hello = needed["client_hello"].as_str().unwrap_or_default();
        let other_certificate =
            needed["without"].as_str().is_some_and(|why| why.contains("another certificate"));
        if !other_certificate && served(stage.port, hello)? {
            complaints.push(format!("{} is not needed: {hello}", needed["part"]));
        }
    }
    let line = stage.openssl(found)?;
    for (what, less) in commands(found, &line) {
        if let Some(complaint) = stage.probe.refuses(&mut stage.command(&less)?)? {
            complaints.push(format!("{what} is not needed: `{less}`: {complaint}"));
        }
    }
    Ok(complaints)
}

/// Command lines of one step less, and which step.
fn commands(found: &Value, line: &str) -> Vec<(&'static str, String)> {
    let least = &found["least"];
    let version = least["version"].as_str().unwrap_or_default();
    let of = &found["accepted"][version];
    let tls13 = version == "TLS 1.3";
    let mut steps = Vec::new();
    let pool: &[&str] = if tls13 { &SUITES13 } else { &SUITES12 };
    let flag = if tls13 { "-ciphersuites" } else { "-cipher" };
    if let Some(other) = unknown(pool, &of["suites"]) {
        steps.push(("the suite", with(line, flag, suite(other))));
    }
    if let Some(other) = unknown(&GROUPS, &of["groups"]).filter(|_| line.contains(" -groups ")) {
        steps.push(("the group", with(line, "-groups", group(other))));
    }
    let needs = |part: &str| {
        least["needed"].as_array().is_some_and(|list| list.iter().any(|needed| needed["part"] == part))
    };
    if needs("server_name") {
        steps.push(("server_name", without(line, "-servername") + " -noservername"));
    }
    if least["client_certificate"] == true {
        steps.push(("the client certificate", without(&without(line, "-cert"), "-key")));
    }
    if least["psk"] == true {
        steps.push(("the pre-shared key", without(&without(line, "-psk"), "-psk_identity")));
        steps.push(("the right key", with(line, "-psk", "00112233445566778899aabbccddeeff")));
    }
    steps
}

/// One of these that the server does not take.
fn unknown<'p>(pool: &[&'p str], taken: &Value) -> Option<&'p str> {
    let taken = taken.as_array()?;
    pool.iter().copied().find(|name| !taken.iter().any(|known| known == name))
}

/// The line with another value behind a flag.
fn with(line: &str, flag: &str, value: &str) -> String {
    format!("{} {flag} {value}", without(line, flag))
}

/// The line without a flag and its value.
fn without(line: &str, flag: &str) -> String {
    let mut words = line.split(' ');
    let mut left = Vec::new();
    while let Some(word) = words.next() {
        match word == flag {
            true => drop(words.next()),
            false => left.push(word),
        }
    }
    left.join(" ")
}

/// Whether the server answers a ClientHello in its record with a ServerHello.
pub fn served(port: u16, hello: &str) -> Result<bool> {
    let pairs =
        hello.as_bytes().chunks(2).map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?));
    let bytes: Vec<u8> = pairs.collect::<Result<_>>()?;
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(&bytes)?;
    let mut answer = [0; 6];
    // Whoever closes instead refuses as well.
    Ok(stream.read_exact(&mut answer).is_ok() && (answer[0], answer[5]) == SERVER_HELLO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_exchanged() {
        assert_eq!(with("a -x 1 -y 2", "-x", "3"), "a -y 2 -x 3");
        assert_eq!(without("a -x 1 -y 2", "-y"), "a -x 1");
        let taken = serde_json::json!(["a"]);
        assert_eq!(unknown(&["a", "b"], &taken), Some("b"));
        assert_eq!(unknown(&["a"], &taken), None);
    }
}
