//! Suites: that what a number stands for is what IANA's name of it says.

use alloc::string::String;

use handclasp_codec::{CipherSuite, ProtocolVersion};

use crate::{Aead, Authentication, KeyExchangeAlgorithm, NonceStyle, Protection, Suite};

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
        KeyExchangeAlgorithm::Tls13 => "",
        KeyExchangeAlgorithm::Ecdhe(Authentication::Ecdsa) => "ECDHE_ECDSA_WITH_",
        KeyExchangeAlgorithm::Ecdhe(Authentication::Rsa) => "ECDHE_RSA_WITH_",
        KeyExchangeAlgorithm::Psk => "PSK_WITH_",
        KeyExchangeAlgorithm::EcdhePsk => "ECDHE_PSK_WITH_",
    };
    let version = match suite.exchange {
        KeyExchangeAlgorithm::Tls13 => ProtocolVersion::TLS_1_3,
        KeyExchangeAlgorithm::Ecdhe(_) | KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::EcdhePsk => {
            ProtocolVersion::TLS_1_2
        }
    };
    assert_eq!(suite.version(), version, "{}", suite.id);

    let hash = match suite.hash.output_len() {
        32 => "_SHA256",
        48 => "_SHA384",
        _ => panic!("{}: no suite of TLS has this hash", suite.id),
    };
    let (cipher, ending) = match suite.protection {
        Protection::Aead { aead, nonce } => {
            let cipher = aead_name(aead, nonce, version).unwrap_or_else(|| {
                panic!("{}: key, tag, limit and nonce do not belong together", suite.id);
            });
            // The first suites with CCM leave out the hash, which is SHA-256 (RFC 6655 §3,
            // RFC 7251 §2).
            let bare = match suite.exchange {
                KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::Ecdhe(_) => cipher.contains("CCM"),
                KeyExchangeAlgorithm::Tls13 | KeyExchangeAlgorithm::EcdhePsk => false,
            };
            (cipher, if bare && hash == "_SHA256" { "" } else { hash })
        }
        Protection::CbcEtm(cipher) => cbc_name(cipher.key_len(), cipher.mac_len(), hash)
            .unwrap_or_else(|| panic!("{}: cipher, MAC and hash do not belong together", suite.id)),
    };
    assert_eq!(suite.needs_encrypt_then_mac(), cipher.ends_with("CBC"), "{}", suite.id);
    ["TLS_", exchange, cipher, ending].concat()
}

/// No two AEADs here have the same limit, key and tag: ChaCha20 alone has no limit, that of CCM
/// is a power of two.
fn aead_name(aead: &dyn Aead, nonce: NonceStyle, version: ProtocolVersion) -> Option<&'static str> {
    let of_version = match version {
        ProtocolVersion::TLS_1_3 => NonceStyle::Xor,
        _ => NonceStyle::Explicit,
    };
    let limit = aead.seal_limit();
    match (aead.key_len(), aead.tag_len()) {
        (32, 16) if limit == u64::MAX && nonce == NonceStyle::Xor => Some("CHACHA20_POLY1305"),
        _ if nonce != of_version => None,
        (16, 8) => Some("AES_128_CCM_8"),
        (16, 16) if limit.is_power_of_two() => Some("AES_128_CCM"),
        (16, 16) => Some("AES_128_GCM"),
        (32, 16) => Some("AES_256_GCM"),
        _ => None,
    }
}

/// The name ends with the hash of the MAC. That of the PRF is the same, but SHA-256 where the
/// MAC is SHA-1 (RFC 5246 §5, RFC 5289 §3.1).
fn cbc_name(key: usize, mac: usize, hash: &'static str) -> Option<(&'static str, &'static str)> {
    let cipher = match key {
        16 => "AES_128_CBC",
        32 => "AES_256_CBC",
        _ => return None,
    };
    match (mac, hash) {
        (20, "_SHA256") => Some((cipher, "_SHA")),
        (32, "_SHA256") | (48, "_SHA384") => Some((cipher, hash)),
        _ => None,
    }
}
