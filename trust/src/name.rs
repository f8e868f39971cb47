//! The name of a peer: a DNS name or an address, as certificates carry them (RFC 9525).

use core::{fmt, net::IpAddr};

use rustls_pki_types::{DnsName, Ipv4Addr, Ipv6Addr, ServerName};

/// The name of a peer: a DNS name or an IP address.
///
/// Converts from and to [`ServerName`]. Unlike it, parsing drops a final dot, brackets and an IPv6 zone,
/// and errors say what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name(Kind);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Dns(DnsName<'static>),
    Address(IpAddr),
}

/// Why a text is neither a DNS name nor an IP address.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// The text is empty.
    Empty,
    /// A port follows the name.
    Port,
    /// A character that DNS names do not contain. Names with non-ASCII characters are written `xn--…`.
    Character {
        /// Its offset in characters, from 0.
        offset: usize,
        /// The character.
        found: char,
    },
    /// More than 253 characters, or a label of more than 63.
    TooLong,
    /// An empty label, or one that begins or ends with a hyphen.
    Label,
    /// Digits and dots that do not form an IPv4 address.
    Address,
}

impl Name {
    /// Parses a host name or an IP address. A final dot, brackets and an IPv6 zone are dropped:
    /// certificates do not contain them.
    ///
    /// # Errors
    /// Why the text is neither.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if let Some(address) = address(text) {
            return Ok(Self(Kind::Address(address)));
        }
        let host = text.strip_suffix('.').unwrap_or(text);
        match DnsName::try_from(host) {
            // Lower case: names are compared and sent case-insensitively.
            Ok(dns) if !host.ends_with('.') => Ok(Self(Kind::Dns(dns.to_lowercase_owned()))),
            Ok(_) => Err(NameError::Label),
            Err(_) => Err(why(host)),
        }
    }

    /// The DNS name, in lower case and without a final dot, as sent in server_name (RFC 6066 §3).
    /// `None` for an IP address.
    pub fn dns(&self) -> Option<&str> {
        match &self.0 {
            Kind::Dns(dns) => Some(dns.as_ref()),
            Kind::Address(_) => None,
        }
    }

    /// The IP address. `None` for a DNS name.
    pub fn address(&self) -> Option<IpAddr> {
        match &self.0 {
            Kind::Dns(_) => None,
            Kind::Address(address) => Some(*address),
        }
    }

    /// The name as a [`ServerName`], borrowed.
    pub fn as_server_name(&self) -> ServerName<'_> {
        match &self.0 {
            Kind::Dns(dns) => ServerName::DnsName(dns.borrow()),
            Kind::Address(IpAddr::V4(address)) => ServerName::from(Ipv4Addr::from(address.octets())),
            Kind::Address(IpAddr::V6(address)) => ServerName::from(Ipv6Addr::from(address.segments())),
        }
    }
}

/// Parses an IP address, also in brackets or with a zone.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    match inner.split_once('%') {
        Some((address, _zone)) => address.parse().ok().filter(IpAddr::is_ipv6),
        None => inner.parse().ok(),
    }
}

/// The error for a host name that the library refused.
fn why(host: &str) -> NameError {
    if host.is_empty() {
        return NameError::Empty;
    }
    let port = |end: &str| !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((before, end)) = host.rsplit_once(':')
        && port(end)
        && (!before.contains(':') || before.ends_with(']'))
    {
        return NameError::Port;
    }
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if let Some((offset, found)) = host.chars().enumerate().find(|(_, c)| !legal(*c)) {
        return NameError::Character { offset, found };
    }
    if host.len() > 253 || host.split('.').any(|label| label.len() > 63) {
        return NameError::TooLong;
    }
    if host.split('.').any(|label| label.is_empty() || label.starts_with('-') || label.ends_with('-')) {
        return NameError::Label;
    }
    NameError::Address
}

impl core::str::FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl TryFrom<&ServerName<'_>> for Name {
    type Error = NameError;

    /// # Errors
    /// A DNS name that [`Name::parse`] refuses.
    fn try_from(name: &ServerName<'_>) -> Result<Self, NameError> {
        // Address bytes: conversion to `core::net` and text need the library's feature `std`.
        match name {
            ServerName::DnsName(host) => Self::parse(host.as_ref()),
            ServerName::IpAddress(rustls_pki_types::IpAddr::V4(address)) => {
                Ok(IpAddr::from(*address.as_ref()).into())
            }
            ServerName::IpAddress(rustls_pki_types::IpAddr::V6(address)) => {
                Ok(IpAddr::from(*address.as_ref()).into())
            }
            _ => Err(NameError::Address),
        }
    }
}

impl From<IpAddr> for Name {
    fn from(address: IpAddr) -> Self {
        Self(Kind::Address(address))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Dns(dns) => f.write_str(dns.as_ref()),
            Kind::Address(address) => fmt::Display::fmt(address, f),
        }
    }
}

/// As `Display`: what `?` in `main` prints.
impl fmt::Debug for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "no name was given"),
            Self::Port => write!(f, "expected a name without a port"),
            Self::Character { offset, found: '*' } => {
                write!(
                    f,
                    "'*' at offset {offset}: wildcards are permitted in certificates, not in a peer's name"
                )
            }
            Self::Character { offset, found } if found.is_ascii() => {
                write!(f, "{found:?} at offset {offset} is not permitted in a DNS name")
            }
            Self::Character { offset, found } => {
                write!(
                    f,
                    "{found:?} at offset {offset} is not ASCII; use the A-label form of the name (xn--…)"
                )
            }
            Self::TooLong => {
                write!(f, "a DNS name has at most 253 characters, and at most 63 between two dots")
            }
            Self::Label => {
                write!(f, "a label (the part between two dots) is empty, or begins or ends with '-'")
            }
            Self::Address => write!(f, "it looks like an IPv4 address but is not one"),
        }
    }
}

impl core::error::Error for NameError {}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn names_and_addresses() {
        for (text, dns, printed) in [
            ("example.com", Some("example.com"), "example.com"),
            ("Example.COM.", Some("example.com"), "example.com"),
            ("localhost", Some("localhost"), "localhost"),
            ("my_device.local", Some("my_device.local"), "my_device.local"),
            ("1.2.3.4", None, "1.2.3.4"),
            ("::1", None, "::1"),
            ("[2001:db8::1]", None, "2001:db8::1"),
            ("fe80::1%eth0", None, "fe80::1"),
        ] {
            let name = Name::parse(text).unwrap();
            assert_eq!(name.dns(), dns, "{text}");
            assert_eq!(name.address().is_none(), dns.is_some(), "{text}");
            assert_eq!(format!("{name}"), printed);
        }
        for text in ["example.com", "192.0.2.1", "2001:db8::1"] {
            let name = Name::parse(text).unwrap();
            assert_eq!(name.as_server_name(), ServerName::try_from(text).unwrap());
            assert_eq!(Name::try_from(&name.as_server_name()), Ok(name));
        }
        assert_eq!("::1".parse::<Name>(), Ok(Name::from(IpAddr::from([0u16, 0, 0, 0, 0, 0, 0, 1]))));
    }

    #[test]
    fn mistakes() {
        let long = format!("{}.example", "a".repeat(64));
        for (text, expected) in [
            ("", NameError::Empty),
            (".", NameError::Empty),
            ("example.com:443", NameError::Port),
            ("1.2.3.4:443", NameError::Port),
            ("[::1]:443", NameError::Port),
            ("*.example.com", NameError::Character { offset: 0, found: '*' }),
            ("exa mple.com", NameError::Character { offset: 3, found: ' ' }),
            ("https://example.com", NameError::Character { offset: 5, found: ':' }),
            ("bücher.example", NameError::Character { offset: 1, found: 'ü' }),
            (&long, NameError::TooLong),
            ("a..b", NameError::Label),
            ("a.b..", NameError::Label),
            ("-a.b", NameError::Label),
            ("a-.b", NameError::Label),
            ("1.2.3", NameError::Address),
            ("1.2.3.256", NameError::Address),
        ] {
            assert_eq!(Name::parse(text), Err(expected), "{text}");
            assert!(format!("{expected}").len() > 10);
        }
    }
}
