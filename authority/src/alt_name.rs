//! Names in a subjectAltName (RFC 5280 §4.2.1.6).

use core::{fmt, net::IpAddr, str::FromStr};

use rcgen::SanType;
use rustls_pki_types::DnsName;
use x509_cert::ext::pkix::name::GeneralName;

/// A name in a subjectAltName.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AltName {
    /// A DNS name in lower case; the first label may be `*`.
    Dns(String),
    /// An address.
    Ip(IpAddr),
    /// A mail address.
    Email(String),
    /// A URI.
    Uri(String),
}

/// What is not a name of a subjectAltName that this CA writes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadName(pub String);

/// Longer names are refused, in bytes. DNS names have at most 253.
const NAME_MAX: usize = 1024;

impl AltName {
    /// A DNS name; final dots are not part of it (RFC 5280 §4.2.1.6).
    fn dns(text: &str) -> Option<Self> {
        let host = text.strip_prefix("*.").unwrap_or(text);
        let is_valid = DnsName::try_from(host).is_ok() && !host.ends_with('.') && !host.contains('*');
        // Digits and dots alone are a mistyped address.
        let is_host = !host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        (is_valid && is_host).then(|| Self::Dns(text.to_ascii_lowercase()))
    }

    fn email(text: &str) -> Option<Self> {
        // One `@`: programs disagree on where the host begins behind two.
        let (user, host) = text.split_once('@')?;
        let is_printable = user.bytes().all(|byte| byte.is_ascii_graphic()) && !user.is_empty();
        (is_printable && DnsName::try_from(host).is_ok()).then(|| Self::Email(text.to_owned()))
    }

    fn uri(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let is_scheme = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        // RFC 3986 §2. Browsers take a backslash for a slash, which would make the host another one.
        let is_of_uri = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
        let is_printable = !rest.is_empty() && rest.bytes().all(is_of_uri);
        (is_scheme && is_printable && text.len() <= NAME_MAX).then(|| Self::Uri(text.to_owned()))
    }

    /// Of a decoded extension.
    pub(crate) fn from_general(name: &GeneralName) -> Result<Self, BadName> {
        let (read, shown) = match name {
            GeneralName::DnsName(text) => (Self::dns(text.as_str()), format!("DNS:{text}")),
            GeneralName::Rfc822Name(text) => (Self::email(text.as_str()), format!("email:{text}")),
            GeneralName::UniformResourceIdentifier(text) => (Self::uri(text.as_str()), format!("URI:{text}")),
            GeneralName::IpAddress(bytes) => {
                let bytes = bytes.as_bytes();
                let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
                let read = v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from));
                (read.ok().map(Self::Ip), format!("IP address of {} bytes", bytes.len()))
            }
            GeneralName::OtherName(_) => (None, "otherName".to_owned()),
            GeneralName::DirectoryName(_) => (None, "directoryName".to_owned()),
            GeneralName::EdiPartyName(_) => (None, "ediPartyName".to_owned()),
            GeneralName::RegisteredId(_) => (None, "registeredID".to_owned()),
        };
        read.ok_or(BadName(shown))
    }

    /// As rcgen writes it.
    pub(crate) fn to_rcgen(&self) -> Result<SanType, BadName> {
        let written = match self {
            Self::Dns(name) => name.as_str().try_into().map(SanType::DnsName),
            Self::Ip(address) => Ok(SanType::IpAddress(*address)),
            Self::Email(name) => name.as_str().try_into().map(SanType::Rfc822Name),
            Self::Uri(name) => name.as_str().try_into().map(SanType::URI),
        };
        written.map_err(|_| BadName(self.to_string()))
    }

    /// The DNS name or address that name constraints are about: of a mail address and of a URI that of its
    /// host; `None` for a URI without a host.
    pub(crate) fn host(&self) -> Option<Self> {
        let host = match self {
            Self::Dns(_) | Self::Ip(_) => return Some(self.clone()),
            Self::Email(address) => address.rsplit_once('@')?.1,
            Self::Uri(uri) => {
                let authority = uri.split_once("://")?.1.split(['/', '?', '#']).next()?;
                let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
                match host.strip_prefix('[') {
                    Some(address) => address.split(']').next()?,
                    None => host.split(':').next()?,
                }
            }
        };
        host.parse().ok().map(Self::Ip).or_else(|| Self::dns(host))
    }
}

/// With a prefix (`DNS:`, `IP:`, `email:`, `URI:`) or without: then addresses, mail addresses and URIs are
/// recognised by their form.
impl FromStr for AltName {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let address = |text: &str| text.parse().ok().map(Self::Ip);
        let read = match text.split_once(':') {
            _ if text.len() > NAME_MAX => None,
            _ if text.parse::<IpAddr>().is_ok() => address(text),
            Some(("DNS" | "dns", name)) => Self::dns(name),
            Some(("IP" | "ip", name)) => address(name),
            Some(("email", name)) => Self::email(name),
            Some(("URI" | "uri", name)) => Self::uri(name),
            Some((_, rest)) if rest.starts_with("//") || text.starts_with("urn:") => Self::uri(text),
            _ if text.contains('@') => Self::email(text),
            _ => Self::dns(text),
        };
        read.ok_or_else(|| BadName(text.to_owned()))
    }
}

impl fmt::Display for AltName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "DNS:{name}"),
            Self::Ip(address) => write!(f, "IP:{address}"),
            Self::Email(name) => write!(f, "email:{name}"),
            Self::Uri(name) => write!(f, "URI:{name}"),
        }
    }
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not a name that this CA writes into a subjectAltName; expected a DNS name, an address, \
             a mail address or a URI",
            self.0
        )
    }
}

impl core::error::Error for BadName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_by_their_form() {
        for (text, shown, host) in [
            ("Device-7.Example", "DNS:device-7.example", "DNS:device-7.example"),
            ("*.example.com", "DNS:*.example.com", "DNS:*.example.com"),
            ("192.0.2.1", "IP:192.0.2.1", "IP:192.0.2.1"),
            ("2001:db8::1", "IP:2001:db8::1", "IP:2001:db8::1"),
            ("IP:2001:db8::1", "IP:2001:db8::1", "IP:2001:db8::1"),
            ("anna@example.com", "email:anna@example.com", "DNS:example.com"),
            ("spiffe://example.com/lock", "URI:spiffe://example.com/lock", "DNS:example.com"),
            ("https://me@[2001:db8::1]:8443/x", "URI:https://me@[2001:db8::1]:8443/x", "IP:2001:db8::1"),
        ] {
            let name: AltName = text.parse().unwrap();
            assert_eq!(name.to_string(), shown);
            assert_eq!(name.host().unwrap().to_string(), host);
            assert_eq!(shown.parse::<AltName>().unwrap(), name, "what is written is read");
        }
        assert_eq!("urn:uuid:7".parse::<AltName>().unwrap().host(), None);
    }

    #[test]
    fn names_that_verifiers_read_differently_are_refused() {
        let long = "a".repeat(2000);
        for bad in
            ["", "a b", "example.com.", "a.*.com", "*", "300.1.2.3", "IP:x", "x@", "DNS:", "ä.de", &long]
        {
            assert!(bad.parse::<AltName>().is_err(), "{bad}");
        }
        for bad in [
            "a@evil.test@good.example",
            "https://evil.test\\@good.example/",
            "URI:https://a/<b>",
            "URI:a:\"b\"",
        ] {
            assert!(bad.parse::<AltName>().is_err(), "{bad}");
        }
        // A host that cannot be read is in no subtree, excluded ones included.
        let constraints = crate::NameConstraints::default().exclude("evil.test".parse().unwrap());
        for (name, is_permitted) in [
            ("https://%65vil.test/", false),
            ("https://evil.test:443/", false),
            ("https://a@EVIL.test/", false),
            ("https:///path", false),
            ("https://good.example/", true),
            ("urn:uuid:7", true),
        ] {
            assert_eq!(constraints.permits(&name.parse().unwrap()), is_permitted, "{name}");
        }
    }
}
