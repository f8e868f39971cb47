//! Web PKI: a path from the leaf to a root (RFC 5280 §6.1), by rustls-webpki, which also limits
//! the work (100 signatures, 200 000 steps; tighter here, see [`SAME_SUBJECT_MAX`]). Revocation lists
//! are those of the roots; they are not fetched.

mod algorithm;
mod directly_trusted;
mod fault;

use alloc::vec::Vec;
use core::time::Duration;

use handclasp_report::{CertificateError, CertificateFault, Evidence::Dates};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage, VerifiedPath};

use crate::{CHAIN_MAX, Name, Role, Roots, VerifyOptions, crl::PathChecker, extension::key_usage};
use algorithm::{algorithms, for_webpki};
use fault::{Evidence, unreadable_leaf};

/// Verifies path, dates, usage and name; returns the earliest notAfter on the path.
pub(crate) fn verify<C: AsRef<[u8]>>(
    roots: &Roots,
    leaf: &[u8],
    others: &[C],
    options: &VerifyOptions<'_>,
) -> Result<Option<UnixTime>, CertificateError> {
    verify_with(roots, leaf, others, options, |_, _| Ok(()))
}

/// As [`verify`], then calls `also` with the issuer of the leaf and the supported algorithms.
pub(crate) fn verify_with<C: AsRef<[u8]>>(
    roots: &Roots,
    leaf: &[u8],
    others: &[C],
    options: &VerifyOptions<'_>,
    also: impl Fn(&TrustAnchor<'_>, &[&dyn SignatureVerificationAlgorithm]) -> Result<(), CertificateError>,
) -> Result<Option<UnixTime>, CertificateError> {
    let mut options = *options;
    // Where the time is only a lower bound, it may be any later one: that at which all of the path is valid.
    for _ in 0..CHAIN_MAX {
        match verify_at(roots, leaf, others, &options, &also) {
            Err(CertificateError {
                fault: CertificateFault::NotYetValid,
                evidence: Some(Dates { limit, now }),
                ..
            }) if !options.time_is_known && limit > now => {
                options.now = UnixTime::since_unix_epoch(Duration::from_secs(limit));
            }
            verdict => return verdict,
        }
    }
    verify_at(roots, leaf, others, &options, &also)
}

/// As [`verify_with`], at the time of the options.
fn verify_at<C: AsRef<[u8]>>(
    roots: &Roots,
    leaf: &[u8],
    others: &[C],
    options: &VerifyOptions<'_>,
    also: &impl Fn(&TrustAnchor<'_>, &[&dyn SignatureVerificationAlgorithm]) -> Result<(), CertificateError>,
) -> Result<Option<UnixTime>, CertificateError> {
    let leaf_der = CertificateDer::from(leaf);
    let leaf = EndEntityCert::try_from(&leaf_der).map_err(|error| unreadable_leaf(&error, options.role))?;
    let intermediates = Intermediates::new(others)?;
    let own = algorithms(options.algorithms);
    let supported = &for_webpki(&own)[..];
    let (leaf_der, intermediates) = (&leaf_der, &intermediates);
    let evidence = Evidence { leaf: &leaf, leaf_der, intermediates, roots, options, supported };

    let lists = roots.crls.as_ref().map(|crls| PathChecker::new(crls, leaf_der, supported, options));
    let on_lists = lists.as_ref().map(|lists| |path: &VerifiedPath<'_>| lists.check(path));
    let path = leaf.verify_for_usage(
        supported,
        &roots.anchors,
        &intermediates.certificates,
        options.now,
        usage(options.role),
        None,
        on_lists.as_ref().map(|check| -> &dyn Fn(&VerifiedPath<'_>) -> Result<(), Error> { check }),
    );
    let (checked, refused) = lists.as_ref().map(PathChecker::outcome).unwrap_or_default();
    let not_after = match path {
        Ok(path) => {
            on_path(&path, others, |issuer| also(issuer, supported))?;
            let intermediates = path.intermediate_certificates().filter_map(|one| not_after(&one.der()));
            let next_update =
                checked.next_update.map(|time| UnixTime::since_unix_epoch(Duration::from_secs(time)));
            intermediates.chain(not_after(leaf_der)).chain(next_update).min()
        }
        // `openssl req -x509` marks every self-signed certificate as a CA.
        Err(Error::CaUsedAsEndEntity) if roots.contains(leaf_der) && leaf.issuer() == leaf.subject() => {
            directly_trusted::verify(&leaf, leaf_der, supported, options.role)
                .map_err(|error| evidence.error(error))?;
            let malformed = |_| CertificateFault::Malformed { index: 0 };
            also(&webpki::anchor_from_trusted_cert(leaf_der).map_err(malformed)?, supported)?;
            not_after(leaf_der)
        }
        // There is a path, and the lists refuse it.
        Err(error) => return Err(refused.unwrap_or_else(|| evidence.error(error))),
    };
    check_name(&leaf, options.role, options.name)?;
    Ok(not_after)
}

/// Checks the issuers of a path, and calls `also` with that of the leaf.
fn on_path<C: AsRef<[u8]>>(
    path: &VerifiedPath<'_>,
    others: &[C],
    also: impl FnOnce(&TrustAnchor<'_>) -> Result<(), CertificateError>,
) -> Result<(), CertificateError> {
    path.intermediate_certificates().try_for_each(|one| may_issue(&one.der(), others))?;
    // In path order: the first one is the leaf's issuer.
    match path.intermediate_certificates().next() {
        Some(one) => {
            let malformed = |_| CertificateFault::Malformed { index: 1 };
            also(&webpki::anchor_from_trusted_cert(&one.der()).map_err(malformed)?)
        }
        None => also(path.anchor()),
    }
}

/// RFC 5280 §6.1.4 (n), which webpki does not check: the keyUsage of an issuer, if present, includes
/// keyCertSign.
fn may_issue<C: AsRef<[u8]>>(issuer: &CertificateDer<'_>, others: &[C]) -> Result<(), CertificateError> {
    let place = || {
        let place = others.iter().position(|one| one.as_ref() == issuer.as_ref());
        place.and_then(|place| u8::try_from(place.saturating_add(1)).ok()).unwrap_or(u8::MAX)
    };
    match key_usage(issuer) {
        Ok(None) => Ok(()),
        Ok(Some(usage)) if usage.permits_issuing() => Ok(()),
        Ok(Some(_)) => Err(CertificateFault::IssuerMayNotSign { index: place() }.into()),
        Err(_) => Err(CertificateFault::Malformed { index: place() }.into()),
    }
}

/// RFC 9525 §6: checks the certificate of a server against the requested name. The name of a client
/// is not checked.
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

/// The certificates after the leaf, without those that cannot be part of a path: webpki would report
/// them instead of the missing issuer. Many servers send their root, and some roots are of version 1.
pub(crate) struct Intermediates<'a> {
    pub(crate) certificates: Vec<CertificateDer<'a>>,
    /// Index in the chain of the first entry that does not parse; the leaf has index 0.
    pub(crate) broken: Option<u8>,
}

/// Limit for different certificates with the same subject: the old and the new key of a CA, or one key
/// under two roots. webpki tries each of them at every step, six deep: ten with one subject take half a
/// second, three take milliseconds.
const SAME_SUBJECT_MAX: usize = 3;

impl<'a> Intermediates<'a> {
    fn new<C: AsRef<[u8]>>(others: &'a [C]) -> Result<Self, CertificateError> {
        let mut intermediates = Self { certificates: Vec::with_capacity(others.len()), broken: None };
        let mut subjects = Vec::with_capacity(others.len());
        for (index, der) in (1u8..).zip(others) {
            let der = CertificateDer::from(der.as_ref());
            if intermediates.certificates.contains(&der) {
                continue;
            }
            let Ok(subject) = webpki::anchor_from_trusted_cert(&der).map(|one| one.subject.to_vec()) else {
                intermediates.broken = intermediates.broken.or(Some(index));
                continue;
            };
            // Version 1 is left out; webpki reports unknown critical extensions itself.
            if matches!(EndEntityCert::try_from(&der), Ok(_) | Err(Error::UnsupportedCriticalExtension)) {
                intermediates.certificates.push(der);
                subjects.push(subject);
            }
        }
        let crowded =
            |one: &Vec<u8>| subjects.iter().filter(|other| *other == one).count() > SAME_SUBJECT_MAX;
        if subjects.iter().any(crowded) { Err(CertificateFault::Budget.into()) } else { Ok(intermediates) }
    }
}

/// The extended key usage that the leaf, and every issuer that restricts it, must permit.
pub(crate) fn usage(role: Role) -> KeyUsage {
    match role {
        Role::Server => KeyUsage::server_auth(),
        Role::Client => KeyUsage::client_auth(),
    }
}

/// notAfter of a certificate. webpki returns it only in the error for an expired certificate, and checks
/// dates before all else: so the certificate is verified for the end of time.
fn not_after(certificate: &CertificateDer<'_>) -> Option<UnixTime> {
    let parsed = EndEntityCert::try_from(certificate).ok()?;
    match parsed.verify_for_usage(
        &[],
        &[],
        &[],
        UnixTime::since_unix_epoch(Duration::MAX),
        KeyUsage::server_auth(),
        None,
        None,
    ) {
        Err(Error::CertExpired { not_after, .. }) => Some(not_after),
        _ => None,
    }
}
