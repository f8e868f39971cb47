//! Every way in which a file is not private, and what the errors say. The tests run as any user:
//! where a file of somebody else is needed, root makes one and others use one of root's.
#![cfg(unix)]

use std::{
    format,
    fs::{self, Permissions},
    os::{
        fd::AsRawFd,
        unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    },
    path::PathBuf,
    process::Command,
    string::{String, ToString},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    vec::Vec,
};

use rustix::process::geteuid;

use super::{
    check::system::{check_owner_and_mode, is_open_to_others},
    *,
};

const LIMIT: usize = 100;

/// A new directory, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("handclasp-private-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        mode(&path, 0o700);
        Self(fs::canonicalize(path).unwrap())
    }

    fn file(&self, permissions: u32) -> PathBuf {
        let path = self.0.join("file");
        fs::write(&path, b"content").unwrap();
        mode(&path, permissions);
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn mode(path: &Path, permissions: u32) {
    fs::set_permissions(path, Permissions::from_mode(permissions)).unwrap();
}

/// What each way of opening a kept file answers: read, append, lock.
fn kept(path: &Path) -> [Result<(), PrivateFileError>; 3] {
    let file = PrivateFile::new(path, LIMIT);
    [file.read().map(drop), file.append().map(drop), file.lock().map(drop)]
}

/// The sentence that every way of opening answers; the first difference fails.
fn refusal(path: &Path) -> String {
    let [read, append, lock] = kept(path).map(|result| result.unwrap_err().to_string());
    assert_eq!(read, append);
    assert_eq!(read, lock);
    read
}

#[test]
fn a_private_file_is_read_replaced_and_appended() {
    let folder = Folder::new();
    let file = PrivateFile::new(folder.0.join("new"), LIMIT);
    assert_eq!(file.read().unwrap_err().kind(), io::ErrorKind::NotFound);

    let mut locked = file.lock().unwrap();
    assert_eq!(**locked.read().unwrap(), []);
    locked.replace(b"one").unwrap();
    assert_eq!(**file.read().unwrap(), *b"one");
    file.append().unwrap().write_all(b" two").unwrap();
    assert_eq!(**file.lock().unwrap().read().unwrap(), *b"one two");
    assert_eq!(fs::metadata(file.path()).unwrap().mode() & 0o7777, 0o600);
    // Nothing else is left in the directory.
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
    assert_eq!(**read_secret(file.path(), LIMIT).unwrap(), *b"one two");
}

#[test]
fn a_file_made_by_us_is_ours_alone_under_any_umask() {
    let folder = Folder::new();
    for name in ["append", "lock"] {
        let path = folder.0.join(name);
        let file = PrivateFile::new(&path, LIMIT);
        match name {
            "append" => drop(file.append().unwrap()),
            _ => file.lock().unwrap().replace(b"x").unwrap(),
        }
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o077, 0, "{name}");
    }
}

#[test]
fn modes_that_let_others_in_are_refused() {
    let folder = Folder::new();
    for (permissions, can) in [
        (0o640, "read it"),
        (0o604, "read it"),
        (0o620, "write it"),
        (0o602, "write it"),
        (0o666, "read and write it"),
        (0o644, "read it"),
        (0o601, "execute it"),
        (0o4610, "execute it"),
    ] {
        let path = folder.file(permissions);
        let told = refusal(&path);
        let file = path.display();
        assert_eq!(
            told,
            format!(
                "{file}: mode {permissions:04o}, so other users can {can}; expected 0600 or less: chmod 600 {file}"
            )
        );
    }
    for permissions in [0o600, 0o700, 0o1600] {
        let path = folder.file(permissions);
        assert!(kept(&path).iter().all(Result::is_ok), "{permissions:o}");
    }
    let path = folder.file(0o400);
    assert!(PrivateFile::new(&path, LIMIT).read().is_ok());
}

/// The owner, at the file: root gives one away, others take one of root's that all can read.
#[test]
fn files_of_another_user_are_refused() {
    let us = geteuid().as_raw();
    let folder = Folder::new();
    let (path, owner) = match us {
        0 => {
            let path = folder.file(0o600);
            chown(&path, Some(65534), Some(65534)).unwrap();
            (path, 65534)
        }
        _ => (fs::canonicalize("/etc/passwd").unwrap(), 0),
    };
    let told = PrivateFile::new(&path, LIMIT).read().unwrap_err().to_string();
    let file = path.display();
    let expected = format!("{file}: owned by user {owner}, expected user {us}, ");
    assert!(told.starts_with(&expected), "{told}");
    assert!(told.ends_with(&format!("chown {us} {file}")), "{told}");
    if us == 0 {
        refusal(&path);
        // Not even a key: its owner could have put another one there.
        assert!(matches!(read_secret(&path, LIMIT).unwrap_err().problem, Problem::Owner { .. }));
    }
}

#[test]
fn owners_and_modes_of_files_kept_and_given() {
    let path = Path::new("file");
    let check = |owner, mode, us, rules| check_owner_and_mode(owner, mode, us, path, rules).is_ok();
    for rules in [Rules::Kept, Rules::Given] {
        assert!(check(1000, 0o600, 1000, rules) && check(1000, 0o400, 1000, rules));
        assert!(!check(1000, 0o640, 1000, rules) && !check(1000, 0o644, 1000, rules));
        // Another's, also where we are root.
        assert!(!check(1001, 0o600, 1000, rules) && !check(1000, 0o600, 0, rules));
    }
    // root:ssl-cert 0640, for a key; never for what we keep.
    assert!(check(0, 0o640, 1000, Rules::Given) && check(0, 0o640, 0, Rules::Given));
    // root:root 0440 of LoadCredential=: systemd gives the service an entry of the access control list, whose mask the
    // group's bits are.
    assert!(check(0, 0o440, 1000, Rules::Given) && check(0, 0o440, 0, Rules::Given));
    assert!(!check(0, 0o600, 1000, Rules::Kept) && !check(0, 0o640, 0, Rules::Kept));
    assert!(!check(0, 0o644, 1000, Rules::Given) && !check(0, 0o660, 1000, Rules::Given));
}

#[test]
fn links_are_refused_for_what_we_keep_and_followed_to_what_we_are_given() {
    let folder = Folder::new();
    let path = folder.file(0o600);
    let link = folder.0.join("link");
    symlink(&path, &link).unwrap();
    let told = refusal(&link);
    assert!(told.starts_with(&format!("{}: a symbolic link, expected a regular file", link.display())));
    assert_eq!(**read_secret(&link, LIMIT).unwrap(), *b"content");
    // What counts is what the link leads to.
    mode(&path, 0o646);
    assert!(matches!(read_secret(&link, LIMIT).unwrap_err().problem, Problem::Mode { found: 0o646, .. }));
    fs::remove_file(&path).unwrap();
    // A link that leads nowhere makes no file there.
    assert!(refusal(&link).contains("a symbolic link"));
    assert!(!path.exists());
}

#[test]
fn what_is_not_a_file_is_refused_without_waiting() {
    let folder = Folder::new();
    let pipe = folder.0.join("pipe");
    let made = Command::new("mkfifo").arg("-m").arg("600").arg(&pipe).status().unwrap();
    assert!(made.success());
    assert!(refusal(&pipe).ends_with(": a named pipe, expected a regular file"));
    assert!(read_secret(&pipe, LIMIT).unwrap_err().to_string().contains("a named pipe"));

    let inner = folder.0.join("inner");
    fs::create_dir(&inner).unwrap();
    mode(&inner, 0o600);
    assert!(refusal(&inner).ends_with(": a directory, expected a regular file"));
    assert!(refusal(&folder.0.join("..")).contains("expected the path of a file"));
    assert!(read_secret(Path::new("/dev/null"), LIMIT).unwrap_err().to_string().contains("a device"));
}

#[test]
fn directories_that_others_write_are_refused_unless_sticky() {
    let us = geteuid().as_raw();
    let folder = Folder::new();
    let path = folder.file(0o600);
    let own_group = fs::metadata(&folder.0).unwrap().gid() == us;
    for (permissions, is_safe) in [
        (0o755, true),
        (0o1777, true),
        (0o1770, true),
        (0o770, own_group),
        (0o775, own_group),
        (0o777, false),
        (0o702, false),
    ] {
        mode(&folder.0, permissions);
        let is_read = kept(&path).iter().all(Result::is_ok);
        assert_eq!(is_read, is_safe, "{permissions:o}");
        assert_eq!(read_secret(&path, LIMIT).is_ok(), is_safe, "{permissions:o}");
    }
    mode(&folder.0, 0o777);
    let directory = folder.0.display();
    let expected = format!(
        "{}: the directory {directory} has mode 0777, so other users can replace the file; \
         expected no write permission for them: chmod go-w {directory}",
        path.display()
    );
    assert_eq!(refusal(&path), expected);
    // One above it counts too, and a link to it does not hide it.
    let inner = folder.0.join("inner");
    fs::create_dir(&inner).unwrap();
    mode(&inner, 0o700);
    assert!(refusal(&inner.join("file")).contains("has mode 0777"));
    let other = Folder::new();
    let link = other.0.join("link");
    symlink(&inner, &link).unwrap();
    assert!(refusal(&link.join("file")).contains("has mode 0777"));
    assert!(!inner.join("file").exists());
}

#[test]
fn directories_by_mode_and_group() {
    let is_open = |mode, group, is_parent| is_open_to_others(mode, group, 1000, is_parent);
    // The user's own group, and another one, which counts in the directory of the file.
    assert!(!is_open(0o775, 1000, true) && is_open(0o775, 100, true) && is_open(0o770, 0, true));
    assert!(!is_open(0o755, 100, true) && !is_open(0o1775, 100, true) && !is_open(0o775, 100, false));
    for is_parent in [true, false] {
        assert!(is_open(0o757, 1000, is_parent) && is_open(0o702, 1000, is_parent));
        assert!(!is_open(0o1777, 100, is_parent));
    }
}

/// As root: a directory of another user's. As another user there is none in which a file of ours
/// could be, so that the check of the directory is all that is asked for.
#[test]
fn directories_of_another_user_are_refused() {
    let folder = Folder::new();
    let us = geteuid().as_raw();
    if us == 0 {
        chown(&folder.0, Some(65534), Some(65534)).unwrap();
        let told = refusal(&folder.0.join("file"));
        assert!(told.contains("is owned by user 65534, who can replace the file; expected user 0 or root"));
        assert!(!folder.0.join("file").exists());
    } else {
        // A directory of root's is safe; the file in it is not ours.
        assert!(matches!(
            kept(Path::new("/etc/passwd"))[0],
            Err(PrivateFileError { problem: Problem::Owner { .. }, .. })
        ));
    }
}

#[test]
fn sizes_are_bounded_alike_when_read_and_when_written() {
    let folder = Folder::new();
    let file = PrivateFile::new(folder.0.join("file"), LIMIT);
    file.lock().unwrap().replace(&[1; LIMIT]).unwrap();
    assert_eq!(file.read().unwrap().len(), LIMIT);
    let error = file.lock().unwrap().replace(&[2; LIMIT + 1]).unwrap_err();
    assert!(matches!(error.problem, Problem::TooLong { found: 101, limit: LIMIT }));
    // What was there is there still.
    assert_eq!(**file.read().unwrap(), [1; LIMIT]);
    file.append().unwrap().write_all(&[3; 50]).unwrap();
    for error in [file.read().unwrap_err(), read_secret(file.path(), LIMIT).unwrap_err()] {
        assert_eq!(error.to_string(), format!("{}: 150 bytes, expected at most 100", file.path().display()));
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}

#[test]
fn one_at_a_time_holds_the_lock_and_a_replaced_file_is_locked_anew() {
    let folder = Folder::new();
    let file = PrivateFile::new(folder.0.join("counter"), LIMIT);
    let count = |bytes: &[u8]| std::str::from_utf8(bytes).unwrap().parse::<u32>().unwrap_or(0);
    let add = || {
        for _ in 0..50 {
            let mut locked = file.lock().unwrap();
            let next = count(&locked.read().unwrap()) + 1;
            locked.replace(next.to_string().as_bytes()).unwrap();
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(add)).collect();
        threads.into_iter().for_each(|one| one.join().unwrap());
    });
    assert_eq!(count(&file.read().unwrap()), 200);
}

/// Who opened the file before it was replaced holds no lock, and would read what is old.
#[test]
fn a_file_that_was_replaced_meanwhile_is_not_locked() {
    let folder = Folder::new();
    let file = PrivateFile::new(folder.0.join("file"), LIMIT);
    file.lock().unwrap().replace(b"old").unwrap();
    let before = File::open(file.path()).unwrap();
    file.lock().unwrap().replace(b"new").unwrap();
    assert!(file.try_lock(before).unwrap().is_none());
    assert!(file.try_lock(File::open(file.path()).unwrap()).unwrap().is_some());
}

#[test]
fn a_lock_that_is_held_is_waited_for_and_then_told() {
    let folder = Folder::new();
    let file = PrivateFile::new(folder.0.join("file"), LIMIT);
    let held = file.lock().unwrap();
    let error = file.lock().unwrap_err();
    assert!(matches!(error.problem, Problem::Locked) && error.kind() == io::ErrorKind::WouldBlock);
    drop(held);
    assert!(file.lock().is_ok());
}

/// What a shell's `<(command)` hands over.
#[test]
fn a_descriptor_that_was_handed_to_us_is_read_as_it_is() {
    let (reader, mut writer) = io::pipe().unwrap();
    writer.write_all(&[5; 10_000]).unwrap();
    drop(writer);
    let path = PathBuf::from(format!("/dev/fd/{}", reader.as_raw_fd()));
    assert_eq!(**read_secret(&path, 10_000).unwrap(), [5; 10_000]);

    let (reader, mut writer) = io::pipe().unwrap();
    writer.write_all(&[5; LIMIT + 1]).unwrap();
    let path = PathBuf::from(format!("/dev/fd/{}", reader.as_raw_fd()));
    // The other end is open still: no more is read than tells that it is too much.
    assert!(matches!(read_secret(&path, LIMIT).unwrap_err().problem, Problem::TooLong { .. }));
}

/// A temporary file that a crash left behind neither stops the next writer nor stays.
#[test]
fn what_a_crash_left_behind_is_replaced() {
    let folder = Folder::new();
    let file = PrivateFile::new(folder.0.join("file"), LIMIT);
    let left = folder.0.join(".file.new");
    fs::write(&left, b"half a sec").unwrap();
    file.lock().unwrap().replace(b"whole").unwrap();
    assert!(!left.exists());
    // One that is a link is removed, not written through.
    let target = folder.0.join("target");
    symlink(&target, &left).unwrap();
    file.lock().unwrap().replace(b"again").unwrap();
    assert!(!target.exists() && !left.exists());
    assert_eq!(**file.read().unwrap(), *b"again");
}
