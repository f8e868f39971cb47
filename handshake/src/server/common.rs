//! What both machines of the server need: a ClientHello read again, a random, and words for a
//! share that its group refuses.
//!
//! Called by: `server`, `server13`, `server12`.

use handclasp_codec::{ClientHello, Field, NamedGroup};
use handclasp_crypto::{ExchangeError, Random};
use handclasp_report::{Fault, Internal, ShareFault};

use crate::message::decode;

/// Reads a ClientHello.
pub(crate) fn decode_hello(message: &[u8]) -> Result<ClientHello<'_>, Fault> {
    decode(message, Field::client_hello)
}

/// A fresh random for a hello.
pub(crate) fn random(source: &mut dyn Random) -> Result<[u8; 32], Fault> {
    let mut random = [0; 32];
    source.fill(&mut random).map_err(|_| Fault::Internal(Internal::Random))?;
    Ok(random)
}

/// What a failed key exchange says about the peer, or about us.
pub(crate) fn share_fault(group: NamedGroup) -> impl Fn(ExchangeError) -> Fault {
    move |error| match error {
        ExchangeError::Length { expected, found } => {
            Fault::KeyShare { group, problem: ShareFault::Length { expected, found } }
        }
        ExchangeError::Refused => Fault::KeyShare { group, problem: ShareFault::Refused },
        ExchangeError::Ours => Fault::Internal(Internal::Crypto),
    }
}
