//! Limits of the crowd of clients: one without a thread is dropped, and the server goes on.

use std::cell::Cell;
use std::net::TcpStream;

use super::*;
use crate::args::Limits;

#[test]
fn a_client_without_a_thread_is_closed_and_the_server_lives() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let gate = Gate::new(Limits { max_connections: 10, max_handshakes: 10, max_per_address: 10 });
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (socket, peer) = accept::next(&listener, &Repeated::default(), &mut |_| {});
    let attempts = Cell::new(0);
    let never = |_| {
        attempts.set(attempts.get() + 1);
        Err(io::ErrorKind::WouldBlock.into())
    };
    welcome(&gate, &Relay::default(), &Repeated::default(), &Arc::new(socket), peer, &never);
    assert!((2..200).contains(&attempts.get()), "{} attempts", attempts.get());
    assert_eq!(io::Read::read(&mut client, &mut [0]).unwrap(), 0);
}

#[test]
fn a_thread_that_is_free_in_time_serves() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let gate = Gate::new(Limits { max_connections: 10, max_handshakes: 10, max_per_address: 10 });
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (socket, peer) = accept::next(&listener, &Repeated::default(), &mut |_| {});
    let attempts = Cell::new(0);
    let later = |_| {
        attempts.set(attempts.get() + 1);
        if attempts.get() < 3 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
    };
    welcome(&gate, &Relay::default(), &Repeated::default(), &Arc::new(socket), peer, &later);
    assert_eq!(attempts.get(), 3);
    drop(client);
}

#[test]
fn a_thread_that_has_finished_serves_who_found_none() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let gate = Gate::new(Limits { max_connections: 10, max_handshakes: 10, max_per_address: 10 });
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (socket, peer) = accept::next(&listener, &Repeated::default(), &mut |_| {});
    let relay = Relay::default();
    let never = |_| Err(io::ErrorKind::WouldBlock.into());
    thread::scope(|scope| {
        let finished = scope.spawn(|| {
            loop {
                // As a thread does that has just served another client.
                match relay.take() {
                    Some((_, served, place)) => break (served, place.gave_way()),
                    None => thread::sleep(Duration::from_millis(1)),
                }
            }
        });
        welcome(&gate, &relay, &Repeated::default(), &Arc::new(socket), peer, &never);
        assert_eq!(finished.join().unwrap(), (peer, false));
    });
    assert_eq!(client.local_addr().unwrap(), peer);
}
