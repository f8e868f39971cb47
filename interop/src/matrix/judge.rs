//! Holds what came of a cell against what its row says.

use super::cell::{Action, Cell, Side};
use super::openssl::{self, Alert};
use super::play::Scene;

/// What is not as it must be.
pub fn judge(cell: &Cell, scene: &Scene) -> Vec<String> {
    let mut complaints = scene.complaints.clone();
    if cell.end.connected {
        agreed(cell, scene, &mut complaints);
    }
    alerts(cell, scene, &mut complaints);
    if let Some(wanted) = cell.end.exit
        && scene.ours.code != Some(wanted)
    {
        let found =
            scene.ours.code.map_or("killed, it did not end".to_owned(), |code| format!("exit {code}"));
        complaints.push(format!("our program: {found}; wanted exit {wanted}"));
    }
    let said = scene.ours.err.to_lowercase();
    for phrase in cell.words.iter().filter(|phrase| !said.contains(&phrase.to_lowercase())) {
        complaints.push(format!("our words lack `{phrase}`"));
    }
    let seen = format!("{}\n{}", scene.openssl.out, scene.openssl.err);
    for (phrase, times) in &cell.sees {
        let found = seen.matches(phrase.as_str()).count();
        if found < *times || *times == 0 && found > 0 {
            complaints.push(format!("OpenSSL's output has `{phrase}` {found} times; wanted {times}"));
        }
    }
    complaints
}

/// Version, suite and group: what OpenSSL was restricted to is what both say was agreed.
fn agreed(cell: &Cell, scene: &Scene, complaints: &mut Vec<String>) {
    let mut ours = Vec::new();
    if let [version] = &cell.version.theirs[..] {
        ours.push(format!("TLS {version}"));
    }
    if let [suite] = &cell.suite.theirs[..] {
        ours.push(suite.clone());
        let theirs = openssl::suite(suite);
        let found = [format!("CIPHER is {theirs}"), format!("Cipher is {theirs}")];
        if !found.iter().any(|text| scene.openssl.out.contains(text)) {
            complaints.push(format!("OpenSSL does not say that the suite is {theirs}"));
        }
    }
    if let [group] = &cell.group.theirs[..] {
        ours.push(group.clone());
    }
    for fact in ours.iter().filter(|fact| !scene.ours.err.contains(fact.as_str())) {
        complaints.push(format!("our facts lack {fact}"));
    }
    // s_server ends with 1 whenever its client closes first.
    let sound = cell.action != Action::Truncate && cell.end.received.is_none() && cell.end.sent.is_none();
    if cell.we == Side::Server && sound && scene.openssl.code != Some(0) {
        complaints.push(format!("s_client: exit {:?}", scene.openssl.code));
    }
}

/// Fatal alerts: those of the row and no others.
fn alerts(cell: &Cell, scene: &Scene, complaints: &mut Vec<String>) {
    let found: Vec<Alert> =
        openssl::alerts(&scene.openssl.out).into_iter().filter(|alert| alert.level == 2).collect();
    let fatal = |received, number| Alert { received, level: 2, number };
    let wanted: Vec<Alert> = [
        cell.end.received.map(|number| fatal(true, number)),
        cell.end.sent.map(|number| fatal(false, number)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if found != wanted {
        complaints.push(format!("fatal alerts at OpenSSL: {}; wanted: {}", shown(&found), shown(&wanted)));
    }
}

/// `received 48, sent 40`.
fn shown(alerts: &[Alert]) -> String {
    let word =
        |alert: &Alert| format!("{} {}", if alert.received { "received" } else { "sent" }, alert.number);
    if alerts.is_empty() { "none".to_owned() } else { alerts.iter().map(word).collect::<Vec<_>>().join(", ") }
}
