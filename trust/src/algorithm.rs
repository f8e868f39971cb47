//! Signature schemes by the AlgorithmIdentifiers of certificates (RFC 5280 §4.1.1.2, RFC 5758, RFC 4055,
//! RFC 8410).

use alloc::vec::Vec;

use handclasp_codec::SignatureScheme as Scheme;
use rustls_pki_types::{AlgorithmIdentifier, alg_id};

/// sha256WithRSAEncryption without its NULL: RFC 4055 §5 wants it there, some issuers forget it.
const PKCS1_SHA256_BARE: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b");
const PKCS1_SHA384_BARE: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c");
const PKCS1_SHA512_BARE: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d");

/// How certificates name the signature of a scheme.
pub(crate) fn signature_ids(scheme: Scheme) -> &'static [AlgorithmIdentifier] {
    match scheme {
        // In X.509 the hash says nothing about the curve: the scheme's name is only half true.
        Scheme::ecdsa_secp256r1_sha256 => &[alg_id::ECDSA_SHA256],
        Scheme::ecdsa_secp384r1_sha384 => &[alg_id::ECDSA_SHA384],
        Scheme::ecdsa_secp521r1_sha512 => &[alg_id::ECDSA_SHA512],
        Scheme::ed25519 => &[alg_id::ED25519],
        Scheme::rsa_pkcs1_sha256 => &[alg_id::RSA_PKCS1_SHA256, PKCS1_SHA256_BARE],
        Scheme::rsa_pkcs1_sha384 => &[alg_id::RSA_PKCS1_SHA384, PKCS1_SHA384_BARE],
        Scheme::rsa_pkcs1_sha512 => &[alg_id::RSA_PKCS1_SHA512, PKCS1_SHA512_BARE],
        // One name for the signatures of both kinds of keys (RFC 4055 §3.1): the key tells them apart.
        Scheme::rsa_pss_rsae_sha256 | Scheme::rsa_pss_pss_sha256 => &[alg_id::RSA_PSS_SHA256],
        Scheme::rsa_pss_rsae_sha384 | Scheme::rsa_pss_pss_sha384 => &[alg_id::RSA_PSS_SHA384],
        Scheme::rsa_pss_rsae_sha512 | Scheme::rsa_pss_pss_sha512 => &[alg_id::RSA_PSS_SHA512],
        // A scheme that certificates cannot be signed with, as far as we know.
        _ => &[],
    }
}

/// The schemes whose signatures certificates name so (content of the AlgorithmIdentifier).
pub(crate) fn schemes_of(algorithm: &[u8]) -> Vec<Scheme> {
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
    let named = |scheme: &Scheme| signature_ids(*scheme).iter().any(|id| id.as_ref() == algorithm);
    ALL.into_iter().filter(named).collect()
}
