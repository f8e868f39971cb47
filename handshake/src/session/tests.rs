//! Sessions as bytes, and how long they last.

use alloc::vec;

use super::*;

fn session() -> Session {
    let content = Box::new(Content {
        version: ProtocolVersion::TLS_1_3,
        suite: CipherSuite::TLS_AES_256_GCM_SHA384,
        secret: Secret::copy_from(&[7; 48]).unwrap(),
        ticket: vec![1, 2, 3],
        time: 1_000_000,
        authenticated: 900_000,
        lifetime: 7200,
        age_add: 0xffff_0000,
        server_name: Some(b"a.example".to_vec()),
        psk_identity: None,
        peer: Some(PeerIdentity::new([9; 32], Some(2_000_000))),
        shown: Some(CertificateType::RawPublicKey),
        trust_generation: [3; 32],
    });
    let on = capability::Tickets::get().unwrap();
    Session { content: on.hold(content), on }
}

/// That session with a change.
fn with(change: impl FnOnce(&mut Content)) -> Session {
    let mut session = session();
    change(&mut session);
    session
}

fn same(one: &Session, other: &Session) {
    assert_eq!(
        (one.version, one.suite, one.secret.expose()),
        (other.version, other.suite, other.secret.expose())
    );
    assert_eq!((&one.ticket, one.time, one.authenticated), (&other.ticket, other.time, other.authenticated));
    assert_eq!((one.lifetime, one.age_add), (other.lifetime, other.age_add));
    assert_eq!((&one.server_name, &one.psk_identity), (&other.server_name, &other.psk_identity));
    assert_eq!((one.peer, one.shown), (other.peer, other.shown));
    assert_eq!(one.trust_generation, other.trust_generation);
}

#[test]
fn there_and_back() {
    let nameless = with(|session| {
        (session.server_name, session.psk_identity) = (None, Some(Vec::new()));
        (session.peer, session.shown) = (None, None);
    });
    let forever = PeerIdentity::new([1; 32], None);
    let raw = PeerIdentity { certificate_type: CertificateType::RawPublicKey, ..forever };
    let others = [forever, raw].map(|peer| with(|session| session.peer = Some(peer)));
    for session in [session(), nameless].into_iter().chain(others) {
        let bytes = session.encode().unwrap();
        same(&Session::decode(&bytes).unwrap(), &session);
        same(&session.duplicate(), &session);
        // Its memory never moved, so that no copy of the secret stays.
        assert!(bytes.capacity() >= bytes.len() && bytes.len() <= FIXED + 48 + 3 + 9);
    }
}

#[test]
fn every_truncation_and_every_other_format_is_refused() {
    let bytes = session().encode().unwrap();
    for length in 0..bytes.len() {
        assert!(Session::decode(&bytes[..length]).is_err(), "{length}");
    }
    assert!(Session::decode(&[&bytes[..], &[0]].concat()).is_err());
    for format in [0, 1, 3, 255] {
        let mut other = bytes.to_vec();
        other[0] = format;
        assert!(Session::decode(&other).is_err());
    }
}

#[test]
fn what_ends_a_session() {
    let mut session = session();
    for (now, fresh) in [
        (1_000_000, true),
        (1_007_200, true),
        (1_007_201, false),
        // The clock of another server may be a minute behind.
        (999_940, true),
        (999_939, false),
        (0, false),
        (u64::MAX, false),
    ] {
        assert_eq!(session.is_fresh(now), fresh, "{now}");
    }
    let week = u64::from(WEEK);
    (session.lifetime, session.peer) = (u32::MAX, None);
    assert!(session.is_fresh(900_000 + week));
    assert!(!session.is_fresh(900_000 + week + 1), "a week since the peer was authenticated");
    session.authenticated = 1_000_000;
    assert!(session.is_fresh(1_000_000 + week) && !session.is_fresh(1_000_001 + week));
    let expires = PeerIdentity::new([0; 32], Some(1_000_100));
    session.peer = Some(expires);
    assert!(session.is_fresh(1_000_100) && !session.is_fresh(1_000_101));
}
