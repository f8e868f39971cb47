//! START again: a HelloRetryRequest was sent, the second ClientHello is awaited (RFC 8446
//! §4.1.2). It goes the way of the first, through the same checks; what was settled stays settled.

use alloc::boxed::Box;

use handclasp_codec::{ClientHello, Field, ProtocolVersion};
use handclasp_report::{Fault, Side};
use handclasp_schedule::Transcript;

use super::{
    State, cookie,
    received::Received,
    retry::{Retry, Unchanged},
};
use crate::{
    Context,
    server::{Decoded, Hello, client_hello},
};

/// A HelloRetryRequest was sent.
pub(crate) struct WaitSecondHello {
    /// `None` if the client carries it in a cookie.
    pub(super) kept: Option<Box<Kept>>,
}

/// What the second hello is compared with.
pub(super) struct Kept {
    /// The first ClientHello.
    pub(super) first: Hello,
    /// The parts of it that the second one must repeat.
    pub(super) unchanged: Unchanged,
    /// Hash of the first hello, and the HelloRetryRequest.
    pub(super) transcript: Transcript,
    /// What was asked for.
    pub(super) retry: Retry,
}

impl WaitSecondHello {
    #[inline(never)]
    pub(super) fn client_hello(self, context: &mut Context<'_>, message: &[u8]) -> Result<State, Fault> {
        context.report.message(Side::Client, message);
        let mut hello = ClientHello::empty();
        let decoded = Decoded::new(message, &mut hello, context.report)?;
        if let Some(kept) = &self.kept {
            let Kept { first, unchanged, .. } = &**kept;
            unchanged.compare(first, &decoded)?;
        }
        let (hello, version) = client_hello::check(context, &decoded)?;
        if version.number() != ProtocolVersion::TLS_1_3 {
            return Err(Fault::RetryMismatch(Field::supported_versions));
        }
        let (retry, transcript) = match self.kept {
            Some(kept) => (kept.retry, kept.transcript),
            None => cookie::resume(context, &decoded)?,
        };
        Received::decide(context, hello, &decoded, transcript, Some(&retry))
    }
}
