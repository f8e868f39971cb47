//! Tickets and their secrets.

use handclasp_provider_aws_lc::{SystemRandom, TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384};

use super::*;

fn secrets(first: u8) -> Secrets {
    let bytes: Vec<u8> = (first..).take(32).collect();
    let secret = SharedSecret::from_bytes(&bytes).unwrap();
    Secrets::new(secret, &[&TLS_AES_128_GCM_SHA256, &TLS_AES_256_GCM_SHA384]).unwrap()
}

fn opened(by: &Secrets, ticket: &[u8]) -> Option<(Vec<u8>, bool)> {
    by.open(ticket).map(|(session, renew)| (session.to_vec(), renew))
}

#[test]
fn a_ticket_opens_with_its_secret_alone() {
    let (one, other) = (secrets(1), secrets(2));
    let ticket = one.seal(b"a session", &mut SystemRandom).unwrap();
    assert_eq!(opened(&one, &ticket), Some((b"a session".to_vec(), false)));
    assert_eq!(opened(&secrets(1), &ticket), Some((b"a session".to_vec(), false)), "a server beside it");
    assert_eq!(opened(&other, &ticket), None);
    assert_ne!(one.seal(b"a session", &mut SystemRandom).unwrap(), ticket);
    assert!(!ticket.windows(9).any(|window| window == b"a session"));
}

#[test]
fn an_earlier_secret_opens_and_does_not_seal() {
    let ticket = secrets(1).seal(b"a session", &mut SystemRandom).unwrap();
    let mut rotated = secrets(2);
    rotated.accept(SharedSecret::from_bytes(secrets(1).secrets[0].expose()).unwrap());
    assert_eq!(opened(&rotated, &ticket), Some((b"a session".to_vec(), true)));
    let renewed = rotated.seal(b"a session", &mut SystemRandom).unwrap();
    assert_eq!(opened(&secrets(1), &renewed), None);
    assert_eq!(opened(&secrets(2), &renewed), Some((b"a session".to_vec(), false)));
}

#[test]
fn a_changed_ticket_does_not_open() {
    let one = secrets(1);
    let ticket = one.seal(b"a session", &mut SystemRandom).unwrap();
    for at in 0..ticket.len() {
        let mut changed = ticket.clone();
        changed[at] ^= 1;
        assert_eq!(opened(&one, &changed), None, "byte {at}");
        assert_eq!(opened(&one, &ticket[..at]), None, "{at} bytes");
    }
}

#[test]
fn a_ticket_is_as_strong_as_the_strongest_suite() {
    assert_eq!(secrets(1).aead.key_len(), 32);
}
