//! What the file of known peers says of an announcement: a hint for people. Only a handshake proves the key.

use std::{fmt::Write as _, path::Path};

use handclasp::{KnownPeer, Pin};
use handclasp_codec::Printable;
use handclasp_discovery::Peer;
use handclasp_explain::certificate::rfc3339;
use serde_json::{Value, json};

/// The standing of an announced key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The name has this key.
    Known,
    /// Another name has this key: the peer was renamed.
    KnownAs(String),
    /// Neither the name nor the key is in the file.
    New,
    /// The name has other keys: their lines, from 1.
    Changed(Vec<(usize, KnownPeer)>),
    /// The key is revoked by this line.
    Revoked(usize),
    /// The announcement has no key that can be read.
    NoKey,
}

impl Standing {
    /// Of an announcement, by the lines of the file.
    pub fn of(peer: &Peer, known: &[(usize, KnownPeer)]) -> Self {
        let with_key = |one: &KnownPeer| peer.pins.contains(&one.pin);
        if let Some((line, _)) = known.iter().find(|(_, one)| one.is_revoked && with_key(one)) {
            return Self::Revoked(*line);
        }
        if peer.pins.is_empty() {
            return Self::NoKey;
        }
        let name = peer.name.known_peer_name();
        let valid = || known.iter().filter(|(_, one)| !one.is_revoked);
        let named: Vec<_> =
            valid().filter(|(_, one)| one.name.eq_ignore_ascii_case(&name)).cloned().collect();
        if named.iter().any(|(_, one)| with_key(one)) {
            return Self::Known;
        }
        if !named.is_empty() {
            return Self::Changed(named);
        }
        valid().find(|(_, one)| with_key(one)).map_or(Self::New, |(_, one)| Self::KnownAs(one.name.clone()))
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::KnownAs(_) => "known_as",
            Self::New => "new",
            Self::Changed(_) => "changed",
            Self::Revoked(_) => "revoked",
            Self::NoKey => "no_key",
        }
    }

    /// For scripts.
    pub fn json(&self, peer: &Peer) -> Value {
        let texts = |pins: &[Pin]| pins.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut value = json!({
            "name": peer.name.known_peer_name(),
            "addresses": peer.addresses.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "pins": texts(&peer.pins),
            "standing": self.word(),
        });
        match self {
            Self::KnownAs(name) => value["known_as"] = json!(name),
            Self::Changed(known) => {
                let pins: Vec<Pin> = known.iter().map(|(_, one)| one.pin).collect();
                value["known_pins"] = json!(texts(&pins));
            }
            _ => {}
        }
        value
    }

    /// For people. Names and comments cannot move the cursor.
    pub fn write(&self, text: &mut String, peer: &Peer, file: &Path) {
        let file = file.display();
        let what = match self {
            Self::Known => "known".to_owned(),
            Self::KnownAs(name) => format!("known as {}", Printable(name)),
            Self::New => "new".to_owned(),
            Self::Changed(_) => "CHANGED: another key than the known one is announced".to_owned(),
            Self::Revoked(line) => format!("REVOKED by line {line} of {file}"),
            Self::NoKey => "no key is announced".to_owned(),
        };
        let addresses: Vec<String> = peer.addresses.iter().map(ToString::to_string).collect();
        let addresses = match addresses.is_empty() {
            true => "none that another machine can have".to_owned(),
            false => addresses.join(", "),
        };
        // Writing to a String does not fail.
        let _ = writeln!(text, "{}: {what}\n  address  {addresses}", peer.name);
        for pin in &peer.pins {
            let _ = writeln!(text, "  key      {pin}\n           {}", pin.words());
        }
        if let Self::Changed(known) = self {
            for (line, one) in known {
                let seen = one.last_seen.and_then(|time| i64::try_from(time.as_secs()).ok()).map(rfc3339);
                let seen = seen.map_or_else(|| "not seen yet".to_owned(), |time| format!("last seen {time}"));
                let _ = writeln!(
                    text,
                    "  known    {}\n           {}\n           line {line} of {file}, {seen}",
                    one.pin,
                    one.pin.words()
                );
            }
        }
    }
}
