//! The hash function of a signature scheme, by the default provider.

use handclasp_codec::SignatureScheme;
use handclasp_crypto::Hash;

use crate::default_provider::{SHA256, SHA384, SHA512};

/// `None`: the scheme signs the message itself, or is not known here.
pub(crate) fn hash_of(scheme: SignatureScheme) -> Option<&'static dyn Hash> {
    match scheme {
        SignatureScheme::ecdsa_secp256r1_sha256
        | SignatureScheme::rsa_pkcs1_sha256
        | SignatureScheme::rsa_pss_rsae_sha256 => Some(SHA256),
        SignatureScheme::ecdsa_secp384r1_sha384
        | SignatureScheme::rsa_pkcs1_sha384
        | SignatureScheme::rsa_pss_rsae_sha384 => Some(SHA384),
        SignatureScheme::ecdsa_secp521r1_sha512
        | SignatureScheme::rsa_pkcs1_sha512
        | SignatureScheme::rsa_pss_rsae_sha512 => Some(SHA512),
        _ => None,
    }
}
