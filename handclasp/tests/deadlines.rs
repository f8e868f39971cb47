//! A handshake ends at its deadline, however little its peer does.
#![cfg(unix)]

mod wire;

use std::{
    io::{self, ErrorKind, Read, Write},
    net::TcpListener,
    os::unix::net::UnixStream,
    thread,
    time::Duration,
};

use handclasp::{Error, Fault, PskUse, Timeouts, Transport};
use wire::{client, meet};

const DEADLINE: Duration = Duration::from_millis(20);

/// A peer whose first byte comes after the deadline, and then one byte at a time of a message
/// that is long in coming.
struct Drip<'t> {
    came: &'t mut usize,
    write: fn(usize) -> io::Result<usize>,
}

impl Read for Drip<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        const BEGUN: [u8; 9] = [22, 3, 3, 0x40, 0, 2, 0, 0x3f, 0xfc];
        if *self.came == 0 {
            thread::sleep(DEADLINE);
        }
        out[0] = BEGUN.get(*self.came).copied().unwrap_or_default();
        *self.came += 1;
        Ok(1)
    }
}

impl Write for Drip<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        (self.write)(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Drip<'_> {}

#[test]
fn a_peer_that_drips_gains_no_time() {
    let failing: fn(usize) -> io::Result<usize> = |_| Err(ErrorKind::BrokenPipe.into());
    for write in [Ok, failing] {
        let mut came = 0;
        let client = client(PskUse::Tls13Sha256).deadline(Some(DEADLINE));
        let outcome = client.connect_transport(Drip { came: &mut came, write }, None);
        let found = outcome.err().and_then(|error| error.fault().copied());
        assert!(matches!(found, Some(Fault::TimedOut { .. })), "{found:?}");
        assert!(came <= 1, "{came} bytes");
    }
}

/// Takes half of each write, and wants to be told anew how long each step may take.
struct Slow {
    inner: UnixStream,
    armed: bool,
}

impl Slow {
    fn step(&mut self) {
        assert!(std::mem::take(&mut self.armed), "a step that may take as long as the one before");
    }
}

impl Read for Slow {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.step();
        self.inner.read(out)
    }
}

impl Write for Slow {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.step();
        self.inner.write(&data[..data.len().div_ceil(2)])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Slow {
    fn set_timeouts(&mut self, _: Timeouts) -> io::Result<()> {
        self.armed = true;
        Ok(())
    }
}

#[test]
fn every_step_is_given_the_time_that_is_left() {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    meet(PskUse::Tls13Sha256, Slow { inner: ours, armed: false }, Slow { inner: theirs, armed: false });
}

#[test]
fn a_deadline_beyond_the_clock_is_none() {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    drop(theirs);
    let outcome = client(PskUse::Tls13Sha256).deadline(Some(Duration::MAX)).connect_over(ours, None);
    assert!(outcome.is_err());
}

#[test]
fn connecting_is_part_of_the_handshakes_time() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    let error = client(PskUse::Tls13Sha256).deadline(Some(Duration::ZERO)).connect(&address).err();
    let kind = error.map(|error: Error| io::Error::from(error).kind());
    assert_eq!(kind, Some(ErrorKind::TimedOut));
    // Nobody called.
    listener.set_nonblocking(true).expect("set");
    assert_eq!(listener.accept().err().map(|error| error.kind()), Some(ErrorKind::WouldBlock));
}
