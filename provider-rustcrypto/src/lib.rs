//! Cryptography for microcontrollers: RustCrypto, pure Rust, `no_std` with `alloc`, behind the
//! interfaces of `handclasp-crypto`.
//!
//! Every algorithm is a `static` that a policy lists by name; what no policy lists is not linked, so
//! this crate may support more than a device needs. Random numbers come from the caller. The files
//! have the same names as in `handclasp-provider-aws-lc`, so that the two can be compared with `diff`.
//!
//! | file | contents | reference |
//! |---|---|---|
//! | `hash` | SHA-2 and HMAC | FIPS 180-4, RFC 2104 |
//! | `aead` | AES-GCM, ChaCha20-Poly1305 | RFC 5116, RFC 8439 |
//! | `ccm` | AES-CCM (feature `ccm`) | RFC 3610, RFC 6655 |
//! | `cbc` | AES-CBC with encrypt-then-MAC (feature `cbc`) | SP 800-38A, RFC 7366 |
//! | `exchange` | X25519, ECDHE over P-256 and P-384 | RFC 7748, RFC 8422 |
//! | `known` | a signature of each scheme, for self-tests | RFC 6979, RFC 8032 |
//! | `verify` | verifying the peer's signatures, ECDSA and RSA | RFC 8446 §4.2.3 |
//! | `rsa` | RSASSA-PSS and PKCS #1 v1.5, verification only | RFC 8017 |
//! | `keys` | private keys on P-256 and P-384, and signing | RFC 5958, 5915 |
//! | `local_keys` | private keys of several curves as one list | – |
//! | `ed25519` | Ed25519, verification and signing (feature `ed25519`) | RFC 8032 |
//! | `random` | random numbers of the operating system (feature `system-random`) | – |
//! | `suites` | cipher suites over these algorithms | IANA |
//!
//! For the smallest code, build with `--cfg sha2_backend="soft" --cfg sha2_backend_soft="compact" --cfg
//! aes_backend="soft" --cfg aes_backend_soft="compact"`.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod aead;
#[cfg(feature = "cbc")]
mod cbc;
#[cfg(feature = "ccm")]
mod ccm;
#[cfg(feature = "ed25519")]
mod ed25519;
mod exchange;
mod hash;
mod keys;
mod known;
mod local_keys;
#[cfg(feature = "system-random")]
mod random;
mod rsa;
mod suites;
mod verify;

pub use aead::{AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305};
#[cfg(feature = "cbc")]
pub use cbc::*;
#[cfg(feature = "ccm")]
pub use ccm::{AES_128_CCM, AES_128_CCM_8, AES_256_CCM, AES_256_CCM_8};
#[cfg(feature = "ed25519")]
pub use ed25519::{ED25519, KEYS_ED25519};
pub use exchange::{GROUPS, SECP256R1, SECP384R1, X25519};
#[cfg(feature = "cbc")]
pub use hash::SHA1;
pub use hash::{SHA256, SHA384, SHA512};
pub use keys::{KEYS, KEYS_SHA256, load_p256_sha256};
#[cfg(feature = "system-random")]
pub use random::SystemRandom;
pub use rsa::*;
pub use suites::*;
pub use verify::*;
