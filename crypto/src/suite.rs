//! Cipher suites as data: what a number stands for.

use handclasp_codec::{CipherSuite, ProtocolVersion};

use crate::{Aead, CbcEtm, Hash, KeyKind};

/// A cipher suite. Policies list `&'static Suite`s in order of preference.
pub struct Suite {
    /// Its number.
    pub id: CipherSuite,
    /// The hash of the key schedule (1.3) or of the PRF and transcript (1.2).
    pub hash: &'static dyn Hash,
    /// How records are protected.
    pub protection: Protection,
    /// How the two sides agree on a secret.
    pub exchange: KeyExchangeAlgorithm,
}

/// How the two sides agree on a secret, and so which version a suite belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyExchangeAlgorithm {
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

impl Authentication {
    /// How a key of that kind authenticates.
    pub fn of(key: KeyKind) -> Self {
        match key {
            KeyKind::P256 | KeyKind::P384 | KeyKind::P521 | KeyKind::Ed25519 => Self::Ecdsa,
            KeyKind::Rsa | KeyKind::RsaPss => Self::Rsa,
        }
    }
}

/// How records are protected.
#[derive(Clone, Copy)]
pub enum Protection {
    /// By an AEAD (RFC 8446 §5.2, RFC 5246 §6.2.3.3).
    Aead {
        /// The algorithm.
        aead: &'static dyn Aead,
        /// How the nonce of a record is made.
        nonce: NonceStyle,
    },
    /// By CBC and then a MAC over what came out (RFC 7366). The other order, that of RFC 5246
    /// §6.2.3.2, we do not do: only where encrypt_then_mac was negotiated may such a suite be
    /// chosen.
    CbcEtm(&'static dyn CbcEtm),
}

/// How a record's nonce is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceStyle {
    /// 12 secret bytes XOR the sequence number (RFC 8446 §5.3, RFC 7905).
    Xor,
    /// 4 secret bytes and 8 that travel with the record (RFC 5288 §3, RFC 6655 §3).
    Explicit,
}

impl Protection {
    /// Bytes of the cipher's key.
    pub fn key_len(&self) -> usize {
        match self {
            Self::Aead { aead, .. } => aead.key_len(),
            Self::CbcEtm(cipher) => cipher.key_len(),
        }
    }

    /// Bytes of what else the key schedule makes: of the nonce's secret part with an AEAD
    /// (fixed_iv_length of RFC 5246 §6.1), of the MAC key with CBC (mac_key_length). No suite
    /// has both: the IVs of CBC travel with the records.
    pub fn iv_or_mac_key_len(&self) -> usize {
        match self {
            Self::Aead { nonce: NonceStyle::Xor, .. } => 12,
            Self::Aead { nonce: NonceStyle::Explicit, .. } => 4,
            Self::CbcEtm(cipher) => cipher.mac_len(),
        }
    }
}

impl Suite {
    /// The version the suite belongs to.
    pub fn version(&self) -> ProtocolVersion {
        match self.exchange {
            KeyExchangeAlgorithm::Tls13 => ProtocolVersion::TLS_1_3,
            KeyExchangeAlgorithm::Ecdhe(_) | KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::EcdhePsk => {
                ProtocolVersion::TLS_1_2
            }
        }
    }

    /// Whether the suite may be chosen only where encrypt_then_mac is negotiated (RFC 7366).
    pub fn needs_encrypt_then_mac(&self) -> bool {
        matches!(self.protection, Protection::CbcEtm(_))
    }

    /// A suite of TLS 1.3.
    pub const fn tls13(id: CipherSuite, hash: &'static dyn Hash, aead: &'static dyn Aead) -> Self {
        let protection = Protection::Aead { aead, nonce: NonceStyle::Xor };
        Self { id, hash, protection, exchange: KeyExchangeAlgorithm::Tls13 }
    }

    /// A suite of TLS 1.2 with an AEAD.
    pub const fn tls12(
        id: CipherSuite,
        exchange: KeyExchangeAlgorithm,
        hash: &'static dyn Hash,
        aead: &'static dyn Aead,
        nonce: NonceStyle,
    ) -> Self {
        Self { id, hash, protection: Protection::Aead { aead, nonce }, exchange }
    }

    /// A suite of TLS 1.2 with CBC, for use with encrypt_then_mac alone. `hash` is that of the
    /// PRF; the MAC's is another where that is SHA-1 (RFC 5246 §5).
    pub const fn tls12_cbc_etm(
        id: CipherSuite,
        exchange: KeyExchangeAlgorithm,
        hash: &'static dyn Hash,
        cipher: &'static dyn CbcEtm,
    ) -> Self {
        Self { id, hash, protection: Protection::CbcEtm(cipher), exchange }
    }
}

impl core::fmt::Debug for Suite {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Debug::fmt(&self.id, f)
    }
}
