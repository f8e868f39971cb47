//! The smallest client: TLS with a pre-shared key, without certificates. It sends a line, prints the
//! answer, and ends the connection. The version is a feature: `tls12` or `tls13`.
#![no_std]
#![no_main]

use cortex_m::singleton;
use cortex_m_rt::entry;
use handclasp_device::{Client, Config, Connection, Next, Profile, Psk, PskUse, profile};
use handclasp_firmware::{
    board::{self, clock, serial},
    meter::Meter,
    network::{Network, RECEIVE_BUFFER, SEND_BUFFER},
    numbers::DemoRandom,
    settings::{self, Tag},
    tls,
};
use smoltcp::iface::{SocketHandle, SocketStorage};

#[cfg(feature = "tls12")]
const PROFILE: (Profile, PskUse) = (profile::client::PSK_TLS12, PskUse::Tls12);
#[cfg(feature = "tls12-ccm-8")]
const PROFILE: (Profile, PskUse) = (profile::client::PSK_CCM_8_TLS12, PskUse::Tls12);
#[cfg(feature = "tls13")]
const PROFILE: (Profile, PskUse) = (profile::client::PSK_TLS13, PskUse::Tls13Sha256);

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

    let (profile, usage) = PROFILE;
    let Ok(psk) = Psk::from_bytes(settings::bytes(Tag::PskIdentity), usage, settings::bytes(Tag::Psk)) else {
        end("the key is too short")
    };
    let Ok(client) = Client::boot(Config::new(profile).with_psk(psk), &mut random) else {
        end("the self-test failed")
    };
    for _ in 0..settings::number(Tag::Connections, 1) {
        talk(&client, network, socket, &mut random);
    }
    end("end")
}

fn end(word: &str) -> ! {
    serial::line(word, &[]);
    board::reset()
}

/// Connects, sends a line, prints the answer and how it ended.
fn talk(client: &Client, network: &mut Network, handle: SocketHandle, random: &mut DemoRandom) {
    let mut meter = Meter::default();
    let started = meter.run(|| client.connect_unnamed(random), Result::is_ok);
    let (Some((address, port)), Ok(mut connection)) = (settings::peer(), started) else {
        return serial::line("no peer", &[]);
    };
    network.connect(handle, address, port);
    let begun = clock::milliseconds();
    let mut unsent = GREETING;
    let mut is_connected = false;
    loop {
        let polled = network.poll();
        let next = tls::drive(&mut connection, network.socket(handle), random, &mut meter);
        if connection.may_write() && !is_connected {
            is_connected = true;
            serial::line("connected", &[]);
            meter.print();
        }
        if is_connected && !unsent.is_empty() {
            // As much as the queue has room for.
            let taken = connection.write(unsent, random).unwrap_or_default();
            unsent = &unsent[taken..];
        }
        match next {
            Next::Work => {}
            Next::Receive | Next::Transmit if polled => {}
            Next::Receive | Next::Transmit => network.wait(),
            Next::Read => print(&mut connection),
            Next::PeerClosed => connection.close(),
            Next::Closed => break serial::line("closed", &[]),
            Next::Failed(_) => break report(&connection),
        }
        if clock::since(begun) > settings::number(Tag::Deadline, 10_000) {
            match is_connected {
                false => connection.time_out(),
                true => break serial::line("no answer", &[]),
            }
        }
    }
    network.close(handle);
}

/// Prints what came, and closes.
fn print(connection: &mut Connection<'_>) {
    serial::send(b"received ");
    serial::send(connection.readable());
    connection.consume(connection.readable().len());
    connection.close();
}

/// Prints why it failed, for `handclasp explain`.
fn report(connection: &Connection<'_>) {
    serial::line("failed", &[]);
    let _ = connection.write_report(&mut serial::Serial);
}
