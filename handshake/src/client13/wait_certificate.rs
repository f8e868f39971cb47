//! WAIT_CERT: the server's Certificate (RFC 8446 §4.4.2).

use alloc::boxed::Box;

use handclasp_report::Failed;

use super::{
    State, handshake::Handshake, wait_certificate_or_request::Request, wait_peer_accepted::WaitPeerAccepted,
};
use crate::{
    Context, capability,
    chain::{Chain, empty_list, ocsp_response},
};

/// Where the list stands: behind the header and the length of an empty context.
const LIST: u32 = 5;

/// A CertificateRequest came.
pub(crate) struct WaitCertificate {
    pub(super) handshake: Box<Handshake>,
    pub(super) request: Option<Request>,
}

impl WaitCertificate {
    #[inline(never)]
    pub(super) fn certificate(
        self,
        on: capability::Certificates,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { mut handshake, request } = self;
        // A server is never asked, so its context is empty.
        let expected = handshake.types.server_judged(context)?;
        let chain = Chain::tls13(message, &[], handshake.offered, expected, context.report)?
            .ok_or_else(|| empty_list(LIST, context.report))?;
        handshake.agreed.ocsp_response = ocsp_response(message, context.report)?;
        handshake.transcript.add(message);
        Ok(State::WaitPeerAccepted(on, WaitPeerAccepted { handshake, request, chain }))
    }
}
