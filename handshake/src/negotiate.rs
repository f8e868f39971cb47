//! A server's choices: its order of preference applied to a client's offer. Pure functions.

use alloc::vec::Vec;

use handclasp_codec::{
    CipherSuite, KeyShareEntry, List, NamedGroup, ProtocolNameList, ProtocolVersion, SignatureScheme,
};
use handclasp_crypto::{KeyExchange, KeyKind, Suite};
use handclasp_report::Fault;

use crate::{Config, capability, types::PskHash};

/// Suites of one version that both sides know, in our order.
pub(crate) fn common_suites(
    config: &Config,
    version: ProtocolVersion,
    offer: List<'_, CipherSuite>,
) -> impl Iterator<Item = &'static Suite> {
    config.suites.iter().copied().filter(move |suite| suite.version() == version && offer.contains(&suite.id))
}

/// The suite of TLS 1.3, with the hash of the pre-shared key where there is one
/// (RFC 8446 §4.2.11).
pub(crate) fn suite13(
    config: &Config,
    offer: List<'_, CipherSuite>,
    hash: Option<PskHash>,
) -> Option<&'static Suite> {
    common_suites(config, ProtocolVersion::TLS_1_3, offer)
        .find(|suite| hash.is_none_or(|hash| hash.is(suite.hash)))
}

/// A group of TLS 1.3, and whether the client must be asked for a share in it.
pub(crate) enum Group13<'a> {
    /// The client sent this share.
    Share(&'static dyn KeyExchange, &'a [u8]),
    /// The client knows the group and sent no share: HelloRetryRequest (RFC 8446 §4.1.4).
    Retry(&'static dyn KeyExchange),
}

/// The group of TLS 1.3. A share that is there saves a round trip, and so wins over a group
/// that we like better.
pub(crate) fn group13<'a>(
    config: &Config,
    groups: List<'_, NamedGroup>,
    shares: List<'a, KeyShareEntry<'a>>,
) -> Option<Group13<'a>> {
    let share_in = |group| shares.iter().find(|share| share.group == group);
    let shared = config.groups.iter().find_map(|ours| Some((*ours, share_in(ours.group())?)));
    if let Some((group, share)) = shared {
        return Some(Group13::Share(group, share.key_exchange));
    }
    let known = config.groups.iter().find(|ours| groups.contains(&ours.group()));
    known.map(|group| Group13::Retry(*group))
}

/// The group of ECDHE in TLS 1.2. A client that names none leaves the choice to us
/// (RFC 8422 §4); P-256 is what every such client can do.
pub(crate) fn group12(
    config: &Config,
    groups: Option<List<'_, NamedGroup>>,
) -> Option<&'static dyn KeyExchange> {
    let offered = |group: NamedGroup| match &groups {
        Some(groups) => groups.contains(&group),
        None => group == NamedGroup::secp256r1,
    };
    config.groups.iter().copied().find(|ours| is_group12(ours.group()) && offered(ours.group()))
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
    ours.iter().copied().find(|scheme| scheme_fits(version, key, *scheme) && peer.contains(scheme))
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
pub(crate) fn alpn(config: &Config, offer: Option<ProtocolNameList<'_>>) -> Result<Option<Vec<u8>>, Fault> {
    let takes = capability::HostExtensions::ON && !config.alpn.is_empty();
    let Some(offer) = offer.filter(|_| takes) else { return Ok(None) };
    // The client's list is walked once: it may be much longer than ours.
    let places = offer
        .protocol_name_list
        .iter()
        .filter_map(|theirs| config.alpn.iter().position(|ours| ours.as_slice() == theirs.0));
    let chosen = places.min().and_then(|place| config.alpn.get(place));
    chosen.cloned().map(Some).ok_or(Fault::NoCommonAlpn)
}
