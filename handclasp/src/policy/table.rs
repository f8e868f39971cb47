//! The table of policies, by the numbers of IANA. What the provider lacks is left out of what
//! is offered; the reasons stand in `policy.rs`.

use handclasp_codec::{CipherSuite, NamedGroup, SignatureScheme};

/// A policy.
pub(super) struct Row {
    pub(super) name: &'static str,
    /// In order of preference.
    pub(super) suites: &'static [&'static [CipherSuite]],
    /// In order of preference.
    pub(super) groups: &'static [NamedGroup],
    /// Those for which a client sends shares at once; the first of `groups`.
    pub(super) shares: &'static [NamedGroup],
    pub(super) schemes: Schemes,
}

/// Signature schemes that are verified.
pub(super) enum Schemes {
    /// What the provider has.
    All,
    /// These.
    Only(&'static [SignatureScheme]),
}

impl Row {
    pub(super) fn has_suite(&self, suite: CipherSuite) -> bool {
        self.suites.iter().any(|list| list.contains(&suite))
    }
}

use CipherSuite as C;
use NamedGroup as G;

const TLS13: &[C] = &[
    C::TLS_AES_128_GCM_SHA256,
    C::TLS_AES_256_GCM_SHA384,
    C::TLS_CHACHA20_POLY1305_SHA256,
    C::TLS_AES_128_CCM_SHA256,
];

const ECDHE: &[C] = &[
    C::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    C::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    C::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    C::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    C::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    C::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    C::TLS_ECDHE_ECDSA_WITH_AES_128_CCM,
];

const ECDHE_PSK: &[C] = &[
    C::TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256,
    C::TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384,
    C::TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256,
    C::TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256,
];

const PSK: &[C] = &[
    C::TLS_PSK_WITH_AES_128_GCM_SHA256,
    C::TLS_PSK_WITH_AES_256_GCM_SHA384,
    C::TLS_PSK_WITH_CHACHA20_POLY1305_SHA256,
    C::TLS_PSK_WITH_AES_128_CCM,
];

/// Tags of 8 bytes.
const CCM_8: &[C] =
    &[C::TLS_AES_128_CCM_8_SHA256, C::TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, C::TLS_PSK_WITH_AES_128_CCM_8];

/// With encrypt_then_mac alone.
const CBC: &[C] = &[
    C::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
    C::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
    C::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
    C::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    C::TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256,
    C::TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384,
    C::TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA,
    C::TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA,
    C::TLS_PSK_WITH_AES_128_CBC_SHA256,
    C::TLS_PSK_WITH_AES_256_CBC_SHA384,
    C::TLS_PSK_WITH_AES_128_CBC_SHA,
    C::TLS_PSK_WITH_AES_256_CBC_SHA,
];

const SMALL: &[C] = &[
    C::TLS_AES_128_GCM_SHA256,
    C::TLS_AES_128_CCM_SHA256,
    C::TLS_AES_128_CCM_8_SHA256,
    C::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    C::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    C::TLS_ECDHE_ECDSA_WITH_AES_128_CCM,
    C::TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8,
    C::TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256,
    C::TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256,
    C::TLS_PSK_WITH_AES_128_GCM_SHA256,
    C::TLS_PSK_WITH_AES_128_CCM,
    C::TLS_PSK_WITH_AES_128_CCM_8,
];

/// Of the suites' hash, and of kinds that small peers have.
const SMALL_SCHEMES: &[SignatureScheme] = &[
    SignatureScheme::ecdsa_secp256r1_sha256,
    SignatureScheme::rsa_pss_rsae_sha256,
    SignatureScheme::rsa_pkcs1_sha256,
];

pub(super) const MODERN: Row = Row {
    name: "modern",
    suites: &[TLS13, ECDHE, ECDHE_PSK, PSK],
    groups: &[G::X25519MLKEM768, G::x25519, G::secp256r1, G::secp384r1, G::secp521r1],
    shares: &[G::X25519MLKEM768, G::x25519],
    schemes: Schemes::All,
};

pub(super) const TLS13_ONLY: Row = Row { name: "tls13_only", suites: &[TLS13], ..MODERN };

pub(super) const COMPATIBLE: Row = Row {
    name: "compatible",
    suites: &[TLS13, ECDHE, ECDHE_PSK, PSK, CCM_8, CBC],
    groups: &[G::x25519, G::secp256r1, G::secp384r1, G::secp521r1, G::X25519MLKEM768],
    shares: &[G::x25519, G::secp256r1],
    ..MODERN
};

pub(super) const CONSTRAINED: Row = Row {
    name: "constrained",
    suites: &[SMALL],
    groups: &[G::secp256r1, G::x25519],
    shares: &[G::secp256r1],
    schemes: Schemes::Only(SMALL_SCHEMES),
};

pub(super) const ROWS: &[Row] = &[MODERN, TLS13_ONLY, COMPATIBLE, CONSTRAINED];
