//! Version 1: a line of US-ASCII (section 2.1).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{
    Endpoints, Header,
    error::{HeaderError, printable},
};

/// The first bytes.
pub const BEGINNING: &[u8] = b"PROXY";

/// Bytes of the shortest line, `PROXY UNKNOWN\r\n`.
pub const SHORTEST: usize = 15;

/// Bytes of the longest line, with its end.
pub const LONGEST: usize = 107;

/// Spaces in a line with addresses.
const SPACES: usize = 5;

/// How many more bytes a line has for sure, of which these have arrived; 0: it has ended.
///
/// # Errors
/// The line is longer than permitted, or has a CR or LF that does not end it.
pub fn wanted(line: &[u8]) -> Result<usize, HeaderError> {
    if let Some(place) = line.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        return match line.get(place..).unwrap_or_default() {
            [b'\r', b'\n'] => Ok(0),
            [b'\r'] if line.len() < LONGEST => Ok(1),
            found => Err(HeaderError::Unexpected {
                field: "end of the line",
                offset: place,
                expected: "CR and LF",
                found: printable(found),
            }),
        };
    }
    if line.len().saturating_add(2) > LONGEST {
        return Err(HeaderError::TooLong { length: LONGEST.saturating_add(1), limit: LONGEST });
    }
    // Each space that is to come has a character behind it. What an unknown protocol is followed by may be anything.
    let is_unknown = line.starts_with(b"PROXY UNKNOWN");
    let spaces = line.iter().filter(|byte| **byte == b' ').count();
    let missing = if is_unknown { 0 } else { SPACES.saturating_sub(spaces) };
    Ok(missing.saturating_mul(2).saturating_add(2).max(SHORTEST.saturating_sub(line.len())))
}

/// Reads a whole line.
pub fn parse(line: &[u8]) -> Result<Header, HeaderError> {
    let text = line.strip_suffix(b"\r\n").unwrap_or(line);
    let mut fields = Fields { text, offset: 0 };
    let proxy = fields.next("protocol", "PROXY")?;
    if proxy != BEGINNING {
        return Err(HeaderError::Missing { found: line.get(..16).unwrap_or(line).to_vec() });
    }
    let offset = fields.offset;
    let endpoints = match fields.next("family", "TCP4, TCP6 or UNKNOWN")? {
        b"UNKNOWN" => return Ok(Header::new(Endpoints::Own)),
        b"TCP4" => fields.endpoints(|text| text.parse::<Ipv4Addr>().ok(), "an IPv4 address")?,
        b"TCP6" => fields.endpoints(|text| text.parse::<Ipv6Addr>().ok(), "an IPv6 address")?,
        found => {
            let (field, expected) = ("family", "TCP4, TCP6 or UNKNOWN");
            return Err(HeaderError::Unexpected { field, offset, expected, found: printable(found) });
        }
    };
    Ok(Header::new(endpoints))
}

/// The words of a line, with exactly one space between two of them.
struct Fields<'t> {
    /// What is left.
    text: &'t [u8],
    /// Where that begins.
    offset: usize,
}

impl<'t> Fields<'t> {
    fn next(&mut self, field: &'static str, expected: &'static str) -> Result<&'t [u8], HeaderError> {
        let end = self.text.iter().position(|byte| *byte == b' ').unwrap_or(self.text.len());
        let (word, rest) = self.text.split_at(end);
        if word.is_empty() {
            let found = if rest.is_empty() { "the end of the line" } else { "a space" }.to_owned();
            return Err(HeaderError::Unexpected { field, offset: self.offset, expected, found });
        }
        self.offset = self.offset.saturating_add(end).saturating_add(1);
        self.text = rest.get(1..).unwrap_or_default();
        Ok(word)
    }

    fn endpoints<A: Into<std::net::IpAddr>>(
        &mut self,
        address: impl Fn(&str) -> Option<A>,
        expected: &'static str,
    ) -> Result<Endpoints, HeaderError> {
        let source = self.parsed("source address", expected, &address)?;
        let destination = self.parsed("destination address", expected, &address)?;
        let source_port = self.parsed("source port", PORT, port)?;
        // The last field has no space behind it.
        if let Some(place) = self.text.iter().position(|byte| *byte == b' ') {
            return Err(HeaderError::Unexpected {
                field: "end of the line",
                offset: self.offset.saturating_add(place),
                expected: "CR and LF behind the destination port",
                found: "a space".to_owned(),
            });
        }
        let destination_port = self.parsed("destination port", PORT, port)?;
        Ok(Endpoints::Tcp {
            source: SocketAddr::new(source.into(), source_port),
            destination: SocketAddr::new(destination.into(), destination_port),
        })
    }

    fn parsed<V>(
        &mut self,
        field: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<V>,
    ) -> Result<V, HeaderError> {
        let offset = self.offset;
        let word = self.next(field, expected)?;
        std::str::from_utf8(word).ok().and_then(parse).ok_or_else(|| HeaderError::Unexpected {
            field,
            offset,
            expected,
            found: printable(word),
        })
    }
}

const PORT: &str = "0 to 65535 without leading zeros";

fn port(text: &str) -> Option<u16> {
    let is_canonical = text == "0" || !text.starts_with(['0', '+']);
    text.parse().ok().filter(|_| is_canonical)
}

/// Writes a line.
pub fn encode(endpoints: &Endpoints) -> Vec<u8> {
    match endpoints {
        Endpoints::Tcp { source, destination } => {
            let family = if source.is_ipv4() { "TCP4" } else { "TCP6" };
            let (from, to) = (source.ip(), destination.ip());
            format!("PROXY {family} {from} {to} {} {}\r\n", source.port(), destination.port()).into_bytes()
        }
        Endpoints::Own | Endpoints::Unix { .. } => b"PROXY UNKNOWN\r\n".to_vec(),
    }
}
