//! Which suites of TLS 1.2 could be spoken with this client: what each would need of it and of
//! us (RFC 5246 §7.4.1.3, RFC 8422 §4, RFC 4279 §2).

use handclasp_codec::{ClientHello, List, NamedGroup, ProtocolVersion, SignatureScheme};
use handclasp_crypto::{Authentication, KeyExchange, KeyExchangeAlgorithm, KeyKind, Suite};
use handclasp_report::Fault;

use crate::{Config, negotiate};

/// The first suite of ours for which both sides have all that it takes.
///
/// # Errors
/// What is missing, told as narrowly as possible.
pub(super) fn choose(config: &Config, hello: &ClientHello<'_>) -> Result<&'static Suite, Fault> {
    candidates(config, hello).next().ok_or_else(|| why_none(config, hello))
}

/// All such suites, in our order.
pub(super) fn candidates(config: &Config, hello: &ClientHello<'_>) -> impl Iterator<Item = &'static Suite> {
    let group = group(config, hello).is_some();
    let schemes = hello.extensions.signature_algorithms.is_some();
    let encrypt_then_mac = hello.extensions.encrypt_then_mac.is_some();
    common(config, hello).filter(move |suite| {
        has_key(config, suite)
            && (encrypt_then_mac || !suite.needs_encrypt_then_mac())
            && match suite.exchange {
                KeyExchangeAlgorithm::Ecdhe(_) => group && schemes,
                KeyExchangeAlgorithm::EcdhePsk => group,
                KeyExchangeAlgorithm::Psk => true,
                KeyExchangeAlgorithm::Tls13 => false,
            }
    })
}

/// The group of ECDHE.
pub(super) fn group(config: &Config, hello: &ClientHello<'_>) -> Option<&'static dyn KeyExchange> {
    negotiate::group12(config, groups(hello))
}

/// The schemes that the client accepts. Without the extension RFC 5246 §7.4.1.4.1 supposes
/// SHA-1, which we do not do.
pub(super) fn schemes<'a>(hello: &ClientHello<'a>) -> List<'a, SignatureScheme> {
    let offer = hello.extensions.signature_algorithms.as_ref();
    offer.map(|offer| offer.supported_signature_algorithms).unwrap_or_default()
}

/// Whether a key of that kind can authenticate the suite.
pub(super) fn suits(suite: &Suite, key: KeyKind) -> bool {
    match (suite.exchange, key) {
        (KeyExchangeAlgorithm::Ecdhe(Authentication::Rsa), KeyKind::Rsa | KeyKind::RsaPss) => true,
        (
            KeyExchangeAlgorithm::Ecdhe(Authentication::Ecdsa),
            KeyKind::P256 | KeyKind::P384 | KeyKind::P521 | KeyKind::Ed25519,
        ) => true,
        (
            KeyExchangeAlgorithm::Ecdhe(_)
            | KeyExchangeAlgorithm::Psk
            | KeyExchangeAlgorithm::EcdhePsk
            | KeyExchangeAlgorithm::Tls13,
            _,
        ) => false,
    }
}

fn groups<'a>(hello: &ClientHello<'a>) -> Option<List<'a, NamedGroup>> {
    hello.extensions.supported_groups.as_ref().map(|offer| offer.named_group_list)
}

fn common(config: &Config, hello: &ClientHello<'_>) -> impl Iterator<Item = &'static Suite> {
    negotiate::common_suites(config, ProtocolVersion::TLS_1_2, hello.cipher_suites)
}

/// Whether we have what proves us in that suite.
fn has_key(config: &Config, suite: &Suite) -> bool {
    match suite.exchange {
        KeyExchangeAlgorithm::Ecdhe(_) => config.has_credential,
        KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::EcdhePsk => config.has_psk,
        KeyExchangeAlgorithm::Tls13 => false,
    }
}

fn why_none(config: &Config, hello: &ClientHello<'_>) -> Fault {
    if common(config, hello).next().is_none() {
        Fault::NoCommonSuite
    } else if !common(config, hello).any(|suite| has_key(config, suite)) {
        Fault::NoCredential
    } else if hello.extensions.encrypt_then_mac.is_none()
        && common(config, hello).filter(|suite| has_key(config, suite)).all(Suite::needs_encrypt_then_mac)
    {
        Fault::NoEncryptThenMac
    } else if group(config, hello).is_none() {
        // Plain PSK would have been a candidate; all that is left wants a group.
        Fault::NoCommonGroup
    } else {
        // ECDHE with a certificate is left, and a group for it.
        Fault::NoSignatureAlgorithms
    }
}
