//! A client's sessions: kept in memory by the name that was asked for, and in a file where the
//! caller wants them to outlive the process. One of TLS 1.3 is offered once.
//!
//! A file holds secrets and decides whom we believe: it is made readable for its owner only
//! (0600), and not read where others could have written it.
//!
//! Called by: `client` (before a handshake), `stream` and `duplex` (whenever tickets may have come).

use std::{
    collections::VecDeque,
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use handclasp_connection::Connection;
use handclasp_handshake::Session;
use zeroize::Zeroizing;

use crate::stream::now;

/// Sessions kept together, and for one name: as many as a server gives at once.
const SESSIONS_MAX: usize = 256;
const OF_ONE_NAME_MAX: usize = 4;

/// The first bytes of a file; its form.
const MAGIC: &[u8] = b"handclasp sessions 1\n";

/// The longest file that is read.
const FILE_MAX: u64 = 1 << 20;

/// Sessions and the names they are for, oldest first.
type Kept = VecDeque<(String, Session)>;

/// Where sessions are kept.
#[derive(Default)]
pub(crate) struct Sessions {
    kept: Mutex<Kept>,
    file: Option<PathBuf>,
}

impl Sessions {
    /// In a file, which need not exist.
    ///
    /// # Errors
    /// Those of the operating system; a file that others can read or write, or that is none of
    /// ours.
    pub(crate) fn in_file(path: &Path) -> io::Result<Self> {
        let kept = match read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Kept::new(),
            other => other?,
        };
        Ok(Self { kept: Mutex::new(kept), file: Some(path.to_owned()) })
    }

    /// The newest session for that name, which is not here any more.
    pub(crate) fn take(&self, name: &str, now: u64) -> Option<Session> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(_, session)| session.is_fresh(now));
        let place = kept.iter().rposition(|(of, _)| of == name)?;
        let (_, session) = kept.remove(place)?;
        self.save(&kept);
        Some(session)
    }

    /// Keeps a session for that name. Of TLS 1.2 one is enough: the newest.
    pub(crate) fn keep(&self, name: &str, session: Session) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if !session.is_for_one_use() {
            kept.retain(|(of, session)| of != name || session.is_for_one_use());
        }
        if kept.iter().filter(|(of, _)| of == name).count() >= OF_ONE_NAME_MAX
            && let Some(oldest) = kept.iter().position(|(of, _)| of == name)
        {
            kept.remove(oldest);
        }
        if kept.len() >= SESSIONS_MAX {
            kept.pop_front();
        }
        kept.push_back((name.to_owned(), session));
        self.save(&kept);
    }

    /// A file that cannot be written is no reason to end a connection: the next one shakes hands
    /// in full.
    fn save(&self, kept: &Kept) {
        if let Some(path) = &self.file {
            let _ = write(path, kept);
        }
    }
}

/// Takes the sessions of one connection out as they come.
pub(crate) struct Keeper {
    sessions: Arc<Sessions>,
    name: String,
}

impl Keeper {
    pub(crate) fn new(sessions: &Arc<Sessions>, name: &str) -> Self {
        Self { sessions: Arc::clone(sessions), name: name.to_owned() }
    }

    /// A session to offer; it is not kept any more.
    pub(crate) fn take(&self) -> Option<Session> {
        self.sessions.take(&self.name, now())
    }

    /// A session of TLS 1.2 that was resumed and not replaced goes on to be good.
    pub(crate) fn give_back(&self, session: Session) {
        if !session.is_for_one_use() {
            self.sessions.keep(&self.name, session);
        }
    }

    /// Keeps what came; whether anything did.
    pub(crate) fn keep(&self, connection: &mut Connection) -> bool {
        let came = connection.take_sessions();
        let is_any = !came.is_empty();
        came.into_iter().for_each(|session| self.sessions.keep(&self.name, session));
        is_any
    }
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn read(path: &Path) -> io::Result<Kept> {
    let file = fs::File::open(path)?;
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o077 != 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "others may read or write this file, and whoever holds a session can pass for its peer (chmod 600)",
        ));
    }
    let length = file.metadata()?.len();
    // Reserved at once: growing would leave copies that nobody wipes.
    let mut bytes =
        Zeroizing::new(Vec::with_capacity(usize::try_from(length.min(FILE_MAX)).unwrap_or(0) + 1));
    file.take(FILE_MAX).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Ok(Kept::new());
    }
    let mut rest = bytes.strip_prefix(MAGIC).ok_or_else(|| refused("this is no file of sessions"))?;
    let mut kept = Kept::new();
    while !rest.is_empty() {
        let damaged = || refused("the file is damaged");
        let name =
            take_part(&mut rest).and_then(|name| std::str::from_utf8(name).ok()).ok_or_else(damaged)?;
        let session = take_part(&mut rest).ok_or_else(damaged)?;
        // One of another program's version is as good as none.
        if let Ok(session) = Session::decode(session) {
            kept.push_back((name.to_owned(), session));
        }
    }
    Ok(kept)
}

/// What stands behind four bytes of length.
fn take_part<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, behind) = rest.split_first_chunk()?;
    let (part, behind) = behind.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *rest = behind;
    Some(part)
}

/// Replaces the file, so that no reader ever sees half of it.
fn write(path: &Path, kept: &Kept) -> io::Result<()> {
    let mut next = path.as_os_str().to_owned();
    next.push(format!(".{}", std::process::id()));
    let next = PathBuf::from(next);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&next).and_then(|mut file| {
        file.write_all(MAGIC)?;
        for (name, session) in kept {
            let session = session.encode().map_err(|error| refused(&format!("{error:?}")))?;
            for part in [name.as_bytes(), &session] {
                let length = u32::try_from(part.len()).map_err(|_| refused("too long"))?;
                file.write_all(&length.to_be_bytes())?;
                file.write_all(part)?;
            }
        }
        Ok(())
    });
    written.and_then(|()| fs::rename(&next, path)).inspect_err(|_| {
        let _ = fs::remove_file(&next);
    })
}

#[cfg(test)]
mod tests;
