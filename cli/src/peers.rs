//! `handclasp peers`: the files of known peers.
//!
//! | file | what |
//! |---|---|
//! | `list` | the peers of a file, for people and for scripts |
//! | `key` | the key that a pin, a certificate or a public key names |
//! | `rotate` | new keys by the statements of the old ones |

mod key;
mod list;
mod rotate;

use std::{
    io::{self, Read as _},
    path::Path,
};

use handclasp::{KnownPeers, KnownPeersError};
use handclasp_codec::Printable;

use crate::{
    args::{PeersAccept, PeersArguments, PeersCommand, PeersFile, PeersForget, PeersRevoke},
    exit::Failure,
    known_peers::{Peers, file, file_to_write},
    say::say,
};
pub use rotate::statements;

/// Runs it.
pub fn run(arguments: &PeersArguments) -> Result<(), Failure> {
    match &arguments.command {
        PeersCommand::List(arguments) => list::run(&known(&arguments.file, false)?, arguments),
        PeersCommand::Accept(arguments) => accept(arguments),
        PeersCommand::Rotate(arguments) => rotate::run(&known(&arguments.file, true)?, arguments),
        PeersCommand::Forget(arguments) => forget(arguments),
        PeersCommand::Revoke(arguments) => revoke(arguments),
    }
}

fn known(flags: &PeersFile, is_written: bool) -> Result<KnownPeers, Failure> {
    let of = if flags.clients { Peers::Clients } else { Peers::Servers };
    let path = match is_written {
        true => file_to_write(flags.file.as_deref(), of),
        false => file(flags.file.as_deref(), of),
    };
    let path = path.map_err(|error| Failure::usage(format!("--file: {error}")))?;
    Ok(KnownPeers::new(path))
}

fn accept(arguments: &PeersAccept) -> Result<(), Failure> {
    let name = name(&arguments.name)?;
    let (pin, comment) = (key::pin(&arguments.key)?, arguments.comment.as_str());
    let peers = known(&arguments.file, true)?;
    let path = peers.path().display();
    let shown = Printable(name);
    match arguments.replace {
        true => {
            let count = peers.replace(name, pin, comment, None).map_err(not_accepted)?;
            say(format_args!("{shown} has the key {pin} now, and no other in {path}; keys removed: {count}"));
        }
        false => {
            peers.accept(name, pin, comment, None).map_err(not_accepted)?;
            let count = count_of(&peers, name)?;
            let others = if count > 1 { format!("; it has {count} keys now") } else { String::new() };
            say(format_args!("{shown} is accepted with the key {pin} ({path}){others}"));
        }
    }
    say(format_args!("words: {}", pin.words()));
    warn(&peers)
}

fn forget(arguments: &PeersForget) -> Result<(), Failure> {
    let peers = known(&arguments.file, true)?;
    let count = peers.forget(&arguments.name).map_err(failed)?;
    let (shown, path) = (Printable(&arguments.name), peers.path().display());
    say(format_args!("{shown} is forgotten: {count} {} removed from {path}", lines(count)));
    warn(&peers)
}

fn revoke(arguments: &PeersRevoke) -> Result<(), Failure> {
    let name = name(&arguments.name)?;
    let peers = known(&arguments.file, true)?;
    let (shown, path) = (Printable(name), peers.path().display());
    let pins = match &arguments.key {
        Some(key) => vec![key::pin(key)?],
        None => {
            let all = peers.peers().map_err(failed)?;
            let of_name =
                all.iter().filter(|(_, peer)| peer.name.eq_ignore_ascii_case(name) && !peer.is_revoked);
            of_name.map(|(_, peer)| peer.pin).collect()
        }
    };
    if pins.is_empty() {
        return Err(Failure::usage(format!(
            "{path}: {shown} has no key that could be revoked; a key that the file does not have is named: \
             handclasp peers revoke NAME PIN"
        )));
    }
    for pin in pins {
        match peers.revoke_as(name, pin, &arguments.reason).map_err(failed)? {
            0 => say(format_args!("{pin} is revoked in {path}, which did not have it before")),
            count => say(format_args!("{pin} is revoked: {count} {} of {path}", lines(count))),
        }
    }
    warn(&peers)
}

const fn lines(count: usize) -> &'static str {
    if count == 1 { "line" } else { "lines" }
}

/// A name that a line can hold and that people see.
fn name(name: &str) -> Result<&str, Failure> {
    match name.trim().is_empty() {
        true => Err(Failure::usage("NAME is empty: expected the name of the peer")),
        false => Ok(name),
    }
}

fn count_of(peers: &KnownPeers, name: &str) -> Result<usize, Failure> {
    let all = peers.peers().map_err(failed)?;
    Ok(all.iter().filter(|(_, peer)| peer.name.eq_ignore_ascii_case(name) && !peer.is_revoked).count())
}

/// Lines that do not parse, each with its number.
fn warn(peers: &KnownPeers) -> Result<(), Failure> {
    for bad in peers.bad_lines().map_err(failed)? {
        say(format_args!("warning: {}", Printable(&bad.to_string())));
    }
    Ok(())
}

fn failed(error: KnownPeersError) -> Failure {
    Failure::usage(error)
}

/// The key is in the file already, or a line revokes it: what was asked for is clear, and refused.
fn not_accepted(error: KnownPeersError) -> Failure {
    match error {
        KnownPeersError::Peer { .. } => Failure::Refused(error.to_string()),
        other => failed(other),
    }
}

/// A file that is public, up to a limit.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    match u64::try_from(bytes.len()).is_ok_and(|length| length <= limit) {
        true => Ok(bytes),
        false => Err(io::Error::other(format!("longer than {limit} bytes"))),
    }
}
