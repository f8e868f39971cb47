//! Key exchange: X25519 (RFC 7748) and ECDHE over P-256 and P-384 (RFC 8422, RFC 8446 §4.2.8.2).

use alloc::boxed::Box;
use core::marker::PhantomData;

use handclasp_codec::NamedGroup;
use handclasp_crypto::{ExchangeError, KeyExchange, PrivateShare, Random, Secret, equal};
use p256::{
    NistP256,
    elliptic_curve::{
        AffinePoint, CurveArithmetic, FieldBytes, FieldBytesSize, PublicKey, SecretKey,
        array::typenum::Unsigned,
        point::AffineCoordinates,
        sec1::{ModulusSize, Sec1Point, ToSec1Point},
    },
};
use p384::NistP384;
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};
use zeroize::Zeroizing;

/// X25519.
pub static X25519: &dyn KeyExchange = &Curve25519;

/// P-256.
pub static SECP256R1: &dyn KeyExchange = &Ecdhe::<NistP256>(PhantomData, NamedGroup::secp256r1);

/// P-384.
pub static SECP384R1: &dyn KeyExchange = &Ecdhe::<NistP384>(PhantomData, NamedGroup::secp384r1);

/// Every group of this provider, in order of preference.
pub static GROUPS: &[&dyn KeyExchange] = &[X25519, SECP256R1, SECP384R1];

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
        expect_length(peer, self.public.len())?;
        let peer = peer.try_into().map_err(|_| ExchangeError::Refused)?;
        let shared = Zeroizing::new(x25519(*self.private, peer));
        // A point of small order yields zeros (RFC 7748 §6.1, RFC 8446 §7.4.2).
        if equal(&*shared, &[0; 32]) {
            return Err(ExchangeError::Refused);
        }
        Secret::copy_from(&*shared).ok_or(ExchangeError::Ours)
    }
}

/// ECDHE over a SEC 1 curve.
struct Ecdhe<C>(PhantomData<fn() -> C>, NamedGroup);

impl<C> KeyExchange for Ecdhe<C>
where
    C: CurveArithmetic,
    AffinePoint<C>: AffineCoordinates<FieldRepr = FieldBytes<C>> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    fn group(&self) -> NamedGroup {
        self.1
    }

    fn start(&self, random: &mut dyn Random) -> Result<Box<dyn PrivateShare>, ExchangeError> {
        let private = draw::<C>(random).ok_or(ExchangeError::Ours)?;
        let public = private.public_key().as_affine().to_sec1_point(false);
        Ok(Box::new(EcdheShare { private, public }))
    }
}

/// Draws scalars until one lies in [1, n-1] (FIPS 186-5 §A.2.2). One draw in 2^32 fails for P-256, fewer
/// for P-384: ten failures in a row mean a broken generator.
pub(crate) fn draw<C: CurveArithmetic>(random: &mut dyn Random) -> Option<SecretKey<C>> {
    let mut scalar = Zeroizing::new(FieldBytes::<C>::default());
    for _ in 0..10 {
        random.fill(&mut scalar).ok()?;
        if let Ok(private) = SecretKey::from_bytes(&scalar) {
            return Some(private);
        }
    }
    None
}

/// Our scalar and share; the library wipes the scalar on drop.
struct EcdheShare<C: CurveArithmetic>
where
    FieldBytesSize<C>: ModulusSize,
{
    private: SecretKey<C>,
    public: Sec1Point<C>,
}

impl<C> PrivateShare for EcdheShare<C>
where
    C: CurveArithmetic,
    AffinePoint<C>: AffineCoordinates<FieldRepr = FieldBytes<C>>,
    FieldBytesSize<C>: ModulusSize,
{
    fn public(&self) -> &[u8] {
        self.public.as_bytes()
    }

    fn agree(self: Box<Self>, peer: &[u8]) -> Result<Secret, ExchangeError> {
        // The peer's point has the same length as ours.
        expect_length(peer, self.public.as_bytes().len())?;
        let peer = uncompressed::<C>(peer).ok_or(ExchangeError::Refused)?;
        let peer = PublicKey::from_affine(peer).map_err(|_| ExchangeError::Refused)?;
        let shared = self.private.diffie_hellman(&peer);
        Secret::copy_from(shared.raw_secret_bytes()).ok_or(ExchangeError::Ours)
    }
}

/// Decodes an UncompressedPointRepresentation (RFC 8446 §4.2.8.2), the only form that TLS permits. The
/// library's decoder also accepts compressed points and so links a square root: 2.7 KB of flash for a
/// form that must be rejected.
pub(crate) fn uncompressed<C>(bytes: &[u8]) -> Option<AffinePoint<C>>
where
    C: CurveArithmetic,
    AffinePoint<C>: AffineCoordinates<FieldRepr = FieldBytes<C>>,
{
    let coordinates = bytes.strip_prefix(&[4])?;
    let (x, y) = coordinates.split_at_checked(C::FieldBytesSize::USIZE)?;
    // Checks that both coordinates are below the field's prime and that the point is on the curve.
    AffinePoint::<C>::from_coordinates(&x.try_into().ok()?, &y.try_into().ok()?).into_option()
}

/// Checks that the peer's share has the length that the group requires.
fn expect_length(peer: &[u8], expected: usize) -> Result<(), ExchangeError> {
    let length = |bytes: usize| u16::try_from(bytes).unwrap_or(u16::MAX);
    match peer.len() == expected {
        true => Ok(()),
        false => Err(ExchangeError::Length { expected: length(expected), found: length(peer.len()) }),
    }
}
