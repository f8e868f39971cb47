//! What stands before the ClientHello of a capture: the plaintext of a protocol that asks for TLS.

use handclasp_explain::{Side, conversation::Conversation};

use crate::starttls::Protocol;

/// How a connection begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// TLS from the first byte.
    Tls,
    /// With the plaintext of this protocol.
    Starttls(Protocol),
    /// With other plaintext, such as a request to a proxy, or TLS inside the packets of another protocol.
    Other,
}

/// Ports on which the protocols of [`Protocol`] begin with TLS.
const IMPLICIT: [u16; 8] = [465, 563, 636, 989, 990, 993, 995, 5223];

/// How the connection to this address ought to begin, by how that of the capture begins.
pub fn beginning(conversation: &Conversation, address: &str) -> Beginning {
    let port = address.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    if port.is_some_and(|port: u16| IMPLICIT.contains(&port)) {
        return Beginning::Tls;
    }
    let before = || conversation.events.iter().take_while(|event| !event.kind.is_tls());
    let said = |side: Side| -> Vec<&[u8]> {
        before().filter(|event| event.from == side).filter_map(|event| event.kind.not_tls()).collect()
    };
    of_plaintext(&said(Side::Client), &said(Side::Server))
}

/// The protocol of what both sides sent before TLS.
fn of_plaintext(client: &[&[u8]], server: &[&[u8]]) -> Beginning {
    if client.is_empty() && server.is_empty() {
        return Beginning::Tls;
    }
    let text = |said: &[&[u8]]| {
        let lines: Vec<String> =
            said.iter().map(|said| String::from_utf8_lossy(said).to_lowercase()).collect();
        lines.join("\n")
    };
    let (asks, greets) = (text(client), text(server));
    let has_line = |start: &str| asks.lines().any(|line| line.trim_end().starts_with(start));
    let ends_line = |end: &str| asks.lines().any(|line| line.trim_end().ends_with(end));
    let binary = |start: &[u8]| client.iter().any(|said| said.starts_with(start));
    let found = if has_line("stls") {
        Protocol::Pop3
    } else if has_line("auth tls") || has_line("auth ssl") {
        Protocol::Ftp
    } else if asks.contains("<starttls") {
        if asks.contains("jabber:server") { Protocol::XmppServer } else { Protocol::Xmpp }
    } else if asks.contains("1.3.6.1.4.1.1466.20037") {
        Protocol::Ldap
    } else if binary(&[0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]) {
        Protocol::Postgres
    } else if binary(&[3, 0]) && greets.starts_with('\u{3}') {
        Protocol::Rdp
    // Length and sequence number 0, then protocol version 10; the client's SSLRequest has 32 bytes.
    } else if server.first().is_some_and(|said| said.get(3..5) == Some(&[0, 10])) && binary(&[32, 0, 0, 1]) {
        Protocol::Mysql
    } else if !ends_line("starttls") {
        return Beginning::Other;
    } else if has_line("ehlo") || has_line("helo") || has_line("lhlo") {
        Protocol::Smtp
    } else if greets.starts_with("* ") {
        Protocol::Imap
    } else if greets.starts_with('"') {
        Protocol::Sieve
    } else if greets.starts_with("20") {
        Protocol::Nntp
    } else {
        return Beginning::Other;
    };
    Beginning::Starttls(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_known_by_the_request_for_tls() {
        use Beginning::{Other, Starttls, Tls};
        let ssl_request = [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f];
        let mysql = [32, 0, 0, 1, 0x85, 0xae, 0xff];
        type Row<'a> = (&'a [&'a [u8]], &'a [&'a [u8]], Beginning);
        let rows: [Row<'_>; 14] = [
            (&[], &[], Tls),
            (
                &[b"EHLO a\r\n", b"STARTTLS\r\n"],
                &[b"220 mx\r\n", b"250 STARTTLS\r\n"],
                Starttls(Protocol::Smtp),
            ),
            (&[b"a1 STARTTLS\r\n"], &[b"* OK ready\r\n", b"a1 OK\r\n"], Starttls(Protocol::Imap)),
            (&[b"CAPA\r\n", b"STLS\r\n"], &[b"+OK\r\n"], Starttls(Protocol::Pop3)),
            (&[b"AUTH TLS\r\n"], &[b"220 ftp\r\n"], Starttls(Protocol::Ftp)),
            (&[b"STARTTLS\r\n"], &[b"200 news\r\n"], Starttls(Protocol::Nntp)),
            (&[b"STARTTLS\r\n"], &[b"\"IMPLEMENTATION\" \"x\"\r\n"], Starttls(Protocol::Sieve)),
            (
                &[b"<stream:stream xmlns='jabber:server'>", b"<starttls xmlns='urn'/>"],
                &[b"<stream:features>"],
                Starttls(Protocol::XmppServer),
            ),
            (&[&ssl_request], &[b"S"], Starttls(Protocol::Postgres)),
            (&[&mysql], &[&[74, 0, 0, 0, 10, b'8']], Starttls(Protocol::Mysql)),
            (&[&[3, 0, 0, 19, 14, 0xe0]], &[&[3, 0, 0, 19, 14, 0xd0]], Starttls(Protocol::Rdp)),
            (
                &[b"0\x1d\x02\x01\x01w\x18\x80\x161.3.6.1.4.1.1466.20037"],
                &[b"0\x24"],
                Starttls(Protocol::Ldap),
            ),
            (&[b"CONNECT a.example:443 HTTP/1.1\r\n\r\n"], &[b"HTTP/1.1 200 OK\r\n\r\n"], Other),
            (&[b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"], &[], Other),
        ];
        for (client, server, expected) in rows {
            assert_eq!(of_plaintext(client, server), expected);
        }
    }
}
