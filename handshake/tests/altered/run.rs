//! One handshake between two ends, with somebody in the middle.

use handclasp_handshake::{ClientStart, Connected, Handshake, Session};
use handclasp_report::Side;

use crate::{
    alteration::{Alteration, Random},
    end::{End, Party, Sent},
    scenarios::{SERVER_NAME, Scenario},
};

/// More messages than any handshake has.
const STEPS_MAX: usize = 100;

/// What is altered.
pub struct Alter<'a> {
    /// Which message, counted in both directions.
    pub index: usize,
    pub kind: Alteration,
    pub random: Random,
    /// The messages of an honest handshake of the same scenario.
    pub earlier: &'a [Vec<u8>],
}

/// How it went.
pub enum Outcome {
    /// Both ends say that they are connected.
    Both { client: Box<Connected>, server: Box<Connected>, session: Option<Session>, messages: Vec<Vec<u8>> },
    /// One end said no.
    Refused,
    /// Both wait for the other.
    Waiting,
    /// The message came after its reader was connected, or stayed as it was.
    NotAltered,
}

/// Runs a handshake, and alters one message of it.
pub fn run(scenario: &Scenario, mut alter: Option<Alter<'_>>) -> Outcome {
    let (mut client, mut server) = ends(scenario);
    let mut messages = Vec::new();
    for _ in 0..STEPS_MAX {
        let from_client = !client.out.is_empty();
        let queue = if from_client { &mut client.out } else { &mut server.out };
        let Some(sent) = queue.pop_front() else {
            return ending(client, server, messages);
        };
        let mut all = vec![sent];
        if let Sent::Message(message) = &all[0] {
            messages.push(message.clone());
            if let Some(alter) = alter.take_if(|alter| alter.index + 1 == messages.len()) {
                let reader_is_done =
                    if from_client { server.connected.is_some() } else { client.connected.is_some() };
                let queue = if from_client { &mut client.out } else { &mut server.out };
                let next = if alter.kind == Alteration::Swap { queue.pop_front() } else { None };
                match altered(&messages[alter.index], next, alter) {
                    Some(changed) if !reader_is_done => all = changed,
                    _ => return Outcome::NotAltered,
                }
            }
        }
        for sent in &all {
            let taken = if from_client { server.take(sent) } else { client.take(sent) };
            if taken.is_err() {
                return Outcome::Refused;
            }
        }
    }
    panic!("{}: messages without end", scenario.name);
}

/// What goes on instead of a message; nothing where it would be the same.
fn altered(message: &[u8], next: Option<Sent>, mut alter: Alter<'_>) -> Option<Vec<Sent>> {
    let same = || Sent::Message(message.to_vec());
    match alter.kind {
        Alteration::Drop => Some(Vec::new()),
        Alteration::Repeat => Some(vec![same(), same()]),
        // A change_cipher_spec of TLS 1.3 may stand on either side of a message.
        Alteration::Swap => match next {
            Some(Sent::Message(next)) => Some(vec![Sent::Message(next), same()]),
            Some(Sent::ChangeCipherSpec) | None => None,
        },
        Alteration::Earlier => {
            let earlier = alter.earlier.get(alter.index).filter(|earlier| *earlier != message)?;
            Some(vec![Sent::Message(earlier.clone())])
        }
        kind => {
            let mut changed = message.to_vec();
            if message.len() == 4 {
                // Nothing but a header: its type.
                changed[0] ^= 1 << alter.random.below(8);
            } else {
                kind.apply(&mut changed, &mut alter.random);
            }
            (changed != message).then(|| vec![Sent::Message(changed)])
        }
    }
}

fn ends(scenario: &Scenario) -> (End, End) {
    let start = ClientStart {
        server_name: Some(SERVER_NAME),
        psk: scenario.psk.map(|psk| psk.for_client()),
        session: scenario.session.as_ref(),
    };
    let party = |own, peer| Party { own, peer, psk: scenario.psk };
    let clients = scenario.client_kind;
    let client = party(clients, scenario.server_kind);
    let client =
        End::start(Side::Client, &scenario.client, client, |context| Handshake::client(context, start));
    let servers = party(Some(scenario.server_kind), clients.unwrap_or(scenario.server_kind));
    let server = End::start(Side::Server, &scenario.server, servers, Handshake::server);
    (client, server)
}

fn ending(mut client: End, server: End, messages: Vec<Vec<u8>>) -> Outcome {
    match (client.connected, server.connected) {
        (Some(connected), Some(server)) => {
            Outcome::Both { client: connected, server, session: client.sessions.pop(), messages }
        }
        _ => Outcome::Waiting,
    }
}
