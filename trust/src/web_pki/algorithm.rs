//! Our signature verifications as rustls-webpki wants them: by the AlgorithmIdentifiers of key and signature.

use alloc::vec::Vec;
use core::fmt;

use handclasp_crypto::Verify;
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};

use crate::algorithm::signature_ids;

/// One pair of key and signature.
pub(crate) struct Algorithm<'a> {
    verify: &'a dyn Verify,
    signature: AlgorithmIdentifier,
}

/// All of them.
pub(crate) fn algorithms<'a>(verify: &'a [&'static dyn Verify]) -> Vec<Algorithm<'a>> {
    // RSA has two names for some.
    let mut all = Vec::with_capacity(verify.len().saturating_mul(2));
    for verify in verify {
        let ids = signature_ids(verify.scheme()).iter();
        all.extend(ids.map(|id| Algorithm { verify: *verify, signature: *id }));
    }
    all
}

impl SignatureVerificationAlgorithm for Algorithm<'_> {
    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        AlgorithmIdentifier::from_slice(self.verify.key().algorithm_identifier())
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }

    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        self.verify.verify(public_key, message, signature).map_err(|_| InvalidSignature)
    }
}

impl fmt::Debug for Algorithm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} under {:?}", self.verify.scheme(), self.verify.key())
    }
}
