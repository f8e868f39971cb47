//! `handclasp tunnel --starttls`: clients without TLS, and servers that serve nothing before it.

mod daemons;
mod program;
mod tunnels;

use std::{
    io::{Error, ErrorKind, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    thread,
};

use program::{Directory, PATIENCE, Running, err, out, read_until};
use tunnels::{Certificates, free_port, tunnel};

const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../interop/peers");

/// A protocol of mail, and what its client of Python's standard library prints about a session: of the greeting only what
/// this program says, and no capability of the time before TLS.
const SESSIONS: [(&str, &str); 3] = [
    (
        "smtp",
        "greeting 220 b'server.test ESMTP'\ncapabilities auth pipelining\nlogin 235\nrefused {}\n\
         pipelined 250 250 354\nqueued 250\n",
    ),
    (
        "imap",
        "greeting b'* OK ready'\ncapabilities AUTH=PLAIN IMAP4REV1 UIDPLUS\nlogin OK\nselect ('OK', [b'3'])\n\
         pipelined b'p1 OK done\\r\\n' b'p2 OK done\\r\\n'\nlogout BYE\n",
    ),
    (
        "pop3",
        "greeting b'+OK ready'\ncapabilities PIPELINING UIDL USER\nlogin b'+OK' b'+OK'\nstat (2, 320)\n\
         pipelined b'+OK 2 320\\r\\n' b'+OK 2 320\\r\\n'\nquit b'+OK bye'\n",
    ),
];

/// A mail server that requires STARTTLS.
fn mail_server(protocol: &str, certificates: &Certificates) -> Running {
    let mut server = Command::new("python3");
    server.args([
        &format!("{PEERS}/mail_server.py"),
        &format!("protocol={protocol}"),
        &format!("cert={}", certificates.at("server.pem")),
        &format!("key={}", certificates.at("server.key")),
    ]);
    Running::foreign(server.stdin(Stdio::null()), "listening on ")
}

#[test]
fn clients_of_mail_see_the_server_behind_tls() {
    let certificates = Certificates::new("starttls-mail");
    for (protocol, expected) in SESSIONS {
        let server = mail_server(protocol, &certificates);
        let ours = ["--ca", &certificates.ca, "--name", "server.test", "--starttls", protocol];
        let tunnel = tunnel(&server.address(), &ours);
        let mut client = Command::new("python3");
        client.arg(format!("{PEERS}/mail_client.py"));
        let client = client.args([&format!("protocol={protocol}"), &format!("port={}", tunnel.port)]);
        let output = client.stdin(Stdio::null()).output().unwrap();
        assert_eq!(out(&output), expected, "{}{}{}", err(&output), tunnel.told(), server.told());
        assert!(output.status.success(), "{}", err(&output));
    }
}

/// slapd that refuses every operation without TLS.
fn slapd(directory: &Directory, certificates: &Certificates) -> Running {
    std::fs::create_dir(directory.at("data")).unwrap();
    let lines = [
        "include /etc/ldap/schema/core.schema",
        &format!("TLSCertificateFile {}", certificates.at("server.pem")),
        &format!("TLSCertificateKeyFile {}", certificates.at("server.key")),
        "security tls=1",
        "database ldif",
        "suffix o=test",
        "rootdn cn=admin,o=test",
        "rootpw secret",
        &format!("directory {}", directory.at("data")),
    ];
    let file = directory.file("slapd.conf", lines.join("\n").as_bytes());
    let port = free_port();
    let mut slapd = Command::new("/usr/sbin/slapd");
    slapd.args(["-h", &format!("ldap://127.0.0.1:{port}"), "-f", &file, "-d", "stats"]);
    let mut running = Running::foreign_ready(slapd.stdin(Stdio::null()), "slapd starting");
    running.port = port;
    running
}

#[test]
fn clients_of_ldap_write_and_search_in_slapd() {
    let certificates = Certificates::new("starttls-ldap");
    let server = slapd(&certificates.directory, &certificates);
    let ours = ["--ca", &certificates.ca, "--name", "server.test", "--starttls", "ldap"];
    let tunnel = tunnel(&server.address(), &ours);
    let entries = "dn: o=test\nobjectClass: organization\no: test\n\n\
                   dn: cn=door,o=test\nobjectClass: device\ncn: door\nserialNumber: 4711\n";
    let entries = certificates.directory.file("entries", entries.as_bytes());
    let run = |port: u16, program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args([
            "-x",
            "-H",
            &format!("ldap://127.0.0.1:{port}"),
            "-D",
            "cn=admin,o=test",
            "-w",
            "secret",
        ]);
        command.args(arguments).stdin(Stdio::null()).output().unwrap()
    };
    let added = run(tunnel.port, "ldapadd", &["-f", &entries]);
    assert!(added.status.success(), "{}{}{}", err(&added), tunnel.told(), server.told());
    let search = ["-LLL", "-b", "o=test", "(cn=door)", "serialNumber"];
    let found = run(tunnel.port, "ldapsearch", &search);
    assert_eq!(out(&found), "dn: cn=door,o=test\nserialNumber: 4711\n\n", "{}", err(&found));
    let direct = run(server.port, "ldapsearch", &search);
    assert!(err(&direct).contains("Confidentiality required"), "{}", err(&direct));
}

/// What a server sends, and the line that it reads then.
type Turn = (&'static [u8], &'static [u8]);
type Turns = &'static [Turn];

/// Of SMTP.
const GREETS: Turn = (b"220 mail.test\r\n", b"EHLO [127.0.0.1]\r\n");
const OFFERS: Turn = (b"250-mail.test\r\n250 STARTTLS\r\n", b"STARTTLS\r\n");
const BEGINS: Turns = &[GREETS, OFFERS, (b"220 go ahead\r\n", b"")];

/// Of PostgreSQL.
const ASKED: Turn = (b"", b"\0\0\0\x08\x04\xd2\x16\x2f");
const BEGINS_POSTGRES: Turns = &[ASKED, (b"S", b"")];

/// A server that plays turns with each client and then speaks TLS, if the turns ask for it, up to the client's end.
/// Returns its port and the pin of its key.
fn scripted(turns: Turns) -> (u16, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let identity = handclasp::Identity::self_signed(&["localhost"]).unwrap();
    let pin = handclasp::Pin::of_spki(&identity.spki()).to_string();
    let server = handclasp::Server::new(identity);
    let play = move |mut transport: TcpStream| -> Result<(), Error> {
        for (says, reads) in turns {
            transport.write_all(says)?;
            let mut line = vec![0; reads.len()];
            transport.read_exact(&mut line)?;
            assert_eq!(line, *reads);
        }
        if let Ok(mut stream) = server.accept(transport.try_clone()?) {
            stream.write_all(b"250 inside of TLS\r\n")?;
            stream.close()?;
        }
        transport.read_to_end(&mut Vec::new()).map(drop)
    };
    thread::spawn(move || {
        for transport in listener.incoming().map_while(Result::ok) {
            let play = play.clone();
            thread::spawn(move || drop(play(transport)));
        }
    });
    (port, pin)
}

/// What a client that waits for the server receives, and how that ends.
fn received(tunnel: &Running) -> (String, Result<usize, ErrorKind>) {
    let mut client = TcpStream::connect(tunnel.address()).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut came = Vec::new();
    let end = client.read_to_end(&mut came);
    (String::from_utf8(came).unwrap(), end.map_err(|error| error.kind()))
}

/// Servers that do not begin TLS, or not in order, and what the log says.
const REFUSALS: [(&str, Turns, &str); 7] = [
    (
        "smtp",
        &[GREETS, OFFERS, (b"454 4.7.0 TLS not available\r\n", b"")],
        "smtp: expected 220 after STARTTLS, the server answered 454 4.7.0 TLS not available",
    ),
    (
        "smtp",
        &[GREETS, (b"250-mail.test\r\n250 SIZE 1\r\n", b"")],
        "smtp: the server does not offer STARTTLS: its answer to EHLO lacks STARTTLS: 250-mail.test, 250 SIZE 1",
    ),
    (
        "smtp",
        &[(b"554-go\r\n554 away\r\n", b"")],
        "smtp: expected the greeting 220, the server answered 554-go / 554 away",
    ),
    (
        "smtp",
        &[GREETS, OFFERS, (b"220 go ahead\r\n250 injected\r\n", b"")],
        "the server sent 14 bytes after its last message in plaintext and before TLS, refused: 250 injected",
    ),
    (
        "imap",
        &[
            (b"* OK ready\r\n", b"a1 CAPABILITY\r\n"),
            (b"* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK done\r\n", b"a2 STARTTLS\r\n"),
            (b"a2 OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", b""),
        ],
        "the server sent 35 bytes after its last message in plaintext and before TLS, refused: * CAPABILITY",
    ),
    (
        "postgres",
        &[ASKED, (b"SR\0\0\0\x08\0\0\0\0", b"")],
        "the server sent 9 bytes after its last message in plaintext and before TLS, refused",
    ),
    ("postgres", &[ASKED, (b"N", b"")], "postgres: the server does not offer STARTTLS: it answered N"),
];

#[test]
fn a_client_whose_server_does_not_begin_tls_sees_a_reset_and_nothing_of_the_server() {
    for (protocol, turns, said) in REFUSALS {
        let (port, pin) = scripted(turns);
        let tunnel = tunnel(&format!("127.0.0.1:{port}"), &["--pin", &pin, "--starttls", protocol]);
        assert_eq!(received(&tunnel), (String::new(), Err(ErrorKind::ConnectionReset)), "{said}");
        let told = tunnel.told_in_time(said);
        assert_eq!(told.lines().filter(|line| line.starts_with("127.0.0.1:")).count(), 1, "one line: {told}");
    }
}

#[test]
fn a_server_of_another_ca_greets_nobody() {
    let certificates = Certificates::new("starttls-ca");
    let server = mail_server("smtp", &certificates);
    let (port, _) = scripted(BEGINS);
    for (port, name, said) in
        [(port, "localhost", "[cert.self-signed]"), (server.port, "other.test", "[cert.name-mismatch]")]
    {
        let ours = ["--ca", &certificates.ca, "--name", name, "--starttls", "smtp"];
        let tunnel = tunnel(&format!("127.0.0.1:{port}"), &ours);
        assert_eq!(received(&tunnel), (String::new(), Err(ErrorKind::ConnectionReset)));
        tunnel.told_in_time(said);
    }
}

#[test]
fn a_server_that_never_greets_is_given_up_at_the_time_limit_of_handshakes() {
    let (port, pin) = scripted(&[(b"", b"never")]);
    let ours = ["--pin", &pin, "--starttls", "smtp", "--handshake-timeout", "1"];
    let tunnel = tunnel(&format!("127.0.0.1:{port}"), &ours);
    assert_eq!(received(&tunnel), (String::new(), Err(ErrorKind::ConnectionReset)));
    tunnel.told_in_time("smtp: expected the greeting 220, the server sent nothing within 1 s");
}

/// Servers in whose greeting an attacker in the path has written, and what the client receives before the first byte of
/// the server from inside of TLS.
const INJECTED: [(&str, Turns, &str); 6] = [
    (
        "smtp",
        &[
            (b"220-\x1b[2Jmail.test\r250 injected\r\n220 mail.test injected\r\n", GREETS.1),
            (b"250-injected\r\n250 STARTTLS\r\n", OFFERS.1),
            (b"220 injected\r\n", b""),
        ],
        "220 localhost ESMTP\r\n",
    ),
    (
        "imap",
        &[
            (b"* OK [CAPABILITY IMAP4rev1 AUTH=INJECTED] injected\r\n", b"a1 CAPABILITY\r\n"),
            (b"* CAPABILITY STARTTLS injected\r\na1 OK injected\r\n", b"a2 STARTTLS\r\n"),
            (b"* OK injected\r\na2 OK injected\r\n", b""),
        ],
        "* OK ready\r\n",
    ),
    (
        "imap",
        &[
            (b"* OK [REFERRAL imap://injected.test] injected\r\n", b"a1 CAPABILITY\r\n"),
            (b"* CAPABILITY STARTTLS\r\na1 OK done\r\n", b"a2 STARTTLS\r\n"),
            (b"a2 OK begin\r\n", b""),
        ],
        "* OK ready\r\n",
    ),
    (
        "pop3",
        &[
            (b"+OK injected <injected@pop.test>\r\n", b"CAPA\r\n"),
            (b"+OK injected\r\nSTLS\r\nINJECTED\r\n.\r\n", b"STLS\r\n"),
            (b"+OK injected\r\n", b""),
        ],
        "+OK ready\r\n",
    ),
    (
        "nntp",
        &[
            (b"201 injected\r\n", b"CAPABILITIES\r\n"),
            (b"101 injected\r\nSTARTTLS\r\n.\r\n", b"STARTTLS\r\n"),
            (b"382 injected\r\n", b""),
        ],
        "200 ready\r\n",
    ),
    (
        "sieve",
        &[
            (b"\"IMPLEMENTATION\" \"injected\"\r\n\"STARTTLS\"\r\nOK \"injected\"\r\n", b"STARTTLS\r\n"),
            (b"OK \"injected\"\r\n", b""),
        ],
        "",
    ),
];

#[test]
fn nothing_that_came_before_tls_reaches_the_client() {
    for (protocol, turns, greeting) in INJECTED {
        let (port, pin) = scripted(turns);
        let ours = ["--pin", &pin, "--name", "localhost", "--starttls", protocol];
        let tunnel = tunnel(&format!("127.0.0.1:{port}"), &ours);
        let expected = format!("{greeting}250 inside of TLS\r\n");
        let length = expected.len();
        assert_eq!(received(&tunnel), (expected, Ok(length)), "{protocol} {}", tunnel.told());
    }
}

/// A tunnel to a scripted server of PostgreSQL, and a client of it.
fn postgres(flags: &[&str]) -> (Running, TcpStream) {
    let (port, pin) = scripted(BEGINS_POSTGRES);
    let ours = [&["--pin", &pin, "--starttls", "postgres"], flags].concat();
    let tunnel = tunnel(&format!("127.0.0.1:{port}"), &ours);
    let client = TcpStream::connect(tunnel.address()).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    (tunnel, client)
}

/// psql connects first and asks later; until then nothing is relayed.
#[test]
fn a_client_of_postgres_that_says_nothing_does_not_outlive_the_drain() {
    let (mut tunnel, mut client) = postgres(&["--drain", "0"]);
    tunnel.told_in_time(" connected: ");
    daemons::send(&tunnel, rustix::process::Signal::TERM);
    assert_eq!(client.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(tunnel.wait().code(), Some(0));
}

#[test]
fn a_client_of_postgres_that_asks_for_encryption_is_answered_and_goes_on() {
    const REQUESTS: [&[u8]; 2] = [b"\0\0\0\x08\x04\xd2\x16\x30", b"\0\0\0\x08\x04\xd2\x16\x2f"];
    let (tunnel, mut client) = postgres(&[]);
    for request in REQUESTS {
        client.write_all(request).unwrap();
        let mut answer = [0];
        client.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"N", "{}", tunnel.told());
    }
    client.write_all(b"\0\0\0\x09\0\x03\0\0\0").unwrap();
    assert_eq!(read_until(&mut client, b"\n"), b"250 inside of TLS\r\n");
}

/// Both requests once, in any order; a client that asks for ever is not answered for ever.
#[test]
fn a_client_of_postgres_that_only_asks_for_encryption_is_given_up() {
    let (tunnel, mut client) = postgres(&[]);
    let answers = std::iter::from_fn(|| {
        client.write_all(ASKED.1).ok()?;
        client.read_exact(&mut [0]).ok()
    });
    assert_eq!(answers.take(10).count(), 3, "{}", tunnel.told());
}
