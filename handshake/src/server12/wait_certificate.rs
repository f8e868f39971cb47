//! The client's Certificate, which may be empty (RFC 5246 §7.4.6).

use alloc::boxed::Box;

use handclasp_codec::{CertificateType, HandshakeType, ProtocolVersion};
use handclasp_report::Fault;

use super::{
    State,
    flight::Flight,
    wait_client_key_exchange::{UnderWay, WaitClientKeyExchange},
    wait_peer_accepted::WaitPeerAccepted,
};
use crate::{ClientAuthentication, Context, capability, chain::Chain};

/// Our flight is out, with a CertificateRequest in it.
pub(crate) struct WaitCertificate {
    pub(super) flight: Box<Flight>,
    pub(super) under_way: UnderWay,
    pub(super) certificate_type: CertificateType,
}

impl WaitCertificate {
    #[inline(never)]
    pub(super) fn certificate(
        self,
        on: capability::ClientAuth,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Fault> {
        let Self { mut flight, under_way, certificate_type } = self;
        let certificates = &context.config.certificates;
        let Some(chain) = Chain::tls12(message, certificate_type, context.report)? else {
            if certificates.client_authentication == ClientAuthentication::Required {
                return Err(Fault::NoCertificate { version: ProtocolVersion::TLS_1_2 });
            }
            flight.transcript.add(message);
            // There will be no CertificateVerify.
            flight.transcript.drop_messages();
            return Ok(State::WaitClientKeyExchange(WaitClientKeyExchange { flight, under_way, peer: None }));
        };
        flight.transcript.add(message);
        certificates.within_limit(&flight.transcript, HandshakeType::certificate, context.report)?;
        Ok(State::WaitPeerAccepted(on, WaitPeerAccepted { flight, under_way, chain }))
    }
}
