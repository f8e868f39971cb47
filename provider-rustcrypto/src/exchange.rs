//! Key exchange: X25519 (RFC 7748) and ECDHE over P-256 (RFC 8422, RFC 8446 §4.2.8.2).
//! Called by `handshake` for `key_share`, ServerKeyExchange and ClientKeyExchange.

use alloc::boxed::Box;

use handclasp_codec::NamedGroup;
use handclasp_crypto::{ExchangeError, KeyExchange, PrivateShare, Random, Secret, equal};
use p256::{
    AffinePoint, PublicKey, SecretKey,
    elliptic_curve::{point::AffineCoordinates, sec1::ToSec1Point},
};
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};
use zeroize::Zeroizing;

/// X25519.
pub static X25519: &dyn KeyExchange = &Curve25519;

/// P-256.
pub static SECP256R1: &dyn KeyExchange = &P256;

/// Every group of this provider, in order of preference.
pub static GROUPS: &[&dyn KeyExchange] = &[X25519, SECP256R1];

struct Curve25519;

impl KeyExchange for Curve25519 {
    fn group(&self) -> NamedGroup {
        NamedGroup::x25519
    }

    fn start(&self, random: &mut dyn Random) -> Result<Box<dyn PrivateShare>, ExchangeError> {
        let mut private = Zeroizing::new([0; 32]);
        random.fill(&mut *private).map_err(|_| ExchangeError::Ours)?;
        let public = x25519(*private, X25519_BASEPOINT_BYTES);
        Ok(Box::new(X25519Share { private, public }))
    }
}

struct X25519Share {
    private: Zeroizing<[u8; 32]>,
    public: [u8; 32],
}

impl PrivateShare for X25519Share {
    fn public(&self) -> &[u8] {
        &self.public
    }

    fn agree(self: Box<Self>, peer: &[u8]) -> Result<Secret, ExchangeError> {
        let peer = of_length::<32>(peer)?;
        let shared = Zeroizing::new(x25519(*self.private, *peer));
        // RFC 7748 §6.1, RFC 8446 §7.4.2: a point of small order yields zeros.
        if equal(&*shared, &[0; 32]) {
            return Err(ExchangeError::Refused);
        }
        Secret::copy_from(&*shared).ok_or(ExchangeError::Ours)
    }
}

struct P256;

impl KeyExchange for P256 {
    fn group(&self) -> NamedGroup {
        NamedGroup::secp256r1
    }

    fn start(&self, random: &mut dyn Random) -> Result<Box<dyn PrivateShare>, ExchangeError> {
        let private = draw_p256(random).ok_or(ExchangeError::Ours)?;
        let public = private.public_key().to_sec1_point(false);
        let public = public.as_bytes().try_into().map_err(|_| ExchangeError::Ours)?;
        Ok(Box::new(P256Share { private, public }))
    }
}

/// Draws scalars until one lies in [1, n-1] (FIPS 186-5 §A.2.2). One draw in 2^32 fails: ten
/// misses in a row are a broken source.
pub(crate) fn draw_p256(random: &mut dyn Random) -> Option<SecretKey> {
    let mut scalar = Zeroizing::new([0; 32]);
    for _ in 0..10 {
        random.fill(&mut *scalar).ok()?;
        if let Ok(private) = SecretKey::from_slice(&*scalar) {
            return Some(private);
        }
    }
    None
}

/// The library wipes the scalar when it goes.
struct P256Share {
    private: SecretKey,
    public: [u8; 65],
}

impl PrivateShare for P256Share {
    fn public(&self) -> &[u8] {
        &self.public
    }

    fn agree(self: Box<Self>, peer: &[u8]) -> Result<Secret, ExchangeError> {
        let peer = uncompressed_p256(of_length::<65>(peer)?).ok_or(ExchangeError::Refused)?;
        let peer = PublicKey::from_affine(peer).map_err(|_| ExchangeError::Refused)?;
        let shared = self.private.diffie_hellman(&peer);
        Secret::copy_from(shared.raw_secret_bytes()).ok_or(ExchangeError::Ours)
    }
}

/// A point of the curve in UncompressedPointRepresentation (RFC 8446 §4.2.8.2), the only form
/// that TLS knows. The library's own decoder takes compressed ones too, and with it comes a
/// square root: 2.7 KB of flash for a form to refuse.
pub(crate) fn uncompressed_p256(bytes: &[u8; 65]) -> Option<AffinePoint> {
    let (4, coordinates) = bytes.split_first().map(|(form, rest)| (*form, rest))? else {
        return None;
    };
    let (x, y) = coordinates.split_first_chunk::<32>()?;
    // Checks that both are below the field's prime and that the point lies on the curve.
    AffinePoint::from_coordinates(x.into(), y.try_into().ok()?).into_option()
}

/// The peer's share, if it has the length of the group's.
fn of_length<const N: usize>(peer: &[u8]) -> Result<&[u8; N], ExchangeError> {
    let length = |bytes: usize| u16::try_from(bytes).unwrap_or(u16::MAX);
    peer.try_into().map_err(|_| ExchangeError::Length { expected: length(N), found: length(peer.len()) })
}
