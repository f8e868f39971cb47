//! Cryptography for hosts: aws-lc-rs behind the interfaces of `handclasp-crypto`.
//!
//! Every algorithm is a `static` that a policy lists by name; nothing needs to be set up. The files have
//! the same names as in `handclasp-provider-rustcrypto`, so that the two can be compared with `diff`.
//!
//! | file | contents | reference |
//! |---|---|---|
//! | `hash` | SHA-2 and HMAC | FIPS 180-4, RFC 2104 |
//! | `aead` | AES-GCM, ChaCha20-Poly1305 | RFC 5116, RFC 8439 |
//! | `ccm` | AES-CCM, from RustCrypto (feature `ccm`) | RFC 3610, RFC 6655 |
//! | `cbc` | AES-CBC, from RustCrypto, with encrypt-then-MAC (feature `cbc`) | SP 800-38A, RFC 7366 |
//! | `exchange` | X25519, ECDHE | RFC 7748, RFC 8422 |
//! | `mlkem` | X25519MLKEM768 | draft-ietf-tls-ecdhe-mlkem, FIPS 203 |
//! | `verify` | verifying the peer's signatures | RFC 8446 §4.2.3 |
//! | `keys` | private keys and signing | RFC 5958, 5915, 8017 |
//! | `random` | the library's random generator | – |
//! | `suites` | cipher suites over these algorithms | IANA |
//!
//! Called by: the policies and defaults of `handclasp`; `schedule`, `record` and `handshake` use only
//! the interfaces.
#![forbid(unsafe_code)]

mod aead;
#[cfg(feature = "cbc")]
mod cbc;
#[cfg(feature = "ccm")]
mod ccm;
mod exchange;
mod hash;
mod keys;
mod mlkem;
mod random;
mod suites;
mod verify;

pub use aead::{AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305};
#[cfg(feature = "cbc")]
pub use cbc::*;
#[cfg(feature = "ccm")]
pub use ccm::{AES_128_CCM, AES_128_CCM_8, AES_256_CCM, AES_256_CCM_8};
pub use exchange::{GROUPS, SECP256R1, SECP384R1, SECP521R1, X25519};
#[cfg(feature = "cbc")]
pub use hash::SHA1;
pub use hash::{SHA256, SHA384, SHA512};
pub use keys::KEYS;
pub use mlkem::{HYBRID_GROUPS, X25519MLKEM768};
pub use random::SystemRandom;
pub use suites::*;
pub use verify::*;
