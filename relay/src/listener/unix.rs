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
};

use socket2::{Domain, SockAddr, Type};
use tokio::net::UnixListener;

use super::BACKLOG;
use crate::{Address, Socket};

/// Permissions of a new file: its owner and group may connect.
pub(super) const MODE: u32 = 0o660;

pub(super) struct Listener {
    inner: UnixListener,
    /// The file that this listener made.
    _file: Option<SocketFile>,
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
