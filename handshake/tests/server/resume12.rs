//! Resumption by a server of TLS 1.2 (RFC 5077 §3.1, RFC 7627 §5.3).

use handclasp_codec::{
    CertificateType, CipherSuite, Decode, ExtensionType, Field, HandshakeType, NewSessionTicket12,
    ServerHello,
};
use handclasp_handshake::{
    Answer, Certificates, ClientAuthentication, Config, ExtendedMasterSecret, Input, Need, OpenedTicket,
    PeerIdentity, PskHash, ResumeRefusal,
};
use handclasp_provider_aws_lc as provider;
use handclasp_report::{Fault, Side, Tag};

use super::{
    harness::{Done, Harness, IDENTITY, config},
    offer::Offer,
    peer12::Peer12,
    peer13::body,
    resume::{NOW, Sealed, resuming},
};

const SUITE: CipherSuite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
const SECRET: [u8; 48] = [6; 48];

fn sealed() -> Sealed {
    Sealed { version: 0x0303, suite: SUITE, secret: SECRET.to_vec(), age_add: 0, ..Sealed::new() }
}

/// With a ticket, and a session id that tells whether it was taken.
fn offer() -> Offer {
    let (session_ticket, session_id) = (Some(b"ticket".to_vec()), vec![8; 32]);
    Offer { session_ticket, session_id, ..Offer::tls12_with(&[SUITE]) }
}

/// A server that was asked to resume.
fn asked(config: Config, offer: Offer) -> (Harness, Peer12) {
    let mut harness = Harness::new(config);
    harness.now = NOW;
    let mut peer = Peer12::new(offer);
    harness.message(&peer.hello()).unwrap();
    assert!(matches!(harness.server.need(), Some(Need::Ticket { ticket: b"ticket" })));
    (harness, peer)
}

fn opened(harness: &mut Harness, sealed: &Sealed, renew: bool) -> Result<(), Fault> {
    harness.answer(Answer::Session(Some(OpenedTicket {
        index: 0,
        session: &sealed.bytes(),
        renew,
        confirm: false,
    })))
}

/// Opens a ticket about which the caller decides.
fn confirming(harness: &mut Harness) {
    let session = &sealed().bytes();
    let ticket = OpenedTicket { index: 0, session, renew: false, confirm: true };
    harness.answer(Answer::Session(Some(ticket))).unwrap();
}

/// For the state tables.
pub(super) fn drive(state: &str) -> Option<Harness> {
    if state == "seal_ticket" {
        return Some(full(Some(Vec::new())).0);
    }
    let mut harness = match state {
        "open_ticket"
        | "confirm_ticket"
        | "resuming_seal_ticket"
        | "resuming_wait_ccs"
        | "resuming_wait_finished" => asked(resuming(), offer()).0,
        _ => return None,
    };
    if state == "confirm_ticket" {
        confirming(&mut harness);
    } else if state != "open_ticket" {
        opened(&mut harness, &sealed(), state == "resuming_seal_ticket").unwrap();
    }
    if state == "resuming_wait_finished" {
        harness.input(Input::ChangeCipherSpec).unwrap();
    }
    Some(harness)
}

/// A full handshake by pre-shared key up to the client's Finished; what ours must be.
fn full(session_ticket: Option<Vec<u8>>) -> (Harness, Peer12) {
    let offer =
        Offer { session_ticket, ..Offer::tls12_with(&[CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256]) };
    let mut harness = Harness::new(resuming());
    harness.now = NOW;
    let mut peer = Peer12::new(offer);
    harness.message(&peer.hello()).unwrap();
    let exchange = peer.key_exchange(&harness, IDENTITY);
    harness.message(&exchange).unwrap();
    harness.answer_psk(0, PskHash::Sha256).unwrap();
    let (finished, _) = peer.finish(&exchange, true);
    harness.input(Input::ChangeCipherSpec).unwrap();
    harness.message(&finished).unwrap();
    (harness, peer)
}

fn extensions(harness: &Harness) -> Vec<ExtensionType> {
    let hello = body(harness.sent(HandshakeType::server_hello));
    ServerHello::from_bytes(hello, Field::server_hello).unwrap().extensions.types().collect()
}

fn ticket(harness: &Harness) -> NewSessionTicket12<'_> {
    let message = body(harness.sent(HandshakeType::new_session_ticket));
    NewSessionTicket12::from_bytes(message, Field::new_session_ticket).unwrap()
}

#[cfg(feature = "default")]
#[test]
fn a_session_is_resumed_with_our_finished_first() {
    let known = Some(PeerIdentity::new([5; 32], Some(NOW)));
    for (renew, peer_identity) in [(false, known), (true, None)] {
        let (mut harness, mut peer) = asked(resuming(), offer());
        opened(&mut harness, &Sealed { peer: peer_identity, ..sealed() }, renew).unwrap();
        assert_eq!(extensions(&harness).contains(&ExtensionType::session_ticket), renew);
        if renew {
            let Some(Need::SealTicket { session }) = harness.server.need() else { panic!("to seal") };
            // Born anew, but for when the peer was authenticated.
            let next = Sealed { time: NOW, ..sealed() };
            assert_eq!(session.0, next.bytes());
            harness.answer(Answer::Ticket(Some(b"the next"))).unwrap();
            assert_eq!(
                (ticket(&harness).ticket, ticket(&harness).ticket_lifetime_hint),
                (&b"the next"[..], 3600)
            );
        }
        let finished = peer.resume(&harness, &SECRET);
        harness.input(Input::ChangeCipherSpec).unwrap();
        harness.message(&finished).unwrap();
        let ticket = if renew { "new_session_ticket " } else { "" };
        let story = harness.story().join(" ");
        let between = "change_cipher_spec write keys finished read keys connected";
        assert_eq!(story, format!("server_hello {ticket}{between}"));
        let connected = harness.connected();
        assert!(connected.resumed && connected.exporter.is_some() && connected.group.is_none());
        assert_eq!(connected.peer, peer_identity);
        assert_eq!(harness.noted(Side::Server, Tag::Resumed), Some(vec![]));
    }
}

#[cfg(feature = "default")]
#[test]
fn every_rule_refuses_and_the_handshake_goes_on_in_full() {
    let expired = PeerIdentity::new([5; 32], Some(NOW - 1));
    for (number, sealed) in [
        (1, Sealed { version: 0x0304, ..sealed() }),
        (2, Sealed { suite: CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256, ..sealed() }),
        // Ours, but the client does not offer it.
        (2, Sealed { suite: CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256, ..sealed() }),
        (3, Sealed { server_name: Some(b"other.example".to_vec()), ..sealed() }),
        (5, Sealed { trust: [5; 32], ..sealed() }),
        (6, Sealed { peer: Some(expired), ..sealed() }),
        (7, Sealed { time: NOW - 3601, ..sealed() }),
        (7, Sealed { authenticated: NOW - 604_801, ..sealed() }),
        (8, Sealed { shown: Some(CertificateType::RawPublicKey), ..sealed() }),
    ] {
        let (mut harness, _) = asked(resuming(), offer());
        opened(&mut harness, &sealed, false).unwrap();
        assert_eq!(harness.noted(Side::Server, Tag::TicketRefused), Some(vec![number]));
        assert!(matches!(harness.server.need(), Some(Need::Credential(_))));
    }
    let certificates =
        Certificates { client_authentication: ClientAuthentication::Required, ..Default::default() };
    let (mut harness, _) = asked(Config { certificates, ..resuming() }, offer());
    opened(&mut harness, &sealed(), false).unwrap();
    assert_eq!(harness.noted(Side::Server, Tag::TicketRefused), Some(vec![4]));
    // None of ours: nothing to tell.
    let (mut harness, _) = asked(resuming(), offer());
    harness.answer(Answer::Session(None)).unwrap();
    assert!(harness.noted(Side::Server, Tag::TicketRefused).is_none());
    assert!(matches!(harness.server.need(), Some(Need::Credential(_))));
}

#[cfg(feature = "default")]
#[test]
fn a_session_of_cbc_is_resumed_with_encrypt_then_mac_only() {
    let cbc = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256;
    let suites = || provider::ALL_SUITES.iter().chain(provider::CBC_ETM_SUITES).copied().collect::<Vec<_>>();
    let config = || Config { suites: suites().into(), ..resuming() };
    for encrypt_then_mac in [true, false] {
        let offer = Offer { encrypt_then_mac, suites: vec![cbc, SUITE], ..offer() };
        let (mut harness, _) = asked(config(), offer);
        opened(&mut harness, &Sealed { suite: cbc, ..sealed() }, false).unwrap();
        let refused = harness.noted(Side::Server, Tag::TicketRefused);
        assert_eq!(refused, (!encrypt_then_mac).then(|| vec![2]));
        if encrypt_then_mac {
            assert!(extensions(&harness).contains(&ExtensionType::encrypt_then_mac));
        } else {
            // In full, and by another suite.
            harness.answer_credential().unwrap();
            let hello = body(harness.sent(HandshakeType::server_hello));
            assert_eq!(ServerHello::from_bytes(hello, Field::server_hello).unwrap().cipher_suite, SUITE);
        }
    }
}

#[cfg(feature = "default")]
#[test]
fn a_client_that_gives_up_rfc_7627_is_refused() {
    let without = Offer { extended_master_secret: false, ..offer() };
    let permitting = Config { extended_master_secret: ExtendedMasterSecret::Offered, ..resuming() };
    let (mut harness, _) = asked(permitting.clone(), without.clone());
    assert_eq!(opened(&mut harness, &sealed(), false), Err(Fault::NoExtendedMasterSecret));
    // Without a session of ours it may, and gets no ticket.
    let (mut harness, _) = asked(permitting, without);
    harness.answer(Answer::Session(None)).unwrap();
    harness.answer_credential().unwrap();
    assert!(!extensions(&harness).contains(&ExtensionType::session_ticket));
}

#[cfg(feature = "default")]
#[test]
fn a_full_handshake_ends_with_a_ticket() {
    for sealed in [Some(&b"sealed"[..]), None] {
        let (mut harness, peer) = full(Some(Vec::new()));
        assert!(!harness.server.is_connected());
        assert!(extensions(&harness).contains(&ExtensionType::session_ticket));
        let Some(Need::SealTicket { session }) = harness.server.need() else { panic!("to seal") };
        let expected = Sealed {
            version: 0x0303,
            suite: CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256,
            secret: peer.master.as_ref().unwrap().secret().expose().to_vec(),
            time: NOW,
            authenticated: NOW,
            psk_identity: Some(IDENTITY.to_vec()),
            age_add: 0,
            ..Sealed::new()
        };
        assert_eq!(session.0, expected.bytes());
        let before = harness.done.len();
        harness.answer(Answer::Ticket(sealed)).unwrap();
        let story = harness.story().split_off(before);
        assert_eq!(
            story,
            ["new_session_ticket", "change_cipher_spec", "write keys", "finished", "connected"]
        );
        // Announced is announced: an empty one says that there is none after all.
        assert_eq!(ticket(&harness).ticket, sealed.unwrap_or_default());
        assert!(!harness.connected().resumed);
    }
}

#[cfg(feature = "default")]
#[test]
fn the_type_of_certificate_is_told_again() {
    let raw = CertificateType::RawPublicKey;
    for (offered, answer) in [(Some(vec![raw]), Some(raw)), (None, None)] {
        let shown = offered.as_ref().map_or(CertificateType::X509, |_| raw);
        let (mut harness, _) = asked(resuming(), Offer { server_types: offered, ..offer() });
        opened(&mut harness, &Sealed { shown: Some(shown), ..sealed() }, false).unwrap();
        let hello = body(harness.sent(HandshakeType::server_hello));
        let hello = ServerHello::from_bytes(hello, Field::server_hello).unwrap();
        assert_eq!(hello.extensions.server_certificate_type, answer);
    }
}

#[cfg(feature = "default")]
#[test]
fn who_gets_no_ticket() {
    let (harness, _) = full(None);
    assert!(harness.server.is_connected() && !extensions(&harness).contains(&ExtensionType::session_ticket));
    // A server without resumption does not look at tickets.
    let mut harness = Harness::new(config());
    harness.message(&Peer12::new(offer()).hello()).unwrap();
    harness.answer_credential().unwrap();
    assert!(!extensions(&harness).contains(&ExtensionType::session_ticket));
    assert!(
        !harness.done.iter().any(|done| matches!(done, Done::Sent(HandshakeType::new_session_ticket, _)))
    );
}

#[cfg(feature = "default")]
#[test]
fn the_caller_decides_about_a_ticket_that_opened() {
    let (mut harness, _) = asked(resuming(), offer());
    confirming(&mut harness);
    let Some(Need::Resume(request)) = harness.server.need() else { panic!("to confirm") };
    assert_eq!((request.ticket, request.version.0), (&b"ticket"[..], 0x0303));
    assert!(harness.story().is_empty(), "nothing is sent before the answer");
    harness.answer(Answer::Resume(Ok(()))).unwrap();
    assert_eq!(harness.noted(Side::Server, Tag::Resumed), Some(vec![]));
    for (why, number) in
        [(ResumeRefusal::Used, 9), (ResumeRefusal::Revoked, 10), (ResumeRefusal::Unavailable, 11)]
    {
        let (mut harness, _) = asked(resuming(), offer());
        confirming(&mut harness);
        harness.answer(Answer::Resume(Err(why))).unwrap();
        assert_eq!(harness.noted(Side::Server, Tag::TicketRefused), Some(vec![number]));
        assert!(matches!(harness.server.need(), Some(Need::Credential(_))));
    }
}
