//! Our signature verifications as rustls-webpki wants them: by the AlgorithmIdentifiers of key and signature.

use core::fmt;

use handclasp_crypto::Verify;
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};
use smallvec::SmallVec;

/// One pair of key and signature.
pub(crate) struct Algorithm<'a> {
    verify: &'a dyn Verify,
    signature: AlgorithmIdentifier,
}

/// A list with an entry for each algorithm, without a heap allocation up to 24: our providers have 22.
pub(crate) type List<T> = SmallVec<[T; 24]>;

/// The algorithms of a configuration: RSA has two names for some.
pub(crate) fn algorithms<'a>(verify: &'a [&'static dyn Verify]) -> List<Algorithm<'a>> {
    let named = |verify: &'a &'static dyn Verify| {
        let names = verify.signature_algorithms().iter();
        names.map(|name| Algorithm { verify: *verify, signature: AlgorithmIdentifier::from_slice(name) })
    };
    verify.iter().flat_map(named).collect()
}

/// The same algorithms as webpki's trait objects.
pub(crate) fn for_webpki<'a>(
    algorithms: &'a [Algorithm<'_>],
) -> List<&'a dyn SignatureVerificationAlgorithm> {
    let object = |algorithm: &'a Algorithm<'_>| -> &'a dyn SignatureVerificationAlgorithm { algorithm };
    algorithms.iter().map(object).collect()
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
