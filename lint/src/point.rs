//! Whether a point lies on its curve: the provider's key agreement refuses one that does not.

use handclasp_crypto::{KeyExchange, KeyKind};
use handclasp_provider_aws_lc::{SECP256R1, SECP384R1, SECP521R1, SystemRandom};

/// Whether an uncompressed point is on the curve of this kind. A kind without a curve has every point.
pub(crate) fn is_on_curve(kind: KeyKind, point: &[u8]) -> bool {
    let group: &dyn KeyExchange = match kind {
        KeyKind::P256 => SECP256R1,
        KeyKind::P384 => SECP384R1,
        KeyKind::P521 => SECP521R1,
        KeyKind::Ed25519 | KeyKind::Rsa | KeyKind::RsaPss => return true,
    };
    // Without randomness nothing can be said against the point.
    group.start(&mut SystemRandom).map_or(true, |share| share.agree(point).is_ok())
}
