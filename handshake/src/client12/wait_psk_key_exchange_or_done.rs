//! With a pre-shared key: a ServerKeyExchange, which with plain PSK only brings a hint and may
//! be left out (RFC 4279 §2), with ECDHE_PSK must bring a share (RFC 5489 §2). There is no
//! certificate and no request for one.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{Field, ServerKeyExchangeEcdhePsk, ServerKeyExchangePsk};
use handclasp_crypto::KeyExchangeAlgorithm;
use handclasp_report::{Failed, Side, Tag};

use super::{
    State,
    handshake::{Handshake, Premaster},
    wait_server_hello_done::WaitServerHelloDone,
    wait_server_key_exchange::agree,
};
use crate::{Context, capability, client::Psk, message::decode};

/// The ServerHello chose a suite with a pre-shared key.
pub(crate) struct WaitPskKeyExchangeOrDone {
    pub(super) handshake: Box<Handshake>,
    pub(super) psk: Psk,
}

impl WaitPskKeyExchangeOrDone {
    /// The hint changes nothing: there is one key, and the caller chose it for this server. The
    /// report tells it.
    #[inline(never)]
    pub(super) fn server_key_exchange(
        self,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { mut handshake, psk } = self;
        let premaster = match (handshake.suite.exchange, capability::Ecdhe::get()) {
            (KeyExchangeAlgorithm::EcdhePsk, Some(on)) => {
                let exchange: ServerKeyExchangeEcdhePsk<'_> =
                    decode(message, Field::server_key_exchange, context.report)?;
                hinted(context, &mut handshake, exchange.psk_identity_hint);
                Premaster::EcdhePsk(on, agree(context, &mut handshake, &exchange.params)?, psk)
            }
            _ => {
                let exchange: ServerKeyExchangePsk<'_> =
                    decode(message, Field::server_key_exchange, context.report)?;
                hinted(context, &mut handshake, exchange.psk_identity_hint);
                Premaster::Psk(psk)
            }
        };
        handshake.transcript.add(message);
        Ok(State::WaitServerHelloDone(WaitServerHelloDone { handshake, premaster, request: None }))
    }

    /// Whether the ServerKeyExchange may be left out.
    pub(super) fn may_be_done(&self) -> bool {
        self.handshake.suite.exchange == KeyExchangeAlgorithm::Psk
    }

    #[inline(never)]
    pub(super) fn server_hello_done(
        self,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { handshake, psk } = self;
        let premaster = Premaster::Psk(psk);
        WaitServerHelloDone { handshake, premaster, request: None }.server_hello_done(context, message)
    }
}

fn hinted(context: &mut Context<'_>, handshake: &mut Handshake, hint: &[u8]) {
    if !hint.is_empty() {
        context.report.note(Side::Server, Tag::PskIdentityHint, hint);
        handshake.agreed.psk_identity_hint = Some(Vec::from(hint));
    }
}
