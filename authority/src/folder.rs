//! The folder of a CA.
//!
//! | file | content |
//! |---|---|
//! | `certificate.pem` | the certificate of the CA, to be given to peers |
//! | `key.pem` | its private key |
//! | `key-location` | in place of `key.pem`: where the key is, see [`KeyLocation`] |
//! | `crl-url` | where peers fetch the CRL, one URL a line; absent without one |
//! | `issued` | what was issued and revoked, one line a certificate |
//! | `certificates/SERIAL.pem` | a copy of each certificate |
//!
//! All are files as [`handclasp_identity::private_file`] demands them. A certificate is recorded in the list
//! before it is handed out; the list changes by one rename, under its lock.

use core::fmt;
use std::path::{Path, PathBuf};

use handclasp_identity::{
    Identity, KeyLocation, KeyOpener,
    private_file::{LockedFile, PrivateFile},
    to_pem,
};
use handclasp_provider_aws_lc::{KEYS, SystemRandom};
use rustls_pki_types::CertificateDer;
use zeroize::Zeroizing;

use crate::{
    AuthorityError, AuthorityParams, AuthorityProblem, Issued, NameConstraints,
    certificate::{self, AuthorityCertificate},
    crl_url,
    list::{self, List},
    time,
};

/// Limit of a file with a key or certificates, in bytes.
const PEM_MAX: usize = 1 << 20;

/// A CA in a folder: its certificate, the list of what it issued, and its key, unless that is elsewhere.
pub struct AuthorityFolder {
    path: PathBuf,
    pub(crate) certificate: AuthorityCertificate,
    key: Option<Identity>,
    opener: Option<KeyOpener>,
}

/// What a new folder has of the key.
enum KeyFile<'a> {
    /// `key.pem`.
    Pem(&'a [u8]),
    /// `key-location`.
    Location(&'a KeyLocation),
    Nothing,
}

impl AuthorityFolder {
    /// Makes a CA with a new key in a folder that does not exist or is empty.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use handclasp_authority::{AuthorityFolder, AuthorityParams, Profile, SignParams};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("ca");
    /// # let device = handclasp_identity::Identity::self_signed(&["lock-7.example"])?;
    /// # let params = handclasp_identity::CertificateParams::new(&["lock-7.example"]);
    /// # let request = device.certificate_request(&params)?.pem();
    /// let ca = AuthorityFolder::create(&path, &AuthorityParams::new("Example CA"))?;
    /// let signed = ca.sign(request.as_bytes(), &SignParams::new(Profile::Device))?;
    /// assert!(signed.pem().starts_with("-----BEGIN CERTIFICATE-----"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A folder that has files, or cannot be made; parameters that make no certificate.
    pub fn create(path: impl Into<PathBuf>, params: &AuthorityParams) -> Result<Self, AuthorityError> {
        let path = path.into();
        let made = || -> Result<Self, AuthorityProblem> {
            let pkcs8 = KEYS
                .generate(params.key_kind, &mut SystemRandom)
                .map_err(|_| AuthorityProblem::UnsupportedKey(Some(params.key_kind)))?;
            let pem = to_pem("PRIVATE KEY", &pkcs8);
            let key = Identity::raw_key_from_pem(pem.as_bytes())?;
            Self::make(path.clone(), params, key, &KeyFile::Pem(pem.as_bytes()))
        };
        made().map_err(|problem| AuthorityError { path, problem })
    }

    /// As [`AuthorityFolder::create`], with a key elsewhere: in a token, an agent or behind a command. With a
    /// location the folder opens the key itself on each later use; without one [`AuthorityFolder::with_key`]
    /// has to return it.
    ///
    /// # Errors
    /// As [`AuthorityFolder::create`]; a signer that fails.
    pub fn create_with_key(
        path: impl Into<PathBuf>,
        params: &AuthorityParams,
        key: Identity,
        location: Option<&KeyLocation>,
    ) -> Result<Self, AuthorityError> {
        let path = path.into();
        let file = location.map_or(KeyFile::Nothing, KeyFile::Location);
        Self::make(path.clone(), params, key, &file).map_err(|problem| AuthorityError { path, problem })
    }

    /// Checks that a CA can be made here: nothing, or an empty folder. Before a key is made in a token, say.
    ///
    /// # Errors
    /// A folder that has files, or cannot be read.
    pub fn check_new(path: impl Into<PathBuf>) -> Result<(), AuthorityError> {
        let path = path.into();
        check_new(&path).map_err(|problem| AuthorityError { path, problem })
    }

    fn make(
        path: PathBuf,
        params: &AuthorityParams,
        key: Identity,
        key_file: &KeyFile<'_>,
    ) -> Result<Self, AuthorityProblem> {
        check_new(&path)?;
        // The certificate first: a signer that fails leaves no folder behind.
        let certificate = certificate::make(params, &key, time::now())?;
        let pem = to_pem("CERTIFICATE", &certificate);
        let parsed = AuthorityCertificate::parse(pem.as_bytes())?;
        let made = Self { path, certificate: parsed, key: Some(key), opener: None };
        make_folder(&made.path)?;
        let list = made.list_file();
        let mut locked = list.lock()?;
        // Another process may have been faster.
        if made.path.join("certificate.pem").exists() || !locked.read()?.is_empty() {
            return Err(AuthorityProblem::Exists);
        }
        let written = made.write_new(params, key_file, locked, pem.as_bytes());
        if written.is_err() {
            // A full disk leaves nothing that stands in the way of another try.
            for name in ["certificate.pem", "key.pem", "key-location", crl_url::FILE, "issued"] {
                let _ = std::fs::remove_file(made.path.join(name));
            }
            let _ = std::fs::remove_dir(&made.path);
        }
        written.map(|()| made)
    }

    /// Writes the files of a new CA.
    fn write_new(
        &self,
        params: &AuthorityParams,
        key_file: &KeyFile<'_>,
        list: LockedFile<'_>,
        certificate: &[u8],
    ) -> Result<(), AuthorityProblem> {
        match key_file {
            KeyFile::Pem(pem) => write(&self.path.join("key.pem"), pem)?,
            KeyFile::Location(location) => {
                write(&self.path.join("key-location"), format!("{location}\n").as_bytes())?;
            }
            KeyFile::Nothing => {}
        }
        if !params.crl_urls.is_empty() {
            write(&self.path.join(crl_url::FILE), crl_url::file(&params.crl_urls).as_bytes())?;
        }
        list.replace(List::new().text().as_bytes())?;
        // Last: it says that the rest is there.
        write(&self.certificate_file(), certificate)
    }

    /// Opens a CA. Its key is loaded when it signs.
    ///
    /// # Errors
    /// A folder without a CA, or a certificate that does not parse.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, AuthorityError> {
        let path = path.into();
        let file = PrivateFile::new(path.join("certificate.pem"), PEM_MAX);
        let read = || match file.read() {
            Ok(pem) => AuthorityCertificate::parse(&pem),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(AuthorityProblem::Missing),
            Err(error) => Err(error.into()),
        };
        match read() {
            Ok(certificate) => Ok(Self { path, certificate, key: None, opener: None }),
            Err(problem) => Err(AuthorityError { path, problem }),
        }
    }

    /// Sets how a key elsewhere is opened, such as with a PIN that a person types. Without this it is
    /// [`KeyLocation::open`].
    #[must_use]
    pub fn with_key_opener(mut self, opener: KeyOpener) -> Self {
        self.opener = Some(opener);
        self
    }

    /// Sets the key.
    ///
    /// # Errors
    /// A key that is not the certificate's.
    pub fn with_key(mut self, key: Identity) -> Result<Self, AuthorityError> {
        if *key.spki() != *self.certificate.spki {
            return Err(self.failed(AuthorityProblem::OtherKey));
        }
        self.key = Some(key);
        Ok(self)
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The certificate of the CA, followed by those of the CAs above it, if any.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.certificate.chain
    }

    /// The file with the certificate of the CA.
    pub fn certificate_file(&self) -> PathBuf {
        self.path.join("certificate.pem")
    }

    /// The subject of the CA, as RFC 4514 writes it.
    pub fn name(&self) -> String {
        self.certificate.subject.to_string()
    }

    /// notBefore and notAfter of the CA, in seconds since 1970.
    pub fn validity(&self) -> (u64, u64) {
        (self.certificate.not_before, self.certificate.not_after)
    }

    /// The names that the CA may certify.
    pub fn constraints(&self) -> &NameConstraints {
        &self.certificate.constraints
    }

    /// Everything that was issued, the oldest first.
    ///
    /// # Errors
    /// A list that cannot be read, or has a line that does not parse.
    pub fn issued(&self) -> Result<Vec<Issued>, AuthorityError> {
        let read = || Ok(parse(&self.list_file().read()?)?.issued().cloned().collect());
        read().map_err(|problem| self.failed(problem))
    }

    /// Where the key of the CA is; `None` if the folder does not say.
    ///
    /// # Errors
    /// A file that cannot be read, or says nothing that is known.
    pub fn key_location(&self) -> Result<Option<KeyLocation>, AuthorityError> {
        if self.path.join("key.pem").exists() {
            return Ok(Some(KeyLocation::File));
        }
        self.location().map_err(|problem| self.failed(problem))
    }

    fn location(&self) -> Result<Option<KeyLocation>, AuthorityProblem> {
        let Some(text) = self.read_if_there("key-location")? else { return Ok(None) };
        let text = core::str::from_utf8(&text).ok().map(str::trim);
        let location = text.map(str::parse).and_then(Result::ok);
        location.map(Some).ok_or(AuthorityProblem::KeyLocation)
    }

    pub(crate) fn read_if_there(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, AuthorityProblem> {
        match PrivateFile::new(self.path.join(name), PEM_MAX).read() {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn failed(&self, problem: AuthorityProblem) -> AuthorityError {
        AuthorityError { path: self.path.clone(), problem }
    }

    pub(crate) fn list_file(&self) -> PrivateFile {
        PrivateFile::new(self.path.join("issued"), list::FILE_MAX)
    }

    /// The key: that of the caller, or of the folder.
    pub(crate) fn with_signer<T>(
        &self,
        sign: impl FnOnce(&Identity) -> Result<T, AuthorityProblem>,
    ) -> Result<T, AuthorityProblem> {
        if let Some(key) = &self.key {
            return sign(key);
        }
        let key = match (self.read_if_there("key.pem")?, self.location()?) {
            (Some(pem), _) => Identity::raw_key_from_pem(&pem)?,
            (None, Some(location)) => {
                let opened = match &self.opener {
                    Some(open) => open(&location, Vec::new()),
                    None => location.open(Vec::new()),
                };
                opened.map_err(AuthorityProblem::NotOpened)?
            }
            (None, None) => return Err(AuthorityProblem::KeyElsewhere),
        };
        if *key.spki() != *self.certificate.spki {
            return Err(AuthorityProblem::OtherKey);
        }
        sign(&key)
    }

    /// Changes the list under its lock: no other process reads or writes it meanwhile.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&mut List) -> Result<T, AuthorityProblem>,
    ) -> Result<T, AuthorityProblem> {
        let file = self.list_file();
        // Locking would make the file.
        file.read()?;
        let mut locked: LockedFile<'_> = file.lock()?;
        let mut list = parse(&locked.read()?)?;
        let changed = change(&mut list)?;
        locked.replace(list.text().as_bytes())?;
        Ok(changed)
    }

    /// Keeps a copy of a certificate.
    pub(crate) fn keep(&self, serial: &str, pem: &str) -> Result<(), AuthorityProblem> {
        let folder = self.path.join("certificates");
        make_folder(&folder)?;
        write(&folder.join(format!("{serial}.pem")), pem.as_bytes())
    }
}

impl fmt::Debug for AuthorityFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorityFolder").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Reads the list.
pub(crate) fn parse(file: &[u8]) -> Result<List, AuthorityProblem> {
    List::parse(file).map_err(AuthorityProblem::Line)
}

/// Writes a file as a whole.
fn write(path: &Path, content: &[u8]) -> Result<(), AuthorityProblem> {
    let file = PrivateFile::new(path, PEM_MAX);
    file.lock()?.replace(content)?;
    Ok(())
}

/// Checks that a CA can be made here: nothing, or an empty folder.
fn check_new(path: &Path) -> Result<(), AuthorityProblem> {
    if path.join("certificate.pem").exists() {
        return Err(AuthorityProblem::Exists);
    }
    match std::fs::read_dir(path) {
        Ok(mut entries) => match entries.next() {
            Some(Ok(entry)) => {
                Err(AuthorityProblem::NotEmpty(entry.file_name().to_string_lossy().into_owned()))
            }
            _ => Ok(()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(AuthorityProblem::Folder(error.to_string())),
    }
}

/// Makes a folder, for its owner only.
fn make_folder(path: &Path) -> Result<(), AuthorityProblem> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path).map_err(|error| AuthorityProblem::Folder(error.to_string()))
}
