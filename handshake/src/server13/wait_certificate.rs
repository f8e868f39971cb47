//! WAIT_CERT: the client's Certificate, which may be empty (RFC 8446 §4.4.2.4).

use handclasp_codec::{CertificateType, ProtocolVersion};
use handclasp_report::{Failed, Fault};
use handclasp_schedule::MainSecret;

use super::{State, handshake::Handshake, wait_finished::WaitFinished, wait_peer_accepted::WaitPeerAccepted};
use crate::{ClientAuthentication, Context, capability, chain::Chain, extensions::OfferedExtensions};

/// Our flight is out, with a CertificateRequest in it.
pub(crate) struct WaitCertificate {
    pub(super) main: MainSecret,
    pub(super) certificate_type: CertificateType,
}

impl WaitCertificate {
    #[inline(never)]
    pub(super) fn certificate(
        self,
        on: capability::ClientAuth,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { main, certificate_type } = self;
        // Our CertificateRequest carries nothing that a certificate's extensions could answer,
        // and its context is empty.
        let chain =
            Chain::tls13(message, &[], OfferedExtensions::default(), certificate_type, context.report)?;
        shared.transcript.add(message);
        match (chain, context.config.certificates.client_authentication) {
            (Some(chain), _) => Ok(State::WaitPeerAccepted(on, WaitPeerAccepted { main, chain })),
            (None, ClientAuthentication::Required) => {
                Err(context.fail(Fault::NoCertificate { version: ProtocolVersion::TLS_1_3 }))
            }
            (None, ClientAuthentication::Offered | ClientAuthentication::None) => {
                Ok(State::WaitFinished(WaitFinished { main }))
            }
        }
    }
}
