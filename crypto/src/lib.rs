//! What TLS needs of cryptography, as interfaces only: hash and HMAC, AEAD, CBC, key exchange,
//! signatures, randomness; and the constructions that TLS itself defines on top of them:
//! HKDF-Expand-Label (RFC 8446 §7.1), the PRF (RFC 5246 §5), CBC with encrypt-then-MAC
//! (RFC 7366).
//!
//! Algorithms are data: `&'static dyn` entries that a policy lists ([`Suite`], [`KeyExchange`],
//! [`Verify`]). What no policy lists is not linked.
//!
//! Implemented by the providers; called by `schedule`, `record`, `handshake`, `identity`, `trust`.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod aead;
mod algorithm_identifiers;
mod cbc;
mod cbc_etm;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod der;
mod ecdsa_signature;
mod ed25519_private_key;
mod exchange;
mod hash;
mod hkdf;
mod prf;
mod private_key;
mod random;
mod rsa_public_key;
mod secret;
mod shared_secret;
mod signature;
mod spki;
mod suite;
#[doc(hidden)]
pub mod suite_table;
mod verify_signature;

pub use aead::{Aead, AeadKey, NotAuthentic, SealFailed, TAG_MAX, WithIv, WrongKeyLength};
pub use algorithm_identifiers::signature_algorithms;
pub use cbc::{BLOCK, Cbc, CbcKey};
pub use cbc_etm::{CbcEtm, CbcEtmKey, CbcHmac, RecordId};
pub use ecdsa_signature::EcdsaSignature;
pub use ed25519_private_key::Ed25519PrivateKey;
pub use exchange::{Encapsulated, ExchangeError, KeyExchange, PrivateShare};
pub use hash::{Digest, Hash, HashContext};
pub use hkdf::{expand, expand_label, extract};
pub use prf::prf;
pub use private_key::EcPrivateKey;
pub use random::{Random, RandomFailed};
pub use rsa_public_key::RsaPublicKey;
pub use secret::{Secret, equal};
pub use shared_secret::{SharedSecret, WeakSecret};
pub use signature::{
    BadSignature, KeyEncoding, KeyError, Keys, KnownSignature, SignError, SigningKey, Verify,
};
pub use spki::{KeyKind, PublicKey, SpkiError, is_wrapped_point};
pub use suite::{Authentication, KeyExchangeAlgorithm, NonceStyle, Protection, Suite};
pub use verify_signature::{is_raw_ecdsa, verify_signature};
