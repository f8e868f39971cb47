//! A certificate chain and the key that belongs to it, checked against each other once, at load.

#[cfg(feature = "std")]
use alloc::string::ToString;
use alloc::{boxed::Box, vec::Vec};
use core::fmt;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{
    KeyEncoding, KeyKind, Keys, PublicKey, Random, SignError, SigningKey, SpkiError, Verify, is_wrapped_point,
};

use crate::{Cause, IdentityError, input};

/// Who we are.
pub struct Identity {
    chain: Vec<Vec<u8>>,
    kind: KeyKind,
    signer: Box<dyn SigningKey>,
    ocsp_response: Option<Vec<u8>>,
    /// Whether the signer is not a provider's, so that each of its signatures is verified.
    is_foreign: bool,
}

impl Identity {
    /// From PEM, or DER, of a certificate chain (leaf first) and of a private key in PKCS#8,
    /// SEC1 or PKCS#1. Both may be the same text.
    ///
    /// # Errors
    /// Something else than that, or a key that does not belong to the leaf.
    pub fn from_pem(certificate: &[u8], key: &[u8], keys: &dyn Keys) -> Result<Self, IdentityError> {
        let chain = input::certificates(certificate)?;
        let key = input::key(key)?;
        Self::from_der(chain, key.encoding, &key.der, keys)
    }

    /// From DER certificates, leaf first, and a DER key.
    ///
    /// # Errors
    /// A certificate or key that does not parse, or a key that does not belong to the leaf.
    pub fn from_der(
        chain: Vec<Vec<u8>>,
        encoding: KeyEncoding,
        key: &[u8],
        keys: &dyn Keys,
    ) -> Result<Self, IdentityError> {
        let signer = keys.load(encoding, key).map_err(Cause::Key)?;
        Ok(Self { is_foreign: false, ..Self::from_signer(chain, signer)? })
    }

    /// From DER certificates, leaf first, and any signer: also one whose key never leaves its
    /// hardware.
    ///
    /// # Errors
    /// A certificate that does not parse, a signer whose key is not the leaf's, or one that names
    /// schemes of another kind of key.
    pub fn from_signer(chain: Vec<Vec<u8>>, signer: Box<dyn SigningKey>) -> Result<Self, IdentityError> {
        let kind = check(&chain, signer.public_key())?;
        check_schemes(kind, signer.schemes())?;
        Ok(Self { chain, kind, signer, ocsp_response: None, is_foreign: true })
    }

    /// A key without a certificate, for raw public keys (RFC 7250): a peer knows it by its pin.
    ///
    /// # Errors
    /// No private key, or one of a kind that is not supported.
    pub fn raw_key_from_pem(key: &[u8], keys: &dyn Keys) -> Result<Self, IdentityError> {
        let key = input::key(key)?;
        let signer = keys.load(key.encoding, &key.der).map_err(Cause::Key)?;
        Ok(Self { is_foreign: false, ..Self::raw_key(signer)? })
    }

    /// As [`Identity::raw_key_from_pem`], from any signer.
    ///
    /// # Errors
    /// A key of a kind that is not supported.
    pub fn raw_key(signer: Box<dyn SigningKey>) -> Result<Self, IdentityError> {
        let unsupported = |_| Cause::Key(handclasp_crypto::KeyError::Unsupported);
        if is_wrapped_point(signer.public_key()) {
            return Err(Cause::WrappedPoint.into());
        }
        let kind = PublicKey::from_spki(signer.public_key()).map_err(unsupported)?.kind;
        check_schemes(kind, signer.schemes())?;
        Ok(Self { chain: Vec::new(), kind, signer, ocsp_response: None, is_foreign: true })
    }

    /// As [`Identity::raw_key_from_pem`], from a file.
    ///
    /// # Errors
    /// As there, or a file that cannot be read or that other users can read; see
    /// [`crate::private_file`]. The error names the file.
    #[cfg(feature = "std")]
    pub fn raw_key_from_file(
        key: impl AsRef<std::path::Path>,
        keys: &dyn Keys,
    ) -> Result<Self, IdentityError> {
        let key = key.as_ref();
        let loaded = read_key(key).and_then(|pem| Self::raw_key_from_pem(&pem, keys));
        loaded.map_err(|error| IdentityError { key_file: Some(key.display().to_string()), ..error })
    }

    /// From files; see [`Identity::from_pem`].
    ///
    /// # Errors
    /// As there, or a file that cannot be read, or a file of a key that other users can read; see
    /// [`crate::private_file`]. The error names the files.
    #[cfg(feature = "std")]
    pub fn from_files(
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
            // Files given in each other's place are told as that, not by the mode of the "key".
            crate::input::certificates(&chain)?;
            let secret = read_key(key)?;
            Self::from_pem(&chain, &secret, keys)
        };
        loaded().map_err(|error| IdentityError {
            certificate_file: Some(certificate.display().to_string()),
            key_file: Some(key.display().to_string()),
            ..error
        })
    }

    /// A new P-256 key and a certificate signed by itself, for these DNS names and addresses;
    /// see [`crate::self_signed`], which also hands out the key, to be kept.
    ///
    /// # Errors
    /// A name that is none, or randomness or library failed.
    #[cfg(feature = "std")]
    pub fn self_signed(
        names: &[&str],
        keys: &dyn Keys,
        random: &mut dyn Random,
    ) -> Result<Self, crate::IssueError> {
        crate::self_signed(names, keys, random)?.identity(keys)
    }

    /// DER certificates, leaf first; none for a raw public key.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// Carries an OCSP response (DER) about the leaf, which clients get who ask for one (RFC 6066
    /// §8). It is sent as it is; fetching a new one in time is the caller's.
    #[must_use]
    pub fn with_ocsp_response(mut self, response: impl Into<Vec<u8>>) -> Self {
        self.ocsp_response = Some(response.into()).filter(|response| !response.is_empty());
        self
    }

    /// The OCSP response about the leaf.
    pub fn ocsp_response(&self) -> Option<&[u8]> {
        self.ocsp_response.as_deref()
    }

    /// The kind of the leaf's key.
    pub fn key_kind(&self) -> KeyKind {
        self.kind
    }

    /// What the key can do, in order of preference.
    pub fn schemes(&self) -> &[SignatureScheme] {
        self.signer.schemes()
    }

    /// The leaf's SubjectPublicKeyInfo (DER); its SHA-256 is the pin that a peer needs.
    pub fn spki(&self) -> &[u8] {
        self.signer.public_key()
    }

    /// Signs a whole message.
    ///
    /// # Errors
    /// A scheme that the key cannot do, or the signer failed.
    pub fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        self.signer.sign(scheme, message, random)
    }

    /// As [`Identity::sign`]; what a signer outside of the provider makes is verified by one of
    /// `verify` before it is returned. A key of the provider was held against the certificate when
    /// it was loaded.
    ///
    /// # Errors
    /// As there; a signature that the certificate's key does not verify, or a scheme that nothing
    /// verifies.
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
        let key = PublicKey::from_spki(self.spki()).map_err(|_| SignError::Failed)?;
        let fits = |verify: &&&dyn Verify| verify.scheme() == scheme && verify.key() == key.kind;
        let verify = verify.iter().find(fits).ok_or(SignError::Scheme(scheme))?;
        match verify.verify(key.bits, message, signature) {
            Ok(()) => Ok(()),
            Err(_) if is_raw_ecdsa(key.kind, signature) => Err(SignError::RawEcdsa),
            Err(_) => Err(SignError::DoesNotVerify),
        }
    }
}

/// Whether an ECDSA signature has the length of r and s side by side. A DER signature of the same
/// length begins with its tag, and that length behind it.
fn is_raw_ecdsa(kind: KeyKind, signature: &[u8]) -> bool {
    let raw = match kind {
        KeyKind::P256 => 64,
        KeyKind::P384 => 96,
        KeyKind::P521 => 132,
        KeyKind::Ed25519 | KeyKind::Rsa | KeyKind::RsaPss => return false,
    };
    let is_der = signature.starts_with(&[0x30])
        && signature.get(1).is_some_and(|length| usize::from(*length).saturating_add(2) == raw);
    signature.len() == raw && !is_der
}

/// Whether the signer names schemes, and only those of its kind of key.
fn check_schemes(kind: KeyKind, schemes: &[SignatureScheme]) -> Result<(), Cause> {
    match schemes.iter().find(|scheme| !kind.may_sign_by(**scheme)) {
        Some(scheme) => Err(Cause::SignerScheme { key: kind, scheme: *scheme }),
        None if schemes.is_empty() => Err(Cause::NoScheme { key: kind }),
        None => Ok(()),
    }
}

/// The longest file of a private key: the largest RSA key has 13 KB in PEM, a chain may be in the
/// same file.
#[cfg(feature = "std")]
const KEY_FILE_MAX: usize = 1 << 20;

/// The content of a file with a private key.
#[cfg(feature = "std")]
fn read_key(path: &std::path::Path) -> Result<zeroize::Zeroizing<Vec<u8>>, IdentityError> {
    crate::private_file::read_secret(path, KEY_FILE_MAX).map_err(|error| {
        let reason = error.reason();
        IdentityError::from(Cause::Unreadable { input: crate::Input::Key, reason })
    })
}

/// Whether the key is the leaf's; its kind.
fn check(chain: &[Vec<u8>], key: &[u8]) -> Result<KeyKind, Cause> {
    if is_wrapped_point(key) {
        return Err(Cause::WrappedPoint);
    }
    let mut public_keys = Vec::with_capacity(chain.len());
    for (index, certificate) in chain.iter().enumerate() {
        public_keys.push(input::public_key(certificate).ok_or(Cause::BrokenCertificate { index })?);
    }
    // An empty chain has no first certificate either.
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
