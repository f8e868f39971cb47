//! Sockets that are accepted: TCP or UNIX.

use std::{
    fmt,
    io::{self, ErrorKind},
    net::SocketAddr,
    time::Duration,
};

use socket2::SockRef;
use tokio::net::{TcpListener, TcpSocket, lookup_host};

use crate::{Address, Socket, socket::prepare};

#[cfg(unix)]
mod unix;

/// Connections that the system keeps until they are accepted; it may keep fewer (`net.core.somaxconn`).
const BACKLOG: u32 = 4096;

/// Pauses after errors of the system double from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A socket that listens. The file of a UNIX socket that it made is removed with it.
pub struct Listener {
    inner: Inner,
    /// Of the next error without a connection between.
    pause: Duration,
}

enum Inner {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(unix::Listener),
}

impl Listener {
    /// Listens on an address: the first address of a host that is free. The file of a UNIX socket of a server that is
    /// gone is replaced; a new file is accessible to its owner and group (mode 660), unless [`Listener::bind_unix`]
    /// is given another mode.
    ///
    /// # Errors
    /// The address is in use, not of this machine, or not permitted.
    pub async fn bind(address: &Address) -> io::Result<Self> {
        match address {
            Address::Tcp { host, port } => {
                let mut last = None;
                for address in lookup_host((host.as_str(), *port)).await? {
                    match bind_tcp(address) {
                        Ok(listener) => return Ok(Self::new(Inner::Tcp(listener))),
                        Err(error) => last = Some(error),
                    }
                }
                Err(last.unwrap_or_else(|| ErrorKind::AddrNotAvailable.into()))
            }
            #[cfg(unix)]
            Address::Unix(path) => Self::bind_unix(path, unix::MODE),
            #[cfg(not(unix))]
            Address::Unix(_) => Err(ErrorKind::Unsupported.into()),
        }
    }

    /// Listens on a UNIX socket whose file has these permissions.
    ///
    /// # Errors
    /// Another server listens there, the file is not a socket, or its folder is not writable.
    #[cfg(unix)]
    pub fn bind_unix(path: &std::path::Path, mode: u32) -> io::Result<Self> {
        Ok(Self::new(Inner::Unix(unix::Listener::bind(path, mode)?)))
    }

    /// A TCP socket that listens already, for example one that systemd opened.
    ///
    /// # Errors
    /// Those of the system.
    pub fn from_tcp(listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        prepare(&SockRef::from(&listener))?;
        Ok(Self::new(Inner::Tcp(TcpListener::from_std(listener)?)))
    }

    /// A UNIX socket that listens already; its file stays when this is dropped.
    ///
    /// # Errors
    /// Those of the system.
    #[cfg(unix)]
    pub fn from_unix(listener: std::os::unix::net::UnixListener) -> io::Result<Self> {
        Ok(Self::new(Inner::Unix(unix::Listener::from_std(listener)?)))
    }

    fn new(inner: Inner) -> Self {
        Self { inner, pause: FIRST_PAUSE }
    }

    /// The address on which it listens.
    ///
    /// # Errors
    /// Those of the system.
    pub fn address(&self) -> io::Result<Address> {
        match &self.inner {
            Inner::Tcp(listener) => listener.local_addr().map(Address::from),
            #[cfg(unix)]
            Inner::Unix(listener) => listener.address(),
        }
    }

    /// Accepts the next client. Clients that are gone already are passed over. This may be dropped, for example by
    /// `select!`, without losing a client.
    ///
    /// # Errors
    /// The system has no descriptor or memory for it. The error stays as long as its cause, and the waiting client
    /// keeps the socket readable, so the caller has to wait for [`Listener::pause`] before it tries again.
    pub async fn accept(&mut self) -> io::Result<Socket> {
        loop {
            match self.accept_one().await {
                Ok(socket) => {
                    self.pause = FIRST_PAUSE;
                    return Ok(socket);
                }
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn accept_one(&self) -> io::Result<Socket> {
        match &self.inner {
            Inner::Tcp(listener) => {
                let (socket, address) = listener.accept().await?;
                Socket::from_accepted(socket, address)
            }
            #[cfg(unix)]
            Inner::Unix(listener) => listener.accept().await,
        }
    }

    /// How long to wait after an error of [`Listener::accept`]: 10 ms, doubled with each further error, at most a
    /// second.
    pub fn pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        pause
    }
}

/// Whether the client is gone, or a signal came: the next client may be waiting.
fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::Interrupted
            | ErrorKind::InvalidInput
            | ErrorKind::NotConnected
    )
}

fn bind_tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A port whose last connections wait for late packets is free; on Windows the option means something else.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    // For the sockets that it accepts.
    prepare(&SockRef::from(&socket))?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("address", &self.address().ok()).finish_non_exhaustive()
    }
}
