//! The client's Finished, and ours in answer (RFC 5246 §7.4.9).

use handclasp_codec::{Encode, Finished, HandshakeType};
use handclasp_report::{Failed, Side, Tag};
use handclasp_schedule::{Epoch, MasterSecret, Sender};

use super::{State, connected::Connected, handshake::Handshake, seal_ticket::SealTicket};
use crate::{Action, Context, capability, message::check_finished};

/// The client's records are protected.
pub(crate) struct WaitFinished {
    pub(super) master: MasterSecret,
    /// Whether our Finished is sent, as it is where a session is resumed.
    pub(super) finished: bool,
}

impl WaitFinished {
    #[inline(never)]
    pub(super) fn finished(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { master, finished } = self;
        check_finished(message, &master.finished(Sender::Client, &shared.transcript.hash()), context.report)?;
        shared.transcript.add(message);

        match (finished, shared.ticket) {
            (true, _) => Ok(connected(shared, context, master)),
            (false, Some(on)) => {
                Ok(State::SealTicket(on, SealTicket::ask(on, shared, context, master, true)?))
            }
            (false, None) => {
                send_finished(shared, context, &master)?;
                Ok(connected(shared, context, master))
            }
        }
    }
}

/// change_cipher_spec and our Finished.
pub(super) fn send_finished(
    shared: &mut Handshake,
    context: &mut Context<'_>,
    master: &MasterSecret,
) -> Result<(), Failed> {
    context.actions.push(Action::SendChangeCipherSpec);
    context.actions.push(Action::InstallWriteKeys(Epoch::Application));
    let verify_data = master.finished(Sender::Server, &shared.transcript.hash());
    let ours = Finished { verify_data: &verify_data };
    shared.send(context, HandshakeType::finished, |writer| ours.encode(writer))
}

/// Both Finished are right.
pub(super) fn connected(shared: &mut Handshake, context: &mut Context<'_>, master: MasterSecret) -> State {
    let mut agreed = shared.complete();
    // Without RFC 7627 two connections may share a master secret (§6.1 there).
    if capability::Exporter::ON && shared.extended_master_secret {
        master.exporter(&shared.client_random, &shared.server_random, &mut agreed.exporter);
    }
    context.report.note(Side::Server, Tag::Connected, &[]);
    context.actions.connect(agreed);
    State::Connected(Connected { master: Some(master) })
}
