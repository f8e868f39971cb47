//! Signers outside of this process: a token, an agent, a command, a service. A signer declares its public
//! key, its schemes, whether it takes messages or hash values, and how long a signature
//! takes; [`Identity::from_external`] checks the declaration, and has it sign a probe.

use std::{
    boxed::Box,
    string::{String, ToString},
    sync::{Arc, Mutex, PoisonError},
    vec::Vec,
};

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{Random, SignError, SigningKey};
use rustls_pki_types::CertificateDer;

use crate::{
    Cause, Identity, IdentityError,
    default_provider::{SystemRandom, VERIFY},
    probe,
    scheme_hash::hash_of,
};

/// A private key that this process cannot read.
///
/// ```
/// use handclasp_codec::SignatureScheme;
/// use handclasp_identity::{ExternalSigner, Identity, SignerFailure, SignerInput};
///
/// /// A secure element on a bus.
/// struct Element {
///     public_key: Vec<u8>,
/// }
///
/// impl ExternalSigner for Element {
///     fn public_key(&self) -> &[u8] {
///         &self.public_key
///     }
///     fn schemes(&self) -> &[SignatureScheme] {
///         &[SignatureScheme::ecdsa_secp256r1_sha256]
///     }
///     fn input(&self) -> SignerInput {
///         SignerInput::Digest
///     }
///     fn sign(&self, _: SignatureScheme, digest: &[u8]) -> Result<Vec<u8>, SignerFailure> {
///         assert_eq!(digest.len(), 32);
///         Err(SignerFailure::Because("the element does not answer on the bus"))
///     }
/// }
///
/// # let identity = Identity::self_signed(&["device.local"]).unwrap();
/// # let public_key = identity.spki().to_vec();
/// let error = Identity::from_external(Vec::new(), Box::new(Element { public_key })).unwrap_err();
/// assert!(error.to_string().ends_with("the element does not answer on the bus"));
/// ```
pub trait ExternalSigner: Send + Sync {
    /// SubjectPublicKeyInfo (DER) of the public key.
    fn public_key(&self) -> &[u8];

    /// The schemes that it can sign by, in order of preference. In TLS 1.2 ECDSA keys sign with each hash,
    /// in TLS 1.3 only with that of their curve.
    fn schemes(&self) -> &[SignatureScheme];

    /// The input of [`ExternalSigner::sign`]: a message or its hash value.
    fn input(&self) -> SignerInput {
        SignerInput::Message
    }

    /// How long a signature takes.
    fn pace(&self) -> SignerPace {
        SignerPace::Immediate
    }

    /// Signs the message or its hash value, see [`ExternalSigner::input`]. ECDSA signatures are DER
    /// (ECDSA-Sig-Value).
    ///
    /// # Errors
    /// Why there is no signature.
    fn sign(&self, scheme: SignatureScheme, input: &[u8]) -> Result<Vec<u8>, SignerFailure>;
}

/// The input that a signer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignerInput {
    /// The message; the signer hashes it.
    Message,
    /// The hash value of the message, by the hash of the scheme. Such a signer has no Ed25519 key, which
    /// signs only messages (RFC 8032).
    Digest,
}

/// How long a signature of a signer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignerPace {
    /// Milliseconds.
    Immediate,
    /// Up to seconds: a smart card, a TPM, a service.
    Slow,
    /// Until a person has touched something or typed a PIN, for each signature. It signs no probe.
    Interactive,
}

/// Why an external signer made no signature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignerFailure {
    /// The key cannot sign by this scheme.
    Scheme,
    /// A reason known beforehand, without a dot at its end. Errors of a handshake show it.
    Because(&'static str),
    /// The signer's own words. [`Identity::signer_words`] keeps them for the program.
    Said(String),
}

/// State of an external signer: its pace and last error message.
#[derive(Debug)]
pub(crate) struct External {
    pace: SignerPace,
    words: Mutex<Option<String>>,
}

/// An external signer as the handshake uses it.
struct Adapter {
    signer: Box<dyn ExternalSigner>,
    state: Arc<External>,
}

impl SigningKey for Adapter {
    fn public_key(&self) -> &[u8] {
        self.signer.public_key()
    }

    fn schemes(&self) -> &[SignatureScheme] {
        self.signer.schemes()
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        let signed = match (self.signer.input(), hash_of(scheme)) {
            (SignerInput::Message, _) => self.signer.sign(scheme, message),
            (SignerInput::Digest, Some(hash)) => self.signer.sign(scheme, &hash.hash(&[message])),
            (SignerInput::Digest, None) => return Err(SignError::Scheme(scheme)),
        };
        signed.map_err(|failure| {
            let (words, why) = match failure {
                SignerFailure::Scheme => (None, SignError::Scheme(scheme)),
                SignerFailure::Because(reason) => (Some(reason.to_string()), SignError::Because(reason)),
                SignerFailure::Said(reason) => {
                    (Some(reason), SignError::Because("the external signer failed"))
                }
            };
            *self.state.words.lock().unwrap_or_else(PoisonError::into_inner) = words;
            why
        })
    }
}

impl Identity {
    /// From a signer outside of this process and the certificate chain of its key, leaf first. With an
    /// empty chain it is a raw public key until [`Identity::with_chain`] gives it one; a request for a CA
    /// can be made before.
    ///
    /// The signer signs a probe by each of its schemes, so that another key, another scheme and another
    /// encoding are found here and not by a peer; [`SignerPace::Interactive`] ones do not. In a handshake
    /// each signature is verified before it is sent.
    ///
    /// # Errors
    /// A chain that does not parse or is for another key, schemes of another kind of key, or a probe that
    /// the signer refuses or signs wrong.
    pub fn from_external(
        chain: Vec<CertificateDer<'static>>,
        signer: Box<dyn ExternalSigner>,
    ) -> Result<Self, IdentityError> {
        let (input, pace) = (signer.input(), signer.pace());
        let state = Arc::new(External { pace, words: Mutex::new(None) });
        let key = Box::new(Adapter { signer, state: Arc::clone(&state) });
        let mut identity = match chain.is_empty() {
            true => Self::raw_key_from_signer(key)?,
            false => Self::from_signer(chain, key)?,
        };
        identity.external = Some(state);
        if input == SignerInput::Digest
            && let Some(scheme) = identity.schemes().iter().find(|scheme| hash_of(**scheme).is_none())
        {
            return Err(Cause::NeedsMessage { scheme: *scheme }.into());
        }
        match pace {
            SignerPace::Interactive => Ok(identity),
            SignerPace::Immediate | SignerPace::Slow => identity.probed(),
        }
    }

    /// Has the key sign a probe by each of its schemes, and verifies the signatures.
    /// [`Identity::from_external`] does it by itself, [`Identity::from_signer`] does not.
    ///
    /// # Errors
    /// A signature that is refused, of another key, of another scheme or in another encoding.
    pub fn probed(self) -> Result<Self, IdentityError> {
        for scheme in self.schemes() {
            let fault = probe::run(self.signer(), *scheme, VERIFY, &mut SystemRandom);
            if let Err(fault) = fault {
                let words = self.signer_words();
                return Err(Cause::Probe { scheme: *scheme, fault, words }.into());
            }
        }
        Ok(self)
    }

    /// How long a signature takes.
    pub fn signer_pace(&self) -> SignerPace {
        self.external.as_ref().map_or(SignerPace::Immediate, |external| external.pace)
    }

    /// What the external signer said when it last failed. An error of a handshake has only a fixed
    /// sentence.
    pub fn signer_words(&self) -> Option<String> {
        let external = self.external.as_ref()?;
        external.words.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
