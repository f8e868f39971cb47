//! A TCP or UNIX socket that distinguishes a reset from an end.

use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use socket2::{SockRef, TcpKeepalive};
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use crate::{Address, Peer};

/// Silence after which the system asks a TCP peer whether it is still there, and how often it asks.
const KEEP_ALIVE: Duration = Duration::from_secs(120);
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(30);

/// A connected socket. [`AsyncWrite::poll_shutdown`] ends the sending direction alone.
pub struct Socket {
    inner: Inner,
    peer: Peer,
    /// The error that ended the transport. The system reports it once, and answers later reads as if the peer had
    /// ended in order.
    broken: Option<io::ErrorKind>,
    /// Set, then dropped, with the first byte that comes.
    first_byte: Option<Arc<AtomicBool>>,
}

enum Inner {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// Calls a method of the socket inside, whichever it is.
macro_rules! inside {
    ($socket:expr, $inner:ident => $body:expr) => {
        match $socket {
            Inner::Tcp($inner) => $body,
            #[cfg(unix)]
            Inner::Unix($inner) => $body,
        }
    };
}

impl Socket {
    /// Connects to an address: to each address of a host in turn, until one accepts.
    ///
    /// # Errors
    /// The host has no address, or none of them accepts; the last error.
    pub async fn connect(address: &Address) -> io::Result<Self> {
        match address {
            Address::Tcp { host, port } => Self::from_tcp(TcpStream::connect((host.as_str(), *port)).await?),
            #[cfg(unix)]
            Address::Unix(path) => Ok(Self::from_unix(UnixStream::connect(path).await?)),
            #[cfg(not(unix))]
            Address::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// A TCP socket, whose small writes are sent at once and whose peer is asked from time to time whether it is
    /// still there.
    ///
    /// # Errors
    /// The peer is gone already.
    pub fn from_tcp(socket: TcpStream) -> io::Result<Self> {
        let peer = Peer::Tcp(socket.peer_addr()?);
        prepare(&SockRef::from(&socket))?;
        Ok(Self::new(Inner::Tcp(socket), peer))
    }

    /// A TCP socket that was accepted from a listener which [`prepare`] has been called for.
    ///
    /// # Errors
    /// The peer is gone already.
    pub(crate) fn from_accepted(socket: TcpStream, address: SocketAddr) -> io::Result<Self> {
        // Linux takes the options of the listener over.
        if cfg!(not(target_os = "linux")) {
            prepare(&SockRef::from(&socket))?;
        }
        Ok(Self::new(Inner::Tcp(socket), Peer::Tcp(address)))
    }

    /// A UNIX socket.
    #[cfg(unix)]
    pub fn from_unix(socket: UnixStream) -> Self {
        let credentials = socket.peer_cred().ok();
        let peer = Peer::Unix {
            user: credentials.map(|found| found.uid()),
            process: credentials.and_then(|found| found.pid()),
        };
        Self::new(Inner::Unix(socket), peer)
    }

    fn new(inner: Inner, peer: Peer) -> Self {
        Self { inner, peer, broken: None, first_byte: None }
    }

    /// The other side.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Names another peer, as a proxy in front of this program says who its client is.
    pub fn set_peer(&mut self, peer: Peer) {
        self.peer = peer;
    }

    /// The TCP socket, for a dialogue before TLS.
    pub fn tcp(&self) -> Option<&TcpStream> {
        match &self.inner {
            Inner::Tcp(socket) => Some(socket),
            #[cfg(unix)]
            Inner::Unix(_) => None,
        }
    }

    /// The address of this side of a TCP socket.
    pub fn local_address(&self) -> Option<SocketAddr> {
        match &self.inner {
            Inner::Tcp(socket) => socket.local_addr().ok(),
            #[cfg(unix)]
            Inner::Unix(_) => None,
        }
    }

    /// The error that ended the transport, such as [`io::ErrorKind::ConnectionReset`]; `None` while it is intact and
    /// after an orderly end.
    pub fn broken(&self) -> Option<io::ErrorKind> {
        self.broken
    }

    /// Sets `flag` as soon as the peer has sent a byte.
    pub fn note_first_byte(&mut self, flag: Arc<AtomicBool>) {
        self.first_byte = Some(flag);
    }

    /// Closes the socket so that the peer sees a reset, not an end: what waits to be sent is dropped. A UNIX socket
    /// has no reset; its peer sees an end, or a reset where it sent what was not read.
    pub fn reset(self) {
        if let Inner::Tcp(socket) = &self.inner {
            let _closes_either_way = socket.set_zero_linger();
        }
    }

    /// As [`Socket::reset`], when the socket is dropped.
    pub fn reset_on_drop(&self) {
        if let Inner::Tcp(socket) = &self.inner {
            let _closes_either_way = socket.set_zero_linger();
        }
    }

    /// Remembers an error that the system reports only once.
    fn note<T>(&mut self, outcome: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &outcome
            // A broken pipe is our sending direction alone: what the peer sent before is still read.
            && !matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::BrokenPipe)
        {
            self.broken.get_or_insert(error.kind());
        }
        outcome
    }
}

/// Small writes are sent at once, and a silent peer is asked from time to time whether it is still there.
pub(crate) fn prepare(socket: &SockRef<'_>) -> io::Result<()> {
    socket.set_tcp_nodelay(true)?;
    let keep_alive = TcpKeepalive::new().with_time(KEEP_ALIVE).with_interval(KEEP_ALIVE_INTERVAL);
    socket.set_tcp_keepalive(&keep_alive)
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = out.filled().len();
        let read = ready!(inside!(&mut self.inner, socket => Pin::new(socket).poll_read(cx, out)));
        self.note(read)?;
        match (out.filled().len() > before, self.broken) {
            (true, _) => {
                if let Some(flag) = self.first_byte.take() {
                    flag.store(true, Ordering::Relaxed);
                }
            }
            (false, Some(kind)) if out.remaining() > 0 => return Poll::Ready(Err(kind.into())),
            (false, _) => {}
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(inside!(&mut self.inner, socket => Pin::new(socket).poll_write(cx, data)));
        Poll::Ready(self.note(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written =
            ready!(inside!(&mut self.inner, socket => Pin::new(socket).poll_write_vectored(cx, data)));
        Poll::Ready(self.note(written))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        inside!(&mut self.inner, socket => Pin::new(socket).poll_shutdown(cx))
    }
}

#[cfg(unix)]
impl std::os::fd::AsFd for Socket {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        inside!(&self.inner, socket => socket.as_fd())
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("peer", &self.peer)
            .field("broken", &self.broken)
            .finish_non_exhaustive()
    }
}
