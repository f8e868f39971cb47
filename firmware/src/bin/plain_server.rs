//! `server` without TLS: the same board, network and program, with TCP sockets in place of TLS connections. Its size is
//! taken off the figures of the servers.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::boxed::Box;

use cortex_m::singleton;
use cortex_m_rt::entry;
use handclasp_device::{Received, Transport as _};
use handclasp_firmware::{
    board::{self, clock, ethernet::Ethernet, serial},
    meter::Meter,
    network::{Network, RECEIVE_BUFFER, SEND_BUFFER},
    numbers::DemoRandom,
    settings::{self, Tag},
    tls::Socket,
};
use smoltcp::{
    iface::{SocketHandle, SocketStorage},
    socket::tcp::State as Tcp,
};

const PORT: u16 = 443;
const SLOTS: usize = 2;

#[entry]
fn main() -> ! {
    let ethernet = board::start();
    let mut random = DemoRandom::new(settings::bytes(Tag::Seed));
    let network = start_network(ethernet, &mut random);
    serial::line("ready", &[]);
    let slots = slots(network);
    let mut left = settings::number(Tag::Connections, 0);
    loop {
        let mut busy = network.poll();
        for slot in slots.iter_mut().flatten() {
            let ended = slot.serve(network, &mut busy);
            if ended && left == 1 {
                network.close(slot.socket);
                serial::line("end", &[]);
                board::reset()
            }
            left = left.wrapping_sub(u32::from(ended));
        }
        if !busy {
            network.wait();
        }
    }
}

#[inline(never)]
fn start_network(ethernet: Ethernet, random: &mut DemoRandom) -> &'static mut Network {
    let storage = singleton!(: [SocketStorage<'static>; SLOTS] = [SocketStorage::EMPTY; SLOTS]).unwrap();
    let network = singleton!(: Option<Network> = None).unwrap();
    network.insert(Network::start(ethernet, random, storage))
}

#[inline(never)]
fn slots(network: &mut Network) -> &'static mut [Option<Slot>; SLOTS] {
    let receive = singleton!(: [u8; SLOTS * RECEIVE_BUFFER] = [0; SLOTS * RECEIVE_BUFFER]).unwrap();
    let send = singleton!(: [u8; SLOTS * SEND_BUFFER] = [0; SLOTS * SEND_BUFFER]).unwrap();
    let mut buffers = receive.chunks_mut(RECEIVE_BUFFER).zip(send.chunks_mut(SEND_BUFFER));
    let slots = singleton!(: [Option<Slot>; SLOTS] = [const { None }; SLOTS]).unwrap();
    for (slot, (receive, send)) in slots.iter_mut().zip(&mut buffers) {
        *slot = Some(Slot::new(network.add(receive, send)));
    }
    slots
}

/// A socket, and the line of the connection that it carries.
struct Slot {
    socket: SocketHandle,
    line: Option<Line>,
    /// When the last bytes moved: a client that is silent for too long is not waited for.
    moved: u32,
    meter: Meter,
}

/// What was received and is still to send. From the heap, as the buffers of TLS: its code is part of this program, too.
struct Line {
    bytes: Box<[u8; 256]>,
    length: usize,
}

impl Slot {
    fn new(socket: SocketHandle) -> Self {
        Self { socket, line: None, moved: 0, meter: Meter::default() }
    }

    /// Does one step; whether it was the last one of a connection. Sets `busy` if there is more to do.
    #[inline(never)]
    fn serve(&mut self, network: &mut Network, busy: &mut bool) -> bool {
        let socket = network.socket(self.socket);
        let Some(line) = &mut self.line else {
            match socket.state() {
                Tcp::Closed => _ = socket.listen(PORT),
                Tcp::TimeWait => socket.abort(),
                Tcp::Established => self.accept(),
                _ => {}
            }
            return false;
        };
        match self.meter.run(|| line.echo(&mut Socket(socket)), |next| !matches!(next, Received::Nothing)) {
            Received::Bytes(_) => {
                self.moved = clock::milliseconds();
                *busy = true;
            }
            Received::Nothing if clock::since(self.moved) <= settings::number(Tag::Deadline, 10_000) => {}
            Received::Nothing | Received::End => {
                serial::line("closed", &[]);
                self.meter.print();
                socket.close();
                self.line = None;
                return true;
            }
        }
        false
    }

    #[inline(never)]
    fn accept(&mut self) {
        self.meter = Meter::default();
        self.moved = clock::milliseconds();
        self.line = Some(Line { bytes: Box::new([0; 256]), length: 0 });
        serial::line("connected", &[]);
    }
}

impl Line {
    /// Sends what waits, else receives.
    fn echo(&mut self, socket: &mut Socket<'_>) -> Received {
        if self.length == 0 {
            let received = socket.receive(&mut *self.bytes);
            if let Received::Bytes(count) = received {
                self.length = count;
            }
            return received;
        }
        let Some(sent) = socket.send(&self.bytes[..self.length]) else { return Received::End };
        self.bytes.copy_within(sent..self.length, 0);
        self.length -= sent;
        if sent == 0 { Received::Nothing } else { Received::Bytes(sent) }
    }
}
