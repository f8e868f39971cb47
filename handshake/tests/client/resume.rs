//! Resumption of the client: which sessions it makes of tickets, which it offers, and what it
//! bears from a server that takes one (RFC 8446 §2.2 §4.2.11 §4.6.1, RFC 5077, RFC 7627 §5.3).
//!
//! Long because: both versions resume by the same helpers, and each refusal has a test of its own.

use handclasp_codec::{
    ClientHello, ExtensionType as X, Field, HandshakeType as Type, NamedGroup, OfferedPsks,
    PskKeyExchangeMode,
};
use handclasp_crypto::{KeyKind, Suite};
use handclasp_handshake::{
    Actions, ClientStart, Config, Connected, Context, ExtendedMasterSecret, Handshake, Input, Resumption,
    Session,
};
use handclasp_provider_aws_lc as aws;
use handclasp_report::{Choice, Fault, Report, Side, Tag};
use handclasp_schedule::{BinderKind, EarlySecret, MasterSecret, Sender, Transcript};

use crate::{
    built::built,
    fake::{extensions, message, vector8, vector16},
    fake12::{Fake12, RANDOM},
    fake13::{Fake13, decode},
    setup::{
        Did, IDENTITY, NO_PSK, PSK, SHARED, Tested, config, key, messages, only12, only13, shape, start,
        take, with_suites,
    },
};

pub const NOW: u64 = 1_800_000_000;

/// With wish for tickets.
pub fn resuming(config: Config) -> Config {
    let resumption = Resumption { tickets: 1, lifetime: 0, trust_generation: [4; 32] };
    Config { resumption, ..config }
}

/// NewSessionTicket of TLS 1.3.
pub fn ticket13(lifetime: u32, age_add: u32, nonce: &[u8], ticket: &[u8]) -> Vec<u8> {
    let (lifetime, age_add) = (lifetime.to_be_bytes().to_vec(), age_add.to_be_bytes().to_vec());
    let body = [lifetime, age_add, vector8(nonce), vector16(ticket), extensions(&[(X(0x3a3a), vec![1])])];
    message(Type::new_session_ticket, &body.concat())
}

/// NewSessionTicket of TLS 1.2.
pub fn ticket12(hint: u32, ticket: &[u8]) -> Vec<u8> {
    message(Type::new_session_ticket, &[hint.to_be_bytes().to_vec(), vector16(ticket)].concat())
}

/// A client of TLS 1.3 that is connected by certificate, and its server.
fn connected13(config: Config, suite: &'static Suite) -> (Tested, Fake13) {
    let (mut tested, hello) = start(config, NO_PSK);
    let mut server = Fake13 { suite, ..Fake13::new(&hello) };
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    tested.message(&server.certificate()).unwrap();
    tested.accept(KeyKind::P256).unwrap();
    let scheme = key(KeyKind::P256).schemes()[0];
    tested.message(&server.certificate_verify(KeyKind::P256, scheme)).unwrap();
    let did = tested.message(&server.finished()).unwrap();
    server.check_finished(&messages(&did)[0]);
    (tested, server)
}

/// The session of a ticket.
fn kept(did: Vec<Did>) -> Option<Session> {
    did.into_iter().find_map(|did| if let Did::Ticket(session) = did { Some(session) } else { None })
}

/// A session of TLS 1.3 for an hour, and its key.
pub fn session13_of(suite: &'static Suite) -> (Session, Vec<u8>) {
    let (mut tested, mut server) = connected13(resuming(only13()), suite);
    let transcript_hash = server.transcript.hash();
    let secrets = server.main.take().unwrap().application(Some(&transcript_hash));
    let did = tested.message(&ticket13(3600, 0xffff_fff0, b"n1", b"the ticket")).unwrap();
    assert_eq!(shape(&did), "ticket");
    let mut psk = handclasp_crypto::Secret::zero(0);
    secrets.resumption_psk(b"n1", &mut psk);
    (kept(did).unwrap(), psk.expose().to_vec())
}

pub fn session13() -> (Session, Vec<u8>) {
    session13_of(&aws::TLS_AES_128_GCM_SHA256)
}

/// A session of TLS 1.2, and its master secret.
pub fn session12() -> (Session, Vec<u8>) {
    let (mut tested, hello) = start(resuming(only12()), NO_PSK);
    let asked = decode::<ClientHello<'_>>(&hello).extensions.session_ticket.map(|ticket| ticket.opaque);
    assert_eq!(asked, Some(&[][..]), "a wish");
    let mut server = Fake12::new(&hello);
    let announced = server.edited_server_hello(|hello| hello.set(X::session_ticket, Vec::new()));
    tested.message(&announced).unwrap();
    tested.message(&server.certificate()).unwrap();
    tested.accept(KeyKind::P256).unwrap();
    tested.message(&server.server_key_exchange(KeyKind::P256)).unwrap();
    let did = tested.message(&server.server_hello_done()).unwrap();
    server.client_flight(&messages(&did), None);
    let ticket = ticket12(3600, b"the ticket");
    server.transcript.add(&ticket);
    assert!(tested.message(&ticket).unwrap().is_empty(), "not before Finished");
    assert_eq!(shape(&tested.input(Input::ChangeCipherSpec).unwrap()), "read");
    let did = tested.message(&server.finished()).unwrap();
    assert_eq!(shape(&did), "connected ticket");
    (kept(did).unwrap(), server.master.unwrap().secret().expose().to_vec())
}

pub fn with(session: &Session) -> ClientStart<'_> {
    ClientStart { session: Some(session), ..NO_PSK }
}

/// The ClientHello at that time.
fn hello_at(now: u64, config: &Config, start: ClientStart<'_>) -> Vec<u8> {
    let (mut report, mut actions) = (Report::new(Side::Client), Actions::default());
    let random = &mut aws::SystemRandom;
    let mut context = Context { config, now, random, report: &mut report, actions: &mut actions };
    let client = Handshake::client(&mut context, start).unwrap();
    assert!(report.items().all(|item| item.tag != Tag::PskIdentity), "tickets are no names");
    messages(&take(&mut actions, &client)).remove(0)
}

/// Whether a ticket of either version stands in the hello.
fn offers(hello: &[u8]) -> bool {
    let hello: ClientHello<'_> = decode(hello);
    let ticket = hello.extensions.session_ticket.is_some_and(|ticket| !ticket.opaque.is_empty());
    ticket || hello.extensions.pre_shared_key.is_some()
}

/// What is agreed in the end.
fn agreed(did: Vec<Did>) -> Box<Connected> {
    did.into_iter().find_map(|did| if let Did::Connected(it) = did { Some(it) } else { None }).unwrap()
}

fn psks<'h>(hello: &'h ClientHello<'h>) -> &'h OfferedPsks<'h> {
    hello.extensions.pre_shared_key.as_ref().unwrap()
}

#[cfg(feature = "default")]
#[test]
fn tls13_offers_the_ticket_with_its_age_and_a_binder_of_its_kind() {
    let (session, psk) = session13();
    let bytes = hello_at(NOW + 10, &resuming(config()), with(&session));
    let hello: ClientHello<'_> = decode(&bytes);
    let identities: Vec<_> = psks(&hello).identities.iter().collect();
    assert_eq!((identities.len(), identities[0].identity), (1, b"the ticket".as_slice()));
    // 10 s, and 2^32 - 16 that hides it.
    assert_eq!(identities[0].obfuscated_ticket_age, 10_000 - 16);
    let modes = hello.extensions.psk_key_exchange_modes.as_ref().unwrap().ke_modes;
    assert!(modes.iter().eq([PskKeyExchangeMode::psk_dhe_ke]));
    assert!(hello.extensions.early_data.is_none());
    let truncated = &bytes[..bytes.len() - psks(&hello).binders_wire_len()];
    let hash = aws::SHA256;
    let transcript_hash = Transcript::new().hash_with(hash, truncated);
    let expected = EarlySecret::new(hash, Some(&psk)).binder(BinderKind::Resumption, &transcript_hash);
    assert!(psks(&hello).binders.iter().map(|binder| binder.0).eq([&*expected]));
    // Certificates stay possible.
    assert!(hello.extensions.signature_algorithms.is_some() && hello.cipher_suites.iter().count() > 3);
}

#[cfg(feature = "default")]
#[test]
fn tls13_is_resumed() {
    let (session, psk) = session13();
    let (mut tested, hello) = start(resuming(config()), with(&session));
    let mut server = Fake13 { psk: Some(psk), ..Fake13::new(&hello) };
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    let did = tested.message(&server.finished()).unwrap();
    assert_eq!(shape(&did), "log log log finished read write connected");
    server.check_finished(&messages(&did)[0]);
    let agreed = agreed(did);
    assert!(agreed.resumed && agreed.scheme.is_none() && agreed.psk_identity.is_none());
    assert_eq!((agreed.peer, agreed.group), (Some(IDENTITY), Some(NamedGroup::x25519)));
    assert!(tested.report.items().any(|item| item.tag == Tag::Resumed));
    // And leads to the next session, of the same peer.
    let next = kept(tested.message(&ticket13(7200, 5, b"", b"next")).unwrap()).unwrap();
    assert!(offers(&hello_at(NOW + 7200, &resuming(config()), with(&next))));
}

#[cfg(feature = "default")]
#[test]
fn a_server_that_does_not_take_it_shakes_hands_in_full() {
    let (session, _) = session13();
    let (mut tested, hello) = start(resuming(config()), with(&session));
    let mut server = Fake13::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    tested.message(&server.certificate()).unwrap();
    tested.accept(KeyKind::P256).unwrap();
    let scheme = key(KeyKind::P256).schemes()[0];
    tested.message(&server.certificate_verify(KeyKind::P256, scheme)).unwrap();
    assert!(!agreed(tested.message(&server.finished()).unwrap()).resumed);
}

#[cfg(feature = "default")]
#[test]
fn a_certificate_does_not_belong_to_a_resumption() {
    let (session, psk) = session13();
    let (mut tested, hello) = start(resuming(config()), with(&session));
    let mut server = Fake13 { psk: Some(psk), ..Fake13::new(&hello) };
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    let fault = tested.message(&server.certificate()).err();
    assert!(matches!(fault, Some(Fault::Unexpected { .. })), "{fault:?}");
}

#[cfg(feature = "default")]
#[test]
fn sessions_that_are_not_for_this_connection_are_passed_over() {
    let trusts = |byte| {
        let resumption = Resumption { trust_generation: [byte; 32], ..resuming(config()).resumption };
        Config { resumption, ..config() }
    };
    let sha384 = with_suites(&[&aws::TLS_AES_256_GCM_SHA384]);
    for (session, other) in [(session13().0, only12()), (session12().0, only13())] {
        let ours = resuming(config());
        assert!(offers(&hello_at(NOW, &ours, with(&session))));
        assert!(offers(&hello_at(NOW + 3600, &ours, with(&session))));
        for (why, now, config, server_name) in [
            ("too old", NOW + 3601, ours.clone(), NO_PSK.server_name),
            ("from the future", NOW - 61, ours.clone(), NO_PSK.server_name),
            ("another name", NOW, ours.clone(), Some("other.example")),
            ("no name", NOW, ours.clone(), None),
            ("another trust", NOW, trusts(5), NO_PSK.server_name),
            ("another version", NOW, resuming(other), NO_PSK.server_name),
            ("another hash", NOW, resuming(sha384.clone()), NO_PSK.server_name),
        ] {
            let start = ClientStart { server_name, ..with(&session) };
            assert!(!offers(&hello_at(now, &config, start)), "{why}");
        }
    }
    // A certificate that has expired since.
    let (mut tested, _) = connected13(resuming(only13()), &aws::TLS_AES_128_GCM_SHA256);
    let session = kept(tested.message(&ticket13(604_800, 0, b"", b"t")).unwrap()).unwrap();
    let end = IDENTITY.not_after.unwrap();
    assert!(end > NOW && !session.is_fresh(end + 1));
}

#[cfg(feature = "default")]
#[test]
fn before_a_key_that_both_hold_stands_the_ticket() {
    let (session, _) = session13();
    let start = ClientStart { psk: Some(PSK), ..with(&session) };
    let (tested, bytes) = super::setup::start(resuming(only13()), start);
    let hello: ClientHello<'_> = decode(&bytes);
    let named: Vec<_> = psks(&hello).identities.iter().map(|psk| psk.identity).collect();
    assert_eq!(named, [b"the ticket".as_slice(), PSK.identity]);
    let told: Vec<_> = tested.report.items().filter(|item| item.tag == Tag::PskIdentity).collect();
    assert_eq!((told.len(), told[0].bytes), (1, PSK.identity));
    // The server takes the second.
    let (mut tested, hello) = super::setup::start(resuming(only13()), start);
    let mut server = Fake13 { psk: Some(SHARED.to_vec()), ..Fake13::new(&hello) };
    let hello = server.edited_server_hello(|hello| hello.set(X::pre_shared_key, vec![0, 1]));
    tested.message(&hello).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    let agreed = agreed(tested.message(&server.finished()).unwrap());
    assert_eq!((agreed.resumed, agreed.psk_identity.as_deref()), (false, Some(PSK.identity)));
}

#[cfg(feature = "default")]
#[test]
fn tls13_answers_that_cannot_be() {
    let (session, psk) = session13();
    let fresh = || {
        let (tested, hello) = start(resuming(config()), with(&session));
        (tested, Fake13 { psk: Some(psk.clone()), ..Fake13::new(&hello) })
    };
    let (mut tested, mut server) = fresh();
    let hello = server.edited_server_hello(|hello| hello.set(X::pre_shared_key, vec![0, 1]));
    tested.refuses(&hello, Fault::NotOffered { choice: Choice::Psk, found: 1 });
    // The key is bound to SHA-256.
    let (mut tested, mut server) = fresh();
    server.suite = &aws::TLS_AES_256_GCM_SHA384;
    tested.refuses(&server.server_hello(), Fault::IllegalParameter(Field::selected_identity));
    // Without forward secrecy, which was not offered.
    let (mut tested, mut server) = fresh();
    let hello = server.edited_server_hello(|hello| hello.remove(X::key_share));
    tested.refuses(&hello, Fault::MissingExtension(X::key_share));
    // Another key than the ticket's.
    let (mut tested, mut server) = fresh();
    server.psk = Some(vec![1; 32]);
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    tested.refuses(&server.finished(), Fault::FinishedInvalid);
}

#[cfg(feature = "default")]
#[test]
fn after_a_retry_the_ticket_is_bound_anew_unless_the_hash_is_another() {
    for (suite, stays) in [(&aws::TLS_AES_128_GCM_SHA256, true), (&aws::TLS_AES_256_GCM_SHA384, false)] {
        let (session, psk) = session13();
        let (mut tested, hello) = start(resuming(config()), with(&session));
        let mut server = Fake13 { suite, psk: stays.then_some(psk.clone()), ..Fake13::new(&hello) };
        let did = tested.message(&server.retry(Some(NamedGroup::secp256r1), |_| ())).unwrap();
        let second = messages(&did).remove(0);
        assert_eq!(offers(&second), stays);
        if stays {
            let hello: ClientHello<'_> = decode(&second);
            let truncated = &second[..second.len() - psks(&hello).binders_wire_len()];
            let transcript_hash = server.transcript.hash_with(suite.hash, truncated);
            let early = EarlySecret::new(suite.hash, Some(&psk));
            let expected = early.binder(BinderKind::Resumption, &transcript_hash);
            assert!(psks(&hello).binders.iter().map(|binder| binder.0).eq([&*expected]));
        }
        server.group = aws::SECP256R1;
        server.second_hello(&second);
        tested.message(&server.server_hello()).unwrap();
        tested.message(&server.encrypted_extensions(vec![])).unwrap();
        assert_eq!(tested.message(&server.finished()).is_ok(), stays);
    }
}

#[cfg(feature = "default")]
#[test]
fn which_tickets_of_tls13_are_kept() {
    let (mut tested, _) = connected13(resuming(only13()), &aws::TLS_CHACHA20_POLY1305_SHA256);
    for number in 0..3 {
        assert!(kept(tested.message(&ticket13(60, 0, &[number], b"t")).unwrap()).is_some());
    }
    assert!(kept(tested.message(&ticket13(0, 0, b"", b"t")).unwrap()).is_none(), "dropped at once");
    let long = kept(tested.message(&ticket13(u32::MAX, 0, b"", b"t")).unwrap()).unwrap();
    assert!(long.is_fresh(NOW + 604_800) && !long.is_fresh(NOW + 604_801), "a week at most");
    assert!(long.is_for_one_use());
    // Without wish: none, and no memory for it.
    let (mut tested, _) = connected13(only13(), &aws::TLS_AES_128_GCM_SHA256);
    assert!(tested.message(&ticket13(60, 0, b"", b"t")).unwrap().is_empty());
    let modes = |config| {
        let hello = hello_at(NOW, &config, NO_PSK);
        decode::<ClientHello<'_>>(&hello).extensions.psk_key_exchange_modes.is_some()
    };
    assert!(modes(resuming(config())) && !modes(config()) && !modes(resuming(only12())));
}

/// The server takes the session, its ServerHello edited; what the client did.
fn resume12(
    session: &Session,
    master: &[u8],
    config: Config,
    edit: impl FnOnce(&mut crate::fake::ServerHello),
) -> (Tested, Fake12, Result<Vec<Did>, Fault>) {
    let (mut tested, hello) = start(config, with(session));
    let mut server = Fake12::new(&hello);
    let secret = handclasp_crypto::Secret::copy_from(master).unwrap();
    server.master = Some(MasterSecret::restore(server.suite.hash, &secret));
    let session_id = decode::<ClientHello<'_>>(&hello).legacy_session_id.to_vec();
    assert_eq!(session_id.len(), 32, "so that the echo tells");
    let answer = server.edited_server_hello(|hello| {
        hello.session_id = session_id;
        edit(hello);
    });
    let did = tested.message(&answer);
    (tested, server, did)
}

/// As far as the state tables want it.
pub fn resuming12(ticket_follows: bool) -> (Tested, Fake12) {
    let (session, master) = session12();
    let (tested, server, did) = resume12(&session, &master, resuming(only12()), |hello| {
        if ticket_follows {
            hello.set(X::session_ticket, Vec::new());
        }
    });
    assert_eq!(shape(&did.unwrap()), if built("key-log") { "log" } else { "" });
    (tested, server)
}

#[cfg(feature = "default")]
#[test]
fn tls12_is_resumed_with_the_servers_finished_first() {
    for ticket_follows in [false, true] {
        let (mut tested, mut server) = resuming12(ticket_follows);
        if ticket_follows {
            let ticket = ticket12(0, b"the next");
            server.transcript.add(&ticket);
            assert!(tested.message(&ticket).unwrap().is_empty());
        }
        let (suite, client_random) = (server.suite, server.client_random());
        server.master.as_mut().unwrap().derive_keys(suite, &client_random, &RANDOM);
        let did = tested.input(Input::ChangeCipherSpec).unwrap();
        let [Did::Read(read)] = &did[..] else { panic!("{}", shape(&did)) };
        let keys = server.master.as_ref().unwrap().keys().unwrap();
        assert_eq!(read.key.expose(), keys.server.key.expose());
        let did = tested.message(&server.finished()).unwrap();
        let ticket = if ticket_follows { " ticket" } else { "" };
        assert_eq!(shape(&did), format!("change_cipher_spec write finished connected{ticket}"));
        let Did::Write(write) = &did[1] else { panic!("keys") };
        let keys = server.master.as_ref().unwrap().keys().unwrap();
        assert_eq!(write.key.expose(), keys.client.key.expose());
        let master = server.master.take().unwrap();
        let expected = master.finished(Sender::Client, &server.transcript.hash());
        assert_eq!(messages(&did)[0][4..], expected);
        // Both Finished are there, so this is what the other side of the test has as well.
        let agreed = agreed(did);
        assert!(agreed.resumed && agreed.exporter.is_some() && agreed.group.is_none());
        assert_eq!((agreed.peer, agreed.scheme), (Some(IDENTITY), None));
    }
}

#[cfg(feature = "default")]
#[test]
fn tls12_ignored_goes_on_in_full() {
    let (session, _) = session12();
    let (mut tested, hello) = start(resuming(config()), with(&session));
    let mut server = Fake12::new(&hello);
    // Its own session id, or none.
    let answer = server.edited_server_hello(|hello| hello.session_id.clear());
    tested.message(&answer).unwrap();
    assert_eq!(tested.client.expects(), handclasp_report::Event::Message(Type::certificate));
}

#[cfg(feature = "default")]
#[test]
fn tls12_answers_that_cannot_be() {
    let (session, master) = session12();
    let answered = |config: Config, edit: fn(&mut crate::fake::ServerHello)| {
        let (_, _, did) = resume12(&session, &master, config, edit);
        did.err()
    };
    let ours = || resuming(only12());
    assert_eq!(answered(ours(), |_| ()), None);
    let other = answered(ours(), |hello| hello.suite = aws::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256.id);
    assert_eq!(other, Some(Fault::IllegalParameter(Field::cipher_suite)));
    // RFC 7627 §5.3, also where it is not insisted on otherwise.
    let offered = Config { extended_master_secret: ExtendedMasterSecret::Offered, ..ours() };
    let without = answered(offered, |hello| hello.remove(X::extended_master_secret));
    assert_eq!(without, Some(Fault::NoExtendedMasterSecret));
    // The echo of an id that stands for no session: here it is there for middleboxes.
    for (session, config) in [(None, config()), (Some(session13().0), config())] {
        let start_with = ClientStart { session: session.as_ref(), ..NO_PSK };
        let (mut tested, hello) = start(resuming(config), start_with);
        let mut server = Fake12::new(&hello);
        let session_id = decode::<ClientHello<'_>>(&hello).legacy_session_id.to_vec();
        let answer = server.edited_server_hello(|hello| hello.session_id = session_id);
        tested.refuses(&answer, Fault::IllegalParameter(Field::legacy_session_id_echo));
    }
    // A ticket that was not asked for.
    let (mut tested, hello) = start(only12(), NO_PSK);
    let mut server = Fake12::new(&hello);
    let answer = server.edited_server_hello(|hello| hello.set(X::session_ticket, Vec::new()));
    tested.refuses(&answer, Fault::UnsolicitedExtension(X::session_ticket));
}

#[cfg(feature = "default")]
#[test]
fn tls12_with_another_secret() {
    let (session, _) = session12();
    let (mut tested, mut server, _) = resume12(&session, &[1; 48], resuming(only12()), |_| ());
    tested.input(Input::ChangeCipherSpec).unwrap();
    tested.refuses(&server.finished(), Fault::FinishedInvalid);
}

#[cfg(feature = "default")]
#[test]
fn which_tickets_of_tls12_are_kept() {
    let (session, _) = session12();
    assert!(!session.is_for_one_use() && session.is_fresh(NOW + 3600) && !session.is_fresh(NOW + 3601));
    let followed = |ticket: Vec<u8>| {
        let (mut tested, mut server) = resuming12(true);
        server.transcript.add(&ticket);
        tested.message(&ticket).unwrap();
        tested.input(Input::ChangeCipherSpec).unwrap();
        kept(tested.message(&server.finished()).unwrap())
    };
    assert!(followed(ticket12(60, b"")).is_none(), "the server changed its mind");
    let vague = followed(ticket12(0, b"t")).unwrap();
    assert!(vague.is_fresh(NOW + 86_400) && !vague.is_fresh(NOW + 86_401), "a day where nothing is said");
    let long = followed(ticket12(u32::MAX, b"t")).unwrap();
    assert!(long.is_fresh(NOW + 604_800) && !long.is_fresh(NOW + 604_801));
}
