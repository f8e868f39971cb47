//! WAIT_FINISHED: the client's Finished proves that it saw what we saw (RFC 8446 §4.4.4).

use handclasp_report::{Fault, Side, Tag};
use handclasp_schedule::{Epoch, Sender};

use super::{State, connected::Connected, handshake::Handshake, issue_tickets::Issue};
use crate::{Action, Context, message::check_finished};

/// All that the client still has to prove is that it saw the same messages.
pub(crate) struct WaitFinished {
    pub(super) handshake: Handshake,
}

impl WaitFinished {
    #[inline(never)]
    pub(super) fn finished(self, context: &mut Context<'_>, message: &[u8]) -> Result<State, Fault> {
        let Self { mut handshake } = self;
        let base = handshake.main.traffic(Epoch::Handshake, Sender::Client);
        check_finished(message, &base.finished(&handshake.transcript.hash()), context.report)?;
        handshake.transcript.add(message);
        let tickets = Issue::begin(&handshake, context);
        let Handshake { suite, transcript, main, agreed, .. } = handshake;
        let for_tickets = tickets.is_some().then(|| transcript.hash());
        let connected = Connected { suite, secrets: main.application(for_tickets.as_ref()) };
        context.actions.push(Action::InstallReadKeys(Epoch::Application));
        context.report.note(Side::Server, Tag::Connected, &[]);
        context.actions.connect(agreed);
        match tickets {
            Some(tickets) => tickets.with(connected, context),
            None => Ok(State::Connected(connected)),
        }
    }
}
