//! START again: a HelloRetryRequest was sent, the second ClientHello is awaited (RFC 8446
//! §4.1.2). It goes the way of the first; what was settled stays settled.
//! Called by the table.

use alloc::vec::Vec;

use handclasp_report::Fault;
use handclasp_schedule::Transcript;

use super::{
    State,
    received::Received,
    retry::{self, Retry},
};
use crate::Env;

/// What the second hello is held against.
pub(crate) struct WaitSecondHello {
    /// The first ClientHello.
    pub(super) first: Vec<u8>,
    /// Hash of the first hello, and the HelloRetryRequest.
    pub(super) transcript: Transcript,
    /// What was asked for.
    pub(super) retry: Retry,
}

impl WaitSecondHello {
    pub(super) fn client_hello(self, env: &mut Env<'_>, message: &[u8]) -> Result<State, Fault> {
        retry::compare(&self.first, message, &self.retry)?;
        let received =
            Received { message: message.to_vec(), transcript: self.transcript, retry: Some(self.retry) };
        received.decide(env)
    }
}
