//! A ClientHello as an offer: what it really lists, without the numbers that mean nothing, and
//! where the list is narrow. An offer is narrow where common servers may well find nothing in it.

use handclasp_codec::{
    CipherSuite, ClientHello, KeyExchangeAlgorithm, NamedGroup, ProtocolVersion, SignatureAlgorithm,
    SignatureScheme,
};

use crate::conversation::suite::{is_psk, is_signalling, is_tls13};

/// The kinds of key that a server proves itself with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Authentication {
    /// RSA, whatever the padding.
    Rsa,
    /// ECDSA on any curve; EdDSA suites are these as well (RFC 8422 §5.3).
    Ecdsa,
    /// DSA.
    Dss,
    /// A pre-shared key.
    Psk,
    /// Nobody.
    Anonymous,
    /// Not said by the suite: TLS 1.3.
    Any,
}

impl Authentication {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rsa => "an RSA key",
            Self::Ecdsa => "an elliptic curve key",
            Self::Dss => "a DSA key",
            Self::Psk => "a pre-shared key",
            Self::Anonymous => "no key at all",
            Self::Any => "any key",
        }
    }
}

/// What a ClientHello offers.
pub(super) struct Offer {
    /// Suites without signalling values and GREASE.
    pub suites: Vec<CipherSuite>,
    /// Groups without GREASE; `None` without the extension.
    pub groups: Option<Vec<NamedGroup>>,
    /// Schemes without GREASE; `None` without the extension.
    pub schemes: Option<Vec<SignatureScheme>>,
    /// Versions without GREASE, as supported_versions or legacy_version tells.
    pub versions: Vec<ProtocolVersion>,
    /// Whether supported_versions is there.
    pub versions_listed: bool,
}

impl Offer {
    /// Reads it.
    pub(super) fn new(hello: &ClientHello<'_>) -> Self {
        let extensions = &hello.extensions;
        let groups = extensions.supported_groups.map(|list| list.named_group_list.iter());
        let schemes = extensions.signature_algorithms.map(|list| list.supported_signature_algorithms.iter());
        let listed = extensions.supported_versions.as_ref().map(|list| list.versions.iter());
        let versions_listed = listed.is_some();
        let versions = match listed {
            Some(list) => list.filter(|version| !version.is_grease()).collect(),
            // Without the extension, a version stands for all before it (RFC 5246 §E.1).
            None => [
                ProtocolVersion::TLS_1_2,
                ProtocolVersion::TLS_1_1,
                ProtocolVersion::TLS_1_0,
                ProtocolVersion::SSL_3_0,
            ]
            .into_iter()
            .filter(|version| *version <= hello.legacy_version)
            .collect(),
        };
        Self {
            suites: hello.cipher_suites.iter().filter(|suite| !is_signalling(*suite)).collect(),
            groups: groups.map(|list| list.filter(|group| !group.is_grease()).collect()),
            schemes: schemes.map(|list| list.filter(|scheme| !scheme.is_grease()).collect()),
            versions,
            versions_listed,
        }
    }

    /// Whether nothing below TLS 1.3 is offered: by the versions, or by the suites.
    pub(super) fn only_tls13(&self) -> bool {
        let newer = |version: &ProtocolVersion| *version >= ProtocolVersion::TLS_1_3;
        (self.versions_listed && self.versions.iter().all(newer))
            || (!self.suites.is_empty() && self.suites.iter().all(|suite| is_tls13(*suite)))
    }

    /// Whether TLS 1.3 is offered.
    pub(super) fn tls13(&self) -> bool {
        self.versions_listed && self.versions.contains(&ProtocolVersion::TLS_1_3)
    }

    /// The newest version offered.
    pub(super) fn newest(&self) -> Option<ProtocolVersion> {
        self.versions.iter().copied().max()
    }

    /// Whether every suite needs a pre-shared key.
    pub(super) fn only_psk(&self) -> bool {
        !self.suites.is_empty() && self.suites.iter().all(|suite| is_psk(*suite))
    }

    /// The one kind of key that all suites need, where there is one.
    pub(super) fn one_authentication(&self) -> Option<Authentication> {
        let mut kinds: Vec<_> = self.suites.iter().filter_map(|suite| authentication(*suite)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        match kinds.as_slice() {
            [Authentication::Any] | [] => None,
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The one kind of key that all schemes are for, where there is one.
    pub(super) fn one_scheme_kind(&self) -> Option<Authentication> {
        let schemes = self.schemes.as_deref()?;
        let mut kinds: Vec<_> = schemes.iter().map(|scheme| scheme_kind(*scheme)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        match kinds.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// Whether a server that takes what is usual may find no suite: nothing offered that it has.
    pub(super) fn narrow_suites(&self) -> bool {
        const FEW: usize = 2;
        let usual = |suite: &CipherSuite| USUAL_SUITES.contains(suite);
        self.suites.len() <= FEW || !self.suites.iter().any(usual)
    }

    /// Whether every suite is one that servers of today refuse.
    pub(super) fn weak_suites(&self) -> bool {
        !self.suites.is_empty() && self.suites.iter().all(|suite| is_weak(*suite))
    }

    /// Whether the suites need a group: all of them (EC)DHE or TLS 1.3.
    pub(super) fn needs_group(&self) -> bool {
        !self.suites.is_empty() && self.suites.iter().all(|suite| uses_group(*suite))
    }

    /// Whether the groups lack what nearly every server has: P-256, or x25519 with others.
    pub(super) fn narrow_groups(&self) -> bool {
        let Some(groups) = self.groups.as_deref() else { return false };
        let has = |group| groups.contains(&group);
        !has(NamedGroup::secp256r1) && (groups.len() <= 1 || !has(NamedGroup::x25519))
    }

    /// Whether the groups leave out curves that certificates are on.
    pub(super) fn lacks_certificate_curves(&self) -> bool {
        let Some(groups) = self.groups.as_deref() else { return false };
        let curves = [NamedGroup::secp256r1, NamedGroup::secp384r1, NamedGroup::secp521r1];
        curves.iter().any(|curve| !groups.contains(curve))
    }

    /// Whether all schemes are for one kind of key, or with hashes that are refused today.
    pub(super) fn narrow_schemes(&self) -> bool {
        let Some(schemes) = self.schemes.as_deref() else { return false };
        let weak = |scheme: &SignatureScheme| matches!(scheme.0 >> 8, 1..=3);
        self.one_scheme_kind().is_some() || schemes.iter().all(weak) || schemes.len() <= 1
    }
}

/// The kind of key that a suite needs.
pub(super) fn authentication(suite: CipherSuite) -> Option<Authentication> {
    if is_tls13(suite) {
        return Some(Authentication::Any);
    }
    let name = suite.name()?;
    let (exchange, _) = name.strip_prefix("TLS_")?.split_once("_WITH_")?;
    Some(match exchange {
        _ if is_psk(suite) => Authentication::Psk,
        _ if exchange.contains("anon") || exchange.contains("Anon") => Authentication::Anonymous,
        _ if exchange.ends_with("ECDSA") => Authentication::Ecdsa,
        _ if exchange.contains("DSS") => Authentication::Dss,
        _ => Authentication::Rsa,
    })
}

/// The kind of key that a scheme is for.
pub(super) fn scheme_kind(scheme: SignatureScheme) -> Authentication {
    if matches!(scheme.0, 0x0804..=0x0806 | 0x0809..=0x080b) {
        return Authentication::Rsa;
    }
    match scheme.pair().1 {
        SignatureAlgorithm::rsa => Authentication::Rsa,
        SignatureAlgorithm::dsa => Authentication::Dss,
        // Intrinsic pairs are EdDSA and the brainpool schemes of TLS 1.3, all of curves; the rest of
        // the registry (GOST, SM2, ML-DSA) is for curves or too rare to matter here.
        _ => Authentication::Ecdsa,
    }
}

/// Whether a suite's key exchange takes place in a group.
pub(super) fn uses_group(suite: CipherSuite) -> bool {
    match suite.key_exchange_algorithm() {
        Some(
            KeyExchangeAlgorithm::Ecdhe
            | KeyExchangeAlgorithm::EcdhAnon
            | KeyExchangeAlgorithm::Ecdh
            | KeyExchangeAlgorithm::EcdhePsk,
        ) => true,
        Some(
            KeyExchangeAlgorithm::Rsa
            | KeyExchangeAlgorithm::Dh
            | KeyExchangeAlgorithm::Dhe
            | KeyExchangeAlgorithm::DhAnon
            | KeyExchangeAlgorithm::Psk
            | KeyExchangeAlgorithm::DhePsk
            | KeyExchangeAlgorithm::RsaPsk,
        ) => false,
        None => is_tls13(suite),
    }
}

/// Suites that servers of today have switched off or never had (RFC 9325 §4.1).
fn is_weak(suite: CipherSuite) -> bool {
    const WEAK: [&str; 10] =
        ["_RC4_", "_3DES_", "_DES_", "_NULL_", "EXPORT", "_anon_", "_IDEA_", "_SEED_", "_RC2_", "_DES40_"];
    suite.name().is_some_and(|name| WEAK.iter().any(|part| name.contains(part)))
}

/// What nearly every server has one of (RFC 9325 §4.2, RFC 8446 §9.1).
const USUAL_SUITES: [CipherSuite; 11] = [
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
];

/// Names, for a sentence: at most six of them.
pub(super) fn names<T: std::fmt::Display>(list: &[T]) -> String {
    const SHOWN: usize = 6;
    let mut text: Vec<String> = list.iter().take(SHOWN).map(T::to_string).collect();
    if list.len() > SHOWN {
        text.push(format!("{} more", list.len() - SHOWN));
    }
    text.join(", ")
}
