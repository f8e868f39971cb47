//! Properties that a suite's registered name states, apart from the key exchange: authentication,
//! cipher, hash. They are derived from the name, so each suite is listed in a single table; a suite
//! without a registered name has none of them.

use super::{CipherSuite, HashAlgorithm, KeyExchangeAlgorithm};

/// How the server authenticates in a cipher suite of TLS 1.2 and earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SuiteAuthentication {
    /// With an RSA certificate.
    Rsa,
    /// With a certificate that has an elliptic curve key, EdDSA included (RFC 8422 §5.3).
    Ecdsa,
    /// With a DSA certificate.
    Dss,
    /// With a pre-shared key, with or without a certificate (RFC 4279).
    Psk,
    /// The server does not authenticate.
    Anonymous,
}

impl CipherSuite {
    /// Whether this is a suite of TLS 1.3 (RFC 8446 §B.4, RFC 8998 §2, RFC 9150 §3).
    pub fn is_tls13(self) -> bool {
        self.0 >> 8 == 0x13 || matches!(self.0, 0x00c6 | 0x00c7 | 0xc0b4 | 0xc0b5)
    }

    /// Whether this number is a signal and not a suite: the two SCSVs (RFC 5746 §3.3, RFC 7507) and
    /// GREASE (RFC 8701).
    pub fn is_signalling(self) -> bool {
        self == Self::TLS_EMPTY_RENEGOTIATION_INFO_SCSV || self == Self::TLS_FALLBACK_SCSV || self.is_grease()
    }

    /// Whether this is a TLS 1.2 suite that authenticates with a pre-shared key. Suites of TLS 1.3 do
    /// not determine the authentication.
    pub fn is_psk(self) -> bool {
        self.authentication() == Some(SuiteAuthentication::Psk)
    }

    /// How the server authenticates; `None` for suites of TLS 1.3 and for numbers without a name.
    pub fn authentication(self) -> Option<SuiteAuthentication> {
        let (exchange, _) = self.name()?.strip_prefix("TLS_")?.split_once("_WITH_")?;
        Some(match self.key_exchange_algorithm() {
            Some(
                KeyExchangeAlgorithm::Psk
                | KeyExchangeAlgorithm::DhePsk
                | KeyExchangeAlgorithm::RsaPsk
                | KeyExchangeAlgorithm::EcdhePsk,
            ) => SuiteAuthentication::Psk,
            Some(KeyExchangeAlgorithm::DhAnon | KeyExchangeAlgorithm::EcdhAnon) => {
                SuiteAuthentication::Anonymous
            }
            _ if exchange.contains("anon") => SuiteAuthentication::Anonymous,
            _ if exchange.ends_with("ECDSA") => SuiteAuthentication::Ecdsa,
            _ if exchange.contains("DSS") => SuiteAuthentication::Dss,
            _ => SuiteAuthentication::Rsa,
        })
    }

    /// Whether the key exchange takes place in a group of supported_groups: ECDH of any kind, and
    /// every suite of TLS 1.3.
    pub fn uses_group(self) -> bool {
        self.is_tls13()
            || matches!(
                self.key_exchange_algorithm(),
                Some(
                    KeyExchangeAlgorithm::Ecdh
                        | KeyExchangeAlgorithm::Ecdhe
                        | KeyExchangeAlgorithm::EcdhAnon
                        | KeyExchangeAlgorithm::EcdhePsk
                )
            )
    }

    /// The cipher as the registry spells it, such as `AES_128_GCM` or `3DES_EDE_CBC`.
    pub fn cipher(self) -> Option<&'static str> {
        let name = self.name()?;
        let rest = match name.split_once("_WITH_") {
            Some((_, rest)) => rest,
            None => name.strip_prefix("TLS_").filter(|_| self.is_tls13())?,
        };
        Some(match rest.rsplit_once('_') {
            Some((cipher, "MD5" | "SHA" | "SHA256" | "SHA384" | "SHA512" | "SM3")) => cipher,
            _ => rest,
        })
    }

    /// Whether records are protected by CBC and a MAC.
    pub fn is_cbc(self) -> bool {
        self.cipher().is_some_and(|cipher| cipher.contains("CBC"))
    }

    /// Whether records are protected by an AEAD (RFC 5116).
    pub fn is_aead(self) -> bool {
        let aead = |cipher: &str| {
            cipher.ends_with("_GCM") || cipher.contains("_CCM") || cipher.ends_with("_POLY1305")
        };
        self.cipher().is_some_and(aead)
    }

    /// Bytes of the AEAD's tag: 8 in the CCM_8 suites (RFC 6655 §4), else 16.
    pub fn tag_len(self) -> Option<usize> {
        self.is_aead().then(|| if self.is_ccm_8() { 8 } else { 16 })
    }

    /// Whether the AEAD is CCM with a tag of 8 bytes (RFC 6655 §4).
    pub fn is_ccm_8(self) -> bool {
        self.cipher().is_some_and(|cipher| cipher.ends_with("CCM_8"))
    }

    /// Whether the cipher is triple DES.
    pub fn is_triple_des(self) -> bool {
        self.cipher().is_some_and(|cipher| cipher.starts_with("3DES"))
    }

    /// Whether servers usually disable this suite: no encryption, broken or short ciphers, or no
    /// authentication (RFC 9325 §4.1).
    pub fn is_weak(self) -> bool {
        const CIPHERS: [&str; 8] = ["RC4", "3DES", "DES", "NULL", "IDEA", "SEED", "RC2", "DES40"];
        let weak = |cipher: &str| CIPHERS.iter().any(|part| cipher.split('_').next() == Some(*part));
        self.cipher().is_some_and(weak)
            || self.authentication() == Some(SuiteAuthentication::Anonymous)
            || self.name().is_some_and(|name| name.contains("EXPORT"))
    }

    /// The hash at the end of the suite's name: the hash of the MAC in a CBC suite, of the PRF or HKDF
    /// in others. `None` for the first CCM suites, whose names do not include it.
    pub fn named_hash(self) -> Option<HashAlgorithm> {
        Some(match self.name()?.rsplit('_').next()? {
            "MD5" => HashAlgorithm::md5,
            "SHA" => HashAlgorithm::sha1,
            "SHA256" => HashAlgorithm::sha256,
            "SHA384" => HashAlgorithm::sha384,
            "SHA512" => HashAlgorithm::sha512,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_registered_suite_has_a_cipher_and_one_kind_of_protection() {
        for suite in CipherSuite::ALL.iter().copied().filter(|suite| !suite.is_signalling()) {
            assert!(suite.cipher().is_some(), "{suite}");
            assert!(!(suite.is_cbc() && suite.is_aead()), "{suite}");
            assert_eq!(suite.tag_len().is_some(), suite.is_aead(), "{suite}");
            // Functions that read another part of the name must agree with it.
            let exchange = suite.name().and_then(|name| name.split("_WITH_").next()).unwrap_or_default();
            assert_eq!(suite.is_psk(), exchange.contains("PSK"), "{suite}");
        }
    }

    #[test]
    fn facts_of_some_suites() {
        use SuiteAuthentication::{Anonymous, Dss, Ecdsa, Psk, Rsa};
        for (suite, cipher, authentication, hash) in [
            (CipherSuite::TLS_AES_128_GCM_SHA256, "AES_128_GCM", None, HashAlgorithm::sha256),
            (CipherSuite(0xc02b), "AES_128_GCM", Some(Ecdsa), HashAlgorithm::sha256),
            (CipherSuite(0xc014), "AES_256_CBC", Some(Rsa), HashAlgorithm::sha1),
            (CipherSuite(0x000a), "3DES_EDE_CBC", Some(Rsa), HashAlgorithm::sha1),
            (CipherSuite(0x0013), "3DES_EDE_CBC", Some(Dss), HashAlgorithm::sha1),
            (CipherSuite(0x0018), "RC4_128", Some(Anonymous), HashAlgorithm::md5),
            (CipherSuite(0x00a8), "AES_128_GCM", Some(Psk), HashAlgorithm::sha256),
            (CipherSuite(0xcca9), "CHACHA20_POLY1305", Some(Ecdsa), HashAlgorithm::sha256),
        ] {
            assert_eq!(suite.cipher(), Some(cipher), "{suite}");
            assert_eq!(suite.authentication(), authentication, "{suite}");
            assert_eq!(suite.named_hash(), Some(hash), "{suite}");
        }
        let ccm_8 = CipherSuite::TLS_PSK_WITH_AES_128_CCM_8;
        assert_eq!((ccm_8.tag_len(), ccm_8.named_hash(), ccm_8.is_psk()), (Some(8), None, true));
        for weak in [0x0018, 0x000a, 0x0005, 0x003b, 0x0096, 0x0003] {
            assert!(CipherSuite(weak).is_weak(), "{}", CipherSuite(weak));
        }
        assert!(!CipherSuite(0xc02b).is_weak() && !CipherSuite(0xc014).is_weak());
        assert!(CipherSuite::TLS_FALLBACK_SCSV.is_signalling() && CipherSuite(0x0a0a).is_signalling());
        assert_eq!(CipherSuite(0x0a0a).cipher(), None);
    }
}
