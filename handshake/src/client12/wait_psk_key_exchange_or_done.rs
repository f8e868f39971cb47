//! With a pre-shared key: a ServerKeyExchange, which with plain PSK only brings a hint and may
//! be left out (RFC 4279 §2), with ECDHE_PSK must bring a share (RFC 5489 §2). There is no
//! certificate and no request for one.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{Field, ServerKeyExchangeEcdhePsk, ServerKeyExchangePsk};
use handclasp_crypto::KeyExchangeAlgorithm;
use handclasp_report::{Fault, Side, Tag};

use super::{
    State, session::Session, wait_server_hello_done::WaitServerHelloDone, wait_server_key_exchange::agree,
};
use crate::{Context, message::decode};

/// The ServerHello chose a suite with a pre-shared key.
pub(crate) struct WaitPskKeyExchangeOrDone {
    pub(super) session: Box<Session>,
}

impl WaitPskKeyExchangeOrDone {
    /// The hint changes nothing: there is one key, and the caller chose it for this server. The
    /// report tells it.
    pub(super) fn server_key_exchange(
        self,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Fault> {
        let Self { mut session } = self;
        let agreement = match session.suite.exchange {
            KeyExchangeAlgorithm::EcdhePsk => {
                let exchange: ServerKeyExchangeEcdhePsk<'_> = decode(message, Field::server_key_exchange)?;
                hinted(context, &mut session, exchange.psk_identity_hint);
                Some(agree(context, &mut session, &exchange.params)?)
            }
            KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::Ecdhe(_) | KeyExchangeAlgorithm::Tls13 => {
                let exchange: ServerKeyExchangePsk<'_> = decode(message, Field::server_key_exchange)?;
                hinted(context, &mut session, exchange.psk_identity_hint);
                None
            }
        };
        session.transcript.add(message);
        Ok(State::WaitServerHelloDone(WaitServerHelloDone { session, agreement, request: None }))
    }

    /// Whether the ServerKeyExchange may be left out.
    pub(super) fn may_be_done(&self) -> bool {
        self.session.suite.exchange == KeyExchangeAlgorithm::Psk
    }

    pub(super) fn server_hello_done(self, context: &mut Context<'_>, message: &[u8]) -> Result<State, Fault> {
        let Self { session } = self;
        WaitServerHelloDone { session, agreement: None, request: None }.server_hello_done(context, message)
    }
}

fn hinted(context: &mut Context<'_>, session: &mut Session, hint: &[u8]) {
    if !hint.is_empty() {
        context.report.note(Side::Server, Tag::PskIdentityHint, hint);
        session.agreed.psk_identity_hint = Some(Vec::from(hint));
    }
}
