//! The [`CertificateFault`] for an error of webpki, refined with the chain and the roots.

use handclasp_crypto::{KeyKind, PublicKey};
use handclasp_report::{self as report, CertificateError, CertificateFault};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, alg_id};
use webpki::{EndEntityCert, Error};

use crate::{
    Role, Roots, VerifyOptions,
    der::sequence,
    leaf,
    web_pki::{
        Intermediates,
        directly_trusted::{self, DirectTrustError},
        usage,
    },
};

/// Limit of webpki for the number of certificates between a leaf and a root.
const INTERMEDIATES_MAX: u8 = 6;

/// What the fault is derived from.
pub(crate) struct Evidence<'a> {
    pub(crate) leaf: &'a EndEntityCert<'a>,
    pub(crate) leaf_der: &'a CertificateDer<'a>,
    pub(crate) intermediates: &'a Intermediates<'a>,
    pub(crate) roots: &'a Roots,
    pub(crate) options: &'a VerifyOptions<'a>,
    /// The algorithms of `options` as trait objects of webpki.
    pub(crate) supported: &'a [&'a dyn SignatureVerificationAlgorithm],
}

/// The fault for a leaf that does not parse.
pub(crate) fn unreadable_leaf(error: &Error, role: Role) -> CertificateFault {
    match (error, role) {
        (Error::UnsupportedCriticalExtension, _) => CertificateFault::ConstraintViolated,
        // Certificates of version 1 have no extensions, so no names. For a client, which needs no name,
        // a CA cannot be told from a leaf.
        (Error::UnsupportedCertVersion, Role::Server) => CertificateFault::NameMismatch { names: 0 },
        _ => CertificateFault::Malformed { index: 0 },
    }
}

/// The date that an error is about, and the clock.
fn dates(error: &Error) -> Option<report::Evidence> {
    let (limit, now) = match error {
        Error::CertExpired { time, not_after } => (not_after, time),
        Error::CertNotValidYet { time, not_before } => (not_before, time),
        _ => return None,
    };
    Some(report::Evidence::Dates { limit: limit.as_secs(), now: now.as_secs() })
}

impl Evidence<'_> {
    /// The fault for an error of webpki or of [`directly_trusted`], with its dates.
    pub(crate) fn error(&self, error: impl Into<DirectTrustError>) -> CertificateError {
        match error.into() {
            DirectTrustError::Usage => CertificateFault::WrongUsage.into(),
            DirectTrustError::Algorithm => CertificateFault::WeakSignature.into(),
            DirectTrustError::Other(error) => {
                let fault = self.of(&error);
                dates(&error).map_or(fault.into(), |dates| fault.with(dates))
            }
        }
    }

    fn of(&self, error: &Error) -> CertificateFault {
        if is_malformed(error) {
            return CertificateFault::Malformed { index: self.first(is_malformed) };
        }
        if self.has_the_name_of_a_root(error) {
            return CertificateFault::UnknownIssuer { self_signed: true };
        }
        match error {
            Error::InvalidCertValidity => CertificateFault::NeverValid {
                index: self.first(|error| matches!(error, Error::InvalidCertValidity)),
            },
            Error::MaximumPathDepthExceeded => CertificateFault::PathTooLong { limit: INTERMEDIATES_MAX },
            Error::CertExpired { .. } => CertificateFault::Expired,
            Error::CertNotValidYet { .. } => CertificateFault::NotYetValid,
            Error::UnknownIssuer => match self.intermediates.broken {
                // The certificate that does not parse may be the missing issuer.
                Some(index) => CertificateFault::Malformed { index },
                None => CertificateFault::UnknownIssuer { self_signed: self.self_signed() },
            },
            // Self-signed certificates are usually marked as a CA by accident (`openssl req -x509`): the
            // reason for the refusal is that the caller does not trust them.
            Error::CaUsedAsEndEntity if self.self_signed() && !self.leaf_is_root() => {
                CertificateFault::UnknownIssuer { self_signed: true }
            }
            Error::CaUsedAsEndEntity => CertificateFault::CaUsedAsLeaf,
            Error::CertDistrusted | Error::CertRevoked => CertificateFault::Revoked,
            Error::EmptyEkuExtension | Error::RequiredEkuNotFoundContext(_) => CertificateFault::WrongUsage,
            // The library refuses such keys, which it reports as an invalid signature.
            Error::InvalidSignatureForPublicKey if self.issuer_key_unfit() => {
                CertificateFault::UnsupportedKey
            }
            Error::InvalidSignatureForPublicKey => CertificateFault::SignatureInvalid,
            Error::UnsupportedSignatureAlgorithmContext(_) => CertificateFault::WeakSignature,
            Error::UnsupportedSignatureAlgorithmForPublicKeyContext(context) => {
                self.mismatch(&context.public_key_algorithm_id, &context.signature_algorithm_id)
            }
            Error::EndEntityUsedAsCa
            | Error::PathLenConstraintViolated
            | Error::NameConstraintViolation
            | Error::UnsupportedCriticalExtension => CertificateFault::ConstraintViolated,
            Error::MaximumSignatureChecksExceeded
            | Error::MaximumPathBuildCallsExceeded
            | Error::MaximumNameConstraintComparisonsExceeded => CertificateFault::Budget,
            // Errors of the library about revocation lists, which are checked here, and errors added later.
            _ => CertificateFault::UnknownIssuer { self_signed: false },
        }
    }

    fn self_signed(&self) -> bool {
        self.leaf.issuer() == self.leaf.subject()
    }

    /// Whether the leaf is self-signed, verifies under its own key, and only shares its name with a
    /// root of another key. Many certificates are named `CN=localhost`.
    fn has_the_name_of_a_root(&self, error: &Error) -> bool {
        matches!(
            error,
            Error::InvalidSignatureForPublicKey | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
        ) && self.self_signed()
            && directly_trusted::verify_own(self.leaf, self.leaf_der, self.supported).is_ok()
    }

    /// Whether the leaf's name and key are those of a root.
    fn leaf_is_root(&self) -> bool {
        webpki::anchor_from_trusted_cert(self.leaf_der).is_ok_and(|leaf| {
            self.roots.anchors.iter().any(|root| {
                root.subject == leaf.subject && root.subject_public_key_info == leaf.subject_public_key_info
            })
        })
    }

    /// A signature under an issuer's key of another kind.
    fn mismatch(&self, key: &[u8], signature: &[u8]) -> CertificateFault {
        let ecdsa = [alg_id::ECDSA_SHA256, alg_id::ECDSA_SHA384, alg_id::ECDSA_SHA512]
            .iter()
            .any(|id| id.as_ref() == signature);
        let ed25519 = alg_id::ED25519.as_ref() == signature;
        match KeyKind::from_algorithm_identifier(key) {
            None => CertificateFault::UnsupportedKey,
            Some(kind) if self.options.algorithms.iter().all(|one| one.key() != kind) => {
                CertificateFault::UnsupportedKey
            }
            // The key may have made the signature, but its hash is not accepted.
            Some(KeyKind::P256 | KeyKind::P384 | KeyKind::P521) if ecdsa => CertificateFault::WeakSignature,
            Some(KeyKind::Rsa | KeyKind::RsaPss) if !ecdsa && !ed25519 => CertificateFault::WeakSignature,
            // The key cannot have made it: the issuer has another key under the same name.
            Some(
                KeyKind::P256
                | KeyKind::P384
                | KeyKind::P521
                | KeyKind::Ed25519
                | KeyKind::Rsa
                | KeyKind::RsaPss,
            ) => CertificateFault::SignatureInvalid,
        }
    }

    /// Whether an issuer on the path has an RSA key outside of the accepted sizes.
    fn issuer_key_unfit(&self) -> bool {
        let certificates = || core::iter::once(self.leaf_der).chain(&self.intermediates.certificates);
        let unfit = |spki: &[u8]| {
            PublicKey::from_spki(&sequence(spki)).is_ok_and(|key| leaf::too_small_or_large(&key))
        };
        certificates().filter_map(|der| EndEntityCert::try_from(der).ok()).any(|subject| {
            let issuer = subject.issuer();
            let intermediates = self.intermediates.certificates.iter().filter_map(|der| {
                webpki::anchor_from_trusted_cert(der).ok().filter(|one| one.subject.as_ref() == issuer)
            });
            let anchors = self.roots.anchors.iter().filter(|one| one.subject.as_ref() == issuer);
            anchors.cloned().chain(intermediates).any(|one| unfit(&one.subject_public_key_info))
        })
    }

    /// Index of the first certificate with such an error. webpki parses some fields only while it
    /// builds a path, so each certificate is verified by itself.
    fn first(&self, wanted: impl Fn(&Error) -> bool) -> u8 {
        let certificates = core::iter::once(self.leaf_der).chain(&self.intermediates.certificates);
        let found = (0u8..).zip(certificates).find(|(_, der)| {
            let one = match EndEntityCert::try_from(*der) {
                Ok(one) => one,
                Err(error) => return wanted(&error),
            };
            let now = self.options.now;
            let alone = one.verify_for_usage(&[], &[], &[], now, usage(self.options.role), None, None);
            alone.err().as_ref().is_some_and(&wanted)
        });
        found.map_or(0, |(index, _)| index)
    }
}

/// Whether the error is about a field that does not parse.
fn is_malformed(error: &Error) -> bool {
    matches!(
        error,
        Error::BadDer
            | Error::BadDerTime
            | Error::ExtensionValueInvalid
            | Error::InvalidNetworkMaskConstraint
            | Error::InvalidSerialNumber
            | Error::MalformedDnsIdentifier
            | Error::MalformedExtensions
            | Error::MalformedNameConstraint
            | Error::SignatureAlgorithmMismatch
            | Error::TrailingData(_)
            | Error::UnsupportedCertVersion
    )
}
