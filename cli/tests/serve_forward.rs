//! `handclasp serve --forward`: services behind TLS, also where the key is slow to sign.

mod keys;
mod program;

use std::{
    fs,
    io::{Read, Write},
    net::{Shutdown, TcpListener},
    os::unix::net::UnixListener,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use keys::Lab;
use program::{Directory, PATIENCE, Running, has_ended, out, program, run_with};

const CONNECT: [&str; 2] = ["--danger-accept-any", "--half-close"];

/// Reads a question to its end and answers.
fn answer(mut service: impl Read + Write) {
    let mut question = String::new();
    service.read_to_string(&mut question).unwrap();
    service.write_all(format!("answer to {question}").as_bytes()).unwrap();
}

#[test]
fn a_service_answers_through_tls() {
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = service.local_addr().unwrap().to_string();
    let mut server = Running::serve(&["--self-signed", "localhost", "--forward", &target]);
    let answering = thread::spawn(move || answer(service.accept().unwrap().0));
    let output = run_with(&[&["connect", &server.address()], &CONNECT[..]].concat(), b"a question");
    has_ended(&output, 0, &["connected"], "the client");
    assert_eq!(out(&output), "answer to a question");
    answering.join().unwrap();
    server.until(|told| told.contains(" accepted: TLS 1.3").then_some(()));
}

#[test]
fn a_service_at_a_unix_socket() {
    let directory = Directory::new("forward-unix");
    let path = directory.at("service.sock");
    let service = UnixListener::bind(&path).unwrap();
    let server = Running::serve(&["--self-signed", "localhost", "--forward", &format!("unix:{path}")]);
    let answering = thread::spawn(move || answer(service.accept().unwrap().0));
    let output = run_with(&[&["connect", &server.address()], &CONNECT[..]].concat(), b"another");
    has_ended(&output, 0, &[], "the client");
    assert_eq!(out(&output), "answer to another");
    answering.join().unwrap();
}

#[test]
fn a_service_that_is_not_there_is_named_and_the_client_sees_a_reset() {
    // A port that was free a moment ago.
    let target = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut server = Running::serve(&["--self-signed", "localhost", "--forward", &target, "--once"]);
    let output = run_with(&["connect", &server.address(), "--danger-accept-any"], b"");
    has_ended(&output, 1, &[], "the client");
    assert_eq!(server.wait().code(), Some(1));
    let told = server.told_in_time("(--forward)");
    assert!(told.contains(&format!("cannot connect to {target} (--forward): Connection refused")), "{told}");
    for (wrong, words) in [
        ("/run/x.sock", "unix:/run/x.sock"),
        ("localhost", "the port is missing"),
        ("unix:", "the path is missing"),
        ("127.0.0.1:0", "port 0"),
    ] {
        let arguments = ["serve", "127.0.0.1:0", "--self-signed", "a", "--forward", wrong];
        program::ends(&arguments, 2, &["--forward", words]);
    }
}

#[test]
fn a_service_that_is_cut_off_is_a_truncation_for_the_client() {
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = service.local_addr().unwrap().to_string();
    let mut server = Running::serve(&["--self-signed", "localhost", "--forward", &target]);
    let answering = thread::spawn(move || {
        let (mut service, _) = service.accept().unwrap();
        service.write_all(b"half an ans").unwrap();
        // It is closed with a question unread, which is a reset.
        let mut first = [0; 1];
        service.read_exact(&mut first).unwrap();
        service.shutdown(Shutdown::Read).unwrap();
    });
    let output = run_with(&["connect", &server.address(), "--danger-accept-any"], b"a question");
    answering.join().unwrap();
    has_ended(&output, 1, &[], "the client");
    server.until(|told| told.contains("the target reset the connection").then_some(()));
}

/// A command that signs only when a file is gone. More clients wait for it than the server has threads; one that needs
/// no signature is served meanwhile.
#[test]
fn a_signer_that_takes_its_time_keeps_no_other_client_waiting() {
    const WAITING: usize = 12;
    let lab = Lab::new("slow-signer");
    lab.sh("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key; \
            openssl pkey -in key -pubout -out key.pub; openssl req -x509 -key key -out leaf.pem -subj /CN=localhost");
    let slow = "if [ -e slow ]; then echo >> asked; while [ -e slow ]; do sleep 0.05; done; fi; \
                openssl dgst -sha256 -sign key";
    let signer = lab.signer("key", "schemes: ecdsa_secp256r1_sha256", slow);
    let psk = ["--psk-hex", &"07".repeat(32), "--psk-id", "device"].map(str::to_owned);
    let psk: Vec<&str> = psk.iter().map(String::as_str).collect();
    let server = lab.serve(&[&["--signer", &signer, "--cert", "leaf.pem", "--echo"], &psk[..]].concat());
    lab.0.file("slow", b"");
    let waiting: Vec<_> = (0..WAITING)
        .map(|_| {
            let mut command = Command::new(program());
            command.args(["connect", &server.address(), "--quiet"]).args(CONNECT);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let end = Instant::now() + PATIENCE;
    let asked = || fs::read(lab.0.path().join("asked")).map_or(0, |lines| lines.len());
    while asked() < WAITING {
        assert!(Instant::now() < end, "{} of {WAITING} signatures asked for: {}", asked(), server.told());
        thread::sleep(Duration::from_millis(10));
    }
    let mut connect = vec!["connect"];
    let address = server.address();
    connect.extend([address.as_str(), "--half-close", "--quiet"]);
    connect.extend(&psk);
    let output = run_with(&connect, b"hello");
    has_ended(&output, 0, &[], "a client without a signature");
    assert_eq!(out(&output), "hello");
    fs::remove_file(lab.0.path().join("slow")).unwrap();
    for client in waiting {
        has_ended(&client.wait_with_output().unwrap(), 0, &[], "a client that waited");
    }
}
