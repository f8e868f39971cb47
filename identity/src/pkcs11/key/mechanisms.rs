//! The schemes of a kind of key, and the mechanisms of PKCS#11 that make their signatures.

use std::vec::Vec;

use cryptoki::mechanism::{
    Mechanism, MechanismType,
    eddsa::{EddsaParams, EddsaSignatureScheme},
    rsa::{PkcsMgfType, PkcsPssParams},
};
use handclasp_codec::SignatureScheme as Scheme;
use handclasp_crypto::KeyKind;

use crate::SignerInput;

/// Bytes of r and of s. 0 for other keys.
pub(super) fn coordinate(kind: KeyKind) -> usize {
    match kind {
        KeyKind::P256 => 32,
        KeyKind::P384 => 48,
        KeyKind::P521 => 66,
        KeyKind::Ed25519 | KeyKind::Rsa | KeyKind::RsaPss => 0,
    }
}

/// The schemes of a kind of key, the one of its curve first.
pub(super) fn schemes(kind: KeyKind) -> &'static [Scheme] {
    match kind {
        KeyKind::P256 => {
            &[Scheme::ecdsa_secp256r1_sha256, Scheme::ecdsa_secp384r1_sha384, Scheme::ecdsa_secp521r1_sha512]
        }
        KeyKind::P384 => {
            &[Scheme::ecdsa_secp384r1_sha384, Scheme::ecdsa_secp521r1_sha512, Scheme::ecdsa_secp256r1_sha256]
        }
        KeyKind::P521 => {
            &[Scheme::ecdsa_secp521r1_sha512, Scheme::ecdsa_secp384r1_sha384, Scheme::ecdsa_secp256r1_sha256]
        }
        KeyKind::Rsa => &[
            Scheme::rsa_pss_rsae_sha256,
            Scheme::rsa_pss_rsae_sha384,
            Scheme::rsa_pss_rsae_sha512,
            Scheme::rsa_pkcs1_sha256,
            Scheme::rsa_pkcs1_sha384,
            Scheme::rsa_pkcs1_sha512,
        ],
        KeyKind::Ed25519 => &[Scheme::ed25519],
        KeyKind::RsaPss => &[],
    }
}

/// The mechanism that signs by that scheme, from a message or from its hash value.
pub(super) fn mechanism(kind: KeyKind, scheme: Scheme, input: SignerInput) -> Option<Mechanism<'static>> {
    match input {
        SignerInput::Digest => of_digest(kind, scheme),
        SignerInput::Message => of_message(scheme),
    }
}

fn of_digest(kind: KeyKind, scheme: Scheme) -> Option<Mechanism<'static>> {
    match scheme {
        _ if coordinate(kind) > 0 => Some(Mechanism::Ecdsa),
        Scheme::rsa_pkcs1_sha256 | Scheme::rsa_pkcs1_sha384 | Scheme::rsa_pkcs1_sha512 => {
            Some(Mechanism::RsaPkcs)
        }
        _ => pss(scheme).map(Mechanism::RsaPkcsPss),
    }
}

fn of_message(scheme: Scheme) -> Option<Mechanism<'static>> {
    Some(match scheme {
        Scheme::ed25519 => Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519)),
        Scheme::ecdsa_secp256r1_sha256 => Mechanism::EcdsaSha256,
        Scheme::ecdsa_secp384r1_sha384 => Mechanism::EcdsaSha384,
        Scheme::ecdsa_secp521r1_sha512 => Mechanism::EcdsaSha512,
        Scheme::rsa_pkcs1_sha256 => Mechanism::Sha256RsaPkcs,
        Scheme::rsa_pkcs1_sha384 => Mechanism::Sha384RsaPkcs,
        Scheme::rsa_pkcs1_sha512 => Mechanism::Sha512RsaPkcs,
        Scheme::rsa_pss_rsae_sha256 => Mechanism::Sha256RsaPkcsPss(pss(scheme)?),
        Scheme::rsa_pss_rsae_sha384 => Mechanism::Sha384RsaPkcsPss(pss(scheme)?),
        Scheme::rsa_pss_rsae_sha512 => Mechanism::Sha512RsaPkcsPss(pss(scheme)?),
        _ => return None,
    })
}

/// A salt as long as the hash (RFC 8446 §4.2.3).
fn pss(scheme: Scheme) -> Option<PkcsPssParams> {
    let params = |hash_alg, mgf, s_len: u64| Some(PkcsPssParams { hash_alg, mgf, s_len: s_len.into() });
    match scheme {
        Scheme::rsa_pss_rsae_sha256 => params(MechanismType::SHA256, PkcsMgfType::MGF1_SHA256, 32),
        Scheme::rsa_pss_rsae_sha384 => params(MechanismType::SHA384, PkcsMgfType::MGF1_SHA384, 48),
        Scheme::rsa_pss_rsae_sha512 => params(MechanismType::SHA512, PkcsMgfType::MGF1_SHA512, 64),
        _ => None,
    }
}

/// Whether the scheme is RSASSA-PSS.
pub(super) fn is_pss(scheme: Scheme) -> bool {
    pss(scheme).is_some()
}

/// What the mechanism signs of a message or its hash value.
pub(super) fn input_of(mechanism: &Mechanism<'_>, kind: KeyKind, scheme: Scheme, input: &[u8]) -> Vec<u8> {
    match mechanism {
        Mechanism::RsaPkcs => [digest_info(scheme), input].concat(),
        // ECDSA uses the leftmost bits of a hash value that is longer than the order; not every token
        // accepts one (FIPS 186-5 §6.4.1).
        Mechanism::Ecdsa => input.get(..coordinate(kind)).unwrap_or(input).to_vec(),
        _ => input.to_vec(),
    }
}

/// What stands before the hash value in a DigestInfo (RFC 8017 §9.2, note 1).
fn digest_info(scheme: Scheme) -> &'static [u8] {
    match scheme {
        Scheme::rsa_pkcs1_sha256 => {
            b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
        }
        Scheme::rsa_pkcs1_sha384 => {
            b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"
        }
        _ => b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
    }
}
