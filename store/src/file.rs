//! A store in a folder, for several processes of one machine: a file for each record, mode 0600.
//!
//! ```text
//! FOLDER/psk/device-7            hex 00112233445566778899aabbccddeeff
//! FOLDER/client/sha256%2FABC…=   name device-7
//! FOLDER/ticket-key/41230        until 1800000000
//!                                plain …
//! FOLDER/used/1f2e…              until 1800000000
//! ```
//!
//! A line is a field, its name up to the first space. Names of files have bytes other than letters, digits
//! and `-_.@=+` as `%XX`. A new record is written under another name and then linked: of two processes the
//! second one finds the name taken, and a reader never sees half of a record.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use handclasp_crypto::Random as _;
use handclasp_private_file::PrivateFile;
use handclasp_provider_aws_lc::SystemRandom;
use zeroize::Zeroizing;

use crate::{Fields, RecordKind, Store, StoreError, hex, time::now};

/// The longest record.
const RECORD_MAX: usize = 1 << 16;

/// The longest name of a file.
const NAME_MAX: usize = 240;

/// Seconds between two searches for records that have ended.
const SWEEP: u64 = 600;

/// Records in files. A clone is a pointer to the same folder.
#[derive(Clone, Debug)]
pub struct FileStore {
    folder: PathBuf,
    next_sweep: Arc<AtomicU64>,
}

impl FileStore {
    /// The store in that folder, which is made with mode 0700 if there is none.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        for kind in RecordKind::ALL {
            let mut builder = DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder.join(kind.name()))?;
        }
        Ok(Self { folder, next_sweep: Arc::default() })
    }

    fn path(&self, kind: RecordKind, name: &[u8]) -> Result<PathBuf, StoreError> {
        let file = file_name(name);
        if file.is_empty() || file.len() > NAME_MAX {
            let length = name.len();
            return Err(StoreError::Record(format!(
                "a name of {length} bytes does not fit into that of a file"
            )));
        }
        Ok(self.folder.join(kind.name()).join(file))
    }

    /// Removes tickets and keys that have ended, now and then.
    fn sweep(&self) {
        let now = now();
        if self.next_sweep.fetch_max(now.saturating_add(SWEEP), Ordering::Relaxed) > now {
            return;
        }
        for kind in [RecordKind::UsedTicket, RecordKind::TicketKey] {
            for entry in fs::read_dir(self.folder.join(kind.name())).into_iter().flatten().flatten() {
                if let Ok(None) = read(&entry.path()) {
                    let _ = fs::remove_file(entry.path());
                }
            }
        }
    }

    /// Runs `body` where it may block.
    async fn blocking<R: Send + 'static>(
        &self,
        body: impl FnOnce(&Self) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        let this = self.clone();
        let joined = tokio::task::spawn_blocking(move || body(&this)).await;
        joined
            .unwrap_or_else(|_| Err(StoreError::Unavailable("reading the folder of the store failed".into())))
    }
}

impl Store for FileStore {
    async fn get(&self, kind: RecordKind, name: &[u8]) -> Result<Option<Fields>, StoreError> {
        // A peer chooses the name: one that no file can have is that of no record, not an error.
        let Ok(path) = self.path(kind, name) else { return Ok(None) };
        self.blocking(move |_| read(&path)).await
    }

    async fn insert_new(
        &self,
        kind: RecordKind,
        name: &[u8],
        fields: &Fields,
        until: u64,
    ) -> Result<bool, StoreError> {
        let (path, text) = (self.path(kind, name)?, text(fields, Some(until)));
        self.blocking(move |this| {
            this.sweep();
            if fs::exists(&path).unwrap_or(false) && matches!(read(&path), Ok(None)) {
                // Ended: nothing opens such a ticket any more.
                let _ = fs::remove_file(&path);
            }
            let new = write_beside(&path, &text)?;
            let linked = fs::hard_link(&new, &path);
            let _ = fs::remove_file(&new);
            match linked {
                Ok(()) => Ok(true),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
                Err(error) => Err(unavailable(&path, &error)),
            }
        })
        .await
    }

    async fn set(&self, kind: RecordKind, name: &[u8], fields: &Fields) -> Result<(), StoreError> {
        let (path, text) = (self.path(kind, name)?, text(fields, None));
        self.blocking(move |_| {
            let new = write_beside(&path, &text)?;
            fs::rename(&new, &path).map_err(|error| unavailable(&path, &error))
        })
        .await
    }

    async fn remove(&self, kind: RecordKind, name: &[u8]) -> Result<bool, StoreError> {
        let path = self.path(kind, name)?;
        self.blocking(move |_| match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(unavailable(&path, &error)),
        })
        .await
    }

    async fn names(&self, kind: RecordKind) -> Result<Vec<Vec<u8>>, StoreError> {
        self.blocking(move |this| {
            let folder = this.folder.join(kind.name());
            let entries = fs::read_dir(&folder).map_err(|error| unavailable(&folder, &error))?;
            let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
            Ok(names.filter(|name| !name.starts_with('.')).filter_map(|name| name_of_file(&name)).collect())
        })
        .await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.blocking(|this| match fs::metadata(&this.folder) {
            Ok(_) => Ok(()),
            Err(error) => Err(unavailable(&this.folder, &error)),
        })
        .await
    }
}

fn unavailable(path: &Path, error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", path.display()))
}

/// Writes a file that has no name of a record yet. Its name is random: servers in containers have equal process numbers.
/// A file or symbolic link of that name is an error.
fn write_beside(path: &Path, text: &str) -> Result<PathBuf, StoreError> {
    let mut random = [0; 16];
    SystemRandom.fill(&mut random).map_err(|_| unavailable(path, &"the system gives no randomness"))?;
    let new = path.with_file_name(format!(".new-{}", hex::encode(&random)));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&new).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| unavailable(&new, &error))?;
    Ok(new)
}

/// `None` where there is no record, or one that has ended.
fn read(path: &Path) -> Result<Option<Fields>, StoreError> {
    let bytes = match PrivateFile::new(path, RECORD_MAX).read() {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::Record(error.to_string())),
    };
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| StoreError::Record(format!("{}: not UTF-8: {error}", path.display())))?;
    let (mut fields, mut until) = (Fields::default(), None);
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        match name {
            "until" => until = value.parse::<u64>().ok(),
            name => fields = fields.with(name, value),
        }
    }
    Ok(Some(fields).filter(|_| until.is_none_or(|until| now() < until)))
}

fn text(fields: &Fields, until: Option<u64>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(until.map(|until| format!("until {until}\n")).unwrap_or_default());
    for (name, value) in fields.iter() {
        text.push_str(name);
        text.push(' ');
        text.push_str(value);
        text.push('\n');
    }
    text
}

fn file_name(name: &[u8]) -> String {
    let plain = |index: usize, byte: u8| {
        byte.is_ascii_alphanumeric() || b"-_@=+".contains(&byte) || (byte == b'.' && index > 0)
    };
    name.iter()
        .enumerate()
        .map(|(index, byte)| match plain(index, *byte) {
            true => char::from(*byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

/// `None` of a file that no record has.
fn name_of_file(file: &str) -> Option<Vec<u8>> {
    let mut parts = file.split('%');
    let mut name = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2)?;
        name.extend_from_slice(&hex::decode(digits)?);
        name.extend_from_slice(part.get(2..)?.as_bytes());
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_that_of_one_file() {
        for name in
            [&b"device-7"[..], b"../../etc/passwd", b".", b"..", "gerät 7".as_bytes(), b"a%41", b"x/y"]
        {
            let file = file_name(name);
            assert!(!file.contains('/') && !file.starts_with('.'), "{file}");
            assert_eq!(name_of_file(&file).as_deref(), Some(name));
        }
    }
}
