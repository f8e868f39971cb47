//! The header of the PROXY protocol, versions 1 and 2, which a load balancer puts before the first byte of a
//! connection ("The PROXY protocol", §2.1, §2.2).

use std::net::{Ipv4Addr, Ipv6Addr};

/// A PROXY header.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProxyHeader {
    /// Version of the protocol: 1 or 2.
    pub version: u8,
    /// Bytes of the header; the next byte is the connection's first.
    pub length: usize,
    /// The addresses that it names.
    pub addresses: String,
}

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// Longest header of version 1, with its line end.
const LONGEST: usize = 107;

impl ProxyHeader {
    /// The header at the start of these bytes. A header that is cut counts whole.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes.strip_prefix(SIGNATURE) {
            Some(rest) => version2(rest),
            None => version1(bytes),
        }
    }

    /// The version of the header that begins with these bytes, where they are all that a report keeps.
    pub(crate) fn version_of_reported(bytes: &[u8; 5]) -> Option<u8> {
        match bytes {
            b"PROXY" => Some(1),
            bytes if SIGNATURE.starts_with(bytes) => Some(2),
            _ => None,
        }
    }
}

fn version1(bytes: &[u8]) -> Option<ProxyHeader> {
    bytes.strip_prefix(b"PROXY ")?;
    let end = bytes.windows(2).take(LONGEST).position(|end| end == b"\r\n");
    let line = bytes.get(..end.unwrap_or(bytes.len().min(LONGEST)))?;
    let text = std::str::from_utf8(line).ok()?;
    let mut words = text.split(' ').skip(1);
    let family = words.next()?;
    if !matches!(family, "TCP4" | "TCP6" | "UNKNOWN") {
        return None;
    }
    let addresses = match (words.next(), words.next(), words.next(), words.next()) {
        (Some(from), Some(to), Some(port), Some(server_port)) => ends(&from, port, &to, server_port),
        _ => "no addresses".to_owned(),
    };
    let length = end.map_or(line.len(), |end| end + 2);
    Some(ProxyHeader { version: 1, length, addresses })
}

fn version2(rest: &[u8]) -> Option<ProxyHeader> {
    let [command @ (0x20 | 0x21), family, high, low, body @ ..] = rest else { return None };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let port = |high: u8, low: u8| u16::from_be_bytes([high, low]);
    let addresses = match (command, family, body) {
        (0x20, _, _) => "LOCAL: a connection of the load balancer itself, such as a health check".to_owned(),
        (_, 0x11 | 0x12, [a, b, c, d, e, f, g, h, p, q, r, s, ..]) => {
            let (from, to) = (Ipv4Addr::new(*a, *b, *c, *d), Ipv4Addr::new(*e, *f, *g, *h));
            ends(&from, port(*p, *q), &to, port(*r, *s))
        }
        (_, 0x21 | 0x22, _) => version6(body).unwrap_or_else(|| "no addresses".to_owned()),
        _ => "no addresses".to_owned(),
    };
    Some(ProxyHeader { version: 2, length: SIGNATURE.len() + 4 + length, addresses })
}

/// Two IPv6 addresses and two ports.
fn version6(body: &[u8]) -> Option<String> {
    let (from, rest) = body.split_first_chunk::<16>()?;
    let (to, rest) = rest.split_first_chunk::<16>()?;
    let [a, b, c, d] = *rest.first_chunk()?;
    let (from, to) = (Ipv6Addr::from(*from), Ipv6Addr::from(*to));
    Some(ends(&from, u16::from_be_bytes([a, b]), &to, u16::from_be_bytes([c, d])))
}

fn ends(
    from: &dyn std::fmt::Display,
    port: impl std::fmt::Display,
    to: &dyn std::fmt::Display,
    server_port: impl std::fmt::Display,
) -> String {
    format!("from {from} port {port} to {to} port {server_port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_give_length_and_addresses() {
        let v1 = b"PROXY TCP4 192.0.2.7 192.0.2.1 51234 443\r\n\x16\x03\x01";
        let header = ProxyHeader::of(v1).unwrap();
        assert_eq!((header.version, header.length), (1, 42));
        assert_eq!(header.addresses, "from 192.0.2.7 port 51234 to 192.0.2.1 port 443");
        let v2 = [SIGNATURE, b"\x21\x11\0\x0c", &[192, 0, 2, 7, 192, 0, 2, 1, 0xc8, 0x22, 1, 0xbb], b"\x16"]
            .concat();
        let header = ProxyHeader::of(&v2).unwrap();
        assert_eq!((header.version, header.length), (2, 28));
        assert_eq!(header.addresses, "from 192.0.2.7 port 51234 to 192.0.2.1 port 443");
        let local = [SIGNATURE, b"\x20\0\0\0"].concat();
        assert_eq!(ProxyHeader::of(&local).map(|header| header.length), Some(16));
    }

    #[test]
    fn other_bytes_are_not_a_header() {
        for bytes in [
            &b"PROXY nothing"[..],
            b"\r\n\r\n\0\r\nQUIT\n\x31\x11\0\0",
            b"GET / HTTP/1.1\r\n",
            b"PROXY ",
            b"",
        ] {
            assert_eq!(ProxyHeader::of(bytes), None, "{bytes:?}");
        }
    }
}
