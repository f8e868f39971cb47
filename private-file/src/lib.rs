//! Files that hold secrets or decide which peers are trusted: session files, key logs, private keys,
//! pre-shared keys, ticket secrets, lists of known peers. What such a file must be is decided
//! here, once, for reading and for writing.
//!
//! | file | rules |
//! |---|---|
//! | kept by this program ([`PrivateFile`]) | no symbolic link; a regular file; owned by the effective user, root included; mode 0600 or less; a safe directory; at most `limit` bytes, when written as when read |
//! | given by the user ([`read_secret`]): keys, pre-shared keys, ticket secrets | symbolic links are followed (certbot and Kubernetes make them); a regular file; owned by the effective user with mode 0600 or less, or owned by root with mode 0640 or less (`root:ssl-cert`, the rule of PostgreSQL; 0440 in `$CREDENTIALS_DIRECTORY` of systemd); a safe directory; at most `limit` bytes |
//!
//! A directory is safe if it is owned by the effective user or root and only they can rename files
//! in it: it is not writable by others unless it is sticky, as /tmp is, nor by a group unless that
//! is the user's own group (same number as the user). No directory above it is writable by
//! everybody without being sticky.
//!
//! Certificates are public, and these rules are not for them.
//!
//! `/dev/stdin`, `/dev/stdout`, `/dev/stderr` and `/dev/fd/N` name descriptors that the parent
//! process opened (`<(command)` of a shell): their content is read and written unchecked.
//!
//! Elsewhere than on Unix, the type and the size are checked; owners, modes and directories are
//! left to the access control of the system, and processes that share a file are not kept apart.
//!
//! Called by: `identity`, `trust`, `handclasp`, `cli`.

#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

mod check;
mod error;
#[cfg(test)]
mod tests;

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    string::String,
    thread,
    time::Duration,
    vec::Vec,
};

use zeroize::Zeroizing;

use check::Rules;
pub use error::{PrivateFileError, Problem};

/// How often a file that another process has locked is tried, and the pause between. Who holds the
/// lock reads or writes one file of bounded size; one second is enough on any disk.
const LOCK_ATTEMPTS: u32 = 500;
const LOCK_PAUSE: Duration = Duration::from_millis(2);

/// A file that this program keeps for itself, at a path that the user chose.
#[derive(Clone, Debug)]
pub struct PrivateFile {
    path: PathBuf,
    limit: usize,
}

impl PrivateFile {
    /// The file at `path`, which need not exist. More than `limit` bytes are neither read nor
    /// written.
    pub fn new(path: impl Into<PathBuf>, limit: usize) -> Self {
        Self { path: path.into(), limit }
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The content. A file that does not exist is an error of kind [`io::ErrorKind::NotFound`].
    ///
    /// # Errors
    /// A file that is not as the rules demand, or cannot be read.
    pub fn read(&self) -> Result<Zeroizing<Vec<u8>>, PrivateFileError> {
        let mut options = OpenOptions::new();
        options.read(true);
        let file = check::open(&self.path, &options, Rules::Kept)?;
        content(&self.path, &file, self.limit)
    }

    /// Opens the file for appending, and makes it (0600) if it does not exist.
    ///
    /// # Errors
    /// A file that is not as the rules demand, or cannot be opened.
    pub fn append(&self) -> Result<File, PrivateFileError> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        check::open(&self.path, &options, Rules::Kept)
    }

    /// Locks the file against other holders of this lock, in this process and in others, and makes
    /// it (0600, empty) if it does not exist.
    ///
    /// # Errors
    /// A file that is not as the rules demand or cannot be opened for reading and writing, or
    /// another process holds the lock for longer than a second.
    pub fn lock(&self) -> Result<LockedFile<'_>, PrivateFileError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true);
        for attempt in 0..LOCK_ATTEMPTS {
            if attempt > 0 {
                thread::sleep(LOCK_PAUSE);
            }
            let file = check::open(&self.path, &options, Rules::Kept)?;
            if let Some(locked) = self.try_lock(file)? {
                return Ok(locked);
            }
        }
        Err(PrivateFileError::new(&self.path, Problem::Locked))
    }

    /// Locks the file that was opened, if the lock is free and the path still leads to that file: a
    /// holder replaces the file before it lets go.
    fn try_lock(&self, file: File) -> Result<Option<LockedFile<'_>>, PrivateFileError> {
        let is_locked = check::try_lock(&self.path, &file)? && check::is_at(&self.path, &file);
        Ok(is_locked.then_some(LockedFile { of: self, file }))
    }
}

/// A [`PrivateFile`] that is locked until this value is dropped.
#[derive(Debug)]
pub struct LockedFile<'f> {
    of: &'f PrivateFile,
    file: File,
}

impl LockedFile<'_> {
    /// The content.
    ///
    /// # Errors
    /// The file is longer than its limit, or cannot be read.
    pub fn read(&mut self) -> Result<Zeroizing<Vec<u8>>, PrivateFileError> {
        self.file.rewind().map_err(|error| PrivateFileError::io(&self.of.path, error))?;
        content(&self.of.path, &self.file, self.of.limit)
    }

    /// Replaces the content, so that no reader and no crash ever sees half of it: a temporary file
    /// in the same directory is written, synchronised and renamed, and the directory synchronised. The lock ends
    /// here.
    ///
    /// # Errors
    /// More bytes than the limit, or the directory cannot be written.
    pub fn replace(self, content: &[u8]) -> Result<(), PrivateFileError> {
        let PrivateFile { path, limit } = self.of;
        if content.len() > *limit {
            let found = u64::try_from(content.len()).unwrap_or(u64::MAX);
            return Err(PrivateFileError::new(path, Problem::TooLong { found, limit: *limit }));
        }
        let next = beside(path)?;
        // Only a holder of the lock writes the temporary file: one that exists is of a process
        // that ended in the middle, and holds secrets.
        let _ = fs::remove_file(&next);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        let written = check::open(&next, &options, Rules::Kept).and_then(|mut file| {
            let write = |file: &mut File| {
                file.write_all(content)?;
                file.sync_all()
            };
            write(&mut file).map_err(|error| PrivateFileError::io(&next, error))
        });
        let renamed =
            written.and_then(|()| fs::rename(&next, path).map_err(|error| PrivateFileError::io(path, error)));
        if renamed.is_ok() {
            synchronise_directory(path);
        }
        renamed.inspect_err(|_| {
            let _ = fs::remove_file(&next);
        })
    }
}

/// Writes the rename to the disk, where the file system can: without it a loss of power may bring back the file
/// of before, which is whole too.
fn synchronise_directory(path: &Path) {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) {
        let _ = File::open(directory).and_then(|directory| directory.sync_all());
    }
}

/// The content of a secret that the user gives: a private key, a pre-shared key, a ticket secret.
///
/// # Errors
/// A file that is not as the rules demand, is longer than `limit` bytes, or cannot be read.
pub fn read_secret(path: &Path, limit: usize) -> Result<Zeroizing<Vec<u8>>, PrivateFileError> {
    let mut options = OpenOptions::new();
    options.read(true);
    content(path, &check::open(path, &options, Rules::Given)?, limit)
}

/// The temporary file beside a file.
fn beside(path: &Path) -> Result<PathBuf, PrivateFileError> {
    let name = path.file_name().ok_or_else(|| PrivateFileError::new(path, Problem::NoName))?;
    let mut next = OsString::from(".");
    next.push(name);
    next.push(".new");
    Ok(path.with_file_name(next))
}

/// Reads a whole file of at most `limit` bytes.
fn content(path: &Path, file: &File, limit: usize) -> Result<Zeroizing<Vec<u8>>, PrivateFileError> {
    let failed = |error: io::Error| PrivateFileError::io(path, error);
    let length = file.metadata().map_err(failed)?.len();
    let too_long = |found| PrivateFileError::new(path, Problem::TooLong { found, limit });
    let most = u64::try_from(limit).unwrap_or(u64::MAX);
    if length > most {
        return Err(too_long(length));
    }
    // One byte more tells a file that grew. Read into chunks whose size is known at once: a vector
    // that grows leaves copies behind that nobody wipes.
    let mut bytes =
        Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or(0).saturating_add(1)));
    read_to_end(file, most.saturating_add(1), &mut bytes).map_err(failed)?;
    match bytes.len() > limit {
        true => Err(too_long(u64::try_from(bytes.len()).unwrap_or(u64::MAX))),
        false => Ok(bytes),
    }
}

/// Reads up to `most` bytes; what a buffer that became too small held is wiped.
fn read_to_end(mut file: &File, most: u64, bytes: &mut Zeroizing<Vec<u8>>) -> io::Result<()> {
    let mut chunk = Zeroizing::new([0; 4096]);
    let mut left = most;
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(chunk.len());
        let (space, _) = chunk.split_at_mut(wanted);
        let read = match file.read(space) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if bytes.capacity().saturating_sub(bytes.len()) < read {
            let mut larger =
                Zeroizing::new(Vec::with_capacity(bytes.len().saturating_add(read).saturating_mul(2)));
            larger.extend_from_slice(bytes);
            *bytes = larger;
        }
        bytes.extend_from_slice(space.get(..read).unwrap_or_default());
        left = left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
    }
    Ok(())
}

impl From<PrivateFileError> for io::Error {
    fn from(error: PrivateFileError) -> Self {
        Self::new(error.kind(), error)
    }
}

impl PrivateFileError {
    /// The sentence, for errors that carry text.
    pub fn reason(&self) -> String {
        std::format!("{}", self.problem)
    }
}
