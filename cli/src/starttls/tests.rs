//! Dialogues over loopback. Most peers here are written out by hand, from the protocols' documents.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread::{self, JoinHandle},
};

use super::{
    Protocol::{self, *},
    answer, negotiate,
};

const ALL: [Protocol; 12] =
    [Smtp, Imap, Pop3, Ftp, Xmpp, XmppServer, Ldap, Postgres, Mysql, Rdp, Nntp, Sieve];

/// What a peer sends, and how many bytes it reads then.
type Turns = &'static [(&'static [u8], usize)];

/// Both sides of a connection.
fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

/// A peer that plays turns: it sends bytes, then reads so many as the other side is to send.
fn plays(mut stream: TcpStream, turns: Turns) -> JoinHandle<TcpStream> {
    thread::spawn(move || {
        for (says, reads) in turns {
            stream.write_all(says).unwrap();
            let _ = stream.read_exact(&mut vec![0; *reads]);
        }
        stream
    })
}

/// How a client of ours ends against a server that plays turns.
#[track_caller]
fn asked(protocol: Protocol, turns: Turns) -> String {
    let (client, server) = pair();
    let server = plays(server, turns);
    let outcome = negotiate(&client, protocol, "a.example");
    drop(client);
    drop(server.join());
    outcome.map_or_else(|error| error.to_string(), |()| "TLS".to_owned())
}

/// How a server of ours ends against a client that sends these bytes at once.
#[track_caller]
fn answered(protocol: Protocol, sent: &'static [u8]) -> String {
    let (mut client, server) = pair();
    client.write_all(sent).unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    answer(&server, protocol).map_or_else(|error| error.to_string(), |()| "TLS".to_owned())
}

#[test]
fn both_ends_of_every_protocol_meet_at_tls() {
    for protocol in ALL {
        let (mut client, mut server) = pair();
        let timeouts = Some(std::time::Duration::from_secs(7));
        client.set_read_timeout(timeouts).unwrap();
        let serving = thread::spawn(move || {
            answer(&server, protocol).unwrap();
            let mut first = [0; 5];
            server.read_exact(&mut first).unwrap();
            server.write_all(b"\x16\x03\x03\x00\x01").unwrap();
            first
        });
        negotiate(&client, protocol, "a.example").unwrap();
        assert_eq!(client.read_timeout().unwrap(), timeouts);
        client.write_all(b"\x16\x03\x01\x00\x02").unwrap();
        // Nothing of TLS was read by the dialogue.
        assert_eq!(&serving.join().unwrap(), b"\x16\x03\x01\x00\x02", "{protocol:?}");
        let mut last = [0; 5];
        client.read_exact(&mut last).unwrap();
        assert_eq!(&last, b"\x16\x03\x03\x00\x01", "{protocol:?}");
    }
}

const EHLO: usize = "EHLO [127.0.0.1]\r\n".len();
const STARTTLS: usize = "STARTTLS\r\n".len();

#[test]
fn servers_that_refuse_are_quoted() {
    let refuses: &[(Protocol, Turns, &str)] = &[
        (
            Smtp,
            &[
                (b"220 mail\r\n", EHLO),
                (b"250-mail\r\n250-SIZE 1\r\n250 STARTTLS\r\n", STARTTLS),
                (b"454 4.7.0 TLS not available\r\n", 0),
            ],
            "smtp: expected 220 after STARTTLS, the server answered 454 4.7.0 TLS not available",
        ),
        (
            Smtp,
            &[(b"220 mail\r\n", EHLO), (b"250-mail\r\n250 SIZE 1\r\n", 0)],
            "smtp: the server does not offer STARTTLS: its answer to EHLO lacks STARTTLS: 250-mail, 250 SIZE 1",
        ),
        (
            Smtp,
            &[(b"554-no\r\n554 mail for you\r\n", 0)],
            "smtp: expected the greeting 220, the server answered 554-no / 554 mail for you",
        ),
        (
            Imap,
            &[(b"* PREAUTH ready\r\n", 0)],
            "imap: expected the greeting * OK, the server answered * PREAUTH ready",
        ),
        (
            Ftp,
            &[(b"220-a\r\nb\r\n220 c\r\n", 10), (b"502 what?\r\n", 0)],
            "ftp: the server does not offer STARTTLS: it answered 502 what? to AUTH TLS",
        ),
        (Pop3, &[(b"+OK\r\n", 6), (b"-ERR\r\n", 6), (b"-ERR no\r\n", 0)], "pop3: expected +OK after STLS"),
        (Sieve, &[(b"\"SASL\" \"\"\r\nOK\r\n", 0)], "sieve: the server does not offer STARTTLS"),
        (Nntp, &[(b"200 a\r\n", 14), (b"500 what\r\n", STARTTLS), (b"500 what\r\n", 0)], "does not offer"),
        (Postgres, &[(b"", 8), (b"N", 0)], "postgres: the server does not offer STARTTLS: it answered N"),
        (
            Postgres,
            &[(b"", 8), (b"E\0\0\0\x0eSFATAL\0Mno\0\0", 0)],
            "postgres: expected S after SSLRequest, the server answered an ErrorResponse",
        ),
        (
            Ldap,
            &[(b"", 31), (b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\0\x04\0", 0)],
            "ldap: the server does not offer STARTTLS: StartTLS has the result protocolError (2)",
        ),
        (
            Ldap,
            &[(b"", 31), (b"\x30\x0e\x02\x01\x01\x78\x09\x0a\x01\x34\x04\0\x04\x02no", 0)],
            "ldap: expected the result success of StartTLS, the server answered unavailable (52), no",
        ),
        // A message without a request (id 0) is no answer, whatever it says (RFC 4511 §4.4.1).
        (
            Ldap,
            &[(b"", 31), (b"\x30\x0e\x02\x01\0\x78\x09\x0a\x01\x34\x04\0\x04\x02no", 0)],
            "ldap: expected an ExtendedResponse to StartTLS, the server answered a notice of disconnection, unavailable \
             (52), no",
        ),
        (
            Ldap,
            &[(b"", 31), (b"\x30\x0c\x02\x01\0\x78\x07\x0a\x01\0\x04\0\x04\0", 0)],
            "ldap: expected an ExtendedResponse to StartTLS, the server answered a notice of disconnection, success (0)",
        ),
        (
            Mysql,
            &[(b"\x0d\0\0\0\xff\x6a\x04Host not", 0), (b" ok", 0)],
            "mysql: expected a greeting of protocol 10, the server answered error 1130: Host not",
        ),
        (
            Rdp,
            &[(b"", 19), (b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x03\0\x08\0\x03\0\0\0", 0)],
            "rdp: the server does not offer STARTTLS: negotiation failure SSL_CERT_NOT_ON_SERVER (3)",
        ),
        (
            Rdp,
            &[(b"", 19), (b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x03\0\x08\0\x06\0\0\0", 0)],
            "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER (6)",
        ),
        (Rdp, &[(b"", 19), (b"\x03\0\0\x0b\x06\xd0\0\0\x12\x34\0", 0)], "standard RDP security only"),
        (
            Xmpp,
            &[(b"<stream:stream><stream:features><ver/></stream:features>", 400)],
            "xmpp: the server does not offer STARTTLS: its stream features lack starttls: ver",
        ),
        (
            Xmpp,
            &[(b"<stream:stream><stream:error><host-unknown/></stream:error>", 400)],
            "xmpp: expected stream features, the server answered <stream:stream><stream:error><host-unknown/>",
        ),
    ];
    for (protocol, turns, said) in refuses {
        let outcome = asked(*protocol, turns);
        assert!(outcome.contains(said), "expected {said}\nfound    {outcome}");
    }
}

#[test]
fn a_server_that_closes_is_not_awaited() {
    for (protocol, sent) in [(Smtp, b"220 a".as_slice()), (Postgres, b""), (Ldap, b"0\x0c\x02")] {
        let (client, mut server) = pair();
        server.write_all(sent).unwrap();
        server.shutdown(std::net::Shutdown::Write).unwrap();
        let error = negotiate(&client, protocol, "a.example").unwrap_err().to_string();
        assert!(error.ends_with("the server closed the connection"), "{error}");
    }
}

#[test]
fn bytes_behind_the_answer_are_refused() {
    let injects: &[(Protocol, Turns)] = &[
        (
            Smtp,
            &[
                (b"220 mail\r\n", EHLO),
                (b"250 STARTTLS\r\n", STARTTLS),
                (b"220 go\r\n250 you are welcome\r\n", 0),
            ],
        ),
        (
            Imap,
            &[
                (b"* OK\r\n", 15),
                (b"* X STARTTLS\r\na1 OK\r\n", 13),
                (b"a2 OK\r\n* CAPABILITY AUTH=PLAIN\r\n", 0),
            ],
        ),
        (Pop3, &[(b"+OK\r\n", 6), (b"-ERR\r\n", 6), (b"+OK\r\n+OK\r\n", 0)]),
        (Ftp, &[(b"220 a\r\n", 10), (b"234 b\r\n230 c\r\n", 0)]),
        (Nntp, &[(b"200 a\r\n", 14), (b"500 b\r\n", STARTTLS), (b"382 c\r\n200 d\r\n", 0)]),
        (Sieve, &[(b"\"STARTTLS\"\r\nOK\r\n", STARTTLS), (b"OK\r\nOK\r\n", 0)]),
        (Postgres, &[(b"", 8), (b"SR\0\0\0\x08\0\0\0\0", 0)]),
        (Ldap, &[(b"", 31), (b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0\x30", 0)]),
        (Rdp, &[(b"", 19), (b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\0\x08\0\x01\0\0\0\x03", 0)]),
        (
            Xmpp,
            &[
                (b"<stream:stream><stream:features><starttls/></stream:features>", XMPP_HEADER),
                (b"", 51),
                (b"<proceed/><stream:stream>", 0),
            ],
        ),
    ];
    for (protocol, turns) in injects {
        let outcome = asked(*protocol, turns);
        assert!(outcome.contains("before TLS, refused") && outcome.contains("CVE-2011-0411"), "{outcome}");
    }
}

const XMPP_HEADER: usize = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams' to='a.example' version='1.0'>"
    .len();

#[test]
fn commands_behind_the_request_are_refused() {
    for (protocol, sent) in [
        (Smtp, b"EHLO a\r\nSTARTTLS\r\nMAIL FROM:<a@b>\r\n".as_slice()),
        (Imap, b"a STARTTLS\r\nb LOGIN c d\r\n"),
        (Pop3, b"STLS\r\nUSER a\r\n"),
        (Ftp, b"AUTH TLS\r\nUSER a\r\n"),
        (Nntp, b"STARTTLS\r\nQUIT\r\n"),
        (Sieve, b"STARTTLS\r\nLOGOUT\r\n"),
        (Postgres, b"\0\0\0\x08\x04\xd2\x16\x2fQ\0\0\0\x04"),
        (Ldap, b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037\x30"),
        (Rdp, b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x01\0\0\0\x03"),
        (Xmpp, b"<stream:stream><starttls xmlns='a'/><message/>"),
    ] {
        let outcome = answered(protocol, sent);
        assert!(outcome.contains("before TLS, refused"), "{protocol:?}: {outcome}");
    }
}

#[test]
fn clients_that_do_not_ask_are_described() {
    for (protocol, sent, said) in [
        (Smtp, b"EHLO a\r\nMAIL FROM:<a@b>\r\nQUIT\r\n".as_slice(), "smtp: expected STARTTLS, the client sent QUIT"),
        (Imap, b"a LOGOUT\r\n", "imap: expected STARTTLS, the client sent LOGOUT"),
        (Pop3, b"CAPA\r\n", "pop3: expected STLS, the client closed the connection"),
        (Smtp, b"\x16\x03\x01\x02\0\x01", "smtp: the client speaks TLS from the first byte: leave --starttls out"),
        (Rdp, b"\x16\x03\x01\x02\0\x01", "rdp: the client speaks TLS from the first byte"),
        (Postgres, b"\0\0\0\x54\0\x03\0\0user", "it sent a StartupMessage of protocol 3.0, as with sslmode=disable"),
        (Postgres, b"\0\0\0\x08\x04\xd2\x16\x30\0\0\0\x08\x04\xd2\x16\x2f", "TLS"),
        (Ldap, b"\x30\x05\x02\x01\x03\x42\0", "the client sent an UnbindRequest"),
        (
            Ldap,
            b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0\x30\x1d\x02\x01\x02\x77\x18\x80\x161.3.6.1.4.1.1466.20037",
            "TLS",
        ),
        (Mysql, b"\x24\0\0\x01\x05\xa6\0\0\0\0\0\0\x21aaaaaaaaaaaaaaaaaaaaaaabbbb", "lacks the flag CLIENT_SSL"),
        // MySQL's clients do not wait: TLS may come in the same segment.
        (Mysql, b"\x20\0\0\x01\x05\xae\0\0\0\0\0\0\x21aaaaaaaaaaaaaaaaaaaaaaa\x16\x03\x01", "TLS"),
        (Rdp, b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\0\0\0\0", "standard RDP security only"),
        (
            Rdp,
            b"\x03\0\0\x2a\x25\xe0\0\0\0\0\0Cookie: mstshash=abcde\r\n\x01\0\x08\0\x0b\0\0\0",
            "TLS",
        ),
        (Rdp, b"GET / HTTP/1.1\r\n\r\n", "the client sent GET"),
    ] {
        let outcome = answered(protocol, sent);
        assert!(outcome.contains(said), "{protocol:?}: expected {said}\nfound {outcome}");
    }
}

#[test]
fn lengths_that_are_announced_allocate_nothing() {
    for (protocol, sent, said) in [
        (Ldap, b"\x30\x84\x7f\xff\xff\xff\x02".as_slice(), "an LDAP message of more than 16384 bytes"),
        (Rdp, b"\x03\0\xff\xff\x0e\xe0", "a TPKT of more than 1024 bytes"),
        (Mysql, b"\xff\xff\xff\x01\x05", "the client sent the bytes ff ff ff 01"),
        (Smtp, b"\xff\xfe\0\n", "the client sent the bytes ff fe 00 0a"),
        (Smtp, &[b'a'; 5000], "a line of more than 4096 bytes"),
        (Xmpp, &[b'a'; 5000], "an XML tag of more than 4096 bytes"),
        (Smtp, &[b'\n'; 70_000], "a dialogue before TLS of more than 65536 bytes"),
    ] {
        let outcome = answered(protocol, sent);
        assert!(outcome.contains(said), "{protocol:?}: expected {said}\nfound {outcome}");
    }
}

#[test]
fn a_server_of_tls_is_recognized() {
    use handclasp::{Credentials, Identity, Server};
    let identity = Identity::self_signed(&["localhost"]).unwrap();
    let server = Server::new(Credentials::default().and_identity(identity));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let server = server.clone();
            thread::spawn(move || server.accept(stream.unwrap()).map(drop));
        }
    });
    for protocol in [Smtp, Postgres, Ldap] {
        let client = TcpStream::connect(address).unwrap();
        let error = negotiate(&client, protocol, "localhost").unwrap_err().to_string();
        assert!(
            error.ends_with("the server speaks TLS from the first byte: leave --starttls out"),
            "{error}"
        );
    }
}
