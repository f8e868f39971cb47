//! The server's Certificate (RFC 5246 §7.4.2).

use alloc::boxed::Box;

use handclasp_codec::HandshakeType;
use handclasp_report::Failed;

use super::{State, handshake::Handshake, wait_peer_accepted::WaitPeerAccepted};
use crate::{
    Context, capability,
    chain::{Chain, empty_list},
};

/// Where the list stands: behind the header.
const LIST: u32 = 4;

/// The ServerHello chose a suite whose server signs.
pub(crate) struct WaitCertificate {
    pub(super) handshake: Box<Handshake>,
}

impl WaitCertificate {
    #[inline(never)]
    pub(super) fn certificate(
        self,
        on: capability::Certificates,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { mut handshake } = self;
        let certificates = &context.config.certificates;
        let expected = handshake.types.server_judged(context)?;
        let chain = Chain::tls12(message, expected, context.report)?
            .ok_or_else(|| empty_list(LIST, context.report))?;
        handshake.transcript.add(message);
        certificates.within_limit(&handshake.transcript, HandshakeType::certificate, context.report)?;
        Ok(State::WaitPeerAccepted(on, WaitPeerAccepted { handshake, chain }))
    }
}
