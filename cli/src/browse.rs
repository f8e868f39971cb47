//! `handclasp browse`: the peers of a service on the local network, and whether they are known.
//!
//! | file | what |
//! |---|---|
//! | `standing` | what the file of known peers says of an announcement |

pub mod standing;

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use handclasp::KnownPeers;
use handclasp_discovery::{Browser, DiscoveryError, Peer, PeerEvent};
use serde_json::json;

use crate::{
    args::Browse,
    exit::Failure,
    known_peers::{Peers, file},
    output,
    say::say,
};
use standing::Standing;

/// Announcements that are kept: a name may be announced with several keys.
const ANNOUNCEMENTS_MAX: usize = 512;

/// Runs it.
pub fn run(arguments: &Browse) -> Result<(), Failure> {
    let path = file(arguments.file.as_deref(), Peers::Servers)
        .map_err(|error| Failure::usage(format!("--file: {error}")))?;
    let peers = KnownPeers::new(path);
    let known = peers.peers().map_err(Failure::usage)?;
    for bad in peers.bad_lines().map_err(Failure::usage)? {
        say(format_args!("warning: {bad}"));
    }
    let (announced, ignored) = announcements(arguments)?;
    let judged: Vec<(&Peer, Standing)> =
        announced.iter().map(|peer| (peer, Standing::of(peer, &known))).collect();
    if arguments.json {
        let listed: Vec<_> = judged.iter().map(|(peer, standing)| standing.json(peer)).collect();
        let value = json!({ "service": arguments.service.as_str(), "peers": listed, "ignored": ignored });
        let shown =
            serde_json::to_string_pretty(&value).map_err(|error| Failure::Output(error.to_string()))?;
        return output::line(shown).map(drop);
    }
    let mut text = String::new();
    judged.iter().for_each(|(peer, standing)| standing.write(&mut text, peer, peers.path()));
    output::write(text.as_bytes())?;
    say(closing(arguments, &announced, ignored));
    Ok(())
}

/// What was announced within the time, each name and key once, and how many announcements were left out.
fn announcements(arguments: &Browse) -> Result<(Vec<Peer>, u64), Failure> {
    let unavailable = |error: DiscoveryError| Failure::Transport(error.to_string());
    let mut browser = Browser::start(&arguments.service).map_err(unavailable)?;
    let (begun, time) = (Instant::now(), Duration::from_secs(arguments.timeout));
    let mut announced: Vec<Peer> = Vec::new();
    loop {
        let event = match browser.next_within(time.saturating_sub(begun.elapsed())) {
            Ok(Some(event)) => event,
            Ok(None) => break,
            // What was found before the flood is still of use.
            Err(error @ DiscoveryError::TooMany) => {
                say(format_args!("warning: {error}"));
                break;
            }
            Err(error) => return Err(unavailable(error)),
        };
        match event {
            PeerEvent::Found(peer) | PeerEvent::Changed(peer) => {
                // Two machines with one name and two keys are two lines.
                let is_same = |one: &Peer| one.name == peer.name && one.pins == peer.pins;
                match announced.iter().position(is_same) {
                    Some(place) => announced[place] = peer,
                    None if announced.len() < ANNOUNCEMENTS_MAX => announced.push(peer),
                    None => {}
                }
            }
            PeerEvent::Gone(name) => announced.retain(|one| one.name != name),
            _ => {}
        }
        // A flood must not keep the search from its end.
        if begun.elapsed() >= time {
            break;
        }
    }
    announced.sort_by_cached_key(|peer| peer.name.to_string());
    Ok((announced, browser.ignored()))
}

/// The line below the list.
fn closing(arguments: &Browse, announced: &[Peer], ignored: u64) -> String {
    let (service, seconds) = (&arguments.service, arguments.timeout);
    let mut text = match announced.len() {
        0 => format!(
            "no peer of {service} was announced within {seconds} s: is it running, on the same network, and is UDP \
             port 5353 open?"
        ),
        1 => "1 peer".to_owned(),
        count => format!("{count} peers"),
    };
    if ignored > 0 {
        let _infallible = write!(
            text,
            "\nwarning: {ignored} more announcements were left out: too many, or not valid names"
        );
    }
    if !announced.is_empty() {
        text += "; anybody can announce any key: handclasp connect --service NAME --tofu verifies it";
    }
    text
}
