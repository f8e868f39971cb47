//! A ClientHello as an offer: what it really lists, without the numbers that mean nothing, and
//! where the list is narrow. An offer is narrow where common servers may well find nothing in it.

use handclasp_codec::{
    CipherSuite, ClientHello, NamedGroup, ProtocolVersion, SignatureAlgorithm, SignatureScheme,
    SuiteAuthentication,
};

/// The key that a server needs for suites of one kind, as a phrase.
pub(super) fn key_needed(kind: SuiteAuthentication) -> &'static str {
    match kind {
        SuiteAuthentication::Rsa => "an RSA key",
        SuiteAuthentication::Ecdsa => "an elliptic curve key",
        SuiteAuthentication::Dss => "a DSA key",
        SuiteAuthentication::Psk => "a pre-shared key",
        SuiteAuthentication::Anonymous => "no key at all",
        // The enum may grow in codec.
        _ => "a key of another kind",
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
            suites: hello.cipher_suites.iter().filter(|suite| !suite.is_signalling()).collect(),
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
            || (!self.suites.is_empty() && self.suites.iter().all(|suite| suite.is_tls13()))
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
        !self.suites.is_empty() && self.suites.iter().all(|suite| suite.is_psk())
    }

    /// The one kind of key that all suites need, where there is one.
    pub(super) fn one_authentication(&self) -> Option<SuiteAuthentication> {
        let named = self.suites.iter().filter(|suite| suite.name().is_some());
        let mut kinds: Vec<_> = named.map(|suite| suite.authentication()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        match kinds.as_slice() {
            [one] => *one,
            _ => None,
        }
    }

    /// The one kind of key that all schemes are for, where there is one.
    pub(super) fn one_scheme_kind(&self) -> Option<SuiteAuthentication> {
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
        !self.suites.is_empty() && self.suites.iter().all(|suite| suite.is_weak())
    }

    /// Whether the suites need a group: all of them (EC)DHE or TLS 1.3.
    pub(super) fn needs_group(&self) -> bool {
        !self.suites.is_empty() && self.suites.iter().all(|suite| suite.uses_group())
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

/// The kind of key that a scheme is for.
pub(super) fn scheme_kind(scheme: SignatureScheme) -> SuiteAuthentication {
    if matches!(scheme.0, 0x0804..=0x0806 | 0x0809..=0x080b) {
        return SuiteAuthentication::Rsa;
    }
    match scheme.pair().1 {
        SignatureAlgorithm::rsa => SuiteAuthentication::Rsa,
        SignatureAlgorithm::dsa => SuiteAuthentication::Dss,
        // Intrinsic pairs are EdDSA and the brainpool schemes of TLS 1.3, all of curves; the rest of
        // the registry (GOST, SM2, ML-DSA) is for curves or too rare to matter here.
        _ => SuiteAuthentication::Ecdsa,
    }
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
