//! The handshake is over. A ClientHello would renegotiate, which is never done (RFC 5746 §4.5);
//! no other message belongs here.

use handclasp_codec::AlertDescription;
use handclasp_report::Failed;
use handclasp_schedule::MasterSecret;

use super::State;
use crate::{Action, Context, server::hello};

/// Nothing is left of the handshake but keys that are still to be installed.
pub(crate) struct Connected {
    pub(super) master: Option<MasterSecret>,
}

impl Connected {
    /// The keys are installed.
    pub(crate) fn drop_keys(&mut self) {
        self.master = None;
    }

    /// Whatever the hello offers, the answer is the same (RFC 5246 §7.2.2).
    #[inline(never)]
    pub(super) fn client_hello(self, context: &mut Context<'_>, message: &[u8]) -> Result<State, Failed> {
        hello::decode(message, context.report)?;
        context.actions.push(Action::Warn(AlertDescription::no_renegotiation));
        Ok(State::Connected(self))
    }
}
