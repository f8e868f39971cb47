//! The server's Finished (RFC 5246 §7.4.9), which authenticates the handshake.

use alloc::boxed::Box;

use handclasp_report::{Failed, Side, Tag};
use handclasp_schedule::{MasterSecret, Sender};

use super::{State, handshake::Handshake, our_flight::send_finished};
use crate::{Context, capability, message::check_finished};

/// The server's change_cipher_spec came.
pub(crate) struct WaitFinished {
    pub(super) handshake: Box<Handshake>,
    pub(super) master: MasterSecret,
    /// Whether our Finished is sent.
    pub(super) finished: bool,
}

impl WaitFinished {
    #[inline(never)]
    pub(super) fn finished(self, context: &mut Context<'_>, message: &[u8]) -> Result<State, Failed> {
        let Self { mut handshake, master, finished } = self;
        check_finished(
            message,
            &master.finished(Sender::Server, &handshake.transcript.hash()),
            context.report,
        )?;
        if !finished {
            handshake.transcript.add(message);
            send_finished(&mut handshake, context, &master)?;
        }
        let Handshake { client_random, server_random, extended_master_secret, mut agreed, ticket, .. } =
            *handshake;
        // Without it an exporter would not be bound to this connection (RFC 7627 §5.4).
        if capability::Exporter::ON && extended_master_secret {
            master.exporter(&client_random, &server_random, &mut agreed.exporter);
        }
        if let Some(ticket) = ticket {
            context.actions.keep_session(ticket);
        }
        context.actions.connect(agreed);
        context.report.note(Side::Client, Tag::Connected, &[]);
        Ok(State::Connected(Some(master)))
    }
}
