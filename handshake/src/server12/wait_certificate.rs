//! The client's Certificate, which may be empty (RFC 5246 §7.4.6).

use handclasp_codec::{CertificateType, HandshakeType, ProtocolVersion};
use handclasp_report::{Failed, Fault};

use super::{
    State,
    handshake::Handshake,
    wait_client_key_exchange::{UnderWay, WaitClientKeyExchange},
    wait_peer_accepted::WaitPeerAccepted,
};
use crate::{ClientAuthentication, Context, capability, chain::Chain};

/// Our flight is out, with a CertificateRequest in it.
pub(crate) struct WaitCertificate {
    pub(super) under_way: UnderWay,
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
        let Self { under_way, certificate_type } = self;
        let certificates = &context.config.certificates;
        let Some(chain) = Chain::tls12(message, certificate_type, context.report)? else {
            if certificates.client_authentication == ClientAuthentication::Required {
                return Err(context.fail(Fault::NoCertificate { version: ProtocolVersion::TLS_1_2 }));
            }
            shared.transcript.add(message);
            // There will be no CertificateVerify.
            shared.transcript.drop_messages();
            return Ok(State::WaitClientKeyExchange(WaitClientKeyExchange { under_way, peer: None }));
        };
        shared.transcript.add(message);
        certificates.within_limit(&shared.transcript, HandshakeType::certificate, context.report)?;
        Ok(State::WaitPeerAccepted(on, WaitPeerAccepted { under_way, chain }))
    }
}
