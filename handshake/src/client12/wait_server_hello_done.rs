//! ServerHelloDone (RFC 5246 §7.4.5): our turn.

use alloc::boxed::Box;

use handclasp_codec::{Field, ServerHelloDone};
use handclasp_report::Failed;

use super::{
    State,
    handshake::{Handshake, Premaster},
    our_flight::OurFlight,
    wait_certificate_request_or_done::Request,
    wait_credential,
};
use crate::{Context, message::decode};

/// All else that the server may send came.
pub(crate) struct WaitServerHelloDone {
    pub(super) handshake: Box<Handshake>,
    pub(super) premaster: Premaster,
    pub(super) request: Option<Request>,
}

impl WaitServerHelloDone {
    #[inline(never)]
    pub(super) fn server_hello_done(
        self,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { mut handshake, premaster, request } = self;
        decode::<ServerHelloDone>(message, Field::server_hello_done, context.report)?;
        handshake.transcript.add(message);
        match request {
            Some(request) => wait_credential::asked(handshake, context, premaster, request),
            None => {
                handshake.transcript.drop_messages();
                OurFlight::begin(handshake, premaster, context)?.finish(context)
            }
        }
    }
}
