//! Values of arguments, looked at before anything is opened. What is wrong with one says what was
//! expected; the parser of arguments adds the name of the flag and ends with exit code 2.

use std::net::{IpAddr, Ipv6Addr};

use handclasp::{Name, ascii_form};
use handclasp_relay::{Address, AddressError};

use super::ListenOn;
use crate::exit::Failure;

/// `HOST:PORT` of a server.
pub fn host_port(text: &str) -> Result<String, String> {
    if let Some(url) = Url::of(text) {
        return Err(format!("expected HOST:PORT, not a URL: {}", url.host_port()));
    }
    let (host, port) = parts(text).ok_or_else(|| {
        match text.is_empty() || text.starts_with(":") && !text.starts_with("::") {
            true => "expected HOST:PORT, such as localhost:443".to_owned(),
            // As `connect = 6379` of stunnel.
            false if text.parse::<u16>().is_ok() => {
                format!("expected HOST:PORT; the host is missing: 127.0.0.1:{text} for this machine")
            }
            false => format!("expected HOST:PORT; the port is missing: {}:443", bracketed(text)),
        }
    })?;
    if host.is_empty() {
        return Err(format!("expected HOST:PORT; the host is missing: localhost:{port}"));
    }
    if number(port)? == 0 {
        return Err("expected HOST:PORT; no server listens on port 0".to_owned());
    }
    name(host)?;
    Ok(text.to_owned())
}

/// The host of an address.
pub fn host(address: &str) -> Result<&str, Failure> {
    let parts = address.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
    let (host, _) = parts.ok_or_else(|| Failure::usage(format!("expected HOST:PORT, found {address}")))?;
    Ok(host.trim_start_matches('[').trim_end_matches(']'))
}

/// `HOST:PORT` of `explain --ask`, which may be left out.
pub fn asked(text: &str) -> Result<String, String> {
    host_port(text).map_err(|error| match std::path::Path::new(text).exists() {
        true => format!("{text} is a file, which is read as HOST:PORT here: put FILE before --ask"),
        false => error,
    })
}

/// `ADDR:PORT` to listen on.
pub fn listen_address(text: &str) -> Result<String, String> {
    let every = |port: &str| {
        format!("127.0.0.1:{port} for this machine only, 0.0.0.0:{port} or [::]:{port} for all interfaces")
    };
    if let Some(url) = Url::of(text) {
        return Err(format!("expected ADDR:PORT, not a URL: {}", url.host_port()));
    }
    match parts(text) {
        Some(("", port)) => Err(format!("expected ADDR:PORT; the address is missing: {}", every(port))),
        Some((host, port)) => {
            number(port)?;
            name(host)?;
            Ok(text.to_owned())
        }
        None if text.parse::<u16>().is_ok() => {
            Err(format!("expected ADDR:PORT; the address is missing: {}", every(text)))
        }
        None => Err(format!("expected ADDR:PORT; the port is missing: {}:8443", bracketed(text))),
    }
}

/// Where a server listens: as [`listen_address`], `unix:/PATH` or `systemd:NAME`.
pub fn listener(text: &str) -> Result<ListenOn, String> {
    match text.strip_prefix("systemd:") {
        Some("") => {
            Err("expected systemd:NAME; the name of the socket is missing (FileDescriptorName=)".to_owned())
        }
        Some(name) => Ok(ListenOn::Systemd(name.to_owned())),
        None if is_path(text) => address(text).map(ListenOn::Address),
        None => {
            listen_address(text)?;
            address(text).map(ListenOn::Address)
        }
    }
}

/// The address of a service: as [`host_port`], or `unix:/PATH`.
pub fn service(text: &str) -> Result<Address, String> {
    if !is_path(text) {
        host_port(text)?;
    }
    address(text)
}

/// Whether a UNIX socket is meant, also without `unix:` before its path.
fn is_path(text: &str) -> bool {
    text.starts_with("unix:") || text.contains('/') && !text.contains("://")
}

fn address(text: &str) -> Result<Address, String> {
    // An IPv6 address may stand without brackets.
    if let Some((host, port)) = parts(text).filter(|(host, _)| host.parse::<Ipv6Addr>().is_ok()) {
        return Ok(Address::Tcp { host: host.to_owned(), port: number(port)? });
    }
    text.parse().map_err(|error: AddressError| error.to_string())
}

/// The host and the port; the host may be an IPv6 address, in brackets or without.
fn parts(text: &str) -> Option<(&str, &str)> {
    let (host, port) = text.rsplit_once(':')?;
    let is_ipv6 = host.starts_with('[') && host.ends_with(']') || host.parse::<Ipv6Addr>().is_ok();
    // `::1` and `[::1` have no port.
    (is_ipv6 || !host.contains([':', '['])).then_some((host, port))
}

fn number(port: &str) -> Result<u16, String> {
    port.parse().map_err(|_| format!("expected a port of 0 to 65535 after the colon, found {port:?}"))
}

fn bracketed(host: &str) -> String {
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => host.to_owned(),
    }
}

/// A name or address that a certificate can be for.
pub fn name(text: &str) -> Result<String, String> {
    if let Some(url) = Url::of(text) {
        return Err(format!("expected a name, not a URL: {}", url.host));
    }
    match Name::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(match ascii_form(text) {
            Some(form) => format!("{error}: {form}"),
            None => error.to_string(),
        }),
    }
}

/// An application protocol (RFC 7301 §3.1).
pub fn protocol(text: &str) -> Result<String, String> {
    match text.len() {
        0 => Err("expected protocol names, such as h2,http/1.1; an empty name is not permitted".to_owned()),
        1..=255 => Ok(text.to_owned()),
        length => Err(format!("expected a name of at most 255 bytes, found {length}")),
    }
}

/// A number of at least one.
pub fn count(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| "expected a number of at least 1".to_owned())
}

/// The parts of a URL that name a server.
struct Url<'t> {
    scheme: &'t str,
    host: &'t str,
    port: Option<&'t str>,
}

impl<'t> Url<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let authority = authority.rsplit_once('@').map_or(authority, |(_, behind)| behind);
        let (host, port) = match parts(authority) {
            Some((host, port)) if !port.is_empty() => (host, Some(port)),
            Some((host, _)) => (host, None),
            None => (authority, None),
        };
        Some(Self { scheme, host, port })
    }

    fn host_port(&self) -> String {
        let usual = match self.scheme {
            "mqtts" | "mqtt" => "8883",
            "ldaps" => "636",
            "imaps" => "993",
            "smtps" => "465",
            "ftps" => "990",
            _ => "443",
        };
        format!("{}:{}", self.host, self.port.unwrap_or(usual))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_servers() {
        for good in
            ["a.example:443", "[::1]:8883", "::1:8883", "127.0.0.1:1", "[fe80::1%eth0]:443", "a_b:65535"]
        {
            assert_eq!(host_port(good).as_deref(), Ok(good));
        }
        for (bad, said) in [
            ("", "such as localhost:443"),
            ("localhost", "the port is missing: localhost:443"),
            ("6379", "the host is missing: 127.0.0.1:6379"),
            ("::1", "the port is missing: [::1]:443"),
            ("[::1]", "the port is missing: [::1]:443"),
            (":443", "the host is missing: localhost:443"),
            ("localhost:99999", "expected a port of 0 to 65535 after the colon, found \"99999\""),
            ("localhost:https", "found \"https\""),
            ("localhost:", "found \"\""),
            ("localhost:0", "port 0"),
            ("https://a.example/b?c", "not a URL: a.example:443"),
            ("mqtts://user@a.example:8884/b", "not a URL: a.example:8884"),
            ("mqtts://a.example", "not a URL: a.example:8883"),
            ("münchen.example:443", "xn--mnchen-3ya.example"),
            ("a b:443", "' ' at offset 1"),
        ] {
            let error = host_port(bad).unwrap_err();
            assert!(error.contains(said), "{bad}: {error}");
        }
    }

    #[test]
    fn hosts_of_addresses() {
        for (address, found) in
            [("a.example:443", "a.example"), ("[::1]:8883", "::1"), ("127.0.0.1:1", "127.0.0.1")]
        {
            assert_eq!(host(address).unwrap(), found);
        }
        assert!(host("a.example").is_err() && host("a.example:tls").is_err());
    }

    #[test]
    fn addresses_to_listen_on() {
        for good in ["127.0.0.1:0", "[::]:8443", "localhost:8443"] {
            assert_eq!(listen_address(good).as_deref(), Ok(good));
        }
        for (bad, said) in [
            ("7805", "0.0.0.0:7805"),
            (":7805", "0.0.0.0:7805"),
            ("0.0.0.0", "the port is missing: 0.0.0.0:8443"),
            ("127.0.0.1:99999", "found \"99999\""),
            ("https://localhost:8443/", "not a URL: localhost:8443"),
        ] {
            let error = listen_address(bad).unwrap_err();
            assert!(
                error.contains(said) && error.contains("ADDR:PORT") || error.contains("a port of"),
                "{bad}: {error}"
            );
        }
    }

    #[test]
    fn names_in_ascii() {
        for (name, form) in [
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("Bücher.example", Some("xn--bcher-kva.example")),
            ("пример.испытание", Some("xn--e1afmkfd.xn--80akhbyknj4f")),
            // Decomposed, or no letters.
            ("bu\u{308}cher.example", None),
            ("a→b.example", None),
            ("plain.example", None),
        ] {
            assert_eq!(ascii_form(name).as_deref(), form, "{name}");
        }
        assert!(name("https://a.example/x").unwrap_err().contains("not a URL: a.example"));
    }
}
