//! Key agreement.

use alloc::vec::Vec;

use handclasp_codec::NamedGroup;
use handclasp_crypto::{KeyExchange, Random, RandomFailed};

use super::{checksum, counting};
use crate::BootError;

/// Of each group the checksum of the public key whose private key counts up from 0x40, and of the secret that this
/// key agrees with itself.
pub(super) const KNOWN: [(NamedGroup, u32); 3] = [
    (NamedGroup::x25519, 0xec34_d71e),
    (NamedGroup::secp256r1, 0x3ee1_d354),
    (NamedGroup::secp384r1, 0x4ddf_c727),
];

/// Where a private key is drawn: bytes that count up.
struct Counting;

impl Random for Counting {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        for (to, from) in out.iter_mut().zip(counting().iter().skip(0x40)) {
            *to = *from;
        }
        Ok(())
    }
}

pub(super) fn test(exchange: &dyn KeyExchange) -> Result<(), BootError> {
    let group = exchange.group();
    let known = KNOWN.iter().find(|known| known.0 == group).ok_or(BootError::UntestedGroup(group))?;
    match agree(exchange) {
        Some(found) if found == known.1 => Ok(()),
        _ => Err(BootError::Group(group)),
    }
}

/// The checksum of public key and secret, if a bad public key is refused.
fn agree(exchange: &dyn KeyExchange) -> Option<u32> {
    let pair = exchange.start(&mut Counting).ok()?;
    let mut public = Vec::from(pair.public());
    let secret = pair.agree(&public).ok()?;
    let found = checksum(&[&public, secret.expose()]);
    // A point that is not on the curve (SEC 1 has a byte of the form in front), or one of small order.
    match public.as_mut_slice() {
        [4, coordinates @ ..] => coordinates.fill(0),
        coordinate => coordinate.fill(0),
    }
    exchange.start(&mut Counting).ok()?.agree(&public).is_err().then_some(found)
}
