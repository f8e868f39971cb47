//! What is wrong with a file that must be private, in words, with what was expected and the
//! command that puts it right.

use core::fmt;
use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a private file is not read or written.
#[derive(Debug)]
pub struct PrivateFileError {
    /// The file as the user named it.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a private file.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// A symbolic link where a file is required.
    SymbolicLink,
    /// Neither a file nor a descriptor: the name of what it is.
    NotRegular(&'static str),
    /// A path that ends in no name, such as `/` or `..`.
    NoName,
    /// Owned by somebody else.
    Owner {
        /// User id of the owner.
        found: u32,
        /// User id that this program runs as.
        expected: u32,
        /// The file itself, after symbolic links.
        file: PathBuf,
    },
    /// Others can read or write it.
    Mode {
        /// The permission bits.
        found: u32,
        /// The most that is accepted.
        expected: u32,
        /// The file itself, after symbolic links.
        file: PathBuf,
    },
    /// The directory belongs to somebody else.
    DirectoryOwner {
        /// The directory.
        directory: PathBuf,
        /// User id of its owner.
        found: u32,
        /// User id that this program runs as.
        expected: u32,
    },
    /// Others can rename files in the directory.
    DirectoryMode {
        /// The directory.
        directory: PathBuf,
        /// The permission bits.
        found: u32,
    },
    /// More bytes than the limit.
    TooLong {
        /// How many there are, or were to be written.
        found: u64,
        /// How many are accepted.
        limit: usize,
    },
    /// Another process holds the lock.
    Locked,
    /// An error of the operating system.
    Io(io::Error),
}

impl PrivateFileError {
    pub(crate) fn new(path: &Path, problem: Problem) -> Self {
        Self { path: PathBuf::from(path), problem }
    }

    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        Self::new(path, Problem::Io(error))
    }

    /// The kind that an [`io::Error`] of this has.
    pub fn kind(&self) -> io::ErrorKind {
        match &self.problem {
            Problem::SymbolicLink
            | Problem::NotRegular(_)
            | Problem::Owner { .. }
            | Problem::Mode { .. }
            | Problem::DirectoryOwner { .. }
            | Problem::DirectoryMode { .. } => io::ErrorKind::PermissionDenied,
            Problem::NoName => io::ErrorKind::InvalidInput,
            Problem::TooLong { .. } => io::ErrorKind::InvalidData,
            Problem::Locked => io::ErrorKind::WouldBlock,
            Problem::Io(error) => error.kind(),
        }
    }
}

impl fmt::Display for PrivateFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SymbolicLink => {
                f.write_str("a symbolic link, expected a regular file; use the path that the link points to")
            }
            Self::NotRegular(found) => write!(f, "{found}, expected a regular file"),
            Self::NoName => f.write_str("the path of a directory, expected the path of a file"),
            Self::Owner { found, expected, file } => write!(
                f,
                "owned by user {found}, expected user {expected}, which this program runs as; \
                 if the content is yours: chown {expected} {}",
                file.display()
            ),
            Self::Mode { found, expected, file } => write!(
                f,
                "mode {found:04o}, so other users can {}; expected {expected:04o} or less: chmod {expected:o} {}",
                what_others_can(found & !expected),
                file.display()
            ),
            Self::DirectoryOwner { directory, found, expected } => write!(
                f,
                "the directory {} is owned by user {found}, who can replace the file; expected user {expected} or root; \
                 use a directory of your own",
                directory.display()
            ),
            Self::DirectoryMode { directory, found } => write!(
                f,
                "the directory {} has mode {found:04o}, so other users can replace the file; \
                 expected no write permission for them: chmod go-w {}",
                directory.display(),
                directory.display()
            ),
            Self::TooLong { found, limit } => write!(f, "{found} bytes, expected at most {limit}"),
            Self::Locked => {
                f.write_str("in use: another process holds its lock; retry after that process has ended")
            }
            Self::Io(error) => error.fmt(f),
        }
    }
}

/// What the permission bits of group and others allow that they must not.
fn what_others_can(mode: u32) -> &'static str {
    match (mode & 0o044 != 0, mode & 0o022 != 0) {
        (true, true) => "read and write it",
        (true, false) => "read it",
        (false, true) => "write it",
        (false, false) => "execute it",
    }
}

impl core::error::Error for PrivateFileError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.problem {
            Problem::Io(error) => Some(error),
            _ => None,
        }
    }
}
