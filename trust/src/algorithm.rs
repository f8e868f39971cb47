//! Signature schemes by the AlgorithmIdentifiers of certificates.

use alloc::vec::Vec;

use handclasp_codec::SignatureScheme as Scheme;
use handclasp_crypto::signature_algorithms;

/// The schemes that certificates are signed with.
const ALL: [Scheme; 13] = [
    Scheme::ecdsa_secp256r1_sha256,
    Scheme::ecdsa_secp384r1_sha384,
    Scheme::ecdsa_secp521r1_sha512,
    Scheme::ed25519,
    Scheme::rsa_pkcs1_sha256,
    Scheme::rsa_pkcs1_sha384,
    Scheme::rsa_pkcs1_sha512,
    Scheme::rsa_pss_rsae_sha256,
    Scheme::rsa_pss_rsae_sha384,
    Scheme::rsa_pss_rsae_sha512,
    Scheme::rsa_pss_pss_sha256,
    Scheme::rsa_pss_pss_sha384,
    Scheme::rsa_pss_pss_sha512,
];

/// The schemes whose signatures certificates name so (content of the AlgorithmIdentifier).
pub(crate) fn schemes_of(algorithm: &[u8]) -> Vec<Scheme> {
    let named = |scheme: &Scheme| signature_algorithms(*scheme).contains(&algorithm);
    ALL.into_iter().filter(named).collect()
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use rustls_pki_types::alg_id;

    use super::*;

    #[test]
    fn names_are_those_of_another_implementation() {
        for (scheme, expected) in [
            (Scheme::ecdsa_secp256r1_sha256, alg_id::ECDSA_SHA256),
            (Scheme::ecdsa_secp384r1_sha384, alg_id::ECDSA_SHA384),
            (Scheme::ecdsa_secp521r1_sha512, alg_id::ECDSA_SHA512),
            (Scheme::ed25519, alg_id::ED25519),
            (Scheme::rsa_pkcs1_sha256, alg_id::RSA_PKCS1_SHA256),
            (Scheme::rsa_pkcs1_sha384, alg_id::RSA_PKCS1_SHA384),
            (Scheme::rsa_pkcs1_sha512, alg_id::RSA_PKCS1_SHA512),
            (Scheme::rsa_pss_rsae_sha256, alg_id::RSA_PSS_SHA256),
            (Scheme::rsa_pss_rsae_sha384, alg_id::RSA_PSS_SHA384),
            (Scheme::rsa_pss_rsae_sha512, alg_id::RSA_PSS_SHA512),
        ] {
            assert_eq!(signature_algorithms(scheme).first(), Some(&expected.as_ref()), "{scheme}");
        }
        // PKCS #1 v1.5 also without its NULL.
        let bare = alg_id::RSA_PKCS1_SHA256.as_ref().strip_suffix(&[5, 0]).unwrap();
        assert_eq!(schemes_of(bare), vec![Scheme::rsa_pkcs1_sha256]);
        assert!(ALL.iter().all(|scheme| !signature_algorithms(*scheme).is_empty()));
    }
}
