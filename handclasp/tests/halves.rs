//! The two halves of a stream: what is written arrives once and in order, and neither half waits
//! for the other.
#![cfg(unix)]

mod wire;

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

use handclasp::{Fault, PskUse, ReadHalf, Stream, WriteHalf};
use wire::{GARBAGE, fault, meet, tcp};

/// A client in halves, its socket, and the server.
fn split(usage: PskUse) -> (ReadHalf, WriteHalf, TcpStream, Stream<TcpStream>) {
    let (ours, theirs) = tcp();
    let socket = ours.try_clone().expect("a clone");
    let (client, server) = meet(usage, ours, theirs);
    let (read, write) = client.split().expect("splits");
    (read, write, socket, server)
}

/// Writes until the socket of a peer that does not read takes nothing more; how much was taken.
fn fill(writer: &mut WriteHalf, socket: &TcpStream) -> usize {
    socket.set_write_timeout(Some(Duration::from_millis(1))).expect("set");
    let mut taken = 0;
    while let Ok(count) = writer.write(&[1; 60_000]) {
        taken += count;
        assert!(taken < 1 << 26, "no socket holds so much: something is lost");
    }
    socket.set_write_timeout(None).expect("set");
    taken
}

#[test]
fn what_was_taken_survives_a_write_that_fails() {
    let (_reader, mut writer, socket, mut server) = split(PskUse::Tls13Sha256);
    let taken = fill(&mut writer, &socket);
    let reading = thread::spawn(move || {
        let mut all = Vec::new();
        server.read_to_end(&mut all).map(|_| all).map_err(|error| error.to_string())
    });
    writer.write_all(b"after").expect("there is room again");
    writer.close().expect("goes out");
    socket.shutdown(Shutdown::Write).expect("open so far");
    let all = reading.join().expect("no panic").expect("every record in order");
    assert_eq!(all.len(), taken + 5);
    assert!(all.ends_with(b"after"));
}

#[test]
fn writers_do_not_end_each_other() {
    const WRITERS: usize = 8;
    const TIMES: usize = 100;
    // So that one writer leaves no room in the queue to another.
    const MORE_THAN_WAITS: usize = 70_000;
    let (_reader, writer, _socket, mut server) = split(PskUse::Tls13Sha256);
    let writing: Vec<_> = (0..WRITERS)
        .map(|_| {
            let mut writer = writer.clone();
            thread::spawn(move || (0..TIMES).try_for_each(|_| writer.write_all(&[1; MORE_THAN_WAITS])))
        })
        .collect();
    let reading = thread::spawn(move || std::io::copy(&mut server, &mut std::io::sink()));
    for writer in writing {
        writer.join().expect("no panic").expect("an open stream");
    }
    let mut writer = writer;
    writer.close().expect("goes out");
    let count = reading.join().expect("no panic").expect("an orderly end");
    assert_eq!(usize::try_from(count), Ok(WRITERS * TIMES * MORE_THAN_WAITS));
}

#[test]
fn a_reader_never_waits_for_the_peer_to_read() {
    for with_writer in [false, true] {
        let (mut reader, mut writer, socket, server) = split(PskUse::Tls13Sha256);
        fill(&mut writer, &socket);
        let writing = with_writer.then(|| thread::spawn(move || while writer.write(&[1; 60_000]).is_ok() {}));
        let mut peer = server.get_ref();
        peer.write_all(&GARBAGE).expect("arrives");
        let (told, tells) = mpsc::channel();
        let reading = thread::spawn(move || told.send(reader.read(&mut [0; 1])));
        // So long only where a reader waits for ever.
        let outcome = tells.recv_timeout(Duration::from_secs(120)).expect("the reader tells its fault");
        let error = outcome.expect_err("garbage");
        assert!(matches!(fault(&error), Some(Fault::RecordNotAuthentic { .. })), "{error}");
        socket.shutdown(Shutdown::Both).expect("open so far");
        reading.join().expect("no panic").expect("heard");
        if let Some(writing) = writing {
            writing.join().expect("no panic");
        }
    }
}

#[test]
fn a_reset_is_an_end_without_close_notify() {
    let (mut reader, mut writer, _socket, server) = split(PskUse::Tls13Sha256);
    // A socket closed before it was read out resets.
    writer.write_all(b"unread").expect("sent");
    drop(server);
    let error = reader.read(&mut [0; 1]).expect_err("reset");
    assert!(matches!(fault(&error), Some(Fault::Truncated { .. })), "{error}");
}

#[test]
fn a_reader_answers_where_nobody_writes() {
    // TLS 1.2: close_notify is answered at once (RFC 5246 §7.2.1).
    let (mut reader, _writer, _socket, mut server) = split(PskUse::Tls12);
    // So long only where no answer comes.
    server.get_ref().set_read_timeout(Some(Duration::from_secs(120))).expect("set");
    server.close().expect("sent");
    assert_eq!(reader.read(&mut [0; 1]).expect("an orderly end"), 0);
    assert_eq!(server.read(&mut [0; 1]).expect("the answer"), 0);
}
