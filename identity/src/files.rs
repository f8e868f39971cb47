//! An identity from the files that people have: PEM or DER, PKCS#8 under a passphrase, PKCS#12.

use std::{boxed::Box, path::Path, string::ToString, vec::Vec};

use handclasp_crypto::{Keys, SigningKey};
use handclasp_passphrase::{Passphrase, Passphrases};
use rustls_pki_types::CertificateDer;
use zeroize::Zeroizing;

use crate::{
    Cause, Identity, IdentityError, Input,
    contents::{Contents, Needed},
    identity::read_key,
    input::{self, KeyInput},
    order::arrange,
};

impl Identity {
    /// As [`Identity::from_bytes`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`Identity::from_bytes`].
    pub fn from_bytes_with(
        bytes: &[u8],
        passphrase: &mut dyn Passphrase,
        keys: &dyn Keys,
    ) -> Result<Self, IdentityError> {
        let contents = Contents::read(bytes, Needed::Both, &mut Passphrases::new(passphrase))?;
        Self::assemble(contents.certificates, &contents.keys, keys)
    }

    /// As [`Identity::from_file`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`Identity::from_file`].
    pub fn from_file_with(
        path: impl AsRef<Path>,
        passphrase: &mut dyn Passphrase,
        keys: &dyn Keys,
    ) -> Result<Self, IdentityError> {
        let path = path.as_ref();
        let loaded = read_key(path).and_then(|bytes| Self::from_bytes_with(&bytes, passphrase, keys));
        loaded.map_err(|error| error.of_files(path, path))
    }

    /// As [`Identity::from_files`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`Identity::from_files`].
    pub fn from_files_with(
        certificate: impl AsRef<Path>,
        key: impl AsRef<Path>,
        passphrase: &mut dyn Passphrase,
        keys: &dyn Keys,
    ) -> Result<Self, IdentityError> {
        let (certificate, key) = (certificate.as_ref(), key.as_ref());
        if certificate == key {
            return Self::from_file_with(key, passphrase, keys);
        }
        let mut passphrases = Passphrases::new(passphrase);
        let mut loaded = || {
            let chain = read_certificates(certificate, &mut passphrases)?;
            let secret = read_key(key)?;
            let contents = Contents::read(&secret, Needed::Keys, &mut passphrases)?;
            Self::assemble(chain, &contents.keys, keys)
        };
        loaded().map_err(|error| error.of_files(certificate, key))
    }

    /// As [`Identity::raw_key_from_file`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`Identity::raw_key_from_file`].
    pub fn raw_key_from_file_with(
        path: impl AsRef<Path>,
        passphrase: &mut dyn Passphrase,
        keys: &dyn Keys,
    ) -> Result<Self, IdentityError> {
        let path = path.as_ref();
        let mut loaded = || {
            let contents = Contents::read(&read_key(path)?, Needed::Keys, &mut Passphrases::new(passphrase))?;
            let key = contents.keys.first().ok_or(Cause::Alone { lacks: Input::Key })?;
            let signer = keys.load(key.encoding, &key.der).map_err(Cause::Key)?;
            Self::own_raw_key(signer)
        };
        loaded().map_err(|error| error.of_files(path, path))
    }

    /// The key that belongs to one of the certificates, and the chain in the order of peers.
    fn assemble(
        chain: Vec<CertificateDer<'static>>,
        found: &[KeyInput],
        keys: &dyn Keys,
    ) -> Result<Self, IdentityError> {
        let mut first: Option<Result<Box<dyn SigningKey>, Cause>> = None;
        for key in found {
            let signer = keys.load(key.encoding, &key.der).map_err(Cause::Key);
            let is_of_chain = signer.as_ref().is_ok_and(|signer| {
                chain.iter().any(|certificate| {
                    input::public_key(certificate).is_some_and(|own| own == signer.public_key())
                })
            });
            if is_of_chain || first.is_none() {
                first = Some(signer);
            }
            if is_of_chain {
                break;
            }
        }
        let signer = first.unwrap_or(Err(Cause::Alone { lacks: Input::Key }))?;
        let chain = arrange(chain, signer.public_key());
        Self::own_key(chain, signer)
    }
}

/// The certificates of a file, which may hold a key too.
fn read_certificates(
    path: &Path,
    passphrases: &mut Passphrases<'_>,
) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    let unreadable =
        |error: std::io::Error| Cause::Unreadable { input: Input::Certificate, reason: error.to_string() };
    let bytes = Zeroizing::new(std::fs::read(path).map_err(unreadable)?);
    Ok(Contents::read(&bytes, Needed::Certificates, passphrases)?.certificates)
}
