//! Socket activation: listening sockets that systemd opened and passed to this process (sd_listen_fds).

use std::{
    env,
    net::{SocketAddr, TcpListener, ToSocketAddrs as _},
    os::unix::net::UnixListener,
};

use handclasp_relay::{Address, Listener};

use crate::exit::Failure;

/// The sockets of LISTEN_FDS. Each is taken once.
#[derive(Debug, Default)]
pub struct Inherited(Vec<Socket>);

#[derive(Debug)]
struct Socket {
    /// FileDescriptorName of the socket unit; the name of the unit where it sets none.
    name: String,
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Inherited {
    /// The sockets that were passed to this process.
    ///
    /// # Errors
    /// One of them is not a TCP or UNIX stream socket.
    pub fn from_environment() -> Result<Self, Failure> {
        let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':');
        let mut passed = listenfd::ListenFd::from_env();
        let mut sockets = Vec::new();
        for index in 0..passed.len() {
            let name = names.next().unwrap_or_default().to_owned();
            let tcp = passed.take_tcp_listener(index).ok().flatten().map(Inner::Tcp);
            let unix = || passed.take_unix_listener(index).ok().flatten().map(Inner::Unix);
            let Some(inner) = tcp.or_else(unix) else {
                return Err(Failure::usage(format!(
                    "LISTEN_FDS: the socket {} ({name}) is not a TCP or UNIX stream socket: expected \
                     ListenStream= in the socket unit",
                    index.saturating_add(1)
                )));
            };
            sockets.push(Socket { name, inner });
        }
        Ok(Self(sockets))
    }

    /// Names of the sockets that were not taken, with their addresses.
    pub fn left(&self) -> Vec<String> {
        self.0.iter().map(|socket| format!("{} ({})", socket.name, socket.inner.address())).collect()
    }

    /// Whether a socket of that name was passed and not taken.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|socket| socket.name == name)
    }

    /// The socket of that name.
    ///
    /// # Errors
    /// There is none; the names that there are.
    pub fn named(&mut self, name: &str) -> Result<Listener, Failure> {
        match self.0.iter().position(|socket| socket.name == name) {
            Some(place) => self.0.swap_remove(place).inner.listener(),
            None if self.0.is_empty() => Err(Failure::usage(format!(
                "systemd:{name}: systemd passed no socket of that name; expected FileDescriptorName={name} in a \
                 socket unit whose service is this one"
            ))),
            None => Err(Failure::usage(format!(
                "systemd:{name}: systemd passed no socket of that name, but {}",
                self.left().join(", ")
            ))),
        }
    }

    /// The socket that listens on that address, if one was passed.
    pub fn at(&mut self, address: &Address) -> Option<Result<Listener, Failure>> {
        if self.0.is_empty() {
            return None;
        }
        let resolved: Vec<SocketAddr> = match address {
            Address::Tcp { host, port } => {
                (host.as_str(), *port).to_socket_addrs().map(Iterator::collect).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        let is_it = |socket: &Socket| match (&socket.inner, address) {
            (Inner::Tcp(listener), Address::Tcp { .. }) => {
                listener.local_addr().is_ok_and(|found| resolved.contains(&found))
            }
            (Inner::Unix(listener), Address::Unix(path)) => {
                listener.local_addr().is_ok_and(|found| found.as_pathname() == Some(path))
            }
            _ => false,
        };
        let place = self.0.iter().position(is_it)?;
        Some(self.0.swap_remove(place).inner.listener())
    }
}

impl Inner {
    fn listener(self) -> Result<Listener, Failure> {
        let listener = match self {
            Self::Tcp(listener) => Listener::from_tcp(listener),
            Self::Unix(listener) => Listener::from_unix(listener),
        };
        listener.map_err(|error| Failure::Transport(format!("an inherited socket: {error}")))
    }

    fn address(&self) -> String {
        match self {
            Self::Tcp(listener) => {
                listener.local_addr().map_or_else(|_| "unknown".to_owned(), |at| at.to_string())
            }
            Self::Unix(listener) => {
                let path = listener.local_addr().ok();
                let path = path.as_ref().and_then(|address| address.as_pathname());
                path.map_or_else(|| "unix:".to_owned(), |path| format!("unix:{}", path.display()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(name: &str) -> (Socket, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        (Socket { name: name.to_owned(), inner: Inner::Tcp(listener) }, address)
    }

    /// Each is taken by its name or address, once, and no other in its place.
    #[tokio::test]
    async fn the_socket_that_is_asked_for() {
        let [(one, first), (two, second), (three, third)] = ["one", "two", "three"].map(tcp);
        let folder = std::env::temp_dir();
        let path = folder.join(format!("handclasp-inherited-{}", std::process::id()));
        let unix = Inner::Unix(UnixListener::bind(&path).unwrap());
        std::fs::remove_file(&path).unwrap();
        let unix = Socket { name: "four".to_owned(), inner: unix };
        let mut inherited = Inherited(vec![unix, one, two, three]);
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(inherited.at(&Address::from(free)).is_none());
        assert!(inherited.at(&Address::Unix(folder.join("other"))).is_none());
        let at = inherited.at(&Address::from(third)).unwrap().ok().unwrap();
        assert_eq!(at.address().unwrap(), Address::from(third));
        let named = inherited.named("two").ok().unwrap();
        assert_eq!(named.address().unwrap(), Address::from(second));
        assert!(!inherited.has("two") && inherited.has("one"));
        let Err(Failure::Usage(text)) = inherited.named("two") else { panic!("taken twice") };
        assert!(text.contains(&format!("one ({first})")) && text.contains("four (unix:"), "{text}");
        let unix = inherited.at(&Address::Unix(path.clone())).unwrap().ok().unwrap();
        assert_eq!(unix.address().unwrap(), Address::Unix(path));
    }
}
