//! Kinds of cipher suites, as far as advice depends on them.

use handclasp_codec::{CipherSuite, KeyExchangeAlgorithm};

/// Whether it is a suite of TLS 1.3 (RFC 8446 §B.4).
pub(crate) fn is_tls13(suite: CipherSuite) -> bool {
    suite.0 >> 8 == 0x13
}

/// Numbers in the list of suites that are none: RFC 5746, RFC 7507, RFC 8701.
pub(crate) fn is_signalling(suite: CipherSuite) -> bool {
    matches!(suite, CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV | CipherSuite::TLS_FALLBACK_SCSV)
        || suite.is_grease()
}

/// Whether a pre-shared key authenticates a suite of TLS 1.2.
pub(crate) fn is_psk(suite: CipherSuite) -> bool {
    match suite.key_exchange_algorithm() {
        Some(
            KeyExchangeAlgorithm::Psk
            | KeyExchangeAlgorithm::DhePsk
            | KeyExchangeAlgorithm::RsaPsk
            | KeyExchangeAlgorithm::EcdhePsk,
        ) => true,
        Some(
            KeyExchangeAlgorithm::Rsa
            | KeyExchangeAlgorithm::Dh
            | KeyExchangeAlgorithm::Dhe
            | KeyExchangeAlgorithm::DhAnon
            | KeyExchangeAlgorithm::Ecdh
            | KeyExchangeAlgorithm::Ecdhe
            | KeyExchangeAlgorithm::EcdhAnon,
        )
        | None => false,
    }
}
