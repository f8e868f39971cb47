//! The content of `identity.pem`: parsing, writing, renewal and rotation.

use std::{
    string::{String, ToString},
    vec::Vec,
};

use handclasp_crypto::{KeyEncoding, KeyKind};
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::EndEntityCert;
use zeroize::Zeroizing;

use super::FolderProblem;
use crate::{
    CertificateParams, Identity, IssueError, KeyRotation, SubjectField, Validity,
    default_provider::{KEYS, SystemRandom, VERIFY},
    input,
    issue::{NewKey, leaf},
    signer::self_signed,
    to_pem,
};

/// The line with the name of the device.
const NAME: &str = "Name: ";

/// The parsed file.
pub(super) struct Content {
    pub(super) name: String,
    pub(super) identity: Identity,
    pub(super) rotations: Vec<KeyRotation>,
    /// PKCS#8, SEC1 or PKCS#1, in PEM.
    key: Zeroizing<String>,
}

/// Whether a device can have that name: it becomes the common name of its certificate.
pub(super) fn check_name(name: &str) -> Result<(), FolderProblem> {
    match name.chars().any(char::is_control) || name.is_empty() || name.len() > 253 {
        true => Err(FolderProblem::Name(String::from(name))),
        false => Ok(()),
    }
}

/// Makes the certificate of `key`. A DNS name or an address becomes a subjectAltName, any other name only
/// the common name: peers of a device pin its key.
fn certificate(name: &str, validity: Validity, key: &NewKey) -> Result<CertificateDer<'static>, IssueError> {
    let names = [name];
    let params = CertificateParams::new(&names).with_validity(validity);
    let fields = match leaf(&params, &mut SystemRandom) {
        Err(IssueError::Name(_)) => {
            let subject = [(SubjectField::CommonName, name)];
            leaf(
                &CertificateParams::new(&[]).with_validity(validity).with_subject(&subject),
                &mut SystemRandom,
            )?
        }
        other => other?,
    };
    self_signed(&fields, &*key.signer, &[], &mut SystemRandom)
}

impl Content {
    /// Certifies a key.
    pub(super) fn certify(
        name: &str,
        key: NewKey,
        rotations: Vec<KeyRotation>,
    ) -> Result<Self, FolderProblem> {
        let chain = Vec::from([certificate(name, Validity::starting_now(), &key)?]);
        let pem = to_pem("PRIVATE KEY", &key.pkcs8);
        let identity = Identity::from_pem_with(certificates_pem(&chain).as_bytes(), pem.as_bytes(), KEYS)?;
        Ok(Self { name: name.to_string(), identity, rotations, key: pem })
    }

    /// Reads the file.
    pub(super) fn parse(pem: &[u8]) -> Result<Self, FolderProblem> {
        let identity = Identity::from_pem_with(pem, pem, KEYS)?;
        let key = input::key(pem).map_err(crate::IdentityError::from)?;
        let text = pem.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(NAME.as_bytes()));
        let name = String::from_utf8_lossy(text.unwrap_or_default()).trim().to_string();
        let rotations = KeyRotation::all_from_pem_with(pem, VERIFY)?;
        Ok(Self { name, identity, rotations, key: to_pem(label(key.encoding), &key.der) })
    }

    /// The file. Text outside of sections is for people, and other programs skip it.
    pub(super) fn pem(&self) -> Zeroizing<String> {
        let rotations: String = self.rotations.iter().map(KeyRotation::pem).collect();
        let certificates = self.certificates_pem();
        let head = "The identity of a device: keep this file secret, it holds the private key.";
        let length = [head, NAME, &self.name, &self.key, &certificates, &rotations].map(str::len);
        // Room for all of it: what grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(length.iter().sum::<usize>() + 2));
        for part in [head, "\n", NAME, &self.name, "\n", &self.key, &certificates, &rotations] {
            *text += part;
        }
        text
    }

    /// The chain.
    pub(super) fn certificates_pem(&self) -> String {
        certificates_pem(self.identity.chain())
    }

    /// The same key with a new certificate.
    pub(super) fn renewed(self, validity: Validity) -> Result<Self, FolderProblem> {
        self.own_name()?;
        let key = input::key(self.key.as_bytes()).map_err(crate::IdentityError::from)?;
        let signer = KEYS.load(key.encoding, &key.der).map_err(IssueError::Key)?;
        let key = NewKey { pkcs8: key.der, signer };
        let chain = Vec::from([certificate(&self.name, validity, &key)?]);
        self.with_chain(chain)
    }

    /// A new key, and the statement that it follows the present one.
    pub(super) fn rotated(self, kind: KeyKind, time: UnixTime) -> Result<(Self, KeyRotation), FolderProblem> {
        self.own_name()?;
        let key = NewKey::make(kind, KEYS, &mut SystemRandom)?;
        let statement = KeyRotation::sign(self.identity.signer(), &*key.signer, time, &mut SystemRandom)?;
        let mut rotations = self.rotations;
        rotations.push(statement.clone());
        Ok((Self::certify(&self.name, key, rotations)?, statement))
    }

    /// The same key with this chain.
    pub(super) fn with_chain(self, chain: Vec<CertificateDer<'static>>) -> Result<Self, FolderProblem> {
        Ok(Self { identity: self.identity.with_chain(chain)?, ..self })
    }

    /// Whether a certificate can be made here: the name is known, and no CA issued the present one.
    fn own_name(&self) -> Result<(), FolderProblem> {
        if self.name.is_empty() {
            return Err(FolderProblem::NoName);
        }
        let leaf = self.identity.chain().first().and_then(|der| EndEntityCert::try_from(der).ok());
        match leaf.is_some_and(|leaf| leaf.issuer() == leaf.subject()) {
            true => Ok(()),
            false => Err(FolderProblem::IssuedByAuthority),
        }
    }
}

fn certificates_pem(chain: &[CertificateDer<'_>]) -> String {
    chain.iter().map(|der| String::from(to_pem("CERTIFICATE", der).as_str())).collect()
}

/// The PEM label of a private key in that encoding.
fn label(encoding: KeyEncoding) -> &'static str {
    match encoding {
        KeyEncoding::Pkcs8 => "PRIVATE KEY",
        KeyEncoding::Sec1 => "EC PRIVATE KEY",
        KeyEncoding::Pkcs1 => "RSA PRIVATE KEY",
    }
}
