//! `server` without TLS: it sends back what it receives over TCP. Its size is that of board and network,
//! which is taken off the figures of the servers.
#![no_std]
#![no_main]

extern crate alloc;

use cortex_m::singleton;
use cortex_m_rt::entry;
use handclasp_firmware::{
    board::{self, serial},
    meter::Meter,
    network::{Network, RECEIVE_BUFFER, SEND_BUFFER},
    numbers::DemoRandom,
    settings::{self, Tag},
};
use smoltcp::{
    iface::{SocketHandle, SocketStorage},
    socket::tcp::State,
};

const PORT: u16 = 443;
const SLOTS: usize = 2;

#[entry]
fn main() -> ! {
    let ethernet = board::start();
    let mut random = DemoRandom::new(settings::bytes(Tag::Seed));
    let storage = singleton!(: [SocketStorage<'static>; SLOTS] = [SocketStorage::EMPTY; SLOTS]).unwrap();
    let network = singleton!(: Option<Network> = None).unwrap();
    let network = network.insert(Network::start(ethernet, random.next(), storage));
    let receive = singleton!(: [[u8; RECEIVE_BUFFER]; SLOTS] = [[0; RECEIVE_BUFFER]; SLOTS]).unwrap();
    let send = singleton!(: [[u8; SEND_BUFFER]; SLOTS] = [[0; SEND_BUFFER]; SLOTS]).unwrap();
    let mut slots = [const { None }; SLOTS];
    for (slot, (receive, send)) in slots.iter_mut().zip(receive.iter_mut().zip(send)) {
        *slot = Some(network.add(receive, send));
    }
    serial::line("ready", &[]);
    let mut left = settings::number(Tag::Connections, 0);
    loop {
        let mut busy = network.poll();
        for slot in slots.iter().flatten() {
            let ended = serve(network, *slot, &mut busy);
            if ended && left == 1 {
                network.close(*slot);
                serial::line("end", &[]);
                Meter::default().print();
                board::reset();
            }
            left = left.wrapping_sub(u32::from(ended));
        }
        if !busy {
            network.wait();
        }
    }
}

fn serve(network: &mut Network, handle: SocketHandle, busy: &mut bool) -> bool {
    let socket = network.socket(handle);
    match socket.state() {
        State::Closed => _ = socket.listen(PORT),
        State::TimeWait => socket.abort(),
        State::Established if socket.can_recv() && socket.can_send() => {
            let mut bytes = alloc::vec![0; 256];
            let count = socket.peek_slice(&mut bytes).unwrap_or_default();
            let sent = socket.send_slice(&bytes[..count]).unwrap_or_default();
            let _ = socket.recv_slice(&mut bytes[..sent]);
            *busy = true;
        }
        State::CloseWait => {
            serial::line("closed", &[]);
            socket.close();
            return true;
        }
        _ => {}
    }
    false
}
