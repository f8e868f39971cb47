//! What the issuer of a certificate has to confirm, kept until the issuer arrives.

use alloc::vec::Vec;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{Digest, PublicKey, SpkiError, Verify};
use handclasp_report::CertificateFault;

use super::ChainOptions;
use crate::{algorithm::signature_ids, leaf, x509::Certificate};

/// What stays of a certificate.
pub(super) struct Awaited {
    /// Hash of the issuer's name.
    pub(super) issuer: Digest,
    signed: Signed,
    /// A scheme with the signature algorithm of the certificate; `None` if it is not accepted.
    scheme: Option<SignatureScheme>,
    signature: Vec<u8>,
}

/// The signed message, as short as the signature algorithm permits.
enum Signed {
    Hash(Digest),
    Whole(Vec<u8>),
}

impl Awaited {
    pub(super) fn new(certificate: &Certificate<'_>, options: &ChainOptions<'_>) -> Self {
        let named = |verify: &&&dyn Verify| {
            signature_ids(verify.scheme()).iter().any(|id| id.as_ref() == certificate.algorithm)
        };
        // Which key it is under is not known yet; the signature algorithm names the hash.
        let verify = options.algorithms.iter().find(named);
        let signed = match verify.and_then(|verify| verify.hash()) {
            Some(hash) => Signed::Hash(hash.hash(&[certificate.signed])),
            None => Signed::Whole(certificate.signed.to_vec()),
        };
        Self {
            issuer: options.sha256.hash(&[certificate.issuer]),
            signed,
            scheme: verify.map(|verify| verify.scheme()),
            signature: certificate.signature.to_vec(),
        }
    }

    /// Verifies the signature under the key of an issuer.
    pub(super) fn verify(
        &self,
        spki: &[u8],
        algorithms: &[&'static dyn Verify],
    ) -> Result<(), CertificateFault> {
        let scheme = self.scheme.ok_or(CertificateFault::WeakSignature)?;
        let key = PublicKey::from_spki(spki).map_err(|error| match error {
            SpkiError::Malformed => CertificateFault::SignatureInvalid,
            SpkiError::Unsupported => CertificateFault::UnsupportedKey,
        })?;
        if leaf::too_small_or_large(&key) {
            return Err(CertificateFault::UnsupportedKey);
        }
        let mut of_kind = algorithms.iter().filter(|verify| verify.key() == key.kind).peekable();
        if of_kind.peek().is_none() {
            return Err(CertificateFault::UnsupportedKey);
        }
        let ids = signature_ids(scheme);
        match of_kind.find(|verify| signature_ids(verify.scheme()) == ids) {
            Some(verify) => match &self.signed {
                Signed::Hash(hash) => verify.verify_hash(key.bits, hash, &self.signature),
                Signed::Whole(message) => verify.verify(key.bits, message, &self.signature),
            }
            .map_err(|_| CertificateFault::SignatureInvalid),
            // The key may have made the signature, but its hash is not accepted for such keys.
            None if key.kind.may_sign_by(scheme) => Err(CertificateFault::WeakSignature),
            None => Err(CertificateFault::SignatureInvalid),
        }
    }
}
