//! A UNIX socket that listens, and its file.

use std::{
    fs, io,
    os::{
        fd::OwnedFd,
        unix::{
            fs::{FileTypeExt, MetadataExt, PermissionsExt},
            net::{UnixListener as StdListener, UnixStream},
        },
    },
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rustix::fs::{FlockOperation, flock};
use socket2::{Domain, SockAddr, Type};
use tokio::net::UnixListener;

use super::BACKLOG;
use crate::{Address, Socket};

/// Permissions of a new file: its owner and group may connect.
pub(super) const MODE: u32 = 0o660;

/// How long the folder is awaited while another program makes or replaces a socket in it, which takes microseconds.
const FOLDER_LIMIT: Duration = Duration::from_secs(5);

pub(super) struct Listener {
    /// The file that this listener made. Removed while the socket still listens: the file of a socket that is closed is one
    /// that another server replaces.
    _file: Option<SocketFile>,
    inner: UnixListener,
}

/// The file of a socket, removed when this is dropped unless another server has replaced it.
struct SocketFile {
    path: PathBuf,
    /// Device and inode.
    identity: (u64, u64),
}

impl SocketFile {
    /// A socket with its file, which does not listen yet: nobody can connect to it, on any system. The file is never
    /// accessible to others than `mode` says on Linux, which makes it with the mode of the socket; elsewhere it may
    /// have the mode of the umask until it is set.
    fn bind(path: &Path, mode: u32) -> io::Result<(socket2::Socket, Self)> {
        let socket = socket2::Socket::new(Domain::UNIX, Type::STREAM, None)?;
        let descriptor = fs::File::from(OwnedFd::from(socket));
        // Systems without modes of sockets refuse it.
        let _is_set = descriptor.set_permissions(fs::Permissions::from_mode(mode));
        let socket = socket2::Socket::from(OwnedFd::from(descriptor));
        socket.bind(&SockAddr::unix(path)?)?;
        Ok((socket, Self { path: path.to_owned(), identity: identity(path)? }))
    }
}

impl Listener {
    pub(super) fn bind(path: &Path, mode: u32) -> io::Result<Self> {
        let _locked = lock_folder(path, FOLDER_LIMIT)?;
        remove_stale(path)?;
        let (socket, file) = SocketFile::bind(path, mode)?;
        // What the umask of the process took away is given back before the socket listens.
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
        socket.listen(BACKLOG.cast_signed())?;
        Ok(Self { _file: Some(file), ..Self::from_std(StdListener::from(OwnedFd::from(socket)))? })
    }

    pub(super) fn from_std(listener: StdListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self { inner: UnixListener::from_std(listener)?, _file: None })
    }

    pub(super) fn address(&self) -> io::Result<Address> {
        let address = self.inner.local_addr()?;
        Ok(Address::Unix(address.as_pathname().unwrap_or(Path::new("")).to_owned()))
    }

    pub(super) async fn accept(&self) -> io::Result<Socket> {
        Ok(Socket::from_unix(self.inner.accept().await?.0))
    }
}

/// Keeps other programs that start on the same path away until the socket listens: between the look at a file and its
/// removal, and between the making of a file and `listen`, it is the file of another server that looks like one that is
/// gone. The folder is locked (flock), so that no file of a lock is left behind; the lock ends with the value, and with the
/// process. A folder that this process may not read, or whose file system has no such locks, is used without.
fn lock_folder(path: &Path, limit: Duration) -> io::Result<Option<fs::File>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(file) = fs::File::open(folder) else { return Ok(None) };
    let begun = Instant::now();
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(Some(file)),
            Err(rustix::io::Errno::WOULDBLOCK) if begun.elapsed() < limit => {
                thread::sleep(Duration::from_millis(1))
            }
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let text = format!(
                    "another program has locked the folder {} for {} s: end it, or choose a folder of this program alone",
                    folder.display(),
                    limit.as_secs()
                );
                return Err(io::Error::new(io::ErrorKind::WouldBlock, text));
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return Ok(None),
        }
    }
}

/// Removes the file of a server that is gone. What is not a socket, and the socket of a server that answers, stay:
/// binding then fails.
fn remove_stale(path: &Path) -> io::Result<()> {
    let Ok(metadata) = fs::symlink_metadata(path) else { return Ok(()) };
    if !metadata.file_type().is_socket() {
        let text =
            format!("{} exists and is not a socket: choose another path, or remove it", path.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, text));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        _ => Ok(()),
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|found| found == self.identity) {
            let _may_stay = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that makes its socket, and does not listen yet, looks like one that is gone.
    #[tokio::test]
    async fn the_file_of_a_socket_is_left_alone_until_its_program_listens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service.sock");
        let locked = lock_folder(&path, FOLDER_LIMIT).unwrap().unwrap();
        let (socket, file) = SocketFile::bind(&path, MODE).unwrap();
        // While the one makes it, the other waits, and says so if that takes too long.
        let error = lock_folder(&path, Duration::ZERO).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        assert!(error.to_string().contains("another program has locked the folder"), "{error}");
        let (other, runtime) = (path.clone(), tokio::runtime::Handle::current());
        let other = thread::spawn(move || {
            let _entered = runtime.enter();
            Listener::bind(&other, MODE).map(drop)
        });
        thread::sleep(Duration::from_millis(50));
        socket.listen(1).unwrap();
        drop(locked);
        assert_eq!(other.join().unwrap().unwrap_err().kind(), io::ErrorKind::AddrInUse);
        assert_eq!(identity(&path).unwrap(), file.identity);
    }

    /// Between the making of the file and the change of its mode another user could connect.
    #[test]
    fn the_file_of_a_socket_is_never_open_to_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service.sock");
        for mode in [0o660, 0o600] {
            let (socket, file) = SocketFile::bind(&path, mode).unwrap();
            if cfg!(target_os = "linux") {
                let found = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
                assert_eq!(found & !mode, 0, "{found:o} for {mode:o}");
            }
            let refused = UnixStream::connect(&path).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
            drop((socket, file));
            assert!(!path.exists());
        }
    }
}
