//! Compares what happened in a cell with what its row expects.

use super::cell::{Action, Cell, Role};
use super::openssl::{self, Alert};
use super::run::Record;

/// Expectations that were not met.
pub fn failures(cell: &Cell, record: &Record) -> Vec<String> {
    let mut failures = record.failures.clone();
    if cell.expect.connected {
        negotiated(cell, record, &mut failures);
    }
    alerts(cell, record, &mut failures);
    if let Some(expected) = cell.expect.exit
        && record.ours.code != Some(expected)
    {
        let found =
            record.ours.code.map_or("killed, it did not end".to_owned(), |code| format!("exit {code}"));
        failures.push(format!("handclasp: {found}; expected exit {expected}"));
    }
    let ours = record.ours.err.to_lowercase();
    for phrase in cell.our_output.iter().filter(|phrase| !ours.contains(&phrase.to_lowercase())) {
        failures.push(format!("handclasp's output lacks `{phrase}`"));
    }
    let openssl = format!("{}\n{}", record.openssl.out, record.openssl.err);
    for (phrase, times) in &cell.openssl_output {
        let found = openssl.matches(phrase.as_str()).count();
        if found < *times || *times == 0 && found > 0 {
            failures.push(format!("OpenSSL's output has `{phrase}` {found} times; expected {times}"));
        }
    }
    failures
}

/// Version, suite and group: both ends print what OpenSSL was restricted to.
fn negotiated(cell: &Cell, record: &Record, failures: &mut Vec<String>) {
    let mut expected = Vec::new();
    if let [version] = &cell.version.openssl[..] {
        expected.push(format!("TLS {version}"));
    }
    if let [suite] = &cell.suite.openssl[..] {
        expected.push(suite.clone());
        let name = openssl::suite(suite);
        let lines = [format!("CIPHER is {name}"), format!("Cipher is {name}")];
        if !lines.iter().any(|line| record.openssl.out.contains(line)) {
            failures.push(format!("OpenSSL does not print that the suite is {name}"));
        }
    }
    if let [group] = &cell.group.openssl[..] {
        expected.push(group.clone());
    }
    for value in expected.iter().filter(|value| !record.ours.err.contains(value.as_str())) {
        failures.push(format!("handclasp's output lacks {value}"));
    }
    // s_server ends with 1 whenever its client closes first.
    let orderly =
        cell.action != Action::Truncate && cell.expect.received.is_none() && cell.expect.sent.is_none();
    if cell.role == Role::Server && orderly && record.openssl.code != Some(0) {
        failures.push(format!("s_client: exit {:?}", record.openssl.code));
    }
}

/// Fatal alerts: those of the row and no others.
fn alerts(cell: &Cell, record: &Record, failures: &mut Vec<String>) {
    let mut found = openssl::alerts(&record.openssl.out);
    found.retain(|alert| alert.level == 2);
    let fatal = |received, number| Alert { received, level: 2, number };
    let expected: Vec<Alert> = [
        cell.expect.received.map(|number| fatal(true, number)),
        cell.expect.sent.map(|number| fatal(false, number)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if found != expected {
        failures.push(format!("fatal alerts at OpenSSL: {}; expected: {}", shown(&found), shown(&expected)));
    }
}

/// `received 48, sent 40`.
fn shown(alerts: &[Alert]) -> String {
    if alerts.is_empty() {
        return "none".to_owned();
    }
    let words =
        |alert: &Alert| format!("{} {}", if alert.received { "received" } else { "sent" }, alert.number);
    alerts.iter().map(words).collect::<Vec<_>>().join(", ")
}
