//! Suites: that what a number stands for is what IANA's name of it says.

use alloc::string::String;

use handclasp_codec::{CipherSuite, ProtocolVersion};

use crate::{Authentication, Exchange, NonceStyle, Suite};

/// Every suite of a provider: known to IANA, listed once, and made of what its name says.
pub fn suites(suites: &[&Suite]) {
    for (index, suite) in suites.iter().enumerate() {
        assert_eq!(suites.iter().position(|other| other.id == suite.id), Some(index), "listed twice");
        assert_eq!(CipherSuite::from_name(&name(suite)), Some(suite.id), "{} is something else", suite.id);
    }
}

/// The name that a suite of these parts has.
fn name(suite: &Suite) -> String {
    let exchange = match suite.exchange {
        Exchange::Tls13 => "",
        Exchange::Ecdhe(Authentication::Ecdsa) => "ECDHE_ECDSA_WITH_",
        Exchange::Ecdhe(Authentication::Rsa) => "ECDHE_RSA_WITH_",
        Exchange::Psk => "PSK_WITH_",
        Exchange::EcdhePsk => "ECDHE_PSK_WITH_",
    };
    let version = match suite.exchange {
        Exchange::Tls13 => ProtocolVersion::TLS_1_3,
        Exchange::Ecdhe(_) | Exchange::Psk | Exchange::EcdhePsk => ProtocolVersion::TLS_1_2,
    };
    assert_eq!(suite.version(), version, "{}", suite.id);

    // No two AEADs here have the same limit and key: ChaCha20 alone has no limit.
    let aead = match (suite.aead.key_len(), suite.aead.seal_limit(), suite.nonce, version) {
        (32, u64::MAX, NonceStyle::Xor, _) => "CHACHA20_POLY1305",
        (16, _, NonceStyle::Explicit, ProtocolVersion::TLS_1_2) => "AES_128_GCM",
        (32, _, NonceStyle::Explicit, ProtocolVersion::TLS_1_2) => "AES_256_GCM",
        (16, _, NonceStyle::Xor, ProtocolVersion::TLS_1_3) => "AES_128_GCM",
        (32, _, NonceStyle::Xor, ProtocolVersion::TLS_1_3) => "AES_256_GCM",
        _ => panic!("{}: key, limit and nonce do not belong together", suite.id),
    };
    let hash = match suite.hash.output_len() {
        32 => "SHA256",
        48 => "SHA384",
        _ => panic!("{}: no suite of TLS has this hash", suite.id),
    };
    ["TLS_", exchange, aead, "_", hash].concat()
}
