//! The client's half of the key exchange (RFC 5246 §7.4.7, RFC 8422 §5.7, RFC 4279 §2,
//! RFC 5489 §2).

use alloc::boxed::Box;

use handclasp_codec::{
    ClientKeyExchangeEcdhe, ClientKeyExchangeEcdhePsk, ClientKeyExchangePsk, Field, NamedGroup,
};
use handclasp_crypto::{PrivateShare, Secret};
use handclasp_report::{Failed, Side, Tag};

use super::{State, choose_psk::ChoosePsk, handshake::Handshake, secrets};
use crate::{
    Context, capability,
    message::{decode, share_failed},
    verify::PeerKey,
};

/// Our flight is out.
pub(crate) struct WaitClientKeyExchange {
    pub(super) under_way: UnderWay,
    /// The client's key, where it showed one.
    pub(super) peer: Option<(capability::ClientAuth, PeerKey)>,
}

/// Our half of the key exchange.
pub(super) enum UnderWay {
    /// An ephemeral key, which we signed.
    Ecdhe(capability::Certificates, NamedGroup, Box<dyn PrivateShare>),
    /// Nothing but the key that both hold.
    Psk(capability::Psk),
    /// An ephemeral key, and the key that both hold.
    EcdhePsk(capability::Psk, NamedGroup, Box<dyn PrivateShare>),
}

impl WaitClientKeyExchange {
    #[inline(never)]
    pub(super) fn client_key_exchange(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { under_way, peer } = self;
        shared.transcript.add(message);
        match under_way {
            UnderWay::Ecdhe(_, group, private) => {
                let theirs: ClientKeyExchangeEcdhe<'_> =
                    decode(message, Field::client_key_exchange, context.report)?;
                let secret = private
                    .agree(theirs.public)
                    .map_err(|error| share_failed(error, group, context.report))?;
                Ok(secrets::derive(shared, context, secret.expose(), peer))
            }
            UnderWay::Psk(on) => {
                let theirs: ClientKeyExchangePsk<'_> =
                    decode(message, Field::client_key_exchange, context.report)?;
                Ok(ask_psk(on, shared, context, theirs.psk_identity, None))
            }
            UnderWay::EcdhePsk(on, group, private) => {
                let theirs: ClientKeyExchangeEcdhePsk<'_> =
                    decode(message, Field::client_key_exchange, context.report)?;
                let secret = private
                    .agree(theirs.public)
                    .map_err(|error| share_failed(error, group, context.report))?;
                Ok(ask_psk(on, shared, context, theirs.psk_identity, Some(secret.boxed())))
            }
        }
    }
}

fn ask_psk(
    on: capability::Psk,
    shared: &mut Handshake,
    context: &mut Context<'_>,
    identity: &[u8],
    secret: Option<Box<Secret>>,
) -> State {
    context.report.note(Side::Client, Tag::PskIdentity, identity);
    shared.agreed().psk_identity = Some(identity.to_vec());
    State::ChoosePsk(on, ChoosePsk { secret })
}
