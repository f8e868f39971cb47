//! Protocols that are not TLS, by their first five bytes.

use crate::diagnosis::cause::Cause;

/// A protocol in plain text, or one that is never anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http,
    Ssh,
    Mqtt,
    SmtpOrFtp,
    Imap,
    Pop3,
    Xmpp,
    PostgreSql,
    MySql,
}

/// The protocol that begins so, on either side.
pub(super) fn protocol(first: &[u8; 5]) -> Option<Protocol> {
    Some(match first {
        b"HTTP/" | b"GET /" | b"GET h" | b"POST " | b"HEAD " | b"PUT /" | b"PUT h" | b"OPTIO" | b"CONNE"
        | b"DELET" | b"PATCH" | b"TRACE" | b"PRI *" => Protocol::Http,
        // An error page without a status line, as HTTP/0.9 has it: Python's http.server.
        b"<!DOC" | b"<!doc" | b"<html" | b"<HTML" | b"<head" | b"<HEAD" => Protocol::Http,
        b"SSH-1" | b"SSH-2" => Protocol::Ssh,
        [b'2', b'2', b'0', b' ' | b'-', _] | b"EHLO " | b"HELO " => Protocol::SmtpOrFtp,
        b"* OK " => Protocol::Imap,
        [b'+', b'O', b'K', ..] => Protocol::Pop3,
        b"<?xml" | b"<stre" => Protocol::Xmpp,
        // SSLRequest, whose length is 8.
        [0, 0, 0, 8, 4] => Protocol::PostgreSql,
        // The greeting of protocol 10, as packet 0.
        [_, 0, 0, 0, 10] => Protocol::MySql,
        // CONNECT and CONNACK; the length of the rest has one byte or two.
        [0x10, _, 0, 4 | 6, b'M'] | [0x10, 0x80..=0xff, _, 0, 4 | 6] | [0x20, 2..=127, 0 | 1, ..] => {
            Protocol::Mqtt
        }
        _ => return None,
    })
}

impl Protocol {
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "plain HTTP",
            Self::Ssh => "SSH",
            Self::Mqtt => "plain MQTT",
            Self::SmtpOrFtp => "plain SMTP or FTP",
            Self::Imap => "plain IMAP",
            Self::Pop3 => "plain POP3",
            Self::Xmpp => "plain XMPP",
            Self::PostgreSql => "plain PostgreSQL",
            Self::MySql => "plain MySQL",
        }
    }

    pub fn cause(self) -> Cause {
        match self {
            Self::Http => Cause::TransportNotTlsHttp,
            Self::Ssh => Cause::TransportNotTlsSsh,
            Self::Mqtt => Cause::TransportNotTlsMqtt,
            Self::SmtpOrFtp => Cause::TransportNotTlsSmtp,
            Self::Imap | Self::Pop3 | Self::Xmpp | Self::PostgreSql | Self::MySql => Cause::TransportStarttls,
        }
    }

    /// The port on which such servers speak TLS from the first byte.
    pub fn tls_port(self) -> Option<&'static str> {
        match self {
            Self::Http => Some("443 or 8443"),
            Self::Mqtt => Some("8883"),
            Self::SmtpOrFtp => Some("465 or 990"),
            Self::Imap => Some("993"),
            Self::Pop3 => Some("995"),
            Self::Xmpp => Some("5223"),
            Self::Ssh | Self::PostgreSql | Self::MySql => None,
        }
    }

    /// Whether it turns to TLS after a command in plain text.
    pub fn has_starttls(self) -> bool {
        match self {
            Self::SmtpOrFtp | Self::Imap | Self::Pop3 | Self::Xmpp | Self::PostgreSql | Self::MySql => true,
            Self::Http | Self::Ssh | Self::Mqtt => false,
        }
    }

    /// How a client of it is told to speak TLS.
    pub fn client_flag(self) -> Option<&'static str> {
        match self {
            Self::Http => Some("https://"),
            Self::Mqtt => Some("mqtts://, mosquitto_pub: `--cafile FILE`"),
            Self::SmtpOrFtp | Self::Imap | Self::Pop3 | Self::Xmpp => Some("\"SSL/TLS\", not \"STARTTLS\""),
            Self::PostgreSql => Some("sslnegotiation=direct"),
            Self::Ssh | Self::MySql => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_the_first_five_bytes() {
        for (first, expected) in [
            (*b"HTTP/", Some(Protocol::Http)),
            (*b"<!DOC", Some(Protocol::Http)),
            (*b"GET /", Some(Protocol::Http)),
            (*b"SSH-2", Some(Protocol::Ssh)),
            (*b"220 m", Some(Protocol::SmtpOrFtp)),
            ([0x10, 0x1e, 0, 4, b'M'], Some(Protocol::Mqtt)),
            ([0x10, 0x9e, 1, 0, 4], Some(Protocol::Mqtt)),
            ([0x20, 2, 0, 5, 0], Some(Protocol::Mqtt)),
            ([0x4a, 0, 0, 0, 10], Some(Protocol::MySql)),
            ([0x16, 3, 1, 0, 10], None),
            // A handshake message without its record header, and a ClientHello of SSL 2.0.
            ([1, 0, 0, 0x25, 3], None),
            ([0x80, 0x2e, 1, 3, 0], None),
        ] {
            assert_eq!(protocol(&first), expected, "{first:02x?}");
        }
    }
}
