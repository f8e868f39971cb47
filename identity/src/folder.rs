//! The identity of a device in a folder of its own: made on the first start, the same on every later one.
//!
//! | file | content |
//! |---|---|
//! | `identity.pem` | the name, the private key or its location, the certificate chain and the statements of key rotations; mode 0600 |
//! | `certificate.pem` | a copy of the chain, to be given to others |
//! | `rotations.pem` | a copy of the statements, if there are any, to be given to peers that know an older key |
//!
//! Everything that belongs together is in one file, so that one rename changes all of it: a crash leaves
//! the identity of before or the one of after. The file's lock keeps processes apart. Both are files as
//! [`crate::private_file`] demands them.

mod content;
mod create;
mod description;
mod error;
mod location;

use std::{
    path::{Path, PathBuf},
    string::String,
    vec::Vec,
};

use crate::{
    CertificateRequest, Identity, KeyRotation, Validity,
    default_provider::{KEYS, SystemRandom},
    issue::NewKey,
    private_file::{LockedFile, PrivateFile},
};
use handclasp_crypto::KeyKind;
use rustls_pki_types::CertificateDer;

use content::Content;
pub use description::IdentityDescription;
pub use error::{FolderError, FolderProblem};
pub use location::{KeyLocation, KeyOpener, OpenError};

/// Limit of `identity.pem` in bytes: an RSA key, a long chain and some hundred rotations.
const FILE_MAX: usize = 1 << 20;

const IDENTITY: &str = "identity.pem";
const CERTIFICATE: &str = "certificate.pem";
const ROTATIONS: &str = "rotations.pem";

/// A folder that holds the identity of a device.
#[derive(Clone)]
pub struct IdentityFolder {
    path: PathBuf,
    kind: KeyKind,
    validity: Option<Validity>,
    opener: Option<KeyOpener>,
}

impl core::fmt::Debug for IdentityFolder {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("IdentityFolder").field("path", &self.path).finish_non_exhaustive()
    }
}

impl IdentityFolder {
    /// The folder at this path, which need not exist. New keys are P-256.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), kind: KeyKind::P256, validity: None, opener: None }
    }

    /// Sets what opens a key that is not in the file, in place of [`KeyLocation::open`]: a program that asks for
    /// the PIN of a token, or has a signer of its own.
    #[must_use]
    pub fn with_opener(mut self, opener: KeyOpener) -> Self {
        self.opener = Some(opener);
        self
    }

    /// Sets the kind of keys that are made. A key that exists stays as it is.
    #[must_use]
    pub fn with_key_kind(mut self, kind: KeyKind) -> Self {
        self.kind = kind;
        self
    }

    /// Sets the validity of the self-signed certificates of new keys. Without this it is
    /// [`Validity::starting_now`]. A certificate that exists stays as it is.
    #[must_use]
    pub fn with_validity(mut self, validity: Validity) -> Self {
        self.validity = Some(validity);
        self
    }

    fn validity(&self) -> Validity {
        self.validity.unwrap_or_else(Validity::starting_now)
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file with the private key.
    pub fn identity_file(&self) -> PathBuf {
        self.path.join(IDENTITY)
    }

    /// The file with the copy of the certificate chain.
    pub fn certificate_file(&self) -> PathBuf {
        self.path.join(CERTIFICATE)
    }

    /// The file with the copy of the statements, which exists if the key was rotated.
    pub fn rotations_file(&self) -> PathBuf {
        self.path.join(ROTATIONS)
    }

    fn private_file(&self) -> PrivateFile {
        PrivateFile::new(self.identity_file(), FILE_MAX)
    }

    /// The error of this folder.
    fn failed(&self, problem: impl Into<FolderProblem>) -> FolderError {
        FolderError { path: self.path.clone(), problem: problem.into() }
    }

    /// As [`Identity::get_or_create`].
    ///
    /// # Errors
    /// As [`Identity::get_or_create`].
    pub fn get_or_create(&self, name: &str) -> Result<Identity, FolderError> {
        if let Some(content) = self.read()? {
            return self.publish(&content).and_then(|()| self.open(&content));
        }
        content::check_name(name).map_err(|problem| self.failed(problem))?;
        self.make_folder()?;
        let file = self.private_file();
        let mut locked = file.lock().map_err(|error| self.failed(error))?;
        // Another process may have been faster.
        let found = locked.read().map_err(|error| self.failed(error))?;
        if let Some(content) = self.parse(&found)? {
            return self.publish(&content).and_then(|()| self.open(&content));
        }
        let key = NewKey::make(self.kind, KEYS, &mut SystemRandom).map_err(|error| self.failed(error))?;
        let content =
            Content::certify(name, self.validity(), key, Vec::new()).map_err(|error| self.failed(error))?;
        self.replace(locked, &content)?;
        self.open(&content)
    }

    /// The identity that is there.
    ///
    /// # Errors
    /// [`FolderProblem::Missing`], [`FolderProblem::Key`], or as [`Identity::get_or_create`].
    pub fn load(&self) -> Result<Identity, FolderError> {
        self.open(&self.existing()?)
    }

    /// What the folder says of the identity. A key elsewhere is not opened.
    ///
    /// # Errors
    /// [`FolderProblem::Missing`], or a file that cannot be read or is damaged.
    pub fn describe(&self) -> Result<IdentityDescription, FolderError> {
        self.existing().map(IdentityDescription::of)
    }

    /// A request that a CA signs a certificate for the key and the name of the folder. For another subject,
    /// other names or a usage: [`Identity::certificate_request`].
    ///
    /// # Errors
    /// As [`IdentityFolder::load`], or a signer that fails.
    pub fn certificate_request(&self) -> Result<CertificateRequest, FolderError> {
        let content = self.existing()?;
        if content.name.is_empty() {
            return Err(self.failed(FolderProblem::NoName));
        }
        content::request(&content.name, &self.open(&content)?).map_err(|error| self.failed(error))
    }

    fn open(&self, content: &Content) -> Result<Identity, FolderError> {
        content.open(self.opener.as_ref()).map_err(|problem| self.failed(problem))
    }

    /// The name that the identity was made for.
    ///
    /// # Errors
    /// As [`IdentityFolder::load`].
    pub fn name(&self) -> Result<String, FolderError> {
        Ok(self.existing()?.name)
    }

    /// The statements of all rotations so far, the oldest first.
    ///
    /// # Errors
    /// As [`IdentityFolder::load`].
    pub fn rotations(&self) -> Result<Vec<KeyRotation>, FolderError> {
        Ok(self.existing()?.rotations)
    }

    /// Replaces a self-signed certificate by one of that validity. The key stays, and with it the pin.
    ///
    /// # Errors
    /// As [`IdentityFolder::load`], or a certificate that a CA issued.
    pub fn renew(&self, validity: Validity) -> Result<Identity, FolderError> {
        let content = self.change(|content| content.renewed(validity, self.opener.as_ref()))?;
        self.open(&content)
    }

    /// Makes a new key and a self-signed certificate in place of the present ones, and the statement of
    /// the old key that the new one follows. The old key is gone afterwards. A statement is worth nothing
    /// where the old key was stolen: then peers must hear of the new key in another way.
    ///
    /// # Errors
    /// As [`IdentityFolder::renew`]; [`FolderProblem::Elsewhere`] for a key that is not in the file.
    pub fn rotate(&self) -> Result<(Identity, KeyRotation), FolderError> {
        let (content, statement) =
            self.rotation(|content| content.rotated(self.kind, self.validity(), self.opener.as_ref()))?;
        Ok((self.open(&content)?, statement))
    }

    /// As [`IdentityFolder::rotate`], to a key elsewhere, which was opened from `location`. The old key is used once
    /// more, for the statement; one that is elsewhere is not destroyed.
    ///
    /// # Errors
    /// As [`IdentityFolder::renew`].
    pub fn rotate_to(&self, location: KeyLocation, key: &Identity) -> Result<KeyRotation, FolderError> {
        let rotated =
            self.rotation(|content| content.rotated_to(location, self.validity(), key, self.opener.as_ref()));
        rotated.map(|(_, statement)| statement)
    }

    fn rotation(
        &self,
        make: impl FnOnce(Content) -> Result<(Content, KeyRotation), FolderProblem>,
    ) -> Result<(Content, KeyRotation), FolderError> {
        let mut statement = None;
        let content = self.change(|content| {
            let (content, made) = make(content)?;
            statement = Some(made);
            Ok(content)
        })?;
        let statement = statement.ok_or_else(|| self.failed(FolderProblem::Missing))?;
        Ok((content, statement))
    }

    /// Replaces the certificate by a chain, leaf first, that a CA issued for the key. A key elsewhere is not opened.
    ///
    /// # Errors
    /// As [`IdentityFolder::describe`]; [`FolderProblem::Chain`] for a chain that does not parse or is for another key.
    pub fn install_chain(&self, chain: Vec<CertificateDer<'static>>) -> Result<(), FolderError> {
        self.change(|content| content.with_chain(chain)).map(drop)
    }

    fn existing(&self) -> Result<Content, FolderError> {
        self.read()?.ok_or_else(|| self.failed(FolderProblem::Missing))
    }

    /// The content; `None` if there is none yet.
    fn read(&self) -> Result<Option<Content>, FolderError> {
        match self.private_file().read() {
            Ok(pem) => self.parse(&pem),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn parse(&self, pem: &[u8]) -> Result<Option<Content>, FolderError> {
        // Empty: a process ended between locking the file and replacing it.
        match pem.is_empty() {
            true => Ok(None),
            false => Content::parse(pem).map(Some).map_err(|problem| self.failed(problem)),
        }
    }

    /// Replaces the content of an identity that exists by what is made of it, under the lock.
    fn change(
        &self,
        make: impl FnOnce(Content) -> Result<Content, FolderProblem>,
    ) -> Result<Content, FolderError> {
        // Locking would make the file.
        self.existing()?;
        let file = self.private_file();
        let mut locked = file.lock().map_err(|error| self.failed(error))?;
        let pem = locked.read().map_err(|error| self.failed(error))?;
        let content = self.parse(&pem)?.ok_or_else(|| self.failed(FolderProblem::Missing))?;
        let content = make(content).map_err(|problem| self.failed(problem))?;
        self.replace(locked, &content)?;
        Ok(content)
    }

    fn replace(&self, locked: LockedFile<'_>, content: &Content) -> Result<(), FolderError> {
        locked.replace(content.pem().as_bytes()).map_err(|error| self.failed(error))?;
        self.publish(content)
    }

    /// Brings the copies up to date.
    fn publish(&self, content: &Content) -> Result<(), FolderError> {
        self.copy(self.certificate_file(), &content.certificates_pem())?;
        match content.rotations_pem() {
            pem if pem.is_empty() => Ok(()),
            pem => self.copy(self.rotations_file(), &pem),
        }
    }

    fn copy(&self, path: PathBuf, pem: &str) -> Result<(), FolderError> {
        if std::fs::read(&path).is_ok_and(|found| found == pem.as_bytes()) {
            return Ok(());
        }
        let copy = PrivateFile::new(path, FILE_MAX);
        let locked = copy.lock().map_err(|error| self.failed(error))?;
        locked.replace(pem.as_bytes()).map_err(|error| self.failed(error))
    }
}

impl Identity {
    /// The identity of a device, kept in the folder at `path`: made on the first call, the same on every
    /// later one, whatever `name` is then. The key is P-256, the certificate self-signed for ten years,
    /// the files readable by their owner only. Two processes at once get the same identity.
    ///
    /// Peers know the device by the pin of its key. A copy of the certificate is of no use to anyone
    /// without the key.
    ///
    /// [`IdentityFolder`] does the same for other kinds of keys, and renews and rotates.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use handclasp_identity::Identity;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("printer");
    /// let identity = Identity::get_or_create(&path, "printer.local")?;
    /// assert_eq!(Identity::get_or_create(&path, "printer.local")?.spki(), identity.spki());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A folder that cannot be made or that others can write, files that others can read, a damaged file
    /// (which is never overwritten), or a name with control characters.
    pub fn get_or_create(path: impl Into<PathBuf>, name: &str) -> Result<Self, FolderError> {
        IdentityFolder::new(path).get_or_create(name)
    }
}
