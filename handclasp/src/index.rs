//! An index over the configured identities, made once, so that choosing among thousands costs a
//! handshake no more than among a few.
//!
//! An identity is found by its names; of those that are alike in all else the first stands for all.

use std::{
    borrow::Borrow,
    collections::{HashMap, HashSet},
};

use handclasp_codec::{DistinguishedName, List, SignatureScheme};
use handclasp_crypto::KeyKind;
use handclasp_identity::Identity;
use handclasp_trust::{Name, certificate};

/// A set of signature schemes, a bit for each that has a name.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Schemes(u64);

impl Schemes {
    pub(crate) fn of(schemes: impl Iterator<Item = SignatureScheme>) -> Self {
        let bit = |scheme| SignatureScheme::ALL.binary_search(&scheme).ok().map(|place| 1_u64 << place);
        Self(schemes.filter_map(bit).fold(0, |all, bit| all | bit))
    }

    pub(crate) fn list(self) -> Vec<SignatureScheme> {
        let all = SignatureScheme::ALL.iter().enumerate();
        all.filter(|(place, _)| self.0 & (1 << place) != 0).map(|(_, scheme)| *scheme).collect()
    }

    fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What distinguishes two identities for a peer, except names and issuers.
#[derive(PartialEq, Eq, Hash)]
struct Class {
    kind: KeyKind,
    schemes: Vec<SignatureScheme>,
    /// Whether there is a certificate.
    certified: bool,
    /// For each certificate whose signature somebody verifies, the schemes that it may go by.
    chain: Vec<Schemes>,
}

/// An issuer of certificates of the identities.
struct Issuer {
    /// Its Name (DER).
    name: Vec<u8>,
    /// Of each class the first identity that leads to it.
    firsts: Vec<usize>,
}

/// What is known of all identities.
#[derive(Default)]
pub(crate) struct Index {
    /// Of each class the first identity.
    firsts: Vec<usize>,
    /// For each identity its class, its issuers as places in `issuers`.
    each: Vec<(usize, Vec<usize>)>,
    classes: Vec<Class>,
    /// In the order of their names.
    issuers: Vec<Issuer>,
    /// Bytes of the shortest and the longest name of an issuer.
    lengths: Option<(usize, usize)>,
    /// Identities by the names of their certificates, wildcards as they stand.
    by_name: HashMap<String, Vec<usize>>,
}

impl Index {
    pub(crate) fn of<I: Borrow<Identity>>(identities: &[I]) -> Self {
        let mut index = Self::default();
        let issued: Vec<Vec<&[u8]>> = identities
            .iter()
            .map(|identity| {
                identity.borrow().chain().iter().filter_map(|der| certificate::issuer(der)).collect()
            })
            .collect();
        let mut names: Vec<&[u8]> = issued.iter().flatten().copied().collect();
        names.sort_unstable();
        names.dedup();
        let lengths = || names.iter().map(|name| name.len());
        index.lengths = lengths().min().zip(lengths().max());
        index.issuers = names.iter().map(|name| Issuer { name: name.to_vec(), firsts: Vec::new() }).collect();

        let mut classes: HashMap<Class, usize> = HashMap::new();
        let mut seen: HashSet<(usize, usize)> = HashSet::new();
        for (place, (identity, issued)) in identities.iter().zip(&issued).enumerate() {
            let identity = identity.borrow();
            let next = classes.len();
            let class = *classes.entry(class(identity)).or_insert(next);
            if class == next {
                index.firsts.push(place);
            }
            let issuers: Vec<usize> =
                issued.iter().filter_map(|name| names.binary_search(name).ok()).collect();
            for issuer in &issuers {
                if seen.insert((*issuer, class)) {
                    index.issuers[*issuer].firsts.push(place);
                }
            }
            index.each.push((class, issuers));
            let leaf = identity.chain().first();
            for name in leaf.map(|leaf| certificate::subject_alt_names(leaf)).unwrap_or_default() {
                index.by_name.entry(name.to_ascii_lowercase()).or_default().push(place);
            }
        }
        let mut sorted: Vec<(usize, Class)> =
            classes.into_iter().map(|(class, place)| (place, class)).collect();
        sorted.sort_unstable_by_key(|(place, _)| *place);
        index.classes = sorted.into_iter().map(|(_, class)| class).collect();
        index
    }

    /// Identities whose certificate may be for that name: it, or the wildcard above it.
    pub(crate) fn named(&self, name: &Name) -> impl Iterator<Item = usize> {
        let (exact, wildcard) = match (name.dns(), name.address()) {
            (Some(dns), _) => {
                let wildcard = dns.split_once('.').map(|(_, rest)| format!("*.{rest}"));
                (self.by_name.get(dns), wildcard.and_then(|wildcard| self.by_name.get(&wildcard)))
            }
            (None, Some(address)) => (self.by_name.get(&address.to_string()), None),
            (None, None) => (None, None),
        };
        exact.into_iter().chain(wildcard).flatten().copied()
    }

    /// One of every kind, whatever its name.
    pub(crate) fn firsts(&self) -> &[usize] {
        &self.firsts
    }

    /// Those issuers of ours that the peer names. Its list is walked once.
    pub(crate) fn issuers_among(&self, authorities: List<'_, DistinguishedName<'_>>) -> HashSet<usize> {
        let Some((shortest, longest)) = self.lengths else { return HashSet::new() };
        let fits = |name: &DistinguishedName<'_>| (shortest..=longest).contains(&name.0.len());
        let place = |name: DistinguishedName<'_>| {
            self.issuers.binary_search_by(|issuer| issuer.name.as_slice().cmp(name.0)).ok()
        };
        authorities.iter().filter(fits).filter_map(place).collect()
    }

    /// Of each class the first identity that leads to one of these issuers.
    pub(crate) fn firsts_of(&self, issuers: &HashSet<usize>) -> impl Iterator<Item = usize> {
        issuers.iter().filter_map(|issuer| self.issuers.get(*issuer)).flat_map(|one| &one.firsts).copied()
    }

    /// Whether an identity leads to one of these issuers.
    pub(crate) fn leads_to(&self, identity: usize, issuers: &HashSet<usize>) -> bool {
        self.each.get(identity).is_some_and(|(_, own)| own.iter().any(|issuer| issuers.contains(issuer)))
    }

    /// Whether every certificate of an identity is signed by a scheme of the peer's.
    pub(crate) fn is_verifiable(&self, identity: usize, peer: Schemes) -> bool {
        let class = self.each.get(identity).and_then(|(class, _)| self.classes.get(*class));
        class.is_some_and(|class| class.chain.iter().all(|schemes| schemes.meets(peer)))
    }
}

fn class(identity: &Identity) -> Class {
    let chain = identity.chain();
    // A root behind the leaf is not verified.
    let is_root = |place: usize| place > 0 && place + 1 == chain.len();
    let verified = chain.iter().enumerate().filter(|(place, _)| !is_root(*place));
    Class {
        kind: identity.key_kind(),
        schemes: identity.schemes().to_vec(),
        certified: !chain.is_empty(),
        chain: verified
            .map(|(_, der)| Schemes::of(certificate::signature_schemes(der).into_iter()))
            .collect(),
    }
}

#[cfg(test)]
mod tests;
