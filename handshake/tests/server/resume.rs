//! Resumption by a server of TLS 1.3: which tickets it takes back, by the rules of `resume`, and
//! which it gives. A sealed session is written here by hand.
//!
//! Long because: each rule of `resume` has a test that breaks it alone, over one sealed session.

use handclasp_codec::{
    CertificateType, CipherSuite, Decode, EncryptedExtensions, Field, HandshakeType, NamedGroup,
    NewSessionTicket13, PskKeyExchangeMode,
};
use handclasp_handshake::{
    Answer, Certificates, ClientAuthentication, Config, Extensions, Need, OpenedTicket, PeerIdentity,
    PskHash, PskIdentities, ResumeRefusal, Resumption,
};
use handclasp_provider_aws_lc as provider;
use handclasp_report::{Fault, Side, Tag};
use handclasp_schedule::BinderKind;

use super::{
    flow13,
    harness::{Done, Harness, IDENTITY, PSK, config},
    offer::{Offer, Psk},
    peer13::{Peer13, body},
};

pub(super) const NOW: u64 = 1_800_000_000;
const TRUST: [u8; 32] = [4; 32];

/// Gives two tickets for an hour.
pub(super) fn resuming() -> Config {
    let resumption = Resumption { tickets: 2, lifetime: 3600, trust_generation: TRUST };
    Config { resumption, ..config() }
}

/// What a ticket seals, field by field.
#[derive(Clone)]
pub(super) struct Sealed {
    pub(super) version: u16,
    pub(super) suite: CipherSuite,
    pub(super) secret: Vec<u8>,
    pub(super) time: u64,
    pub(super) authenticated: u64,
    pub(super) lifetime: u32,
    pub(super) age_add: u32,
    pub(super) server_name: Option<Vec<u8>>,
    pub(super) psk_identity: Option<Vec<u8>>,
    pub(super) peer: Option<PeerIdentity>,
    pub(super) shown: Option<CertificateType>,
    pub(super) trust: [u8; 32],
}

impl Sealed {
    /// One that fits the offers of this test.
    pub(super) fn new() -> Self {
        Self {
            version: 0x0304,
            suite: CipherSuite::TLS_AES_128_GCM_SHA256,
            secret: PSK.to_vec(),
            time: NOW - 100,
            authenticated: NOW - 1000,
            lifetime: 3600,
            age_add: 7,
            server_name: Some(b"device.example".to_vec()),
            psk_identity: None,
            peer: None,
            shown: None,
            trust: TRUST,
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let name = |name: &Option<Vec<u8>>| {
            let bytes = name.as_deref().unwrap_or_default();
            [&[u8::from(name.is_some())][..], &(bytes.len() as u16).to_be_bytes(), bytes].concat()
        };
        let peer = self.peer.map_or(vec![0], |peer| {
            let end = peer.not_after;
            let end = [&[u8::from(end.is_some())][..], &end.unwrap_or_default().to_be_bytes()].concat();
            [&[1][..], &peer.pin, &end].concat()
        });
        [
            &[2][..],
            &self.version.to_be_bytes(),
            &self.suite.0.to_be_bytes(),
            &[self.secret.len() as u8],
            &self.secret,
            &[0, 0],
            &self.time.to_be_bytes(),
            &self.authenticated.to_be_bytes(),
            &self.lifetime.to_be_bytes(),
            &self.age_add.to_be_bytes(),
            &name(&self.server_name),
            &name(&self.psk_identity),
            &peer,
            &[u8::from(self.shown.is_some()), self.shown.map_or(0, |shown| shown.0)],
            &self.trust,
        ]
        .concat()
    }
}

/// An offer of that many tickets, all of the same key.
fn offer(tickets: usize) -> Offer {
    let (identities, secrets) = (vec![IDENTITY; tickets], vec![PSK; tickets]);
    // 100 s old.
    let psk = Psk { identities, secrets, hash: provider::SHA256, age: 100_007, kind: BinderKind::Resumption };
    Offer { psk: Some(psk), modes: Some(vec![PskKeyExchangeMode::psk_dhe_ke]), ..Offer::new() }
}

/// A server that was asked to resume.
fn asked(config: Config, offer: Offer) -> (Harness, Peer13) {
    let mut harness = Harness::new(config);
    harness.now = NOW;
    let mut peer = Peer13::new(offer, NamedGroup::x25519);
    harness.message(&peer.hello()).unwrap();
    assert!(matches!(harness.server.need(), Some(Need::Psk { .. })));
    (harness, peer)
}

fn opened(harness: &mut Harness, index: usize, sealed: &Sealed) -> Result<(), Fault> {
    harness.answer(Answer::Session(Some(OpenedTicket {
        index,
        session: &sealed.bytes(),
        renew: false,
        confirm: false,
    })))
}

/// A server that is asked whether to resume, with that many tickets behind the one that opened.
pub(super) fn confirming(more: usize) -> (Harness, Peer13) {
    let (mut harness, peer) = asked(resuming(), offer(1 + more));
    let session = &Sealed::new().bytes();
    let ticket = OpenedTicket { index: 0, session, renew: false, confirm: true };
    harness.answer(Answer::Session(Some(ticket))).unwrap();
    (harness, peer)
}

/// A server behind the client's Finished, asked to seal its first ticket.
pub(super) fn connected(config: Config) -> Harness {
    let mut harness = Harness::new(config);
    harness.now = NOW;
    let offer = Offer { modes: Some(vec![PskKeyExchangeMode::psk_dhe_ke]), ..Offer::new() };
    flow13::with_certificate(&mut harness, offer, NamedGroup::x25519);
    harness
}

/// What is to be sealed now.
fn to_seal(harness: &Harness) -> Option<Vec<u8>> {
    match harness.server.need() {
        Some(Need::SealTicket { session }) => Some(session.0.to_vec()),
        None => None,
        other => panic!("{other:?}"),
    }
}

/// Why a ticket was refused.
fn refusal(harness: &Harness) -> Option<u8> {
    harness.noted(Side::Server, Tag::TicketRefused).map(|bytes| bytes[0])
}

#[cfg(feature = "default")]
#[test]
fn a_session_is_resumed_without_certificates() {
    let peer_identity = PeerIdentity::new([5; 32], Some(NOW));
    for sealed in [
        Sealed::new(),
        Sealed { peer: Some(peer_identity), ..Sealed::new() },
        Sealed { psk_identity: Some(b"device".to_vec()), ..Sealed::new() },
        // Another suite of the same hash.
        Sealed { suite: CipherSuite::TLS_CHACHA20_POLY1305_SHA256, ..Sealed::new() },
    ] {
        let (mut harness, mut peer) = asked(resuming(), offer(1));
        opened(&mut harness, 0, &sealed).unwrap();
        let finished = peer.finish(&harness);
        harness.message(&finished).unwrap();
        let story = harness.story();
        assert!(!story.iter().any(|word| word.starts_with("certificate")), "{story:?}");
        assert_eq!(story.last(), Some(&"connected"));
        let connected = harness.connected();
        assert!(connected.resumed && connected.scheme.is_none());
        assert_eq!((connected.peer, &connected.psk_identity), (sealed.peer, &sealed.psk_identity));
        assert_eq!(harness.noted(Side::Server, Tag::Resumed), Some(vec![]));
        assert!(harness.noted(Side::Client, Tag::PskIdentity).is_none(), "a ticket is no name");
    }
}

#[cfg(feature = "default")]
#[test]
fn every_rule_refuses_and_the_handshake_goes_on_in_full() {
    let expired = PeerIdentity::new([5; 32], Some(NOW - 1));
    let known = PeerIdentity::new([5; 32], None);
    let good = Sealed::new;
    for (number, sealed) in [
        (1, Sealed { version: 0x0303, ..good() }),
        (2, Sealed { suite: CipherSuite(0x1305), ..good() }),
        (2, Sealed { suite: CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256, ..good() }),
        (3, Sealed { server_name: Some(b"other.example".to_vec()), ..good() }),
        (3, Sealed { server_name: None, ..good() }),
        (5, Sealed { trust: [5; 32], ..good() }),
        (6, Sealed { peer: Some(expired), ..good() }),
        (7, Sealed { time: NOW - 3601, ..good() }),
        (7, Sealed { time: NOW + 61, ..good() }),
        (7, Sealed { authenticated: NOW - 604_801, ..good() }),
        (7, Sealed { time: NOW - 604_801, lifetime: u32::MAX, ..good() }),
        // The client says 100 s.
        (7, Sealed { lifetime: 99, time: NOW - 10, ..good() }),
        // The client takes X.509 alone.
        (8, Sealed { shown: Some(CertificateType::RawPublicKey), ..good() }),
    ] {
        let (mut harness, _) = asked(resuming(), offer(1));
        opened(&mut harness, 0, &sealed).unwrap();
        assert_eq!(refusal(&harness), Some(number), "{:?}", sealed.server_name);
        assert!(matches!(harness.server.need(), Some(Need::Credential(_))));
    }
    // A client certificate is required: with one in the ticket it is there.
    let certificates =
        Certificates { client_authentication: ClientAuthentication::Required, ..Default::default() };
    let requiring = || Config { certificates: certificates.clone(), ..resuming() };
    let (mut harness, _) = asked(requiring(), offer(1));
    opened(&mut harness, 0, &good()).unwrap();
    assert_eq!(refusal(&harness), Some(4));
    let by_key = Sealed { psk_identity: Some(b"device".to_vec()), ..good() };
    for sealed in [Sealed { peer: Some(known), ..good() }, by_key] {
        let (mut harness, _) = asked(requiring(), offer(1));
        opened(&mut harness, 0, &sealed).unwrap();
        assert_eq!((refusal(&harness), harness.server.need().is_none()), (None, true));
    }
    // The suites that the client offers are of another hash.
    let only384 = Offer { suites: vec![CipherSuite::TLS_AES_256_GCM_SHA384], ..offer(1) };
    let (mut harness, _) = asked(resuming(), only384);
    opened(&mut harness, 0, &good()).unwrap();
    assert_eq!(refusal(&harness), Some(2));
}

#[cfg(feature = "default")]
#[test]
fn what_opens_and_does_not_read_is_as_good_as_none() {
    let bytes = Sealed::new().bytes();
    let other = [&[9][..], &bytes[1..]].concat();
    for bytes in [&bytes[..bytes.len() - 1], b"", &other] {
        let (mut harness, _) = asked(resuming(), offer(1));
        let ticket = OpenedTicket { index: 0, session: bytes, renew: false, confirm: false };
        harness.answer(Answer::Session(Some(ticket))).unwrap();
        assert!(matches!(harness.server.need(), Some(Need::Credential(_))));
    }
    for answer in [Answer::Session(None), Answer::Psk(None)] {
        let (mut harness, _) = asked(Config { has_psk: false, ..resuming() }, offer(1));
        harness.answer(answer).unwrap();
        assert!(matches!(harness.server.need(), Some(Need::Credential(_))));
        assert_eq!(refusal(&harness), None);
    }
}

#[cfg(feature = "default")]
#[test]
fn the_type_of_certificate_is_told_again() {
    const RAW: CertificateType = CertificateType::RawPublicKey;
    const X509: CertificateType = CertificateType::X509;
    // What the session began with, what the client takes now, our answer.
    for (shown, offered, answer) in [
        (Some(RAW), Some(vec![RAW, X509]), Some(RAW)),
        (Some(X509), Some(vec![RAW, X509]), Some(X509)),
        (Some(X509), None, None),
        (None, Some(vec![RAW]), None),
    ] {
        let (mut harness, mut peer) = asked(resuming(), Offer { server_types: offered, ..offer(1) });
        opened(&mut harness, 0, &Sealed { shown, ..Sealed::new() }).unwrap();
        let finished = peer.finish(&harness);
        harness.message(&finished).unwrap();
        let answers = body(harness.sent(HandshakeType::encrypted_extensions));
        let answers = EncryptedExtensions::from_bytes(answers, Field::encrypted_extensions).unwrap();
        assert_eq!(answers.extensions.server_certificate_type, answer);
        // And it goes on to the next ticket.
        assert_eq!(
            to_seal(&harness).map(|bytes| (bytes[bytes.len() - 34], bytes[bytes.len() - 33])),
            Some((u8::from(shown.is_some()), shown.map_or(0, |shown| shown.0)))
        );
    }
}

#[cfg(feature = "default")]
#[test]
fn the_binder_is_that_of_a_ticket() {
    for (kind, fits) in [(BinderKind::Resumption, true), (BinderKind::External, false)] {
        let mut offer = offer(1);
        offer.psk.as_mut().unwrap().kind = kind;
        let (mut harness, _) = asked(resuming(), offer);
        let result = opened(&mut harness, 0, &Sealed::new());
        assert_eq!(result, if fits { Ok(()) } else { Err(Fault::BinderInvalid { identity: 0 }) });
    }
    let (mut harness, _) = asked(resuming(), offer(1));
    let wrong = opened(&mut harness, 0, &Sealed { secret: vec![1; 32], ..Sealed::new() });
    assert_eq!(wrong, Err(Fault::BinderInvalid { identity: 0 }));
}

#[cfg(feature = "default")]
#[test]
fn behind_a_refused_ticket_the_next_is_asked_about() {
    let refused = Sealed { trust: [0; 32], ..Sealed::new() };
    let (mut harness, mut peer) = asked(resuming(), offer(3));
    for from in 0..2 {
        let Some(Need::Psk { identities, .. }) = harness.server.need() else { panic!("asked again") };
        assert!(matches!(identities, PskIdentities::List { from: first, .. } if first == from));
        assert_eq!(
            identities.iter().map(|(index, _)| index).collect::<Vec<_>>(),
            (from..3).collect::<Vec<_>>()
        );
        opened(&mut harness, from, &refused).unwrap();
    }
    opened(&mut harness, 2, &Sealed::new()).unwrap();
    assert_eq!(harness.noted(Side::Server, Tag::ChosenPsk), Some(vec![0, 2]));
    let finished = peer.finish(&harness);
    harness.message(&finished).unwrap();
    // Or a key that both hold.
    let (mut harness, _) = asked(resuming(), offer(2));
    opened(&mut harness, 0, &refused).unwrap();
    assert!(matches!(harness.answer_psk(1, PskHash::Sha256), Err(Fault::BinderInvalid { identity: 1 })));
    // Not without end.
    let (mut harness, _) = asked(resuming(), offer(9));
    let mut times = 0;
    while let Some(Need::Psk { .. }) = harness.server.need() {
        opened(&mut harness, times, &refused).unwrap();
        times += 1;
    }
    assert_eq!(times, 5);
    // A server with nothing but keys says so.
    let (mut harness, _) = asked(Config { has_credential: false, ..resuming() }, offer(1));
    assert_eq!(opened(&mut harness, 0, &refused), Err(Fault::UnknownPskIdentity));
}

#[cfg(feature = "default")]
#[test]
fn a_retry_keeps_the_ticket() {
    let mut harness = Harness::new(resuming());
    harness.now = NOW;
    let mut peer = Peer13::new(offer(1), NamedGroup::x25519);
    peer.offer.shares = Some(Vec::new());
    harness.message(&peer.hello()).unwrap();
    opened(&mut harness, 0, &Sealed::new()).unwrap();
    peer.retry(&harness);
    harness.message(&peer.hello()).unwrap();
    opened(&mut harness, 0, &Sealed::new()).unwrap();
    let finished = peer.finish(&harness);
    harness.message(&finished).unwrap();
    assert!(harness.connected().resumed);
}

#[cfg(feature = "default")]
#[test]
fn early_data_is_passed_over() {
    let early = |shares: Option<Vec<_>>| {
        let mut peer = Peer13::new(Offer { early_data: true, ..offer(1) }, NamedGroup::x25519);
        peer.offer.shares = shares.or(peer.offer.shares);
        let mut harness = Harness::new(resuming());
        harness.now = NOW;
        harness.message(&peer.hello()).unwrap();
        opened(&mut harness, 0, &Sealed::new()).unwrap();
        harness
    };
    // Told before the keys that it does not open under; not answered with early_data.
    let story = early(None).story();
    let place = |word| story.iter().position(|found| *found == word).unwrap();
    assert!(place("skip early data") < place("read keys"), "{story:?}");
    assert!(early(Some(Vec::new())).story().contains(&"skip early data"), "also behind a retry");
}

/// The NewSessionTickets that were sent.
fn tickets(harness: &Harness) -> Vec<NewSessionTicket13<'_>> {
    let sent = harness.done.iter().filter_map(|done| match done {
        Done::Sent(HandshakeType::new_session_ticket, message) => Some(message),
        _ => None,
    });
    sent.map(|sent| NewSessionTicket13::from_bytes(body(sent), Field::new_session_ticket).unwrap()).collect()
}

#[cfg(feature = "default")]
#[test]
fn two_tickets_of_two_keys() {
    let mut harness = Harness::new(resuming());
    harness.now = NOW;
    let offer = Offer { modes: Some(vec![PskKeyExchangeMode::psk_dhe_ke]), ..Offer::new() };
    let mut peer = flow13::with_certificate(&mut harness, offer, NamedGroup::x25519);
    assert!(harness.server.is_connected());
    let finished = peer.finished();
    peer.transcript.add(&finished);
    let sealed = [0, 1].map(|number| {
        assert!(tickets(&harness).is_empty(), "they leave together");
        let sealed = to_seal(&harness).unwrap();
        harness.answer(Answer::Ticket(Some(&[b't', number]))).unwrap();
        sealed
    });
    let sent = tickets(&harness);
    let transcript_hash = peer.transcript.hash();
    let secrets = peer.main.take().unwrap().application(Some(&transcript_hash));
    for (number, (sent, sealed)) in (0..2_u8).zip(sent.iter().zip(sealed)) {
        assert_eq!((sent.ticket, sent.ticket_nonce), (&[b't', number][..], &[number][..]));
        assert_eq!((sent.ticket_lifetime, sent.extensions.types().count()), (3600, 0));
        let mut secret = handclasp_crypto::Secret::zero(0);
        secrets.resumption_psk(&[number], &mut secret);
        let expected = Sealed {
            secret: secret.expose().to_vec(),
            time: NOW,
            authenticated: NOW,
            age_add: sent.ticket_age_add,
            shown: Some(CertificateType::X509),
            ..Sealed::new()
        };
        assert_eq!(sealed, expected.bytes());
    }
    assert_ne!(sent[0].ticket_age_add, sent[1].ticket_age_add, "hidden");
    assert!(to_seal(&harness).is_none());
    assert_eq!(harness.update_keys(), Ok(()));
}

#[cfg(feature = "default")]
#[test]
fn who_gets_no_ticket() {
    // The caller has none: no more are asked for. An empty one cannot be sent.
    for answer in [None, Some(&b""[..])] {
        let mut harness = connected(resuming());
        harness.answer(Answer::Ticket(answer)).unwrap();
        assert_eq!((tickets(&harness).len(), to_seal(&harness)), (0, None));
        // Those before it are not lost.
        let mut harness = connected(resuming());
        harness.answer(Answer::Ticket(Some(b"t"))).unwrap();
        harness.answer(Answer::Ticket(answer)).unwrap();
        assert_eq!((tickets(&harness).len(), to_seal(&harness)), (1, None));
    }
    // A client that could not offer it; a server without resumption, or without time for it.
    for modes in [None, Some(vec![PskKeyExchangeMode::psk_ke])] {
        let mut harness = Harness::new(resuming());
        flow13::with_certificate(&mut harness, Offer { modes, ..Offer::new() }, NamedGroup::x25519);
        assert!(to_seal(&harness).is_none());
    }
    for (tickets, lifetime) in [(0, 3600), (2, 0)] {
        let resumption = Resumption { tickets, lifetime, ..resuming().resumption };
        assert!(to_seal(&connected(Config { resumption, ..config() })).is_none());
    }
}

#[cfg(feature = "default")]
#[test]
fn tickets_do_not_outlive_the_peer_nor_a_week() {
    let lifetime_behind = |sealed: &Sealed| {
        let resumption = Resumption { lifetime: u32::MAX, ..resuming().resumption };
        let (mut harness, mut peer) = asked(Config { resumption, ..config() }, offer(1));
        opened(&mut harness, 0, sealed).unwrap();
        let finished = peer.finish(&harness);
        harness.message(&finished).unwrap();
        to_seal(&harness)?;
        harness.answer(Answer::Ticket(Some(b"t"))).unwrap();
        harness.answer(Answer::Ticket(None)).unwrap();
        Some(tickets(&harness)[0].ticket_lifetime)
    };
    let until = |end| Some(PeerIdentity::new([5; 32], Some(end)));
    assert_eq!(lifetime_behind(&Sealed::new()), Some(604_800 - 1000));
    assert_eq!(lifetime_behind(&Sealed { peer: until(NOW + 50), ..Sealed::new() }), Some(50));
    assert_eq!(lifetime_behind(&Sealed { peer: until(NOW), ..Sealed::new() }), None);
    let old = Sealed { authenticated: NOW - 604_800, ..Sealed::new() };
    assert_eq!(lifetime_behind(&old), None);
}

/// psk_ke is for keys that a user shares; a ticket that comes with it alone is passed over, also
/// where it is permitted for such keys.
#[cfg(feature = "default")]
#[test]
fn a_ticket_without_forward_secrecy_is_passed_over() {
    let extensions = Extensions { psk_ke: true, ..resuming().extensions };
    let permitting = Config { extensions, ..resuming() };
    let modes = Some(vec![PskKeyExchangeMode::psk_ke]);
    let (mut harness, _) = asked(permitting.clone(), Offer { modes, ..offer(1) });
    opened(&mut harness, 0, &Sealed::new()).unwrap();
    assert!(matches!(harness.server.need(), Some(Need::Credential(_))), "a full handshake");
    assert_eq!(harness.noted(Side::Server, Tag::Resumed), None);
    // With both modes on offer it is resumed, with a share.
    let modes = Some(vec![PskKeyExchangeMode::psk_ke, PskKeyExchangeMode::psk_dhe_ke]);
    let (mut harness, _) = asked(permitting, Offer { modes, ..offer(1) });
    opened(&mut harness, 0, &Sealed::new()).unwrap();
    assert_eq!(harness.noted(Side::Server, Tag::Resumed), Some(vec![]));
}

#[cfg(feature = "default")]
#[test]
fn the_caller_decides_behind_the_binder() {
    let (mut harness, mut peer) = confirming(0);
    let Some(Need::Resume(request)) = harness.server.need() else { panic!("to confirm") };
    assert_eq!((request.ticket, request.version.0), (IDENTITY, 0x0304));
    assert!(harness.noted(Side::Server, Tag::ChosenPsk).is_none(), "nothing is chosen yet");
    harness.answer(Answer::Resume(Ok(()))).unwrap();
    let finished = peer.finish(&harness);
    harness.message(&finished).unwrap();
    assert!(harness.connected().resumed);
    // An observer of the ticket has no binder, and the caller is not asked.
    let (mut harness, _) = asked(resuming(), offer(1));
    let session = &Sealed { secret: vec![1; 32], ..Sealed::new() }.bytes();
    let ticket = OpenedTicket { index: 0, session, renew: false, confirm: true };
    let result = harness.answer(Answer::Session(Some(ticket)));
    assert_eq!(result, Err(Fault::BinderInvalid { identity: 0 }));
}

#[cfg(feature = "default")]
#[test]
fn a_refused_session_is_followed_by_a_full_handshake() {
    for (why, number) in
        [(ResumeRefusal::Used, 9), (ResumeRefusal::Revoked, 10), (ResumeRefusal::Unavailable, 11)]
    {
        let (mut harness, _) = confirming(0);
        harness.answer(Answer::Resume(Err(why))).unwrap();
        assert_eq!(refusal(&harness), Some(number));
        assert!(matches!(harness.server.need(), Some(Need::Credential(_))));
        // The next ticket, which may be unused.
        let (mut harness, _) = confirming(1);
        harness.answer(Answer::Resume(Err(why))).unwrap();
        let Some(Need::Psk { identities, .. }) = harness.server.need() else { panic!("asked again") };
        assert_eq!(identities.iter().map(|(index, _)| index).collect::<Vec<_>>(), [1]);
        opened(&mut harness, 1, &Sealed::new()).unwrap();
        assert_eq!(harness.noted(Side::Server, Tag::ChosenPsk), Some(vec![0, 1]));
    }
}

/// A server with nothing but keys blames the client's ticket only where it knows that it is no good.
#[cfg(feature = "default")]
#[test]
fn a_session_that_cannot_be_confirmed_is_not_an_unknown_identity() {
    for (why, fault) in [
        (ResumeRefusal::Used, Fault::UnknownPskIdentity),
        (ResumeRefusal::Revoked, Fault::UnknownPskIdentity),
        (ResumeRefusal::Unavailable, Fault::PskUnavailable),
    ] {
        let (mut harness, _) = asked(Config { has_credential: false, ..resuming() }, offer(1));
        let session = &Sealed::new().bytes();
        let ticket = OpenedTicket { index: 0, session, renew: false, confirm: true };
        harness.answer(Answer::Session(Some(ticket))).unwrap();
        assert_eq!(harness.answer(Answer::Resume(Err(why))), Err(fault));
    }
}

#[cfg(feature = "default")]
#[test]
fn the_caller_is_shown_the_client_of_the_session() {
    let known = PeerIdentity::new([5; 32], None);
    let sealed = Sealed { peer: Some(known), psk_identity: Some(b"device".to_vec()), ..Sealed::new() };
    let (mut harness, _) = asked(resuming(), offer(1));
    let session = &sealed.bytes();
    let ticket = OpenedTicket { index: 0, session, renew: false, confirm: true };
    harness.answer(Answer::Session(Some(ticket))).unwrap();
    let Some(Need::Resume(request)) = harness.server.need() else { panic!("to confirm") };
    assert_eq!((request.peer, request.psk_identity), (Some(&known), Some(&b"device"[..])));
    assert_eq!(request.authenticated, NOW - 1000);
}
