//! Errors of an identity folder.

use core::fmt;
use std::{boxed::Box, io, path::PathBuf, string::String};

use super::{KeyLocation, OpenError};
use crate::{IdentityError, IssueError, RotationError, private_file::PrivateFileError};

/// An identity folder could not be created, read or changed.
#[derive(Debug)]
pub struct FolderError {
    /// The folder.
    pub path: PathBuf,
    /// What is wrong.
    pub problem: FolderProblem,
}

/// What is wrong with the folder of an identity.
#[derive(Debug)]
#[non_exhaustive]
pub enum FolderProblem {
    /// The folder holds no identity yet.
    Missing,
    /// The folder holds an identity already.
    Exists,
    /// The folder holds this file, which is not of an identity.
    NotEmpty(String),
    /// The folder cannot be made.
    Folder(io::ErrorKind, String),
    /// One of its files cannot be read or written, or others can read it.
    File(PrivateFileError),
    /// Key and certificate of `identity.pem` do not load.
    Identity(Box<IdentityError>),
    /// The key or the certificate cannot be made.
    Issue(Box<IssueError>),
    /// A chain that is to be installed is not for the key, or does not parse.
    Chain(Box<IdentityError>),
    /// The line of `identity.pem` that says where the key is.
    Location {
        /// What it says.
        text: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The key is elsewhere and cannot be used.
    Key {
        /// Where it is.
        location: KeyLocation,
        /// Why.
        error: OpenError,
    },
    /// The key is elsewhere, so that no key of the folder can follow it.
    Elsewhere(KeyLocation),
    /// A statement of a key rotation is not valid.
    Rotation(RotationError),
    /// This cannot be the name of a device.
    Name(String),
    /// `identity.pem` has no line with the name.
    NoName,
    /// The certificate is a CA's, so a new one comes from there.
    IssuedByAuthority,
}

impl From<PrivateFileError> for FolderProblem {
    fn from(error: PrivateFileError) -> Self {
        Self::File(error)
    }
}

impl From<IdentityError> for FolderProblem {
    fn from(error: IdentityError) -> Self {
        Self::Identity(Box::new(error))
    }
}

impl From<IssueError> for FolderProblem {
    fn from(error: IssueError) -> Self {
        Self::Issue(Box::new(error))
    }
}

impl From<RotationError> for FolderProblem {
    fn from(error: RotationError) -> Self {
        Self::Rotation(error)
    }
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.problem {
            FolderProblem::Missing => write!(f, "{path} holds no identity yet"),
            FolderProblem::Exists => write!(
                f,
                "{path} holds an identity already, which is never overwritten; expected a new or empty folder"
            ),
            FolderProblem::NotEmpty(name) => {
                write!(
                    f,
                    "{path} holds {name:?}, which is not of an identity; expected a new or empty folder"
                )
            }
            FolderProblem::Folder(_, reason) => write!(f, "the folder {path} cannot be made: {reason}"),
            // It names the file.
            FolderProblem::File(error) => write!(f, "{error}"),
            FolderProblem::Identity(error) => write!(
                f,
                "{path}/identity.pem is damaged and was left as it is: {error}; restore it from a backup, or \
                 move it away to make another identity"
            ),
            FolderProblem::Chain(error) => write!(f, "the chain is not installed in {path}: {error}"),
            FolderProblem::Location { text, expected } => write!(
                f,
                "{path}/identity.pem: the line \"Key: {text}\" does not say where the private key is: {expected}"
            ),
            FolderProblem::Key { location, error } => {
                write!(f, "the key of {path} ({location}) cannot be used: {error}")
            }
            FolderProblem::Elsewhere(location) => write!(
                f,
                "the key of {path} is elsewhere ({location}): make the new key there too, and name it \
                 (`IdentityFolder::rotate_to`)"
            ),
            FolderProblem::Issue(error) => write!(f, "the identity in {path} cannot be made: {error}"),
            FolderProblem::Rotation(error) => write!(f, "{path}/identity.pem: {error}"),
            FolderProblem::Name(name) => write!(
                f,
                "{name:?} cannot be the name of a device: expected 1 to 253 bytes without control characters"
            ),
            FolderProblem::NoName => write!(
                f,
                "{path}/identity.pem has no line \"Name: …\", so it is not known what to certify; add the \
                 line above the private key"
            ),
            FolderProblem::IssuedByAuthority => write!(
                f,
                "the certificate in {path} was issued by a CA: send the CA a request \
                 (`Identity::certificate_request`) and install its answer (`install_chain`)"
            ),
        }
    }
}

impl core::error::Error for FolderError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.problem {
            FolderProblem::File(error) => Some(error),
            FolderProblem::Identity(error) | FolderProblem::Chain(error) => Some(&**error),
            FolderProblem::Key { error, .. } => Some(&**error),
            FolderProblem::Issue(error) => Some(&**error),
            FolderProblem::Rotation(error) => Some(error),
            _ => None,
        }
    }
}
