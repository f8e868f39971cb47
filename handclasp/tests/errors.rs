//! What a program is told that uses the crate wrongly, or whose transport fails: a sentence with the
//! value and what to give in its place, before anything is sent.
#![cfg(unix)]

mod wire;

use std::{
    io::{self, Read, Write},
    net::TcpListener,
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use handclasp::{
    Blame, Client, Credentials, Error, Fault, Identity, Pin, Policy, ProtocolVersion, Psk, PskUse, Roots,
    Server, Transport, Trust,
};
use handclasp_crypto::KeyKind;
use handclasp_identity::{Authority, Validity};
use handclasp_report::{Input, Misuse, Report, TransportFault};

/// Counts what is written; nothing answers.
#[derive(Clone, Default)]
struct Counted(Arc<AtomicUsize>);

impl Read for Counted {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }
}

impl Write for Counted {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.fetch_add(data.len(), Ordering::Relaxed);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Counted {}

fn authority_roots() -> Trust {
    let root = Authority::new("root", Validity::starting_now(), KeyKind::P256).expect("a root");
    Trust::WebPki(Roots::from_der(&[root.certificate().clone()]).expect("a root"))
}

fn identity() -> Identity {
    Identity::self_signed(&["localhost"]).expect("a certificate")
}

/// Refused by ourselves, with these words and without a byte sent; the same again by `check`, where
/// it is the configuration's fault.
fn refused(client: &Client, name: Option<&str>, misuse: Misuse, words: &[&str]) {
    let sent = Counted::default();
    let error = client.connect_over(sent.clone(), name).expect_err("refused");
    assert_eq!(error.fault(), Some(&Fault::Misuse(misuse)), "{error}");
    assert_eq!(error.blame(), Blame::Ours);
    assert_eq!(sent.0.load(Ordering::Relaxed), 0, "nothing is sent");
    says(&error, words);
    assert_eq!(error.report().why(), Some(Fault::Misuse(misuse)), "a report of it is not empty");
}

fn says(error: &Error, words: &[&str]) {
    let text = error.to_string();
    words.iter().for_each(|word| assert!(text.contains(word), "{word:?} is not in: {text}"));
    assert!(text.ends_with('.'), "{text}");
    assert_eq!(format!("{error:?}"), text, "`?` in main prints it");
}

#[test]
fn web_pki_without_a_name_is_our_mistake_and_not_the_certificates() {
    refused(
        &Client::new(authority_roots()),
        None,
        Misuse::NoExpectedName,
        &["needs a server name", "`Some(\"host.example\")`"],
    );
}

#[test]
fn names_and_protocols_that_cannot_stand_in_their_field_are_named() {
    let client = Client::new(Trust::DangerNobody);
    let name = Misuse::InvalidInput(Input::ServerName);
    refused(&client, Some("my server"), name, &["\"my server\"", "' '"]);
    refused(&client, Some(""), name, &["empty"]);
    refused(&client, Some("https://host.example"), name, &["is a URL", "pass \"host.example\""]);
    refused(&client, Some("bücher.example"), name, &["'ü' at offset 1", "xn--"]);
    let alpn = Misuse::InvalidInput(Input::Alpn);
    let with = |protocol: &str| Client::new(Trust::DangerNobody).alpn(&["h2", protocol]);
    refused(&with(""), Some("a.test"), alpn, &["ALPN", "empty string", "1 to 255"]);
    refused(&with(&"x".repeat(300)), Some("a.test"), alpn, &["ALPN", "300 bytes", "1 to 255"]);
    let server = Server::new(identity()).alpn(&[""]);
    says(&server.check().expect_err("refused"), &["ALPN", "empty string"]);
    assert!(client.check().is_ok() && Server::new(identity()).check().is_ok());
}

#[test]
fn trust_in_nobody_is_refused_before_anything_is_sent() {
    let pins = || Trust::Pins(Vec::new());
    refused(
        &Client::new(pins()),
        Some("a.test"),
        Misuse::NobodyTrusted,
        &["`Trust::Pins` is empty", "add the pin"],
    );
    let roots = Trust::WebPki(Roots::default());
    refused(
        &Client::new(roots),
        Some("a.test"),
        Misuse::NobodyTrusted,
        &["no root certificate", "Roots::system()"],
    );
    let key = || Psk::from_bytes(*b"id", PskUse::Tls13Sha256, &[7; 32]).expect("a key");
    for (server, misuse, words) in [
        (Server::new(Credentials::default()), Misuse::NothingToOffer, "no credential"),
        (Server::new(identity()).require_client(pins()), Misuse::NobodyTrusted, "no client could be trusted"),
        (
            Server::new(identity()).require_client(Trust::Psk(key())),
            Misuse::NobodyTrusted,
            "cannot verify client certificates",
        ),
    ] {
        let error = server.check().expect_err("refused");
        assert_eq!(error.fault(), Some(&Fault::Misuse(misuse)));
        says(&error, &[words]);
        // Who does not ask hears it from the first client.
        assert_eq!(server.accept(Counted::default()).expect_err("refused").to_string(), error.to_string());
    }
}

#[test]
fn a_key_that_no_suite_of_the_policy_works_with_is_told_with_why() {
    let key = |usage| Psk::from_bytes(*b"dev-7", usage, &[7; 32]).expect("a key");
    let only = |version| Policy::modern().only_version(version).expect("is done");
    for (usage, policy, words) in [
        (PskUse::Tls12, Policy::tls13_only(), ["\"dev-7\"", "for TLS 1.2", "`tls13_only`", "permit TLS 1.2"]),
        (
            PskUse::Tls13Sha384,
            Policy::constrained(),
            ["\"dev-7\"", "SHA-384", "`constrained`", "bind the key to SHA-256"],
        ),
        (
            PskUse::Tls13Sha256,
            only(ProtocolVersion::TLS_1_2),
            ["\"dev-7\"", "for TLS 1.3", "`modern`", "permit TLS 1.3"],
        ),
        (
            PskUse::Imported,
            only(ProtocolVersion::TLS_1_2),
            ["\"dev-7\"", "for TLS 1.3", "`modern`", "permit TLS 1.3"],
        ),
    ] {
        let client = Client::with_policy(Trust::Psk(key(usage)), policy.clone());
        refused(&client, None, Misuse::NothingToOffer, &words);
        says(&client.check().expect_err("refused"), &words);
        let server = Server::with_policy(key(usage), policy.clone());
        says(&server.check().expect_err("refused"), &words);
        // Beside a certificate the server still has what to show.
        let both = Credentials::from(identity()).and_psk(key(usage));
        assert!(Server::with_policy(both, policy).check().is_ok());
    }
}

#[test]
fn a_socket_that_does_not_block_is_told_as_that_and_not_as_a_deadline() {
    for deadline in [Some(Duration::from_secs(30)), None] {
        let (ours, _theirs) = wire::tcp();
        ours.set_nonblocking(true).expect("is set");
        let client = Client::new(Trust::DangerNobody).deadline(deadline);
        let error = client.connect_over(ours, Some("a.test")).expect_err("refused");
        assert_eq!(error.fault(), Some(&Fault::Misuse(Misuse::NonBlocking)), "{error}");
        says(&error, &["is non-blocking", "`set_nonblocking(false)`", "tokio"]);
    }
    // A deadline is one.
    let (ours, _theirs) = wire::tcp();
    let client = Client::new(Trust::DangerNobody).deadline(Some(Duration::from_millis(20)));
    let error = client.connect_over(ours, Some("a.test")).expect_err("nobody answers");
    assert!(matches!(error.fault(), Some(Fault::TimedOut { .. })), "{error}");
}

#[test]
fn no_connection_is_told_with_its_address_and_noted() {
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let client = Client::new(Trust::DangerNobody);
    let error = client.connect(&format!("127.0.0.1:{port}")).expect_err("nobody listens");
    let text = error.to_string();
    assert!(text.starts_with(&format!("cannot connect to 127.0.0.1:{port}: Connection refused")), "{text}");
    assert_eq!((error.blame(), error.fault()), (Blame::Transport, None));
    let noted = Report::decode(error.report().encode()).expect("a report").why();
    assert_eq!(noted, Some(Fault::Transport(TransportFault::Refused)));
    // Where a name was given, which of its addresses.
    let text = client.connect(&format!("localhost:{port}")).expect_err("nobody listens").to_string();
    assert!(text.contains(&format!("localhost:{port} (")), "{text}");
    for (address, words) in [("localhost", "HOST:PORT"), ("https://localhost/", "\"localhost:443\"")] {
        let error = client.connect(address).expect_err("no address");
        assert_eq!(error.fault(), Some(&Fault::Misuse(Misuse::InvalidInput(Input::Address))));
        says(&error, &[words]);
    }
}

#[test]
fn keying_material_beyond_the_limit_is_told_with_the_limit() {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    let (client, _server) = wire::meet(PskUse::Tls13Sha256, ours, theirs);
    let error = client.export(b"EXPORTER-test", None, &mut [0; 20_000]).expect_err("too long");
    says(&error, &["20000 bytes", "at most 8160"]);
    says(&client.export(&[b'x'; 250], None, &mut [0; 32]).expect_err("too long"), &["250 bytes", "249"]);
    says(
        &client.export(b"master secret", None, &mut [0; 32]).expect_err("reserved by TLS"),
        &["\"master secret\""],
    );
    assert!(client.export(b"EXPORTER-test", None, &mut [0; 8160]).is_ok());
    // A stream can be printed, without its keys.
    let shown = format!("{client:?}");
    assert!(shown.contains("TLS_AES_128_GCM_SHA256") && shown.contains("Exporter"), "{shown}");
}

#[test]
fn the_error_in_an_io_error_is_one_call_away_and_prints_its_sentence() {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    let (mut client, server) = wire::meet(PskUse::Tls13Sha256, ours, theirs);
    drop(server);
    let error = client.read(&mut [0; 16]).expect_err("no close_notify");
    let inside = Error::in_io_error(&error).expect("ours");
    assert!(matches!(inside.fault(), Some(Fault::Truncated { .. })));
    assert!(format!("{error:?}").contains(&inside.to_string()), "{error:?}");
    assert!(Error::in_io_error(&io::Error::other("theirs")).is_none());
    assert!(Error::in_io_error(&io::ErrorKind::WouldBlock.into()).is_none());
}

#[test]
fn every_error_of_the_crate_prints_its_sentence_for_a_developer() {
    fn alike<E: std::error::Error>(error: E) {
        assert_eq!(format!("{error:?}"), error.to_string());
        assert!(error.to_string().contains(' '), "{error}");
    }
    alike("sha1/x".parse::<Pin>().expect_err("no pin"));
    alike(Psk::from_hex("id", PskUse::Tls12, "zz").expect_err("no key"));
    alike(Roots::from_pem(b"nothing").expect_err("no root"));
    alike(Identity::from_pem(b"nothing", b"nothing").expect_err("no certificate"));
    alike(Identity::from_pem_files("/nodir/x", "/nodir/y").expect_err("no file"));
    alike(Policy::modern().only_version(ProtocolVersion::TLS_1_0).expect_err("not done"));
    alike(Report::decode(b"nothing").expect_err("no report"));
    alike(Client::new(Trust::DangerNobody).connect("nowhere").expect_err("no port"));
}

/// As hyper and tonic wrap errors of a connector.
#[test]
fn an_error_is_found_in_those_of_other_crates() {
    #[derive(Debug)]
    struct Wrapped(Box<dyn std::error::Error + Send + Sync>);

    impl std::fmt::Display for Wrapped {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("connect error")
        }
    }

    impl std::error::Error for Wrapped {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&*self.0)
        }
    }

    let server = Server::new(identity());
    let refused =
        || server.accept(io::Cursor::new(b"GET / HTTP/1.1\r\n".to_vec())).expect_err("that is HTTP");
    let of_a_stream = io::Error::from(refused());
    let twice = io::Error::other(io::Error::from(refused()));
    for error in
        [Wrapped(refused().into()), Wrapped(of_a_stream.into()), Wrapped(Wrapped(twice.into()).into())]
    {
        let found = Error::in_chain(&error).expect("it is inside");
        assert!(matches!(found.fault(), Some(Fault::NotTls { .. })), "{found}");
    }
    assert!(Error::in_chain(&Wrapped(io::Error::other("not TLS").into())).is_none());
    assert!(Error::in_chain(&io::Error::from(io::ErrorKind::NotFound)).is_none());
}
