//! What can be wrong with a chain: each deviation with the facts that show it.

use super::path::is_name;
use super::{Chain, End, Question, Step, constraint, usage};
use crate::diagnosis::compute::certificate::Certificate;
use crate::diagnosis::compute::hash::Hash;
use crate::diagnosis::compute::names;
use crate::diagnosis::compute::signature::Verified;
use crate::input::capture_event::Side;

/// One deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deviation {
    /// A certificate that is no DER of the right form.
    Error { at: Step },
    /// Past its notAfter.
    Expired { at: Step, not_after: i64 },
    /// Before its notBefore.
    NotYetValid { at: Step, not_before: i64 },
    /// The expected name is not among those in subjectAltName.
    NameMismatch { expected: String },
    /// There is no subjectAltName.
    NoSan {
        /// Whether at least the common name is the expected one; `None` where none is expected.
        common_name_fits: Option<bool>,
    },
    /// The leaf is signed by itself and not trusted, as far as is known.
    SelfSigned,
    /// The chain ends at an issuer that is not trusted, as far as is known.
    UnknownIssuer {
        /// The last certificate on the way.
        at: Step,
        /// The last one is signed by itself: the root was sent and is not trusted.
        root_sent: bool,
        /// An anchor has the same name and another key.
        namesake: bool,
        /// The issuer is at hand, and was not sent: who.
        at_hand: Option<String>,
    },
    /// The way upwards is not the order in which they came.
    Order {
        /// The certificate that came first issued another one of the chain.
        leaf_not_first: bool,
    },
    /// More CAs below one than it permits.
    PathLength { at: Step, permitted: u32, found: usize },
    /// An issuer that must not issue.
    IssuerNotCa { at: Step, why: NotCa },
    /// A name outside of what an issuer may issue for.
    NameConstraint { at: Step, by: Step, name: String },
    /// extendedKeyUsage without this use.
    ExtendedKeyUsage { at: Step, lists: String },
    /// keyUsage without what this handshake needs.
    KeyUsage { lacks: &'static str, purpose: Purpose },
    /// A key that most verifiers hold for too small.
    WeakKey { at: Step },
    /// A signature by a hash that most verifiers refuse.
    WeakSignature { at: Step, hash: Hash },
    /// The issuer is there, and its key does not verify the signature.
    SignatureInvalid { at: Step, issuer: Step, verified: Verified },
    /// A critical extension that nobody may ignore, and that is not known here.
    UnknownCritical { at: Step, identifier: String },
}

/// Why an issuer must not issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotCa {
    /// basicConstraints says so.
    Denied,
    /// Version 3, and there are no basicConstraints.
    Silent,
    /// Version 1 or 2, which cannot say it.
    Version,
    /// keyUsage without keyCertSign.
    KeyUsage,
}

/// What the leaf's key does in a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Sign: every handshake with ephemeral keys, and every client.
    Sign,
    /// Decrypt: RSA key exchange.
    Decrypt,
    /// Agree: ECDH and DH with the key of the certificate.
    Agree,
}

/// All deviations of a chain.
pub fn all(chain: &Chain, question: &Question<'_>) -> Vec<Deviation> {
    let mut found = Vec::new();
    for (index, certificate) in chain.sent.iter().enumerate() {
        if certificate.as_ref().is_none_or(|found| found.extensions.malformed.is_some()) {
            found.push(Deviation::Error { at: Step::Sent(index) });
        }
    }
    found.extend(ending(chain, question));
    found.extend(question.now.into_iter().flat_map(|now| dates(chain, now)));
    if chain.of == Side::Server {
        found.extend(chain.leaf().into_iter().flat_map(|leaf| name(leaf, question)));
    }
    found.extend(usage::all(chain, question.purpose));
    found.extend(constraint::all(chain));
    found.extend(weakness(chain));
    found.extend(order(chain));
    found
}

/// What follows from where the path ends.
fn ending(chain: &Chain, question: &Question<'_>) -> Option<Deviation> {
    let at = chain.path.last().copied()?;
    let last = chain.at(at)?;
    match &chain.end {
        End::Anchored | End::Error | End::Budget => None,
        End::SelfSigned if at == Step::Sent(0) => Some(Deviation::SelfSigned),
        End::SelfSigned => {
            Some(Deviation::UnknownIssuer { at, root_sent: true, namesake: false, at_hand: None })
        }
        End::IssuerAbsent { namesake } => {
            let others = question.others.iter().take(32).filter_map(|der| Certificate::parse(der));
            let mut issuers = others.filter(|other| is_name(last, other));
            let issuer = issuers.find(|other| last.verify_under(&other.key) == Verified::Good);
            let at_hand = issuer.map(|issuer| issuer.subject_text);
            Some(Deviation::UnknownIssuer { at, root_sent: false, namesake: *namesake, at_hand })
        }
        End::BadSignature { issuer, verified } => {
            Some(Deviation::SignatureInvalid { at, issuer: *issuer, verified: verified.clone() })
        }
    }
}

/// Validity of everything on the path, anchors included: most verifiers look at those too.
fn dates(chain: &Chain, now: i64) -> Vec<Deviation> {
    let judge = |(at, found): (Step, &Certificate)| match now {
        _ if now > found.not_after => Some(Deviation::Expired { at, not_after: found.not_after }),
        _ if now < found.not_before => Some(Deviation::NotYetValid { at, not_before: found.not_before }),
        _ => None,
    };
    chain.on_path().filter_map(judge).collect()
}

fn name(leaf: &Certificate, question: &Question<'_>) -> Vec<Deviation> {
    let mut found = Vec::new();
    let common = question.name.as_ref().map(|expected| names::common_name_matches(leaf, expected));
    let without = leaf.extensions.names.is_none();
    if let Some(expected) = &question.name {
        let listed = leaf.extensions.names.as_deref().unwrap_or_default();
        let fits = names::matches(listed, expected) || without && common == Some(true);
        if !fits {
            found.push(Deviation::NameMismatch { expected: expected.to_string() });
        }
    }
    if without {
        found.push(Deviation::NoSan { common_name_fits: common });
    }
    found
}

fn weakness(chain: &Chain) -> Vec<Deviation> {
    let mut found = Vec::new();
    for (at, certificate) in chain.on_path() {
        if certificate.key.is_weak() {
            found.push(Deviation::WeakKey { at });
        }
        let judged = matches!(at, Step::Sent(_)) && !certificate.is_self_issued();
        let hash = certificate.algorithm.and_then(|algorithm| algorithm.hash());
        if let Some(hash) = hash.filter(|hash| judged && hash.is_broken()) {
            found.push(Deviation::WeakSignature { at, hash });
        }
        for identifier in &certificate.extensions.unknown_critical {
            found.push(Deviation::UnknownCritical { at, identifier: identifier.clone() });
        }
    }
    found
}

fn order(chain: &Chain) -> Option<Deviation> {
    let places: Vec<usize> = chain
        .path
        .iter()
        .filter_map(|step| match step {
            Step::Sent(index) => Some(*index),
            Step::Anchor(_) => None,
        })
        .collect();
    let leaf = chain.leaf()?;
    let below = |other: &Certificate| {
        !other.is_self_issued() && is_name(other, leaf) && other.verify_under(&leaf.key) == Verified::Good
    };
    let leaf_not_first = chain.sent.iter().skip(1).flatten().any(below);
    let unordered = places.windows(2).any(|pair| matches!(pair, [before, after] if after < before));
    (leaf_not_first || unordered).then_some(Deviation::Order { leaf_not_first })
}
