//! Resumption through the public API, over sockets: who resumes, who must not, and what is
//! known of the peer either way.
#![cfg(unix)]

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::PathBuf,
    thread,
};

use handclasp::{
    Client, Error, Fault, Identity, Pin, Policy, ProtocolVersion, Psk, PskUse, Roots, Server, Stream,
    TicketSecret, Trust,
};
use handclasp_crypto::KeyKind;
use handclasp_identity::{Authority, CertificateParams, Usage, Validity};

const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2];

fn policy(version: ProtocolVersion) -> Policy {
    Policy::modern().only_version(version).unwrap()
}

/// What one side can tell of a connection.
#[derive(Debug, PartialEq)]
struct Told {
    resumed: bool,
    peer: Option<[u8; 32]>,
    psk: Option<Vec<u8>>,
}

fn told(stream: &Stream<UnixStream>) -> Told {
    let connected = stream.connected();
    let peer = connected.peer.as_ref().map(|peer| peer.pin);
    Told { resumed: connected.resumed, peer, psk: connected.psk_identity.clone() }
}

/// One connection that carries a line each way: what server and client tell of it.
fn meet(server: &Server, client: &Client, name: &str) -> Result<(Told, Told), Error> {
    let (near, far) = UnixStream::pair().unwrap();
    thread::scope(|scope| {
        let serving = scope.spawn(move || {
            let mut stream = server.accept(far)?;
            stream.write_all(b"hello").unwrap();
            let mut line = Vec::new();
            stream.read_to_end(&mut line).unwrap();
            assert_eq!(line, b"hello yourself");
            stream.close().unwrap();
            Ok(told(&stream))
        });
        let client = client.connect_over(near, Some(name)).and_then(|mut stream| {
            // The tickets of TLS 1.3 come with what is read; and so does a refusal.
            let mut line = [0; 5];
            stream.read_exact(&mut line).map_err(|error| error.downcast::<Error>().unwrap())?;
            stream.write_all(b"hello yourself").unwrap();
            stream.close().unwrap();
            stream.read_to_end(&mut Vec::new()).unwrap();
            Ok(told(&stream))
        });
        // The server's story first: it is the one that refuses.
        Ok((serving.join().unwrap()?, client?))
    })
}

/// Whether both say that a session was resumed.
fn resumes(server: &Server, client: &Client, name: &str) -> bool {
    let (server, client) = meet(server, client, name).unwrap();
    assert_eq!(server.resumed, client.resumed);
    client.resumed
}

fn identity() -> Identity {
    Identity::self_signed(&["a.test"]).unwrap()
}

fn pinned(identity: &Identity, version: ProtocolVersion) -> Client {
    Client::with_policy(Trust::Pins(vec![Pin::of_spki(&identity.spki())]), policy(version))
}

fn psk(version: ProtocolVersion, secret: &[u8; 32]) -> Psk {
    let usage = if version == ProtocolVersion::TLS_1_3 { PskUse::Tls13Sha256 } else { PskUse::Tls12 };
    Psk::from_bytes("device", usage, secret).unwrap()
}

/// The secret of that number.
fn secret(number: u8) -> TicketSecret {
    let bytes: Vec<u8> = (0..32).map(|byte| byte ^ (number << 5)).collect();
    TicketSecret::from_bytes(&bytes).expect("a secret")
}

#[test]
fn a_client_that_comes_again_is_known_again() {
    for version in VERSIONS {
        let identity = identity();
        let pin = Pin::of_spki(&identity.spki()).0;
        let client = pinned(&identity, version);
        let server = Server::new(identity);
        for round in 0..5 {
            let (ours, theirs) = meet(&server, &client, "a.test").unwrap();
            assert_eq!((ours.resumed, theirs.resumed), (round > 0, round > 0), "{version} {round}");
            assert_eq!(theirs.peer, Some(pin));
            assert_eq!(ours.peer, None);
        }
        assert!(!resumes(&server, &client, "b.test"), "another name is another server");
        assert!(resumes(&server, &client, "a.test"));
    }
}

#[test]
fn keys_that_both_hold_resume_too() {
    for version in VERSIONS {
        let server = Server::new(psk(version, &[1; 32]));
        let client = Client::with_policy(Trust::Psk(psk(version, &[1; 32])), policy(version));
        assert!(!resumes(&server, &client, "a.test"));
        let (ours, theirs) = meet(&server, &client, "a.test").unwrap();
        let known = Told { resumed: true, peer: None, psk: Some(b"device".to_vec()) };
        assert_eq!((&ours, &theirs), (&known, &known));
    }
}

#[test]
fn either_side_may_have_none_of_it() {
    for version in VERSIONS {
        let identity = identity();
        let (client, without) = (pinned(&identity, version), pinned(&identity, version).without_resumption());
        let server = Server::new(identity);
        for _ in 0..2 {
            assert!(!resumes(&server, &without, "a.test"));
        }
        let server = server.tickets(0);
        for _ in 0..2 {
            assert!(!resumes(&server, &client, "a.test"));
        }
    }
}

/// Also not by a ticket of another server that holds the same secret, where pre-shared keys make
/// the server look at what clients name.
#[test]
fn a_server_without_resumption_takes_no_ticket_of_another() {
    for version in VERSIONS {
        let server = || Server::new(psk(version, &[1; 32])).ticket_secret(secret(5));
        let client = Client::with_policy(Trust::Psk(psk(version, &[1; 32])), policy(version));
        assert!(!resumes(&server(), &client, "a.test"));
        assert!(!resumes(&server().tickets(0), &client, "a.test"), "{version}");
    }
}

/// A session that began without a look at the certificate's status is not offered by a client that
/// asks for one: the resumed connection has no certificate to ask about.
#[test]
fn a_session_from_before_status_was_asked_for_is_not_resumed() {
    for version in VERSIONS {
        let identity = identity();
        let client = pinned(&identity, version);
        let server = Server::new(identity);
        assert!(!resumes(&server, &client, "a.test"));
        assert!(resumes(&server, &client, "a.test"));
        let client = client.request_ocsp_response();
        assert!(!resumes(&server, &client, "a.test"), "{version}");
        assert!(resumes(&server, &client, "a.test"));
    }
}

#[test]
fn another_server_does_not_open_it_unless_it_holds_the_same_secret() {
    for version in VERSIONS {
        let identity = identity();
        let client = pinned(&identity, version);
        let (one, other) = (Server::new(identity), Server::new(psk(version, &[1; 32])));
        assert!(!resumes(&one, &client, "a.test"));
        assert!(meet(&other, &client, "a.test").is_err());

        let shared = || Server::new(psk(version, &[1; 32])).ticket_secret(secret(5));
        let client = Client::with_policy(Trust::Psk(psk(version, &[1; 32])), policy(version));
        assert!(!resumes(&shared(), &client, "a.test"));
        assert!(resumes(&shared(), &client, "a.test"), "{version}");
        assert!(!resumes(&shared().ticket_secret(secret(6)), &client, "a.test"));
    }
}

#[test]
fn what_the_server_believes_has_changed() {
    for version in VERSIONS {
        let server = || Server::new(psk(version, &[1; 32])).ticket_secret(secret(5));
        let client = Client::with_policy(Trust::Psk(psk(version, &[1; 32])), policy(version));
        assert!(!resumes(&server(), &client, "a.test"));
        assert!(!resumes(&server().trust_generation(1), &client, "a.test"), "a peer was revoked");
        assert!(resumes(&server().trust_generation(1), &client, "a.test"));
        let other = Psk::from_bytes("other", PskUse::Tls12, &[3; 32]).unwrap();
        let credentials = handclasp::Credentials::from(psk(version, &[1; 32])).and_psk(other);
        let more = Server::new(credentials).ticket_secret(secret(5)).trust_generation(1);
        assert!(!resumes(&more, &client, "a.test"), "another list of keys");
    }
}

/// A root, a server of it and a client of it.
fn of_one_root() -> (Roots, Roots, Identity, Identity) {
    let validity = Validity::starting_now();
    let root = Authority::new("test root", validity, KeyKind::P256).unwrap();
    let issued = |usage| {
        let issue = CertificateParams::new(&["a.test"]).with_validity(validity).with_usage(usage);
        root.issue(&issue).unwrap().identity().unwrap()
    };
    let roots = || Roots::from_der(&[root.certificate().clone()]).unwrap();
    (roots(), roots(), issued(Usage::Server), issued(Usage::Client))
}

#[test]
fn who_the_client_is_stays_with_the_ticket() {
    for version in VERSIONS {
        let (ours, theirs, server, shown) = of_one_root();
        let pin = Pin::of_spki(&shown.spki()).0;
        let server = Server::new(server).require_client(Trust::WebPki(ours));
        let client = Client::with_policy(Trust::WebPki(theirs), policy(version)).identity(shown);
        for round in 0..3 {
            let (ours, _) = meet(&server, &client, "a.test").unwrap();
            assert_eq!((ours.resumed, ours.peer), (round > 0, Some(pin)), "{version}");
        }
    }
}

#[test]
fn a_ticket_does_not_stand_in_for_a_certificate_that_is_required_now() {
    for version in VERSIONS {
        let (ours, theirs, server, _) = of_one_root();
        let client = Client::with_policy(Trust::WebPki(theirs), policy(version));
        let server = Server::new(server).ask_client(Trust::WebPki(ours));
        assert!(!resumes(&server, &client, "a.test"));
        assert!(resumes(&server, &client, "a.test"), "asked, and not required");
        let (roots, _, _, _) = of_one_root();
        let server = server.require_client(Trust::WebPki(roots));
        let error = meet(&server, &client, "a.test").unwrap_err();
        assert!(format!("{error}").contains("certificate"), "{error}");
    }
}

#[test]
fn what_the_client_believes_has_changed() {
    for version in VERSIONS {
        let identity = identity();
        let pin = Pin::of_spki(&identity.spki());
        let file = file(&format!("changed-{version}"));
        let server = Server::new(identity);
        let client = |trust| Client::with_policy(trust, policy(version)).session_file(&file).unwrap();
        assert!(!resumes(&server, &client(Trust::DangerNobody), "a.test"));
        assert!(resumes(&server, &client(Trust::DangerNobody), "a.test"));
        // A session made while every peer was accepted does not authenticate now.
        assert!(!resumes(&server, &client(Trust::Pins(vec![pin])), "a.test"));
        assert!(resumes(&server, &client(Trust::Pins(vec![pin])), "a.test"));
        assert!(!resumes(&server, &client(Trust::Pins(vec![pin])).trust_generation(1), "a.test"));
        std::fs::remove_file(&file).unwrap();
    }
}

/// A path that nothing is at.
fn file(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("handclasp-test-{}-{name}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

#[test]
fn a_session_file_is_used_up_and_filled_again() {
    for version in VERSIONS {
        let file = file(&format!("again-{version}"));
        let server = Server::new(psk(version, &[1; 32]));
        let trust = || Trust::Psk(psk(version, &[1; 32]));
        let client = || Client::with_policy(trust(), policy(version)).session_file(&file).unwrap();
        assert!(!resumes(&server, &client(), "a.test"));
        for _ in 0..3 {
            assert!(resumes(&server, &client(), "a.test"), "{version}");
        }
        // The same ticket from a copy of the file.
        let copy = std::fs::read(&file).unwrap();
        assert!(resumes(&server, &client(), "a.test"));
        std::fs::write(&file, copy).unwrap();
        let again = resumes(&server, &client(), "a.test");
        assert_eq!(again, version == ProtocolVersion::TLS_1_2, "one of TLS 1.3 is taken once");
        std::fs::remove_file(&file).unwrap();
    }
}

#[test]
fn the_halves_of_a_stream_keep_tickets_too() {
    let (near, far) = (std::net::TcpListener::bind("127.0.0.1:0").unwrap(), ProtocolVersion::TLS_1_3);
    let address = near.local_addr().unwrap().to_string();
    let server = Server::new(psk(far, &[1; 32]));
    let client = Client::with_policy(Trust::Psk(psk(far, &[1; 32])), policy(far));
    for round in 0..3 {
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut stream = server.accept(near.accept().unwrap().0).unwrap();
                stream.write_all(b"hello").unwrap();
                stream.close().unwrap();
                assert_eq!(stream.read(&mut [0]).unwrap(), 0);
            });
            let stream = client.connect_to(&address, "a.test").unwrap();
            assert_eq!(stream.connected().resumed, round > 0);
            let (mut read, mut write) = stream.split().unwrap();
            let mut line = Vec::new();
            read.read_to_end(&mut line).unwrap();
            write.close().unwrap();
        });
    }
}

/// Runs an honest client of `server` whose first bytes go through `edit` before the server has them;
/// whether the server resumed.
fn resumed_behind(server: &Server, client: &Client, edit: impl FnOnce(&[u8]) + Send) -> bool {
    let (near, far) = UnixStream::pair().unwrap();
    let (upstream, served) = UnixStream::pair().unwrap();
    thread::scope(|scope| {
        let serving = scope.spawn(move || {
            let mut stream = server.accept(served).unwrap();
            let resumed = stream.connected().resumed;
            stream.write_all(b"hello").unwrap();
            resumed
        });
        scope.spawn(move || {
            let (mut near, mut upstream) = (far, upstream);
            let mut bytes = vec![0; 16_384];
            let length = near.read(&mut bytes).unwrap();
            edit(&bytes[..length]);
            upstream.write_all(&bytes[..length]).unwrap();
            let (mut back, mut to) = (upstream.try_clone().unwrap(), near.try_clone().unwrap());
            let backwards = thread::spawn(move || std::io::copy(&mut back, &mut to));
            let _forwards = std::io::copy(&mut near, &mut upstream);
            let _ends = upstream.shutdown(std::net::Shutdown::Write);
            let _backwards = backwards.join();
        });
        let mut stream = client.connect_over(near, Some("a.test")).unwrap();
        stream.read_exact(&mut [0; 5]).unwrap();
        drop(stream);
        serving.join().unwrap()
    })
}

#[test]
fn a_ticket_is_not_spent_by_somebody_who_only_saw_it() {
    let identity = identity();
    let client = pinned(&identity, ProtocolVersion::TLS_1_3);
    let server = Server::new(identity);
    assert!(!resumes(&server, &client, "a.test"));
    let attack = |hello: &[u8]| {
        // The last byte of the hello is of its binder.
        let mut damaged = hello.to_vec();
        *damaged.last_mut().unwrap() ^= 1;
        let (mut near, far) = UnixStream::pair().unwrap();
        let fault = thread::scope(|scope| {
            let serving = scope.spawn(|| server.accept(far).map(|_| ()));
            near.write_all(&damaged).unwrap();
            serving.join().unwrap().unwrap_err().fault().copied()
        });
        assert_eq!(fault, Some(Fault::BinderInvalid { identity: 0 }));
    };
    assert!(resumed_behind(&server, &client, attack), "the true client resumes all the same");
}

#[test]
fn servers_of_other_identities_take_no_tickets_of_each_other() {
    for version in VERSIONS {
        let [one, other] = [identity(), identity()];
        let pins = [&one, &other].map(|identity| Pin::of_spki(&identity.spki()));
        let client = Client::with_policy(Trust::Pins(pins.to_vec()), policy(version));
        let [one, other] = [one, other].map(|identity| Server::new(identity).ticket_secret(secret(5)));
        assert!(!resumes(&one, &client, "a.test"));
        assert!(resumes(&one, &client, "a.test"));
        assert!(!resumes(&other, &client, "a.test"), "{version}");
    }
}
