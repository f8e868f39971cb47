//! What `std::io` promises of a stream holds for ours, whatever the transport below does.
#![cfg(unix)]

mod wire;

use std::{
    io::{BufRead, ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    thread,
    time::Duration,
};

use handclasp::{CertificateFault, Fault, PskUse, Server};
use handclasp_codec::AlertDescription;
use wire::{GARBAGE, VERSIONS, fault, flaky, meet, psk};

fn read_all(mut stream: impl Read) -> Vec<u8> {
    let mut all = Vec::new();
    stream.read_to_end(&mut all).expect("an orderly end");
    all
}

#[test]
fn an_error_of_write_means_that_nothing_was_taken() {
    for kind in [ErrorKind::Interrupted, ErrorKind::WouldBlock, ErrorKind::TimedOut] {
        let (mut client, server, failures) = flaky();
        *failures.write.lock().expect("no panic") = Some(kind);
        while client.write(b"pay 100;").is_err() {}
        client.close().expect("goes out");
        assert_eq!(read_all(server), b"pay 100;", "{kind:?}");
    }
}

#[test]
fn a_full_queue_is_no_end_of_the_stream() {
    let (mut client, server, failures) = flaky();
    let reading = thread::spawn(|| read_all(server).len());
    let mut taken = 0;
    for _ in 0..3 {
        *failures.write.lock().expect("no panic") = Some(ErrorKind::WouldBlock);
        // More than the queue holds, once with what waits from before.
        let count = client.write(&[1; 140_000]).unwrap_or_default();
        let count = if count == 0 { client.write(&[1; 140_000]).expect("space") } else { count };
        assert_ne!(count, 0);
        taken += count;
    }
    client.close().expect("goes out");
    assert_eq!(reading.join().expect("no panic"), taken);
}

#[test]
fn records_that_came_together_are_lent_together() {
    let (mut client, mut server, _failures) = flaky();
    for piece in ["one", "two", "three"] {
        client.write_all(piece.as_bytes()).expect("goes out");
    }
    client.close().expect("goes out");
    assert_eq!(server.fill_buf().expect("data"), b"onetwothree");
    server.consume(4);
    assert_eq!(server.fill_buf().expect("data"), b"wothree");
    assert_eq!(read_all(server), b"wothree");
}

#[test]
fn an_alert_says_more_than_a_broken_pipe() {
    let (mut client, mut server, failures) = flaky();
    (&client.get_ref().inner).write_all(&GARBAGE).expect("arrives");
    server.read(&mut [0; 1]).expect_err("garbage");
    drop(server);
    *failures.write.lock().expect("no panic") = Some(ErrorKind::BrokenPipe);
    let error = client.write(b"x").expect_err("nobody there");
    assert_eq!(fault(&error), Some(Fault::PeerAlert(AlertDescription::bad_record_mac)));
}

#[test]
fn a_reset_is_an_end_without_close_notify() {
    for kind in [ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted] {
        let (mut client, _server, failures) = flaky();
        *failures.read.lock().expect("no panic") = Some(kind);
        let error = client.read(&mut [0; 1]).expect_err("reset");
        assert!(matches!(fault(&error), Some(Fault::Truncated { .. })), "{error}");
    }
}

#[test]
fn what_the_peer_sent_before_it_went_is_read() {
    for usage in VERSIONS {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let (mut client, server) = meet(usage, ours, theirs);
        client.write_all(b"last words").expect("sent");
        client.close().expect("sent");
        // TLS 1.2 answers close_notify; here nobody takes the answer.
        drop(client);
        assert_eq!(read_all(server), b"last words", "{usage:?}");
    }
}

#[test]
fn close_notify_is_answered_while_reading_where_there_is_no_half_close() {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    let (mut client, server) = meet(PskUse::Tls12, ours, theirs);
    client.close().expect("sent");
    assert_eq!(read_all(server), b"");
    assert_eq!(read_all(client), b"");
}

#[test]
fn a_peer_that_may_not_have_the_connection_is_told_so() {
    for usage in VERSIONS {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let (mut client, mut server) = meet(usage, ours, theirs);
        server.refuse().expect("sent");
        server.write(b"x").expect_err("nothing follows the alert");
        let error = client.read(&mut [0; 1]).expect_err("refused");
        assert_eq!(fault(&error), Some(Fault::PeerAlert(AlertDescription::access_denied)));

        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let (mut client, mut server) = meet(usage, ours, theirs);
        client.refuse_peer(CertificateFault::Revoked).expect("sent");
        let error = server.read(&mut [0; 1]).expect_err("refused");
        assert_eq!(fault(&error), Some(Fault::PeerAlert(AlertDescription::certificate_revoked)));
    }
}

#[test]
fn the_callers_timeouts_are_put_back() {
    let (read, write) = (Some(Duration::from_secs(500)), Some(Duration::from_secs(600)));
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    theirs.set_read_timeout(read).expect("set");
    theirs.set_write_timeout(write).expect("set");
    let kept = theirs.try_clone().expect("a clone");
    let (_client, _server) = meet(PskUse::Tls13Sha256, ours, theirs);
    assert_eq!((kept.read_timeout().expect("told"), kept.write_timeout().expect("told")), (read, write));

    let (mut ours, theirs) = UnixStream::pair().expect("a pair");
    theirs.set_read_timeout(read).expect("set");
    theirs.set_write_timeout(write).expect("set");
    let kept = theirs.try_clone().expect("a clone");
    ours.write_all(b"GET / HTTP/1.1\r\n").expect("sent");
    assert!(Server::new(psk(PskUse::Tls13Sha256)).accept(theirs).is_err());
    assert_eq!((kept.read_timeout().expect("told"), kept.write_timeout().expect("told")), (read, write));
}
