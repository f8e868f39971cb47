//! The peers of a file.

use handclasp::{KnownPeer, KnownPeers, pki_types::UnixTime};
use handclasp_codec::Printable;
use handclasp_explain::certificate::rfc3339;
use serde_json::{Value, json};

use crate::{args::PeersList, exit::Failure, known_peers::command, output, say::say};

/// Prints them, and reports lines that do not parse.
pub fn run(peers: &KnownPeers, arguments: &PeersList) -> Result<(), Failure> {
    let all = peers.peers().map_err(Failure::usage)?;
    let is_asked = |(_, peer): &(usize, KnownPeer)| {
        arguments.name.as_ref().is_none_or(|name| peer.name.eq_ignore_ascii_case(name))
    };
    let all: Vec<_> = all.into_iter().filter(is_asked).collect();
    let bad = peers.bad_lines().map_err(Failure::usage)?;
    let path = peers.path().display();
    if arguments.json {
        let peers: Vec<Value> = all.iter().map(|(line, peer)| of_peer(*line, peer)).collect();
        let bad: Vec<Value> =
            bad.iter().map(|bad| json!({ "line": bad.line, "problem": bad.problem.to_string() })).collect();
        let all = json!({ "file": path.to_string(), "peers": peers, "bad_lines": bad });
        output::line(format!("{all:#}"))?;
    } else {
        let text: String = all.iter().map(|(line, peer)| shown(*line, peer)).collect();
        output::write(text.as_bytes())?;
        if all.is_empty() {
            let hint = command("accept NAME PIN", peers.path(), &[]);
            match &arguments.name {
                Some(_) => {}
                None if !peers.path().exists() => {
                    say(format_args!(
                        "{path} does not exist yet: the first peer makes it; to add one: {hint}"
                    ));
                }
                None => say(format_args!("{path} does not have any peer; to add one: {hint}")),
            }
        }
    }
    for bad in &bad {
        say(format_args!("warning: {}", Printable(&bad.to_string())));
    }
    if let Some(name) = arguments.name.as_ref().filter(|_| all.is_empty()) {
        let hint = command("accept NAME PIN", peers.path(), &[]);
        return Err(Failure::usage(format!(
            "{path} does not have the peer {}; to add it: {hint}",
            Printable(name)
        )));
    }
    let Some(count) = std::num::NonZeroUsize::new(bad.len()) else { return Ok(()) };
    Err(Failure::Found(format!("{path}: lines that do not parse: {count}")))
}

fn time(time: Option<UnixTime>) -> Option<String> {
    i64::try_from(time?.as_secs()).ok().map(rfc3339)
}

fn of_peer(line: usize, peer: &KnownPeer) -> Value {
    json!({
        "line": line,
        "name": peer.name,
        "pin": peer.pin.to_string(),
        "words": peer.pin.words(),
        "first_seen": time(peer.first_seen),
        "last_seen": time(peer.last_seen),
        "revoked": peer.is_revoked,
        "comment": peer.comment,
    })
}

fn shown(line: usize, peer: &KnownPeer) -> String {
    let mark = if peer.is_revoked { "  REVOKED" } else { "" };
    let seen = match (time(peer.first_seen), time(peer.last_seen)) {
        (Some(first), Some(last)) => format!("first seen {first}, last seen {last}"),
        (Some(one), None) | (None, Some(one)) => format!("seen {one}"),
        (None, None) => "not seen yet".to_owned(),
    };
    let comment = match peer.comment.as_str() {
        "" => String::new(),
        comment => format!("\n  comment  {}", Printable(comment)),
    };
    format!(
        "{}{mark}\n  key      {}\n  words    {}\n  seen     {seen} (line {line}){comment}\n",
        Printable(&peer.name),
        peer.pin,
        peer.pin.words(),
    )
}
