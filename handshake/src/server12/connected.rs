//! The handshake is over. A ClientHello would renegotiate, which is never done (RFC 5746 §4.5);
//! no other message belongs here.

use handclasp_codec::{AlertDescription, ClientHello, Field};
use handclasp_report::Fault;
use handclasp_schedule::MasterSecret;

use super::State;
use crate::{Action, Context, capability, message::read};

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
    pub(super) fn client_hello(self, context: &mut Context<'_>, message: &[u8]) -> Result<State, Fault> {
        let mut hello = ClientHello::empty();
        read(message, Field::client_hello, context.report, |body| hello.read(body, capability::knows))?;
        context.actions.push(Action::Warn(AlertDescription::no_renegotiation));
        Ok(State::Connected(self))
    }
}
