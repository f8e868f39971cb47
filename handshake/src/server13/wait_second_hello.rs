//! START again: a HelloRetryRequest was sent, the second ClientHello is awaited (RFC 8446
//! §4.1.2). It goes the way of the first; what was settled stays settled.
//! Called by the table.

use alloc::vec::Vec;

use handclasp_report::Fault;
use handclasp_schedule::Transcript;

use super::{
    State, cookie,
    received::Received,
    retry::{self, Retry},
};
use crate::Env;

/// A HelloRetryRequest was sent.
pub(crate) struct WaitSecondHello {
    /// Nothing where the client carries it in a cookie.
    pub(super) kept: Option<Kept>,
}

/// What the second hello is held against.
pub(super) struct Kept {
    /// The first ClientHello.
    pub(super) first: Vec<u8>,
    /// Hash of the first hello, and the HelloRetryRequest.
    pub(super) transcript: Transcript,
    /// What was asked for.
    pub(super) retry: Retry,
}

impl WaitSecondHello {
    pub(super) fn client_hello(self, env: &mut Env<'_>, message: &[u8]) -> Result<State, Fault> {
        let Some(Kept { first, transcript, retry }) = self.kept else {
            return cookie::resume(env, message)?.decide(env);
        };
        retry::compare(&first, message, &retry)?;
        Received { message: message.to_vec(), transcript, retry: Some(retry) }.decide(env)
    }
}
