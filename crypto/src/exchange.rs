//! Key exchange, shaped as a KEM (RFC 9180's words) so that hybrids fit: the side that speaks
//! first generates, the other encapsulates; with Diffie-Hellman both are the same.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::NamedGroup;

use crate::{Random, Secret};

/// A named group.
pub trait KeyExchange: Send + Sync {
    /// Its number.
    fn group(&self) -> NamedGroup;

    /// Makes a key pair whose public half goes to the peer.
    ///
    /// # Errors
    /// Randomness failed.
    fn start(&self, random: &mut dyn Random) -> Result<Box<dyn PrivateShare>, ExchangeError>;

    /// Answers a public share: ours, and the secret.
    ///
    /// # Errors
    /// A share of the wrong length, or one that the group refuses; or randomness failed.
    fn encapsulate(&self, peer: &[u8], random: &mut dyn Random) -> Result<Encapsulated, ExchangeError> {
        let pair = self.start(random)?;
        let public = Vec::from(pair.public());
        Ok(Encapsulated { public, shared: pair.agree(peer)? })
    }
}

/// Our half of a key exchange under way; used once.
pub trait PrivateShare: Send + Sync {
    /// What goes to the peer.
    fn public(&self) -> &[u8];

    /// The secret shared with the peer.
    ///
    /// # Errors
    /// A share of the wrong length, off its curve, or one that yields all zeros.
    fn agree(self: Box<Self>, peer: &[u8]) -> Result<Secret, ExchangeError>;
}

/// Our public share and the secret, made in answer to the peer's.
pub struct Encapsulated {
    /// What goes to the peer.
    pub public: Vec<u8>,
    /// What both now hold.
    pub shared: Secret,
}

/// Why no secret came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeError {
    /// The peer's share has the wrong length in bytes.
    Length {
        /// What the group wants.
        expected: u16,
        /// What came.
        found: u16,
    },
    /// The peer's share is not a point of the curve, is of small order, or does not decode.
    Refused,
    /// Our randomness or our library failed.
    Ours,
}
