//! ServerHelloDone (RFC 5246 §7.4.5): our turn.

use alloc::boxed::Box;

use handclasp_codec::{Field, ServerHelloDone};
use handclasp_report::Fault;

use super::{
    State,
    our_flight::OurFlight,
    session::{Agreement, Session},
    wait_certificate_request_or_done::Request,
    wait_credential::WaitCredential,
};
use crate::{Context, message::decode};

/// All else that the server may send came.
pub(crate) struct WaitServerHelloDone {
    pub(super) session: Box<Session>,
    pub(super) agreement: Option<Agreement>,
    pub(super) request: Option<Request>,
}

impl WaitServerHelloDone {
    pub(super) fn server_hello_done(self, context: &mut Context<'_>, message: &[u8]) -> Result<State, Fault> {
        let Self { mut session, agreement, request } = self;
        decode::<ServerHelloDone>(message, Field::server_hello_done)?;
        session.transcript.add(message);
        match request {
            Some(request) => Ok(State::WaitCredential(WaitCredential { session, agreement, request })),
            None => {
                session.transcript.drop_messages();
                OurFlight::begin(session, agreement, context)?.finish(context)
            }
        }
    }
}
