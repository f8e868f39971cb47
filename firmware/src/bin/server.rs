//! A server with little memory: TLS 1.2 and 1.3 with a certificate on P-256 or a pre-shared key, two
//! connections at a time. It sends back what it receives. What it speaks are features: `tls12`, `tls13`,
//! `certificates`, `psk`.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::vec::Vec;

use cortex_m::singleton;
use cortex_m_rt::entry;
use handclasp_device::{Config, Identity, Profile, Psk, PskUse, Server};
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

use crate::echo::{Echo, State};

#[path = "../../../device/examples/programs/echo.rs"]
mod echo;

/// The port of the server.
const PORT: u16 = 443;
/// Connections at a time.
const SLOTS: usize = 2;

#[entry]
fn main() -> ! {
    let ethernet = board::start();
    let mut random = DemoRandom::new(settings::bytes(Tag::Seed));
    let network = start_network(ethernet, &mut random);
    let server = boot(&mut random);
    serial::line("ready", &[]);
    let slots = slots(network);
    let mut left = settings::number(Tag::Connections, 0);
    loop {
        let mut busy = network.poll();
        for slot in slots.iter_mut().flatten() {
            let ended = slot.serve(server, network, &mut random, &mut busy);
            if ended && left == 1 {
                network.close(slot.socket);
                end("end");
            }
            left = left.wrapping_sub(u32::from(ended));
        }
        if !busy {
            network.wait();
        }
    }
}

// What lives as long as the program is static, and what makes it returns before the first handshake: a
// handshake is the deepest that the stack of a server gets, and `main` below it takes next to nothing.

#[inline(never)]
fn start_network(ethernet: Ethernet, random: &mut DemoRandom) -> &'static mut Network {
    let storage = singleton!(: [SocketStorage<'static>; SLOTS] = [SocketStorage::EMPTY; SLOTS]).unwrap();
    let network = singleton!(: Option<Network> = None).unwrap();
    network.insert(Network::start(ethernet, random, storage))
}

#[inline(never)]
fn boot(random: &mut DemoRandom) -> &'static Server {
    match Server::boot(config(), random) {
        Ok(server) => singleton!(: Server = server).unwrap(),
        Err(_) => end("the self-test failed"),
    }
}

#[inline(never)]
fn slots(network: &mut Network) -> &'static mut [Option<Slot>; SLOTS] {
    // Not arrays of arrays: the compiler makes those on the stack.
    let receive = singleton!(: [u8; SLOTS * RECEIVE_BUFFER] = [0; SLOTS * RECEIVE_BUFFER]).unwrap();
    let send = singleton!(: [u8; SLOTS * SEND_BUFFER] = [0; SLOTS * SEND_BUFFER]).unwrap();
    let mut buffers = receive.chunks_mut(RECEIVE_BUFFER).zip(send.chunks_mut(SEND_BUFFER));
    let slots = singleton!(: [Option<Slot>; SLOTS] = [const { None }; SLOTS]).unwrap();
    for (slot, (receive, send)) in slots.iter_mut().zip(&mut buffers) {
        *slot = Some(Slot::new(network.add(receive, send)));
    }
    slots
}

fn end(word: &str) -> ! {
    serial::line(word, &[]);
    board::reset()
}

/// What the server speaks, and what it proves itself with.
#[inline(never)]
fn config() -> Config {
    let profile = PROFILE.with_records(settings::number(Tag::RecordSize, 1024) as u16);
    let mut config = Config::new(profile);
    if cfg!(feature = "psk") {
        let (identity, key) = (settings::bytes(Tag::PskIdentity), settings::bytes(Tag::Psk));
        if let Ok(psk) = Psk::from_bytes(identity, USE, key) {
            config = config.with_psk(psk);
        }
    }
    if cfg!(feature = "certificates") {
        let chain: Vec<&'static [u8]> = settings::all(Tag::Certificate).collect();
        match Identity::p256(&chain, settings::bytes(Tag::PrivateKey)) {
            Ok(identity) => config = config.with_identity(identity),
            // A program with every feature also serves clients with a pre-shared key alone.
            Err(_) if chain.is_empty() => {}
            Err(_) => end("certificate or key does not load, or they do not belong together"),
        }
    }
    config
}

#[cfg(all(feature = "tls12", feature = "psk", not(feature = "tls13")))]
const PROFILE: Profile = handclasp_device::profile::server::PSK_TLS12;
#[cfg(all(feature = "tls12", feature = "certificates", not(feature = "tls13")))]
const PROFILE: Profile = handclasp_device::profile::server::P256_TLS12;
#[cfg(all(feature = "tls13", feature = "certificates", not(feature = "tls12")))]
const PROFILE: Profile = handclasp_device::profile::server::P256_TLS13;
#[cfg(all(feature = "tls12", feature = "tls13"))]
const PROFILE: Profile = everything::PROFILE;

#[cfg(not(feature = "tls13"))]
const USE: PskUse = PskUse::Tls12;
#[cfg(all(feature = "tls13", not(feature = "tls12")))]
const USE: PskUse = PskUse::Tls13Sha256;
/// RFC 9257 advises against one key for both versions: a product has two keys, or one version.
#[cfg(all(feature = "tls12", feature = "tls13"))]
const USE: PskUse = PskUse::BothVersions;

/// Both versions, with a certificate or a pre-shared key, as the client asks.
#[cfg(all(feature = "tls12", feature = "tls13"))]
mod everything {
    use handclasp_device::{Profile, Suite, algorithms, profile::server::P256};

    static SUITES: [&Suite; 3] = [
        &algorithms::TLS_AES_128_GCM_SHA256,
        &algorithms::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        &algorithms::TLS_PSK_WITH_AES_128_GCM_SHA256,
    ];

    pub const PROFILE: Profile = P256.with_suites(&SUITES);
}

/// A socket, and the connection that it carries.
struct Slot {
    socket: SocketHandle,
    echo: Option<Echo<'static>>,
    begun: u32,
    is_connected: bool,
    meter: Meter,
}

impl Slot {
    fn new(socket: SocketHandle) -> Self {
        Self { socket, echo: None, begun: 0, is_connected: false, meter: Meter::default() }
    }

    /// Does one step; whether it was the last one of a connection. Sets `busy` if there is more to do.
    #[inline(never)]
    fn serve(
        &mut self,
        server: &'static Server,
        network: &mut Network,
        random: &mut DemoRandom,
        busy: &mut bool,
    ) -> bool {
        let socket = network.socket(self.socket);
        let Some(echo) = &mut self.echo else {
            match socket.state() {
                Tcp::Closed => _ = socket.listen(PORT),
                // Both sides have closed: this socket is needed for the next client.
                Tcp::TimeWait => socket.abort(),
                Tcp::Established => self.accept(server, random),
                _ => {}
            }
            return false;
        };
        let state = self
            .meter
            .run(|| echo.poll(&mut Socket(socket), random), |state| !matches!(state, State::Waiting));
        if echo.tls().may_write() && !self.is_connected {
            self.is_connected = true;
            serial::line("connected", &[]);
            self.meter.print();
        }
        match state {
            State::Busy => *busy = true,
            State::Waiting => self.check_time(),
            State::Closed => {
                serial::line("closed", &[]);
                socket.close();
                self.echo = None;
                return true;
            }
            State::Failed(fault) => {
                // Why it failed, for `handclasp explain`.
                serial::line("failed", &[("alert", usize::from(fault.alert().map_or(0, |alert| alert.0)))]);
                let _ = echo.tls().write_report(&mut serial::Serial);
                socket.close();
                self.echo = None;
                return true;
            }
        }
        false
    }

    #[inline(never)]
    fn accept(&mut self, server: &'static Server, random: &mut DemoRandom) {
        self.meter = Meter::default();
        self.begun = clock::milliseconds();
        self.is_connected = false;
        self.echo = self.meter.run(|| Echo::accept(server, random), Result::is_ok).ok();
    }

    /// Ends a handshake that takes too long. Peers that vanish later are noticed by TCP.
    fn check_time(&mut self) {
        let deadline = settings::number(Tag::Deadline, 10_000);
        if let Some(echo) = &mut self.echo
            && !self.is_connected
            && clock::since(self.begun) > deadline
        {
            echo.time_out();
        }
    }
}
