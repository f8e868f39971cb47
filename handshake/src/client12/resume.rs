//! The abbreviated handshake (RFC 5077 §3.1, figure 2): the master secret is that of the
//! session, and the server's Finished comes before ours. Also what both forms of the handshake
//! wait for next.

use alloc::boxed::Box;

use handclasp_report::{Side, Tag};
use handclasp_schedule::{MasterSecret, key_log};

use super::{
    State, handshake::Handshake, wait_change_cipher_spec::WaitChangeCipherSpec,
    wait_new_session_ticket::WaitNewSessionTicket,
};
use crate::Context;

/// Takes over what a resumed session says about the server: its first handshake authenticated it.
pub(super) fn begin(
    mut handshake: Box<Handshake>,
    context: &mut Context<'_>,
    resumed: &crate::Session,
) -> State {
    handshake.agreed.resumed = true;
    handshake.agreed.peer = resumed.peer;
    handshake.agreed.psk_identity.clone_from(&resumed.psk_identity);
    handshake.authenticated = resumed.authenticated;
    context.report.note(Side::Server, Tag::Resumed, &[]);

    let mut master = MasterSecret::restore(handshake.suite.hash, &resumed.secret);
    context.actions.log(context.config, key_log::CLIENT_RANDOM, &handshake.client_random, master.secret());
    master.derive_keys(handshake.suite, &handshake.client_random, &handshake.server_random);
    wait(handshake, master, false)
}

/// What comes before the server's Finished. `finished` says whether our own is sent.
pub(super) fn wait(handshake: Box<Handshake>, master: MasterSecret, finished: bool) -> State {
    let ticket_follows = handshake.ticket_follows;
    let next = WaitChangeCipherSpec { handshake, master, finished };
    match ticket_follows {
        Some(on) => State::WaitNewSessionTicket(on, WaitNewSessionTicket { next }),
        None => State::WaitChangeCipherSpec(next),
    }
}
