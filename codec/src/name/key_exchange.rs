//! The key exchange of a TLS 1.2 suite: RFC 5246 §A.6, RFC 4279, RFC 5489.

use super::CipherSuite;

/// How the premaster secret is established (KeyExchangeAlgorithm of RFC 5246 §A.6, and the PSK RFCs). It
/// selects the structures of ServerKeyExchange and ClientKeyExchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyExchangeAlgorithm {
    /// The client encrypts the premaster secret to the certificate's RSA key.
    Rsa,
    /// Static Diffie-Hellman with the key in the certificate.
    Dh,
    /// Ephemeral Diffie-Hellman, signed by the server.
    Dhe,
    /// Ephemeral Diffie-Hellman, anonymous (unsigned).
    DhAnon,
    /// Static ECDH with the key in the certificate.
    Ecdh,
    /// Ephemeral ECDH, signed by the server.
    Ecdhe,
    /// Ephemeral ECDH, anonymous (unsigned).
    EcdhAnon,
    /// Pre-shared key only (RFC 4279 §2).
    Psk,
    /// Pre-shared key and ephemeral Diffie-Hellman (RFC 4279 §3).
    DhePsk,
    /// Pre-shared key and RSA (RFC 4279 §4).
    RsaPsk,
    /// Pre-shared key and ephemeral ECDH (RFC 5489).
    EcdhePsk,
}

impl CipherSuite {
    /// Returns the key exchange of a TLS 1.2 suite, derived from its registered name; `None` for suites
    /// of TLS 1.3 and unnamed numbers. This links the table of names, so crates for devices use a table
    /// of the few suites that they support.
    pub fn key_exchange_algorithm(self) -> Option<KeyExchangeAlgorithm> {
        let (exchange, _) = self.name()?.strip_prefix("TLS_")?.split_once("_WITH_")?;
        match exchange.trim_end_matches("1024").trim_end_matches("_EXPORT") {
            "RSA" => Some(KeyExchangeAlgorithm::Rsa),
            "DH_RSA" | "DH_DSS" => Some(KeyExchangeAlgorithm::Dh),
            "DHE_RSA" | "DHE_DSS" => Some(KeyExchangeAlgorithm::Dhe),
            "DH_anon" | "DH_Anon" => Some(KeyExchangeAlgorithm::DhAnon),
            "ECDH_RSA" | "ECDH_ECDSA" => Some(KeyExchangeAlgorithm::Ecdh),
            "ECDHE_RSA" | "ECDHE_ECDSA" => Some(KeyExchangeAlgorithm::Ecdhe),
            "ECDH_anon" => Some(KeyExchangeAlgorithm::EcdhAnon),
            "PSK" => Some(KeyExchangeAlgorithm::Psk),
            "DHE_PSK" | "PSK_DHE" => Some(KeyExchangeAlgorithm::DhePsk),
            "RSA_PSK" => Some(KeyExchangeAlgorithm::RsaPsk),
            "ECDHE_PSK" => Some(KeyExchangeAlgorithm::EcdhePsk),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::*;

    #[test]
    fn by_name() {
        let of = |suite: CipherSuite| suite.key_exchange_algorithm();
        assert_eq!(of(CipherSuite(0xc02b)), Some(KeyExchangeAlgorithm::Ecdhe));
        assert_eq!(of(CipherSuite(0xd001)), Some(KeyExchangeAlgorithm::EcdhePsk));
        assert_eq!(of(CipherSuite(0x00a8)), Some(KeyExchangeAlgorithm::Psk));
        assert_eq!(of(CipherSuite(0x0003)), Some(KeyExchangeAlgorithm::Rsa));
        assert_eq!(of(CipherSuite(0x0062)), Some(KeyExchangeAlgorithm::Rsa));
        assert_eq!(of(CipherSuite(0xccaa)), Some(KeyExchangeAlgorithm::Dhe));
        assert_eq!(of(CipherSuite(0xc0ab)), Some(KeyExchangeAlgorithm::DhePsk));
        assert_eq!(of(CipherSuite::TLS_AES_128_GCM_SHA256), None);
        assert_eq!(of(CipherSuite(0x0a0a)), None);
    }
}
