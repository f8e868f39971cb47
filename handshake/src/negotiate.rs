//! A server's choices: its order of preference applied to a client's offer. Pure functions.

use alloc::vec::Vec;

use handclasp_codec::{
    CipherSuite, ClientHelloView, ExtensionType, List, NamedGroup, ProtocolName, ProtocolVersion,
    SignatureScheme, has_number,
};
use handclasp_crypto::{KeyExchange, KeyKind, Suite};
use handclasp_report::{Fault, FaultCode};

use crate::{Config, capability, types::PskHash};

/// Suites of one version that both sides know, in our order.
pub(crate) fn common_suites<'c>(
    config: &'c Config,
    version: ProtocolVersion,
    hello: ClientHelloView<'c>,
) -> impl Iterator<Item = &'static Suite> + 'c {
    let theirs = hello.cipher_suites();
    let is_common = move |suite: &&'static Suite| {
        let CipherSuite(number) = suite.id;
        suite.version() == version && has_number(theirs, number)
    };
    config.suites.iter().copied().filter(is_common)
}

/// The suite of TLS 1.3, with the hash of the pre-shared key where there is one
/// (RFC 8446 §4.2.11).
pub(crate) fn suite13(
    config: &Config,
    hello: ClientHelloView<'_>,
    hash: Option<PskHash>,
) -> Option<&'static Suite> {
    common_suites(config, ProtocolVersion::TLS_1_3, hello)
        .find(|suite| hash.is_none_or(|hash| hash.is(suite.hash)))
}

/// The share that the client sent in a group.
pub(crate) fn key_share(hello: ClientHelloView<'_>, group: NamedGroup) -> Option<&[u8]> {
    hello.key_shares().find(|(found, _)| *found == group).map(|(_, key_exchange)| key_exchange)
}

/// The group of TLS 1.3, and whether the client sent a share in it; if not, it must be asked for one by a
/// HelloRetryRequest (RFC 8446 §4.1.4). A share that is there saves a round trip, and so wins over a group
/// that we like better.
pub(crate) fn group13(
    config: &Config,
    hello: ClientHelloView<'_>,
) -> Option<(&'static dyn KeyExchange, bool)> {
    let groups = || config.groups.iter().copied();
    if let Some(group) = groups().find(|ours| key_share(hello, ours.group()).is_some()) {
        return Some((group, true));
    }
    let theirs = hello.list(ExtensionType::supported_groups, 2).unwrap_or_default();
    let known = groups().find(|ours| has_number(theirs, ours.group().0));
    known.map(|group| (group, false))
}

/// The group of ECDHE in TLS 1.2. A client that names none leaves the choice to us
/// (RFC 8422 §4); P-256 is what every such client can do.
pub(crate) fn group12(config: &Config, hello: ClientHelloView<'_>) -> Option<&'static dyn KeyExchange> {
    capability::Ecdhe::get()?;
    let theirs = hello.list(ExtensionType::supported_groups, 2);
    let is_offered = |group: NamedGroup| match theirs {
        Some(theirs) => has_number(theirs, group.0),
        None => group == NamedGroup::secp256r1,
    };
    config.groups.iter().copied().find(|ours| is_group12(ours.group()) && is_offered(ours.group()))
}

/// Whether RFC 8422 §5.1.1 knows the group; hybrids with ML-KEM belong to TLS 1.3 alone.
pub(crate) fn is_group12(group: NamedGroup) -> bool {
    matches!(
        group,
        NamedGroup::secp256r1
            | NamedGroup::secp384r1
            | NamedGroup::secp521r1
            | NamedGroup::x25519
            | NamedGroup::x448
    )
}

/// The scheme for our signature: the first that our signer can do, that fits the key in this
/// version, and that the peer lists.
pub(crate) fn scheme(
    version: ProtocolVersion,
    key: KeyKind,
    ours: &[SignatureScheme],
    peer: List<'_, SignatureScheme>,
) -> Option<SignatureScheme> {
    ours.iter().copied().find(|scheme| scheme_fits(version, key, *scheme) && peer.has(*scheme))
}

/// Whether a key of that kind may sign by this scheme (RFC 8446 §4.2.3, RFC 5246 §7.4.1.4.1,
/// RFC 8422 §5.10). In TLS 1.2 the hash of ECDSA says nothing about the curve; in 1.3 it does,
/// and PKCS#1 v1.5 is for certificates only. SHA-1 is in neither list.
pub(crate) fn scheme_fits(version: ProtocolVersion, key: KeyKind, scheme: SignatureScheme) -> bool {
    use SignatureScheme as S;
    let any_ecdsa =
        matches!(scheme, S::ecdsa_secp256r1_sha256 | S::ecdsa_secp384r1_sha384 | S::ecdsa_secp521r1_sha512);
    let pss = matches!(scheme, S::rsa_pss_rsae_sha256 | S::rsa_pss_rsae_sha384 | S::rsa_pss_rsae_sha512);
    let pkcs1 = matches!(scheme, S::rsa_pkcs1_sha256 | S::rsa_pkcs1_sha384 | S::rsa_pkcs1_sha512);
    let in_12 = version == ProtocolVersion::TLS_1_2;
    match key {
        KeyKind::P256 => scheme == S::ecdsa_secp256r1_sha256 || in_12 && any_ecdsa,
        KeyKind::P384 => scheme == S::ecdsa_secp384r1_sha384 || in_12 && any_ecdsa,
        KeyKind::P521 => scheme == S::ecdsa_secp521r1_sha512 || in_12 && any_ecdsa,
        KeyKind::Ed25519 => scheme == S::ed25519,
        KeyKind::Rsa => pss || in_12 && pkcs1,
        KeyKind::RsaPss => {
            matches!(scheme, S::rsa_pss_pss_sha256 | S::rsa_pss_pss_sha384 | S::rsa_pss_pss_sha512)
        }
    }
}

/// The application protocol, strictly: a client that names some and none of ours is refused
/// (RFC 7301 §3.2), so that it cannot be led to another service's data (ALPACA).
///
/// # Errors
/// [`Fault::NoCommonAlpn`].
pub(crate) fn alpn(config: &Config, hello: ClientHelloView<'_>) -> Result<Option<Vec<u8>>, FaultCode> {
    if !capability::HostExtensions::ON || config.alpn.is_empty() {
        return Ok(None);
    }
    let offer = hello.list(ExtensionType::application_layer_protocol_negotiation, 2);
    let Some(offer) = offer.map(List::<ProtocolName<'_>>::encoded) else { return Ok(None) };
    // The client's list is walked once: it may be much longer than ours.
    let places =
        offer.iter().filter_map(|theirs| config.alpn.iter().position(|ours| ours.as_slice() == theirs.0));
    let chosen = places.min().and_then(|place| config.alpn.get(place));
    chosen.cloned().map(Some).ok_or(Fault::NoCommonAlpn.code())
}
