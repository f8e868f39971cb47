//! The abbreviated handshake (RFC 5077 §3.1, figure 2): the master secret is that of the
//! session, and the server's Finished comes before ours. Also what both forms of the handshake
//! wait for next.

use alloc::boxed::Box;

use handclasp_report::{Side, Tag};
use handclasp_schedule::{MasterSecret, key_log};

use super::{
    State, session::Session, wait_change_cipher_spec::WaitChangeCipherSpec,
    wait_new_session_ticket::WaitNewSessionTicket,
};
use crate::Context;

/// The server took a session of ours: whoever began it is whom we talk to.
pub(super) fn begin(mut session: Box<Session>, context: &mut Context<'_>, resumed: &crate::Session) -> State {
    session.agreed.resumed = true;
    session.agreed.peer = resumed.peer;
    session.agreed.psk_identity.clone_from(&resumed.psk_identity);
    session.authenticated = resumed.authenticated;
    context.report.note(Side::Server, Tag::Resumed, &[]);

    let mut master = MasterSecret::restore(session.suite.hash, &resumed.secret);
    context.actions.log(context.config, key_log::CLIENT_RANDOM, &session.client_random, master.secret());
    master.derive_keys(session.suite, &session.client_random, &session.server_random);
    wait(session, master, false)
}

/// What comes before the server's Finished. `finished` says whether our own is sent.
pub(super) fn wait(session: Box<Session>, master: MasterSecret, finished: bool) -> State {
    let ticket_follows = session.ticket_follows;
    let next = WaitChangeCipherSpec { session, master, finished };
    match ticket_follows {
        true => State::WaitNewSessionTicket(WaitNewSessionTicket { next }),
        false => State::WaitChangeCipherSpec(next),
    }
}
