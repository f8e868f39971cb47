//! What an application learns of its peer, and by what time certificates are judged.

use std::time::Duration;

use handclasp::{
    AltName, BUILD_DATE, CertificateFault, CertificateType, Client, ClientConnection, Clock, Connection,
    Error, Fault, Identity, IssuedCertificate, KeyKind, Pin, Policy, ProtocolVersion, Roots, Server,
    ServerConnection, Trust,
    identity::{Authority, CertificateParams, Validity},
    pki_types::UnixTime,
    report::{NotJudged, Tag},
};

fn at(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

fn pass(from: &mut Connection, to: &mut Connection) -> Result<(), Error> {
    to.receive(from.transmit())?;
    from.transmitted(from.transmit().len());
    Ok(())
}

/// A handshake in memory.
fn meet(client: &Client, server: &Server) -> Result<(ClientConnection, ServerConnection), Error> {
    let (mut client, mut server) =
        (ClientConnection::new(client, "a.example")?, ServerConnection::new(server)?);
    for _ in 0..4 {
        pass(&mut client, &mut server)?;
        pass(&mut server, &mut client)?;
    }
    Ok((client, server))
}

fn both() -> [Policy; 2] {
    [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2]
        .map(|version| Policy::modern().only_version(version).expect("is done"))
}

fn pins(identity: &Identity) -> Trust {
    Trust::Pins(vec![Pin::of_spki(&identity.spki())])
}

#[test]
fn both_sides_see_the_certificate_of_the_other() {
    for policy in both() {
        let shown = Identity::self_signed(&["a.example", "192.0.2.7"]).expect("made");
        let device = Identity::self_signed(&["device-7.example"]).expect("made");
        let (certificate, device_pin) = (shown.chain()[0].to_vec(), Pin::of_spki(&device.spki()));
        let (trust, clients) = (pins(&shown), pins(&device));
        let client = Client::with_policy(trust, policy.clone()).identity(device);
        let server = Server::with_policy(shown, policy).require_client(clients);
        let kept = (client.clone().keep_peer_certificates(), server.clone().keep_peer_certificates());
        let (ours, theirs) = meet(&kept.0, &kept.1).expect("connected");
        let (peer, client_peer) = (ours.peer_certificate().unwrap(), theirs.peer_certificate().unwrap());
        assert_eq!(
            peer.alt_names,
            [AltName::Dns("a.example".into()), AltName::Address([192, 0, 2, 7].into())]
        );
        assert_eq!((peer.certificate_type, peer.key), (CertificateType::X509, Some(KeyKind::P256)));
        assert_eq!(peer.der, certificate);
        assert_eq!(peer.pin, Pin(ours.connected().unwrap().peer.unwrap().pin));
        assert_eq!(client_peer.pin, device_pin);
        assert!(client_peer.dns_names().eq(["device-7.example"]));

        // A session sends no certificate, and carries the pin.
        let (ours, theirs) = meet(&kept.0, &kept.1).expect("connected");
        assert!(ours.connected().unwrap().resumed);
        assert_eq!((ours.peer_certificate(), theirs.peer_certificate()), (None, None));
        assert_eq!(Pin(ours.connected().unwrap().peer.unwrap().pin), peer.pin);
        assert_eq!(Pin(theirs.connected().unwrap().peer.unwrap().pin), client_peer.pin);
        // Nothing is kept that was not asked for.
        let (ours, theirs) = meet(&client.without_resumption(), &server).expect("connected");
        assert_eq!((ours.peer_certificate(), theirs.peer_certificate()), (None, None));
    }
}

#[test]
fn raw_keys_are_seen_as_such() {
    for policy in both() {
        let shown = Identity::self_signed(&["a.example"]).expect("made");
        let device = Identity::self_signed(&["device"]).expect("made");
        let expected = [&shown, &device].map(|identity| Pin::of_spki(&identity.spki()));
        let (trust, clients) = (pins(&shown), pins(&device));
        let client = Client::with_policy(trust, policy.clone()).identity(device);
        let server = Server::with_policy(shown, policy).require_client(clients);
        let client = client.raw_public_keys().keep_peer_certificates();
        let (ours, theirs) =
            meet(&client, &server.raw_public_keys().keep_peer_certificates()).expect("connected");
        for (seen, pin) in [&*ours, &*theirs].into_iter().zip(expected) {
            let peer = seen.peer_certificate().unwrap();
            assert_eq!(peer.certificate_type, CertificateType::RawPublicKey);
            assert_eq!((peer.pin, peer.not_after), (pin, None));
            assert!(peer.to_string().starts_with("raw public key P-256, sha256/"), "{peer}");
        }
    }
}

/// A server whose certificate is valid in this period, and trust in its CA and its key.
fn server_valid(from: u64, to: u64) -> (IssuedCertificate, Roots) {
    let validity = Validity::new(at(from), at(to));
    let root = Authority::new("a root", validity, KeyKind::P256).expect("a root");
    let issued = root.issue(&CertificateParams::new(&["a.example"]).with_validity(validity)).expect("issued");
    (issued, Roots::from_der(&[root.certificate().clone()]).expect("a root"))
}

fn pin(shown: &IssuedCertificate) -> Pin {
    Pin::of_spki(&shown.identity().expect("loads").spki())
}

fn outcome(
    trust: Trust,
    clock: Clock,
    shown: &IssuedCertificate,
    policy: &Policy,
) -> Result<ClientConnection, Fault> {
    let client = Client::with_policy(trust, policy.clone()).clock(clock);
    let server = Server::with_policy(shown.identity().expect("loads"), policy.clone());
    meet(&client, &server).map(|(client, _)| client).map_err(|error| *error.fault().expect("a fault"))
}

fn not_judged(connection: &Connection) -> Option<NotJudged> {
    let report = connection.report();
    let item = report.items().find(|item| item.tag == Tag::NotJudged)?;
    NotJudged::from_note(item.bytes)
}

const EXPIRED: Fault = Fault::Certificate(CertificateFault::Expired);
const NOT_YET_VALID: Fault = Fault::Certificate(CertificateFault::NotYetValid);
/// 2100-01-01.
const FUTURE: u64 = 4_102_444_800;

#[test]
fn without_a_clock_only_what_ended_before_the_build_is_refused() {
    let (future, future_roots) = server_valid(FUTURE, FUTURE + 1_000_000);
    let (past, past_roots) = server_valid(1_000_000, BUILD_DATE - 1);
    for policy in &both() {
        let chains = |clock| {
            [(&future, &future_roots), (&past, &past_roots)]
                .map(|(shown, roots)| outcome(Trust::WebPki(roots.clone()), clock, shown, policy))
        };
        let [future, past] = chains(Clock::System);
        assert_eq!((future.unwrap_err(), past.unwrap_err()), (NOT_YET_VALID, EXPIRED));
        let [future, past] = chains(Clock::None);
        assert_eq!(not_judged(&future.unwrap()), Some(NotJudged::NotBefore { earliest: BUILD_DATE }));
        assert_eq!(past.unwrap_err(), EXPIRED);
        // The date of a firmware that is later than the certificate.
        let [future, past] = chains(Clock::AtLeast(at(FUTURE + 1_000_001)));
        assert_eq!((future.unwrap_err(), past.unwrap_err()), (EXPIRED, EXPIRED));
        let [_, past] = chains(Clock::AtLeast(at(5_000_000)));
        assert_eq!(not_judged(&past.unwrap()), Some(NotJudged::NotBefore { earliest: 5_000_000 }));
    }
}

#[test]
fn the_dates_of_a_pinned_certificate_are_a_policy() {
    let (future, _) = server_valid(FUTURE, FUTURE + 1_000_000);
    let (past, _) = server_valid(1_000_000, BUILD_DATE - 1);
    let (valid, _) = server_valid(1_000_000, FUTURE);
    for policy in &both() {
        for shown in [&future, &past, &valid] {
            let connection = outcome(Trust::Pins(vec![pin(shown)]), Clock::System, shown, policy)
                .expect("the key is pinned");
            assert_eq!(not_judged(&connection), Some(NotJudged::AllButKey));
        }
        let dated = |shown: &IssuedCertificate, clock| {
            let trust = Trust::PinsWithDates(vec![pin(shown)]);
            outcome(trust, clock, shown, policy)
        };
        assert_eq!(dated(&future, Clock::System).unwrap_err(), NOT_YET_VALID);
        assert_eq!(dated(&past, Clock::System).unwrap_err(), EXPIRED);
        assert_eq!(not_judged(&dated(&valid, Clock::System).unwrap()), None);
        let peer = dated(&valid, Clock::System).unwrap().connected().unwrap().peer.unwrap();
        assert_eq!(peer.not_after, Some(FUTURE), "sessions end with the certificate");
        assert_eq!(dated(&past, Clock::None).unwrap_err(), EXPIRED);
        let unjudged = NotJudged::NotBefore { earliest: BUILD_DATE };
        assert_eq!(not_judged(&dated(&future, Clock::None).unwrap()), Some(unjudged));
        // Another key is another key.
        let trust = Trust::PinsWithDates(vec![Pin([7; 32])]);
        let error = outcome(trust, Clock::System, &valid, policy).unwrap_err();
        assert_eq!(error, Fault::Certificate(CertificateFault::PinMismatch));
    }
}
