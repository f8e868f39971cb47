//! What the gate admits at once, in all and from one address. The clock of the runtime is paused: it goes on where
//! every task waits.

use std::net::SocketAddr;

use tokio::task::yield_now;

use super::*;

fn gate(connections: usize, handshakes: usize, per_address: usize) -> Gate {
    Gate::new(Limits::new(connections, handshakes, per_address))
}

fn peer(text: &str) -> Peer {
    Peer::Tcp(format!("{text}:1000").parse::<SocketAddr>().unwrap())
}

fn gave_way(slot: &Slot) -> bool {
    slot.displacement().is_some()
}

fn speaks(slot: &Slot) {
    slot.has_spoken().store(true, Ordering::Relaxed);
}

#[tokio::test(start_paused = true)]
async fn over_the_limit_of_an_address_its_oldest_handshake_gives_way() {
    let gate = gate(10, 10, 2);
    let first = gate.admit(&peer("192.0.2.1")).await.unwrap();
    let mut second = gate.admit(&peer("192.0.2.1")).await.unwrap();
    // Another address is another matter.
    let _other = gate.admit(&peer("192.0.2.2")).await.unwrap();
    let mut third = gate.admit(&peer("192.0.2.1")).await.unwrap();
    assert!(gave_way(&first) && !gave_way(&second) && !gave_way(&third));
    // A finished connection gives way to nobody.
    assert!(second.finish() && third.finish());
    assert_eq!(gate.admit(&peer("192.0.2.1")).await.unwrap_err(), Refusal::PerAddress { limit: 2 });
    drop(second);
    gate.admit(&peer("192.0.2.1")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_ipv6_network_counts_as_one_address() {
    let gate = gate(10, 10, 1);
    let mut first = gate.admit(&peer("[2001:db8::1]")).await.unwrap();
    assert!(first.finish());
    assert!(gate.admit(&peer("[2001:db8::2:1]")).await.is_err());
    assert!(gate.admit(&peer("[2001:db8:0:1::1]")).await.is_ok());
    // A mapped address is the IPv4 address.
    let mut mapped = gate.admit(&peer("[::ffff:192.0.2.1]")).await.unwrap();
    assert!(mapped.finish());
    assert!(gate.admit(&peer("192.0.2.1")).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn clients_of_a_unix_socket_have_no_address() {
    let gate = gate(10, 10, 1);
    let unix = Peer::Unix { user: Some(1), process: Some(1) };
    let mut first = gate.admit(&unix).await.unwrap();
    assert!(first.finish());
    gate.admit(&unix).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_address_alone_makes_no_other_wait() {
    let limits = Limits::default();
    let gate = Gate::new(limits);
    let mut slots = Vec::new();
    for _ in 0..limits.per_address {
        let slot = gate.admit(&peer("192.0.2.1")).await.unwrap();
        speaks(&slot);
        slots.push(slot);
    }
    assert_eq!(gate.open().full(), None);
    let begun = Instant::now();
    gate.admit(&peer("192.0.2.2")).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_flood_from_one_address_ends_no_handshake_before_its_time() {
    let gate = gate(10, 10, 2);
    let first = gate.admit(&peer("192.0.2.1")).await.unwrap();
    let second = gate.admit(&peer("192.0.2.1")).await.unwrap();
    speaks(&first);
    speaks(&second);
    for _ in 0..100 {
        assert_eq!(gate.admit(&peer("192.0.2.1")).await.unwrap_err(), Refusal::PerAddress { limit: 2 });
    }
    assert!(!gave_way(&first) && !gave_way(&second));
    tokio::time::sleep(GRACE).await;
    let _third = gate.admit(&peer("192.0.2.1")).await.unwrap();
    assert!(gave_way(&first) && !gave_way(&second));
}

#[tokio::test(start_paused = true)]
async fn a_finished_connection_is_waited_for() {
    let gate = gate(1, 1, 1);
    let mut first = gate.admit(&peer("192.0.2.1")).await.unwrap();
    assert!(first.finish());
    let other = gate.clone();
    let waiting = tokio::spawn(async move { other.admit(&peer("192.0.2.2")).await.is_ok() });
    // Longer than any handshake is safe: this one is finished.
    tokio::time::sleep(GRACE * 2).await;
    assert!(!waiting.is_finished());
    drop(first);
    assert!(waiting.await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn an_unfinished_handshake_gives_way_when_its_time_is_over() {
    let gate = gate(2, 1, 2);
    let mut first = gate.admit(&peer("192.0.2.1")).await.unwrap();
    speaks(&first);
    let begun = Instant::now();
    let second = gate.admit(&peer("192.0.2.1")).await.unwrap();
    assert!(begun.elapsed() >= GRACE, "{:?}", begun.elapsed());
    assert!(
        matches!(first.displaced().await, Refusal::Displaced { limit: LimitKind::Handshakes, age } if age >= GRACE)
    );
    assert!(!first.finish() && !gave_way(&second));
    // Both slots are given back once each.
    drop((first, second));
    let open = gate.open();
    assert_eq!((open.connections, open.handshakes.len(), open.by_origin.len()), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_gives_way_before_one_that_has_spoken() {
    for (handshakes, per_address) in [(2, 9), (9, 2)] {
        let gate = gate(9, handshakes, per_address);
        let older = gate.admit(&peer("192.0.2.1")).await.unwrap();
        speaks(&older);
        let silent = gate.admit(&peer("192.0.2.1")).await.unwrap();
        let begun = Instant::now();
        let _next = gate.admit(&peer("192.0.2.1")).await.unwrap();
        assert!(gave_way(&silent) && !gave_way(&older));
        assert!(begun.elapsed() < GRACE, "{:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_oldest_handshake_gives_way_where_the_machine_has_no_descriptor() {
    let gate = gate(9, 9, 9);
    let mut finished = gate.admit(&peer("192.0.2.1")).await.unwrap();
    assert!(finished.finish());
    gate.free_slot(Duration::from_millis(10), LimitKind::Descriptors).await;
    let silent = gate.admit(&peer("192.0.2.1")).await.unwrap();
    gate.free_slot(SILENT_GRACE * 2, LimitKind::Descriptors).await;
    assert!(!gave_way(&silent), "it still had time when a slot was asked for");
    gate.free_slot(Duration::from_millis(10), LimitKind::Descriptors).await;
    assert!(matches!(silent.displacement(), Some(Refusal::Displaced { limit: LimitKind::Descriptors, .. })));
    assert!(finished.finish(), "it keeps its slot");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_last_connection_is_waited_for() {
    let gate = gate(9, 9, 9);
    let slots =
        [gate.admit(&peer("192.0.2.1")).await.unwrap(), gate.admit(&peer("192.0.2.2")).await.unwrap()];
    let other = gate.clone();
    let waiting = tokio::spawn(async move { other.empty().await });
    let [first, second] = slots;
    drop(first);
    yield_now().await;
    assert!(!waiting.is_finished());
    drop(second);
    waiting.await.unwrap();
}

/// A reload raises a limit: a client that waits is admitted. Lowered, it ends no connection.
#[tokio::test(start_paused = true)]
async fn limits_change_while_clients_wait() {
    let gate = gate(1, 10, 10);
    let mut first = gate.admit(&peer("192.0.2.1")).await.unwrap();
    assert!(first.finish());
    let waiting = tokio::spawn({
        let gate = gate.clone();
        async move { gate.admit(&peer("192.0.2.2")).await.is_ok() }
    });
    yield_now().await;
    assert!(!waiting.is_finished());
    gate.set_limits(Limits::new(2, 10, 10));
    assert!(waiting.await.unwrap());
    gate.set_limits(Limits::new(1, 10, 10));
    assert!(!gave_way(&first));
    assert_eq!(gate.limits().connections, 1);
}

/// A client that waits for a handshake to be complete is admitted then, not when the handshake would have had its time.
#[tokio::test(start_paused = true)]
async fn a_complete_handshake_frees_its_place_at_once() {
    let gate = gate(10, 1, 10);
    let mut first = gate.admit(&peer("192.0.2.1")).await.unwrap();
    let begun = Instant::now();
    let waiting = tokio::spawn({
        let gate = gate.clone();
        async move { gate.admit(&peer("192.0.2.2")).await.unwrap() }
    });
    yield_now().await;
    assert!(!waiting.is_finished() && first.finish());
    drop(waiting.await.unwrap());
    assert_eq!(Instant::now(), begun);
}

#[tokio::test(start_paused = true)]
async fn a_gate_is_busy_from_half_of_its_handshakes_on() {
    let gate = gate(10, 4, 10);
    let mut first = gate.admit(&peer("192.0.2.1")).await.unwrap();
    assert!(!gate.is_busy());
    let _second = gate.admit(&peer("192.0.2.1")).await.unwrap();
    assert!(gate.is_busy());
    assert!(first.finish() && !gate.is_busy());
}

/// Clients behind a proxy count for the addresses that its headers name, until they are gone.
#[tokio::test(start_paused = true)]
async fn clients_behind_a_proxy_count_for_their_own_addresses() {
    let gate = gate(10, 10, 1);
    let client = peer("192.0.2.1");
    for _ in 0..2 {
        let mut slot = gate.admit_proxied().await.unwrap();
        slot.belongs_to(&client).unwrap();
        assert!(slot.finish());
        let mut second = gate.admit_proxied().await.unwrap();
        assert_eq!(second.belongs_to(&client).unwrap_err(), Refusal::PerAddress { limit: 1 });
    }
    // A silent handshake gives way to another one of the address that was named.
    let mut silent = gate.admit_proxied().await.unwrap();
    silent.belongs_to(&client).unwrap();
    let mut other = gate.admit_proxied().await.unwrap();
    other.belongs_to(&client).unwrap();
    assert!(gave_way(&silent) && !gave_way(&other));
}

/// One that gave way before its header came counts for no address.
#[tokio::test(start_paused = true)]
async fn a_client_that_gave_way_before_it_was_named_counts_for_no_address() {
    let gate = gate(10, 1, 1);
    let mut late = gate.admit_proxied().await.unwrap();
    let next = gate.admit_proxied().await.unwrap();
    let refused = late.belongs_to(&peer("192.0.2.1")).unwrap_err();
    assert!(matches!(refused, Refusal::Displaced { .. }), "{refused:?}");
    drop((late, next));
    assert!(gate.admit(&peer("192.0.2.1")).await.unwrap().finish());
}
