//! Trust on first use between two endpoints in memory.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use handclasp::{
    AlertDescription, CertificateFault, Client, ClientConnection, Connection, Error, Fault, Identity,
    IdentityFolder, KnownPeers, LateNeed, NeedKind, NewPeers, PeerAnswer, PeerVerdict, Pin, Policy,
    ProtocolVersion, RefusalReason, Server, ServerConnection, Trust, Validity, pki_types::UnixTime,
};
use tempfile::TempDir;

const NAME: &str = "printer.local";

const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2];

fn policy(version: ProtocolVersion) -> Policy {
    Policy::modern().only_version(version).expect("has it")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("made")
}

fn known(folder: &TempDir) -> KnownPeers {
    KnownPeers::new(folder.path().join("known_peers"))
}

fn pin(identity: &Identity) -> Pin {
    Pin::of_spki(&identity.spki())
}

fn client(peers: KnownPeers, version: ProtocolVersion) -> Client {
    Client::with_policy(Trust::KnownPeers(peers), policy(version))
}

fn server(identity: Identity, version: ProtocolVersion) -> Server {
    Server::with_policy(identity, policy(version))
}

/// Two ends, and the first error of each.
struct Pair {
    client: ClientConnection,
    server: ServerConnection,
    failed: [Option<Error>; 2],
}

impl Pair {
    fn new(client: &Client, server: &Server) -> Self {
        let client = ClientConnection::new(client, NAME).expect("starts");
        let server = ServerConnection::new(server).expect("starts");
        Self { client, server, failed: [None, None] }
    }

    /// Moves bytes until both wait or are over.
    fn run(&mut self) {
        while !self.client.transmit().is_empty() || !self.server.transmit().is_empty() {
            let [client, server] = &mut self.failed;
            pass(&mut self.client, &mut self.server, server);
            pass(&mut self.server, &mut self.client, client);
        }
    }

    /// A handshake that succeeds, and a byte each way.
    fn connect(client: &Client, server: &Server) -> Self {
        let mut pair = Self::new(client, server);
        pair.run();
        assert!(pair.failed.iter().all(Option::is_none), "{:?}", pair.failed);
        pair.assert_connected();
        pair
    }

    fn assert_connected(&mut self) {
        assert!(self.client.connected().is_some() && self.server.connected().is_some());
        self.client.write(b"c").expect("sent");
        self.server.write(b"s").expect("sent");
        self.run();
        assert_eq!((self.client.readable(), self.server.readable()), (&b"s"[..], &b"c"[..]));
    }

    /// A handshake that fails: the error of the side that refuses, and the alert that the other one sees.
    fn refuse(client: &Client, server: &Server) -> (Error, Error) {
        let mut pair = Self::new(client, server);
        pair.run();
        pair.errors()
    }

    fn errors(self) -> (Error, Error) {
        let [Some(client), Some(server)] = self.failed else { panic!("both fail: {:?}", self.failed) };
        (client, server)
    }
}

fn pass(from: &mut Connection, to: &mut Connection, failed: &mut Option<Error>) {
    let outcome = to.receive(from.transmit());
    from.transmitted(from.transmit().len());
    if let Err(error) = outcome {
        failed.get_or_insert(error);
    }
}

fn assert_alert(error: &Error, alert: AlertDescription) {
    assert_eq!(error.fault(), Some(&Fault::PeerAlert(alert)));
}

fn assert_says(error: &Error, parts: &[&str]) {
    let words = error.to_string();
    for part in parts {
        assert!(words.contains(part), "{words}\nhas no {part}");
    }
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("a file")
}

#[test]
fn first_contact_then_silence_then_renewal_then_an_alarm() {
    for version in VERSIONS {
        let folder = folder();
        let peers = known(&folder).with_new_peers(NewPeers::Accept);
        let device = IdentityFolder::new(folder.path().join("device"));
        let first = device.get_or_create(NAME).expect("made");
        let old = pin(&first);
        let client = client(peers.clone(), version);

        let server_side = server(first, version);
        let pair = Pair::connect(&client, &server_side);
        assert_eq!(pair.client.peer_verdict(), Some(PeerVerdict::New));
        assert!(text(peers.path()).starts_with(&format!("{NAME} {old} ")));
        let pair = Pair::connect(&client, &server_side);
        assert_eq!(pair.client.peer_verdict(), Some(PeerVerdict::Same));
        assert!(!pair.client.connected().expect("connected").resumed, "each handshake looks at the file");

        // A certificate that was made after the last contact.
        let before = text(peers.path());
        let mut words: Vec<&str> = before.split_whitespace().collect();
        words[3] = "2020-01-01T00:00:00Z";
        fs::write(peers.path(), words.join(" ")).expect("written");
        let renewed = device.renew(Validity::starting_now()).expect("renewed");
        let pair = Pair::connect(&client, &server(renewed, version));
        assert_eq!(pair.client.peer_verdict(), Some(PeerVerdict::Renewed));
        assert!(!text(peers.path()).contains("2020-01-01"));

        let (rotated, statement) = device.rotate().expect("rotated");
        let new = pin(&rotated);
        let server_side = server(rotated, version);
        let before = text(peers.path());
        let (alarm, told) = Pair::refuse(&client, &server_side);
        assert_eq!(alarm.fault(), Some(&Fault::Certificate(CertificateFault::PinMismatch)));
        assert_alert(&told, AlertDescription::certificate_unknown);
        let line = format!("line 1 of {}", peers.path().display());
        let parts = ["ALARM", NAME, &line, &old.to_string(), &old.words(), &new.to_string(), &new.words()];
        assert_says(&alarm, &parts);
        assert!(matches!(alarm.peer_refusal().expect("by the file").reason, RefusalReason::Changed(_)));
        assert_eq!(text(peers.path()), before);
        // A report that is read elsewhere says that a known key differs, not a pin.
        let note = alarm.report().items().find(|item| item.tag == handclasp_report::Tag::CertificateKey);
        assert!(note.is_some_and(|note| handclasp_report::is_changed_key(note.bytes)));
        assert!(alarm.report().sentence(alarm.fault().expect("a fault")).to_string().contains("another key"));

        let knows = peers.clone().with_rotations(&[statement]);
        let pair = Pair::connect(&self::client(knows, version), &server_side);
        assert_eq!(pair.client.peer_verdict(), Some(PeerVerdict::Rotated { from: old }));
        let pair = Pair::connect(&client, &server_side);
        assert_eq!(pair.client.peer_verdict(), Some(PeerVerdict::Same), "without the statement");
    }
}

#[test]
fn no_byte_of_data_passes_before_the_alarm() {
    for version in VERSIONS {
        let folder = folder();
        let peers = known(&folder);
        peers.accept(NAME, Pin([1; 32]), "", None).expect("added");
        let identity = Identity::self_signed(&[NAME]).expect("made");
        let mut pair = Pair::new(&client(peers, version), &server(identity, version));
        pair.run();
        assert!(pair.client.connected().is_none() && pair.server.connected().is_none());
        assert!(pair.client.write(b"secret").is_err() && pair.server.readable().is_empty());
    }
}

#[test]
fn the_handshake_waits_for_a_person() {
    for version in VERSIONS {
        let folder = folder();
        let peers = known(&folder).with_new_peers(NewPeers::Later);
        let identity = Identity::self_signed(&[NAME]).expect("made");
        let pin = pin(&identity);
        let (client, server) = (client(peers.clone(), version), server(identity, version));

        let mut pair = Pair::new(&client, &server);
        pair.run();
        assert!(pair.client.may().answer && pair.client.is_handshaking() && pair.server.is_handshaking());
        let Some(LateNeed::PeerCertificate(mut need)) = pair.client.need() else { panic!("a question") };
        let question = need.new_peer().expect("new");
        assert_eq!((question.name, question.pin, question.path), (Some(NAME), pin, peers.path()));
        need.deny().expect_err("refused");
        let [Some(refused), ..] = [pair.client.error()] else { panic!("an error") };
        assert_says(
            &refused,
            &["new peers are not accepted", &pin.words(), &format!("add the line: {NAME} {pin}")],
        );
        pair.run();
        assert_alert(pair.failed[1].as_ref().expect("the alert"), AlertDescription::access_denied);
        assert!(!peers.path().exists());

        let mut pair = Pair::new(&client, &server);
        pair.run();
        let Some(LateNeed::PeerCertificate(need)) = pair.client.need() else { panic!("a question") };
        need.accept().expect("goes on");
        pair.run();
        pair.assert_connected();
        assert_eq!(pair.client.peer_verdict(), Some(PeerVerdict::New));
        assert!(text(peers.path()).contains(&pin.to_string()));
        // And no question the next time.
        let pair = Pair::connect(&client, &server);
        assert_eq!(pair.client.peer_verdict(), Some(PeerVerdict::Same));
    }
}

#[test]
fn an_application_that_judges_itself_has_the_file_learn() {
    let folder = folder();
    let peers = known(&folder);
    let identity = Identity::self_signed(&[NAME]).expect("made");
    let version = ProtocolVersion::TLS_1_3;
    let client = client(peers.clone(), version).late_needs(&[NeedKind::PeerCertificate]);
    let server_side = server(identity, version);
    for verdict in [PeerVerdict::New, PeerVerdict::Same] {
        let mut pair = Pair::new(&client, &server_side);
        pair.run();
        let Some(LateNeed::PeerCertificate(mut need)) = pair.client.need() else { panic!("a question") };
        assert_eq!(need.new_peer().is_some(), verdict == PeerVerdict::New);
        match verdict {
            PeerVerdict::New => need.accept().expect("goes on"),
            _ => need.accept_if_configured().expect("goes on"),
        }
        pair.run();
        pair.assert_connected();
        assert_eq!(pair.client.peer_verdict(), Some(verdict));
    }
    // Another key, accepted in spite of the file: for this connection only.
    let before = text(peers.path());
    let other = server(Identity::self_signed(&[NAME]).expect("made"), version);
    let mut pair = Pair::new(&client, &other);
    pair.run();
    let Some(LateNeed::PeerCertificate(need)) = pair.client.need() else { panic!("a question") };
    need.accept().expect("goes on");
    pair.run();
    pair.assert_connected();
    assert_eq!(text(peers.path()), before);
}

#[test]
fn a_function_decides_and_the_file_has_the_last_word() {
    let folder = folder();
    let plain = known(&folder);
    let identity = Identity::self_signed(&[NAME]).expect("made");
    let version = ProtocolVersion::TLS_1_3;
    let server = server(identity, version);
    let refusing = plain.clone().with_new_peers(NewPeers::ask(|_| PeerAnswer::Refuse));
    let (refused, told) = Pair::refuse(&client(refusing, version), &server);
    assert_eq!(refused.fault(), Some(&Fault::Certificate(CertificateFault::NotKnown)));
    assert_alert(&told, AlertDescription::certificate_unknown);

    // While a person thinks, another process writes another key under the name.
    let other = plain.clone();
    let has_asked = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&has_asked);
    let ask = NewPeers::ask(move |_| {
        asked.store(true, Ordering::Relaxed);
        other.accept(NAME, Pin([9; 32]), "", None).expect("added");
        PeerAnswer::Accept
    });
    let mut pair = Pair::new(&client(plain.clone().with_new_peers(ask), version), &server);
    pair.run();
    assert!(has_asked.load(Ordering::Relaxed));
    let (alarm, _) = pair.errors();
    assert_says(&alarm, &["ALARM", &Pin([9; 32]).to_string()]);
    assert_eq!(text(plain.path()).lines().count(), 1);
}

#[test]
fn a_copied_certificate_without_its_key_leaves_no_trace() {
    let folder = folder();
    let peers = known(&folder).with_new_peers(NewPeers::Accept);
    let version = ProtocolVersion::TLS_1_2;
    let identity = Identity::self_signed(&[NAME]).expect("made");
    let mut pair = Pair::new(&client(peers.clone(), version), &server(identity, version));
    pair.server.receive(pair.client.transmit()).expect("a ClientHello");
    let count = pair.client.transmit().len();
    pair.client.transmitted(count);
    // The signature of another key: ServerKeyExchange ends in it, before ServerHelloDone.
    let mut flight = pair.server.transmit().to_vec();
    assert!(flight.ends_with(&[14, 0, 0, 0]), "ServerHelloDone");
    let has_own_record = flight.len() > 9 && flight[flight.len() - 9..].starts_with(&[22, 3, 3, 0, 4]);
    let last = flight.len() - if has_own_record { 10 } else { 5 };
    flight[last] ^= 1;
    let error = pair.client.receive(&flight).expect_err("not its key");
    assert!(error.to_string().contains("signature"), "{error}");
    assert!(!peers.path().exists());
}

#[test]
fn a_server_has_an_allow_list_and_learns_its_first_client() {
    for version in VERSIONS {
        let folder = folder();
        let peers = known(&folder);
        let (laptop, tablet) = ("laptop", "tablet");
        let of = |name: &str| {
            let path = folder.path().join(name);
            Identity::get_or_create(path, name).expect("made")
        };
        let pins = |name| pin(&of(name));
        let server_with = |peers: KnownPeers| {
            server(Identity::get_or_create(folder.path().join("server"), NAME).expect("made"), version)
                .require_client(Trust::KnownPeers(peers))
        };
        let client_with = |name| Client::with_policy(Trust::DangerNobody, policy(version)).identity(of(name));

        // Nobody is listed.
        let (told, refused) = Pair::refuse(&client_with(laptop), &server_with(peers.clone()));
        assert_alert(&told, AlertDescription::access_denied);
        assert_says(&refused, &[laptop, &pins(laptop).words(), &peers.path().display().to_string()]);

        let learns = server_with(peers.clone().with_new_peers(NewPeers::Learn));
        let learnt = client_with(laptop);
        let pair = Pair::connect(&learnt, &learns);
        assert_eq!(pair.server.peer_verdict(), Some(PeerVerdict::New));
        assert!(text(peers.path()).starts_with(&format!("laptop {}", pins(laptop))));
        let (told, refused) = Pair::refuse(&client_with(tablet), &learns);
        assert_alert(&told, AlertDescription::access_denied);
        assert_says(&refused, &[tablet, "new peers are not accepted"]);
        let pair = Pair::connect(&client_with(laptop), &server_with(peers.clone()));
        assert_eq!(pair.server.peer_verdict(), Some(PeerVerdict::Same));
        let pair = Pair::connect(&learnt, &learns);
        assert!(!pair.server.connected().expect("connected").resumed, "each handshake looks at the file");

        // Revoked: at once, also for a client that was here before.
        peers.revoke(pins(laptop), "lost").expect("revoked");
        let (told, refused) = Pair::refuse(&learnt, &learns);
        assert_alert(&told, AlertDescription::certificate_revoked);
        assert_says(&refused, &["revoked by line 1", "(lost)"]);
        // A client that calls itself by a known name with another key.
        peers.accept(tablet, Pin([3; 32]), "", Some(UnixTime::now())).expect("added");
        let (told, refused) = Pair::refuse(&client_with(tablet), &learns);
        assert_alert(&told, AlertDescription::certificate_unknown);
        assert_says(&refused, &["ALARM", &Pin([3; 32]).to_string()]);
    }
}

#[test]
fn a_peer_that_cannot_be_written_down_is_refused() {
    let folder = folder();
    let peers = KnownPeers::new(folder.path().join("missing").join("known_peers"));
    let identity = Identity::self_signed(&[NAME]).expect("made");
    let pin = pin(&identity);
    let client = client(peers.clone().with_new_peers(NewPeers::Accept), ProtocolVersion::TLS_1_3);
    let (refused, told) = Pair::refuse(&client, &server(identity, ProtocolVersion::TLS_1_3));
    assert_says(&refused, &[&peers.path().display().to_string(), &pin.to_string(), NAME]);
    assert_alert(&told, AlertDescription::certificate_unknown);
}

#[test]
fn a_client_needs_a_name_to_look_up() {
    let folder = folder();
    let client = client(known(&folder), ProtocolVersion::TLS_1_3);
    let error = ClientConnection::new(&client, None).expect_err("no name");
    assert!(error.to_string().contains("KnownPeers"), "{error}");
}

#[test]
fn raw_keys_are_known_too() {
    let folder = folder();
    let peers = known(&folder).with_new_peers(NewPeers::Accept);
    let identity = Identity::self_signed(&[NAME]).expect("made");
    let pin = pin(&identity);
    let version = ProtocolVersion::TLS_1_3;
    let spki = identity.spki().to_vec();
    let client = client(peers.clone(), version).raw_public_keys().keep_peer_certificates();
    let server = server(identity, version).raw_public_keys();
    Pair::connect(&client, &server);
    let pair = Pair::connect(&client, &server);
    assert_eq!(pair.client.peer_certificates()[0].as_ref(), spki, "a key without a certificate");
    assert_eq!(pair.client.peer_verdict(), Some(PeerVerdict::Same));
    assert!(text(peers.path()).contains(&pin.to_string()));
}

#[test]
fn both_ends_have_the_same_authentication_string() {
    for version in VERSIONS {
        let [ours, theirs] = ["laptop", NAME].map(|name| Identity::self_signed(&[name]).expect("made"));
        let client = Client::with_policy(Trust::DangerNobody, policy(version)).identity(ours);
        let server = server(theirs, version).require_client(Trust::DangerNobody);
        let mut before = Vec::new();
        for _ in 0..2 {
            let pair = Pair::connect(&client, &server);
            let (one, two) = (pair.client.authentication_string(), pair.server.authentication_string());
            let (one, two) = (one.expect("has one"), two.expect("has one"));
            assert_eq!((one.words(), one.digits()), (two.words(), two.digits()));
            assert!(!before.contains(&one.words()), "of this connection only");
            before.push(one.words());
        }
        let pair = Pair::new(&client, &server);
        pair.client.authentication_string().expect_err("not connected");
    }
}
