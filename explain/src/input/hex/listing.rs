//! Packets as fields: `tshark -T json`, `-T jsonraw` and `-T ek`, Wireshark's "export as JSON". Whole frames
//! are taken where the listing has them, else the payloads of TCP with headers made from the fields.

use std::time::Duration;

use serde_json::Value;

use super::{
    line,
    packet_file::{PacketFile, Segment},
};
use crate::input::{capture::link, frame};

/// The packets of a listing. `None`: it is another text.
pub(super) fn parse(text: &str) -> Option<PacketFile> {
    if !text.trim_start().starts_with(['[', '{']) || !text.contains("\"layers\"") {
        return None;
    }
    let listed = values(text);
    let layers: Vec<&Value> = listed.iter().filter_map(layers).collect();
    let time = |layers: &Value| duration(&string(layers, "frame.time_epoch")?);
    let raw = |layers: &&Value| Some((time(layers), raw_frame(layers)?));
    let packets: Vec<_> = layers.iter().filter_map(raw).collect();
    if !packets.is_empty() {
        let is_tcp = |link: u32| packets.iter().filter(|(_, packet)| frame::is_tcp(link, packet)).count();
        let link = frame::LINKS.into_iter().max_by_key(|link| is_tcp(*link))?;
        return Some(PacketFile { link, packets });
    }
    let made = |layers: &&Value| Some((time(layers), segment(layers)?));
    let packets: Vec<_> = layers.iter().filter_map(made).collect();
    (!packets.is_empty()).then_some(PacketFile { link: link::RAW, packets })
}

/// The packets: an array, of which the end may be cut off, or an object a line.
fn values(text: &str) -> Vec<Value> {
    let each_line = || {
        let lines = text.lines().filter(|line| line.contains("\"layers\""));
        lines.filter_map(|line| serde_json::from_str(line.trim().trim_end_matches(',')).ok()).collect()
    };
    match serde_json::from_str(text) {
        Ok(Value::Array(values)) => values,
        Ok(value) => vec![value],
        Err(_) => {
            let whole =
                text.rfind("\n  },").and_then(|end| text.get(..end)).map(|begin| format!("{begin}\n  }}]"));
            match whole.and_then(|whole| serde_json::from_str(&whole).ok()) {
                Some(Value::Array(values)) => values,
                _ => each_line(),
            }
        }
    }
}

fn layers(packet: &Value) -> Option<&Value> {
    packet.get("layers").or_else(|| packet.get("_source")?.get("layers"))
}

/// A field: `tcp.srcport` in its layer `tcp`; Elasticsearch's form has `tcp_tcp_srcport` or `tcp_srcport`.
fn field<'a>(layers: &'a Value, name: &str) -> Option<&'a Value> {
    let (layer, _) = name.split_once('.')?;
    let within = first(layers.get(layer)?);
    let flat = name.replace('.', "_");
    let found =
        within.get(name).or_else(|| within.get(format!("{layer}_{flat}"))).or_else(|| within.get(flat));
    found.map(first)
}

/// Of a field that is there several times, the first.
fn first(value: &Value) -> &Value {
    value.as_array().and_then(|values| values.first()).unwrap_or(value)
}

fn string(layers: &Value, name: &str) -> Option<String> {
    match field(layers, name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn number(layers: &Value, name: &str) -> Option<u32> {
    let text = string(layers, name)?;
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// `frame_raw`: the whole frame as digits.
fn raw_frame(layers: &Value) -> Option<Vec<u8>> {
    let digits = first(layers.get("frame_raw")?).as_str()?;
    let bytes = line::hex_digits(digits);
    (!bytes.is_empty()).then_some(bytes)
}

/// Seconds since 1970 with a fraction, or a date that is left out.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let nanos: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
    Some(Duration::new(seconds.parse().ok()?, nanos.parse().ok()?))
}

/// The packet of a segment's fields.
fn segment(layers: &Value) -> Option<Vec<u8>> {
    let address = |name: &str| {
        string(layers, &format!("ip.{name}")).or_else(|| string(layers, &format!("ipv6.{name}")))
    };
    let port = |name: &str| number(layers, name).and_then(|port| u16::try_from(port).ok());
    let payload: Vec<u8> = match string(layers, "tcp.payload") {
        Some(text) => line::hex_digits(&text.replace(':', "")),
        None => Vec::new(),
    };
    let length = number(layers, "tcp.len").and_then(|length| usize::try_from(length).ok());
    let sequence = |raw: &str, relative: &str| {
        number(layers, raw).or_else(|| number(layers, relative)).unwrap_or_default()
    };
    let flags = number(layers, "tcp.flags").and_then(|flags| u8::try_from(flags & 0x3f).ok());
    Segment {
        ends: (address("src")?.parse().ok()?, address("dst")?.parse().ok()?),
        ports: (port("tcp.srcport")?, port("tcp.dstport")?),
        sequence: sequence("tcp.seq_raw", "tcp.seq"),
        acknowledges: sequence("tcp.ack_raw", "tcp.ack"),
        flags: flags.unwrap_or(0x18),
        length: length.unwrap_or_default(),
        payload,
    }
    .packet()
}
