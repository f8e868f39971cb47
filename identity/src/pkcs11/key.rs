//! A private key in a token, as a signer. It takes hash values where it can, so that a token needs only the
//! plain mechanisms, and signatures of r and s concatenated become DER.

mod link;
mod mechanisms;

use std::{
    string::String,
    sync::{Mutex, MutexGuard, PoisonError},
    vec::Vec,
};

use cryptoki::{
    error::Error,
    mechanism::{Mechanism, MechanismType},
};
use handclasp_codec::SignatureScheme as Scheme;
use handclasp_crypto::{EcdsaSignature, KeyKind};
use rustls_pki_types::CertificateDer;

use super::{
    KeyAttributes, Pkcs11Error, Pkcs11Problem, Pkcs11Uri, TokenPin, generate,
    module::{self, Token},
    object::{self, Found},
};
use crate::{ExternalSigner, SignerFailure, SignerInput, SignerPace};
use link::Link;
use mechanisms::{coordinate, input_of, is_pss, mechanism, schemes};

/// A private key in a PKCS#11 token, with a session of its own. When the session is lost, because the token was
/// removed or logged the program out, the next signature opens another and logs in again.
pub struct Pkcs11Key {
    /// A session is used by one thread at a time.
    link: Mutex<Link>,
    kind: KeyKind,
    spki: Vec<u8>,
    schemes: Vec<Scheme>,
    input: SignerInput,
    pace: SignerPace,
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
    pub fn open(uri: &Pkcs11Uri, pin: &TokenPin) -> Result<Self, Pkcs11Error> {
        let token = module::open(uri, pin, false)?;
        let found = object::find(&token, uri)?;
        Self::of(uri.clone(), pin, token, found)
    }

    /// Makes a key pair in the token, with the label and the identifier of the URI. The private key is
    /// sensitive and not extractable, and the token must say so afterwards.
    ///
    /// # Errors
    /// As [`Pkcs11Key::open`]; a URI without a label, a key of that label that exists, or a token that
    /// cannot make such a key.
    pub fn generate(uri: &Pkcs11Uri, kind: KeyKind, pin: &TokenPin) -> Result<Self, Pkcs11Error> {
        let token = module::open(uri, pin, true)?;
        let made = generate::pair(&token, uri, kind)?;
        let found = object::find(&token, &made)?;
        Self::of(made, pin, token, found)
    }

    fn of(mut uri: Pkcs11Uri, pin: &TokenPin, token: Token, found: Found) -> Result<Self, Pkcs11Error> {
        // Another token may be there the next time.
        uri.token.get_or_insert_with(|| token.label.clone());
        let name = token.name.clone();
        let failed = |error: Error| Pkcs11Error::call(&std::format!("{name} lists no mechanisms"), &error);
        let mechanisms = token.module.get_mechanism_list(token.slot).map_err(failed)?;
        let Found { handle, kind, spki, certificate, always_authenticate: asks } = found;
        let mut link = Link::new(&uri, pin, asks, token, handle);
        let (input, schemes) = plan(kind, &mechanisms, |mechanism| !asks || link.takes_parts(mechanism));
        let pace = if link.is_interactive() { SignerPace::Interactive } else { SignerPace::Slow };
        let link = Mutex::new(link);
        let mut key = Self { link, kind, spki, schemes, input, pace, certificate, token: name, uri };
        key.schemes = key.usable();
        match key.schemes.is_empty() {
            true => Err(Pkcs11Error::new(
                Pkcs11Problem::UnusableKey,
                std::format!("{} has no mechanism that signs with its {kind:?} key", key.token),
            )),
            false => Ok(key),
        }
    }

    /// The schemes without those of RSASSA-PSS that fail: tokens list it that cannot use a salt as long as the
    /// hash, which TLS requires. A person is not asked for that.
    fn usable(&self) -> Vec<Scheme> {
        let works = |scheme: Scheme| {
            let probe = match self.input {
                SignerInput::Digest => {
                    crate::scheme_hash::hash_of(scheme).map(|hash| hash.hash(&[b"probe"]).to_vec())
                }
                SignerInput::Message => Some(b"probe".to_vec()),
            };
            probe.is_some_and(|probe| self.raw_signature(scheme, &probe).is_ok())
        };
        let untried = |scheme: Scheme| !is_pss(scheme) || self.pace == SignerPace::Interactive;
        self.schemes.iter().copied().filter(|scheme| untried(*scheme) || works(*scheme)).collect()
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
        self.link().with(generate::attributes).map_err(|error| {
            Pkcs11Error::call(&std::format!("the key in {} cannot be read", self.token), &error)
        })
    }

    fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the token returns for a message or its hash value.
    fn raw_signature(&self, scheme: Scheme, input: &[u8]) -> Result<Vec<u8>, SignerFailure> {
        let mechanism = mechanism(self.kind, scheme, self.input).ok_or(SignerFailure::Scheme)?;
        let input = input_of(&mechanism, self.kind, scheme, input);
        self.link().sign(&mechanism, &input, &self.spki)
    }
}

/// The input that the token takes, and the schemes of the kind of key that it has mechanisms for. `usable` says
/// whether a mechanism for hash values signs as the key requires it.
fn plan(
    kind: KeyKind,
    mechanisms: &[MechanismType],
    mut usable: impl FnMut(&Mechanism<'_>) -> bool,
) -> (SignerInput, Vec<Scheme>) {
    let listed = |input| {
        let has = |scheme: &Scheme| {
            mechanism(kind, *scheme, input).is_some_and(|found| mechanisms.contains(&found.mechanism_type()))
        };
        schemes(kind).iter().copied().filter(has).collect::<Vec<_>>()
    };
    // Those first where a key is asked in parts, too: the module of tpm2-pkcs11 forgets what it hashed when it is
    // asked for the length of the signature.
    let digests = listed(SignerInput::Digest);
    let first = digests.last().and_then(|scheme| mechanism(kind, *scheme, SignerInput::Digest));
    match first.is_some_and(|mechanism| usable(&mechanism)) {
        true => (SignerInput::Digest, digests),
        // Of Ed25519, which signs messages, and of tokens that sign hash values in one part only.
        false => match listed(SignerInput::Message) {
            messages if messages.is_empty() => (SignerInput::Digest, digests),
            messages => (SignerInput::Message, messages),
        },
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
        self.input
    }

    fn pace(&self) -> SignerPace {
        self.pace
    }

    fn sign(&self, scheme: Scheme, input: &[u8]) -> Result<Vec<u8>, SignerFailure> {
        let signature = self.raw_signature(scheme, input)?;
        let length = coordinate(self.kind);
        // Anything else is passed on as it is, and found out by the verification.
        match signature.split_at_checked(length) {
            Some((r, s)) if length > 0 && s.len() == length => Ok(EcdsaSignature { r, s }.to_der()),
            _ => Ok(signature),
        }
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
