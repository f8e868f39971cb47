//! Where a socket listens or connects: `HOST:PORT` or `unix:/PATH`.

use std::{
    fmt,
    net::{Ipv6Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

/// Prefix of UNIX sockets.
const UNIX: &str = "unix:";

/// Longest path of a UNIX socket: `sun_path` of Linux without the final zero.
const UNIX_PATH_MAX: usize = 107;

/// An address to listen on or to connect to.
///
/// ```
/// use handclasp_relay::Address;
///
/// let address: Address = "[::1]:8443".parse()?;
/// assert_eq!(address, Address::Tcp { host: "::1".to_owned(), port: 8443 });
/// let address: Address = "unix:/run/service.sock".parse()?;
/// assert_eq!(address.to_string(), "unix:/run/service.sock");
/// # Ok::<(), handclasp_relay::AddressError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Address {
    /// A TCP port of a host.
    Tcp {
        /// Name, IPv4 or IPv6 address, without brackets.
        host: String,
        /// Port; 0 where the system chooses one to listen on.
        port: u16,
    },
    /// A UNIX socket.
    Unix(PathBuf),
}

impl Address {
    /// The host of a TCP address.
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Tcp { host, .. } => Some(host),
            Self::Unix(_) => None,
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::Tcp { host: address.ip().to_string(), port: address.port() }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let wrong = |problem| AddressError { text: text.to_owned(), problem };
        if let Some(path) = text.strip_prefix(UNIX) {
            return match path.len() {
                0 => Err(wrong(Problem::NoPath)),
                1..=UNIX_PATH_MAX => Ok(Self::Unix(path.into())),
                length => Err(wrong(Problem::LongPath(length))),
            };
        }
        if text.contains("://") {
            return Err(wrong(Problem::Url));
        }
        if text.contains('/') {
            return Err(wrong(Problem::PathWithoutUnix));
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(|| wrong(Problem::NoPort))?;
        let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        // `::1` has no port, and `2001:db8::1:443` is an address alone or one with a port: brackets decide.
        if inner.is_none() && host.contains(':') {
            return Err(wrong(Problem::Brackets));
        }
        if inner.is_some_and(|inner| inner.parse::<Ipv6Addr>().is_err()) {
            return Err(wrong(Problem::NotIpv6));
        }
        let host = inner.unwrap_or(host);
        if host.is_empty() {
            return Err(wrong(Problem::NoHost));
        }
        let port = port.parse().map_err(|_| wrong(Problem::Port))?;
        Ok(Self::Tcp { host: host.to_owned(), port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "{UNIX}{}", path.display()),
        }
    }
}

/// A text that is not an [`Address`], and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError {
    text: String,
    problem: Problem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    NoPath,
    LongPath(usize),
    Url,
    PathWithoutUnix,
    NoPort,
    Brackets,
    NotIpv6,
    NoHost,
    Port,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.text;
        match self.problem {
            Problem::NoPath => write!(f, "expected unix:/PATH; the path is missing: unix:/run/service.sock"),
            Problem::LongPath(length) => write!(
                f,
                "expected a path of at most {UNIX_PATH_MAX} bytes after unix:, found {length}: choose a shorter one"
            ),
            Problem::Url => write!(f, "expected HOST:PORT or unix:/PATH, not a URL, found {text:?}"),
            Problem::PathWithoutUnix => {
                write!(
                    f,
                    "expected HOST:PORT or unix:/PATH, found {text:?}: for a UNIX socket write unix:{text}"
                )
            }
            Problem::NoPort => {
                write!(f, "expected HOST:PORT or unix:/PATH; the port is missing in {text:?}: {text}:443")
            }
            Problem::Brackets => write!(
                f,
                "expected HOST:PORT with an IPv6 address in brackets, found {text:?}: write [::1]:443"
            ),
            Problem::NotIpv6 => write!(f, "expected an IPv6 address between the brackets, found {text:?}"),
            Problem::NoHost => write!(
                f,
                "expected HOST:PORT; the host is missing in {text:?}: 127.0.0.1{text} for this machine only, \
                 0.0.0.0{text} or [::]{text} for all interfaces"
            ),
            Problem::Port => {
                write!(f, "expected a port of 0 to 65535 after the last colon, found {text:?}")
            }
        }
    }
}

impl std::error::Error for AddressError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<Address>().unwrap_err().to_string()
    }

    #[test]
    fn addresses_are_read_and_written() {
        for text in
            ["127.0.0.1:0", "db.example:5432", "[2001:db8::1]:443", "unix:/run/a b.sock", "unix:relative"]
        {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_error_says_what_to_write() {
        assert!(error("localhost").contains("localhost:443"));
        assert!(error("/run/x.sock").contains("unix:/run/x.sock"));
        assert!(error(":80").contains("127.0.0.1:80"));
        assert!(error("::1:80").contains("brackets"));
        assert!(error("[127.0.0.1]:80").contains("IPv6"));
        assert!(error("https://a.example").contains("URL"));
        assert!(error("a:70000").contains("65535"));
        assert!(error("unix:").contains("unix:/run"));
        assert!(error(&format!("unix:/{}", "x".repeat(107))).contains("108"));
    }
}
