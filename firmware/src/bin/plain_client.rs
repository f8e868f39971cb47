//! `psk-client` without TLS: a line is sent over TCP, the answer is printed. Its size is that of board and
//! network, which is taken off the figures of the clients.
#![no_std]
#![no_main]

extern crate alloc;

use cortex_m::singleton;
use cortex_m_rt::entry;
use handclasp_firmware::{
    board::{self, clock, serial},
    meter::Meter,
    network::{Network, RECEIVE_BUFFER, SEND_BUFFER},
    numbers::DemoRandom,
    settings::{self, Tag},
};
use smoltcp::{
    iface::{SocketHandle, SocketStorage},
    socket::tcp,
};

#[entry]
fn main() -> ! {
    let ethernet = board::start();
    let mut random = DemoRandom::new(settings::bytes(Tag::Seed));
    let storage = singleton!(: [SocketStorage<'static>; 1] = [SocketStorage::EMPTY]).unwrap();
    let receive = singleton!(: [u8; RECEIVE_BUFFER] = [0; RECEIVE_BUFFER]).unwrap();
    let send = singleton!(: [u8; SEND_BUFFER] = [0; SEND_BUFFER]).unwrap();
    let network = singleton!(: Option<Network> = None).unwrap();
    let network = network.insert(Network::start(ethernet, random.next(), storage));
    let socket = network.add(receive, send);
    for _ in 0..settings::number(Tag::Connections, 1) {
        talk(network, socket);
    }
    serial::line("end", &[]);
    board::reset()
}

fn talk(network: &mut Network, handle: SocketHandle) {
    let Some((address, port)) = settings::peer() else { return serial::line("no peer", &[]) };
    network.connect(handle, address, port);
    let begun = clock::milliseconds();
    let deadline = settings::number(Tag::Deadline, 10_000);
    let mut greeted = false;
    while network.socket(handle).is_active() && clock::since(begun) < deadline {
        let polled = network.poll();
        let socket = network.socket(handle);
        if socket.may_send() && !greeted {
            serial::line("connected", &[]);
            greeted = socket.send_slice(b"hello\n").is_ok();
        }
        if socket.can_recv() {
            print(socket);
            socket.close();
        }
        if socket.state() == tcp::State::CloseWait {
            socket.close();
        }
        if !polled {
            network.wait();
        }
    }
    network.close(handle);
    serial::line("closed", &[]);
    Meter::default().print();
}

fn print(socket: &mut tcp::Socket<'_>) {
    // From the heap, so that the figures of the heap's code are part of this program's, too.
    let mut bytes = alloc::vec![0; socket.recv_queue()];
    let count = socket.recv_slice(&mut bytes).unwrap_or_default();
    serial::send(b"received ");
    serial::send(&bytes[..count]);
}
