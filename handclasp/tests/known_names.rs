//! Names of servers in the file of known peers that are neither DNS names nor addresses, and the time that a person
//! takes to answer.

use std::{io::Write as _, os::unix::net::UnixStream, thread, time::Duration};

use handclasp::{
    AlertDescription, Client, ClientConnection, Error, Fault, Identity, KnownPeers, NewPeers, PeerAnswer,
    PeerName, PeerVerdict, Pin, Policy, ProtocolVersion, RefusalReason, Server, ServerConnection, Trust,
};
use tempfile::TempDir;

const SERVICE: &str = "Hall Door._lock._tcp";

fn policy(version: ProtocolVersion) -> Policy {
    Policy::modern().only_version(version).expect("has it")
}

fn known(folder: &TempDir, new_peers: NewPeers) -> KnownPeers {
    KnownPeers::new(folder.path().join("known_peers")).with_new_peers(new_peers)
}

/// A handshake: the verdict of the client, and how it ended for the server.
fn connect(
    client: &Client,
    server: &Server,
    name: PeerName<'_>,
) -> (Result<Option<PeerVerdict>, Error>, Option<Error>) {
    let (near, far) = UnixStream::pair().expect("made");
    let server = server.clone();
    let serving = thread::spawn(move || server.accept(far).err());
    let verdict = client.connect_over(near, name).map(|stream| stream.connection().peer_verdict());
    (verdict, serving.join().expect("ends"))
}

#[test]
fn a_service_is_known_by_its_name_and_not_by_its_address() {
    for version in [ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3] {
        let folder = tempfile::tempdir().expect("made");
        let peers = known(&folder, NewPeers::Accept);
        let client = Client::with_policy(Trust::KnownPeers(peers.clone()), policy(version));
        let devices = ["hall", "attic"].map(|name| Identity::self_signed(&[name]).expect("made"));
        let pin = Pin::of_spki(&devices[0].spki());
        let [hall, attic] = devices.map(|device| Server::with_policy(device, policy(version)));
        let names =
            [PeerName::service(SERVICE), PeerName::from("192.0.2.7").known_as("hall door._LOCK._tcp")];
        for (name, expected) in names.iter().zip([PeerVerdict::New, PeerVerdict::Same]) {
            let (verdict, _) = connect(&client, &hall, name.clone());
            assert_eq!(verdict.expect("connects"), Some(expected));
        }
        let file = std::fs::read_to_string(peers.path()).expect("a file");
        assert!(file.starts_with(&format!("Hall%20Door._lock._tcp {pin} ")), "{file}");

        for name in names {
            let (verdict, seen) = connect(&client, &attic, name);
            let error = verdict.expect_err("is refused");
            let reason = error.peer_refusal().map(|refusal| &refusal.reason);
            assert!(matches!(reason, Some(RefusalReason::Changed(_))), "{error}");
            let alert = Fault::PeerAlert(AlertDescription::certificate_unknown);
            assert_eq!(seen.as_ref().and_then(Error::fault), Some(&alert), "{seen:?}");
        }
    }
}

#[test]
fn a_name_for_known_peers_must_not_be_empty_and_is_not_one_for_certificates() {
    let folder = tempfile::tempdir().expect("made");
    let client = Client::new(Trust::KnownPeers(known(&folder, NewPeers::Refuse)));
    let error = ClientConnection::new(&client, PeerName::service(" ")).expect_err("is refused");
    assert!(error.to_string().contains("The name for known peers is empty"), "{error}");
    let authority = Identity::self_signed(&["authority"]).expect("made");
    let roots = handclasp::Roots::from_der(authority.chain()).expect("read");
    let client = Client::new(Trust::WebPki(roots));
    let error = ClientConnection::new(&client, PeerName::service(SERVICE)).expect_err("is refused");
    assert!(error.to_string().contains("needs a server name"), "{error}");
}

/// A person takes longer than the time limit, and the handshake goes on.
#[test]
fn the_time_of_a_person_does_not_count() {
    let folder = tempfile::tempdir().expect("made");
    let limit = Duration::from_millis(400);
    let slow = NewPeers::ask(move |_| {
        thread::sleep(limit * 2);
        PeerAnswer::Accept
    });
    // In TLS 1.2 the client reads once more after its answer.
    let version = ProtocolVersion::TLS_1_2;
    let client = Client::with_policy(Trust::KnownPeers(known(&folder, slow)), policy(version));
    let server = Server::with_policy(Identity::self_signed(&["hall"]).expect("made"), policy(version));
    let (verdict, seen) = connect(&client.deadline(Some(limit)), &server, "hall".into());
    assert_eq!((verdict.expect("connects"), seen.is_none()), (Some(PeerVerdict::New), true));
}

/// The peer's own time goes on after the answer: here it sends its first flight and then nothing.
#[test]
fn a_peer_that_stalls_after_the_answer_is_not_waited_for() {
    let folder = tempfile::tempdir().expect("made");
    let limit = Duration::from_millis(400);
    let slow = NewPeers::ask(move |_| {
        thread::sleep(limit);
        PeerAnswer::Accept
    });
    let version = ProtocolVersion::TLS_1_2;
    let peers = known(&folder, slow);
    let client = Client::with_policy(Trust::KnownPeers(peers.clone()), policy(version)).deadline(Some(limit));
    let server = Server::with_policy(Identity::self_signed(&["hall"]).expect("made"), policy(version));
    let (near, mut far) = UnixStream::pair().expect("made");
    let connecting = thread::spawn(move || client.connect_over(near, "hall").map(drop));
    let mut connection = ServerConnection::new(&server).expect("starts");
    while connection.transmit().is_empty() {
        connection.read_tls(&mut far).expect("a ClientHello");
    }
    far.write_all(connection.transmit()).expect("sent");
    let error = connecting.join().expect("ends").expect_err("the time is over");
    assert!(matches!(error.fault(), Some(Fault::TimedOut { .. })), "{error}");
    assert!(!peers.path().exists(), "the peer has proved nothing");
}
