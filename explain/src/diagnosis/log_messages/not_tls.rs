//! Bytes that are not TLS, where a log shows what they are: in a number, as hex, or by the port.

use super::says::Says;
use crate::diagnosis::cause::Cause as C;

/// What a line in lower case shows of bytes that are not TLS.
pub(super) fn says(lower: &str) -> Option<Says> {
    let after = |part: &str| lower.split_once(part).map(|(_, behind)| behind.trim_start());
    if let Some(length) = after("oversized record received with length ").and_then(number) {
        return of_length(length);
    }
    if let Some(first) = after("unsupported_record_type,").and_then(number) {
        return of_first_byte(u8::try_from(first).ok()?);
    }
    let hex = after("not an ssl/tls record: ")?;
    let first = u8::from_str_radix(hex.get(..2)?, 16).ok()?;
    of_first_byte(first)
}

fn number(text: &str) -> Option<u16> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The fourth and fifth byte, which Go reads as the length of a record: `P/` of `HTTP/`, `T ` of `POST `, ` m` of
/// `220 mail`.
fn of_length(length: u16) -> Option<Says> {
    match length.to_be_bytes() {
        // HTTP/, POST and PUT, GET, HEAD, OPTIONS, DELETE, PATCH, CONNECT, PRI of HTTP/2.
        [b'P', b'/']
        | [b'T', b' ']
        | [b' ', b'/' | b'*']
        | [b'D', b' ']
        | [b'I', b'O']
        | [b'E', b'T']
        | [b'C', b'H']
        | [b'N', b'E'] => Some(Says::Why(C::TransportNotTlsHttp)),
        // PROXY, which a load balancer sends first.
        [b'X', b'Y'] => Some(Says::Why(C::TransportProxyHeader)),
        [b'm', b'l'] => Some(MARKUP),
        [b'-', b'2'] => Some(Says::Why(C::TransportNotTlsSsh)),
        [b' ' | b'-', letter] if letter.is_ascii_alphanumeric() => Some(GREETING),
        [b'K', b' '] => Some(GREETING),
        _ => None,
    }
}

/// The first byte of what came.
fn of_first_byte(first: u8) -> Option<Says> {
    match first {
        // GET, HEAD and HTTP, POST and PUT, OPTIONS, DELETE.
        b'G' | b'H' | b'P' | b'O' | b'D' => Some(Says::Why(C::TransportNotTlsHttp)),
        b'S' => Some(Says::Why(C::TransportNotTlsSsh)),
        // 220, * OK, +OK.
        b'2' | b'*' | b'+' => Some(GREETING),
        _ => None,
    }
}

const MARKUP: Says = Says::Maybe(
    C::TransportNotTlsOther,
    "the server answers `<html` or `<?xml` in plain text: a web server, or XMPP, where TLS begins after starttls",
);

const GREETING: Says = Says::Likely(
    C::TransportStarttls,
    "the server greets in plain text, as SMTP, FTP, IMAP and POP do where TLS begins only after a command",
);

/// A port where TLS begins after a command of the protocol, and what to say of it.
const PORTS: &[(u16, &str)] = &[
    (25, "the other side does not speak TLS, and port 25 is SMTP, where TLS begins after STARTTLS"),
    (
        587,
        "the other side does not speak TLS, and port 587 is SMTP, where TLS begins after STARTTLS; 465 is TLS at once",
    ),
    (
        143,
        "the other side does not speak TLS, and port 143 is IMAP, where TLS begins after STARTTLS; 993 is TLS at once",
    ),
    (
        110,
        "the other side does not speak TLS, and port 110 is POP3, where TLS begins after STLS; 995 is TLS at once",
    ),
    (
        21,
        "the other side does not speak TLS, and port 21 is FTP, where TLS begins after AUTH TLS; 990 is TLS at once",
    ),
    (
        389,
        "the other side does not speak TLS, and port 389 is LDAP, where TLS begins after StartTLS; 636 is TLS at once",
    ),
    (5222, "the other side does not speak TLS, and port 5222 is XMPP, where TLS begins after starttls"),
    (
        5432,
        "the other side does not speak TLS, and port 5432 is PostgreSQL, where TLS begins after SSLRequest",
    ),
    (
        3306,
        "the other side does not speak TLS, and port 3306 is MySQL, where TLS begins after the server's greeting",
    ),
    (3389, "the other side does not speak TLS, and port 3389 is RDP, where TLS begins after a negotiation"),
    (1433, "the other side does not speak TLS, and port 1433 is TDS, where TLS begins within PRELOGIN"),
];

/// Ports where TLS begins at once.
const IMPLICIT: &[u16] = &[465, 993, 995, 636, 990, 5223];

/// Words of programs that send mail.
const MAIL: &[&str] = &["smtp", "[mail]", "mailer", "starttls", "sendmail"];

/// What a client's log that shows bytes that are not TLS says of the protocol. `lower`: the whole log.
pub(super) fn starttls(lower: &str) -> Option<Says> {
    let ports = ports(lower);
    if let Some((_, words)) = PORTS.iter().find(|(port, _)| ports.contains(port)) {
        return Some(Says::Likely(C::TransportStarttls, words));
    }
    let is_mail = MAIL.iter().any(|word| lower.contains(word));
    let is_implicit = ports.iter().any(|port| IMPLICIT.contains(port));
    (is_mail && !is_implicit).then_some(Says::Maybe(
        C::TransportStarttls,
        "the server does not speak TLS at first: on the ports 587 and 25 of SMTP, TLS begins after STARTTLS, and \
         the client begins with it; or the port is of another protocol",
    ))
}

/// Numbers that stand where a port does: `host:587`, `port 587`, `port: 587`, `'host', 587`.
fn ports(lower: &str) -> Vec<u16> {
    let mut found = Vec::new();
    let is_digit = |letter: char| letter.is_ascii_digit();
    for (at, _) in lower.char_indices().filter(|(_, letter)| is_digit(*letter)) {
        let (before, behind) = (lower.get(..at).unwrap_or_default(), lower.get(at..).unwrap_or_default());
        if before.ends_with(is_digit) {
            continue;
        }
        let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
        let next = behind.chars().nth(digits.len());
        let ends = next.is_none_or(|next| !next.is_alphanumeric() && !":.-".contains(next) || next == '.');
        if ends && (follows_host(before) || follows_word(before)) {
            found.extend(digits.parse::<u16>().ok());
        }
    }
    found
}

/// `host:`, where the host is not the hour of a time or a source file.
fn follows_host(before: &str) -> bool {
    let Some(before) = before.strip_suffix(':') else { return false };
    let host = before.rsplit(|letter: char| letter.is_whitespace() || "'\"(/=@,".contains(letter)).next();
    let host = host.unwrap_or_default();
    let is_source =
        [".c", ".h", ".cc", ".go", ".js", ".py", ".rs", ".java", ".erl", ".ts", ".rb", ".php", ".pm"]
            .iter()
            .any(|ending| host.ends_with(ending));
    !is_source && (host.ends_with(']') || host.contains('.') || host == "localhost")
}

/// `port`, or the second argument of a call.
fn follows_word(before: &str) -> bool {
    let before = before.trim_end_matches([' ', ':', '=', '\'', '"', '(']);
    let is_argument = || before.strip_suffix(',').is_some_and(|call| call.ends_with(['\'', '"']));
    before.ends_with("port") || is_argument()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_what_looks_like_them() {
        for text in [
            "connect to mail.example:587 failed",
            "port 587",
            "{ port: 587 }",
            "port=587,",
            "smtp_ssl('mail.example', 587)",
            "relay=smtp.gmail.com[72.14.247.109]:587, delay",
        ] {
            assert_eq!(ports(text), [587], "{text}");
        }
        for text in
            ["10:25:33", "12:25 started", "ssl3_record.c:389:", "main.js:110)", "(error 25)", "25 files"]
        {
            assert!(ports(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn numbers_are_letters() {
        let cause = |line: &str| match says(line) {
            Some(Says::Why(cause) | Says::Likely(cause, _)) => Some(cause),
            _ => None,
        };
        assert_eq!(cause("tls: oversized record received with length 20527"), Some(C::TransportNotTlsHttp));
        assert_eq!(cause("tls: oversized record received with length 8301"), Some(C::TransportStarttls));
        assert_eq!(cause("- {:unsupported_record_type, 71}"), Some(C::TransportNotTlsHttp));
        assert_eq!(cause("not an ssl/tls record: 474554202f"), Some(C::TransportNotTlsHttp));
        assert_eq!(cause("not an ssl/tls record: a1d3"), None);
    }
}
