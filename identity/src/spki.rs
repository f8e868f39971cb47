//! SubjectPublicKeyInfo of keys that come in parts.

use std::vec::Vec;

use handclasp_crypto::{EcdsaSignature, KeyKind, PublicKey};

/// Of an RSA key, by its modulus and its public exponent, big endian; leading zeros are dropped. An
/// RSAPublicKey (RFC 8017 §A.1.1) is a SEQUENCE of two positive INTEGERs, as an ECDSA-Sig-Value is.
pub(crate) fn rsa(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let bits = EcdsaSignature { r: modulus, s: exponent }.to_der();
    PublicKey { kind: KeyKind::Rsa, bits: &bits }.to_spki()
}
