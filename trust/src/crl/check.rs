//! The check of a path against lists (RFC 5280 §6.3.3). It runs for each path that rustls-webpki finds, so that a
//! path without a revoked CA is used where there is one.

use alloc::vec::Vec;
use core::cell::Cell;

use handclasp_report::{CertificateError, CertificateFault, CrlFault, Evidence};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use webpki::{Error, VerifiedPath};

use crate::{
    VerifyOptions,
    crl::{Crl, Crls, without_zeros},
    extension::key_usage,
    signed::{supports, verifies},
    x509::Certificate,
};

/// Tolerated clock skew in seconds, as for OCSP responses.
const SKEW: u64 = 300;
/// Limit for the paths that are checked: each one can verify the signatures of up to seven lists.
const PATHS_MAX: u8 = 8;

/// What the lists said of an accepted path.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Checked {
    /// The earliest nextUpdate of the lists that were used, where it counts.
    pub(crate) next_update: Option<u64>,
}

/// Checks paths against lists.
pub(crate) struct PathChecker<'a> {
    crls: &'a Crls,
    leaf: &'a [u8],
    supported: &'a [&'a dyn SignatureVerificationAlgorithm],
    options: &'a VerifyOptions<'a>,
    /// Why a path was refused; one with a revoked certificate counts more than others.
    refused: Cell<Option<CertificateError>>,
    accepted: Cell<Checked>,
    paths: Cell<u8>,
}

/// A certificate on a path, and what its issuer is known by.
struct Link<'a> {
    /// Place on the path; 0 is the leaf.
    index: u8,
    certificate: Certificate<'a>,
    /// Content of the issuer's SubjectPublicKeyInfo.
    issuer_key: Vec<u8>,
    /// The issuer's certificate, unless it is a root, of which only name and key count.
    issuer: Option<CertificateDer<'a>>,
}

impl<'a> PathChecker<'a> {
    pub(crate) fn new(
        crls: &'a Crls,
        leaf: &'a [u8],
        supported: &'a [&'a dyn SignatureVerificationAlgorithm],
        options: &'a VerifyOptions<'a>,
    ) -> Self {
        let (refused, accepted, paths) = Default::default();
        Self { crls, leaf, supported, options, refused, accepted, paths }
    }

    /// The check of one path, as rustls-webpki wants it.
    pub(crate) fn check(&self, path: &VerifiedPath<'_>) -> Result<(), Error> {
        self.paths.set(self.paths.get().saturating_add(1));
        if self.paths.get() > PATHS_MAX {
            self.refused.set(Some(self.refused.get().unwrap_or(CertificateFault::Budget.into())));
            return Err(Error::MaximumPathBuildCallsExceeded);
        }
        match self.check_path(path) {
            Ok(checked) => {
                self.accepted.set(checked);
                Ok(())
            }
            Err(error) => {
                let is_revoked = |error: CertificateError| error.fault == CertificateFault::Revoked;
                if is_revoked(error) || !self.refused.get().is_some_and(is_revoked) {
                    self.refused.set(Some(error));
                }
                Err(Error::CertRevoked)
            }
        }
    }

    /// What the lists said of the accepted path; or, where no path was accepted, why the last was not.
    pub(crate) fn outcome(&self) -> (Checked, Option<CertificateError>) {
        (self.accepted.get(), self.refused.get())
    }

    fn check_path(&self, path: &VerifiedPath<'_>) -> Result<Checked, CertificateError> {
        let intermediates: Vec<CertificateDer<'_>> =
            path.intermediate_certificates().map(|one| one.der()).collect();
        let certificates = core::iter::once(self.leaf).chain(intermediates.iter().map(AsRef::as_ref));
        let certificates: Vec<&[u8]> =
            certificates.take(if self.crls.policy().leaf_only { 1 } else { usize::MAX }).collect();
        let mut checked = Checked::default();
        for (index, der) in (0u8..).zip(certificates) {
            let malformed = CertificateFault::Malformed { index };
            let certificate = Certificate::read(der).map_err(|_| malformed)?;
            let issuer = intermediates.get(usize::from(index)).cloned();
            let issuer_key = match &issuer {
                Some(der) => {
                    let anchor = webpki::anchor_from_trusted_cert(der).map_err(|_| malformed)?;
                    anchor.subject_public_key_info.to_vec()
                }
                None => path.anchor().subject_public_key_info.to_vec(),
            };
            let next = self.check_one(&Link { index, certificate, issuer_key, issuer })?;
            checked.next_update = checked.next_update.into_iter().chain(next).min();
        }
        Ok(checked)
    }

    /// Checks one certificate; returns the nextUpdate of its list.
    fn check_one(&self, link: &Link<'_>) -> Result<Option<u64>, CertificateError> {
        let covers = |list: &&&Crl| {
            list.issuer == link.certificate.issuer && list.scope.covers(&link.certificate, link.index > 0)
        };
        self.crls.with_lists(|lists| {
            let lists: Vec<&Crl> = lists.iter().filter(covers).copied().collect();
            // Of several, the newest that is this issuer's: a CA may have had another key under its name.
            let newest = lists
                .iter()
                .filter(|list| self.is_authentic(list, link))
                .max_by_key(|list| (list.this_update, list.number.len(), &list.number));
            match (newest, lists.first()) {
                (Some(list), _) => self.judge(list, link),
                (None, Some(list)) => {
                    let is_supported =
                        self.supported.iter().any(|one| one.signature_alg_id().as_ref() == list.algorithm);
                    Err(match is_supported {
                        true => CrlFault::NotAuthentic,
                        false => CrlFault::WeakSignature,
                    }
                    .into())
                }
                (None, None) if self.crls.policy().permits_unknown => Ok(None),
                (None, None) => Err(CrlFault::Missing.into()),
            }
        })
    }

    fn is_authentic(&self, list: &Crl, link: &Link<'_>) -> bool {
        let key = &link.issuer_key[..];
        // What the caller does not support counts as little where another caller has verified it, and is not
        // remembered as a verdict.
        supports(self.supported, key, &list.algorithm)
            && list
                .verdicts
                .of(key, || verifies(self.supported, key, &list.algorithm, &list.signed, &list.signature))
    }

    fn judge(&self, list: &Crl, link: &Link<'_>) -> Result<Option<u64>, CertificateError> {
        let may_sign = match &link.issuer {
            Some(der) => key_usage(der).is_ok_and(|usage| usage.is_none_or(|it| it.permits_crls())),
            None => true,
        };
        if !may_sign {
            return Err(CrlFault::IssuerMayNotSign.into());
        }
        let now = self.options.now.as_secs();
        // Also of an outdated list: what was revoked stays revoked.
        if let Some((date, _)) = list.find(without_zeros(link.certificate.serial)) {
            return Err(CertificateFault::Revoked.with(Evidence::Dates { limit: date, now }));
        }
        let (begin, end) = (list.this_update, list.next_update);
        if self.options.time_is_known && begin > now.saturating_add(SKEW) {
            let fault = CertificateFault::Crl(CrlFault::NotYetValid);
            return Err(fault.with(Evidence::Dates { limit: begin, now }));
        }
        if self.crls.policy().permits_outdated {
            return Ok(None);
        }
        if end.saturating_add(SKEW) < now {
            let fault = CertificateFault::Crl(CrlFault::Outdated);
            return Err(fault.with(Evidence::Dates { limit: end, now }));
        }
        Ok(Some(end))
    }
}
