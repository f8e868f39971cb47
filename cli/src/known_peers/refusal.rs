//! Why a known peer is refused, both keys in base64 and in words, and the command that accepts the new one.

use std::fmt::Write as _;

use handclasp::{KnownPeer, PeerRefusal, Pin, RefusalReason};
use handclasp_codec::Printable;
use handclasp_explain::certificate::rfc3339;
use handclasp_trust::Role;

use super::{place::command, question};

/// What is said about a refused peer. The first line names the peer and its key, for logs that count the rest.
pub fn text(refusal: &PeerRefusal) -> String {
    let path = refusal.path.display();
    let (peer, found) = (peer(refusal), refusal.found);
    let why = match question::is_impossible() {
        true => "there is no terminal to ask on (--new-peer says what to do then)",
        false => "was not accepted as a new peer",
    };
    match &refusal.reason {
        RefusalReason::Unknown => format!(
            "handclasp: refused: {peer} with the key {found} is not in {path}, and {why}\n  words  {}\nIf its owner confirms this fingerprint, accept it:\n  {}",
            found.words(),
            command("accept", &refusal.path, &[&name(refusal), &found.to_string()]),
        ),
        RefusalReason::Changed(known) => changed(refusal, known),
        RefusalReason::Revoked(line, known) => {
            let comment = match known.comment.as_str() {
                "" => String::new(),
                comment => format!(" ({})", Printable(comment)),
            };
            format!(
                "handclasp: refused: the key {found} of {peer} is revoked by line {line} of {path}{comment}\nThe \
                 peer needs a new key. If the key was revoked by mistake, remove @revoked from that line."
            )
        }
        // File, and what a later version adds.
        _ => format!("handclasp: {refusal}"),
    }
}

fn changed(refusal: &PeerRefusal, known: &[(usize, KnownPeer)]) -> String {
    let path = refusal.path.display();
    let (peer, found) = (peer(refusal), refusal.found);
    let mut text =
        format!("handclasp: ALARM: the key of {peer} has changed. No data was sent or accepted.\n");
    for (line, peer) in known {
        let seen = peer.last_seen.and_then(|time| i64::try_from(time.as_secs()).ok());
        let seen =
            seen.map_or_else(|| "not seen yet".to_owned(), |time| format!("last seen {}", rfc3339(time)));
        let revoked = if peer.is_revoked { ", revoked" } else { "" };
        key(&mut text, "known", peer.pin);
        let _infallible = writeln!(text, "         line {line} of {path}, {seen}{revoked}");
    }
    key(&mut text, "now", found);
    let owner = match refusal.role {
        Role::Server => "the server",
        Role::Client => "the client",
    };
    let _infallible = write!(
        text,
        "Another device may be impersonating the peer, or the peer has a new key: it was reset or replaced.\nAsk \
         the owner of {owner} for the fingerprint, not over this connection. Only if it is the one after `now`, \
         replace the known key:\n  {}",
        command("accept --replace", &refusal.path, &[&name(refusal), &found.to_string()]),
    );
    if refusal.role == Role::Server {
        text += "\nIf this host has several services with keys of their own, give each a name: --name NAME.";
    }
    text
}

fn key(text: &mut String, what: &str, pin: Pin) {
    let _infallible = writeln!(text, "  {what:<5}  {pin}\n         {}", pin.words());
}

fn peer(refusal: &PeerRefusal) -> String {
    match (refusal.role, refusal.name.as_deref().map(Printable)) {
        (Role::Server, Some(name)) => name.to_string(),
        (Role::Server, None) => "the server".to_owned(),
        (Role::Client, Some(name)) => format!("the client that calls itself \"{name}\""),
        (Role::Client, None) => "the client".to_owned(),
    }
}

/// A name for the command. What a client calls itself is used only where it is a plain word.
fn name(refusal: &PeerRefusal) -> String {
    let is_plain = |name: &&str| {
        let mut letters = name.chars();
        letters.all(|c| c.is_ascii_alphanumeric() || "-_. ".contains(c)) && !name.starts_with('-')
    };
    match (refusal.role, refusal.name.as_deref()) {
        (Role::Server, Some(name)) => name.to_owned(),
        (_, name) => name.filter(is_plain).unwrap_or("client").to_owned(),
    }
}
