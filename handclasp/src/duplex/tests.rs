//! Time limits of what a half sends.

use std::{net::TcpListener, thread};

use super::*;
use crate::{Client, ClientConnection, Trust};

/// A peer that reads a little at a time lets every single write end in time. The limit is one for all
/// of them.
#[test]
fn a_peer_that_reads_slowly_gains_no_time() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let transport = TcpStream::connect(listener.local_addr().expect("bound")).expect("connects");
    let (mut peer, _) = listener.accept().expect("it waits");
    let before = Some(Duration::from_secs(77));
    transport.set_write_timeout(before).expect("set");
    let connection = ClientConnection::new(&Client::new(Trust::DangerNobody), "a.test").expect("starts");
    // More than sockets hold and this peer reads within the limit, by far.
    let mut wire = Wire { transport, left: vec![0; 64 << 20] };
    let kept = wire.transport.try_clone().expect("a clone");
    let shared = Shared {
        connection: Mutex::new(connection.into()),
        wire: Mutex::new(Wire { transport: kept, left: Vec::new() }),
    };
    let reading = thread::spawn(move || {
        let mut taken = vec![0; 1 << 16];
        while peer.read(&mut taken).is_ok_and(|count| count > 0) {
            thread::sleep(Duration::from_millis(5));
        }
    });
    shared.send_within(&mut wire, Duration::from_millis(100));
    assert!(!wire.left.is_empty(), "all of it was sent, however long that took");
    assert_eq!(wire.transport.write_timeout().expect("set"), before);
    wire.transport.shutdown(Shutdown::Both).expect("open so far");
    reading.join().expect("ends");
}
