//! `psk-client` without TLS: the same board, network and program, with a TCP socket in place of the TLS connection. Its
//! size is taken off the figures of that client.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::vec;

use cortex_m::singleton;
use cortex_m_rt::entry;
use handclasp_device::{Received, Transport as _};
use handclasp_firmware::{
    board::{self, clock, serial},
    meter::Meter,
    network::{Network, RECEIVE_BUFFER, SEND_BUFFER},
    numbers::DemoRandom,
    settings::{self, Tag},
    tls::Socket,
};
use smoltcp::iface::{SocketHandle, SocketStorage};

const GREETING: &[u8] = b"hello\n";

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
    for _ in 0..settings::number(Tag::Connections, 1) {
        talk(network, socket);
    }
    serial::line("end", &[]);
    board::reset()
}

/// Connects, sends a line, prints the answer and how it ended.
fn talk(network: &mut Network, handle: SocketHandle) {
    let Some((address, port)) = settings::peer() else { return serial::line("no peer", &[]) };
    let mut meter = Meter::default();
    network.connect(handle, address, port);
    let begun = clock::milliseconds();
    let mut unsent = GREETING;
    // From the heap, as the buffers of TLS: its code is part of this program, too.
    let mut answer = vec![0; 64];
    loop {
        let polled = network.poll();
        let mut socket = Socket(network.socket(handle));
        let sent = meter.run(|| socket.send(unsent), |sent| *sent != Some(0)).unwrap_or_default();
        if sent == GREETING.len() {
            serial::line("connected", &[]);
            meter.print();
        }
        unsent = &unsent[sent..];
        match socket.receive(&mut answer) {
            Received::Nothing if polled => {}
            Received::Nothing => network.wait(),
            Received::Bytes(count) => {
                serial::send(b"received ");
                serial::send(&answer[..count]);
                break serial::line("closed", &[]);
            }
            Received::End => break serial::line("failed", &[]),
        }
        if clock::since(begun) > settings::number(Tag::Deadline, 10_000) {
            break serial::line("no answer", &[]);
        }
    }
    network.close(handle);
}
