//! The PROXY protocol, versions 1 and 2: the addresses of a client, sent by a proxy in front of the client's first byte.
//! The format is that of HAProxy's `doc/proxy-protocol.txt`; section numbers are those of that document.
//!
//! | file | content |
//! |---|---|
//! | `incoming` | reads a header from pieces, never beyond its end |
//! | `version1`, `version2` | one line of text; binary |
//! | `type_length_value` | what version 2 adds to addresses |
//! | `crc32c` | the checksum of version 2 |
//! | `facts` | the header of a client of ours |
//! | `senders` | who may send a header |
//! | `error` | why a header is refused |
//!
//! A header is a claim. Who can send one chooses the address that logs, limits and the service behind see, so that
//! [`Senders`] lists the proxies that may, and a connection of anybody else is refused. Whether a header is there is
//! never guessed (section 2).

mod crc32c;
mod error;
mod facts;
mod incoming;
mod senders;
mod type_length_value;
mod version1;
mod version2;

use std::net::{IpAddr, SocketAddr};

pub use error::HeaderError;
pub use facts::{header, openssl_suite};
pub use incoming::{Incoming, read_header};
pub use senders::{Senders, SendersError};

/// Bytes of a header of version 2 that are accepted. Addresses and all values of HAProxy, with a client's certificate
/// among them, are shorter.
pub const LONGEST_HEADER: usize = 16 * 1024;

/// A version of the PROXY protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Version {
    /// A line of text with the two addresses.
    V1,
    /// Binary, with the two addresses and facts about the connection.
    V2,
}

/// What a proxy says about the connection that it forwards.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// Both ends of the client's connection to the proxy.
    pub endpoints: Endpoints,
    /// The application protocol (ALPN) of that connection. Version 2 only, as are the next fields.
    pub alpn: Option<Vec<u8>>,
    /// The name that the client asked for (server_name).
    pub authority: Option<String>,
    /// What the proxy calls this connection: at most 128 bytes.
    pub unique_id: Option<Vec<u8>>,
    /// Facts about TLS, if the proxy terminated it.
    pub tls: Option<TlsFacts>,
    /// The pre-shared key by which the client proved itself: its identity. A value of handclasp's own, of the type
    /// [`Header::PSK_IDENTITY`], in the range for applications.
    pub psk_identity: Option<Vec<u8>>,
}

/// Both ends of a connection to a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoints {
    /// Those of the connection that the header arrived on: the proxy speaks for itself (LOCAL, such as a check of
    /// health), or does not know its client's (UNKNOWN, AF_UNSPEC), or they are of a protocol of datagrams.
    Own,
    /// TCP over IPv4 or IPv6.
    Tcp {
        /// The client's.
        source: SocketAddr,
        /// The one that the client connected to.
        destination: SocketAddr,
    },
    /// A UNIX socket. Paths have at most 108 bytes; an unnamed socket has an empty one.
    Unix {
        /// The client's, usually empty.
        source: Vec<u8>,
        /// The one that the client connected to.
        destination: Vec<u8>,
    },
}

/// What version 2 says about TLS between client and proxy (section 2.2.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsFacts {
    /// The client presented a certificate in this connection.
    pub certificate_in_connection: bool,
    /// The client presented a certificate in this connection, or in the one whose session it resumes.
    pub certificate_in_session: bool,
    /// The certificate was presented and verified.
    pub is_verified: bool,
    /// Such as `TLSv1.3`.
    pub version: Option<String>,
    /// The suite, by its OpenSSL name.
    pub cipher: Option<String>,
    /// The common name in the subject of the client's certificate.
    pub common_name: Option<String>,
}

impl Header {
    /// The type of the value with the identity of a pre-shared key, of those for applications (section 2.2.8).
    pub const PSK_IDENTITY: u8 = 0xe0;

    /// A header with addresses alone.
    pub fn new(endpoints: Endpoints) -> Self {
        Self { endpoints, alpn: None, authority: None, unique_id: None, tls: None, psk_identity: None }
    }

    /// The bytes to send before the first byte of the client. Version 1 has the addresses alone, and does not know UNIX
    /// sockets. What is too long for its field is left out.
    pub fn encode(&self, version: Version) -> Vec<u8> {
        match version {
            Version::V1 => version1::encode(&self.endpoints),
            Version::V2 => version2::encode(self),
        }
    }
}

impl Endpoints {
    /// Of a TCP connection. An IPv4 address in IPv6 becomes IPv4; if only one of the two is one, both are IPv6.
    pub fn tcp(source: SocketAddr, destination: SocketAddr) -> Self {
        let (from, to) = (source.ip().to_canonical(), destination.ip().to_canonical());
        let (from, to) = match (from, to) {
            (IpAddr::V4(_), IpAddr::V4(_)) => (from, to),
            _ => (to_ipv6(from), to_ipv6(to)),
        };
        Self::Tcp {
            source: SocketAddr::new(from, source.port()),
            destination: SocketAddr::new(to, destination.port()),
        }
    }
}

fn to_ipv6(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().into(),
        IpAddr::V6(_) => address,
    }
}

#[cfg(test)]
mod tests;
