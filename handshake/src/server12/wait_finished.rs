//! The client's Finished, and ours in answer (RFC 5246 §7.4.9).

use alloc::boxed::Box;

use handclasp_codec::{Encode, Finished, HandshakeType};
use handclasp_report::{Fault, Side, Tag};
use handclasp_schedule::{Epoch, MasterSecret, Sender};

use super::{State, connected::Connected, flight::Flight, seal_ticket::SealTicket};
use crate::{Action, Context, capability, message::check_finished};

/// The client's records are protected.
pub(crate) struct WaitFinished {
    pub(super) flight: Box<Flight>,
    pub(super) master: MasterSecret,
    /// Whether our Finished is sent, as it is where a session is resumed.
    pub(super) finished: bool,
}

impl WaitFinished {
    #[inline(never)]
    pub(super) fn finished(self, context: &mut Context<'_>, message: &[u8]) -> Result<State, Fault> {
        let Self { mut flight, master, finished } = self;
        check_finished(message, &master.finished(Sender::Client, &flight.transcript.hash()), context.report)?;
        flight.transcript.add(message);

        match (finished, flight.ticket) {
            (true, _) => Ok(connected(context, flight, master)),
            (false, Some(on)) => {
                Ok(State::SealTicket(on, SealTicket::ask(on, context, flight, master, true)?))
            }
            (false, None) => {
                send_finished(context, &mut flight, &master)?;
                Ok(connected(context, flight, master))
            }
        }
    }
}

/// change_cipher_spec and our Finished.
pub(super) fn send_finished(
    context: &mut Context<'_>,
    flight: &mut Flight,
    master: &MasterSecret,
) -> Result<(), Fault> {
    context.actions.push(Action::SendChangeCipherSpec);
    context.actions.push(Action::InstallWriteKeys(Epoch::Application));
    let verify_data = master.finished(Sender::Server, &flight.transcript.hash());
    let ours = Finished { verify_data: &verify_data };
    flight.send(context, HandshakeType::finished, |writer| ours.encode(writer))
}

/// Both Finished are right.
pub(super) fn connected(context: &mut Context<'_>, flight: Box<Flight>, master: MasterSecret) -> State {
    let Flight { mut agreed, client_random, server_random, extended_master_secret, .. } = *flight;
    // Without RFC 7627 two connections may share a master secret (§6.1 there).
    if capability::Exporter::ON && extended_master_secret {
        master.exporter(&client_random, &server_random, &mut agreed.exporter);
    }
    context.report.note(Side::Server, Tag::Connected, &[]);
    context.actions.connect(agreed);
    State::Connected(Connected { master: Some(master) })
}
