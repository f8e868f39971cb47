//! The key exchange of a TLS 1.2 suite: RFC 5246 §A.6, RFC 4279, RFC 5489.

use super::CipherSuite;

/// How the premaster secret comes about (RFC 5246 §A.6, KeyExchangeAlgorithm, and the PSK
/// RFCs): decides the shape of server_key_exchange and client_key_exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyExchangeAlgorithm {
    /// Encrypted to the certificate's key.
    Rsa,
    /// The certificate's own Diffie-Hellman key.
    Dh,
    /// Ephemeral Diffie-Hellman, signed.
    Dhe,
    /// Ephemeral Diffie-Hellman, unsigned.
    DhAnon,
    /// The certificate's own curve key.
    Ecdh,
    /// Ephemeral elliptic curve Diffie-Hellman, signed.
    Ecdhe,
    /// Ephemeral elliptic curve Diffie-Hellman, unsigned.
    EcdhAnon,
    /// A pre-shared key alone (RFC 4279 §2).
    Psk,
    /// A pre-shared key and Diffie-Hellman (RFC 4279 §3).
    DhePsk,
    /// A pre-shared key and RSA (RFC 4279 §4).
    RsaPsk,
    /// A pre-shared key and an elliptic curve (RFC 5489).
    EcdhePsk,
}

impl CipherSuite {
    /// The key exchange of a TLS 1.2 suite, read from its name: this links the table of
    /// names, so that rooms for devices bring a table of the few suites they know instead.
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
