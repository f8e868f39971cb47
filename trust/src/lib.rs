//! Whom we believe: web PKI (RFC 5280, RFC 9525), pinned public keys (the pins of RFC 7469),
//! pre-shared keys (RFC 9257), or expressly nobody in particular.
//!
//! Whoever is believed here has still to prove that it holds the key: that is the handshake's
//! business (CertificateVerify, Finished).
//!
//! | file | what |
//! |---|---|
//! | `judge` | [`Trust`]: the decision, one function |
//! | `web_pki`, `held`, `fault` | a path to a root, through rustls-webpki, and why there is none |
//! | `algorithm` | our verifications as webpki wants them |
//! | `leaf` | the public key of a certificate |
//! | `extension`, `der` | extensions that webpki leaves to others, and the little DER that it takes |
//! | `staple` | a stapled OCSP response (feature `ocsp`) |
//! | `shown` | our own certificate as a peer will look at it |
//! | `roots` | given roots and the system's |
//! | `name` | a host name or address |
//! | `pin` | `sha256/…` |
//! | `psk`, `psk/readings` | a pre-shared key, and the ways a typed one is misread |
//! | `text` | hex and base64 as people type them |
//!
//! Time, hash and verifications are arguments. Called by: `handclasp` (answers to
//! `Need::PeerCertificate` and `Need::Psk`), `explain` (readings), `cli`.
#![no_std]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::arithmetic_side_effects
)]
#![cfg_attr(
    test,
    allow(
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
mod der;
mod extension;
mod fault;
mod held;
mod judge;
mod leaf;
mod name;
mod pin;
mod psk;
mod roots;
pub mod shown;
#[cfg(feature = "ocsp")]
mod staple;
mod text;
mod web_pki;

pub use judge::{Accepted, CHAIN_MAX, CHAIN_MAX_BYTES, Question, Role, Trust};
pub use name::{Name, NameError};
pub use pin::{Pin, PinError};
pub use psk::{Encoding, Psk, PskError, PskUse, Reading, WeakPsk};
pub use roots::{Roots, RootsError};
pub use text::TextError;
