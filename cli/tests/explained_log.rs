//! Each failed handshake is one line in the log of a server: client, reason, cause, confidence and the first fix. Real peers
//! fail in all the ways in which they do.

mod keys;
mod program;

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
};

use program::{Directory, Running};

/// Runs a peer to its end.
fn peer(program: &str, arguments: &[&str]) {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().unwrap_or_else(|error| panic!("{program} is installed: {error}"));
}

fn s_client(server: &Running, arguments: &[&str]) {
    peer("openssl", &[&["s_client", "-connect", &server.address()], arguments].concat());
}

/// A new key and a certificate that it signs: the files of the certificate and of the key.
fn self_signed(directory: &Directory, name: &str) -> (String, String) {
    let (certificate, key) = (directory.at(&format!("{name}.pem")), directory.at(&format!("{name}.key")));
    let subject = format!("/CN={name}");
    let made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    let mut arguments: Vec<_> = made.split(' ').collect();
    arguments.extend(["-subj", &subject, "-keyout", &key, "-out", &certificate]);
    peer("openssl", &arguments);
    (certificate, key)
}

/// Sends bytes and reads to the end.
fn send(server: &Running, bytes: &[u8]) {
    let mut stream = TcpStream::connect(server.address()).expect("listens");
    let _ = stream.write_all(bytes);
    let _ = stream.read_to_end(&mut Vec::new());
}

/// The one line about a client, once it is there, and nothing behind it that belongs to it.
#[track_caller]
fn line(server: &Running, wanted: &str) -> String {
    let told = server.told_in_time(wanted);
    let lines: Vec<_> = told.lines().filter(|line| line.contains(wanted)).collect();
    let [line] = lines[..] else { panic!("one line with {wanted}: {told}") };
    assert!(line.starts_with("127.0.0.1:"), "{line}");
    line.to_owned()
}

#[track_caller]
fn assert_has(line: &str, parts: &[&str]) {
    for part in parts {
        assert!(line.contains(part), "{part:?} is missing in {line}");
    }
}

/// A log has facts of the start, and then one line for each client.
#[track_caller]
fn assert_one_line_each(server: &Running, clients: usize) {
    let told = server.told();
    let behind: Vec<_> = told.lines().skip_while(|line| !line.starts_with("127.0.0.1:")).collect();
    assert_eq!(behind.len(), clients, "{told}");
}

#[test]
fn clients_that_do_not_fit_are_explained_in_a_line_each() {
    let directory = Directory::new("explained");
    let server = Running::serve(&["--self-signed", "localhost", "--tls", "1.3", "--echo"]);
    s_client(&server, &["-tls1_2"]);
    let version = line(&server, "[version.none-in-common]");
    assert_has(
        &version,
        &[
            "We, the server, refused the client",
            "It gets the alert protocol_version.",
            "proved",
            "Fix (server): allow TLS 1.2",
        ],
    );

    send(&server, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let http = line(&server, "[transport.not-tls.http]");
    assert_has(&http, &["observed", "Fix (client): switch TLS on in the client"]);

    // The client does not trust the server: it says so by an alert, and nobody can see more than that.
    let (other, _) = self_signed(&directory, "other");
    s_client(&server, &["-CAfile", &other, "-verify_return_error"]);
    let issuer = line(&server, "unknown_ca");
    assert_has(&issuer, &["The client refused us, the server", "[cert.", "Fix (client): "]);
    assert!(!issuer.contains("proved"), "a false sentence is worse than an unsure one: {issuer}");
    assert_one_line_each(&server, 3);
}

#[test]
fn gnutls_and_curl_that_do_not_trust_the_server_are_explained() {
    let server = Running::serve(&["--self-signed", "localhost", "--echo"]);
    peer("gnutls-cli", &["--port", &server.port.to_string(), "localhost"]);
    let gnutls = line(&server, "The client refused us, the server");
    assert_has(&gnutls, &["[cert.", "possible", "Fix ("]);

    let server = Running::serve(&["--self-signed", "localhost", "--echo"]);
    peer("curl", &["--silent", &format!("https://localhost:{}/", server.port)]);
    let curl = line(&server, "unknown_ca");
    assert_has(&curl, &["[cert.", "Fix (client): "]);
    assert_one_line_each(&server, 1);
}

#[test]
fn a_wrong_pre_shared_key_is_explained_without_the_key() {
    let directory = Directory::new("explained-psk");
    let key = "6b6579206f66206120646576696365206f757273";
    let file = format!("@{}", directory.file("key", key.as_bytes()));
    let server = Running::serve(&["--psk-hex", &file, "--psk-id", "device", "--echo"]);
    let wrong = "7b6579206f66206120646576696365206f757273";
    s_client(&server, &["-psk", wrong, "-psk_identity", "device", "-tls1_3"]);
    let value = line(&server, "[psk.value");
    assert_has(&value, &["We, the server, refused the client", "names \"device\"", "Fix (either side): "]);
    assert_eq!(value.matches("different keys").count(), 1, "said once: {value}");
    assert!(!value.contains("different key bytes"), "{value}");
    s_client(&server, &["-psk", key, "-psk_identity", "another", "-tls1_3"]);
    let identity = line(&server, "[psk.identity.unknown]");
    assert_has(&identity, &["Fix ("]);
    let told = server.told();
    assert!(!told.contains(key) && !told.contains("key of a device"), "{told}");
    assert_one_line_each(&server, 2);
}

#[test]
fn a_client_without_a_certificate_is_explained() {
    let directory = Directory::new("explained-client");
    let (root, _) = self_signed(&directory, "root");
    let server = Running::serve(&["--self-signed", "localhost", "--client-ca", &root, "--echo"]);
    s_client(&server, &["-tls1_2"]);
    let missing = line(&server, "[client-cert.missing]");
    assert_has(&missing, &["observed", "Fix (client): configure certificate and key"]);
    // A certificate that this CA did not issue: the fix is one of the CA before a pin beside it.
    let (stranger, key) = self_signed(&directory, "stranger");
    s_client(&server, &["-tls1_2", "-cert", &stranger, "-key", &key]);
    let issuer = line(&server, "[client-cert.unknown-issuer]");
    assert_has(
        &issuer,
        &[
            "It calls itself \"stranger\". Its key is sha256/",
            "Fix (client): give the client a certificate that a CA of `--client-ca` issued",
        ],
    );
    assert_one_line_each(&server, 2);
}

/// PostgreSQL's clients ask for encryption in their own protocol, in front of TLS.
#[test]
fn a_client_of_postgresql_that_asks_first_is_explained() {
    let server = Running::serve(&["--self-signed", "localhost", "--echo"]);
    send(&server, b"\x00\x00\x00\x08\x04\xd2\x16\x2f");
    let request = line(&server, "[transport.starttls]");
    assert_has(
        &request,
        &[
            "PostgreSQL's own request for encryption",
            "Fix (client): ",
            "sslmode=require sslnegotiation=direct",
            "--alpn postgresql",
        ],
    );
    assert_one_line_each(&server, 1);
}

/// A stranger can fail any number of times: the first is explained, the others are counted.
#[test]
fn many_failures_make_few_lines() {
    let server = Running::serve(&["--self-signed", "localhost", "--echo"]);
    for _ in 0..100 {
        send(&server, b"GET / HTTP/1.1\r\n\r\n");
    }
    let told = server.told_in_time("89 more of this kind");
    let lines: Vec<_> = told.lines().filter(|line| line.contains("[transport.not-tls.http]")).collect();
    let [first, tenth, _] = lines[..] else { panic!("of the failures 1, 10 and 100: {told}") };
    assert!(!first.contains("more of this kind") && tenth.ends_with("; 8 more of this kind"), "{told}");
}

/// What a peer sends neither ends a line nor moves a cursor.
#[test]
fn bytes_of_peers_write_no_lines() {
    let server = Running::serve(&["--self-signed", "localhost", "--echo"]);
    send(&server, b"SSH-2.0-\x1b[2J\r\n127.0.0.1:1: forged\r\n");
    send(&server, b"GET /\r\n127.0.0.1:1: forged accepted\r\n\r\n");
    s_client(&server, &["-alpn", "a\nforged: line", "-tls1_2", "-cipher", "AES128-SHA"]);
    let told = server.told_in_time("[suite.none-in-common]");
    assert!(!told.lines().any(|line| line.contains("forged") && !line.starts_with("127.0.0.1:")), "{told}");
    assert!(!told.lines().any(|line| line.starts_with("127.0.0.1:1:")), "{told}");
    assert!(!told.contains('\u{1b}'), "{told}");
}
