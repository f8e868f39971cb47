//! How a server refuses to start TLS, protocol by protocol.

use super::{Fixes, Request, contains};
use crate::diagnosis::cause::Party;

/// A refusal in words, and what can be done.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The sentence, without its end.
    pub summary: String,
    pub fixes: Fixes,
}

const ENABLE: &str = "enable TLS on the server: configure a certificate and key, and permit STARTTLS";
const POSTGRES: &str =
    "enable TLS on the server: ssl = on, ssl_cert_file and ssl_key_file in postgresql.conf";
const RDP_CLIENT: &str =
    "let the client request what the server requires (FreeRDP: /sec:nla, /sec:tls or /sec:rdp)";
const RDP_SERVER: &str =
    "let the server accept TLS: set its security layer to TLS or negotiate, and give it a certificate";
const TDS: &str =
    "enable encryption on the server: install a certificate that the SQL Server service can read";
const PROXY: &str = "permit this host and port in the proxy, authenticate to it, or bypass it";

impl Refusal {
    /// The refusal in this answer, if it is one.
    pub fn of(what: Request, answer: &[u8]) -> Option<Self> {
        match what {
            Request::Command => command(answer),
            Request::Xmpp => contains(answer, &["<FAILURE", "<STREAM:ERROR"])
                .then(|| new("The server refuses to start TLS", &[(Party::Server, ENABLE)])),
            Request::Postgres => matches!(answer.first(), Some(b'N' | b'E')).then(|| {
                new(
                    "The client requests TLS, and the server does not support it",
                    &[(Party::Server, POSTGRES)],
                )
            }),
            Request::Ldap => ldap(answer),
            Request::Rdp => rdp(answer),
            Request::Tds => (tds_encryption(answer) == Some(2)).then(|| {
                new(
                    "The client requires encryption, and the server's PRELOGIN says that it does not support \
                     encryption",
                    &[(Party::Server, TDS)],
                )
            }),
            Request::Proxy => proxy(answer),
            Request::Socks => socks(answer),
        }
    }
}

fn new(summary: impl Into<String>, fixes: Fixes) -> Refusal {
    Refusal { summary: summary.into(), fixes }
}

/// Replies 4yz and 5yz (SMTP, FTP, NNTP), NO and BAD (IMAP, ManageSieve), -ERR (POP3), 691 (IRC).
fn command(answer: &[u8]) -> Option<Refusal> {
    let text = String::from_utf8_lossy(answer).to_uppercase();
    let code = text.get(..3).filter(|code| code.parse::<u16>().is_ok());
    let refused = text.starts_with(['4', '5'])
        || ["-ERR", "NO ", "NO\r", "BYE ", "BAD "].iter().any(|start| text.starts_with(start))
        || contains(answer, &[" NO ", " BAD ", " 691 "]);
    let meaning = match code {
        Some("454") => " (454: not available now, usually because the certificate or key does not load)",
        Some("500" | "502" | "503" | "504") => {
            " (the server does not know the command, or does not permit it here)"
        }
        Some("431") => " (431: the server cannot start TLS)",
        Some("534" | "530") => " (the server's policy denies it)",
        Some("580") => " (580: the server cannot start TLS)",
        _ => "",
    };
    refused.then(|| new(format!("The server refuses to start TLS{meaning}"), &[(Party::Server, ENABLE)]))
}

/// ExtendedResponse with its resultCode (RFC 4511 §4.1.9, appendix A).
fn ldap(answer: &[u8]) -> Option<Refusal> {
    let code = answer.windows(3).find_map(|found| match found {
        [0x0a, 0x01, code] => Some(*code),
        _ => None,
    })?;
    let meaning = match code {
        0 => return None,
        1 => "operationsError: TLS is active already, or operations are outstanding",
        2 => "protocolError: the server does not support StartTLS, or has no certificate",
        8 | 13 => "the server wants confidentiality or stronger authentication first",
        52 => {
            "unavailable: the server cannot start TLS, usually because its certificate or key does not load"
        }
        53 => "unwillingToPerform",
        _ => "see RFC 4511 appendix A",
    };
    Some(new(
        format!("The server refuses StartTLS with result code {code} ({meaning})"),
        &[(
            Party::Server,
            "configure the server's certificate and key (slapd: olcTLSCertificateFile, olcTLSCertificateKeyFile)",
        )],
    ))
}

/// RDP_NEG_FAILURE (MS-RDPBCGR §2.2.1.2.2), or RDP_NEG_RSP that selects RDP's own security.
fn rdp(answer: &[u8]) -> Option<Refusal> {
    let summary = match answer {
        [3, 0, _, _, _, 0xd0, _, _, _, _, _, 3, _, 8, 0, code, ..] => {
            let meaning = match code {
                1 => "1: the server requires TLS",
                2 => "2: the server permits only RDP's own security",
                3 => "3: the server has no valid certificate",
                4 => "4: the requested protocols are inconsistent",
                5 => "5: the server requires network level authentication (CredSSP)",
                6 => "6: the server requires TLS with certificate-based client authentication",
                _ => "a code that is not registered",
            };
            format!("The server refuses the client's security protocols in the X.224 negotiation ({meaning})")
        }
        [3, 0, _, _, _, 0xd0, _, _, _, _, _, 2, _, 8, 0, 0, ..] | [3, 0, 0, 11, _, 0xd0, ..] => {
            "The server selects RDP's own security, so TLS never begins".to_owned()
        }
        _ => return None,
    };
    Some(new(summary, &[(Party::Client, RDP_CLIENT), (Party::Server, RDP_SERVER)]))
}

/// A status of HTTP other than 2xx.
fn proxy(answer: &[u8]) -> Option<Refusal> {
    let text = String::from_utf8_lossy(answer);
    let status = text.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5))?;
    let meaning = match status {
        _ if status.starts_with('2') => return None,
        "407" => " (407: it wants authentication)",
        "403" => " (403: it does not permit this host or port)",
        "502" | "503" | "504" => " (it cannot reach the server)",
        _ => "",
    };
    Some(new(
        format!("The proxy refuses to connect to the server, so TLS never starts{meaning}"),
        &[(Party::Config, PROXY)],
    ))
}

/// The reply of a SOCKS proxy (RFC 1928 §6, SOCKS4).
fn socks(answer: &[u8]) -> Option<Refusal> {
    let meaning = match answer {
        [5, 0xff] => "it accepts none of the client's authentication methods",
        [5, 1, ..] => "1: general failure",
        [5, 2, 0, ..] => "2: its rules do not permit the connection",
        [5, 3, 0, ..] => "3: network unreachable",
        [5, 4, 0, ..] => "4: host unreachable",
        [5, 5, 0, ..] => "5: the server refuses the TCP connection",
        [5, 6, 0, ..] => "6: the time to live expired",
        [5, 7 | 8, 0, ..] => "the command or address type is not supported",
        [0, 0x5b..=0x5d, ..] => "the SOCKS4 request is rejected",
        _ => return None,
    };
    Some(new(
        format!("The SOCKS proxy refuses to connect to the server, so TLS never starts ({meaning})"),
        &[(Party::Config, PROXY)],
    ))
}

/// The value of the option ENCRYPTION in a PRELOGIN packet: 0 off, 1 on, 2 not supported, 3 required.
pub(super) fn tds_encryption(packet: &[u8]) -> Option<u8> {
    const HEADER: usize = 8;
    let payload = packet.get(HEADER..)?;
    let options = payload.chunks_exact(5).take_while(|option| option.first() != Some(&0xff));
    options.filter_map(|option| <[u8; 5]>::try_from(option).ok()).find_map(|option| match option {
        [1, high, low, ..] => payload.get(usize::from(u16::from_be_bytes([high, low]))).copied(),
        _ => None,
    })
}
