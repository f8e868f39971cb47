//! WAIT_FINISHED: the client's Finished proves that it saw what we saw (RFC 8446 §4.4.4).

use handclasp_report::{Failed, Side, Tag};
use handclasp_schedule::{Epoch, MainSecret, Sender};

use super::{State, connected::Connected, handshake::Handshake, issue_tickets::Issue};
use crate::{Action, Context, message::check_finished};

/// All that the client still has to prove is that it saw the same messages.
pub(crate) struct WaitFinished {
    pub(super) main: MainSecret,
}

impl WaitFinished {
    #[inline(never)]
    pub(super) fn finished(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { main } = self;
        let base = main.traffic(Epoch::Handshake, Sender::Client);
        let mut transcript = core::mem::take(&mut shared.transcript);
        check_finished(message, &base.finished(&transcript.hash()), context.report)?;
        transcript.add(message);
        let tickets = Issue::begin(shared, context);
        let for_tickets = tickets.is_some().then(|| transcript.hash());
        let connected = Connected { secrets: main.application(for_tickets.as_ref()) };
        context.actions.push(Action::InstallReadKeys(Epoch::Application));
        context.report.note(Side::Server, Tag::Connected, &[]);
        context.actions.connect(shared.complete());
        match tickets {
            Some(tickets) => tickets.with(connected, context),
            None => Ok(State::Connected(connected)),
        }
    }
}
