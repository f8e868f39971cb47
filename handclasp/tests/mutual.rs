//! Who shows what to whom: client certificates, several credentials, raw public keys, through the
//! public API, in both versions.
#![cfg(unix)]

use std::{os::unix::net::UnixStream, thread};

use handclasp::{
    CertificateFault, CipherSuite, Client, Credentials, Error, Fault, Identity, KEYS, KeyKind, Pin, Policy,
    ProtocolVersion, Roots, Server, Stream, SystemRandom, Trust,
};
use handclasp_codec::{AlertDescription, ExtensionType, SignatureScheme};
use handclasp_crypto::{Random, SignError, SigningKey};
use handclasp_identity::{Authority, CertificateParams, Usage, Validity};
use handclasp_report::{Side, SignerFault, Tag};
use rustls_pki_types::UnixTime;

type End = Result<Stream<UnixStream>, Error>;

/// One handshake in memory: how it went for the server and for the client. A client that is
/// refused in TLS 1.3 learns it when it reads.
fn meet(server: &Server, client: &Client, name: &str) -> (End, End) {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    thread::scope(|scope| {
        let serving = scope.spawn(|| server.accept(theirs));
        let client = client.connect_over(ours, Some(name));
        (serving.join().expect("no panic"), client)
    })
}

const fn time(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}

fn root(name: &str) -> Authority {
    Authority::new(name, Validity::starting_now(), KeyKind::P256).expect("a root")
}

fn issued(root: &Authority, name: &str, key: KeyKind, usage: Usage) -> Identity {
    root.issue(&CertificateParams::new(&[name]).with_key_kind(key).with_usage(usage))
        .expect("a certificate")
        .identity()
        .expect("loads")
}

fn trusting(root: &Authority) -> Trust {
    Trust::WebPki(Roots::from_der(&[root.certificate().clone()]).expect("a root"))
}

fn both() -> [Policy; 2] {
    [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2]
        .map(|version| Policy::modern().only_version(version).expect("is done"))
}

fn pin(identity: &Identity) -> [u8; 32] {
    Pin::of_spki(&identity.spki()).0
}

fn fault(end: End) -> Fault {
    *end.expect_err("refused").fault().expect("a fault")
}

#[test]
fn both_are_known() {
    let root = root("one");
    for policy in both() {
        for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519] {
            let shown = issued(&root, "client.test", kind, Usage::Client);
            let expected = pin(&shown);
            let identity = issued(&root, "server.test", KeyKind::P256, Usage::Server);
            let server = Server::with_policy(identity, policy.clone()).require_client(trusting(&root));
            let client = Client::with_policy(trusting(&root), policy.clone()).identity(shown);
            let (server, client) = meet(&server, &client, "server.test");
            assert!(client.is_ok());
            let server = server.expect("accepted");
            let peer = server.connected().peer.expect("it is known");
            assert_eq!(peer.pin, expected);
            assert!(peer.not_after.is_some());
        }
    }
}

#[test]
fn clients_that_are_not_believed() {
    let (root, other) = (root("one"), root("other"));
    let expired = Validity::new(time(1_000_000_000), time(1_100_000_000));
    let issue = CertificateParams::new(&["c.test"]).with_validity(expired).with_usage(Usage::Client);
    let expired = || root.issue(&issue).expect("issued").identity().expect("loads");
    for policy in both() {
        let version = policy.clone();
        let refused = |shown: Option<Identity>, clients: Trust| {
            let identity = issued(&root, "server.test", KeyKind::P256, Usage::Server);
            let server = Server::with_policy(identity, version.clone()).require_client(clients);
            let mut client = Client::with_policy(trusting(&root), version.clone());
            if let Some(shown) = shown {
                client = client.identity(shown);
            }
            fault(meet(&server, &client, "server.test").0)
        };
        let shown = |usage| Some(issued(&root, "client.test", KeyKind::P256, usage));
        assert!(matches!(refused(None, trusting(&root)), Fault::NoCertificate { .. }));
        let unknown = Fault::Certificate(CertificateFault::UnknownIssuer { self_signed: false });
        assert_eq!(refused(shown(Usage::Client), trusting(&other)), unknown);
        let usage = Fault::Certificate(CertificateFault::WrongUsage);
        assert_eq!(refused(shown(Usage::Server), trusting(&root)), usage);
        let found = refused(Some(expired()), trusting(&root));
        assert!(matches!(found, Fault::Certificate(CertificateFault::Expired)), "{found:?}");
        let found = refused(shown(Usage::Client), Trust::Pins(vec![Pin([7; 32])]));
        assert!(matches!(found, Fault::Certificate(CertificateFault::NotListed)));
    }
}

#[test]
fn a_client_that_is_only_asked() {
    let root = root("one");
    for policy in both() {
        let identity = issued(&root, "server.test", KeyKind::P256, Usage::Server);
        let server = Server::with_policy(identity, policy.clone()).ask_client(trusting(&root));
        let client = Client::with_policy(trusting(&root), policy);
        let (server, _) = meet(&server, &client, "server.test");
        assert!(server.expect("goes on").connected().peer.is_none());
    }
}

/// Says that it holds one key, and signs with another.
struct Liar(Box<dyn SigningKey>, Box<dyn SigningKey>);

impl SigningKey for Liar {
    fn public_key(&self) -> &[u8] {
        self.0.public_key()
    }
    fn schemes(&self) -> &[SignatureScheme] {
        self.0.schemes()
    }
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        self.1.sign(scheme, message, random)
    }
}

#[test]
fn a_certificate_without_its_key() {
    let root = root("one");
    let key = |der: &[u8]| KEYS.load(handclasp_crypto::KeyEncoding::Pkcs8, der).expect("loads");
    for policy in both() {
        let issue = CertificateParams::new(&["c.test"])
            .with_validity(Validity::starting_now())
            .with_usage(Usage::Client);
        let issued_one = root.issue(&issue).expect("issued");
        let foreign = KEYS.generate(KeyKind::P256, &mut SystemRandom).expect("a key");
        let signer = Box::new(Liar(key(&issued_one.key), key(&foreign)));
        let thief = Identity::from_signer(issued_one.chain.clone(), signer).expect("it says so");
        let identity = issued(&root, "server.test", KeyKind::P256, Usage::Server);
        let server = Server::with_policy(identity, policy.clone()).require_client(trusting(&root));
        let client = Client::with_policy(trusting(&root), policy).identity(thief);
        let (served, shown) = meet(&server, &client, "server.test");
        // It does not even leave; a server that gets such a signature is `handshake`'s test.
        assert_eq!(fault(shown), Fault::SignerFailed(SignerFault::DoesNotVerify));
        assert_eq!(fault(served), Fault::PeerAlert(AlertDescription::internal_error));
    }
}

/// The pin that a client saw, of the server of several credentials.
fn seen(server: &Server, client: &Client, name: &str) -> [u8; 32] {
    let (_, client) = meet(server, client, name);
    client.expect("connects").connected().peer.expect("a certificate").pin
}

#[test]
fn the_name_chooses() {
    let root = root("one");
    for policy in both() {
        let names = ["a.test", "*.b.test", "c.test"];
        let identities = names.map(|name| issued(&root, name, KeyKind::P256, Usage::Server));
        let pins: Vec<[u8; 32]> = identities.iter().map(pin).collect();
        let credentials = identities.into_iter().fold(Credentials::default(), Credentials::and_identity);
        let server = Server::with_policy(credentials, policy.clone());
        let client = Client::with_policy(Trust::DangerNobody, policy.clone());
        for (name, expected) in
            [("a.test", 0), ("x.b.test", 1), ("C.test", 2), ("unknown.test", 0), ("127.0.0.1", 0)]
        {
            assert_eq!(seen(&server, &client, name), pins[expected], "{name}");
        }
        let silent = Client::with_policy(trusting(&root), policy).without_server_name();
        assert_eq!(seen(&server, &silent, "a.test"), pins[0]);
        let wrong = meet(&server, &silent, "c.test").1;
        let mismatch = |fault| matches!(fault, Fault::Certificate(CertificateFault::NameMismatch { .. }));
        assert!(mismatch(fault(wrong)), "the name counts though it is not sent");
    }
}

#[test]
fn what_the_client_can_do_chooses() {
    let root = root("one");
    let ecdsa = issued(&root, "a.test", KeyKind::P256, Usage::Server);
    let curve = issued(&root, "a.test", KeyKind::P384, Usage::Server);
    let rsa = issued(&root, "a.test", KeyKind::Rsa, Usage::Server);
    let pins = [&ecdsa, &curve, &rsa].map(pin);
    let credentials = Credentials::from(curve).and_identity(ecdsa).and_identity(rsa);
    let server = Server::new(credentials);
    let only = |suite| Policy::modern().only_suites(&[suite]).expect("is done");
    let with = |policy| Client::with_policy(trusting(&root), policy);
    let by_rsa = with(only(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256));
    assert_eq!(seen(&server, &by_rsa, "a.test"), pins[2]);
    // In TLS 1.2 the groups speak for certificates too (RFC 8422 §5.1).
    let few = only(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)
        .only_groups(&[handclasp::NamedGroup::x25519, handclasp::NamedGroup::secp256r1])
        .expect("are done");
    assert_eq!(seen(&server, &with(few), "a.test"), pins[0]);
    assert_eq!(seen(&server, &with(Policy::modern()), "a.test"), pins[1]);
}

fn says_not_listed(end: &End, from: Side) -> bool {
    let report = end.as_ref().map_or_else(Error::report, Stream::report);
    report.items().any(|item| item.tag == Tag::IssuerNotListed && item.from == from)
}

#[test]
fn the_authority_chooses() {
    let (one, other) = (root("one"), root("other"));
    for policy in both() {
        let of = |root: &Authority| issued(root, "client.test", KeyKind::P256, Usage::Client);
        let (first, second) = (of(&other), of(&one));
        let expected = pin(&second);
        let identity = || issued(&one, "server.test", KeyKind::P256, Usage::Server);
        let server = Server::with_policy(identity(), policy.clone()).require_client(trusting(&one));
        let client = Client::with_policy(trusting(&one), policy.clone()).identity(first).identity(second);
        let (server_end, client_end) = meet(&server, &client, "server.test");
        assert_eq!(server_end.expect("accepted").connected().peer.expect("known").pin, expected);
        assert!(!says_not_listed(&client_end, Side::Client));

        // One that is not listed is shown all the same, and both reports tell enough.
        let client = Client::with_policy(trusting(&one), policy.clone()).identity(of(&other));
        let (server_end, client_end) = meet(&server, &client, "server.test");
        let unknown = CertificateFault::UnknownIssuer { self_signed: false };
        assert_eq!(fault(server_end), Fault::Certificate(unknown));
        assert!(says_not_listed(&client_end, Side::Client));
    }
}

#[test]
fn a_client_names_its_authorities() {
    let (one, other) = (root("one"), root("other"));
    let of = |root: &Authority| issued(root, "server.test", KeyKind::P256, Usage::Server);
    let (first, second) = (of(&other), of(&one));
    let expected = pin(&second);
    let server = Server::new(Credentials::from(first).and_identity(second));
    let client = Client::new(trusting(&one)).name_authorities();
    assert_eq!(seen(&server, &client, "server.test"), expected);
    let silent = Client::new(trusting(&one));
    assert!(meet(&server, &silent, "server.test").1.is_err());
}

fn raw(kind: KeyKind) -> Identity {
    let der = KEYS.generate(kind, &mut SystemRandom).expect("a key");
    let key = KEYS.load(handclasp_crypto::KeyEncoding::Pkcs8, &der).expect("loads");
    Identity::raw_key_from_signer(key).expect("a kind that is known")
}

#[test]
fn raw_public_keys_of_both() {
    for policy in both() {
        for kind in [KeyKind::P256, KeyKind::Ed25519] {
            let (ours, theirs) = (raw(kind), raw(kind));
            let (our_pin, their_pin) = (pin(&ours), pin(&theirs));
            let server = Server::with_policy(theirs, policy.clone())
                .require_client(Trust::Pins(vec![Pin(our_pin)]))
                .raw_public_keys();
            let client = Client::with_policy(Trust::Pins(vec![Pin(their_pin)]), policy.clone())
                .raw_public_keys()
                .identity(ours);
            let (server_end, client_end) = meet(&server, &client, "server.test");
            assert_eq!(server_end.expect("accepted").connected().peer.expect("known").pin, our_pin);
            assert_eq!(client_end.expect("connects").connected().peer.expect("known").pin, their_pin);

            let stranger = Client::with_policy(Trust::Pins(vec![Pin(their_pin)]), policy.clone())
                .raw_public_keys()
                .identity(raw(kind));
            let found = fault(meet(&server, &stranger, "server.test").0);
            assert!(matches!(found, Fault::Certificate(CertificateFault::NotListed)));
        }
    }
}

#[test]
fn a_raw_key_or_a_certificate_as_the_client_likes() {
    let root = root("one");
    for policy in both() {
        let identity = issued(&root, "server.test", KeyKind::P256, Usage::Server);
        let pins = Trust::Pins(vec![Pin(pin(&identity))]);
        let server = Server::with_policy(identity, policy.clone()).raw_public_keys();
        let bare = Client::with_policy(pins, policy.clone()).raw_public_keys();
        let (_, end) = meet(&server, &bare, "server.test");
        let end = end.expect("connects");
        let answered = |tag: Tag| end.report().items().any(|item| item.tag == tag);
        assert!(answered(Tag::CertificateType));
        let plain = Client::with_policy(trusting(&root), policy.clone());
        assert!(meet(&server, &plain, "server.test").1.is_ok());

        // A key without a certificate is of no use to a client that knows nothing of it.
        let server = Server::with_policy(raw(KeyKind::P256), policy);
        assert_eq!(fault(meet(&server, &plain, "server.test").0), Fault::NoCommonCertificateType);
    }
}

#[test]
fn nothing_of_rfc_7250_is_said_unless_asked_for() {
    let root = root("one");
    let server = Server::new(issued(&root, "server.test", KeyKind::P256, Usage::Server));
    // Web PKI judges no raw keys, so none is asked for.
    let client = Client::new(trusting(&root)).raw_public_keys();
    let (end, _) = meet(&server, &client, "server.test");
    let end = end.expect("accepted");
    let mut offered = end.report().items().filter(|item| item.tag == Tag::Extensions);
    let offered: Vec<ExtensionType> = offered.next().expect("offered").words().collect();
    assert!(!offered.contains(&ExtensionType::server_certificate_type));
    assert!(!offered.contains(&ExtensionType::client_certificate_type));
}
