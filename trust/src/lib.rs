//! Which peers are trusted: web PKI (RFC 5280, RFC 9525), pinned public keys (the pins of RFC 7469),
//! pre-shared keys (RFC 9257), peers that were seen before, or, on request, every peer.
//!
//! A trusted peer still has to prove that it has the private key: the handshake verifies that
//! (CertificateVerify, Finished).
//!
//! | file | content |
//! |---|---|
//! | `trust` | [`Trust`]: which peers are trusted; [`VerifyOptions`] |
//! | `verify` | the verification of chains and raw public keys by it |
//! | `any_of` | several kinds of trust at once |
//! | `dates` | dates of pinned certificates |
//! | `pinned` | pinned public keys, without web PKI |
//! | `chain` | a chain verified certificate by certificate, without web PKI |
//! | `verified` | the result, and what every kind of trust shares |
//! | `web_pki` | a path to a root, by rustls-webpki, and the fault if there is none |
//! | `algorithm` | signature schemes by the names of X.509 |
//! | `fingerprint` | what sessions and tickets are bound to |
//! | `leaf` | the public key of a leaf certificate |
//! | `x509`, `extension`, `der` | fields of a certificate, values of extensions, and the DER they need |
//! | `staple` | a stapled OCSP response (feature `ocsp`) |
//! | `crl`, `crl/…` | certificate revocation lists |
//! | `signed` | signatures of CRLs and OCSP responses |
//! | `distinguished_name` | subjects and issuers as text for people |
//! | `peer_certificate` | [`PeerCertificate`]: what a certificate says |
//! | `certificate` | fields of a certificate, unverified |
//! | `roots` | root certificates of the caller or of the system |
//! | `name` | a host name or IP address |
//! | `pin` | `sha256/…` |
//! | `psk`, `psk/interpretations` | a pre-shared key, and how programs interpret a typed one |
//! | `known_peers`, `known_peers/…` | trust on first use: the file of known peers (feature `std`) |
//! | `authentication_string` | [`AuthenticationString`] and [`Pin::words`]: fingerprints that people compare (feature `std`) |
//! | `text` | hex and base64 as people type them |
//! | `default_provider` | the constructors that need no provider as an argument |
//!
//! Time, hash and signature algorithms are arguments. [`Trust`], roots and rustls-webpki belong to the feature
//! `web-pki`; a device leaves it out. Called by: `handclasp` (answers to `Need::PeerCertificate` and
//! `Need::Psk`), `explain` (interpretations of a key), `cli`, devices.
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
#[cfg(feature = "web-pki")]
mod any_of;
#[cfg(feature = "std")]
mod authentication_string;
pub mod certificate;
pub mod chain;
#[cfg(feature = "web-pki")]
mod crl;
#[cfg(feature = "web-pki")]
mod dates;
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
mod default_provider;
mod der;
#[cfg(feature = "web-pki")]
mod distinguished_name;
mod extension;
mod fingerprint;
#[cfg(feature = "std")]
mod known_peers;
mod leaf;
mod name;
#[cfg(feature = "web-pki")]
mod peer_certificate;
mod pin;
pub mod pinned;
mod psk;
#[cfg(feature = "web-pki")]
mod roots;
#[cfg(feature = "web-pki")]
mod signed;
#[cfg(feature = "ocsp")]
mod staple;
mod text;
#[cfg(feature = "web-pki")]
mod trust;
mod verified;
#[cfg(feature = "web-pki")]
mod verify;
#[cfg(feature = "web-pki")]
mod web_pki;
mod x509;

#[cfg(feature = "web-pki")]
pub use any_of::PartsRefusal;
#[cfg(feature = "std")]
pub use authentication_string::AuthenticationString;
#[cfg(feature = "web-pki")]
pub use crl::{Crl, CrlError, CrlProblem, Crls, Revocation, RevocationReason};
/// Statements that a known key has a successor.
pub use handclasp_rotation as rotation;
#[cfg(feature = "std")]
pub use known_peers::{
    BadLine, Contact, Decision, KnownPeer, KnownPeers, KnownPeersError, LineProblem, NewPeer, NewPeers,
    PeerAnswer, PeerRefusal, PeerVerdict, RefusalReason,
};
pub use name::{Name, NameError};
#[cfg(feature = "web-pki")]
pub use peer_certificate::{AltName, PeerCertificate};
pub use pin::{Pin, PinError};
pub use psk::{Encoding, KeyInterpretation, Psk, PskError, PskUse, WeakPsk};
#[cfg(feature = "web-pki")]
pub use roots::{Roots, RootsError};
pub use text::TextError;
#[cfg(feature = "web-pki")]
pub use trust::{Trust, VerifyOptions};
pub use verified::{CHAIN_MAX, CHAIN_MAX_BYTES, Role, VerifiedKey};
