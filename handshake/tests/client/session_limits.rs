//! What a session may not become: one without forward secrecy, one of a handshake without
//! extended_master_secret, or a chain of resumptions that outlives the week since the server last
//! proved who it is (RFC 8446 §4.6.1, RFC 7627 §5.4).

use handclasp_codec::{ClientHello, ExtensionType as X, PskKeyExchangeMode};
use handclasp_crypto::KeyKind;
use handclasp_handshake::{Config, ExtendedMasterSecret, Extensions, Input, Session};
use handclasp_report::Fault;
use handclasp_schedule::MasterSecret;

use crate::{
    fake12::Fake12,
    fake13::{Fake13, decode},
    resume::{NOW, resuming, session12, session13, ticket12, ticket13, with},
    setup::{Did, NO_PSK, Tested, messages, only12, only13, start},
};

const DAY: u64 = 86_400;
const WEEK: u32 = 604_800;

/// The same session, of a server that proved who it is so many days ago.
fn proved_days_ago(session: &Session, days: u64) -> Session {
    let mut bytes = session.encode().unwrap().to_vec();
    // Format, version and suite; the secret; the ticket; the time of the ticket.
    let secret = 5;
    let ticket = secret + 1 + usize::from(bytes[secret]);
    let length = usize::from(u16::from_be_bytes([bytes[ticket], bytes[ticket + 1]]));
    let authenticated = ticket + 2 + length + 8;
    let field = &mut bytes[authenticated..authenticated + 8];
    assert_eq!(field, NOW.to_be_bytes());
    field.copy_from_slice(&(NOW - days * DAY).to_be_bytes());
    Session::decode(&bytes).unwrap()
}

fn kept(did: Vec<Did>) -> Option<Session> {
    did.into_iter().find_map(|did| if let Did::Ticket(session) = did { Some(session) } else { None })
}

/// A session for a week, of a server that proved who it is six days ago, is good for one day more.
fn assert_good_for_a_day(session: &Session) {
    assert!(session.is_fresh(NOW + DAY));
    assert!(!session.is_fresh(NOW + DAY + 1), "the week counts from the certificate, not from the ticket");
}

#[test]
fn tls13_a_chain_of_tickets_ends_a_week_after_the_certificate() {
    let (session, psk) = session13();
    let session = proved_days_ago(&session, 6);
    let (mut tested, hello) = start(resuming(only13()), with(&session));
    let mut server = Fake13 { psk: Some(psk), ..Fake13::new(&hello) };
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    tested.message(&server.finished()).unwrap();
    let next = kept(tested.message(&ticket13(WEEK, 0, b"", b"next")).unwrap()).unwrap();
    assert_good_for_a_day(&next);
}

#[test]
fn tls12_a_chain_of_tickets_ends_a_week_after_the_certificate() {
    let (session, master) = session12();
    let session = proved_days_ago(&session, 6);
    let (mut tested, hello) = start(resuming(only12()), with(&session));
    let mut server = Fake12::new(&hello);
    let secret = handclasp_crypto::Secret::copy_from(&master).unwrap();
    server.master = Some(MasterSecret::restore(server.suite.hash, &secret));
    let session_id = decode::<ClientHello<'_>>(&hello).legacy_session_id.to_vec();
    let answer = server.edited_server_hello(|hello| {
        hello.session_id = session_id;
        hello.set(X::session_ticket, Vec::new());
    });
    tested.message(&answer).unwrap();
    let ticket = ticket12(WEEK, b"next");
    server.transcript.add(&ticket);
    tested.message(&ticket).unwrap();
    tested.input(Input::ChangeCipherSpec).unwrap();
    let next = kept(tested.message(&server.finished()).unwrap()).unwrap();
    assert_good_for_a_day(&next);
}

/// psk_ke is for keys that a user shares (RFC 8446 §4.2.9); a session is never resumed by it, also
/// where the client offers it for such a key.
#[test]
fn a_session_is_not_resumed_without_a_key_share_where_psk_ke_is_permitted() {
    let (session, psk) = session13();
    let extensions = Extensions { psk_ke: true, ..Extensions::default() };
    let (mut tested, hello) = start(Config { extensions, ..resuming(only13()) }, with(&session));
    let modes = decode::<ClientHello<'_>>(&hello).extensions.psk_key_exchange_modes.unwrap().ke_modes;
    assert!(modes.iter().any(|mode| mode == PskKeyExchangeMode::psk_ke), "it stands in the hello");
    let mut server = Fake13 { psk: Some(psk), ..Fake13::new(&hello) };
    let answer = server.edited_server_hello(|hello| hello.remove(X::key_share));
    tested.refuses(&answer, Fault::MissingExtension(X::key_share));
}

/// Through a whole TLS 1.2 handshake with or without extended_master_secret: the ticket that is kept.
fn ticket_of_tls12(extended_master_secret: bool) -> Option<Session> {
    let offered = Config { extended_master_secret: ExtendedMasterSecret::Offered, ..resuming(only12()) };
    let (mut tested, hello): (Tested, _) = start(offered, NO_PSK);
    let mut server = Fake12 { extended_master_secret, ..Fake12::new(&hello) };
    let announced = server.edited_server_hello(|hello| hello.set(X::session_ticket, Vec::new()));
    tested.message(&announced).unwrap();
    tested.message(&server.certificate()).unwrap();
    tested.accept(KeyKind::P256).unwrap();
    tested.message(&server.server_key_exchange(KeyKind::P256)).unwrap();
    let did = tested.message(&server.server_hello_done()).unwrap();
    server.client_flight(&messages(&did), None);
    let ticket = ticket12(3600, b"the ticket");
    server.transcript.add(&ticket);
    tested.message(&ticket).unwrap();
    tested.input(Input::ChangeCipherSpec).unwrap();
    let did = tested.message(&server.finished()).unwrap();
    assert!(did.iter().any(|did| matches!(did, Did::Connected(_))));
    kept(did)
}

#[test]
fn tls12_keeps_no_session_without_extended_master_secret() {
    assert!(ticket_of_tls12(true).is_some());
    assert!(ticket_of_tls12(false).is_none());
}
