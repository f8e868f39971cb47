//! A server that looks at the ClientHello before it chooses.
#![cfg(unix)]

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    thread,
    time::Duration,
};

use handclasp::{
    Acceptor, AlertDescription, Blame, CipherSuite, Client, ClientConnection, Fault, Identity, Incoming,
    NamedGroup, Pin, Policy, ProtocolVersion, Server, SignatureScheme, Trust,
};

fn server(name: &str) -> (Server, Pin) {
    let identity = Identity::self_signed(&[name]).expect("made");
    let pin = Pin::of_spki(&identity.spki());
    (Server::new(identity).alpn(&["mqtt"]), pin)
}

fn client(pin: Pin) -> Client {
    Client::new(Trust::Pins(vec![pin])).alpn(&["h2", "mqtt"])
}

#[test]
fn the_offer_is_shown_and_the_chosen_server_goes_on() {
    let [(a, pin_a), (b, pin_b)] = [server("a.test"), server("b.test")];
    for (name, pin) in [("a.test", pin_a), ("b.test", pin_b)] {
        for step in [1, 7, usize::MAX] {
            let mut ours = ClientConnection::new(&client(pin), name).expect("starts");
            let mut acceptor = Acceptor::new();
            let hello = ours.transmit().to_vec();
            for chunk in hello.chunks(step.min(hello.len())) {
                assert!(acceptor.client_hello().is_none());
                acceptor.receive(chunk).expect("goes on");
            }
            let count = hello.len();
            ours.transmitted(count);
            let offer = acceptor.client_hello().expect("whole");
            assert_eq!(offer.server_name(), Some(name));
            assert_eq!(offer.alpn().collect::<Vec<_>>(), [&b"h2"[..], b"mqtt"]);
            assert_eq!(offer.versions()[..2], [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2]);
            assert!(offer.cipher_suites().contains(&CipherSuite::TLS_AES_128_GCM_SHA256));
            assert!(offer.signature_schemes().contains(&SignatureScheme::ed25519));
            assert!(offer.groups().contains(&NamedGroup::x25519));
            assert_eq!(offer.as_bytes(), &hello[5..], "one record holds it");
            let chosen = if offer.server_name() == Some("a.test") { &a } else { &b };
            let mut theirs = acceptor.accept(chosen).expect("goes on");
            while ours.is_handshaking() || theirs.is_handshaking() {
                ours.receive(theirs.transmit()).expect("goes on");
                let count = theirs.transmit().len();
                theirs.transmitted(count);
                theirs.receive(ours.transmit()).expect("goes on");
                let count = ours.transmit().len();
                ours.transmitted(count);
            }
            assert_eq!(theirs.connected().expect("connected").alpn.as_deref(), Some(&b"mqtt"[..]));
        }
    }
}

#[test]
fn what_is_not_a_client_hello_is_refused_with_its_alert() {
    let cases: [(&[u8], &[u8]); 5] = [
        (b"GET / HTTP/1.0\r\n\r\n", &[21, 3, 3, 0, 2, 2, 10]),
        // A message of another type, and one that breaks off inside.
        (&[22, 3, 1, 0, 4, 2, 0, 0, 0], &[21, 3, 3, 0, 2, 2, 10]),
        (&[22, 3, 1, 0, 5, 1, 0, 0, 1, 3], &[21, 3, 3, 0, 2, 2, 50]),
        (&[23, 3, 3, 0, 1, 0], &[21, 3, 3, 0, 2, 2, 10]),
        (&[21, 3, 3, 0, 2, 2, 40], &[]),
    ];
    for (bytes, alert) in cases {
        let mut acceptor = Acceptor::new();
        let error = acceptor.receive(bytes).expect_err("refused");
        let told = acceptor.transmit();
        assert_eq!(told, alert, "{error}");
        let again = acceptor.receive(&[0]).expect_err("over");
        assert_eq!(again.fault(), error.fault());
    }
}

#[test]
fn a_fault_is_that_of_a_server() {
    let (server, _) = server("a.test");
    // A hello of nothing but empty extensions, each type once.
    let extensions: Vec<u8> =
        (1000..1200_u16).flat_map(|one| [&one.to_be_bytes()[..], &[0, 0]].concat()).collect();
    let body = [&[3, 3][..], &[7; 32], &[0, 0, 2, 0x13, 1, 1, 0, 3, 32], &extensions].concat();
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).expect("short").to_be_bytes();
    let message = [&[1, 0][..], &length(&body), &body].concat();
    let many = [&[22, 3, 1][..], &length(&message), &message].concat();
    for bytes in
        [&b"GET / HTTP/1.0\r\n\r\n"[..], &[22, 3, 1, 0, 5, 1, 0, 0, 1, 3], &[22, 2, 0, 0, 1, 0], &many]
    {
        let mut connection = handclasp::ServerConnection::new(&server).expect("starts");
        let expected = connection.receive(bytes).expect_err("refused").fault().copied();
        let mut acceptor = Acceptor::new();
        let found = acceptor.receive(bytes).expect_err("refused").fault().copied();
        assert_eq!(found, expected);
        assert_eq!(acceptor.transmit(), connection.transmit());
    }
}

#[test]
fn the_end_and_the_time_are_faults() {
    let mut acceptor = Acceptor::new();
    assert!(acceptor.deadline().is_some());
    let error = acceptor.end_of_input().expect_err("too early");
    assert!(matches!(error.fault(), Some(Fault::Truncated { .. })), "{error}");
    let mut acceptor = Acceptor::with_time_limit(None);
    assert!(acceptor.deadline().is_none());
    let error = acceptor.time_out();
    assert!(matches!(error.fault(), Some(Fault::TimedOut { .. })), "{error}");
    let (server, _) = server("a.test");
    let error = Acceptor::new().accept(&server).expect_err("no hello");
    assert_eq!(error.blame(), Blame::Ours);
}

/// The server that was chosen may still refuse: its fault and alert are those of the connection.
#[test]
fn a_client_that_the_chosen_server_refuses() {
    let (server, pin) = server("a.test");
    let policy = Policy::modern().only_version(ProtocolVersion::TLS_1_2).expect("has it");
    let server = server.alpn(&["h3"]);
    let ours =
        ClientConnection::new(&Client::with_policy(Trust::Pins(vec![pin]), policy).alpn(&["mqtt"]), "a.test");
    let mut ours = ours.expect("starts");
    let mut acceptor = Acceptor::new();
    acceptor.receive(ours.transmit()).expect("whole");
    let theirs = acceptor.accept(&server).expect("the configuration works");
    assert!(!theirs.is_handshaking());
    let error = theirs.error().expect("refused");
    assert_eq!(error.blame(), Blame::RefusedByUs);
    let told = ours.receive(theirs.transmit()).expect_err("the alert");
    assert_eq!(told.fault(), Some(&Fault::PeerAlert(AlertDescription::no_application_protocol)));
}

#[test]
fn blocking_streams_are_accepted_or_refused() {
    let (server, pin) = server("a.test");
    for refuses in [false, true] {
        let (near, far) = UnixStream::pair().expect("a pair");
        let limit = Some(Duration::from_secs(77));
        far.set_read_timeout(limit).expect("set");
        let connecting = thread::spawn(move || client(pin).connect_over(near, "a.test"));
        let incoming = Incoming::read(far).expect("a hello");
        assert_eq!(incoming.client_hello().server_name(), Some("a.test"));
        assert_eq!(incoming.get_ref().read_timeout().expect("set"), limit);
        if refuses {
            incoming.refuse(AlertDescription::unrecognized_name).expect("sent");
            let error = connecting.join().expect("ends").expect_err("refused");
            assert_eq!(error.fault(), Some(&Fault::PeerAlert(AlertDescription::unrecognized_name)));
        } else {
            let mut stream = incoming.accept(&server).expect("accepts");
            stream.write_all(b"hello").expect("sent");
            let mut ours = connecting.join().expect("ends").expect("connects");
            ours.read_exact(&mut [0; 5]).expect("data");
        }
    }
}

#[test]
fn a_silent_client_ends_at_the_time_limit() {
    let (_near, far) = UnixStream::pair().expect("a pair");
    let acceptor = Acceptor::with_time_limit(Some(Duration::from_millis(20)));
    let error = Incoming::read_transport(acceptor, far).expect_err("silent");
    assert!(matches!(error.fault(), Some(Fault::TimedOut { .. })), "{error}");
}
