//! START again: a HelloRetryRequest was sent, the second ClientHello is awaited (RFC 8446
//! §4.1.2). It goes the way of the first, through the same checks; what was settled stays settled.

use alloc::vec::Vec;

use handclasp_codec::{Field, ProtocolVersion};
use handclasp_report::Fault;
use handclasp_schedule::Transcript;

use super::{
    State, cookie,
    received::Received,
    retry::{self, Retry},
};
use crate::{Context, server::client_hello};

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
    pub(super) fn client_hello(self, context: &mut Context<'_>, message: &[u8]) -> Result<State, Fault> {
        if let Some(kept) = &self.kept {
            retry::compare(&kept.first, message, &kept.retry)?;
        }
        let (hello, version) = client_hello::read(context, message, false)?;
        if version != ProtocolVersion::TLS_1_3 {
            return Err(Fault::RetryMismatch(Field::supported_versions));
        }
        match self.kept {
            Some(Kept { transcript, retry, .. }) => {
                Received { hello, transcript, retry: Some(retry) }.decide(context)
            }
            None => cookie::resume(context, hello)?.decide(context),
        }
    }
}
