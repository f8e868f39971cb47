//! Which peers are trusted: web PKI (RFC 5280, RFC 9525), pinned public keys (the pins of RFC 7469),
//! pre-shared keys (RFC 9257), or, on request, every peer.
//!
//! A trusted peer still has to prove that it has the private key: the handshake verifies that
//! (CertificateVerify, Finished).
//!
//! | file | content |
//! |---|---|
//! | `verify` | [`Trust`] and the verification of chains and raw public keys |
//! | `web_pki`, `directly_trusted`, `fault` | a path to a root, by rustls-webpki, and the fault if there is none |
//! | `algorithm` | our signature algorithms as webpki's |
//! | `fingerprint` | what sessions and tickets are bound to |
//! | `leaf` | the public key of a leaf certificate |
//! | `extension`, `der` | extensions that webpki does not check, and the DER they need |
//! | `staple` | a stapled OCSP response (feature `ocsp`) |
//! | `certificate` | fields of a certificate, unverified |
//! | `roots` | root certificates of the caller or of the system |
//! | `name` | a host name or IP address |
//! | `pin` | `sha256/…` |
//! | `psk`, `psk/interpretations` | a pre-shared key, and how programs interpret a typed one |
//! | `text` | hex and base64 as people type them |
//! | `default_provider` | the constructors that need no provider as an argument |
//!
//! Time, hash and signature algorithms are arguments. Called by: `handclasp` (answers to
//! `Need::PeerCertificate` and `Need::Psk`), `explain` (interpretations of a key), `cli`.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::as_conversions,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod algorithm;
pub mod certificate;
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
mod default_provider;
mod der;
mod directly_trusted;
mod extension;
mod fault;
mod fingerprint;
mod leaf;
mod name;
mod pin;
mod psk;
mod roots;
#[cfg(feature = "ocsp")]
mod staple;
mod text;
mod verify;
mod web_pki;

pub use name::{Name, NameError};
pub use pin::{Pin, PinError};
pub use psk::{Encoding, KeyInterpretation, Psk, PskError, PskUse, WeakPsk};
pub use roots::{Roots, RootsError};
pub use text::TextError;
pub use verify::{CHAIN_MAX, CHAIN_MAX_BYTES, Role, Trust, VerifiedKey, VerifyOptions};
