//! Web PKI: a path from the leaf to a root (RFC 5280 §6.1), by rustls-webpki, which also limits
//! the work (100 signatures, 200 000 steps; tighter here, see [`NAMESAKES_MAX`]). No revocation: nothing is fetched here.

use alloc::vec::Vec;
use core::time::Duration;

use handclasp_report::CertificateFault;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage, VerifiedPath};

use crate::{
    Name, Question, Role, Roots,
    algorithm::{Algorithm, algorithms},
    extension::key_usage,
    fault::{Evidence, unreadable_leaf},
    held,
};

/// As many algorithms as are listed without asking for memory; our providers have 19.
const FEW: usize = 24;

/// As webpki wants it.
fn library<'a>(algorithm: &'a Algorithm<'_>) -> &'a dyn SignatureVerificationAlgorithm {
    algorithm
}

/// Judges path, dates, usage and name; returns the earliest notAfter on the path.
pub(crate) fn judge<C: AsRef<[u8]>>(
    roots: &Roots,
    leaf: &[u8],
    others: &[C],
    question: &Question<'_>,
) -> Result<Option<u64>, CertificateFault> {
    judge_with(roots, leaf, others, question, |_, _| Ok(()))
}

/// The same, and then what `also` says of the issuer of the leaf; it gets the algorithms that are
/// verified with.
pub(crate) fn judge_with<C: AsRef<[u8]>>(
    roots: &Roots,
    leaf: &[u8],
    others: &[C],
    question: &Question<'_>,
    also: impl FnOnce(&TrustAnchor<'_>, &[&dyn SignatureVerificationAlgorithm]) -> Result<(), CertificateFault>,
) -> Result<Option<u64>, CertificateFault> {
    let leaf_der = CertificateDer::from(leaf);
    let leaf = EndEntityCert::try_from(&leaf_der).map_err(|error| unreadable_leaf(&error, question.role))?;
    let between = Between::new(others)?;
    let own = algorithms(question.verify);
    let (mut few, many);
    let supported: &[_] = match own.first() {
        None => &[],
        Some(first) => {
            few = [library(first); FEW];
            match few.get_mut(..own.len()) {
                Some(place) => {
                    place.iter_mut().zip(&own).for_each(|(to, one)| *to = library(one));
                    place
                }
                None => {
                    many = own.iter().map(library).collect::<Vec<_>>();
                    &many
                }
            }
        }
    };
    let evidence =
        Evidence { leaf: &leaf, leaf_der: &leaf_der, between: &between, roots, question, supported };

    let path = leaf.verify_for_usage(
        supported,
        &roots.anchors,
        &between.certificates,
        time(question.now),
        usage(question.role),
        None,
        None,
    );
    let not_after = match path {
        Ok(path) => {
            on_path(&path, others, |issuer| also(issuer, supported))?;
            let between = path.intermediate_certificates().filter_map(|one| not_after(&one.der()));
            between.chain(not_after(&leaf_der)).min()
        }
        // `openssl req -x509` marks every self-signed certificate as a CA's.
        Err(Error::CaUsedAsEndEntity) if roots.holds(&leaf_der) && leaf.issuer() == leaf.subject() => {
            held::judge(&leaf, &leaf_der, supported, question.role).map_err(|error| evidence.fault(error))?;
            let malformed = |_| CertificateFault::Malformed { index: 0 };
            also(&webpki::anchor_from_trusted_cert(&leaf_der).map_err(malformed)?, supported)?;
            not_after(&leaf_der)
        }
        Err(error) => return Err(evidence.fault(error)),
    };
    check_name(&leaf, question.role, question.name)?;
    Ok(not_after)
}

/// Judges the issuers of a path, and tells `also` that of the leaf.
fn on_path<C: AsRef<[u8]>>(
    path: &VerifiedPath<'_>,
    others: &[C],
    also: impl FnOnce(&TrustAnchor<'_>) -> Result<(), CertificateFault>,
) -> Result<(), CertificateFault> {
    path.intermediate_certificates().try_for_each(|one| may_issue(&one.der(), others))?;
    // They stand in the order of the path, the leaf's issuer first.
    match path.intermediate_certificates().next() {
        Some(one) => {
            let malformed = |_| CertificateFault::Malformed { index: 1 };
            also(&webpki::anchor_from_trusted_cert(&one.der()).map_err(malformed)?)
        }
        None => also(path.anchor()),
    }
}

/// RFC 5280 §6.1.4 (n), which webpki leaves out: an issuer whose keyUsage stands has keyCertSign.
fn may_issue<C: AsRef<[u8]>>(issuer: &CertificateDer<'_>, others: &[C]) -> Result<(), CertificateFault> {
    let place = || {
        let place = others.iter().position(|one| one.as_ref() == issuer.as_ref());
        place.and_then(|place| u8::try_from(place.saturating_add(1)).ok()).unwrap_or(u8::MAX)
    };
    match key_usage(issuer) {
        Ok(None) => Ok(()),
        Ok(Some(usage)) if usage.permits_issuing() => Ok(()),
        Ok(Some(_)) => Err(CertificateFault::IssuerMayNotSign { index: place() }),
        Err(_) => Err(CertificateFault::Malformed { index: place() }),
    }
}

/// RFC 9525 §6: a server is known by the name that was asked for; a client has none.
fn check_name(leaf: &EndEntityCert<'_>, role: Role, name: Option<&Name>) -> Result<(), CertificateFault> {
    let result = match (name, role) {
        (Some(name), _) => leaf.verify_is_valid_for_subject_name(&name.as_server_name()),
        (None, Role::Client) => Ok(()),
        (None, Role::Server) => return Err(CertificateFault::NoExpectedName),
    };
    result.map_err(|error| match error {
        Error::CertNotValidForName(context) => {
            CertificateFault::NameMismatch { names: u8::try_from(context.presented.len()).unwrap_or(u8::MAX) }
        }
        // A subjectAltName that does not parse.
        _ => CertificateFault::Malformed { index: 0 },
    })
}

/// The certificates behind the leaf. Those that cannot be part of any path are left out, or
/// webpki would rather complain of them than of the missing issuer: many servers send their root
/// along, and some roots are of version 1.
pub(crate) struct Between<'a> {
    pub(crate) certificates: Vec<CertificateDer<'a>>,
    /// Place of the first one that is no certificate at all, counted from the leaf.
    pub(crate) broken: Option<u8>,
}

/// Certificates of one name that differ: the old and the new key of a CA, or one key under two
/// roots. webpki tries each at every step, six deep: a chain of ten with one name costs it half
/// a second, with at most three of a name some milliseconds.
const NAMESAKES_MAX: usize = 3;

impl<'a> Between<'a> {
    fn new<C: AsRef<[u8]>>(others: &'a [C]) -> Result<Self, CertificateFault> {
        let mut between = Self { certificates: Vec::with_capacity(others.len()), broken: None };
        let mut subjects = Vec::with_capacity(others.len());
        for (index, der) in (1u8..).zip(others) {
            let der = CertificateDer::from(der.as_ref());
            if between.certificates.contains(&der) {
                continue;
            }
            let Ok(subject) = webpki::anchor_from_trusted_cert(&der).map(|one| one.subject.to_vec()) else {
                between.broken = between.broken.or(Some(index));
                continue;
            };
            // Version 1 is left out; of an unknown critical extension webpki shall tell itself.
            if matches!(EndEntityCert::try_from(&der), Ok(_) | Err(Error::UnsupportedCriticalExtension)) {
                between.certificates.push(der);
                subjects.push(subject);
            }
        }
        let crowded = |one: &Vec<u8>| subjects.iter().filter(|other| *other == one).count() > NAMESAKES_MAX;
        if subjects.iter().any(crowded) { Err(CertificateFault::Budget) } else { Ok(between) }
    }
}

/// The usage that the leaf, and every issuer that restricts it, must permit.
pub(crate) fn usage(role: Role) -> KeyUsage {
    match role {
        Role::Server => KeyUsage::server_auth(),
        Role::Client => KeyUsage::client_auth(),
    }
}

pub(crate) fn time(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

/// webpki tells a notAfter only when it refuses for it, and it looks at dates before all else:
/// so it is asked about the end of time.
fn not_after(certificate: &CertificateDer<'_>) -> Option<u64> {
    let parsed = EndEntityCert::try_from(certificate).ok()?;
    match parsed.verify_for_usage(&[], &[], &[], time(u64::MAX), KeyUsage::server_auth(), None, None) {
        Err(Error::CertExpired { not_after, .. }) => Some(not_after.as_secs()),
        _ => None,
    }
}
