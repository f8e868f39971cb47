//! What costs a small client least, of what a server takes.

use handclasp::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};
use handclasp_codec::{KeyExchangeAlgorithm, SuiteAuthentication};

use super::survey::OfVersion;

/// Suites by what they cost, the cheapest first: AES with CCM or GCM and SHA-256, whole tags before
/// short ones; then what needs more code or more stack; pre-shared keys last, because both sides must
/// hold one.
const SUITES: [CipherSuite; 22] = [
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_AES_128_CCM_SHA256,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_AES_128_CCM_8_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CCM,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_PSK_WITH_AES_128_CCM_8,
];

/// Groups by cost. P-256 before X25519: the certificate's signature mostly needs it anyhow.
const GROUPS: [NamedGroup; 4] =
    [NamedGroup::secp256r1, NamedGroup::x25519, NamedGroup::secp384r1, NamedGroup::secp521r1];

/// Signature schemes by cost.
const SCHEMES: [SignatureScheme; 6] = [
    SignatureScheme::ecdsa_secp256r1_sha256,
    SignatureScheme::ed25519,
    SignatureScheme::rsa_pkcs1_sha256,
    SignatureScheme::rsa_pss_rsae_sha256,
    SignatureScheme::ecdsa_secp384r1_sha384,
    SignatureScheme::ecdsa_secp521r1_sha512,
];

/// Schemes that certificate chains are usually signed with.
const OF_CHAINS: [SignatureScheme; 2] =
    [SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::rsa_pkcs1_sha256];

/// The cheapest cipher suite that the server accepts.
pub fn suite(of: &OfVersion) -> Option<CipherSuite> {
    let cheap = SUITES.into_iter().find(|suite| of.suites.contains(suite));
    cheap.or_else(|| of.suites.first().copied())
}

/// The groups to try with this suite, cheapest first; empty if the suite needs no group.
pub fn groups(suite: CipherSuite, of: &OfVersion) -> Vec<NamedGroup> {
    use KeyExchangeAlgorithm as E;
    let needs_none = of.version == ProtocolVersion::TLS_1_2
        && !matches!(suite.key_exchange_algorithm(), Some(E::Ecdhe | E::EcdhePsk));
    if needs_none {
        return Vec::new();
    }
    let cheap = GROUPS.into_iter().filter(|group| of.groups.contains(group));
    let others = of.groups.iter().copied().filter(|group| !GROUPS.contains(group));
    cheap.chain(others).collect()
}

/// The schemes that are worth a try with it: the server's own alone, then with those of its chain;
/// an empty list where nothing is signed.
pub fn schemes(suite: CipherSuite, of: &OfVersion) -> Vec<Vec<SignatureScheme>> {
    let fits = |scheme: &SignatureScheme| {
        let rsa = scheme.name().is_some_and(|scheme| scheme.starts_with("rsa"));
        match suite.authentication() {
            None => true,
            Some(SuiteAuthentication::Rsa) => rsa,
            Some(SuiteAuthentication::Ecdsa) => !rsa,
            Some(_) => false,
        }
    };
    let signed = || of.schemes.iter().copied().filter(|scheme| fits(scheme));
    let cheap = SCHEMES.into_iter().find(|scheme| signed().any(|found| found == *scheme));
    let own = cheap.or_else(|| signed().find(|scheme| !is_sha1(*scheme))).or_else(|| signed().next());
    let Some(own) = own else {
        // Nothing is signed, and servers with a certificate may look for the schemes of its chain.
        return match suite.is_psk() {
            true => vec![Vec::new()],
            false => vec![vec![OF_CHAINS[1]], OF_CHAINS.to_vec(), Vec::new()],
        };
    };
    let chain = OF_CHAINS.into_iter().filter(|scheme| *scheme != own);
    vec![vec![own], std::iter::once(own).chain(chain).collect()]
}

/// Whether a scheme is of SHA-1, which nobody should verify any more (RFC 9155).
fn is_sha1(scheme: SignatureScheme) -> bool {
    [SignatureScheme::rsa_pkcs1_sha1, SignatureScheme::ecdsa_sha1].contains(&scheme)
}
