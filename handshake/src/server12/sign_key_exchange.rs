//! The certificate is sent; the caller signs our ephemeral key, at once or later (RFC 8422 §5.4).

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{Encode, HandshakeType, NamedGroup, ServerKeyExchangeEcdhe, SignatureScheme};
use handclasp_crypto::PrivateShare;
use handclasp_report::Failed;
use handclasp_schedule::server_key_exchange_content;

use super::{
    State, certificate_request,
    flight::{self, ecdh_params},
    handshake::Handshake,
    wait_client_key_exchange::UnderWay,
};
use crate::{Context, Need, capability};

/// Sent up to Certificate.
pub(crate) struct SignKeyExchange {
    on: capability::Certificates,
    group: NamedGroup,
    private: Box<dyn PrivateShare>,
    scheme: SignatureScheme,
    /// What is to be signed.
    content: Vec<u8>,
}

impl SignKeyExchange {
    pub(super) fn new(
        shared: &Handshake,
        context: &mut Context<'_>,
        on: capability::Certificates,
        group: NamedGroup,
        private: Box<dyn PrivateShare>,
        scheme: SignatureScheme,
    ) -> Result<Self, Failed> {
        let mut params = Vec::new();
        ecdh_params(group, private.public())
            .encode_to(&mut params)
            .map_err(|error| context.fail(error.into()))?;
        let content = server_key_exchange_content(&shared.client_random, &shared.server_random, &params);
        Ok(Self { on, group, private, scheme, content })
    }

    pub(super) fn need(&self) -> Need<'_> {
        Need::Signature { scheme: self.scheme, message: &self.content }
    }

    #[inline(never)]
    pub(super) fn signature(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        signature: &[u8],
    ) -> Result<State, Failed> {
        let Self { on, group, private, scheme, .. } = self;
        let message = ServerKeyExchangeEcdhe {
            params: ecdh_params(group, private.public()),
            algorithm: scheme,
            signature,
            params_bytes: &[],
        };
        shared.send(context, HandshakeType::server_key_exchange, |writer| message.encode(writer))?;
        if shared.requested.is_some() {
            certificate_request::send(shared, context)?;
        }
        flight::hello_done(shared, context, UnderWay::Ecdhe(on, group, private))
    }
}
