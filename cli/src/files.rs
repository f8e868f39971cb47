//! Files that the program writes: opened before anything else happens, so that a path that cannot
//! be written is a usage error at once and not a surprise at the end.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Seek as _, Write as _},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{exit::Failure, output};

/// A file that will be written, once or again and again.
pub struct OutputFile {
    flag: &'static str,
    path: PathBuf,
    file: Mutex<File>,
    /// It did not exist before.
    is_new: bool,
    written: AtomicBool,
}

impl OutputFile {
    /// Opens it for writing, and makes it if it does not exist; what stands in it stays until
    /// something is written.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn open(flag: &'static str, path: &Path) -> Result<Self, Failure> {
        let open = |is_new| OpenOptions::new().write(true).create_new(is_new).open(path);
        let opened = match open(true) {
            Ok(file) => Ok((file, true)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => open(false).map(|file| (file, false)),
            Err(error) => Err(error),
        };
        let (file, is_new) =
            opened.map_err(|error| Failure::usage(format!("{flag} {}: {error}", path.display())))?;
        let (path, file, written) = (path.to_owned(), Mutex::new(file), AtomicBool::new(false));
        Ok(Self { flag, path, file, is_new, written })
    }

    /// As [`OutputFile::open`], where the flag was given.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn asked(flag: &'static str, path: Option<&PathBuf>) -> Result<Option<Self>, Failure> {
        path.map(|path| Self::open(flag, path)).transpose()
    }

    /// Replaces what stands in it.
    ///
    /// # Errors
    /// The disk is full, or the like.
    pub fn write(&self, content: &[u8]) -> Result<(), Failure> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        self.written.store(true, Ordering::Relaxed);
        let replace = |file: &mut File| -> io::Result<()> {
            if file.metadata()?.is_file() {
                file.rewind()?;
                file.set_len(0)?;
            }
            file.write_all(content)
        };
        replace(&mut file)
            .map_err(|error| Failure::Output(format!("{} {}: {error}", self.flag, self.path.display())))
    }
}

/// An empty file that only we made tells nobody anything.
impl Drop for OutputFile {
    fn drop(&mut self) {
        if self.is_new && !self.written.load(Ordering::Relaxed) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Where a result goes: the file of `--out`, opened before anything is signed or recorded, or standard output.
pub struct Target(Option<OutputFile>);

impl Target {
    /// Standard output.
    pub const STANDARD_OUTPUT: Self = Self(None);

    /// Opens the file, if `--out` names one.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn open(out: Option<&PathBuf>) -> Result<Self, Failure> {
        OutputFile::asked("--out", out).map(Self)
    }

    /// Writes the result.
    ///
    /// # Errors
    /// The disk is full, the reader is gone, or the like.
    pub fn write(&self, content: &[u8]) -> Result<(), Failure> {
        match &self.0 {
            Some(file) => file.write(content),
            None => output::write(content).map(drop),
        }
    }
}
