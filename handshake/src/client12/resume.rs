//! The abbreviated handshake (RFC 5077 §3.1, figure 2): the master secret is that of the
//! session, and the server's Finished comes before ours. Also what both forms of the handshake
//! wait for next.
//!
//! Called by: `server_hello` (a session was taken), `our_flight`.

use alloc::boxed::Box;

use handclasp_report::{Side, Tag};
use handclasp_schedule::{KeyBlock, MasterSecret, TrafficKeys, key_log};

use super::{
    State, session::Session, wait_change_cipher_spec::WaitChangeCipherSpec,
    wait_new_session_ticket::WaitNewSessionTicket,
};
use crate::{Action, Env};

/// The server took a session of ours: whoever began it is whom we talk to.
pub(super) fn begin(mut session: Box<Session>, env: &mut Env<'_>, resumed: &crate::Session) -> State {
    session.agreed.resumed = true;
    session.agreed.peer = resumed.peer;
    session.agreed.psk_identity.clone_from(&resumed.psk_identity);
    session.authenticated = resumed.authenticated;
    env.report.note(Side::Server, Tag::Resumed, &[]);

    let master = MasterSecret::restore(session.suite.hash, resumed.secret.duplicate());
    env.actions.push(Action::KeyLog {
        label: key_log::CLIENT_RANDOM,
        client_random: session.client_random,
        secret: master.secret().duplicate(),
    });
    let keys = master.keys(session.suite, &session.client_random, &session.server_random);
    let KeyBlock { client, server } = keys;
    wait(session, master, server, Some(Box::new(client)))
}

/// What comes before the server's Finished. `client` is what we write with, where our own
/// Finished is still to be sent.
pub(super) fn wait(
    session: Box<Session>,
    master: MasterSecret,
    server: TrafficKeys,
    client: Option<Box<TrafficKeys>>,
) -> State {
    let ticket_follows = session.ticket_follows;
    let next = WaitChangeCipherSpec { session, master, server, client };
    match ticket_follows {
        true => State::WaitNewSessionTicket(WaitNewSessionTicket { next }),
        false => State::WaitChangeCipherSpec(next),
    }
}
