//! New identities, in folders that are new or empty.

use std::{string::String, vec::Vec};

use super::{
    CERTIFICATE, FolderError, FolderProblem, IDENTITY, IdentityFolder, KeyLocation, ROTATIONS,
    content::{self, Content},
};
use crate::{
    Identity,
    default_provider::{KEYS, SystemRandom},
    issue::NewKey,
};

impl IdentityFolder {
    /// Makes the identity of a device. An identity that exists is an error, as are other files in the
    /// folder: a mistyped path must not make a key where somebody keeps something else.
    ///
    /// # Errors
    /// [`FolderProblem::Exists`], [`FolderProblem::NotEmpty`], or as [`Identity::get_or_create`].
    pub fn create(&self, name: &str) -> Result<Identity, FolderError> {
        content::check_name(name).map_err(|problem| self.failed(problem))?;
        self.new_content(|| {
            let key = NewKey::make(self.kind, KEYS, &mut SystemRandom)?;
            Content::certify(name, self.validity(), key, Vec::new())
        })
        .and_then(|content| self.open(&content))
    }

    /// As [`IdentityFolder::create`], for a key elsewhere, which was opened from `location`. The certificate is the one that
    /// came with the key, as from a token, and otherwise self-signed by it. The file then holds no secret.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// use handclasp_identity::{IdentityFolder, KeyLocation};
    ///
    /// let location: KeyLocation = "command:/usr/local/bin/tpm-signer".parse()?;
    /// let key = location.open(Vec::new())?;
    /// IdentityFolder::new("/var/lib/meter/identity").create_with_key("meter-7", location, &key)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`IdentityFolder::create`].
    pub fn create_with_key(
        &self,
        name: &str,
        location: KeyLocation,
        key: &Identity,
    ) -> Result<(), FolderError> {
        content::check_name(name).map_err(|problem| self.failed(problem))?;
        self.new_content(|| Content::certify_elsewhere(name, self.validity(), location, key, Vec::new()))
            .map(drop)
    }

    /// Writes a new identity, unless there is one.
    fn new_content(
        &self,
        make: impl FnOnce() -> Result<Content, FolderProblem>,
    ) -> Result<Content, FolderError> {
        self.check_new()?;
        self.make_folder()?;
        let file = self.private_file();
        let mut locked = file.lock().map_err(|error| self.failed(error))?;
        let found = locked.read().map_err(|error| self.failed(error))?;
        if self.parse(&found)?.is_some() {
            return Err(self.failed(FolderProblem::Exists));
        }
        let content = make().map_err(|problem| self.failed(problem))?;
        self.replace(locked, &content)?;
        Ok(content)
    }

    /// Whether a new identity can be made here: to be asked before a key is made elsewhere.
    ///
    /// # Errors
    /// [`FolderProblem::Exists`], [`FolderProblem::NotEmpty`], or a file that cannot be read.
    pub fn check_new(&self) -> Result<(), FolderError> {
        if self.read()?.is_some() {
            return Err(self.failed(FolderProblem::Exists));
        }
        if let Some(other) = self.foreign_file() {
            return Err(self.failed(FolderProblem::NotEmpty(other)));
        }
        Ok(())
    }

    /// A file in the folder that does not belong to an identity. Temporary files of an interrupted write
    /// begin with the name of ours.
    fn foreign_file(&self) -> Option<String> {
        let names = std::fs::read_dir(&self.path)
            .ok()?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names
            .into_iter()
            .find(|name| ![IDENTITY, CERTIFICATE, ROTATIONS].iter().any(|ours| name.contains(ours)))
    }

    /// Makes the folder, for its owner only.
    pub(super) fn make_folder(&self) -> Result<(), FolderError> {
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let made = builder.recursive(true).create(&self.path);
        made.map_err(|error| self.failed(FolderProblem::Folder(error.kind(), std::format!("{error}"))))
    }
}
