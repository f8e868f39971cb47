//! `tshark -V`: packets as fields without bytes. TCP headers, record headers, alerts and hellos are written as
//! bytes again, a hello only if its length is the announced one; the rest of a payload counts as missing.

use super::{
    line,
    listing::duration,
    packet_file::{PacketFile, Segment},
    packets,
    trace::prefixed,
};
use crate::input::capture::link;

/// The packets of such a listing. `None`: it is another text, or dumps the frames too.
pub(super) fn parse(text: &str) -> Option<PacketFile> {
    let is_listing =
        text.contains("Transmission Control Protocol, Src Port: ") && text.contains("Internet Protocol ");
    if !is_listing || packets::parse(text).is_some() {
        return None;
    }
    let lines: Vec<&str> = text.lines().collect();
    let begins: Vec<usize> = lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| line.starts_with("Frame ").then_some(at))
        .chain([lines.len()])
        .collect();
    let frames = begins.windows(2).filter_map(|ends| match ends {
        [begin, end] => lines.get(*begin..*end),
        _ => None,
    });
    let packets: Vec<_> = frames.filter_map(|frame| Some((time(frame), packet(frame)?))).collect();
    (!packets.is_empty()).then_some(PacketFile { link: link::RAW, packets })
}

fn time(frame: &[&str]) -> Option<std::time::Duration> {
    duration(value(frame, "Epoch Time: ")?.split(' ').next()?)
}

/// What follows a name at the start of a line, whatever the indentation.
fn value<'a>(lines: &[&'a str], name: &str) -> Option<&'a str> {
    lines.iter().find_map(|line| line.trim().strip_prefix(name))
}

/// The number in the last brackets, base 10 or `0x`.
fn code(text: &str) -> Option<u16> {
    let text = text.trim_end().strip_suffix(')')?.rsplit_once('(')?.1;
    number(text)
}

fn number(text: &str) -> Option<u16> {
    match text.strip_prefix("0x") {
        Some(digits) => u16::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// An address or port: `127.0.0.1`, or a name with it in brackets.
fn bare(text: &str) -> &str {
    let text = text.trim();
    text.strip_suffix(')').and_then(|text| text.rsplit_once('(')).map_or(text, |(_, inner)| inner)
}

fn packet(frame: &[&str]) -> Option<Vec<u8>> {
    let ip = value(frame, "Internet Protocol Version 4, ")
        .or_else(|| value(frame, "Internet Protocol Version 6, "))?;
    let part = |text: &str, name: &str| {
        let rest = text.split_once(name)?.1;
        Some(bare(rest.split(", ").next().unwrap_or(rest)).to_owned())
    };
    let tcp = value(frame, "Transmission Control Protocol, ")?;
    let raw = |name: &str| value(frame, name).and_then(|text| text.split(' ').next()?.parse::<u32>().ok());
    let flags = value(frame, "Flags: 0x").and_then(|_| {
        let after_tcp = frame.iter().skip_while(|line| !line.starts_with("Transmission Control"));
        let line = after_tcp.into_iter().find_map(|line| line.trim().strip_prefix("Flags: 0x"))?;
        u16::from_str_radix(line.split(' ').next()?, 16).ok()
    });
    let length = part(tcp, "Len: ").and_then(|length| length.parse().ok()).unwrap_or_default();
    let relative = |name: &str| part(tcp, name).and_then(|number| number.parse().ok()).unwrap_or_default();
    Segment {
        ends: (part(ip, "Src: ")?.parse().ok()?, part(ip, "Dst: ")?.parse().ok()?),
        ports: (part(tcp, "Src Port: ")?.parse().ok()?, part(tcp, "Dst Port: ")?.parse().ok()?),
        sequence: raw("Sequence Number (raw): ").unwrap_or_else(|| relative("Seq: ")),
        acknowledges: raw("Acknowledgment number (raw): ").unwrap_or_else(|| relative("Ack: ")),
        flags: flags.and_then(|flags| u8::try_from(flags & 0x3f).ok()).unwrap_or(0x18),
        length,
        payload: payload(frame, length),
    }
    .packet()
}

/// The records of a payload, as far as they are known.
fn payload(frame: &[&str], length: usize) -> Vec<u8> {
    let begins = |line: &&str| line.contains(" Record Layer: ") || line.contains("Record Layer:");
    let starts: Vec<usize> =
        frame.iter().enumerate().filter_map(|(at, line)| begins(line).then_some(at)).collect();
    let ends = starts.iter().skip(1).copied().chain([frame.len()]);
    let records: Vec<&[&str]> =
        starts.iter().zip(ends).filter_map(|(begin, end)| frame.get(*begin..end)).collect();
    let lengths = || {
        records.iter().map(|lines| value(lines, "Length: ")?.parse::<usize>().ok().map(|length| length + 5))
    };
    // A record that begins or ends in another packet has no known place in this one.
    if lengths().sum::<Option<usize>>() != Some(length) {
        return Vec::new();
    }
    let mut bytes = Vec::new();
    for lines in records {
        let Some((header, content)) = record(lines) else { break };
        bytes.extend(header);
        match content {
            Some(content) => bytes.extend(content),
            None => break,
        }
    }
    bytes
}

/// The header of a record, and its content if it is known.
fn record(lines: &[&str]) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
    let content_type = value(lines, "Content Type: ").or_else(|| value(lines, "Opaque Type: "));
    let content_type = u8::try_from(code(content_type?)?).ok()?;
    let version = code(value(lines, "Version: ")?)?.to_be_bytes();
    let length: u16 = value(lines, "Length: ")?.parse().ok()?;
    let header = [&[content_type][..], &version, &length.to_be_bytes()].concat();
    let content = match content_type {
        20 => Some(vec![1]),
        21 => {
            let byte = |name| value(lines, name).and_then(code).and_then(|code| u8::try_from(code).ok());
            byte("Level: ").zip(byte("Description: ")).map(|(level, description)| vec![level, description])
        }
        22 => message(lines),
        _ => None,
    };
    Some((header, content.filter(|content| content.len() == usize::from(length))))
}

/// A record with one message: a hello or ServerHelloDone. tshark shortens certificates.
fn message(lines: &[&str]) -> Option<Vec<u8>> {
    let lines = lines.get(lines.iter().position(|line| line.trim().starts_with("Handshake Type: "))?..)?;
    let number = u8::try_from(code(value(lines, "Handshake Type: ")?)?).ok()?;
    let is_client = match number {
        1 => true,
        2 => false,
        14 => return Some(vec![14, 0, 0, 0]),
        _ => return None,
    };
    let hex = |name: &str| value(lines, name).map(line::hex_digits);
    let mut body = code(value(lines, "Version: ")?)?.to_be_bytes().to_vec();
    body.extend(hex("Random: ")?);
    body.extend(prefixed(1, &hex("Session ID: ").unwrap_or_default()));
    let suites = lines.iter().filter_map(|line| code(line.trim().strip_prefix("Cipher Suite: ")?));
    let suites: Vec<u8> = suites.flat_map(u16::to_be_bytes).collect();
    body.extend(if is_client { prefixed(2, &suites) } else { suites });
    body.extend(if is_client { &[1, 0][..] } else { &[0] });
    let titled = |line: &&str| line.trim().starts_with("Extension: ");
    let starts: Vec<usize> =
        lines.iter().enumerate().filter_map(|(at, line)| titled(line).then_some(at)).collect();
    let mut all = Vec::new();
    for (index, begin) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(lines.len());
        all.extend(extension(lines.get(*begin..end)?, is_client)?);
    }
    if !starts.is_empty() {
        body.extend(prefixed(2, &all));
    }
    Some([vec![number], prefixed(3, &body)].concat())
}

fn extension(lines: &[&str], is_client: bool) -> Option<Vec<u8>> {
    let number = code(value(lines, "Type: ")?)?;
    let length: usize = value(lines, "Length: ")?.parse().ok()?;
    let codes = |name: &str| -> Option<Vec<u16>> {
        lines.iter().filter_map(|line| line.trim().strip_prefix(name)).map(code).collect()
    };
    let wide = |codes: Vec<u16>| codes.into_iter().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let narrow = |codes: Vec<u16>| codes.into_iter().map(u8::try_from).collect::<Result<Vec<u8>, _>>().ok();
    let body = match number {
        _ if length == 0 => Vec::new(),
        0 => {
            let name = value(lines, "Server Name: ")?;
            prefixed(2, &[&[0][..], &prefixed(2, name.as_bytes())].concat())
        }
        5 if length == 5 => vec![1, 0, 0, 0, 0],
        10 => prefixed(2, &wide(codes("Supported Group: ")?)),
        11 => prefixed(1, &narrow(codes("EC point format: ")?)?),
        13 | 50 => prefixed(2, &wide(codes("Signature Algorithm: ")?)),
        16 => {
            let names = lines.iter().filter_map(|line| line.trim().strip_prefix("ALPN Next Protocol: "));
            prefixed(2, &names.flat_map(|name| prefixed(1, name.as_bytes())).collect::<Vec<u8>>())
        }
        21 => vec![0; length.min(1 << 14)],
        43 if is_client => prefixed(1, &wide(codes("Supported Version: ")?)),
        43 => wide(codes("Supported Version: ")?),
        45 => prefixed(1, &narrow(codes("PSK Key Exchange Mode: ")?)?),
        51 => {
            let groups = codes("Group: ")?;
            let keys = lines.iter().filter_map(|line| line.trim().strip_prefix("Key Exchange: "));
            let shares: Vec<u8> = groups
                .into_iter()
                .zip(keys)
                .flat_map(|(group, key)| {
                    [group.to_be_bytes().to_vec(), prefixed(2, &line::hex_digits(key))].concat()
                })
                .collect();
            if is_client { prefixed(2, &shares) } else { shares }
        }
        65281 if length == 1 => vec![0],
        _ => line::hex_digits(value(lines, "Data: ")?),
    };
    let header = [number.to_be_bytes(), u16::try_from(length).ok()?.to_be_bytes()].concat();
    (body.len() == length).then(|| [header, body].concat())
}
