//! A client's sessions, kept by the name of the server: in memory, or in a file that outlives the
//! process. A session of TLS 1.3 is offered once, also where
//! several processes share the file (RFC 8446 §C.4).
//!
//! A file holds secrets and decides which servers are trusted: it is a [`PrivateFile`]. All sessions
//! are in the file then: each change locks it, reads it and replaces it.

use std::{
    collections::VecDeque,
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use handclasp_connection::Connection as Engine;
use handclasp_handshake::Session;
use handclasp_identity::private_file::{LockedFile, PrivateFile};
use zeroize::Zeroizing;

use crate::time::now;

/// Sessions kept together, and for one name: as many as a server gives at once.
const SESSIONS_MAX: usize = 256;
const OF_ONE_NAME_MAX: usize = 4;

/// The first bytes of a file; its form.
const MAGIC: &[u8] = b"handclasp sessions 1\n";

/// The longest file that is read or written: 256 sessions of 4 KB. Where tickets are larger, the
/// oldest sessions go.
const FILE_MAX: usize = 1 << 20;

/// Sessions and the names they are for, oldest first.
type Kept = VecDeque<(Arc<str>, Session)>;

/// Where sessions are kept.
pub(crate) enum Sessions {
    Memory(Mutex<Kept>),
    File(PrivateFile),
}

impl Default for Sessions {
    fn default() -> Self {
        Self::Memory(Mutex::default())
    }
}

impl Sessions {
    /// In a file, which is made if it does not exist.
    ///
    /// # Errors
    /// Those of [`PrivateFile::lock`], or a file that holds something else than sessions.
    pub(crate) fn in_file(path: &Path) -> io::Result<Self> {
        let file = PrivateFile::new(path, FILE_MAX);
        read(&mut file.lock()?).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => {
                io::Error::new(error.kind(), format!("{}: {error}", path.display()))
            }
            _ => error,
        })?;
        Ok(Self::File(file))
    }

    /// The newest session for that name, which is not kept any more. A file that cannot be read
    /// or written gives none: what stays in it would be offered again.
    pub(crate) fn take(&self, name: &str, now: u64) -> Option<Session> {
        let take = |kept: &mut Kept| {
            kept.retain(|(_, session)| session.is_fresh(now));
            let place = kept.iter().rposition(|(of, _)| **of == *name)?;
            kept.remove(place).map(|(_, session)| session)
        };
        match self {
            Self::Memory(kept) => take(&mut kept.lock().unwrap_or_else(PoisonError::into_inner)),
            Self::File(file) => {
                let mut locked = file.lock().ok()?;
                let mut kept = read(&mut locked).ok()?;
                let session = take(&mut kept)?;
                locked.replace(&encode(&kept)).ok()?;
                Some(session)
            }
        }
    }

    /// Keeps sessions for that name, oldest first.
    pub(crate) fn keep(&self, name: impl Into<Arc<str>>, sessions: impl IntoIterator<Item = Session>) {
        let name = name.into();
        let keep = |kept: &mut Kept| sessions.into_iter().for_each(|session| add(kept, &name, session));
        match self {
            Self::Memory(kept) => keep(&mut kept.lock().unwrap_or_else(PoisonError::into_inner)),
            // An error of the file ends no connection: the next one is a full handshake.
            Self::File(file) => {
                if let Ok(mut locked) = file.lock()
                    && let Ok(mut kept) = read(&mut locked)
                {
                    keep(&mut kept);
                    let _ = locked.replace(&encode(&kept));
                }
            }
        }
    }
}

/// Adds a session for that name within the bounds. Of TLS 1.2 one is enough: the newest.
fn add(kept: &mut Kept, name: &Arc<str>, session: Session) {
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
    kept.push_back((Arc::clone(name), session));
}

/// One connection's access to the store: which session it offers, and where those go that come. It
/// lies in every connection of a client, so it is small.
pub(crate) struct SessionStoreHandle {
    name: Arc<str>,
    pending: Option<Box<Pending>>,
}

/// Sessions on their way into the store.
struct Pending {
    sessions: Arc<Sessions>,
    /// The session that this connection offered.
    offered: Option<Session>,
    /// Of a file: how many sessions came on this connection.
    came: u64,
    /// Of a file: those that were not written yet, the newest of one name at most.
    waiting: VecDeque<Session>,
}

impl SessionStoreHandle {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.into(), pending: None }
    }

    fn pending(&mut self, sessions: &Arc<Sessions>) -> &mut Pending {
        self.pending.get_or_insert_with(|| {
            let sessions = Arc::clone(sessions);
            Box::new(Pending { sessions, offered: None, came: 0, waiting: VecDeque::new() })
        })
    }

    /// A session to offer. It is taken out of the store, since it may be offered once.
    pub(crate) fn offer(&mut self, sessions: &Arc<Sessions>) -> Option<&Session> {
        let offered = sessions.take(&self.name, now())?;
        Some(self.pending(sessions).offered.insert(offered))
    }

    /// Keeps the session that was offered and resumed, where no new ticket came: one of TLS 1.2 stays
    /// valid.
    pub(crate) fn give_back(&mut self) {
        if let Some(pending) = &mut self.pending
            && let Some(session) = pending.offered.take().filter(|session| !session.is_for_one_use())
        {
            pending.sessions.keep(Arc::clone(&self.name), [session]);
        }
    }

    /// Keeps the sessions that came; returns whether any did.
    ///
    /// A server may send tickets without end, and each costs a file written anew: the first few
    /// are kept as they come, later ones whenever their number has doubled, and the rest at
    /// the end of the connection.
    pub(crate) fn keep(&mut self, sessions: &Arc<Sessions>, engine: &mut Engine) -> bool {
        let came = engine.take_sessions();
        if came.is_empty() {
            return false;
        }
        if let Some(pending) = &mut self.pending {
            pending.offered = None;
        }
        came.into_iter().for_each(|session| self.keep_one(sessions, session));
        true
    }

    fn keep_one(&mut self, sessions: &Arc<Sessions>, session: Session) {
        let name = Arc::clone(&self.name);
        if matches!(**sessions, Sessions::Memory(_)) {
            return sessions.keep(name, [session]);
        }
        let Pending { came, waiting, .. } = self.pending(sessions);
        *came = came.saturating_add(1);
        if waiting.len() >= OF_ONE_NAME_MAX {
            waiting.pop_front();
        }
        waiting.push_back(session);
        let is_early = usize::try_from(*came).is_ok_and(|came| came <= OF_ONE_NAME_MAX);
        if is_early || came.is_power_of_two() {
            sessions.keep(name, waiting.drain(..));
        }
    }
}

impl Drop for SessionStoreHandle {
    fn drop(&mut self) {
        if let Some(pending) = &mut self.pending
            && !pending.waiting.is_empty()
        {
            pending.sessions.keep(Arc::clone(&self.name), pending.waiting.drain(..));
        }
    }
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn read(file: &mut LockedFile<'_>) -> io::Result<Kept> {
    let bytes = file.read()?;
    if bytes.is_empty() {
        return Ok(Kept::new());
    }
    let mut rest = bytes
        .strip_prefix(MAGIC)
        .ok_or_else(|| refused("expected a handclasp session file or an empty file, found something else"))?;
    let mut kept = Kept::new();
    while !rest.is_empty() {
        let damaged = || refused("the session file is damaged; it can be deleted");
        let name =
            take_part(&mut rest).and_then(|name| std::str::from_utf8(name).ok()).ok_or_else(damaged)?;
        let session = take_part(&mut rest).ok_or_else(damaged)?;
        // A session in the form of another version of this program is passed over.
        if let Ok(session) = Session::decode(session) {
            kept.push_back((name.into(), session));
        }
    }
    Ok(kept)
}

/// The bytes behind four bytes of length.
fn take_part<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, behind) = rest.split_first_chunk()?;
    let (part, behind) = behind.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *rest = behind;
    Some(part)
}

/// The bytes of a file with these sessions. What does not fit is left out, oldest
/// first.
fn encode(kept: &Kept) -> Zeroizing<Vec<u8>> {
    let mut parts = VecDeque::new();
    let mut length = MAGIC.len();
    for (name, session) in kept.iter().rev() {
        let Ok(session) = session.encode() else { continue };
        let more = name.len().saturating_add(session.len()).saturating_add(8);
        if length.saturating_add(more) > FILE_MAX {
            break;
        }
        length = length.saturating_add(more);
        parts.push_front((name.as_bytes(), session));
    }
    // Reserved at once: growing would leave copies that are not wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    bytes.extend_from_slice(MAGIC);
    for (name, session) in parts {
        for part in [name, &session] {
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(part);
        }
    }
    bytes
}

#[cfg(test)]
mod tests;
