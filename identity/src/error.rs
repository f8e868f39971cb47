//! Why a certificate and a key make no identity. The sentences stand in `words`.

use alloc::string::String;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{KeyError, KeyKind, SignError};

use crate::Found;

/// Why there is no identity, and from which files it was to come.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentityError {
    /// What is wrong.
    pub cause: Cause,
    /// The file of the certificate, where it came from one.
    pub certificate_file: Option<String>,
    /// The file of the key.
    pub key_file: Option<String>,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// The certificate chain.
    Certificate,
    /// The private key.
    Key,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// A file cannot be read.
    Unreadable {
        /// Which.
        input: Input,
        /// The operating system's words.
        reason: String,
    },
    /// Something else than a certificate or a private key.
    NotExpected {
        /// What was expected.
        input: Input,
        /// What came.
        found: Found,
    },
    /// A damaged PEM section.
    BrokenPem {
        /// Where.
        input: Input,
    },
    /// A certificate of the chain that does not parse.
    BrokenCertificate {
        /// Which, counted from 0.
        index: usize,
    },
    /// The leaf's key is of a kind that we do not do.
    CertificateKey,
    /// The private key is encrypted, and no passphrase was given.
    Encrypted,
    /// The passphrase is wrong, or the encrypted bytes are damaged.
    WrongPassphrase {
        /// Where.
        input: Input,
    },
    /// An encryption that is not read here.
    UnsupportedEncryption {
        /// Where.
        input: Input,
        /// What is encrypted: PKCS#12, a key in PKCS#8, or a key in the older encryption of OpenSSL.
        found: Found,
        /// Its name, or why it costs too much.
        algorithm: String,
    },
    /// PKCS#12 that is damaged, or not in DER.
    BrokenPkcs12 {
        /// Where.
        input: Input,
        /// The byte.
        offset: usize,
        /// The field that is expected there.
        field: &'static str,
    },
    /// A file for certificate and key that holds only one of the two.
    Alone {
        /// The other one.
        lacks: Input,
    },
    /// The private key cannot be used.
    Key(KeyError),
    /// The key is of another kind than the certificate's.
    OtherKind {
        /// The certificate's.
        certificate: KeyKind,
        /// The key's.
        key: KeyKind,
    },
    /// The key is of the certificate's kind, but another one.
    OtherKey {
        /// The kind of both.
        kind: KeyKind,
    },
    /// The signer names a scheme that its kind of key cannot sign by.
    SignerScheme {
        /// The key's kind.
        key: KeyKind,
        /// What it names.
        scheme: SignatureScheme,
    },
    /// The signer names no scheme at all.
    NoScheme {
        /// The key's kind.
        key: KeyKind,
    },
    /// The signer's public key holds its point inside an extra OCTET STRING.
    WrappedPoint,
    /// The signer takes only hash values, and this scheme signs the message itself.
    NeedsMessage {
        /// What it names.
        scheme: SignatureScheme,
    },
    /// The signer signed a probe wrong, or not at all.
    Probe {
        /// The scheme that it was asked for.
        scheme: SignatureScheme,
        /// What is wrong.
        fault: ProbeFault,
        /// What the signer said.
        words: Option<String>,
    },
    /// The key belongs to a certificate further behind.
    Order {
        /// Which, counted from 0.
        index: usize,
    },
}

/// What is wrong with the signature of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProbeFault {
    /// The signer made none.
    Refused(SignError),
    /// r and s concatenated, where DER is expected.
    RawEcdsa,
    /// No signature of such a key has this form, by its length or its structure.
    OtherForm {
        /// Its length in bytes.
        length: usize,
    },
    /// A signature of the right key by this scheme.
    OtherScheme(SignatureScheme),
    /// A signature of the right key over the hash value in place of the message: the signer hashes what was
    /// hashed already.
    HashedTwice,
    /// A signature by another key, or over something else.
    OtherKey,
    /// Nothing here verifies this scheme.
    Unverifiable,
}

impl From<Cause> for IdentityError {
    fn from(cause: Cause) -> Self {
        Self { cause, certificate_file: None, key_file: None }
    }
}

#[cfg(feature = "std")]
impl IdentityError {
    /// With the names of the files.
    pub(crate) fn of_files(self, certificate: &std::path::Path, key: &std::path::Path) -> Self {
        use alloc::string::ToString as _;
        Self {
            certificate_file: Some(certificate.display().to_string()),
            key_file: Some(key.display().to_string()),
            ..self
        }
    }
}

impl core::error::Error for IdentityError {}

/// As `Display`: what `?` in `main` prints.
impl core::fmt::Debug for IdentityError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}
