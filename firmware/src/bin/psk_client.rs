//! The smallest client: TLS with a pre-shared key, without certificates. It sends a line, prints the
//! answer, and ends the connection. Version and suites are features: `tls12`, `tls13`.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::{borrow::Cow, vec::Vec};

use cortex_m::singleton;
use cortex_m_rt::entry;
use handclasp_connection::{Config, Connection, MessageLimits};
use handclasp_crypto::{KeyExchange, Suite};
use handclasp_firmware::{
    board::{self, clock, serial},
    meter::Meter,
    network::{Network, RECEIVE_BUFFER, SEND_BUFFER},
    numbers::DemoRandom,
    settings::{self, Tag},
    tls::{self, Shared},
};
use handclasp_handshake::{
    Certificates, ClientPsk, ClientStart, ClientVersion, ExtendedMasterSecret, Extensions, PskHash,
    Resumption, Versions,
};
use handclasp_provider_rustcrypto as crypto;
use handclasp_report::Fault;
use smoltcp::iface::{SocketHandle, SocketStorage};

/// The suites, in order of preference.
static SUITES: &[&Suite] = &[
    #[cfg(feature = "tls13")]
    &crypto::TLS_AES_128_GCM_SHA256,
    #[cfg(feature = "tls12")]
    &crypto::TLS_PSK_WITH_AES_128_GCM_SHA256,
    #[cfg(feature = "ccm-8")]
    &crypto::TLS_PSK_WITH_AES_128_CCM_8,
];

/// The versions: what is not listed is not linked.
static VERSIONS: &[ClientVersion] = &[
    #[cfg(feature = "tls13")]
    ClientVersion::TLS13,
    #[cfg(feature = "tls12")]
    ClientVersion::TLS12,
];

/// TLS 1.3 combines the key with a key exchange (psk_dhe_ke).
static GROUPS: &[&dyn KeyExchange] = &[
    #[cfg(feature = "tls13")]
    crypto::X25519,
];

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
    let config = config();
    let mut shared = Shared { config: &config, random, meter: Meter::default() };

    for _ in 0..settings::number(Tag::Connections, 1) {
        talk(network, socket, &mut shared);
    }
    serial::line("end", &[]);
    board::reset()
}

/// Connects and talks; prints how it ended.
fn talk(network: &mut Network, handle: SocketHandle, shared: &mut Shared<'_>) {
    let Some((address, port)) = settings::peer() else { return serial::line("no peer", &[]) };
    let started = shared.run(|context| Connection::client(context, start()));
    let Ok(mut connection) = started else { return serial::line("configuration", &[]) };
    if !network.connect(handle, address, port) {
        return serial::line("no socket", &[]);
    }
    match converse(network, handle, shared, &mut connection) {
        Ok(()) => serial::line("closed", &[]),
        Err(_) => serial::hex("report", connection.report().encode()),
    }
    shared.meter.print();
    // The alert, and the end of the TCP connection.
    let closing = clock::milliseconds();
    while network.socket(handle).is_active() && tls::since(closing) < 1000 {
        let polled = network.poll();
        let moved = tls::step(&mut connection, network.socket(handle), shared) == Ok(true);
        if !connection.may().transmit {
            network.socket(handle).close();
        }
        if !polled && !moved {
            network.wait();
        }
    }
}

/// Sends a line, prints the answer.
fn converse(
    network: &mut Network,
    handle: SocketHandle,
    shared: &mut Shared<'_>,
    connection: &mut Connection,
) -> Result<(), Fault> {
    let begun = clock::milliseconds();
    let deadline = settings::number(Tag::Deadline, 10_000);
    let mut greeted = false;
    loop {
        let polled = network.poll();
        let moved = tls::step(connection, network.socket(handle), shared)?;
        if connection.may().write && !greeted {
            serial::line("connected", &[]);
            shared.meter.print();
            shared.run(|context| connection.write(context, b"hello\n"))?;
            greeted = true;
        }
        if connection.may().read {
            serial::send(b"received ");
            serial::send(connection.readable());
            let count = connection.readable().len();
            connection.consume(count);
            connection.close();
            return Ok(());
        }
        if connection.is_peer_closed() {
            return Ok(());
        }
        if !greeted && tls::since(begun) > deadline {
            return Err(connection.time_out());
        }
        if !polled && !moved {
            network.wait();
        }
    }
}

fn start() -> ClientStart<'static> {
    let psk = ClientPsk {
        identity: settings::bytes(Tag::PskIdentity),
        secret: settings::bytes(Tag::Psk),
        tls13: cfg!(feature = "tls13").then_some(PskHash::Sha256),
        tls12: cfg!(feature = "tls12"),
        imported: false,
        also: None,
    };
    ClientStart { server_name: None, psk: Some(psk), session: None }
}

fn config() -> Config {
    let handshake = handclasp_handshake::Config {
        generation: 1,
        versions: Versions::client(VERSIONS),
        suites: Cow::Borrowed(SUITES),
        groups: Cow::Borrowed(GROUPS),
        shares: 1,
        verify: Cow::Borrowed(&[]),
        alpn: Vec::new(),
        extended_master_secret: ExtendedMasterSecret::Required,
        has_psk: true,
        has_credential: false,
        certificates: Certificates::default(),
        extensions: Extensions::default(),
        key_log: false,
        resumption: Resumption::default(),
    };
    let mut config = Config::new(handshake);
    config.limit_records(1024);
    config.message_limits = MessageLimits { certificates: 2048, tickets: 2048, others: 2048 };
    config.transmit_limit = 2048;
    config
}
