//! Transports that fail when told to, and two ends that hold one key.
#![allow(dead_code, reason = "each test program uses its part")]

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::net::UnixStream,
    sync::{Arc, Mutex},
    thread,
};

use handclasp::{Client, Error, Fault, Psk, PskUse, Server, Stream, Transport, Trust};

/// A record that no keys of any connection open.
pub const GARBAGE: [u8; 37] = {
    let mut record = [0; 37];
    [record[0], record[1], record[2], record[4]] = [23, 3, 3, 32];
    record
};

pub const VERSIONS: [PskUse; 2] = [PskUse::Tls13Sha256, PskUse::Tls12];

pub fn psk(usage: PskUse) -> Psk {
    Psk::from_bytes(*b"id", usage, &[7; 32]).expect("a key")
}

pub fn client(usage: PskUse) -> Client {
    Client::new(Trust::Psk(psk(usage)))
}

/// A client and a server over these transports, connected.
pub fn meet<C: Transport, S: Transport + Send>(usage: PskUse, ours: C, theirs: S) -> (Stream<C>, Stream<S>) {
    thread::scope(|scope| {
        let serving = scope.spawn(|| Server::new(psk(usage)).accept_transport(theirs));
        let client = client(usage).connect_transport(ours, None).expect("connects");
        (client, serving.join().expect("no panic").expect("accepts"))
    })
}

pub fn tcp() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let client = TcpStream::connect(listener.local_addr().expect("bound")).expect("connects");
    (client, listener.accept().expect("it waits").0)
}

/// The next call of a direction fails like that, once.
#[derive(Clone, Default)]
pub struct Failures {
    pub read: Arc<Mutex<Option<ErrorKind>>>,
    pub write: Arc<Mutex<Option<ErrorKind>>>,
}

pub struct Flaky {
    pub inner: UnixStream,
    pub failures: Failures,
}

fn fail(next: &Mutex<Option<ErrorKind>>) -> io::Result<()> {
    next.lock().expect("no panic").take().map_or(Ok(()), |kind| Err(kind.into()))
}

impl Read for Flaky {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        fail(&self.failures.read)?;
        self.inner.read(out)
    }
}

impl Write for Flaky {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        fail(&self.failures.write)?;
        self.inner.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Flaky {}

/// A pair over a transport that fails when told to.
pub fn flaky() -> (Stream<Flaky>, Stream<UnixStream>, Failures) {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    let failures = Failures::default();
    let ours = Flaky { inner: ours, failures: failures.clone() };
    let (client, server) = meet(PskUse::Tls13Sha256, ours, theirs);
    (client, server, failures)
}

/// The fault inside an error of a stream.
pub fn fault(error: &io::Error) -> Option<Fault> {
    error.get_ref()?.downcast_ref::<Error>()?.fault().copied()
}
