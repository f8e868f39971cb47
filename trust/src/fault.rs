//! Why there is no path, from webpki's word for it and from the chain.

use handclasp_crypto::{KeyKind, PublicKey};
use handclasp_report::CertificateFault;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, alg_id};
use webpki::{EndEntityCert, Error};

use crate::{
    Question, Role, Roots,
    der::sequence,
    held::{self, Held},
    leaf,
    web_pki::{Between, time, usage},
};

/// As many certificates as webpki walks between a leaf and a root.
const BETWEEN_MAX: u8 = 6;

/// What the fault is told from.
pub(crate) struct Evidence<'a> {
    pub(crate) leaf: &'a EndEntityCert<'a>,
    pub(crate) leaf_der: &'a CertificateDer<'a>,
    pub(crate) between: &'a Between<'a>,
    pub(crate) roots: &'a Roots,
    pub(crate) question: &'a Question<'a>,
    /// The algorithms of `question`, as webpki takes them.
    pub(crate) supported: &'a [&'a dyn SignatureVerificationAlgorithm],
}

/// Why the leaf cannot be read.
pub(crate) fn unreadable_leaf(error: &Error, role: Role) -> CertificateFault {
    match (error, role) {
        (Error::UnsupportedCriticalExtension, _) => CertificateFault::ConstraintViolated,
        // Certificates of version 1 have no extensions, and so no names; clients need none, but
        // there is no telling a CA's from a leaf either.
        (Error::UnsupportedCertVersion, Role::Server) => CertificateFault::NameMismatch { names: 0 },
        _ => CertificateFault::Malformed { index: 0 },
    }
}

impl Evidence<'_> {
    /// The fault that follows from an error of webpki's or of `held`.
    pub(crate) fn fault(&self, error: impl Into<Held>) -> CertificateFault {
        match error.into() {
            Held::Usage => CertificateFault::WrongUsage,
            Held::Algorithm => CertificateFault::WeakSignature,
            Held::Other(error) => self.of(&error),
        }
    }

    fn of(&self, error: &Error) -> CertificateFault {
        if is_malformed(error) {
            return CertificateFault::Malformed { index: self.first(is_malformed) };
        }
        if self.is_namesake_of_a_root(error) {
            return CertificateFault::UnknownIssuer { self_signed: true };
        }
        match error {
            Error::InvalidCertValidity => CertificateFault::NeverValid {
                index: self.first(|error| matches!(error, Error::InvalidCertValidity)),
            },
            Error::MaximumPathDepthExceeded => CertificateFault::PathTooLong { limit: BETWEEN_MAX },
            Error::CertExpired { time, not_after } => {
                CertificateFault::Expired { not_after: not_after.as_secs(), now: time.as_secs() }
            }
            Error::CertNotValidYet { time, not_before } => {
                CertificateFault::NotYetValid { not_before: not_before.as_secs(), now: time.as_secs() }
            }
            Error::UnknownIssuer => match self.between.broken {
                // The missing issuer may be the one that does not parse.
                Some(index) => CertificateFault::Malformed { index },
                None => CertificateFault::UnknownIssuer { self_signed: self.self_signed() },
            },
            // Self-signed ones are mostly marked as a CA's by accident (`openssl req -x509`): what
            // keeps them out is that nobody has given them.
            Error::CaUsedAsEndEntity if self.self_signed() && !self.leaf_is_root() => {
                CertificateFault::UnknownIssuer { self_signed: true }
            }
            Error::CaUsedAsEndEntity => CertificateFault::CaUsedAsLeaf,
            Error::CertDistrusted | Error::CertRevoked => CertificateFault::Revoked,
            Error::EmptyEkuExtension | Error::RequiredEkuNotFoundContext(_) => CertificateFault::WrongUsage,
            // The library verifies nothing under such keys, which looks like a bad signature.
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
            // The rest speaks of revocation lists, which are not asked for, or is new to us.
            _ => CertificateFault::UnknownIssuer { self_signed: false },
        }
    }

    fn self_signed(&self) -> bool {
        self.leaf.issuer() == self.leaf.subject()
    }

    /// Whether the leaf's signature failed only under the key of a root of the same name: the leaf
    /// is self-signed and its signature verifies under its own key. `CN=localhost` has many keys.
    fn is_namesake_of_a_root(&self, error: &Error) -> bool {
        matches!(
            error,
            Error::InvalidSignatureForPublicKey | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
        ) && self.self_signed()
            && held::verify_own(self.leaf, self.leaf_der, self.supported).is_ok()
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
            Some(kind) if self.question.verify.iter().all(|one| one.key() != kind) => {
                CertificateFault::UnsupportedKey
            }
            // The key could have made it; we do not accept that hash under it.
            Some(KeyKind::P256 | KeyKind::P384 | KeyKind::P521) if ecdsa => CertificateFault::WeakSignature,
            Some(KeyKind::Rsa | KeyKind::RsaPss) if !ecdsa && !ed25519 => CertificateFault::WeakSignature,
            // It could not: the issuer has another key of the same name.
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

    /// Whether an issuer on the way has an RSA key too small or too large for us.
    fn issuer_key_unfit(&self) -> bool {
        let certificates = || core::iter::once(self.leaf_der).chain(&self.between.certificates);
        let unfit = |spki: &[u8]| {
            PublicKey::from_spki(&sequence(spki)).is_ok_and(|key| leaf::too_small_or_large(&key))
        };
        certificates().filter_map(|der| EndEntityCert::try_from(der).ok()).any(|subject| {
            let issuer = subject.issuer();
            let between = self.between.certificates.iter().filter_map(|der| {
                webpki::anchor_from_trusted_cert(der).ok().filter(|one| one.subject.as_ref() == issuer)
            });
            let anchors = self.roots.anchors.iter().filter(|one| one.subject.as_ref() == issuer);
            anchors.cloned().chain(between).any(|one| unfit(&one.subject_public_key_info))
        })
    }

    /// The place of the first certificate with such an error. Some parts are read only on the way,
    /// so each is asked about by itself.
    fn first(&self, wanted: impl Fn(&Error) -> bool) -> u8 {
        let certificates = core::iter::once(self.leaf_der).chain(&self.between.certificates);
        let found = (0u8..).zip(certificates).find(|(_, der)| {
            let one = match EndEntityCert::try_from(*der) {
                Ok(one) => one,
                Err(error) => return wanted(&error),
            };
            let now = time(self.question.now);
            let alone = one.verify_for_usage(&[], &[], &[], now, usage(self.question.role), None, None);
            alone.err().as_ref().is_some_and(&wanted)
        });
        found.map_or(0, |(index, _)| index)
    }
}

/// Whether it says that something does not parse.
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
