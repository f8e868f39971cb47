//! Files with revocation lists that are read again when they change.

use alloc::{
    string::{String, ToString as _},
    sync::Arc,
    vec::Vec,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use crate::crl::{Crl, CrlError, Crls};

/// Several files, and what was read from them.
pub(super) struct Files {
    paths: Vec<PathBuf>,
    state: Mutex<State>,
}

struct State {
    lists: Arc<Vec<Crl>>,
    stamps: Vec<Stamp>,
}

/// What differs between two contents of a file: time of the change, length, and its number.
type Stamp = Option<(Option<SystemTime>, u64, (i64, i64, u64))>;

impl Files {
    pub(super) fn new(paths: Vec<PathBuf>) -> Result<Self, CrlError> {
        if paths.is_empty() {
            return Err(CrlError::Empty { found: None });
        }
        let state = State::read(&paths)?;
        Ok(Self { paths, state: Mutex::new(state) })
    }

    /// The current lists; and why files that have changed do not load.
    pub(super) fn refresh(&self) -> (Arc<Vec<Crl>>, Result<(), CrlError>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut outcome = Ok(());
        if state.stamps != stamps(&self.paths) {
            match State::read(&self.paths) {
                Ok(new) => *state = new,
                // Its stamps stay those of before, so that the next call tries again.
                Err(error) => outcome = Err(error),
            }
        }
        (Arc::clone(&state.lists), outcome)
    }
}

impl State {
    fn read(paths: &[PathBuf]) -> Result<Self, CrlError> {
        // Before reading: a change meanwhile is seen the next time.
        let stamps = stamps(paths);
        let mut lists = Vec::new();
        for path in paths {
            lists.extend(read(path)?);
        }
        Ok(Self { lists: Arc::new(lists), stamps })
    }
}

fn stamps(paths: &[PathBuf]) -> Vec<Stamp> {
    let stamp = |path: &PathBuf| {
        let found = fs::metadata(path).ok()?;
        Some((found.modified().ok(), found.len(), identity(&found)))
    };
    paths.iter().map(stamp).collect()
}

/// Time of the last change of its inode and the number of it: a file that was renamed into place may have an
/// older date and the same length.
#[cfg(unix)]
fn identity(found: &fs::Metadata) -> (i64, i64, u64) {
    use std::os::unix::fs::MetadataExt as _;

    (found.ctime(), found.ctime_nsec(), found.ino())
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> (i64, i64, u64) {
    (0, 0, 0)
}

/// The lists of one file.
pub(super) fn read(path: &Path) -> Result<Vec<Crl>, CrlError> {
    let file = |reason: String| CrlError::File { path: path.display().to_string(), reason };
    let bytes = fs::read(path).map_err(|error| file(error.to_string()))?;
    Crls::from_pem(&bytes).map(|crls| crls.lists).map_err(|error| file(error.to_string()))
}
