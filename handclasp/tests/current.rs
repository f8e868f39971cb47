//! Configurations that are replaced while connections run: which one a connection sees, and what stays of the one
//! before.

use std::{io::Read as _, thread};

use handclasp::{
    Authority, CertificateParams, Client, ClientConnection, Credentials, Current, Identity,
    IssuedCertificate, KeyKind, Pin, Policy, ProtocolVersion, Psk, PskUse, Roots, Server, ServerConnection,
    TicketSecret, Trust, Usage, Validity,
};

#[path = "pair/mod.rs"]
mod pair;

use pair::Pair;

const NAME: &str = "a.test";
const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2];

/// A key with its certificate, to be loaded again and again, as a program does that reloads.
struct Key(IssuedCertificate);

impl Key {
    fn new() -> Self {
        let authority = Authority::new("ca", Validity::starting_now(), KeyKind::P256).expect("a CA");
        Self::of(&authority)
    }

    fn of(authority: &Authority) -> Self {
        let params = CertificateParams::new(&[NAME]).with_validity(Validity::starting_now());
        Self(authority.issue(&params.with_usage(Usage::Both)).expect("issued"))
    }

    fn load(&self) -> Identity {
        self.0.identity().expect("loads")
    }

    fn pin(&self) -> Pin {
        Pin::of_spki(&self.load().spki())
    }
}

fn pins(keys: &[&Key]) -> Trust {
    Trust::Pins(keys.iter().map(|key| key.pin()).collect())
}

fn client(trust: Trust, version: ProtocolVersion) -> Client {
    Client::with_policy(trust, Policy::modern().only_version(version).expect("has it"))
}

fn secret(first: u8) -> TicketSecret {
    let bytes: Vec<u8> = (first..first + 32).collect();
    TicketSecret::from_bytes(&bytes).expect("a secret")
}

/// A connection that goes well: whether it resumed a session, and the pin of the server where it did not.
fn meet(client: &Current<Client>, server: &Current<Server>) -> (bool, Option<Pin>) {
    let mut pair = Pair::new(&client.get(), &server.get(), NAME);
    pair.run();
    let [client, server] = &pair.failed;
    assert!(client.is_none() && server.is_none(), "{client:?} {server:?}");
    let connected = pair.client.connected().expect("is connected");
    (connected.resumed, connected.peer.as_ref().map(|peer| Pin(peer.pin)))
}

fn resumes(client: &Current<Client>, server: &Current<Server>) -> bool {
    meet(client, server).0
}

#[test]
fn a_renewed_certificate_keeps_tickets_and_a_new_key_does_not() {
    for version in VERSIONS {
        let [first, other] = [Key::new(), Key::new()];
        let certificate = first.load().self_signed_certificate(&CertificateParams::new(&[NAME]));
        let renewed = first.load().with_chain(vec![certificate.expect("made")]).expect("is for the key");
        assert_ne!(renewed.chain(), first.load().chain());
        let client = Current::new(client(pins(&[&first, &other]), version));
        let server = Current::new(Server::new(first.load()));
        assert_eq!([0; 2].map(|_| resumes(&client, &server)), [false, true]);
        server.replace(Server::new(renewed)).expect("works");
        assert!(resumes(&client, &server), "{version}: the key is the same");
        server.replace(Server::new(other.load())).expect("works");
        assert_eq!(meet(&client, &server), (false, Some(other.pin())), "{version}: another key");
        assert!(resumes(&client, &server), "{version}: sessions with the new key");
    }
}

#[test]
fn tickets_end_with_the_trust_that_they_were_issued_under() {
    for version in VERSIONS {
        let [own, other, key] = [Key::new(), Key::new(), Key::new()];
        let client = Current::new(client(pins(&[&key]), version).identity(own.load()));
        let of = |clients: &[&Key]| Server::new(key.load()).require_client(pins(clients));
        let server = Current::new(of(&[&own]));
        assert_eq!([0; 3].map(|_| resumes(&client, &server)), [false, true, true]);
        server.replace(of(&[&own])).expect("works");
        assert!(resumes(&client, &server), "{version}: the same trust");
        server.replace(of(&[&own, &other])).expect("works");
        assert!(!resumes(&client, &server), "{version}: another trust");
        server.replace(of(&[&other])).expect("works");
        let mut pair = Pair::new(&client.get(), &server.get(), NAME);
        pair.run();
        assert!(
            pair.failed[1].is_some(),
            "{version}: a client that is not trusted any more resumed a session"
        );
    }
}

#[test]
fn keys_in_another_order_are_the_same_keys() {
    let psk = |name: &str| Psk::from_bytes(name, PskUse::Tls13Sha256, &[7; 32]).expect("a key");
    let of = |names: &[&str]| {
        let all = names.iter().fold(Credentials::default(), |all, name| all.and_psk(psk(name)));
        Server::new(all)
    };
    let client = Current::new(Client::new(Trust::Psk(psk("one"))));
    let server = Current::new(of(&["one", "two"]));
    assert_eq!([0; 2].map(|_| resumes(&client, &server)), [false, true]);
    server.replace(of(&["two", "one"])).expect("works");
    assert!(resumes(&client, &server));
    server.replace(of(&["one", "three"])).expect("works");
    assert!(!resumes(&client, &server));
}

/// A secret that leaked is replaced or removed: what it sealed must not open.
#[test]
fn tickets_follow_their_secret() {
    let key = Key::new();
    let plain = || Server::new(key.load());
    let shared = |first| plain().ticket_secret(secret(first));
    for (case, before, after, stays) in [
        (0, plain(), plain(), true),
        (1, shared(1), shared(1), true),
        (2, shared(1), shared(2), false),
        (3, shared(1), plain(), false),
        (4, plain(), shared(1), false),
    ] {
        let client = Current::new(client(pins(&[&key]), ProtocolVersion::TLS_1_3));
        let server = Current::new(before);
        assert_eq!([0; 2].map(|_| resumes(&client, &server)), [false, true]);
        server.replace(after).expect("works");
        assert_eq!(resumes(&client, &server), stays, "{case}");
    }
}

/// The ClientHello of a resumption comes once more after the replacement: its ticket was used (RFC 8446 §8.1).
#[test]
fn a_ticket_is_used_once_across_a_replacement() {
    let key = Key::new();
    for shares in [false, true] {
        let make = || {
            let server = Server::new(key.load());
            if shares { server.ticket_secret(secret(1)) } else { server }
        };
        let client = Current::new(client(pins(&[&key]), ProtocolVersion::TLS_1_3));
        let server = Current::new(make());
        assert!(!resumes(&client, &server));
        let mut first = Pair::new(&client.get(), &server.get(), NAME);
        let hello = first.client.transmit().to_vec();
        first.run();
        assert!(first.server.connected().expect("connected").resumed);
        server.replace(make()).expect("works");
        let stranger = ClientConnection::new(&client.get().without_resumption(), NAME).expect("starts");
        let [replayed, in_full] = [&hello[..], stranger.transmit()].map(|hello| {
            let mut server = ServerConnection::new(&server.get()).expect("starts");
            server.receive(hello).expect("a hello");
            server.transmit().len()
        });
        // A resumption sends no certificate; signatures in DER differ by a few bytes.
        assert!(replayed + 100 > in_full, "{replayed} of {in_full} bytes; shares a secret: {shares}");
    }
}

#[test]
fn a_client_keeps_its_sessions() {
    for version in VERSIONS {
        let key = Key::new();
        let make = || client(pins(&[&key]), version);
        let (client, server) = (Current::new(make()), Current::new(Server::new(key.load())));
        assert!(!resumes(&client, &server));
        client.replace(make()).expect("works");
        assert!(resumes(&client, &server), "{version}");
        client.replace(self::client(pins(&[&key, &Key::new()]), version)).expect("works");
        assert!(!resumes(&client, &server), "{version}: another trust");
        assert!(resumes(&client, &server), "{version}: sessions of that trust");
        client.replace(make().without_resumption()).expect("works");
        assert!(!resumes(&client, &server), "{version}");
        client.replace(make()).expect("works");
        assert!(!resumes(&client, &server), "{version}: the one before had no sessions");
    }
}

/// A connection takes its configuration when it begins, and keeps it while its handshake lasts.
#[test]
fn a_handshake_goes_on_with_the_configuration_that_it_began_with() {
    for version in VERSIONS {
        let [first, second] = [Key::new(), Key::new()];
        let client = Current::new(client(pins(&[&first, &second]), version).without_resumption());
        let server = Current::new(Server::new(first.load()));
        let mut begun = Pair::new(&client.get(), &server.get(), NAME);
        let old = server.replace(Server::new(second.load())).expect("works");
        begun.run();
        let peer = begun.client.connected().expect("connected").peer.as_ref().map(|peer| Pin(peer.pin));
        assert_eq!(peer, Some(first.pin()), "{version}");
        assert_eq!(meet(&client, &server), (false, Some(second.pin())), "{version}");
        assert_eq!(meet(&client, &Current::new(old)).1, Some(first.pin()), "{version}");
    }
}

/// A connection that runs is not touched, whatever the new configuration says of its peer.
#[test]
fn a_connection_outlives_the_configuration() {
    let [own, key, other] = [Key::new(), Key::new(), Key::new()];
    let client = client(pins(&[&key]), ProtocolVersion::TLS_1_3).identity(own.load());
    let server = Current::new(Server::new(key.load()).require_client(pins(&[&own])));
    let mut pair = Pair::new(&client, &server.get(), NAME);
    pair.run();
    server.replace(Server::new(other.load()).require_client(pins(&[&other]))).expect("works");
    pair.client.write(b"still here").expect("written");
    pair.run();
    let mut read = [0; 10];
    pair.server.reader().read_exact(&mut read).expect("read");
    assert_eq!(&read, b"still here");
}

/// What could not work never replaces what works.
#[test]
fn a_configuration_that_is_refused_leaves_the_old_one() {
    let key = Key::new();
    let client = Current::new(client(pins(&[&key]), ProtocolVersion::TLS_1_3).without_resumption());
    let server = Current::new(Server::new(key.load()));
    let refused = server.replace(Server::new(Credentials::default())).expect_err("nothing to offer");
    assert!(refused.to_string().contains("no credentials"), "{refused}");
    client.replace(Client::new(Trust::Pins(Vec::new()))).expect_err("trusts no peer");
    assert_eq!(meet(&client, &server), (false, Some(key.pin())));
}

/// Certificates of one CA are replaced under the connections of other threads: each of them succeeds.
#[test]
fn replacements_and_connections_at_once() {
    let authority = Authority::new("ca", Validity::starting_now(), KeyKind::P256).expect("a CA");
    let keys = [0; 4].map(|_| Key::of(&authority));
    let roots = Roots::from_der(&[authority.certificate().clone()]).expect("a root");
    let server = Current::new(Server::new(keys[0].load()));
    let client = Current::new(Client::new(Trust::WebPki(roots)));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..20 {
                    meet(&client, &server);
                }
            });
        }
        for key in keys.iter().cycle().take(40) {
            server.replace(Server::new(key.load())).expect("works");
        }
    });
}
