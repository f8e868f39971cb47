//! Sessions in memory and in files. Their bytes are written here by hand, as `Session` has no
//! other way to be made without a handshake.

use super::*;

const NOW: u64 = 1_800_000_000;

/// A session of that version with that ticket.
fn session(version: u16, ticket: u8) -> Session {
    let bytes = [
        &[2][..],
        &version.to_be_bytes(),
        &[0x13, 0x01],
        &[32],
        &[7; 32],
        &[0, 1, ticket],
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
        sessions.keep("a", session(TLS13, number));
    }
    sessions.keep("b", session(TLS13, 99));
    let taken: Vec<_> = std::iter::from_fn(|| ticket(sessions.take("a", NOW))).collect();
    assert_eq!(taken, [5, 4, 3, 2]);
    assert_eq!(ticket(sessions.take("b", NOW)), Some(99));
    assert!(sessions.take("b", NOW).is_none() && sessions.take("c", NOW).is_none());
}

#[test]
fn of_tls12_one_is_enough() {
    let sessions = Sessions::default();
    sessions.keep("a", session(TLS12, 1));
    sessions.keep("a", session(TLS12, 2));
    assert_eq!(ticket(sessions.take("a", NOW)), Some(2));
    assert!(sessions.take("a", NOW).is_none());
}

#[test]
fn what_is_too_old_goes() {
    let sessions = Sessions::default();
    sessions.keep("a", session(TLS13, 1));
    assert!(sessions.take("a", NOW + 7201).is_none());
    assert!(sessions.take("a", NOW).is_none());
}

#[test]
fn memory_is_bounded() {
    let sessions = Sessions::default();
    for number in 0..1000 {
        sessions.keep(&number.to_string(), session(TLS13, 1));
    }
    assert_eq!(sessions.kept.lock().unwrap().len(), SESSIONS_MAX);
    assert!(sessions.take("999", NOW).is_some());
}

/// A path that nothing is at.
fn fresh(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("handclasp-{}-{name}", std::process::id()));
    let _ = fs::remove_file(&path);
    path
}

#[test]
fn a_file_outlives_the_process_and_is_its_owners() {
    let path = fresh("sessions");
    let sessions = Sessions::in_file(&path).unwrap();
    sessions.keep("a", session(TLS13, 1));
    sessions.keep("a", session(TLS13, 2));
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
    fs::remove_file(&path).unwrap();
}

#[test]
#[cfg(unix)]
fn a_file_that_others_may_touch_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let path = fresh("open");
    Sessions::in_file(&path).unwrap().keep("a", session(TLS13, 1));
    for mode in [0o640, 0o604, 0o620, 0o666] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = Sessions::in_file(&path).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{mode:o}");
    }
    fs::remove_file(&path).unwrap();
}

#[test]
#[cfg(unix)]
fn other_files_are_refused_whole() {
    use std::os::unix::fs::PermissionsExt;
    let path = fresh("damaged");
    Sessions::in_file(&path).unwrap().keep("a", session(TLS13, 1));
    let whole = fs::read(&path).unwrap();
    let write = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        Sessions::in_file(&path)
    };
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
    fs::remove_file(&path).unwrap();
}
