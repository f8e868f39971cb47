//! The certificate is sent; the caller signs our ephemeral key, at once or later (RFC 8422 §5.4).

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{Encode, HandshakeType, NamedGroup, ServerKeyExchangeEcdhe, SignatureScheme};
use handclasp_crypto::PrivateShare;
use handclasp_report::Fault;
use handclasp_schedule::server_key_exchange_content;

use super::{
    State, certificate_request,
    flight::{Flight, ecdh_params},
    wait_client_key_exchange::UnderWay,
};
use crate::{Context, Need, capability};

/// Sent up to Certificate.
pub(crate) struct SignKeyExchange {
    on: capability::Certificates,
    flight: Box<Flight>,
    group: NamedGroup,
    private: Box<dyn PrivateShare>,
    scheme: SignatureScheme,
    /// What is to be signed.
    content: Vec<u8>,
}

impl SignKeyExchange {
    pub(super) fn new(
        on: capability::Certificates,
        flight: Box<Flight>,
        group: NamedGroup,
        private: Box<dyn PrivateShare>,
        scheme: SignatureScheme,
    ) -> Result<Self, Fault> {
        let mut params = Vec::new();
        ecdh_params(group, private.public()).encode_to(&mut params)?;
        let content = server_key_exchange_content(&flight.client_random, &flight.server_random, &params);
        Ok(Self { on, flight, group, private, scheme, content })
    }

    pub(super) fn need(&self) -> Need<'_> {
        Need::Signature { scheme: self.scheme, message: &self.content }
    }

    #[inline(never)]
    pub(super) fn signature(self, context: &mut Context<'_>, signature: &[u8]) -> Result<State, Fault> {
        let Self { on, mut flight, group, private, scheme, .. } = self;
        let message = ServerKeyExchangeEcdhe {
            params: ecdh_params(group, private.public()),
            algorithm: scheme,
            signature,
            params_bytes: &[],
        };
        flight.send(context, HandshakeType::server_key_exchange, |writer| message.encode(writer))?;
        if flight.requested.is_some() {
            certificate_request::send(context, &mut flight)?;
        }
        flight.hello_done(context, UnderWay::Ecdhe(on, group, private))
    }
}
