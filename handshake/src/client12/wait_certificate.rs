//! The server's Certificate (RFC 5246 §7.4.2).

use alloc::boxed::Box;

use handclasp_codec::HandshakeType;
use handclasp_report::Fault;

use super::{State, session::Session, wait_peer_accepted::WaitPeerAccepted};
use crate::{
    Context,
    chain::{Chain, empty_list},
};

/// Where the list stands: behind the header.
const LIST: u32 = 4;

/// The ServerHello chose a suite whose server signs.
pub(crate) struct WaitCertificate {
    pub(super) session: Box<Session>,
}

impl WaitCertificate {
    pub(super) fn certificate(self, context: &Context<'_>, message: &[u8]) -> Result<State, Fault> {
        let Self { mut session } = self;
        let certificates = &context.config.certificates;
        let expected = session.types.server_judged(certificates)?;
        let chain = Chain::tls12(message, expected)?.ok_or(empty_list(LIST))?;
        session.transcript.add(message);
        certificates.within_limit(&session.transcript, HandshakeType::certificate)?;
        Ok(State::WaitPeerAccepted(WaitPeerAccepted { session, chain }))
    }
}
