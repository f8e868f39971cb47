//! Chooses the identity to send to a peer (RFC 8446 §4.4.2.2, §4.4.2.3): one that the peer can use,
//! and among those the one that fits best. The peer's lists are walked once; of our
//! identities only those are looked at that are for the name, or differ in something else that counts.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use handclasp_codec::{CertificateType, List, NamedGroup, SignatureScheme};
use handclasp_handshake::{Credential, CredentialRequest};
use handclasp_identity::Identity;
use handclasp_report::NoneShown;
use handclasp_trust::{Name, certificate};
use rustls_pki_types::CertificateDer;

use crate::index::{Index, Schemes};

/// The configured identities, and how one of them may be sent.
#[derive(Clone, Copy)]
pub(crate) struct Choice<'a> {
    pub(crate) identities: &'a [Arc<Identity>],
    /// The index over them.
    pub(crate) index: &'a Index,
    /// Whether the key of an identity with a certificate may be sent without it.
    pub(crate) raw_keys: bool,
}

/// The identity that a connection authenticates with; its key signs.
#[derive(Clone)]
pub(crate) struct SelectedCredential {
    pub(crate) identity: Arc<Identity>,
    certificate_type: CertificateType,
    listed: bool,
}

/// How well an identity fits, the most important criterion first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// The peer can use it at all.
    usable: bool,
    /// It is for the name asked for.
    named: bool,
    /// All its signatures are of schemes that the peer verifies.
    verifiable: bool,
    /// It leads to an authority that the peer names.
    listed: bool,
}

/// The request of a peer, each of its lists walked once.
struct Peer<'w> {
    wanted: CredentialRequest<'w>,
    /// The name asked for, if it is one.
    name: Option<Name>,
    /// By which certificates may be signed.
    verifies: Schemes,
    /// Issuers of ours that it names; nothing where any will do.
    issuers: Option<HashSet<usize>>,
}

impl<'w> Peer<'w> {
    fn new(wanted: CredentialRequest<'w>, choice: &Choice<'_>) -> Self {
        let several = !choice.is_alone();
        let name = wanted.server_name.filter(|_| several).and_then(|name| core::str::from_utf8(name).ok());
        let verifies = wanted.schemes_cert.unwrap_or(wanted.schemes);
        let authorities = wanted.authorities;
        Self {
            wanted,
            name: name.and_then(|name| Name::parse(name).ok()),
            verifies: if several { Schemes::of(verifies.iter()) } else { Schemes::default() },
            issuers: (!authorities.is_empty()).then(|| choice.index.issuers_among(authorities)),
        }
    }
}

/// The curves that a key may be on whose scheme does not name it in TLS 1.2 (RFC 8422 §5.1).
const CURVES: [NamedGroup; 3] = [NamedGroup::secp256r1, NamedGroup::secp384r1, NamedGroup::secp521r1];

impl Choice<'_> {
    /// The identity that fits best, the first of several, and with its certificate rather than
    /// without, unless the peer wants it the other way. On a client that has nothing usable:
    /// none, for it may go on without. On a server even what does not fit is better evidence
    /// than nothing: the machine then says which scheme or type was missing.
    pub(crate) fn choose(
        &self,
        wanted: &CredentialRequest<'_>,
        is_server: bool,
    ) -> Option<SelectedCredential> {
        // A list of more than there are schemes or curves is walked once, and not for each identity.
        let (schemes, curves);
        let mut wanted = *wanted;
        if wanted.schemes.iter().nth(SignatureScheme::ALL.len()).is_some() {
            schemes = Schemes::of(wanted.schemes.iter()).list();
            wanted.schemes = List::of(&schemes);
        }
        if let Some(long) = wanted.curves.filter(|list| list.iter().nth(NamedGroup::ALL.len()).is_some()) {
            let found = long.iter().filter(|curve| CURVES.contains(curve)).collect::<BTreeSet<_>>();
            curves = Vec::from_iter(found);
            wanted.curves = Some(List::of(&curves));
        }
        let peer = Peer::new(wanted, self);
        let places = self.candidates(&peer);
        let candidates = || places.iter().filter_map(|place| Some((*place, self.identities.get(*place)?)));
        let mut best: Option<(Fit, SelectedCredential)> = None;
        for certificate_type in types(&wanted).into_iter().flatten() {
            for (place, identity) in candidates() {
                if !self.has(identity, certificate_type) {
                    continue;
                }
                let fit = self.fit(place, identity, certificate_type, &peer);
                if best.as_ref().is_none_or(|(other, _)| fit > *other) {
                    let (identity, listed) = (Arc::clone(identity), fit.listed);
                    best = Some((fit, SelectedCredential { identity, certificate_type, listed }));
                }
            }
        }
        match best {
            Some((fit, shown)) => (fit.usable || is_server).then_some(shown),
            None if is_server => self.identities.first().map(SelectedCredential::of_another_type),
            None => None,
        }
    }

    /// Why a client that chose none has none to show.
    pub(crate) fn why_none(&self, wanted: &CredentialRequest<'_>) -> NoneShown {
        let of_type = |identity: &Arc<Identity>| wanted.types.iter().any(|one| self.has(identity, one));
        match self.identities {
            [] => NoneShown::NotConfigured,
            all if all.iter().any(of_type) => NoneShown::NoCommonScheme,
            _ => NoneShown::NoCommonType,
        }
    }

    /// Those among which the best one is, in their order: all that may be for the name; and of the
    /// others one of every kind, and one that leads to an authority named.
    fn candidates(&self, peer: &Peer<'_>) -> Cow<'static, [usize]> {
        if self.is_alone() {
            return Cow::Borrowed(&[0]);
        }
        let named = peer.name.iter().flat_map(|name| self.index.named(name));
        let listed = peer.issuers.iter().flat_map(|issuers| self.index.firsts_of(issuers));
        let mut places: Vec<usize> = self.index.firsts().iter().copied().chain(named).chain(listed).collect();
        places.sort_unstable();
        places.dedup();
        Cow::Owned(places)
    }

    fn is_alone(&self) -> bool {
        self.identities.len() == 1
    }

    /// Where there is no choice, nothing is looked at but what the report wants to know.
    fn fit(
        &self,
        place: usize,
        identity: &Identity,
        certificate_type: CertificateType,
        peer: &Peer<'_>,
    ) -> Fit {
        let alone = self.is_alone();
        let is_raw = certificate_type == CertificateType::RawPublicKey;
        let leads_to = |issuers: &HashSet<usize>| self.index.leads_to(place, issuers);
        Fit {
            usable: peer.wanted.scheme(identity.key_kind(), identity.schemes()).is_some(),
            named: alone || is_named(identity, peer.name.as_ref()),
            // A bare key has neither signature nor issuer.
            verifiable: alone || is_raw || self.index.is_verifiable(place, peer.verifies),
            listed: is_raw || peer.issuers.as_ref().is_none_or(leads_to),
        }
    }

    fn has(&self, identity: &Identity, certificate_type: CertificateType) -> bool {
        match certificate_type {
            CertificateType::X509 => !identity.chain().is_empty(),
            CertificateType::RawPublicKey => self.raw_keys || identity.chain().is_empty(),
            // OpenPGP and IEEE 1609.2 are not done here.
            _ => false,
        }
    }

    /// Types that can be shown, in order of preference.
    pub(crate) fn types(&self) -> Vec<CertificateType> {
        let all = [CertificateType::RawPublicKey, CertificateType::X509];
        all.into_iter()
            .filter(|one| self.identities.iter().any(|identity| self.has(identity, *one)))
            .collect()
    }
}

impl SelectedCredential {
    /// An identity whose type of certificate the peer may not take.
    fn of_another_type(identity: &Arc<Identity>) -> Self {
        let certificate_type = match identity.chain() {
            [] => CertificateType::RawPublicKey,
            _ => CertificateType::X509,
        };
        Self { identity: Arc::clone(identity), certificate_type, listed: true }
    }

    /// The SubjectPublicKeyInfo, where it is sent in place of a chain (RFC 7250).
    pub(crate) fn raw_key(&self) -> Vec<CertificateDer<'static>> {
        match self.certificate_type {
            CertificateType::RawPublicKey => vec![CertificateDer::from(self.identity.spki().to_vec())],
            _ => Vec::new(),
        }
    }

    /// The answer to [`handclasp_handshake::Need::Credential`]; `raw_key` is that of
    /// [`SelectedCredential::raw_key`].
    pub(crate) fn credential<'c>(&'c self, raw_key: &'c [CertificateDer<'static>]) -> Credential<'c> {
        let chain = match self.certificate_type {
            CertificateType::RawPublicKey => raw_key,
            _ => self.identity.chain(),
        };
        let plain = Credential::x509(chain, self.identity.key_kind(), self.identity.schemes());
        Credential {
            certificate_type: self.certificate_type,
            listed: self.listed,
            ocsp_response: self.identity.ocsp_response(),
            ..plain
        }
    }
}

/// The types that we know, in the order of the peer's list, each once.
fn types(wanted: &CredentialRequest<'_>) -> [Option<CertificateType>; 2] {
    let is_known =
        |one: &CertificateType| matches!(*one, CertificateType::X509 | CertificateType::RawPublicKey);
    let mut known = wanted.types.iter().filter(is_known);
    let first = known.next();
    [first, known.find(|one| Some(*one) != first)]
}

/// Whether the certificate is for the name asked for, or nothing speaks against it.
fn is_named(identity: &Identity, name: Option<&Name>) -> bool {
    match (name, identity.chain()) {
        (Some(name), [leaf, ..]) => certificate::is_valid_for(leaf, name),
        _ => true,
    }
}
