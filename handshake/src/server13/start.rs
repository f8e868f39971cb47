//! START: the first ClientHello (RFC 8446 §4.1.2).
//! Called by the table.

use handclasp_schedule::Transcript;

use super::{State, cookie, received::Received};
use crate::Env;
use handclasp_report::Fault;

/// Nothing is known yet.
pub(crate) struct Start;

impl Start {
    pub(super) fn client_hello(self, env: &mut Env<'_>, message: &[u8]) -> Result<State, Fault> {
        // A second hello whose first one another connection saw.
        if cookie::is_carried(env, message)? {
            return cookie::resume(env, message)?.decide(env);
        }
        let received = Received { message: message.to_vec(), transcript: Transcript::new(), retry: None };
        received.decide(env)
    }
}
