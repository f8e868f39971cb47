//! A sensor behind a broker: MQTT 5 over mutual TLS 1.2 and 1.3. It verifies the broker's chain certificate
//! by certificate, shows its own certificate, publishes a reading, prints a command, and connects again
//! with the ticket of the first connection.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::vec::Vec;
use core::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use cortex_m::singleton;
use cortex_m_rt::entry;
use handclasp_device::{Client, Config, Identity, Profile, Roots, Suite, Verify, algorithms, profile};
use handclasp_firmware::{
    board::{self, serial},
    network::{Network, RECEIVE_BUFFER, SEND_BUFFER},
    numbers::DemoRandom,
    settings::{self, Tag},
    stream::TlsStream,
};
use rust_mqtt::{
    Bytes,
    buffer::AllocBuffer,
    client::{
        Client as Mqtt,
        event::Event,
        options::{
            ConnectOptions, DisconnectOptions, PublicationOptions, SubscriptionOptions, TopicReference,
        },
    },
    types::{MqttString, TopicFilter, TopicName},
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

const READINGS: &str = "board/readings";
const COMMANDS: &str = "board/commands";

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
    let said = block_on(converse(&mut stream));
    serial::line(if said.is_ok() { "published and received" } else { "MQTT failed" }, &[]);
    stream.close();
}

type Conversation<'t, 'c> = Mqtt<'t, 't, &'t mut TlsStream<'c>, AllocBuffer, 1, 1, 1, 1, 0, 0, 0>;

/// Subscribes to commands, publishes a reading, and waits for its acknowledgement and a command.
async fn converse(stream: &mut TlsStream<'_>) -> Result<(), ()> {
    let mut buffer = AllocBuffer;
    let mut mqtt = Conversation::new(&mut buffer);
    let name = MqttString::from_str("board").map_err(drop)?;
    mqtt.connect(stream, &ConnectOptions::new().clean_start(), Some(name)).await.map_err(drop)?;
    let commands = MqttString::from_str(COMMANDS).map_err(drop)?;
    let filter = TopicFilter::new(commands).ok_or(())?;
    mqtt.subscribe(filter, &SubscriptionOptions::new()).await.map_err(drop)?;
    let readings = TopicName::new(MqttString::from_str(READINGS).map_err(drop)?).ok_or(())?;
    let options = PublicationOptions::new(TopicReference::Name(readings)).at_least_once();
    mqtt.publish(&options, Bytes::from("21.5".as_bytes())).await.map_err(drop)?;
    let (mut is_acknowledged, mut is_commanded) = (false, false);
    while !(is_acknowledged && is_commanded) {
        match mqtt.poll().await.map_err(drop)? {
            Event::PublishAcknowledged(_) => is_acknowledged = true,
            Event::Publish(publication) => {
                is_commanded = true;
                serial::send(b"command ");
                serial::send(publication.message.as_bytes());
                serial::send(b"\n");
            }
            _ => {}
        }
    }
    mqtt.disconnect(&DisconnectOptions::new()).await.map(drop).map_err(drop)
}

/// Runs a future whose reads and writes wait in the network themselves.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}
