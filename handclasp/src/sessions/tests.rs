//! Sessions in memory and in files. Their bytes are written here by hand, as `Session` has no
//! other way to be made without a handshake.

use std::{fs, path::PathBuf, thread};

use super::*;

const NOW: u64 = 1_800_000_000;

/// A session of that version with that ticket.
fn session(version: u16, ticket: u8) -> Session {
    with_ticket(version, &[ticket])
}

fn with_ticket(version: u16, ticket: &[u8]) -> Session {
    let bytes = [
        &[2][..],
        &version.to_be_bytes(),
        &[0x13, 0x01],
        &[32],
        &[7; 32],
        &u16::try_from(ticket.len()).unwrap().to_be_bytes(),
        ticket,
        &NOW.to_be_bytes(),
        &NOW.to_be_bytes(),
        &7200_u32.to_be_bytes(),
        &[0; 4],
        &[0, 0, 0],
        &[0, 0, 0],
        &[0],
        &[0, 0],
        &[9; 32],
    ];
    Session::decode(&bytes.concat()).unwrap()
}

/// The ticket of a session.
fn ticket(session: Option<Session>) -> Option<u8> {
    session.map(|session| session.encode().unwrap()[5 + 1 + 32 + 2])
}

const TLS13: u16 = 0x0304;
const TLS12: u16 = 0x0303;

#[test]
fn the_newest_first_and_each_once() {
    let sessions = Sessions::default();
    for number in 0..6 {
        sessions.keep("a", [session(TLS13, number)]);
    }
    sessions.keep("b", [session(TLS13, 99)]);
    let taken: Vec<_> = std::iter::from_fn(|| ticket(sessions.take("a", NOW))).collect();
    assert_eq!(taken, [5, 4, 3, 2]);
    assert_eq!(ticket(sessions.take("b", NOW)), Some(99));
    assert!(sessions.take("b", NOW).is_none() && sessions.take("c", NOW).is_none());
}

#[test]
fn of_tls12_one_is_enough() {
    let sessions = Sessions::default();
    sessions.keep("a", [session(TLS12, 1)]);
    sessions.keep("a", [session(TLS12, 2)]);
    assert_eq!(ticket(sessions.take("a", NOW)), Some(2));
    assert!(sessions.take("a", NOW).is_none());
}

#[test]
fn what_is_too_old_goes() {
    let sessions = Sessions::default();
    sessions.keep("a", [session(TLS13, 1)]);
    assert!(sessions.take("a", NOW + 7201).is_none());
    assert!(sessions.take("a", NOW).is_none());
}

#[test]
fn memory_is_bounded() {
    let sessions = Sessions::default();
    for number in 0..1000 {
        sessions.keep(number.to_string(), [session(TLS13, 1)]);
    }
    let Sessions::Memory(kept) = &sessions else { panic!() };
    assert_eq!(kept.lock().unwrap().len(), SESSIONS_MAX);
    assert!(sessions.take("999", NOW).is_some());
}

/// A directory that nothing is in, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("handclasp-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("sessions")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_file_outlives_the_process_and_is_its_owners() {
    let folder = Folder::new("sessions");
    let path = folder.file();
    let sessions = Sessions::in_file(&path).unwrap();
    sessions.keep("a", [session(TLS13, 1)]);
    sessions.keep("a", [session(TLS13, 2)]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let again = Sessions::in_file(&path).unwrap();
    assert_eq!(ticket(again.take("a", NOW)), Some(2));
    // Used once: gone from the file before it is offered.
    let third = Sessions::in_file(&path).unwrap();
    assert_eq!(ticket(third.take("a", NOW)), Some(1));
    assert!(Sessions::in_file(&path).unwrap().take("a", NOW).is_none());
}

#[test]
#[cfg(unix)]
fn a_file_that_others_may_touch_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("open");
    let path = folder.file();
    Sessions::in_file(&path).unwrap().keep("a", [session(TLS13, 1)]);
    for mode in [0o640, 0o604, 0o620, 0o666] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = Sessions::in_file(&path).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{mode:o}");
    }
}

#[test]
#[cfg(unix)]
fn other_files_are_refused_whole() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("damaged");
    let path = folder.file();
    Sessions::in_file(&path).unwrap().keep("a", [session(TLS13, 1)]);
    let whole = fs::read(&path).unwrap();
    let write = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        Sessions::in_file(&path)
    };
    // Two processes never see it, nor does a crash leave it.
    for length in 1..whole.len() {
        let is_between = length == MAGIC.len();
        assert_eq!(write(&whole[..length]).is_ok(), is_between, "{length}");
    }
    assert!(write(b"").is_ok());
    assert!(write(b"-----BEGIN SSL SESSION PARAMETERS-----").is_err());
    // A session of a newer program's is passed over.
    let mut newer = whole.clone();
    newer[MAGIC.len() + 4 + 1 + 4] = 3;
    assert!(write(&newer).unwrap().take("a", NOW).is_none());
}

/// What is written is what can be read again, however large the tickets are.
#[test]
fn a_file_never_grows_beyond_what_is_read() {
    let folder = Folder::new("large");
    let sessions = Sessions::in_file(&folder.file()).unwrap();
    for number in 0..18_u8 {
        let name = format!("{number}.test");
        let large = |last: u8| with_ticket(TLS13, &[&[7; 65_000][..], &[last]].concat());
        sessions.keep(&*name, [large(1), large(2)]);
        let length = fs::metadata(folder.file()).unwrap().len();
        assert!(length <= u64::try_from(FILE_MAX).unwrap(), "{length}");
        let again = Sessions::in_file(&folder.file()).unwrap();
        assert!(again.take(&name, NOW).is_some(), "the newest is there: {number}");
    }
    assert!(sessions.take("0.test", NOW).is_none(), "the oldest went");
    assert!(sessions.take("16.test", NOW).is_some());
}

/// Several programs with one file, each of which opened it before the others took from it: every
/// ticket is given out once, and none that came meanwhile is lost.
#[test]
fn who_shares_a_file_never_offers_a_ticket_twice() {
    let folder = Folder::new("shared");
    let open = || Sessions::in_file(&folder.file()).unwrap();
    let (first, second) = (open(), open());
    first.keep("a", [session(TLS13, 1), session(TLS13, 2)]);
    second.keep("a", [session(TLS13, 3)]);
    assert_eq!(ticket(first.take("a", NOW)), Some(3));
    assert_eq!(ticket(second.take("a", NOW)), Some(2));
    assert_eq!(ticket(first.take("a", NOW)), Some(1));
    assert!(first.take("a", NOW).is_none() && second.take("a", NOW).is_none());

    for name in 0..16 {
        first.keep(name.to_string(), (0..4).map(|ticket| session(TLS13, name * 4 + ticket)));
    }
    let take_all = || {
        let sessions = open();
        let all = (0..16).flat_map(|name| {
            let sessions = &sessions;
            std::iter::from_fn(move || ticket(sessions.take(&name.to_string(), NOW)))
        });
        all.collect::<Vec<_>>()
    };
    let mut taken: Vec<u8> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(take_all)).collect();
        threads.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });
    taken.sort_unstable();
    assert_eq!(taken, (0..64).collect::<Vec<u8>>());
}

/// A ticket that stays in the file would be offered again: it is not given out.
#[test]
#[cfg(unix)]
fn a_session_that_cannot_be_taken_out_of_the_file_is_not_offered() {
    let folder = Folder::new("stuck");
    let sessions = Sessions::in_file(&folder.file()).unwrap();
    sessions.keep("a", [session(TLS13, 1)]);
    // Nothing can be renamed over a directory, root included; nor is one removed as a file.
    let next = folder.0.join(".sessions.new");
    fs::create_dir(&next).unwrap();
    assert!(sessions.take("a", NOW).is_none());
    fs::remove_dir(&next).unwrap();
    assert_eq!(ticket(sessions.take("a", NOW)), Some(1));
}

/// A server that sends tickets without end makes us write the file a few times, not each time.
#[test]
#[cfg(unix)]
fn tickets_without_end_cost_few_writes() {
    use std::os::unix::fs::MetadataExt;
    let folder = Folder::new("flood");
    let sessions = Arc::new(Sessions::in_file(&folder.file()).unwrap());
    let inode = || fs::metadata(folder.file()).unwrap().ino();
    let mut store = SessionStoreHandle::new("a");
    let mut written = Vec::new();
    for number in 0..=250 {
        let before = inode();
        store.keep_one(&sessions, session(TLS13, number));
        if inode() != before {
            written.push(number);
        }
    }
    // Counted from 0: the 1st to the 4th, the 8th and so on.
    assert_eq!(written, [0, 1, 2, 3, 7, 15, 31, 63, 127]);
    drop(store);
    let taken: Vec<_> = std::iter::from_fn(|| ticket(sessions.take("a", NOW))).collect();
    assert_eq!(taken, [250, 249, 248, 247], "the newest are kept when the connection ends");
}

/// In memory nothing waits.
#[test]
fn in_memory_each_ticket_is_kept_at_once() {
    let sessions = Arc::new(Sessions::default());
    let mut store = SessionStoreHandle::new("a");
    for number in 0..7 {
        store.keep_one(&sessions, session(TLS13, number));
        assert_eq!(ticket(sessions.take("a", NOW)), Some(number));
    }
    // Resumed and not replaced: of TLS 1.2 it stays valid, of TLS 1.3 it was used.
    store.pending(&sessions).offered = Some(session(TLS13, 1));
    store.give_back();
    assert!(sessions.take("a", NOW).is_none());
    store.pending(&sessions).offered = Some(session(TLS12, 2));
    store.give_back();
    assert_eq!(ticket(sessions.take("a", NOW)), Some(2));
}
