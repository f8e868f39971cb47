//! A private key in a token, as a signer. It takes hash values, so that a token needs only the plain
//! mechanisms, and signatures of r and s concatenated become DER.

use std::{
    string::String,
    sync::{Mutex, PoisonError},
    vec::Vec,
};

use cryptoki::{
    error::Error,
    mechanism::{
        Mechanism, MechanismType,
        rsa::{PkcsMgfType, PkcsPssParams},
    },
    object::ObjectHandle,
    session::Session,
};
use handclasp_codec::SignatureScheme as Scheme;
use handclasp_crypto::{EcdsaSignature, KeyKind};
use rustls_pki_types::CertificateDer;

use super::{
    KeyAttributes, Pkcs11Error, Pkcs11Uri, TokenPin,
    error::reason,
    generate,
    module::{self, Token},
    object::{self, Found},
};
use crate::{ExternalSigner, SignerFailure, SignerInput, SignerPace};

/// A private key in a PKCS#11 token, with a session of its own.
pub struct Pkcs11Key {
    /// A session is used by one thread at a time.
    session: Mutex<Session>,
    handle: ObjectHandle,
    kind: KeyKind,
    spki: Vec<u8>,
    schemes: Vec<Scheme>,
    certificate: Option<CertificateDer<'static>>,
    token: String,
    uri: Pkcs11Uri,
}

impl Pkcs11Key {
    /// Opens the private key of the URI.
    ///
    /// # Errors
    /// A module, token or key that is not found, a PIN that is refused, or a key that is not one for
    /// signatures.
    pub fn open(uri: &Pkcs11Uri, pin: &TokenPin<'_>) -> Result<Self, Pkcs11Error> {
        let token = module::open(uri, pin, false)?;
        let found = object::find(&token, uri)?;
        Self::of(token, found, uri.clone())
    }

    /// Makes a key pair in the token, with the label and the identifier of the URI. The private key is
    /// sensitive and not extractable, and the token must say so afterwards.
    ///
    /// # Errors
    /// As [`Pkcs11Key::open`]; a URI without a label, a key of that label that exists, or a token that
    /// cannot make such a key.
    pub fn generate(uri: &Pkcs11Uri, kind: KeyKind, pin: &TokenPin<'_>) -> Result<Self, Pkcs11Error> {
        let token = module::open(uri, pin, true)?;
        let made = generate::pair(&token, uri, kind)?;
        let found = object::find(&token, &made)?;
        Self::of(token, found, made)
    }

    fn of(token: Token, found: Found, mut uri: Pkcs11Uri) -> Result<Self, Pkcs11Error> {
        let Token { session, module, slot, name, label } = token;
        // Another token may be there the next time.
        uri.token.get_or_insert(label);
        let failed = |error: Error| Pkcs11Error::call(&std::format!("{name} lists no mechanisms"), &error);
        let mechanisms = module.get_mechanism_list(slot).map_err(failed)?;
        let Found { handle, kind, spki, certificate } = found;
        let mut key = Self {
            session: Mutex::new(session),
            handle,
            kind,
            spki,
            schemes: Vec::new(),
            certificate,
            token: name,
            uri,
        };
        key.schemes = key.usable(&mechanisms);
        Ok(key)
    }

    /// The schemes of the kind of key that the token has mechanisms for. RSASSA-PSS is tried: tokens list
    /// it that cannot use a salt as long as the hash, which TLS requires.
    fn usable(&self, mechanisms: &[MechanismType]) -> Vec<Scheme> {
        let listed = schemes(self.kind).iter().copied().filter(|scheme| {
            mechanism(self.kind, *scheme).is_some_and(|found| mechanisms.contains(&found.mechanism_type()))
        });
        let is_pss =
            |scheme: &Scheme| matches!(mechanism(self.kind, *scheme), Some(Mechanism::RsaPkcsPss(_)));
        listed
            .filter(|scheme| {
                let digest = crate::scheme_hash::hash_of(*scheme).map(|hash| hash.hash(&[b"probe"]));
                !is_pss(scheme) || digest.is_some_and(|digest| self.raw_signature(*scheme, &digest).is_ok())
            })
            .collect()
    }

    /// The certificate in the token that has the identifier of the key.
    pub fn certificate(&self) -> Option<&CertificateDer<'static>> {
        self.certificate.as_ref()
    }

    /// The URI of the key, with the label of its token, and the identifier of a key that was made here.
    pub fn uri(&self) -> &Pkcs11Uri {
        &self.uri
    }

    /// What the token says of the private key.
    ///
    /// # Errors
    /// The token is gone or fails.
    pub fn attributes(&self) -> Result<KeyAttributes, Pkcs11Error> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        generate::attributes(&session, self.handle).map_err(|error| {
            Pkcs11Error::call(&std::format!("the key in {} cannot be read", self.token), &error)
        })
    }

    /// What the token returns for a hash value.
    fn raw_signature(&self, scheme: Scheme, digest: &[u8]) -> Result<Vec<u8>, SignerFailure> {
        let mechanism = mechanism(self.kind, scheme).ok_or(SignerFailure::Scheme)?;
        let input = match mechanism {
            Mechanism::RsaPkcs => [digest_info(scheme), digest].concat(),
            // ECDSA uses the leftmost bits of a hash value that is longer than the order; not every token
            // accepts one (FIPS 186-5 §6.4.1).
            Mechanism::Ecdsa => digest.get(..coordinate(self.kind)).unwrap_or(digest).to_vec(),
            _ => digest.to_vec(),
        };
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        session.sign(&mechanism, self.handle, &input).map_err(|error| SignerFailure::Because(reason(&error)))
    }
}

impl ExternalSigner for Pkcs11Key {
    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn schemes(&self) -> &[Scheme] {
        &self.schemes
    }

    fn input(&self) -> SignerInput {
        SignerInput::Digest
    }

    fn pace(&self) -> SignerPace {
        SignerPace::Slow
    }

    fn sign(&self, scheme: Scheme, digest: &[u8]) -> Result<Vec<u8>, SignerFailure> {
        let signature = self.raw_signature(scheme, digest)?;
        let length = coordinate(self.kind);
        // Anything else is passed on as it is, and found out by the verification.
        match signature.split_at_checked(length) {
            Some((r, s)) if length > 0 && s.len() == length => Ok(EcdsaSignature { r, s }.to_der()),
            _ => Ok(signature),
        }
    }
}

/// Bytes of r and of s. 0 for RSA.
fn coordinate(kind: KeyKind) -> usize {
    match kind {
        KeyKind::P256 => 32,
        KeyKind::P384 => 48,
        KeyKind::P521 => 66,
        KeyKind::Ed25519 | KeyKind::Rsa | KeyKind::RsaPss => 0,
    }
}

/// The schemes of a kind of key, the one of its curve first.
fn schemes(kind: KeyKind) -> &'static [Scheme] {
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
        KeyKind::Ed25519 | KeyKind::RsaPss => &[],
    }
}

/// The mechanism that signs a hash value.
fn mechanism(kind: KeyKind, scheme: Scheme) -> Option<Mechanism<'static>> {
    let pss = |hash_alg, mgf, s_len: u64| {
        let s_len = s_len.into();
        Some(Mechanism::RsaPkcsPss(PkcsPssParams { hash_alg, mgf, s_len }))
    };
    match scheme {
        _ if coordinate(kind) > 0 => Some(Mechanism::Ecdsa),
        Scheme::rsa_pss_rsae_sha256 => pss(MechanismType::SHA256, PkcsMgfType::MGF1_SHA256, 32),
        Scheme::rsa_pss_rsae_sha384 => pss(MechanismType::SHA384, PkcsMgfType::MGF1_SHA384, 48),
        Scheme::rsa_pss_rsae_sha512 => pss(MechanismType::SHA512, PkcsMgfType::MGF1_SHA512, 64),
        Scheme::rsa_pkcs1_sha256 | Scheme::rsa_pkcs1_sha384 | Scheme::rsa_pkcs1_sha512 => {
            Some(Mechanism::RsaPkcs)
        }
        _ => None,
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

impl core::fmt::Debug for Pkcs11Key {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Pkcs11Key")
            .field("kind", &self.kind)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}
