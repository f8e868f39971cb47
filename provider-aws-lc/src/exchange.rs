//! Key exchange: X25519 (RFC 7748) and ECDHE over the NIST curves (RFC 8422, RFC 8446 §4.2.8.2).

use aws_lc_rs::agreement::{
    self, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, PublicKey, UnparsedPublicKey, agree,
};
use handclasp_codec::NamedGroup;
use handclasp_crypto::{Encapsulated, ExchangeError, KeyExchange, PrivateShare, Random, Secret};

/// X25519. The private key is drawn from the caller's `random`.
pub static X25519: &dyn KeyExchange =
    &Group { group: NamedGroup::x25519, algorithm: &agreement::X25519, public_len: 32 };

/// P-256. The library generates the private keys of NIST curves with its own generator: it accepts a
/// given scalar only with checks that cost a second multiplication.
pub static SECP256R1: &dyn KeyExchange =
    &Group { group: NamedGroup::secp256r1, algorithm: &ECDH_P256, public_len: 65 };

/// P-384. As with [`SECP256R1`], the library generates the private key.
pub static SECP384R1: &dyn KeyExchange =
    &Group { group: NamedGroup::secp384r1, algorithm: &ECDH_P384, public_len: 97 };

/// P-521. As with [`SECP256R1`], the library generates the private key.
pub static SECP521R1: &dyn KeyExchange =
    &Group { group: NamedGroup::secp521r1, algorithm: &ECDH_P521, public_len: 133 };

/// Groups for both versions, in order of preference. Those for TLS 1.3 only are in
/// [`crate::HYBRID_GROUPS`].
pub static GROUPS: &[&dyn KeyExchange] = &[X25519, SECP256R1, SECP384R1, SECP521R1];

/// First byte of UncompressedPointRepresentation (RFC 8446 §4.2.8.2).
const UNCOMPRESSED: u8 = 4;

/// A group of aws-lc-rs.
struct Group {
    group: NamedGroup,
    algorithm: &'static agreement::Algorithm,
    public_len: u16,
}

impl KeyExchange for Group {
    fn group(&self) -> NamedGroup {
        self.group
    }

    fn start(&self, random: &mut dyn Random) -> Result<Box<dyn PrivateShare>, ExchangeError> {
        Ok(Box::new(self.share(random)?))
    }

    /// As the default implementation, but our private key stays on the stack.
    fn encapsulate(&self, peer: &[u8], random: &mut dyn Random) -> Result<Encapsulated, ExchangeError> {
        let ours = self.share(random)?;
        Ok(Encapsulated { public: ours.public.as_ref().to_vec(), shared: ours.agree_with(peer)? })
    }
}

impl Group {
    fn share(&self, random: &mut dyn Random) -> Result<Share, ExchangeError> {
        let private = if self.group == NamedGroup::x25519 {
            let mut scalar = Secret::zero(32);
            random.fill(scalar.expose_mut()).map_err(|_| ExchangeError::Ours)?;
            PrivateKey::from_private_key(self.algorithm, scalar.expose()).map_err(|_| ExchangeError::Ours)?
        } else {
            PrivateKey::generate(self.algorithm).map_err(|_| ExchangeError::Ours)?
        };
        let public = private.compute_public_key().map_err(|_| ExchangeError::Ours)?;
        Ok(Share { private, public, public_len: self.public_len })
    }
}

/// Our private key and share; the library wipes the private key on drop.
struct Share {
    private: PrivateKey,
    public: PublicKey,
    public_len: u16,
}

impl PrivateShare for Share {
    fn public(&self) -> &[u8] {
        self.public.as_ref()
    }

    fn agree(self: Box<Self>, peer: &[u8]) -> Result<Secret, ExchangeError> {
        self.agree_with(peer)
    }
}

impl Share {
    fn agree_with(&self, peer: &[u8]) -> Result<Secret, ExchangeError> {
        // The library also accepts compressed and hybrid points and whole SubjectPublicKeyInfos, which
        // TLS does not permit (RFC 8446 §4.2.8.2). Length and first byte distinguish them.
        let found = u16::try_from(peer.len()).unwrap_or(u16::MAX);
        if found != self.public_len {
            return Err(ExchangeError::Length { expected: self.public_len, found });
        }
        if self.private.algorithm() != &agreement::X25519 && peer.first() != Some(&UNCOMPRESSED) {
            return Err(ExchangeError::Refused);
        }
        let peer = UnparsedPublicKey::new(self.private.algorithm(), peer);
        agree(&self.private, peer, ExchangeError::Refused, |shared| {
            Secret::copy_from(shared).ok_or(ExchangeError::Ours)
        })
    }
}
