//! Sealing and opening, and how keys change with time.

use super::*;
use crate::provider::SystemRandom;

const P: u64 = PERIOD as u64;
/// Some time, at the beginning of a period.
const START: u64 = 40_000 * P;

/// Calls with a time.
fn at<R>(now: u64, body: impl FnOnce(&mut Context<'_>) -> R) -> R {
    let config = handclasp_connection::Config::new(crate::build::handshake_config(
        crate::Policy::default(),
        handclasp_handshake::Versions::ALL,
    ));
    body(&mut Context { config: &config, now, random: &mut SystemRandom })
}

fn seal_bytes(tickets: &Tickets, bytes: &[u8], now: u64) -> Option<Vec<u8>> {
    at(now, |context| tickets.seal(Sealable(bytes), context))
}

fn seal(tickets: &Tickets, now: u64) -> Vec<u8> {
    seal_bytes(tickets, b"a session", now).unwrap()
}

/// Whether it opens and may be used, and then whether it is to be renewed.
fn open(tickets: &Tickets, ticket: &[u8], once: bool, now: u64) -> Option<bool> {
    let opened = at(now, |context| tickets.open(ticket, once, context))?;
    assert_eq!(**opened.state, *b"a session");
    (!opened.is_single || tickets.redeem(ticket, now)).then_some(opened.renew)
}

#[test]
fn opening_spends_nothing() {
    let tickets = Tickets::random();
    let ticket = seal(&tickets, START);
    let first = at(START, |context| tickets.open(&ticket, true, context)).unwrap();
    let second = at(START, |context| tickets.open(&ticket, true, context)).unwrap();
    // Two at once: one of them may.
    assert!(first.is_single && second.is_single);
    assert!(tickets.redeem(&ticket, START) && !tickets.redeem(&ticket, START));
    assert!(at(START, |context| tickets.open(&ticket, true, context)).is_none());
    assert!(!at(START, |context| tickets.open(&ticket, false, context)).unwrap().is_single);
}

#[test]
fn a_ticket_opens_as_often_as_it_may() {
    let tickets = Tickets::random();
    let (many, one) = (seal(&tickets, START), seal(&tickets, START));
    assert_ne!(many, one);
    for _ in 0..3 {
        assert_eq!(open(&tickets, &many, false, START), Some(false));
    }
    assert_eq!(open(&tickets, &one, true, START + 1), Some(false));
    assert_eq!(open(&tickets, &one, true, START + 1), None);
    assert_eq!(open(&tickets, &one, true, START + P), None, "nor under the key of the next period");
}

/// With the secret of that number.
fn shared(number: u8) -> Tickets {
    let bytes: Vec<u8> = (0..32).map(|byte| byte ^ (number << 5)).collect();
    Tickets::shared(SharedSecret::from_bytes(&bytes).expect("a secret"))
}

#[test]
fn a_key_seals_for_one_period_and_opens_for_two() {
    for tickets in [Tickets::random(), shared(7)] {
        let last = seal(&tickets, START + P - 1);
        assert_eq!(open(&tickets, &last, false, START + P), Some(true), "once, and renewed");
        assert_eq!(open(&tickets, &last, false, START + P), None);
        let other = seal(&tickets, START + P);
        assert_eq!(open(&tickets, &other, false, START + P), Some(false));
        assert_eq!(open(&tickets, &other, false, START + 3 * P), None);
        assert_eq!(open(&tickets, &seal(&tickets, START + 9 * P), false, START + 9 * P), Some(false));
    }
}

#[test]
fn servers_with_one_secret_take_each_others_tickets() {
    let (one, other, stranger) = (shared(1), shared(1), shared(2));
    let ticket = seal(&one, START);
    assert_eq!(open(&other, &ticket, false, START + 5), Some(false));
    // A server that began later knows the key before all the same.
    assert_eq!(open(&shared(1), &ticket, false, START + P), Some(true));
    assert_eq!(open(&stranger, &ticket, false, START), None);
    assert_eq!(open(&Tickets::random(), &ticket, false, START), None);
}

#[test]
fn nothing_else_opens() {
    let tickets = Tickets::random();
    let ticket = seal(&tickets, START);
    for length in 0..ticket.len() {
        assert_eq!(open(&tickets, &ticket[..length], false, START), None);
    }
    for place in 0..ticket.len() {
        let mut edited = ticket.clone();
        edited[place] ^= 1;
        assert_eq!(open(&tickets, &edited, false, START), None, "byte {place}");
    }
}

#[test]
fn a_clock_that_goes_back_opens_nothing_new() {
    let tickets = Tickets::random();
    let ticket = seal(&tickets, START);
    assert_eq!(open(&tickets, &ticket, false, START - P - 1), None);
    assert_eq!(open(&tickets, &ticket, false, START), None, "its key is gone");
    assert!(seal_bytes(&tickets, b"", 0).is_some());
    assert!(seal_bytes(&shared(0), b"", 0).is_some());
}

/// At the end of a period one thread may have read the clock before another that has changed the keys
/// already. What is spent stays spent, and what is not still opens.
#[test]
fn a_thread_that_is_late_at_the_end_of_a_period_forgets_nothing() {
    for tickets in [shared(7), Tickets::random()] {
        let (spent, fresh) = (seal(&tickets, START - 1), seal(&tickets, START - 1));
        assert_eq!(open(&tickets, &spent, true, START - 1), Some(false));
        let next = seal(&tickets, START);
        assert_eq!(open(&tickets, &next, true, START), Some(false));
        for now in [START - 1, START] {
            assert_eq!(open(&tickets, &spent, true, now), None);
            assert_eq!(open(&tickets, &next, true, now), None);
        }
        assert_eq!(open(&tickets, &fresh, true, START - 1), Some(true));
    }
}

/// AES-GCM with random nonces: what a key seals has an end, and clients go on without tickets.
#[test]
fn a_key_that_sealed_enough_seals_nothing_more() {
    let tickets = Tickets::random();
    let last = seal(&tickets, START);
    let set = |sealed| tickets.keys.lock().unwrap().last_mut().unwrap().sealed = sealed;
    let may_seal = || seal_bytes(&tickets, b"a session", START).is_some();
    set(SEALED_MAX - 1);
    assert!(may_seal());
    assert!(!may_seal());
    assert_eq!(open(&tickets, &last, false, START), Some(false), "it opens what it sealed");
    assert!(!seal(&tickets, START + P).is_empty(), "the key of the next period begins anew");
}

/// What is remembered of used tickets has an end too; beyond it none is taken a first time.
#[test]
fn the_memory_of_used_tickets_is_bounded() {
    let tickets = Tickets::random();
    let (first, last) = (seal(&tickets, START), seal(&tickets, START));
    {
        let mut keys = tickets.keys.lock().unwrap();
        let used = &mut keys.last_mut().unwrap().used;
        used.extend((0..USED_MAX as u128 - 1).map(|number| {
            let mut nonce = [0; NONCE];
            nonce.copy_from_slice(&number.to_be_bytes()[4..]);
            nonce
        }));
    }
    assert_eq!(open(&tickets, &first, true, START), Some(false));
    assert_eq!(open(&tickets, &last, true, START), None);
    assert_eq!(tickets.keys.lock().unwrap().last().unwrap().used.len(), USED_MAX);
}
