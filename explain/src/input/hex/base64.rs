//! Base64 (RFC 4648 §4 and §5) of TLS bytes.

use super::Part;
use crate::input::{Direction, Form, begins_record};

/// The bytes of a text that is Base64 of TLS records. Lines that each begin with a record are parts of their
/// own.
pub(super) fn parse(text: &str) -> Option<Vec<Part>> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut parts: Vec<Part> = Vec::new();
    let mut run = String::new();
    let close = |run: &mut String, parts: &mut Vec<Part>| -> Option<()> {
        let bytes = decode(&std::mem::take(run))?;
        if !bytes.is_empty() {
            parts.push(Part::new(None, Form::Stream, bytes));
        }
        Some(())
    };
    for line in lines {
        if decode(line).is_some_and(|bytes| begins_record(&bytes)) {
            close(&mut run, &mut parts)?;
        }
        run.push_str(line);
    }
    close(&mut run, &mut parts)?;
    parts.first().is_some_and(|part| begins_record(&part.bytes)).then_some(parts)
}

/// The bytes of a string, with or without padding. `None`: another character.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for found in digits.bytes() {
        let value = match found {
            b'A'..=b'Z' => found - b'A',
            b'a'..=b'z' => found - b'a' + 26,
            b'0'..=b'9' => found - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 & 0xff_ffff | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

/// Wireshark's "Follow stream" as YAML: each packet names its peer and has its bytes in Base64.
pub(super) fn yaml(text: &str) -> Option<Vec<Part>> {
    if !text.contains("!!binary") {
        return None;
    }
    let mut parts: Vec<Part> = Vec::new();
    let mut direction = Direction::Sent;
    let mut inside = false;
    let mut data = String::new();
    for line in text.lines().chain(["end:"]) {
        let line = line.trim();
        let key = line.trim_start_matches("- ").split_once(':');
        let Some((key, value)) = key else {
            if inside {
                data.push_str(line);
            }
            continue;
        };
        if !data.is_empty() {
            parts.extend(decode(&data).map(|bytes| Part::new(Some(direction), Form::Stream, bytes)));
            data.clear();
        }
        inside = value.contains("!!binary");
        let peer = if key == "peer" { Some(value.trim()) } else { key.strip_prefix("peer") };
        direction = match peer.and_then(|peer| peer.chars().next()) {
            Some('0') => Direction::Sent,
            Some('1') => Direction::Received,
            _ => direction,
        };
    }
    (!parts.is_empty()).then_some(parts)
}
