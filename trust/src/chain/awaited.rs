//! What the issuer of a certificate has to confirm, kept until the issuer arrives.

use alloc::vec::Vec;

use handclasp_crypto::{PublicKey, SpkiError, Verify};
use handclasp_report::CertificateFault;

use crate::{leaf, x509::Certificate};

/// What stays of a certificate.
pub(super) struct Awaited {
    /// Name of the issuer, with tag and length.
    pub(super) issuer: Vec<u8>,
    /// The first verification of signatures that are named so; `None` if the signature algorithm is not accepted.
    by: Option<&'static dyn Verify>,
    /// The signed message, or its hash where [`Verify::hash`] has one.
    signed: Vec<u8>,
    is_hash: bool,
    signature: Vec<u8>,
}

impl Awaited {
    pub(super) fn new(certificate: &Certificate<'_>, algorithms: &[&'static dyn Verify]) -> Self {
        let named = |verify: &&&dyn Verify| verify.signature_algorithms().contains(&certificate.algorithm);
        // Which key it is under is not known yet; the signature algorithm names the hash.
        let by = algorithms.iter().find(named).copied();
        let (signed, is_hash) = match by.and_then(|verify| verify.hash()) {
            Some(hash) => (hash.hash(&[certificate.signed]).to_vec(), true),
            None => (certificate.signed.to_vec(), false),
        };
        let (issuer, signature) = (certificate.issuer.to_vec(), certificate.signature.to_vec());
        Self { issuer, by, signed, is_hash, signature }
    }

    /// Verifies the signature under the key of an issuer.
    pub(super) fn verify(
        &self,
        spki: &[u8],
        algorithms: &[&'static dyn Verify],
    ) -> Result<(), CertificateFault> {
        let by = self.by.ok_or(CertificateFault::WeakSignature)?;
        let key = PublicKey::from_spki(spki).map_err(|error| match error {
            SpkiError::Malformed => CertificateFault::SignatureInvalid,
            SpkiError::Unsupported => CertificateFault::UnsupportedKey,
        })?;
        let (mut is_kind_known, mut found) = (false, None);
        for verify in algorithms.iter().filter(|verify| verify.key() == key.kind) {
            is_kind_known = true;
            if verify.signature_algorithms().first() == by.signature_algorithms().first() {
                found = Some(verify);
                break;
            }
        }
        if !is_kind_known || leaf::too_small_or_large(&key) {
            return Err(CertificateFault::UnsupportedKey);
        }
        let Some(verify) = found else {
            // The key may have made the signature, but its hash is not accepted for such keys.
            return Err(match key.kind.may_sign_by(by.scheme()) {
                true => CertificateFault::WeakSignature,
                false => CertificateFault::SignatureInvalid,
            });
        };
        match self.is_hash {
            true => verify.verify_hash(key.bits, &self.signed, &self.signature),
            false => verify.verify(key.bits, &self.signed, &self.signature),
        }
        .map_err(|_| CertificateFault::SignatureInvalid)
    }
}
