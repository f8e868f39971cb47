//! A sensor as an MQTT 5 client, over any stream.

use core::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use embedded_io_async::{Read, Write};
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

use crate::board::serial;

const READINGS: &str = "board/readings";
const COMMANDS: &str = "board/commands";

type Conversation<'t, S> = Mqtt<'t, 't, &'t mut S, AllocBuffer, 1, 1, 1, 1, 0, 0, 0>;

/// Runs the exchange with the broker, and prints its result.
pub fn converse(stream: &mut (impl Read + Write)) {
    let said = block_on(publish_and_receive(stream));
    serial::line(if said.is_ok() { "published and received" } else { "MQTT failed" }, &[]);
}

/// Subscribes to commands, publishes a reading, and waits for its acknowledgement and a command.
async fn publish_and_receive(stream: &mut (impl Read + Write)) -> Result<(), ()> {
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
