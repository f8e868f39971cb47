//! A certificate chain and the key that belongs to it, checked against each other once, at load.

#[cfg(feature = "std")]
use alloc::string::ToString;
use alloc::{boxed::Box, vec::Vec};
use core::fmt;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{
    KeyEncoding, KeyKind, Keys, PublicKey, Random, SignError, SigningKey, SpkiError, Verify,
    is_wrapped_point, verify_signature,
};

use rustls_pki_types::{CertificateDer, PrivateKeyDer, SubjectPublicKeyInfoDer};

use crate::{Cause, IdentityError, input};

/// A certificate chain and the private key of its leaf, or a private key alone (RFC 7250): how this
/// side authenticates.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    kind: KeyKind,
    signer: Box<dyn SigningKey>,
    ocsp_response: Option<Vec<u8>>,
    /// Whether the signer is not a provider's, so that each of its signatures is verified.
    is_foreign: bool,
    /// Where the signer came as an [`crate::ExternalSigner`].
    #[cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
    pub(crate) external: Option<alloc::sync::Arc<crate::external::External>>,
}

impl Identity {
    /// As [`Identity::from_pem`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`Identity::from_pem`].
    pub fn from_pem_with(certificate: &[u8], key: &[u8], keys: &dyn Keys) -> Result<Self, IdentityError> {
        let chain = input::certificates(certificate)?;
        let key = input::key(key)?;
        Self::load(chain, key.encoding, &key.der, keys)
    }

    /// As [`Identity::from_der`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`Identity::from_der`].
    pub fn from_der_with(
        chain: Vec<CertificateDer<'static>>,
        key: &PrivateKeyDer<'_>,
        keys: &dyn Keys,
    ) -> Result<Self, IdentityError> {
        Self::load(chain, input::encoding(key), key.secret_der(), keys)
    }

    fn load(
        chain: Vec<CertificateDer<'static>>,
        encoding: KeyEncoding,
        key: &[u8],
        keys: &dyn Keys,
    ) -> Result<Self, IdentityError> {
        Self::own_key(chain, keys.load(encoding, key).map_err(Cause::Key)?)
    }

    /// With a key of a provider, which needs no check of its signatures.
    pub(crate) fn own_key(
        chain: Vec<CertificateDer<'static>>,
        signer: Box<dyn SigningKey>,
    ) -> Result<Self, IdentityError> {
        Ok(Self { is_foreign: false, ..Self::from_signer(chain, signer)? })
    }

    /// The same without a certificate.
    pub(crate) fn own_raw_key(signer: Box<dyn SigningKey>) -> Result<Self, IdentityError> {
        Ok(Self { is_foreign: false, ..Self::raw_key_from_signer(signer)? })
    }

    /// From a certificate chain, leaf first, and a signer of the caller, such as a key in a TPM,
    /// an HSM or a smart card. Each signature is verified before it is sent.
    ///
    /// # Errors
    /// A certificate that does not parse, a signer whose key is not the leaf's, or a signer that
    /// lists schemes of another kind of key.
    pub fn from_signer(
        chain: Vec<CertificateDer<'static>>,
        signer: Box<dyn SigningKey>,
    ) -> Result<Self, IdentityError> {
        let kind = check(&chain, signer.public_key())?;
        check_schemes(kind, signer.schemes())?;
        Ok(Self::foreign(chain, kind, signer))
    }

    /// As [`Identity::raw_key_from_pem`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`Identity::raw_key_from_pem`].
    pub fn raw_key_from_pem_with(key: &[u8], keys: &dyn Keys) -> Result<Self, IdentityError> {
        let key = input::key(key)?;
        Self::own_raw_key(keys.load(key.encoding, &key.der).map_err(Cause::Key)?)
    }

    /// A raw public key (RFC 7250) whose signer is the caller's; see [`Identity::from_signer`].
    ///
    /// # Errors
    /// A kind of key that is not supported.
    pub fn raw_key_from_signer(signer: Box<dyn SigningKey>) -> Result<Self, IdentityError> {
        let unsupported = |_| Cause::Key(handclasp_crypto::KeyError::Unsupported);
        if is_wrapped_point(signer.public_key()) {
            return Err(Cause::WrappedPoint.into());
        }
        let kind = PublicKey::from_spki(signer.public_key()).map_err(unsupported)?.kind;
        check_schemes(kind, signer.schemes())?;
        Ok(Self::foreign(Vec::new(), kind, signer))
    }

    /// With a signer that is not a provider's.
    fn foreign(chain: Vec<CertificateDer<'static>>, kind: KeyKind, signer: Box<dyn SigningKey>) -> Self {
        Self {
            chain,
            kind,
            signer,
            ocsp_response: None,
            is_foreign: true,
            #[cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
            external: None,
        }
    }

    /// As [`Identity::raw_key_from_pem_file`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`Identity::raw_key_from_pem_file`].
    #[cfg(feature = "std")]
    pub fn raw_key_from_pem_file_with(
        key: impl AsRef<std::path::Path>,
        keys: &dyn Keys,
    ) -> Result<Self, IdentityError> {
        let key = key.as_ref();
        let loaded = read_key(key).and_then(|pem| Self::raw_key_from_pem_with(&pem, keys));
        loaded.map_err(|error| IdentityError { key_file: Some(key.display().to_string()), ..error })
    }

    /// As [`Identity::from_pem_files`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`Identity::from_pem_files`].
    #[cfg(feature = "std")]
    pub fn from_pem_files_with(
        certificate: impl AsRef<std::path::Path>,
        key: impl AsRef<std::path::Path>,
        keys: &dyn Keys,
    ) -> Result<Self, IdentityError> {
        let (certificate, key) = (certificate.as_ref(), key.as_ref());
        let unreadable = |error: std::io::Error| Cause::Unreadable {
            input: crate::Input::Certificate,
            reason: error.to_string(),
        };
        let loaded = || {
            let chain = std::fs::read(certificate).map_err(unreadable)?;
            // Swapped files are reported as such, not by the permissions of the "key".
            let chain = crate::input::certificates(&chain)?;
            let secret = read_key(key)?;
            let key = input::key(&secret)?;
            let signer = keys.load(key.encoding, &key.der).map_err(Cause::Key)?;
            Self::own_key(crate::order::arrange(chain, signer.public_key()), signer)
        };
        loaded().map_err(|error| error.of_files(certificate, key))
    }

    /// The certificates of a file, in its order: the chain of a key that is elsewhere.
    ///
    /// # Errors
    /// A file that cannot be read or holds no certificate. The error names the file.
    #[cfg(feature = "std")]
    pub fn chain_from_file(
        path: impl AsRef<std::path::Path>,
    ) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
        let path = path.as_ref();
        let unreadable = |error: std::io::Error| Cause::Unreadable {
            input: crate::Input::Certificate,
            reason: error.to_string(),
        };
        let read = std::fs::read(path).map_err(unreadable).and_then(|bytes| input::certificates(&bytes));
        read.map_err(|cause| IdentityError {
            certificate_file: Some(path.display().to_string()),
            ..IdentityError::from(cause)
        })
    }

    /// As [`Identity::self_signed`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`Identity::self_signed`].
    #[cfg(feature = "std")]
    pub fn self_signed_with(
        names: &[&str],
        keys: &dyn Keys,
        random: &mut dyn Random,
    ) -> Result<Self, crate::IssueError> {
        let params = crate::CertificateParams::new(names);
        crate::IssuedCertificate::self_signed_with(&params, keys, random)?.identity_with(keys)
    }

    /// The same key with another certificate chain, leaf first: a renewed one, or the answer of a CA to
    /// [`Identity::certificate_request`].
    ///
    /// # Errors
    /// A certificate that does not parse, or a leaf for another key.
    pub fn with_chain(self, chain: Vec<CertificateDer<'static>>) -> Result<Self, IdentityError> {
        check(&chain, self.signer.public_key())?;
        // The OCSP response is about the certificate before.
        Ok(Self { chain, ocsp_response: None, ..self })
    }

    /// The certificate chain, leaf first. Empty for a raw public key.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// Adds an OCSP response (DER) about the leaf, for clients that request one (RFC 6066 §8).
    /// It is sent unchanged; the caller replaces it before it expires.
    #[must_use]
    pub fn with_ocsp_response(mut self, response: impl Into<Vec<u8>>) -> Self {
        self.ocsp_response = Some(response.into()).filter(|response| !response.is_empty());
        self
    }

    /// The OCSP response (DER) about the leaf, if [`Identity::with_ocsp_response`] added one.
    pub fn ocsp_response(&self) -> Option<&[u8]> {
        self.ocsp_response.as_deref()
    }

    /// The kind of the leaf's key.
    pub fn key_kind(&self) -> KeyKind {
        self.kind
    }

    /// The signature schemes of the key, in order of preference.
    pub fn schemes(&self) -> &[SignatureScheme] {
        self.signer.schemes()
    }

    /// Whether the key can sign in TLS 1.3: by RSASSA-PSS, by Ed25519, or by ECDSA with the hash of its
    /// curve (RFC 8446 §4.2.3). Tokens and TPMs may lack RSASSA-PSS; their keys work in TLS 1.2.
    pub fn signs_in_tls13(&self) -> bool {
        self.schemes().iter().any(|scheme| match *scheme {
            SignatureScheme::ecdsa_secp256r1_sha256 => self.kind == KeyKind::P256,
            SignatureScheme::ecdsa_secp384r1_sha384 => self.kind == KeyKind::P384,
            SignatureScheme::ecdsa_secp521r1_sha512 => self.kind == KeyKind::P521,
            SignatureScheme::rsa_pkcs1_sha256
            | SignatureScheme::rsa_pkcs1_sha384
            | SignatureScheme::rsa_pkcs1_sha512 => false,
            // RSASSA-PSS, Ed25519, and what came later.
            _ => true,
        })
    }

    /// The public key of the leaf, or the raw public key. Its SHA-256 is the pin of this identity.
    pub fn spki(&self) -> SubjectPublicKeyInfoDer<'_> {
        SubjectPublicKeyInfoDer::from(self.signer.public_key())
    }

    /// Signs a message; the signer computes its hash.
    ///
    /// # Errors
    /// A scheme that the key does not support, or a failure of the signer.
    pub fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        self.signer.sign(scheme, message, random)
    }

    /// As [`Identity::sign`]. The signature of a [`Identity::from_signer`] key is verified with one
    /// of `verify` before it is returned; keys of the provider were checked against the certificate
    /// when they were loaded.
    ///
    /// # Errors
    /// As [`Identity::sign`]; a signature that does not verify under the certificate's key, or a
    /// scheme that `verify` lacks.
    pub fn sign_verified(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        verify: &[&dyn Verify],
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        let signature = self.sign(scheme, message, random)?;
        if self.is_foreign {
            self.verify(scheme, message, &signature, verify)?;
        }
        Ok(signature)
    }

    /// Verifies a signature over a whole message by the key of this identity, with one of `verify`.
    ///
    /// # Errors
    /// The signature is not of this key, or nothing verifies the scheme.
    pub fn verify(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        signature: &[u8],
        verify: &[&dyn Verify],
    ) -> Result<(), SignError> {
        verify_signature(self.signer.public_key(), scheme, message, signature, verify)
    }

    /// The signer, for what else its key signs.
    #[cfg(feature = "std")]
    pub(crate) fn signer(&self) -> &dyn SigningKey {
        &*self.signer
    }

    /// What verifies the signatures of this identity before they are used: nothing for keys of the
    /// provider, which were checked when they were loaded.
    #[cfg(feature = "std")]
    pub(crate) fn verified_by<'v>(&self, verify: &'v [&'v dyn Verify]) -> &'v [&'v dyn Verify] {
        if self.is_foreign { verify } else { &[] }
    }
}

/// Checks that the signer lists schemes, and only schemes of its kind of key.
fn check_schemes(kind: KeyKind, schemes: &[SignatureScheme]) -> Result<(), Cause> {
    match schemes.iter().find(|scheme| !kind.may_sign_by(**scheme)) {
        Some(scheme) => Err(Cause::SignerScheme { key: kind, scheme: *scheme }),
        None if schemes.is_empty() => Err(Cause::NoScheme { key: kind }),
        None => Ok(()),
    }
}

/// Limit for the file of a private key, in bytes. The largest RSA key takes 13 KB of PEM; a chain may
/// be in the same file.
#[cfg(feature = "std")]
const KEY_FILE_MAX: usize = 1 << 20;

/// Reads the file of a private key.
#[cfg(feature = "std")]
pub(crate) fn read_key(path: &std::path::Path) -> Result<zeroize::Zeroizing<Vec<u8>>, IdentityError> {
    crate::private_file::read_secret(path, KEY_FILE_MAX)
        .or_else(|error| match error.problem {
            crate::private_file::Problem::Mode { .. } => without_secret(path).ok_or(error),
            _ => Err(error),
        })
        .map_err(|error| {
            let reason = error.reason();
            IdentityError::from(Cause::Unreadable { input: crate::Input::Key, reason })
        })
}

/// A file in PEM that others may read, since it has no private key: its reader says what it lacks, which helps more
/// than the advice to protect it.
#[cfg(feature = "std")]
fn without_secret(path: &std::path::Path) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    use std::io::Read as _;

    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    let limit = u64::try_from(KEY_FILE_MAX).unwrap_or(u64::MAX);
    std::fs::File::open(path).ok()?.take(limit).read_to_end(&mut bytes).ok()?;
    let has = |word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
    (has("-----BEGIN CERTIFICATE") && !has("PRIVATE KEY")).then_some(bytes)
}

/// Checks that `key` is the public key of the leaf, and returns its kind.
pub(crate) fn check(chain: &[CertificateDer<'_>], key: &[u8]) -> Result<KeyKind, Cause> {
    if is_wrapped_point(key) {
        return Err(Cause::WrappedPoint);
    }
    let mut public_keys = Vec::with_capacity(chain.len());
    for (index, certificate) in chain.iter().enumerate() {
        public_keys.push(input::public_key(certificate).ok_or(Cause::BrokenCertificate { index })?);
    }
    let leaf = public_keys.first().ok_or(Cause::BrokenCertificate { index: 0 })?;
    let kind = |spki: &[u8]| PublicKey::from_spki(spki).map(|key| key.kind);

    if leaf == key {
        return kind(key).map_err(|_| Cause::CertificateKey);
    }
    if let Some(index) = public_keys.iter().position(|other| other == key) {
        return Err(Cause::Order { index });
    }
    match (kind(leaf), kind(key)) {
        (Ok(certificate), Ok(key)) if certificate != key => Err(Cause::OtherKind { certificate, key }),
        (Ok(kind), Ok(_)) => Err(Cause::OtherKey { kind }),
        (Err(SpkiError::Unsupported), _) => Err(Cause::CertificateKey),
        (Err(SpkiError::Malformed), _) => Err(Cause::BrokenCertificate { index: 0 }),
        (_, Err(_)) => Err(Cause::Key(handclasp_crypto::KeyError::Unsupported)),
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("certificates", &self.chain.len())
            .field("key", &self.kind)
            .finish_non_exhaustive()
    }
}
