//! A UNIX socket that listens, and its file.

use std::{
    fs, io,
    os::unix::{
        fs::{FileTypeExt, MetadataExt, PermissionsExt},
        net::{UnixListener as StdListener, UnixStream},
    },
    path::{Path, PathBuf},
};

use tokio::net::UnixListener;

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

impl Listener {
    pub(super) fn bind(path: &Path, mode: u32) -> io::Result<Self> {
        remove_stale(path)?;
        let listener = StdListener::bind(path)?;
        let identity = identity(path)?;
        let file = SocketFile { path: path.to_owned(), identity };
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
        Ok(Self { _file: Some(file), ..Self::from_std(listener)? })
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
