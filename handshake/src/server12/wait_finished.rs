//! The client's Finished, and ours in answer (RFC 5246 §7.4.9).
//! Called by the table.

use handclasp_codec::{Encode, Field, Finished, HandshakeType};
use handclasp_crypto::equal;
use handclasp_report::{Fault, Side, Tag};
use handclasp_schedule::{MasterSecret, Sender, TrafficKeys};

use super::{State, connected::Connected, flight::Flight};
use crate::{Action, Env, message::decode};

/// The client's records are protected.
pub(crate) struct WaitFinished {
    pub(super) flight: Flight,
    pub(super) master: MasterSecret,
    pub(super) write_keys: TrafficKeys,
}

impl WaitFinished {
    pub(super) fn finished(self, env: &mut Env<'_>, message: &[u8]) -> Result<State, Fault> {
        let Self { mut flight, master, write_keys } = self;
        let finished: Finished<'_> = decode(message, Field::finished)?;
        let expected = master.finished(Sender::Client, &flight.transcript.hash());
        if !equal(&expected, finished.verify_data) {
            return Err(Fault::FinishedInvalid);
        }
        flight.transcript.add(message);

        env.actions.push(Action::SendChangeCipherSpec);
        env.actions.push(Action::InstallWriteKeys(write_keys));
        let verify_data = master.finished(Sender::Server, &flight.transcript.hash());
        let ours = Finished { verify_data: &verify_data };
        flight.send(env, HandshakeType::finished, |writer| ours.encode(writer))?;

        let Flight { mut agreed, client_random, server_random, extended_master_secret, .. } = flight;
        // Without RFC 7627 two connections may share a master secret (§6.1 there).
        agreed.exporter = extended_master_secret.then(|| master.exporter(&client_random, &server_random));
        env.report.note(Side::Server, Tag::Connected, &[]);
        env.actions.push(Action::Connected(agreed));
        Ok(State::Connected(Connected))
    }
}
