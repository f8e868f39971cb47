//! A sensor behind a broker: MQTT 5 over mutual TLS 1.2 and 1.3. It verifies the broker's chain certificate
//! by certificate, shows its own certificate, publishes a reading, prints a command, and connects again
//! with the ticket of the first connection.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::vec::Vec;

use cortex_m::singleton;
use cortex_m_rt::entry;
use handclasp_device::{Client, Config, Identity, Profile, Roots, Suite, Verify, algorithms, profile};
use handclasp_firmware::{
    board::{self, serial},
    mqtt,
    network::{Network, RECEIVE_BUFFER, SEND_BUFFER},
    numbers::DemoRandom,
    settings::{self, Tag},
    stream::TlsStream,
};
use smoltcp::iface::{SocketHandle, SocketStorage};

static SUITES: [&Suite; 3] = [
    &algorithms::TLS_AES_128_GCM_SHA256,
    &algorithms::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    &algorithms::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
];
/// Brokers in the cloud have chains of either kind.
static VERIFY: [&dyn Verify; 3] =
    [algorithms::ECDSA_P256_SHA256, algorithms::RSA_PSS_SHA256, algorithms::RSA_PKCS1_SHA256];

const PROFILE: Profile = profile::client::P256.with_suites(&SUITES).with_verify(&VERIFY);

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

    let client = match config().map(|config| Client::boot(config, &mut random)) {
        Some(Ok(client)) => client,
        Some(Err(_)) => end("the self-test failed"),
        None => end("a certificate or key does not parse"),
    };
    for _ in 0..settings::number(Tag::Connections, 2) {
        talk(&client, network, socket, &mut random);
    }
    end("end")
}

fn end(word: &str) -> ! {
    serial::line(word, &[]);
    board::reset()
}

/// The roots of the broker, and the certificate of this device.
fn config() -> Option<Config> {
    let roots = Roots::new(&settings::all(Tag::Root).collect::<Vec<_>>()).ok()?;
    let chain: Vec<&'static [u8]> = settings::all(Tag::Certificate).collect();
    let identity = Identity::p256(&chain, settings::bytes(Tag::PrivateKey)).ok()?;
    Some(Config::new(PROFILE).with_trust(roots).with_identity(identity).with_tickets())
}

/// Connects, publishes, receives. From the second connection on the session of the one before is resumed.
fn talk(client: &Client, network: &mut Network, socket: SocketHandle, random: &mut DemoRandom) {
    let name = core::str::from_utf8(settings::bytes(Tag::PeerName)).unwrap_or_default();
    let (Some((address, port)), Ok(connection)) = (settings::peer(), client.connect(name, random)) else {
        return serial::line("the broker's address or name is missing", &[]);
    };
    network.connect(socket, address, port);
    let mut stream = TlsStream::new(network, socket, connection, random);
    if stream.handshake().is_err() {
        return;
    }
    mqtt::converse(&mut stream);
    stream.close();
}
