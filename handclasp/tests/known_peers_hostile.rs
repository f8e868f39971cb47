//! Files of known peers that change, or cannot be read, while other kinds of trust and handshakes go on.
#![cfg(unix)]

mod pair;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use handclasp::{
    Authority, CertificateParams, Client, Connection, Identity, IssuedCertificate, KeyKind, KnownPeers,
    NewPeers, PeerAnswer, Pin, Policy, ProtocolVersion, Roots, Server, Trust, Usage, Validity,
};
use pair::Pair;
use tempfile::TempDir;

fn both() -> [Policy; 2] {
    [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2]
        .map(|version| Policy::modern().only_version(version).expect("is done"))
}

fn roots(ca: &Authority) -> Trust {
    Trust::WebPki(Roots::from_der(&[ca.certificate().clone()]).expect("a root"))
}

fn file(folder: &TempDir) -> KnownPeers {
    KnownPeers::new(folder.path().join("peers"))
}

/// A CA, and a client with a certificate of it.
fn issued() -> (Authority, IssuedCertificate) {
    let ca = Authority::new("ours", Validity::starting_now(), KeyKind::P256).expect("a root");
    let made = ca.issue(&CertificateParams::new(&["client.test"]).with_usage(Usage::Client)).expect("issued");
    (ca, made)
}

/// What a file revokes is refused whatever the CA says; so nobody is accepted where the file cannot say.
#[test]
fn a_file_that_cannot_be_used_accepts_nobody_by_another_kind_of_trust() {
    let (ca, made) = issued();
    let identity = || made.identity().expect("loads");
    let pin = Pin::of_spki(&identity().spki());
    let folder = tempfile::tempdir().expect("made");
    let known = file(&folder);
    known.accept("other", Pin([7; 32]), "", None).expect("added");
    let connects = |policy: &Policy| {
        let clients = Trust::any_of([Trust::KnownPeers(file(&folder)), roots(&ca), Trust::Pins(vec![pin])]);
        let server = Identity::self_signed(&["server.test"]).expect("made");
        let trust = Trust::Pins(vec![Pin::of_spki(&server.spki())]);
        let server = Server::with_policy(server, policy.clone()).require_client(clients);
        let client = Client::with_policy(trust, policy.clone()).identity(identity());
        let mut pair = Pair::new(&client, &server, "server.test");
        pair.run();
        pair.server.connected().is_some()
    };
    for policy in &both() {
        assert!(connects(policy), "by the CA");
        fs::set_permissions(known.path(), fs::Permissions::from_mode(0o622)).expect("set");
        assert!(!connects(policy), "others could have removed the line that revokes it");
        fs::set_permissions(known.path(), fs::Permissions::from_mode(0o600)).expect("set");
        let good = fs::read(known.path()).expect("read");
        fs::write(known.path(), format!("@revoke client {pin}\n")).expect("written");
        assert!(!connects(policy), "a line that may revoke it");
        fs::write(known.path(), "other sha256/short\n").expect("written");
        assert!(connects(policy), "a line that is of nobody");
        fs::write(known.path(), good).expect("written");
    }
}

/// An administrator forgets a client that has begun a handshake and stalls.
#[test]
fn a_client_that_is_forgotten_in_its_handshake_is_not_on_the_list_afterwards() {
    for policy in both() {
        let folder = tempfile::tempdir().expect("made");
        let identity = Identity::self_signed(&["client.test"]).expect("made");
        let (pin, server) =
            (Pin::of_spki(&identity.spki()), Identity::self_signed(&["a.test"]).expect("made"));
        let trust = Trust::Pins(vec![Pin::of_spki(&server.spki())]);
        let server =
            Server::with_policy(server, policy.clone()).require_client(Trust::KnownPeers(file(&folder)));
        let client = Client::with_policy(trust, policy).identity(identity);
        let mut refused = 0;
        // Behind each of so many bytes of the client.
        for stall in (0..1200).step_by(40) {
            let known = file(&folder);
            let _ = known.forget("client");
            known.accept("client", pin, "", None).expect("added");
            let mut pair = Pair::new(&client, &server, "a.test");
            let mut left = Some(stall);
            loop {
                let sent = pair.client.transmit().to_vec();
                pair.client.transmitted(sent.len());
                for byte in sent {
                    if left == Some(0) {
                        known.forget("client").expect("it was there");
                    }
                    left = left.and_then(|left: usize| left.checked_sub(1));
                    let _ = pair.server.receive(&[byte]);
                }
                let sent = pair.server.transmit().to_vec();
                pair.server.transmitted(sent.len());
                let _ = pair.client.receive(&sent);
                if pair.client.transmit().is_empty() {
                    break;
                }
            }
            let is_back = known.peers().expect("reads").iter().any(|(_, peer)| peer.pin == pin);
            let connected = pair.server.connected().is_some();
            // A client that was forgotten, before or after the end of its handshake, is not there.
            assert_eq!(is_back, left.is_some(), "behind {stall} bytes, connected: {connected}");
            refused += usize::from(!connected);
        }
        assert!(refused > 3, "the client was forgotten within its handshake");
    }
}

/// A person accepts a new peer once: the OCSP response that comes with the certificate asks nobody again.
#[test]
fn a_person_is_asked_once_beside_other_kinds_of_trust() {
    let (ca, _) = issued();
    for policy in both() {
        let folder = tempfile::tempdir().expect("made");
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let peers = file(&folder).with_new_peers(NewPeers::ask(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            PeerAnswer::Accept
        }));
        let server = Server::with_policy(Identity::self_signed(&["a.test"]).expect("made"), policy.clone());
        let trust = Trust::any_of([Trust::KnownPeers(peers), roots(&ca)]);
        let client = Client::with_policy(trust, policy).request_ocsp_response();
        let mut pair = Pair::new(&client, &server, "a.test");
        pair.run();
        assert!(pair.failed.iter().all(Option::is_none), "{:?}", pair.failed);
        let connection: &Connection = &pair.client;
        assert!(connection.connected().is_some());
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
}
