//! The content of `identity.pem`: parsing, writing, renewal and rotation.

use std::{
    string::{String, ToString},
    vec::Vec,
};

use handclasp_crypto::{KeyEncoding, KeyKind, SigningKey, Verify};
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::EndEntityCert;
use zeroize::Zeroizing;

use super::{FolderProblem, KeyLocation, KeyOpener};
use crate::{
    CertificateParams, CertificateRequest, Identity, IdentityError, IssueError, KeyRotation, SubjectField,
    Validity,
    default_provider::{KEYS, SystemRandom, VERIFY},
    identity, input,
    issue::NewKey,
    to_pem,
};

/// The line with the name of the device.
const NAME: &str = "Name: ";
/// The line with the location of a key elsewhere.
const KEY: &str = "Key: ";
/// The first line, for people.
const HEAD_SECRET: &str = "The identity of a device: keep this file secret, it holds the private key.";
const HEAD_ELSEWHERE: &str =
    "The identity of a device. Its private key is elsewhere: this file holds no secret.";

/// The parsed file.
pub(super) struct Content {
    pub(super) name: String,
    pub(super) key: StoredKey,
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) rotations: Vec<KeyRotation>,
}

/// The private key of the file.
pub(super) enum StoredKey {
    /// PKCS#8, SEC1 or PKCS#1, in PEM.
    Here(Zeroizing<String>),
    Elsewhere(KeyLocation),
}

/// Whether a device can have that name: it becomes the common name of its certificate.
pub(super) fn check_name(name: &str) -> Result<(), FolderProblem> {
    match name.chars().any(char::is_control) || name.is_empty() || name.len() > 253 {
        true => Err(FolderProblem::Name(String::from(name))),
        false => Ok(()),
    }
}

/// What is made for a device of that name. A DNS name or an address becomes a subjectAltName, any other name
/// only the common name: peers of a device pin its key.
fn for_name<T>(
    name: &str,
    make: impl Fn(&CertificateParams<'_>) -> Result<T, IssueError>,
) -> Result<T, IssueError> {
    match make(&CertificateParams::new(&[name])) {
        Err(IssueError::Name(_)) => {
            make(&CertificateParams::new(&[]).with_subject(&[(SubjectField::CommonName, name)]))
        }
        other => other,
    }
}

/// A request for the name.
pub(super) fn request(name: &str, identity: &Identity) -> Result<CertificateRequest, IssueError> {
    for_name(name, |params| identity.certificate_request(params))
}

/// Makes the self-signed certificate of a key. Signatures are verified by `verify`.
fn certificate(
    name: &str,
    validity: Validity,
    key: &dyn SigningKey,
    verify: &[&dyn Verify],
) -> Result<CertificateDer<'static>, IssueError> {
    for_name(name, |params| {
        let fields = crate::issue::leaf(&params.with_validity(validity), &mut SystemRandom)?;
        crate::signer::self_signed(&fields, key, verify, &mut SystemRandom)
    })
}

impl Content {
    /// Certifies a new key.
    pub(super) fn certify(
        name: &str,
        validity: Validity,
        key: NewKey,
        rotations: Vec<KeyRotation>,
    ) -> Result<Self, FolderProblem> {
        let chain = Vec::from([certificate(name, validity, &*key.signer, &[])?]);
        let key = StoredKey::Here(to_pem("PRIVATE KEY", &key.pkcs8));
        Ok(Self { name: name.to_string(), key, chain, rotations })
    }

    /// Certifies a key elsewhere, unless a certificate came with it.
    pub(super) fn certify_elsewhere(
        name: &str,
        validity: Validity,
        location: KeyLocation,
        identity: &Identity,
        rotations: Vec<KeyRotation>,
    ) -> Result<Self, FolderProblem> {
        let chain = match identity.chain() {
            [] => Vec::from([certificate(name, validity, identity.signer(), VERIFY)?]),
            chain => chain.to_vec(),
        };
        Ok(Self { name: name.to_string(), key: StoredKey::Elsewhere(location), chain, rotations })
    }

    /// Reads the file.
    pub(super) fn parse(pem: &[u8]) -> Result<Self, FolderProblem> {
        let value = |label: &str| {
            let mut lines = pem.split(|byte| *byte == b'\n');
            let found = lines.find_map(|line| line.strip_prefix(label.as_bytes()));
            found.map(|text| String::from_utf8_lossy(text).trim().to_string())
        };
        let name = value(NAME).unwrap_or_default();
        let rotations = || KeyRotation::all_from_pem_with(pem, VERIFY);
        if let Some(text) = value(KEY) {
            if input::key(pem).is_ok() {
                let expected = "expected either this line or a private key, found both";
                return Err(FolderProblem::Location { text, expected });
            }
            let location = text.parse().map_err(|expected| FolderProblem::Location { text, expected })?;
            let chain = input::certificates(pem).map_err(IdentityError::from)?;
            // Each of them parses.
            let leaf = chain.first().and_then(|leaf| input::public_key(leaf)).unwrap_or_default();
            identity::check(&chain, &leaf).map_err(IdentityError::from)?;
            return Ok(Self { name, key: StoredKey::Elsewhere(location), chain, rotations: rotations()? });
        }
        let identity = Identity::from_pem_with(pem, pem, KEYS)?;
        let key = input::key(pem).map_err(IdentityError::from)?;
        let key = StoredKey::Here(to_pem(label(key.encoding), &key.der));
        Ok(Self { name, key, chain: identity.chain().to_vec(), rotations: rotations()? })
    }

    /// The file. Text outside of sections is for people, and other programs skip it.
    pub(super) fn pem(&self) -> Zeroizing<String> {
        let rotations = self.rotations_pem();
        let certificates = self.certificates_pem();
        let elsewhere;
        let (head, key) = match &self.key {
            StoredKey::Here(key) => (HEAD_SECRET, key.as_str()),
            StoredKey::Elsewhere(location) => {
                elsewhere = std::format!("{KEY}{location}\n");
                (HEAD_ELSEWHERE, elsewhere.as_str())
            }
        };
        let length = [head, NAME, &self.name, key, &certificates, &rotations].map(str::len);
        // Room for all of it: what grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(length.iter().sum::<usize>() + 2));
        for part in [head, "\n", NAME, &self.name, "\n", key, &certificates, &rotations] {
            *text += part;
        }
        text
    }

    /// The chain.
    pub(super) fn certificates_pem(&self) -> String {
        certificates_pem(&self.chain)
    }

    /// The statements.
    pub(super) fn rotations_pem(&self) -> String {
        self.rotations.iter().map(KeyRotation::pem).collect()
    }

    /// SubjectPublicKeyInfo of the leaf.
    pub(super) fn spki(&self) -> Vec<u8> {
        self.chain.first().and_then(|leaf| input::public_key(leaf)).unwrap_or_default()
    }

    /// Where the key is.
    pub(super) fn location(&self) -> KeyLocation {
        match &self.key {
            StoredKey::Here(_) => KeyLocation::File,
            StoredKey::Elsewhere(location) => location.clone(),
        }
    }

    /// Opens the key.
    pub(super) fn open(&self, opener: Option<&KeyOpener>) -> Result<Identity, FolderProblem> {
        let location = match &self.key {
            StoredKey::Here(pem) => {
                let chain = certificates_pem(&self.chain);
                return Ok(Identity::from_pem_with(chain.as_bytes(), pem.as_bytes(), KEYS)?);
            }
            StoredKey::Elsewhere(location) => location,
        };
        let opened = match opener {
            Some(opener) => opener(location, self.chain.clone()),
            None => location.open(self.chain.clone()),
        };
        let failed = |error| FolderProblem::Key { location: location.clone(), error };
        let identity = opened.map_err(failed)?;
        // An opener of the program may have opened something else.
        identity.with_chain(self.chain.clone()).map_err(|error| failed(error.into()))
    }

    /// The same key with a new certificate.
    pub(super) fn renewed(
        self,
        validity: Validity,
        opener: Option<&KeyOpener>,
    ) -> Result<Self, FolderProblem> {
        self.own_name()?;
        let identity = self.open(opener)?;
        let verify = identity.verified_by(VERIFY);
        let chain = Vec::from([certificate(&self.name, validity, identity.signer(), verify)?]);
        self.with_chain(chain)
    }

    /// A new key in the file, and the statement that it follows the present one.
    pub(super) fn rotated(
        self,
        kind: KeyKind,
        validity: Validity,
        opener: Option<&KeyOpener>,
    ) -> Result<(Self, KeyRotation), FolderProblem> {
        self.own_name()?;
        if let StoredKey::Elsewhere(location) = self.key {
            return Err(FolderProblem::Elsewhere(location));
        }
        let key = NewKey::make(kind, KEYS, &mut SystemRandom)?;
        let statement = self.statement(&*key.signer, opener)?;
        let rotations = self.rotations.into_iter().chain([statement.clone()]).collect();
        Ok((Self::certify(&self.name, validity, key, rotations)?, statement))
    }

    /// A key elsewhere in place of the present one, and the statement.
    pub(super) fn rotated_to(
        self,
        location: KeyLocation,
        validity: Validity,
        new: &Identity,
        opener: Option<&KeyOpener>,
    ) -> Result<(Self, KeyRotation), FolderProblem> {
        self.own_name()?;
        let statement = self.statement(new.signer(), opener)?;
        let rotations = self.rotations.into_iter().chain([statement.clone()]).collect();
        Ok((Self::certify_elsewhere(&self.name, validity, location, new, rotations)?, statement))
    }

    /// The statement that `new` follows the present key, verified: keys elsewhere may sign wrong.
    fn statement(
        &self,
        new: &dyn SigningKey,
        opener: Option<&KeyOpener>,
    ) -> Result<KeyRotation, FolderProblem> {
        let now = UnixTime::since_unix_epoch(std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default());
        let present = self.open(opener)?;
        let made = KeyRotation::sign(present.signer(), new, now, &mut SystemRandom)?;
        Ok(KeyRotation::from_bytes(made.as_bytes(), VERIFY)?)
    }

    /// The same key with this chain.
    pub(super) fn with_chain(self, chain: Vec<CertificateDer<'static>>) -> Result<Self, FolderProblem> {
        identity::check(&chain, &self.spki())
            .map_err(|cause| FolderProblem::Chain(std::boxed::Box::new(cause.into())))?;
        Ok(Self { chain, ..self })
    }

    /// Whether a certificate can be made here: the name is known, and no CA issued the present one.
    fn own_name(&self) -> Result<(), FolderProblem> {
        if self.name.is_empty() {
            return Err(FolderProblem::NoName);
        }
        match self.is_self_issued() {
            true => Ok(()),
            false => Err(FolderProblem::IssuedByAuthority),
        }
    }

    /// Whether the leaf names itself as its issuer.
    pub(super) fn is_self_issued(&self) -> bool {
        let leaf = self.chain.first().and_then(|der| EndEntityCert::try_from(der).ok());
        leaf.is_some_and(|leaf| leaf.issuer() == leaf.subject())
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
