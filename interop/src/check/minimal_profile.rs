//! The minimal profile that `check` prints is minimal: with any of its parts left out, the server refuses.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::server::Target;
use crate::matrix::openssl::{group, suite};

/// What OpenSSL can offer instead of what the server takes.
const SUITES12: [&str; 4] = [
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_PSK_WITH_AES_128_GCM_SHA256",
];
const SUITES13: [&str; 2] = ["TLS_AES_128_CCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"];
const GROUPS: [&str; 4] = ["secp521r1", "secp384r1", "x25519", "secp256r1"];

/// The content type and the handshake type of a record with a ServerHello.
const SERVER_HELLO: (u8, u8) = (22, 2);

/// A minimal ClientHello that is refused, and parts that could be left out.
pub fn failures(target: &Target<'_>, found: &Value) -> Result<Vec<String>> {
    let profile = &found["least"];
    let mut failures = Vec::new();
    let hello = profile["client_hello"].as_str();
    if let Some(hello) = hello.filter(|hello| !is_served(target.port, hello).unwrap_or(false)) {
        failures.push(format!("the server does not serve the minimal ClientHello: {hello}"));
    }
    for needed in profile["needed"].as_array().context("no list of what is needed")? {
        let hello = needed["client_hello"].as_str().unwrap_or_default();
        let other_certificate =
            needed["without"].as_str().is_some_and(|why| why.contains("another certificate"));
        if !other_certificate && is_served(target.port, hello)? {
            failures.push(format!("{} is not needed: {hello}", needed["part"]));
        }
    }
    let line = target.openssl_line(found)?;
    for (part, line) in reduced_lines(found, &line) {
        if let Some(failure) = target.probe.must_fail(&mut target.command(&line)?)? {
            failures.push(format!("{part} is not needed: `{line}`: {failure}"));
        }
    }
    Ok(failures)
}

/// Command lines of OpenSSL with one part left out or replaced, and which part.
fn reduced_lines(found: &Value, line: &str) -> Vec<(&'static str, String)> {
    let profile = &found["least"];
    let version = profile["version"].as_str().unwrap_or_default();
    let accepted = &found["accepted"][version];
    let tls13 = version == "TLS 1.3";
    let mut lines = Vec::new();
    let pool: &[&str] = if tls13 { &SUITES13 } else { &SUITES12 };
    let flag = if tls13 { "-ciphersuites" } else { "-cipher" };
    if let Some(other) = unsupported(pool, &accepted["suites"]) {
        lines.push(("the suite", with(line, flag, suite(other))));
    }
    if let Some(other) = unsupported(&GROUPS, &accepted["groups"]).filter(|_| line.contains(" -groups ")) {
        lines.push(("the group", with(line, "-groups", group(other))));
    }
    let needs = |part: &str| {
        profile["needed"].as_array().is_some_and(|list| list.iter().any(|needed| needed["part"] == part))
    };
    if needs("server_name") {
        lines.push(("server_name", without(line, "-servername") + " -noservername"));
    }
    if profile["client_certificate"] == true {
        lines.push(("the client certificate", without(&without(line, "-cert"), "-key")));
    }
    if profile["psk"] == true {
        lines.push(("the pre-shared key", without(&without(line, "-psk"), "-psk_identity")));
        lines.push(("the right key", with(line, "-psk", "00112233445566778899aabbccddeeff")));
    }
    lines
}

/// One of these that the server does not accept.
fn unsupported<'p>(pool: &[&'p str], accepted: &Value) -> Option<&'p str> {
    let accepted = accepted.as_array()?;
    pool.iter().copied().find(|name| !accepted.iter().any(|known| known == name))
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

/// Whether the server answers a ClientHello, given in its record as hex, with a ServerHello.
pub fn is_served(port: u16, hello: &str) -> Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(&unhex(hello)?)?;
    let mut answer = [0; 6];
    // A server that closes the connection refuses as well.
    Ok(stream.read_exact(&mut answer).is_ok() && (answer[0], answer[5]) == SERVER_HELLO)
}

/// Bytes from hex, with or without white space.
pub fn unhex(hex: &str) -> Result<Vec<u8>> {
    let digits: Vec<u8> = hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_exchanged() {
        assert_eq!(with("a -x 1 -y 2", "-x", "3"), "a -y 2 -x 3");
        assert_eq!(without("a -x 1 -y 2", "-y"), "a -x 1");
        let accepted = serde_json::json!(["a"]);
        assert_eq!(unsupported(&["a", "b"], &accepted), Some("b"));
        assert_eq!(unsupported(&["a"], &accepted), None);
    }
}
