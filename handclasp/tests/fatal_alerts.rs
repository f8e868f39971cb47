//! A connection that fails is closed at once, and its alert arrives (RFC 8446 §6.2, RFC 5246 §7.2.2):
//! the peer sees the alert, then the end of the stream, never a reset, whatever it still sends.

use std::{
    io::{self, BufRead, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Barrier, Mutex},
    thread,
};

use handclasp::{
    Client, Fault, Identity, Pin, Policy, ProtocolVersion, Server, Stream, Timeouts, Transport, Trust,
};

const NAME: &str = "device.test";

/// What a peer goes on to send. More than the buffers of a socket that nobody reads.
const STILL_SENT: usize = 4 << 20;

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let near = TcpStream::connect(listener.local_addr().expect("an address")).expect("connects");
    (near, listener.accept().expect("accepts").0)
}

fn ends(version: ProtocolVersion) -> (Client, Server) {
    let identity = Identity::self_signed(&[NAME]).expect("made");
    let pin = Pin::of_spki(&identity.spki());
    let policy = || Policy::modern().only_version(version).expect("has it");
    let client = Client::with_policy(Trust::Pins(vec![pin]), policy());
    (client, Server::with_policy(identity, policy()))
}

/// Goes on to send, and takes all that comes, to the end. What is sent is taken too: a socket that is
/// closed instead answers by a reset, which may overtake the alert. That takes some milliseconds of
/// the half second that there is for it.
fn to_the_end(mut socket: TcpStream) -> io::Result<Vec<u8>> {
    let mut sending = socket.try_clone().expect("a clone");
    let sender = thread::spawn(move || sending.write_all(&vec![0; STILL_SENT]));
    let mut came = Vec::new();
    socket.read_to_end(&mut came)?;
    sender.join().expect("ends")?;
    let _ = socket.shutdown(Shutdown::Both);
    Ok(came)
}

#[test]
fn a_refused_client_sees_the_alert_and_the_end() {
    let (_, server) = ends(ProtocolVersion::TLS_1_3);
    for hello in [&b"GET / HTTP/1.0\r\n\r\n"[..], &[22, 3, 1, 0, 5, 1, 0, 0, 1, 3]] {
        let (mut near, far) = pair();
        thread::scope(|scope| {
            let refusing = scope.spawn(|| server.accept(far).expect_err("refused"));
            near.write_all(hello).expect("writes");
            let came = to_the_end(near).expect("an end and no reset");
            assert!(refusing.join().expect("ends").fault().is_some());
            let [21, 3, _, 0, 2, 2, _] = came[..] else { panic!("{came:02x?}") };
        });
    }
}

/// Breaks a connection that is up from the client's socket, and returns what the server then sends.
fn broken(
    version: ProtocolVersion,
    serve: impl FnOnce(Stream<TcpStream>) -> io::Result<()> + Send,
) -> (Vec<u8>, io::Error) {
    let (client, server) = ends(version);
    let (near, far) = pair();
    let accepted = Barrier::new(2);
    thread::scope(|scope| {
        let serving = scope.spawn(|| {
            let stream = server.accept(far).expect("accepts");
            accepted.wait();
            serve(stream)
        });
        let stream = client.connect_over(near, Some(NAME)).expect("connects");
        accepted.wait();
        let mut socket = stream.get_ref().try_clone().expect("a clone");
        // A record that no key opens.
        socket.write_all(&[&[23, 3, 3, 0, 40][..], &[0; 40]].concat()).expect("writes");
        let came = to_the_end(socket).expect("an end and no reset");
        (came, serving.join().expect("ends").expect_err("fails"))
    })
}

/// Whether the last record is an alert, which in TLS 1.3 looks like data of 2 bytes and its type.
fn ends_with_alert(version: ProtocolVersion, came: &[u8]) -> bool {
    let length = match version {
        ProtocolVersion::TLS_1_3 => 2 + 1 + 16,
        _ => 8 + 2 + 16,
    };
    let outer = if version == ProtocolVersion::TLS_1_3 { 23 } else { 21 };
    came.len()
        .checked_sub(5 + length)
        .is_some_and(|at| came[at..].starts_with(&[outer, 3, 3, 0, length as u8]))
}

#[test]
fn a_broken_stream_ends_with_its_alert() {
    for version in [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2] {
        let (came, error) = broken(version, |mut stream| stream.read(&mut [0; 16]).map(drop));
        assert!(ends_with_alert(version, &came), "{version:?}: {came:02x?}");
        let error = error.get_ref().and_then(|error| error.downcast_ref::<handclasp::Error>());
        let fault = error.and_then(handclasp::Error::fault);
        assert!(matches!(fault, Some(Fault::RecordNotAuthentic { .. })), "{fault:?}");
    }
}

#[test]
fn broken_halves_end_with_their_alert() {
    for version in [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2] {
        let (came, _) = broken(version, |stream| {
            let (mut reader, writer) = stream.split()?;
            let outcome = reader.read(&mut [0; 16]).map(drop);
            drop(writer);
            outcome
        });
        assert!(ends_with_alert(version, &came), "{version:?}: {came:02x?}");
    }
}

/// Data and a broken record in one read: the alert leaves although no further read comes.
#[test]
fn a_record_behind_data_is_answered_too() {
    let (client, server) = ends(ProtocolVersion::TLS_1_3);
    let (near, far) = pair();
    let accepted = Barrier::new(2);
    thread::scope(|scope| {
        let serving = scope.spawn(|| {
            let mut stream = server.accept(far).expect("accepts");
            accepted.wait();
            // Both records are in the socket before the first is read.
            let mut peeked = [0; 128];
            while stream.get_ref().peek(&mut peeked).expect("peeks") < 5 + 4 + 1 + 16 + 45 {
                thread::yield_now();
            }
            assert_eq!(stream.fill_buf().expect("data"), b"data");
            stream.consume(4);
            stream.read(&mut [0; 16]).expect_err("the broken one");
        });
        let mut stream = client.connect_over(near, Some(NAME)).expect("connects");
        accepted.wait();
        stream.write_all(b"data").expect("writes");
        let mut socket = stream.get_ref().try_clone().expect("a clone");
        socket.write_all(&[&[23, 3, 3, 0, 40][..], &[0; 40]].concat()).expect("writes");
        let came = to_the_end(socket).expect("an end and no reset");
        assert!(ends_with_alert(ProtocolVersion::TLS_1_3, &came), "{came:02x?}");
        serving.join().expect("ends");
    });
}

#[test]
fn a_peer_that_is_refused_later_sees_the_end_too() {
    let (client, server) = ends(ProtocolVersion::TLS_1_3);
    let (near, far) = pair();
    let accepted = Barrier::new(2);
    thread::scope(|scope| {
        let serving = scope.spawn(|| {
            let mut stream = server.accept(far).expect("accepts");
            accepted.wait();
            stream.refuse().expect("is told");
        });
        let stream = client.connect_over(near, Some(NAME)).expect("connects");
        accepted.wait();
        let came = to_the_end(stream.get_ref().try_clone().expect("a clone")).expect("an end and no reset");
        assert!(ends_with_alert(ProtocolVersion::TLS_1_3, &came), "{came:02x?}");
        serving.join().expect("ends");
    });
}

/// A transport that tells what was done with it, in order.
struct Told {
    socket: TcpStream,
    calls: Arc<Mutex<Vec<&'static str>>>,
}

impl Told {
    fn note(&self, call: &'static str) {
        let mut calls = self.calls.lock().expect("whole");
        if calls.last() != Some(&call) {
            calls.push(call);
        }
    }
}

impl Read for Told {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.note("read");
        self.socket.read(out)
    }
}

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.note("write");
        self.socket.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

impl Transport for Told {
    fn timeouts(&self) -> io::Result<Timeouts> {
        self.socket.timeouts()
    }
    fn set_timeouts(&mut self, timeouts: Timeouts) -> io::Result<()> {
        self.socket.set_timeouts(timeouts)
    }
    fn shutdown_write(&mut self) -> io::Result<()> {
        self.note("end");
        self.socket.shutdown_write()
    }
}

/// The end is said behind the alert at once, and not when the peer has closed or time is over.
#[test]
fn the_end_is_said_before_the_peer_is_heard_again() {
    let (_, server) = ends(ProtocolVersion::TLS_1_3);
    let (mut near, socket) = pair();
    let calls = Arc::new(Mutex::new(Vec::new()));
    let told = Told { socket, calls: Arc::clone(&calls) };
    thread::scope(|scope| {
        let refusing = scope.spawn(|| server.accept_transport(told).expect_err("refused"));
        near.write_all(b"GET / HTTP/1.0\r\n\r\n").expect("writes");
        let mut came = Vec::new();
        near.read_to_end(&mut came).expect("the end");
        // Only now, so that nothing but the end of sending can have ended the read before.
        drop(near);
        refusing.join().expect("ends");
    });
    assert_eq!(*calls.lock().expect("whole"), ["read", "write", "end", "read"]);
}
