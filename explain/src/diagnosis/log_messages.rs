//! What programs print when a handshake fails, read for what it says: OpenSSL (and what stands on
//! it: Python, curl, nginx, mosquitto, Node, Ruby), BoringSSL and Apple, GnuTLS, Mbed TLS, Java,
//! Go, rustls, NSS, Schannel.
//!
//! A message names a cause by itself only where it says why the one who printed it refused. That
//! an alert came tells what the other end thought, which that end's own log says better.

mod codes;
mod messages;

use handclasp_codec::AlertDescription;

use crate::diagnosis::cause::Cause;
use crate::input::capture_event::Side;

/// A line that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Counted from 1.
    pub number: usize,
    /// The line, without what stands around it; 200 characters at most.
    pub text: String,
    /// What it says.
    pub says: Says,
}

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// Why the program that printed it refused or failed.
    Why(Cause),
    /// The same where the line has several reasons, one of them this cause: all of them, in words.
    Maybe(Cause, &'static str),
    /// The other end sent this alert.
    AlertCame(AlertDescription),
    /// What a number means that says too little to name a cause: in words.
    Number(&'static str),
}

/// What a log says, each thing once, in the order of its lines.
pub fn read(log: &str, of: Side) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    for (index, text) in log.lines().enumerate() {
        let Some(says) = line(text, of) else { continue };
        if found.iter().all(|line| line.says != says) {
            found.push(Line { number: index + 1, text: shortened(text), says });
        }
    }
    found
}

/// Which end a log without a label belongs to, by what only one end says.
pub fn side(log: &str) -> Option<Side> {
    let text = log.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    let server = [
        "no shared cipher",
        "tls_process_client_",
        "tls_post_process_client_hello",
        "tls_early_post_process_client_hello",
        "statem_srvr",
        "ssl_srv.c",
        "ssl_tls12_server.c",
        "ssl_tls13_server.c",
        "peer did not return a certificate",
        "tls: client offered only",
        "remote error",
        "http: tls handshake error",
        "ssl_server2",
        "gnutls-serv",
        "error in handshake:",
        "empty client certificate chain",
        "no cipher suites in common",
    ];
    let client = [
        "tls_process_server_",
        "tls_post_process_server_",
        "statem_clnt",
        "ssl_cli.c",
        "ssl_tls12_client.c",
        "ssl_tls13_client.c",
        "ssl_client2",
        "ssl_connect",
        "verification error",
        "curl: (",
        "unable to connect",
        "pkix path building failed",
        "tls: failed to verify certificate",
        "pki verification of server certificate",
    ];
    match (has(&client), has(&server)) {
        (true, false) => Some(Side::Client),
        (false, true) => Some(Side::Server),
        (true, true) | (false, false) => None,
    }
}

/// What one line says.
fn line(text: &str, of: Side) -> Option<Says> {
    let lower = text.to_lowercase();
    if let Some((cause, words)) = messages::ambiguous(&lower, of) {
        return Some(Says::Maybe(cause, words));
    }
    if let Some(cause) = messages::cause(&lower, of) {
        return Some(Says::Why(cause));
    }
    alert(&lower).map(Says::AlertCame).or_else(|| codes::says(&lower, of))
}

/// The number of an alert that came: `SSL alert number 40`, `Received alert [40]`, `msg 40`.
fn alert(lower: &str) -> Option<AlertDescription> {
    const BEFORE: [&str; 4] =
        ["ssl alert number ", "received alert [", "fatal alert message (msg ", "alert: number "];
    let number = BEFORE.iter().find_map(|before| {
        let (_, behind) = lower.split_once(before)?;
        let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u8>().ok()
    });
    number.map(AlertDescription).or_else(|| {
        // Java, Go, rustls and tlslite name it.
        let named =
            ["received fatal alert: ", "remote error: tls: ", "received fatal alert ", "tlsremotealert "];
        let behind = named.iter().find_map(|before| lower.split_once(before))?.1;
        let name: String = behind
            .trim()
            .replace(' ', "_")
            .chars()
            .take_while(|c| c.is_ascii_alphabetic() || *c == '_')
            .collect();
        AlertDescription::from_name(name.trim_end_matches('_')).or_else(|| by_words(&name))
    })
}

/// Names that libraries write without the underscores.
fn by_words(name: &str) -> Option<AlertDescription> {
    (0..=u8::MAX)
        .map(AlertDescription)
        .find(|alert| alert.name().is_some_and(|known| known.replace('_', "") == name.replace('_', "")))
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 200;
    text.trim().chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests;
