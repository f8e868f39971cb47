//! Our identities by the flags.

use std::path::PathBuf;

use handclasp::{CertificateParams, Identity};
use handclasp_identity::KeyLocation;

use super::{elsewhere, files};
use crate::{
    args::{OwnFiles, OwnKey},
    exit::Failure,
};

/// The flags that name our keys and certificates.
pub struct OwnFlags<'a> {
    pub own: &'a OwnKey,
    pub cert: &'a [PathBuf],
    pub key: &'a [PathBuf],
    /// A key may stand alone.
    pub raw_key: bool,
    pub self_signed: Option<&'a str>,
}

impl<'a> OwnFlags<'a> {
    /// Those of a command.
    pub fn of(files: &'a OwnFiles, self_signed: Option<&'a str>) -> Self {
        Self { own: &files.own, cert: &files.cert, key: &files.key, raw_key: false, self_signed }
    }

    /// Whether one of them is given.
    pub fn are_given(&self) -> bool {
        !self.cert.is_empty() || self.sources().iter().any(|(is_given, _)| *is_given)
    }

    fn sources(&self) -> [(bool, &'static str); 5] {
        let elsewhere = &self.own.elsewhere;
        [
            (self.own.identity.is_some(), "--identity"),
            (elsewhere.pkcs11.is_some(), "--pkcs11"),
            (elsewhere.agent.is_some(), "--agent"),
            (elsewhere.signer.is_some(), "--signer"),
            (!self.key.is_empty(), "--key"),
        ]
    }

    /// Our identities.
    pub fn load(&self) -> Result<Vec<Identity>, Failure> {
        self.without_contradiction()?;
        if let Some(folder) = &self.own.identity {
            let loaded = elsewhere::folder(folder, &self.own.access).load();
            return loaded
                .map(|one| vec![one])
                .map_err(|error| elsewhere::folder_refused("--identity: ", error));
        }
        if let Some((flag, location)) = elsewhere::named(&self.own.elsewhere) {
            return self.elsewhere(flag, &location).map(|one| vec![one]);
        }
        match self.self_signed {
            Some(name) => super::self_signed(name),
            None => files::load(self.cert, self.key, self.raw_key, self.own.passphrase.as_deref()),
        }
    }

    /// Flags that exclude each other, by name.
    fn without_contradiction(&self) -> Result<(), Failure> {
        let given: Vec<_> = self.sources().into_iter().filter(|(is_given, _)| *is_given).collect();
        if let [(_, first), (_, second), ..] = given[..] {
            return Err(Failure::usage(format!(
                "{first} and {second} exclude each other: each names our key; remove one of the two"
            )));
        }
        let is_foreign = elsewhere::named(&self.own.elsewhere).is_some();
        let wrong = |first: &str, second: &str, why: &str| {
            Err(Failure::usage(format!("{first} and {second} exclude each other: {why}")))
        };
        if self.own.identity.is_some() && !self.cert.is_empty() {
            return wrong(
                "--identity",
                "--cert",
                "the folder holds the certificate; replace it: handclasp id install",
            );
        }
        if self.self_signed.is_some() {
            if self.own.identity.is_some() {
                return wrong("--identity", "--self-signed", "the folder holds a certificate");
            }
            if !self.cert.is_empty() || !self.key.is_empty() {
                return wrong("--self-signed", "--cert and --key", "remove one of the two");
            }
        }
        let access = &self.own.access;
        let is_folder = self.own.identity.is_some();
        if access.token_pin.is_some() && !is_folder && self.own.elsewhere.pkcs11.is_none() {
            return Err(Failure::usage(
                "--token-pin needs --pkcs11 or --identity: it is the PIN of our key's token",
            ));
        }
        if access.signer_timeout.is_some() && !is_folder && self.own.elsewhere.signer.is_none() {
            return Err(Failure::usage("--signer-timeout needs --signer or --identity"));
        }
        if self.own.passphrase.is_some() && (is_folder || is_foreign || !self.are_given()) {
            return Err(Failure::usage(
                "--passphrase needs --cert or --key: it is the passphrase of that file",
            ));
        }
        match self.cert {
            [_, _, ..] if is_foreign => Err(Failure::usage(format!(
                "--cert: one key was named, expected one --cert, found {}",
                self.cert.len()
            ))),
            _ => Ok(()),
        }
    }

    /// A key elsewhere with the chain of --cert, of its token, or a temporary one.
    fn elsewhere(&self, flag: &str, location: &KeyLocation) -> Result<Identity, Failure> {
        let failed = |error| elsewhere::refused(flag, &error);
        let chain = match self.cert.first() {
            Some(file) => {
                Identity::chain_from_file(file).map_err(|error| Failure::usage(format!("--cert: {error}")))?
            }
            None => Vec::new(),
        };
        let identity = elsewhere::open(location, &self.own.access, chain).map_err(failed)?;
        if let Some(name) = self.self_signed {
            let failed =
                |error: &dyn std::fmt::Display| Failure::usage(format!("--self-signed {name}: {error}"));
            let certificate = identity.self_signed_certificate(&CertificateParams::new(&[name]));
            let certificate = certificate.map_err(|error| failed(&error))?;
            return identity.with_chain(vec![certificate]).map_err(|error| failed(&error));
        }
        if identity.chain().is_empty() && !self.raw_key {
            let reason = match location {
                KeyLocation::Pkcs11(_) => "the token has no certificate with the CKA_ID of the key",
                _ => "the key has no certificate",
            };
            return Err(Failure::usage(format!(
                "{flag}: {reason}: pass --cert FILE, or --raw-key to use the key without one (RFC 7250)\n  to make a \
                 request for a CA or a self-signed certificate: handclasp id new DIR --name NAME {flag} …"
            )));
        }
        Ok(identity)
    }
}
