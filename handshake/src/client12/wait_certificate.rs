//! The server's Certificate (RFC 5246 §7.4.2).
//!
//! Called by: the table.

use alloc::boxed::Box;

use handclasp_report::Fault;

use super::{State, session::Session, wait_peer_accepted::WaitPeerAccepted};
use crate::chain::{Chain, empty_list};

/// Where the list stands: behind the header.
const LIST: u32 = 4;

/// The ServerHello chose a suite whose server signs.
pub(crate) struct WaitCertificate {
    pub(super) session: Box<Session>,
}

impl WaitCertificate {
    pub(super) fn certificate(self, message: &[u8]) -> Result<State, Fault> {
        let Self { mut session } = self;
        let chain = Chain::tls12(message)?.ok_or(empty_list(LIST))?;
        session.transcript.add(message);
        Ok(State::WaitPeerAccepted(WaitPeerAccepted { session, chain }))
    }
}
