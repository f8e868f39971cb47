//! START again: a HelloRetryRequest was sent, the second ClientHello is awaited (RFC 8446
//! §4.1.2). It goes the way of the first, through the same checks; what was settled stays settled.

use handclasp_codec::ProtocolVersion;
use handclasp_report::{Failed, Fault, Side};

use super::{State, choices, cookie, handshake::Handshake, received, retry};
use crate::{
    Context,
    server::{client_hello, hello},
};

/// A HelloRetryRequest was sent.
pub(crate) struct WaitSecondHello;

impl WaitSecondHello {
    #[inline(never)]
    pub(super) fn client_hello(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        context.report.message(Side::Client, message);
        let hello = hello::decode(message, context.report)?;
        if shared.retry.is_some() {
            retry::compare(context, shared.hello.view(), hello)?;
        }
        if client_hello::check(context, hello)?.number() != ProtocolVersion::TLS_1_3 {
            return Err(context.fail(Fault::RetryMismatch(handclasp_codec::Field::supported_versions)));
        }
        let (retry, transcript) = match shared.retry.take() {
            Some(retry) => (retry, core::mem::take(&mut shared.transcript)),
            // The client carries it in a cookie.
            None => cookie::resume(context, hello)?,
        };
        let (chosen, psks) = choices::of(context, hello, Some(retry))?;
        *shared = chosen;
        shared.transcript = transcript;
        received::decide(shared, context, psks)
    }
}
