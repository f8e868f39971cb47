//! Opens a private file and checks what was opened, not what the path led to a moment before.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    path::{Path, PathBuf},
};

use super::{PrivateFileError, Problem};

/// Which rules a file is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    /// A file that this program keeps.
    Kept,
    /// A file that the user gives.
    Given,
}

/// Opens the file at `path` with these options if it and its directory are as the rules demand.
pub(super) fn open(path: &Path, options: &OpenOptions, rules: Rules) -> Result<File, PrivateFileError> {
    let refused = |problem| PrivateFileError::new(path, problem);
    if is_descriptor(path) {
        return options.open(path).map_err(|error| PrivateFileError::io(path, error));
    }
    let found = match rules {
        Rules::Kept => real_directory(path)?,
        Rules::Given => fs::canonicalize(path).map_err(|error| PrivateFileError::io(path, error))?,
    };
    system::check_directories(&found).map_err(refused)?;
    let mut options = options.clone();
    system::harden(&mut options);
    let file = options.open(&found).map_err(|error| match fs::symlink_metadata(&found) {
        Ok(metadata) if !metadata.is_file() => refused(not_regular(&metadata)),
        _ => PrivateFileError::io(path, error),
    })?;
    let metadata = file.metadata().map_err(|error| PrivateFileError::io(path, error))?;
    if !metadata.is_file() {
        return Err(refused(not_regular(&metadata)));
    }
    system::check_file(&metadata, &found, rules).map_err(refused)?;
    Ok(file)
}

/// Whether a path names a descriptor that this process was started with. What it leads to was
/// opened by the parent process, and is often a pipe.
fn is_descriptor(path: &Path) -> bool {
    let in_folder = |folder: &str| path.parent() == Some(Path::new(folder));
    cfg!(unix)
        && (["/dev/stdin", "/dev/stdout", "/dev/stderr"].iter().any(|name| path == Path::new(name))
            || in_folder("/dev/fd")
            || in_folder("/proc/self/fd"))
}

/// The path with its directory free of symbolic links; the last component stays as it is.
fn real_directory(path: &Path) -> Result<PathBuf, PrivateFileError> {
    let name = path.file_name().ok_or_else(|| PrivateFileError::new(path, Problem::NoName))?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let real = fs::canonicalize(directory).map_err(|error| PrivateFileError::io(path, error))?;
    Ok(real.join(name))
}

fn not_regular(metadata: &Metadata) -> Problem {
    let kind = metadata.file_type();
    match () {
        () if kind.is_symlink() => Problem::SymbolicLink,
        () if kind.is_dir() => Problem::NotRegular("a directory"),
        () => Problem::NotRegular(system::kind_name(kind)),
    }
}

/// Whether the lock was free; it is ours then.
pub(super) fn try_lock(path: &Path, file: &File) -> Result<bool, PrivateFileError> {
    system::try_lock(file).map_err(|error| PrivateFileError::io(path, error))
}

/// Whether the path leads to this open file.
pub(super) fn is_at(path: &Path, file: &File) -> bool {
    match (fs::symlink_metadata(path), file.metadata()) {
        (Ok(there), Ok(here)) => system::is_same(&there, &here),
        _ => false,
    }
}

#[cfg(unix)]
pub(super) mod system {
    //! Owners, modes and locks of Unix.

    use std::{
        fs::{self, File, FileType, Metadata, OpenOptions},
        io,
        os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt},
        path::{Path, PathBuf},
    };

    use rustix::{
        fs::{FlockOperation, OFlags, flock},
        io::Errno,
        process::geteuid,
    };

    use super::{Problem, Rules};

    const PERMISSIONS: u32 = 0o7777;
    const STICKY: u32 = 0o1000;

    /// A symbolic link is not followed, no child inherits the descriptor, a FIFO does not block,
    /// and a new file is the owner's only.
    pub fn harden(options: &mut OpenOptions) {
        let flags = OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }

    pub fn kind_name(kind: FileType) -> &'static str {
        match () {
            () if kind.is_fifo() => "a named pipe",
            () if kind.is_socket() => "a socket",
            () => "a device",
        }
    }

    pub fn check_file(metadata: &Metadata, path: &Path, rules: Rules) -> Result<(), Problem> {
        let us = geteuid().as_raw();
        check_owner_and_mode(metadata.uid(), metadata.mode() & PERMISSIONS, us, path, rules)
    }

    /// The rules of owner and mode; `us` is the effective user.
    pub fn check_owner_and_mode(
        owner: u32,
        mode: u32,
        us: u32,
        path: &Path,
        rules: Rules,
    ) -> Result<(), Problem> {
        let file = || PathBuf::from(path);
        let expected = match rules {
            // The administrator's file, which a group may read.
            Rules::Given if owner == 0 => 0o640,
            _ if owner == us => 0o600,
            _ => return Err(Problem::Owner { found: owner, expected: us, file: file() }),
        };
        // The owner's own bits are the owner's business.
        match mode & 0o077 & !expected {
            0 => Ok(()),
            _ => Err(Problem::Mode { found: mode, expected, file: file() }),
        }
    }

    /// Checks the directory of a path that is free of symbolic links, and those above it.
    pub fn check_directories(path: &Path) -> Result<(), Problem> {
        let us = geteuid().as_raw();
        for (height, directory) in path.ancestors().skip(1).enumerate() {
            let metadata = fs::metadata(directory).map_err(Problem::Io)?;
            let mode = metadata.mode() & PERMISSIONS;
            let directory = || PathBuf::from(directory);
            let is_parent = height == 0;
            if is_parent && ![0, us].contains(&metadata.uid()) {
                let found = metadata.uid();
                return Err(Problem::DirectoryOwner { directory: directory(), found, expected: us });
            }
            if is_open_to_others(mode, metadata.gid(), us, is_parent) {
                return Err(Problem::DirectoryMode { directory: directory(), found: mode });
            }
        }
        Ok(())
    }

    /// Whether others than `us` can rename files in a directory of that mode and group.
    pub fn is_open_to_others(mode: u32, group: u32, us: u32, is_parent: bool) -> bool {
        // Many systems give each user a group of the same number, and let it write.
        let by_group = is_parent && group != us && mode & 0o020 != 0;
        mode & STICKY == 0 && (mode & 0o002 != 0 || by_group)
    }

    pub fn try_lock(file: &File) -> io::Result<bool> {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(Errno::WOULDBLOCK | Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub fn is_same(one: &Metadata, other: &Metadata) -> bool {
        (one.dev(), one.ino()) == (other.dev(), other.ino())
    }
}

#[cfg(not(unix))]
pub(super) mod system {
    //! Systems without owners and modes in numbers: their access control lists decide.

    use std::{
        fs::{File, FileType, Metadata, OpenOptions},
        io,
        path::Path,
    };

    use super::{Problem, Rules};

    pub fn harden(_: &mut OpenOptions) {}

    pub fn kind_name(_: FileType) -> &'static str {
        "a device"
    }

    pub fn check_file(_: &Metadata, _: &Path, _: Rules) -> Result<(), Problem> {
        Ok(())
    }

    pub fn check_directories(_: &Path) -> Result<(), Problem> {
        Ok(())
    }

    pub fn try_lock(_: &File) -> io::Result<bool> {
        Ok(true)
    }

    pub fn is_same(_: &Metadata, _: &Metadata) -> bool {
        true
    }
}
