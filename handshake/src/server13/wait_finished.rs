//! WAIT_FINISHED: the client's Finished proves that it saw what we saw (RFC 8446 §4.4.4).
//! Called by the table.

use alloc::boxed::Box;

use handclasp_codec::{Field, Finished};
use handclasp_crypto::{Digest, Suite, equal};
use handclasp_report::{Fault, Side, Tag};
use handclasp_schedule::TrafficSecret;

use super::{State, connected::Connected};
use crate::{Action, Env, message::decode};

/// All that the client still has to prove, and what follows.
pub(crate) struct WaitFinished {
    pub(super) suite: &'static Suite,
    /// The verify_data that must come.
    pub(super) expected: Digest,
    pub(super) client_application_traffic: TrafficSecret,
    pub(super) server_application_traffic: TrafficSecret,
    pub(super) agreed: Box<crate::Connected>,
}

impl WaitFinished {
    pub(super) fn finished(self, env: &mut Env<'_>, message: &[u8]) -> Result<State, Fault> {
        let finished: Finished<'_> = decode(message, Field::finished)?;
        if !equal(&self.expected, finished.verify_data) {
            return Err(Fault::FinishedInvalid);
        }
        let keys = self.client_application_traffic.keys(self.suite);
        env.actions.push(Action::InstallReadKeys(keys));
        env.report.note(Side::Server, Tag::Connected, &[]);
        env.actions.push(Action::Connected(self.agreed));
        Ok(State::Connected(Connected {
            suite: self.suite,
            client_application_traffic: self.client_application_traffic,
            server_application_traffic: self.server_application_traffic,
        }))
    }
}
