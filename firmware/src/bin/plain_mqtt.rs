//! `client` without TLS: the same board, network and MQTT, over TCP. Its size is taken off the figures of that client.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::vec::Vec;

use cortex_m::singleton;
use cortex_m_rt::entry;
use embedded_io_async::{ErrorType, Read, Write};
use handclasp_device::{Received, Transport as _};
use handclasp_firmware::{
    board::{self, clock, serial},
    meter::Meter,
    mqtt,
    network::{Network, RECEIVE_BUFFER, SEND_BUFFER},
    numbers::DemoRandom,
    settings::{self, Tag},
    stream::StreamError,
    tls::Socket,
};
use smoltcp::iface::{SocketHandle, SocketStorage};

#[entry]
fn main() -> ! {
    let ethernet = board::start();
    let mut random = DemoRandom::new(settings::bytes(Tag::Seed));
    let storage = singleton!(: [SocketStorage<'static>; 1] = [SocketStorage::EMPTY]).unwrap();
    let receive = singleton!(: [u8; RECEIVE_BUFFER] = [0; RECEIVE_BUFFER]).unwrap();
    let send = singleton!(: [u8; SEND_BUFFER] = [0; SEND_BUFFER]).unwrap();
    let network = singleton!(: Option<Network> = None).unwrap();
    let network = network.insert(Network::start(ethernet, &mut random, storage));
    let socket = network.add(receive, send);
    // What `client` loads as certificates.
    let files: Vec<&[u8]> = settings::all(Tag::Root).chain(settings::all(Tag::Certificate)).collect();
    serial::line("files", &[("number", files.len())]);
    for _ in 0..settings::number(Tag::Connections, 2) {
        talk(network, socket);
    }
    serial::line("end", &[]);
    board::reset()
}

/// Connects, publishes, receives.
fn talk(network: &mut Network, socket: SocketHandle) {
    let name = core::str::from_utf8(settings::bytes(Tag::PeerName)).unwrap_or_default();
    let Some((address, port)) = settings::peer().filter(|_| !name.is_empty()) else {
        return serial::line("the broker's address or name is missing", &[]);
    };
    network.connect(socket, address, port);
    let mut stream = TcpStream { network, socket, meter: Meter::default(), begun: clock::milliseconds() };
    mqtt::converse(&mut stream);
    stream.meter.print();
    network.close(socket);
}

/// A TCP connection as a stream that waits. While it waits, the network is polled.
struct TcpStream<'n> {
    network: &'n mut Network,
    socket: SocketHandle,
    meter: Meter,
    begun: u32,
}

impl TcpStream<'_> {
    /// Polls the network; waits if there is nothing to do.
    fn step(&mut self) -> Result<(), StreamError> {
        if !self.network.poll() {
            self.network.wait();
        }
        match clock::since(self.begun) > settings::number(Tag::Deadline, 10_000) {
            true => Err(StreamError),
            false => Ok(()),
        }
    }
}

impl ErrorType for TcpStream<'_> {
    type Error = StreamError;
}

impl Read for TcpStream<'_> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, StreamError> {
        loop {
            let mut socket = Socket(self.network.socket(self.socket));
            let received = self.meter.run(|| socket.receive(buffer), |next| *next != Received::Nothing);
            match received {
                Received::Bytes(count) => return Ok(count),
                Received::Nothing => self.step()?,
                Received::End => return Ok(0),
            }
        }
    }
}

impl Write for TcpStream<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, StreamError> {
        loop {
            match Socket(self.network.socket(self.socket)).send(bytes) {
                Some(0) if !bytes.is_empty() => self.step()?,
                Some(count) => return Ok(count),
                None => return Err(StreamError),
            }
        }
    }

    async fn flush(&mut self) -> Result<(), StreamError> {
        while self.network.socket(self.socket).send_queue() > 0 {
            self.step()?;
        }
        Ok(())
    }
}
