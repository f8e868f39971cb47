//! Mistakes of the application, found before anything is sent: the field, the value, what is wrong
//! with it and what to give in its place.

mod configuration;
mod idn;
mod trust;

use std::net::IpAddr;

use handclasp_report::{Input, Misuse};
use handclasp_trust::{Name, NameError};

use crate::NeedKind;

pub(crate) use configuration::{client, server};
pub use idn::ascii_form;

/// A mistake, and the sentence about it.
pub(crate) struct Problem {
    pub(crate) misuse: Misuse,
    pub(crate) sentence: String,
}

impl Problem {
    pub(crate) fn new(misuse: Misuse, sentence: impl Into<String>) -> Self {
        Self { misuse, sentence: sentence.into() }
    }

    fn input(input: Input, sentence: impl Into<String>) -> Self {
        Self::new(Misuse::InvalidInput(input), sentence)
    }
}

/// A value in quotes, short enough for a line.
fn quoted(value: &str) -> String {
    const SHOWN: usize = 80;
    match value.char_indices().nth(SHOWN) {
        None => format!("{value:?}"),
        Some((end, _)) => format!("{:?}…", value.get(..end).unwrap_or_default()),
    }
}

/// The name that a server's certificate must be for.
pub(crate) fn server_name(text: &str) -> Result<Name, Problem> {
    Name::parse(text).map_err(|error| {
        let what = quoted(text);
        let sentence = match (error, host_of_url(text)) {
            (NameError::Empty, _) => {
                "The server name is empty: pass the DNS name or address to verify the certificate against."
                    .to_owned()
            }
            (_, Some(host)) => format!("{what} is a URL, not a server name: pass {host:?}."),
            (NameError::Port, _) => {
                let host = text.rsplit_once(':').map_or(text, |(host, _)| host);
                format!("{what} has a port after the server name: pass {host:?}.")
            }
            (NameError::Character { found, .. }, _) if !found.is_ascii() => {
                let form = ascii_form(text).map(|form| format!(": {form:?}")).unwrap_or_default();
                format!("{what} is not a server name: {error}{form}.")
            }
            (error, _) => format!("{what} is not a server name: {error}."),
        };
        Problem::input(Input::ServerName, sentence)
    })
}

/// The name by which a file of known peers has a server.
pub(crate) fn known_name(text: &str) -> Result<(), Problem> {
    match text.trim().is_empty() {
        true => Err(Problem::input(
            Input::ServerName,
            "The name for known peers is empty: pass the name by which the file has the server.",
        )),
        false => Ok(()),
    }
}

/// The host of `scheme://host:port/path`.
fn host_of_url(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    (!host.is_empty()).then_some(host)
}

/// The host in `host:port`.
pub(crate) fn host(address: &str) -> Result<&str, Problem> {
    let what = quoted(address);
    let wrong = |sentence: String| Err(Problem::input(Input::Address, sentence));
    if let Some(host) = host_of_url(address) {
        return wrong(format!(
            "{what} is a URL: expected HOST:PORT, such as \"{host}:{}\".",
            port_of_url(address)
        ));
    }
    let (host, port) = match address.rsplit_once(':') {
        // `::1:443` is an address, too; the operating system reads its end as the port.
        Some((host, port)) if !is_address(address) || is_address(host) => (host, port),
        _ => return wrong(format!("{what} has no port: expected HOST:PORT, such as {}.", example(address))),
    };
    match port.parse::<u16>() {
        _ if host.is_empty() => wrong(format!("{what} has no host: expected HOST:PORT.")),
        Ok(_) => Ok(host.trim_start_matches('[').trim_end_matches(']')),
        Err(_) if port.is_empty() => {
            wrong(format!("{what} has no port after the colon: expected HOST:PORT."))
        }
        Err(_) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            wrong(format!("{what}: the port {port} is above 65535."))
        }
        Err(_) => wrong(format!("{what}: the port {} is not a number: expected HOST:PORT.", quoted(port))),
    }
}

fn is_address(text: &str) -> bool {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    bare.unwrap_or(text).parse::<IpAddr>().is_ok()
}

/// The same host with the port that is meant most often.
fn example(host: &str) -> String {
    let host = if host.is_empty() { "example.org" } else { host };
    match host.contains(':') && !host.starts_with('[') {
        true => format!("\"[{host}]:443\""),
        false => format!("\"{host}:443\""),
    }
}

/// The port that a URL names or means.
fn port_of_url(url: &str) -> u16 {
    let authority = url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    let named = authority.and_then(|authority| authority.rsplit_once(':')).map(|(_, port)| port);
    let known = [("mqtts", 8883), ("amqps", 5671), ("ldaps", 636), ("imaps", 993), ("smtps", 465)];
    let meant = known.iter().find(|(scheme, _)| url.starts_with(scheme)).map_or(443, |(_, port)| *port);
    named.and_then(|port| port.parse().ok()).unwrap_or(meant)
}

/// Keying material of so many bytes, of which at most `limit` can be exported.
pub(crate) fn export_length(asked: usize, limit: usize) -> Problem {
    Problem::input(
        Input::ExportLength,
        format!(
            "{asked} bytes of keying material were requested; this connection exports at most {limit} (RFC \
             8446 §7.5)."
        ),
    )
}

/// A label that TLS does not export under.
pub(crate) fn export_label(label: &[u8], context: Option<&[u8]>) -> Problem {
    let (what, length) = (quoted(&String::from_utf8_lossy(label)), label.len());
    let sentence = match context.map_or(0, <[u8]>::len) {
        65_536.. => "The exporter's context is longer than 65535 bytes.".to_owned(),
        _ if length > 249 => {
            format!(
                "The exporter's label {what} has {length} bytes; at most 249 are permitted (RFC 8446 §7.1)."
            )
        }
        _ => format!("The exporter's label {what} is reserved by TLS (RFC 5705 §4): choose another."),
    };
    Problem::input(Input::ExportLabel, sentence)
}

/// A socket that does not block.
pub(crate) fn non_blocking() -> Problem {
    Problem::new(
        Misuse::NonBlocking,
        "The transport is non-blocking: it returned WouldBlock. Call `set_nonblocking(false)` on the socket \
         before passing it; tokio's `into_std()` leaves it non-blocking.",
    )
}

/// A late need that a blocking handshake found no answer for.
pub(crate) fn unanswered(kind: NeedKind) -> Problem {
    Problem::new(
        Misuse::WrongAnswer,
        format!(
            "`late_needs` leaves {kind:?} to the application, and the application did not answer it: use \
             `ClientConnection` or `ServerConnection`, answer in the closure of `Stream::handshake`, or give \
             `with_needs` of the tokio connector or acceptor an answer."
        ),
    )
}

#[cfg(test)]
mod tests;
