//! `handclasp explain --ask` where the server cannot be asked, or answers without a certificate: what is
//! printed, and with which exit code. With real servers it is tested by `interop::ask`.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;

fn explain(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_handclasp")).arg("explain").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    // Sentences are wrapped; what they say is compared.
    String::from_utf8_lossy(bytes).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A handshake that fails after the server has accepted the offer.
fn capture() -> String {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/handshakes/corpus");
    vectors.join("psk-hex-vs-ascii.pcapng").display().to_string()
}

/// A server that reads a ClientHello and sends these bytes; its address, and the bytes that it read.
fn server(answer: &'static [u8]) -> (String, thread::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let thread = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut read = vec![0; 16 << 10];
        let length = stream.read(&mut read).unwrap();
        read.truncate(length);
        stream.write_all(answer).unwrap();
        read
    });
    (address, thread)
}

/// An address on which no program listens.
fn closed() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[test]
fn without_an_address_the_flag_needs_one() {
    let log = std::env::temp_dir().join(format!("handclasp-ask-{}.log", std::process::id()));
    std::fs::write(&log, "x509: certificate signed by unknown authority\n").unwrap();
    let output = explain(&[&log.display().to_string(), "--ask"]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(error.contains("contains no address of a server; expected --ask HOST:PORT"), "{error}");
    let output = explain(&["--ask", &log.display().to_string()]);
    std::fs::remove_file(&log).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("put FILE before --ask"), "{}", text(&output.stderr));
}

#[test]
fn a_server_that_cannot_be_reached_is_a_note_beside_the_explanation() {
    let (without, with) = (explain(&[&capture()]), explain(&[&capture(), "--ask", &closed()]));
    assert_eq!(with.status.code(), Some(0));
    let (without, with) = (text(&without.stdout), text(&with.stdout));
    let verdict = without.split(" Evidence ").next().unwrap();
    assert!(with.starts_with(verdict), "{with}");
    assert!(with.contains("the server cannot be reached: Connection refused"), "{with}");
    assert!(with.contains("(now, not when the capture was made)"), "{with}");
    let json = explain(&[&capture(), "--json", "--ask", &closed()]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["server_now"]["answer"], "unreachable");
    assert_eq!(json["findings"][0]["as_of"], "capture");
}

#[test]
fn a_server_that_does_not_speak_tls_is_named() {
    let (address, thread) = server(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    let output = explain(&[&capture(), "--ask", &address]);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stdout);
    assert!(said.contains("the server does not answer with TLS:") && said.contains("HTTP"), "{said}");
    assert_eq!(thread.join().unwrap().first(), Some(&22), "a record of a handshake was sent");
}

#[test]
fn a_refusal_now_is_held_against_the_capture() {
    // handshake_failure, fatal.
    let (address, _thread) = server(&[21, 3, 3, 0, 2, 2, 40]);
    let output = explain(&[&capture(), "--ask", &address]);
    let said = text(&output.stdout);
    assert!(said.contains("the server refuses this offer with handshake_failure (40)"), "{said}");
    assert!(said.contains("then the server accepted this offer, now it refuses"), "{said}");
}
