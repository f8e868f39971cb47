//! Cipher suites as data: what a number stands for.

use handclasp_codec::{CipherSuite, ProtocolVersion};

use crate::{Aead, Hash};

/// A cipher suite. Policies list `&'static Suite`s in order of preference.
pub struct Suite {
    /// Its number.
    pub id: CipherSuite,
    /// The hash of the key schedule (1.3) or of the PRF and transcript (1.2).
    pub hash: &'static dyn Hash,
    /// How records are protected.
    pub aead: &'static dyn Aead,
    /// How the nonce of a record is made.
    pub nonce: NonceStyle,
    /// How the two sides agree on a secret.
    pub exchange: Exchange,
}

/// How the two sides agree on a secret, and so which version a suite belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// TLS 1.3: a suite says nothing of it.
    Tls13,
    /// TLS 1.2, ECDHE, the server authenticated by a signature (RFC 8422).
    Ecdhe(Authentication),
    /// TLS 1.2, pre-shared key alone (RFC 4279).
    Psk,
    /// TLS 1.2, ECDHE and a pre-shared key (RFC 5489).
    EcdhePsk,
}

/// The kind of certificate that a TLS 1.2 suite asks of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// An EC key; Ed25519 counts as one (RFC 8422 §5.10).
    Ecdsa,
    /// An RSA key.
    Rsa,
}

/// How a record's nonce is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceStyle {
    /// 12 secret bytes XOR the sequence number (RFC 8446 §5.3, RFC 7905).
    Xor,
    /// 4 secret bytes and 8 that travel with the record (RFC 5288).
    Explicit,
}

impl Suite {
    /// The version the suite belongs to.
    pub fn version(&self) -> ProtocolVersion {
        match self.exchange {
            Exchange::Tls13 => ProtocolVersion::TLS_1_3,
            Exchange::Ecdhe(_) | Exchange::Psk | Exchange::EcdhePsk => ProtocolVersion::TLS_1_2,
        }
    }

    /// A suite of TLS 1.3.
    pub const fn tls13(id: CipherSuite, hash: &'static dyn Hash, aead: &'static dyn Aead) -> Self {
        Self { id, hash, aead, nonce: NonceStyle::Xor, exchange: Exchange::Tls13 }
    }

    /// A suite of TLS 1.2.
    pub const fn tls12(
        id: CipherSuite,
        exchange: Exchange,
        hash: &'static dyn Hash,
        aead: &'static dyn Aead,
        nonce: NonceStyle,
    ) -> Self {
        Self { id, hash, aead, nonce, exchange }
    }
}

impl core::fmt::Debug for Suite {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Debug::fmt(&self.id, f)
    }
}
