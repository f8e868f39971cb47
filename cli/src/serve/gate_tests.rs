//! The gate of `serve`: what it lets in at once, in all and from one address.

use std::net::TcpListener;
use std::thread;

use super::*;

fn limits(max_connections: usize, max_handshakes: usize, max_per_address: usize) -> Limits {
    Limits { max_connections, max_handshakes, max_per_address }
}

/// Sockets that are open, and their other ends.
fn socket(listener: &TcpListener) -> (Arc<TcpStream>, TcpStream) {
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (Arc::new(listener.accept().unwrap().0), client)
}

fn peer(text: &str) -> SocketAddr {
    format!("{text}:1000").parse().unwrap()
}

#[test]
fn over_the_bound_of_an_address_its_oldest_handshake_gives_way() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let gate = Gate::new(limits(10, 10, 2));
    let (one, _one) = socket(&listener);
    let first = gate.admit(&one, peer("192.0.2.1")).unwrap();
    let mut second = gate.admit(&one, peer("192.0.2.1")).unwrap();
    // Another address is another matter.
    let _other = gate.admit(&one, peer("192.0.2.2")).unwrap();
    let mut third = gate.admit(&one, peer("192.0.2.1")).unwrap();
    assert!(first.gave_way() && !second.gave_way() && !third.gave_way());
    // What is finished gives way to nobody.
    assert!(second.finish() && third.finish());
    assert!(gate.admit(&one, peer("192.0.2.1")).is_none());
    drop(second);
    assert!(gate.admit(&one, peer("192.0.2.1")).is_some());
}

#[test]
fn an_ipv6_network_counts_as_one_address() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let gate = Gate::new(limits(10, 10, 1));
    let (one, _one) = socket(&listener);
    let mut first = gate.admit(&one, peer("[2001:db8::1]")).unwrap();
    assert!(first.finish());
    assert!(gate.admit(&one, peer("[2001:db8::2:1]")).is_none());
    assert!(gate.admit(&one, peer("[2001:db8:0:1::1]")).is_some());
    // A mapped address is the IPv4 address.
    let mut mapped = gate.admit(&one, peer("[::ffff:192.0.2.1]")).unwrap();
    assert!(mapped.finish());
    assert!(gate.admit(&one, peer("192.0.2.1")).is_none());
}

/// With the bounds that hold unless others are given.
#[test]
fn one_address_alone_makes_no_other_wait() {
    #[derive(clap::Parser)]
    struct Flags {
        #[command(flatten)]
        limits: Limits,
    }
    let limits = <Flags as clap::Parser>::parse_from(["serve"]).limits;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let gate = Gate::new(limits);
    let (one, _one) = socket(&listener);
    let places: Vec<_> = (0..limits.max_per_address + 3)
        .map(|_| {
            let place = gate.admit(&one, peer("192.0.2.1")).unwrap();
            place.has_spoken().store(true, Ordering::Relaxed);
            place
        })
        .collect();
    assert!(places[0].gave_way());
    assert_eq!(gate.open().is_full(&limits), None);
}

#[test]
fn a_finished_connection_is_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let gate = Gate::new(limits(1, 1, 1));
    let (one, _one) = socket(&listener);
    let mut first = gate.admit(&one, peer("192.0.2.1")).unwrap();
    assert!(first.finish());
    thread::scope(|scope| {
        let waiting = scope.spawn(|| gate.admit(&one, peer("192.0.2.2")).is_some());
        // Longer than any handshake is safe: this one is finished.
        thread::sleep(GRACE + Duration::from_millis(200));
        assert!(!waiting.is_finished());
        drop(first);
        assert!(waiting.join().unwrap());
    });
}

#[test]
fn an_unfinished_handshake_gives_way_when_its_time_is_over() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let gate = Gate::new(limits(2, 1, 2));
    let (one, mut end) = socket(&listener);
    let first = gate.admit(&one, peer("192.0.2.1")).unwrap();
    first.has_spoken().store(true, Ordering::Relaxed);
    let begun = Instant::now();
    let second = gate.admit(&one, peer("192.0.2.1")).unwrap();
    assert!(begun.elapsed() >= GRACE - Duration::from_millis(50), "{:?}", begun.elapsed());
    assert!(first.gave_way() && !second.gave_way());
    // Its client sees the end.
    assert_eq!(std::io::Read::read(&mut end, &mut [0]).unwrap(), 0);
    // Both places are given back once each.
    drop((first, second));
    let open = gate.open();
    assert_eq!((open.connections, open.handshakes.len(), open.by_origin.len()), (0, 0, 0));
}

#[test]
fn a_silent_client_gives_way_before_one_that_has_spoken() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (one, _one) = socket(&listener);
    for limits in [limits(9, 2, 9), limits(9, 9, 2)] {
        let gate = Gate::new(limits);
        let older = gate.admit(&one, peer("192.0.2.1")).unwrap();
        older.has_spoken().store(true, Ordering::Relaxed);
        let silent = gate.admit(&one, peer("192.0.2.1")).unwrap();
        let begun = Instant::now();
        let _next = gate.admit(&one, peer("192.0.2.1")).unwrap();
        assert!(silent.gave_way() && !older.gave_way());
        assert!(begun.elapsed() < GRACE, "{:?}", begun.elapsed());
    }
}
