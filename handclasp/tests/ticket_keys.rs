//! Several servers with the same ticket keys, which the application replaces; it is asked before a session is
//! resumed, so that a ticket is used once among all of them.

use std::{
    collections::HashSet,
    time::{SystemTime, UNIX_EPOCH},
};

use handclasp::{
    Client, Connection, Credentials, Identity, KEYS, KeyEncoding, LateNeed, NeedKind, Pin, Policy,
    ProtocolVersion, Psk, PskUse, ResumeRefusal, Server, ServerConnection, TicketKey, TicketKeys,
    TicketSecret, Trust,
    identity::{CertificateParams, IssuedCertificate},
};

mod pair;
use pair::Pair;

const HOUR: u64 = 3600;
const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2];

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// The key of that number: it seals from `begins` on.
fn key(number: u8, begins: u64) -> TicketKey {
    let secret = TicketSecret::from_bytes(&std::array::from_fn::<u8, 32, _>(|place| place as u8 ^ number));
    TicketKey::new(secret.expect("not all the same"), begins, begins + 24 * HOUR)
}

/// The same certificate and key for each server of a fleet.
struct Fleet {
    issued: IssuedCertificate,
    version: ProtocolVersion,
}

impl Fleet {
    fn new(version: ProtocolVersion) -> Self {
        let issued = IssuedCertificate::self_signed(&CertificateParams::new(&["a.test"])).expect("made");
        Self { issued, version }
    }

    fn identity(&self) -> Identity {
        let key = KEYS.load(KeyEncoding::Pkcs8, &self.issued.key).expect("loads");
        Identity::from_signer(self.issued.chain.clone(), key).expect("fits")
    }

    fn policy(&self) -> Policy {
        Policy::modern().only_version(self.version).expect("has it")
    }

    fn server(&self, keys: &TicketKeys) -> Server {
        Server::with_policy(self.identity(), self.policy()).ticket_keys(keys)
    }

    fn client(&self) -> Client {
        let pin = Pin::of_spki(&self.identity().spki());
        Client::with_policy(Trust::Pins(vec![pin]), self.policy())
    }
}

fn psk(version: ProtocolVersion) -> Psk {
    let usage = if version == ProtocolVersion::TLS_1_2 { PskUse::Tls12 } else { PskUse::Tls13Sha256 };
    Psk::from_bytes("device-7", usage, &[7; 32]).expect("sound")
}

/// What the application of a fleet answers: each ticket once, and not to clients that are revoked.
#[derive(Default)]
struct Store {
    used: HashSet<Vec<u8>>,
    revoked: Vec<Vec<u8>>,
    asked: usize,
}

impl Store {
    fn answer(&mut self, server: &mut Connection) {
        let need = match server.need() {
            Some(LateNeed::Resumption(need)) => need,
            Some(LateNeed::Psk(need)) => {
                let key = psk(need.version());
                return need.answer(&key).expect("goes on");
            }
            _ => return,
        };
        self.asked += 1;
        if need.psk_identity().is_some_and(|name| self.revoked.iter().any(|revoked| revoked == name)) {
            return need.refuse(ResumeRefusal::Revoked).expect("goes on");
        }
        match need.single_use().map(|(id, _)| self.used.insert(id.as_ref().to_vec())) {
            Some(false) => need.refuse(ResumeRefusal::Used).expect("goes on"),
            Some(true) | None => need.resume().expect("goes on"),
        }
    }
}

/// Whether a session was resumed in a connection of the two.
fn resumes(client: &Client, server: &Server, store: &mut Store) -> bool {
    let mut pair = Pair::new(client, server, "a.test");
    pair.run();
    store.answer(&mut pair.server);
    pair.run();
    store.answer(&mut pair.server);
    pair.run();
    assert!(pair.failed.iter().all(Option::is_none), "{:?}", pair.failed);
    let [ours, theirs] =
        [pair.server.connected(), pair.client.connected()].map(|side| side.expect("connected").resumed);
    assert_eq!(ours, theirs);
    ours
}

#[test]
fn a_client_resumes_at_either_server() {
    for version in VERSIONS {
        let fleet = Fleet::new(version);
        let ring = [TicketKeys::new(), TicketKeys::new()];
        let servers = [&ring[0], &ring[1]].map(|keys| fleet.server(keys));
        let (client, mut store) = (fleet.client(), Store::default());
        // Without a key there are no tickets, and nothing fails.
        assert!(!resumes(&client, &servers[0], &mut store) && !resumes(&client, &servers[0], &mut store));
        ring.iter().for_each(|keys| keys.replace(&[key(1, now() - HOUR)]));
        assert!(!resumes(&client, &servers[0], &mut store));
        for server in [&servers[1], &servers[0], &servers[0], &servers[1]] {
            assert!(resumes(&client, server, &mut store), "{version}");
        }
        // Server 0 has the next key, which does not seal yet, and then seals with it.
        ring[0].replace(&[key(1, now() - HOUR), key(2, now() + HOUR)]);
        assert!(resumes(&client, &servers[0], &mut store) && resumes(&client, &servers[1], &mut store));
        ring[0].replace(&[key(1, now() - HOUR), key(2, now() - 1)]);
        assert!(resumes(&client, &servers[0], &mut store), "the key before still opens");
        assert!(!resumes(&client, &servers[1], &mut store), "a key that server 1 does not have");
        ring[1].replace(&[key(1, now() - HOUR), key(2, now() + HOUR)]);
        assert!(resumes(&client, &servers[0], &mut store));
        assert!(resumes(&client, &servers[1], &mut store), "its own clock has not reached the key yet");
        // A key opens as long as it says.
        ring[1].replace(&[key(1, now() - 24 * HOUR), key(2, now() - 24 * HOUR)]);
        assert!(!resumes(&client, &servers[1], &mut store));
    }
}

/// A flight of a client, as an observer has it, at that server: whether it was resumed there.
fn replayed(flight: &[u8], server: &Server, store: &mut Store) -> bool {
    let mut connection = ServerConnection::new(server).expect("starts");
    connection.receive(flight).expect("a ClientHello");
    store.answer(&mut connection);
    connection.report().items().any(|item| item.tag == handclasp::report::Tag::Resumed)
}

#[test]
fn a_captured_ticket_is_refused_at_the_other_server() {
    let fleet = Fleet::new(ProtocolVersion::TLS_1_3);
    let ring = [TicketKeys::new(), TicketKeys::new()];
    ring.iter().for_each(|keys| keys.replace(&[key(1, now() - HOUR)]));
    for late in [false, true] {
        let needs: &[NeedKind] = if late { &[NeedKind::Resumption] } else { &[] };
        let servers = [&ring[0], &ring[1]].map(|keys| fleet.server(keys).late_needs(needs));
        let (client, mut store) = (fleet.client(), Store::default());
        assert!(!resumes(&client, &servers[0], &mut store));
        let mut pair = Pair::new(&client, &servers[0], "a.test");
        let flight = pair.client.transmit().to_vec();
        pair.run();
        assert_eq!(pair.server.may().answer, late);
        store.answer(&mut pair.server);
        pair.run();
        assert!(pair.server.connected().expect("connected").resumed);
        assert!(!replayed(&flight, &servers[0], &mut store));
        // Each server alone cannot know of the other.
        assert_eq!(replayed(&flight, &servers[1], &mut store), !late);
        assert!(!replayed(&flight, &servers[1], &mut store));
        // A store that forgets or lies: this server remembers what it redeemed itself.
        store.used.clear();
        assert!(!replayed(&flight, &servers[0], &mut store));
    }
}

/// In TLS 1.2 a ticket is used again as long as its key seals, and the application is asked all the same.
#[test]
fn a_client_that_is_revoked_resumes_nothing() {
    for version in VERSIONS {
        let fleet = Fleet::new(version);
        let keys = TicketKeys::new();
        keys.replace(&[key(1, now() - HOUR)]);
        let server = Server::with_policy(Credentials::default(), fleet.policy()).ticket_keys(&keys);
        let server = server.late_needs(&[NeedKind::Resumption, NeedKind::Psk]);
        let client = Client::with_policy(Trust::Psk(psk(version)), fleet.policy());
        let mut store = Store::default();
        assert!(!resumes(&client, &server, &mut store));
        assert!(resumes(&client, &server, &mut store) && resumes(&client, &server, &mut store));
        assert_eq!(store.asked, 2);
        store.revoked.push(b"device-7".to_vec());
        assert!(!resumes(&client, &server, &mut store), "{version}");
        // The need names keys that the application looked up, not those of the configuration.
        let server = Server::with_policy(psk(version), fleet.policy()).ticket_keys(&keys);
        let server = server.late_needs(&[NeedKind::Resumption]);
        assert!(!resumes(&client, &server, &mut store) && resumes(&client, &server, &mut store));
    }
}
