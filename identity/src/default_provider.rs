//! The constructors that use the default provider: aws-lc (feature `aws-lc`), else RustCrypto
//! (feature `rustcrypto`). With both features it is aws-lc.

use alloc::vec::Vec;

#[cfg(feature = "aws-lc")]
use handclasp_provider_aws_lc as library;
#[cfg(not(feature = "aws-lc"))]
use handclasp_provider_rustcrypto as library;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

pub(crate) use library::KEYS;
#[cfg(feature = "std")]
pub(crate) use library::{SHA256, SHA384, SHA512, SystemRandom, VERIFY};

#[cfg(feature = "std")]
use crate::{Authority, CertificateParams, CertificateRequest, IssueError, IssuedCertificate, Validity};
use crate::{Identity, IdentityError};

impl Identity {
    /// From the PEM of a certificate chain (leaf first) and the PEM of its private key in PKCS#8,
    /// SEC1 or PKCS#1. Both may be in one text; DER is accepted too.
    ///
    /// # Errors
    /// Text that is not a certificate or a private key, or a key that does not belong to the leaf.
    pub fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self, IdentityError> {
        Self::from_pem_with(certificate, key, KEYS)
    }

    /// From a certificate chain, leaf first, and a private key.
    ///
    /// # Errors
    /// A certificate or key that does not parse, or a key that does not belong to the leaf.
    pub fn from_der(
        chain: Vec<CertificateDer<'static>>,
        key: &PrivateKeyDer<'_>,
    ) -> Result<Self, IdentityError> {
        Self::from_der_with(chain, key, KEYS)
    }

    /// A raw public key (RFC 7250): a private key without a certificate, which peers know by its pin.
    ///
    /// # Errors
    /// Text that is not a private key, or a kind of key that is not supported.
    pub fn raw_key_from_pem(key: &[u8]) -> Result<Self, IdentityError> {
        Self::raw_key_from_pem_with(key, KEYS)
    }
}

#[cfg(feature = "std")]
impl Identity {
    /// From two files, as [`Identity::from_pem`]; the certificates may be in any order. Both paths may be the same
    /// file. `Identity::from_files` (feature `passphrase`) also reads encrypted keys and PKCS#12.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), handclasp_identity::IdentityError> {
    /// use handclasp_identity::Identity;
    ///
    /// let identity = Identity::from_pem_files("cert.pem", "key.pem")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Identity::from_pem`]; a file that cannot be read, or a key file that other users can read,
    /// see [`crate::private_file`]. The error names the files.
    pub fn from_pem_files(
        certificate: impl AsRef<std::path::Path>,
        key: impl AsRef<std::path::Path>,
    ) -> Result<Self, IdentityError> {
        Self::from_pem_files_with(certificate, key, KEYS)
    }

    /// From a file, as [`Identity::raw_key_from_pem`].
    ///
    /// # Errors
    /// As [`Identity::raw_key_from_pem`]; a file that cannot be read, or that other users can read,
    /// see [`crate::private_file`]. The error names the file.
    pub fn raw_key_from_pem_file(key: impl AsRef<std::path::Path>) -> Result<Self, IdentityError> {
        Self::raw_key_from_pem_file_with(key, KEYS)
    }

    /// A new P-256 key and a self-signed certificate for these DNS names and IP addresses, valid for
    /// ten years. [`IssuedCertificate::self_signed`] makes one whose key can be stored.
    ///
    /// ```
    /// # fn main() -> Result<(), handclasp_identity::IssueError> {
    /// use handclasp_identity::Identity;
    ///
    /// let identity = Identity::self_signed(&["device.local", "192.0.2.1"])?;
    /// assert_eq!(identity.chain().len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// An invalid name, or a failure of the random number generator or the crypto library.
    pub fn self_signed(names: &[&str]) -> Result<Self, IssueError> {
        Self::self_signed_with(names, KEYS, &mut SystemRandom)
    }

    /// A request that a CA signs a certificate for this key. Validity and kind of key of `params` are
    /// not used: the CA decides on the one, and the key exists.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use handclasp_identity::{CertificateParams, Identity};
    ///
    /// let identity = Identity::self_signed(&["device.local"])?;
    /// let request = identity.certificate_request(&CertificateParams::new(&["device.example"]))?;
    /// assert!(request.pem().starts_with("-----BEGIN CERTIFICATE REQUEST-----"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// An invalid name or subject, a kind of key that certificates are not written for, a signer that
    /// fails, or a signature of an external signer that does not verify.
    pub fn certificate_request(
        &self,
        params: &CertificateParams<'_>,
    ) -> Result<CertificateRequest, IssueError> {
        self.certificate_request_with(params, VERIFY, &mut SystemRandom)
    }

    /// A certificate for this key, signed by it: a renewal, or the certificate of a key in a token
    /// or behind another signer. [`Identity::with_chain`] makes it the one that peers see.
    ///
    /// # Errors
    /// As [`Identity::certificate_request`].
    pub fn self_signed_certificate(
        &self,
        params: &CertificateParams<'_>,
    ) -> Result<CertificateDer<'static>, IssueError> {
        self.self_signed_certificate_with(params, VERIFY, &mut SystemRandom)
    }
}

#[cfg(feature = "passphrase")]
impl Identity {
    /// From one file with everything: PKCS#12, or PEM with key and chain in any order. The passphrase is asked for if
    /// something is encrypted.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), handclasp_identity::IdentityError> {
    /// use handclasp_identity::{Identity, KnownPassphrase};
    ///
    /// let identity = Identity::from_file("device.p12", &mut KnownPassphrase::new("secret"))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The key is the first one that belongs to a certificate of the file. The chain begins with that certificate,
    /// followed by its issuers.
    ///
    /// # Errors
    /// A file that cannot be read, or that other users can read (see [`crate::private_file`]); a file that holds
    /// something else, or only one of the two; a wrong passphrase, or an encryption that is not supported.
    pub fn from_file(
        path: impl AsRef<std::path::Path>,
        passphrase: &mut dyn crate::Passphrase,
    ) -> Result<Self, IdentityError> {
        Self::from_file_with(path, passphrase, KEYS)
    }

    /// As [`Identity::from_file`], from the content of the file.
    ///
    /// # Errors
    /// As [`Identity::from_file`].
    pub fn from_bytes(bytes: &[u8], passphrase: &mut dyn crate::Passphrase) -> Result<Self, IdentityError> {
        Self::from_bytes_with(bytes, passphrase, KEYS)
    }

    /// From two files: certificates in PEM, DER or PKCS#12, and the key in PEM, DER or PKCS#12, also encrypted. Both
    /// paths may be the same file, as [`Identity::from_file`].
    ///
    /// # Errors
    /// As [`Identity::from_file`], or a key that does not belong to a certificate.
    pub fn from_files(
        certificate: impl AsRef<std::path::Path>,
        key: impl AsRef<std::path::Path>,
        passphrase: &mut dyn crate::Passphrase,
    ) -> Result<Self, IdentityError> {
        Self::from_files_with(certificate, key, passphrase, KEYS)
    }

    /// A raw public key (RFC 7250) from the file of its private key, which may be encrypted.
    ///
    /// # Errors
    /// As [`Identity::from_file`].
    pub fn raw_key_from_file(
        path: impl AsRef<std::path::Path>,
        passphrase: &mut dyn crate::Passphrase,
    ) -> Result<Self, IdentityError> {
        Self::raw_key_from_file_with(path, passphrase, KEYS)
    }
}

#[cfg(feature = "std")]
impl IssuedCertificate {
    /// A new key and a self-signed certificate.
    ///
    /// ```
    /// # fn main() -> Result<(), handclasp_identity::IssueError> {
    /// use handclasp_identity::{CertificateParams, IssuedCertificate};
    ///
    /// let issued = IssuedCertificate::self_signed(&CertificateParams::new(&["device.local"]))?;
    /// assert!(issued.certificate_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// An invalid name, an unsupported kind of key, or a failure of the random number generator or the
    /// crypto library.
    pub fn self_signed(params: &CertificateParams<'_>) -> Result<Self, IssueError> {
        Self::self_signed_with(params, KEYS, &mut SystemRandom)
    }

    /// The chain and key as an [`Identity`].
    ///
    /// # Errors
    /// [`IssueError::Identity`]: the key does not load.
    pub fn identity(&self) -> Result<Identity, IssueError> {
        self.identity_with(KEYS)
    }
}

#[cfg(feature = "std")]
impl Authority {
    /// A root CA of that name with a new key.
    ///
    /// # Errors
    /// A name that is empty or longer than 64 bytes, an unsupported kind of key, or a failure of the
    /// random number generator or the crypto library.
    pub fn new(name: &str, validity: Validity, kind: handclasp_crypto::KeyKind) -> Result<Self, IssueError> {
        Self::new_with(name, validity, kind, KEYS, &mut SystemRandom)
    }

    /// A CA below this one. Chains that it issues include its certificate.
    ///
    /// # Errors
    /// As [`Authority::new`].
    pub fn subordinate(
        &self,
        name: &str,
        validity: Validity,
        kind: handclasp_crypto::KeyKind,
    ) -> Result<Self, IssueError> {
        self.subordinate_with(name, validity, kind, KEYS, &mut SystemRandom)
    }

    /// A new key and a certificate for it, with the chain up to the root.
    ///
    /// # Errors
    /// An invalid name, an unsupported kind of key, or a failure of the random number generator or the
    /// crypto library.
    pub fn issue(&self, params: &CertificateParams<'_>) -> Result<IssuedCertificate, IssueError> {
        self.issue_with(params, KEYS, &mut SystemRandom)
    }
}
