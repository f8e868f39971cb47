//! Logs that contain dumps: `openssl -msg`, `openssl -debug`, Mbed TLS at debug level 4. Only dumps below a
//! heading for bytes of the wire are read.

use handclasp_codec::ContentType;

use super::{HexError, HexProblem, Part, error, plain::Dump};
use crate::input::{Direction, Form};

/// Whether the text has such headings.
pub(super) fn is_log(text: &str) -> bool {
    text.lines().any(|line| heading(line).is_some())
}

/// What a dump below a heading contains.
#[derive(Clone, Copy)]
enum Below {
    Wanted(Direction, Form),
    /// A record header, an inner content type, or a secret: skipped.
    Skipped,
}

/// The heading in this line, if it is one.
fn heading(line: &str) -> Option<Below> {
    let line = line.trim();
    let message = |direction, rest: &str| {
        let kind = rest.split(", ").nth(1)?.split(' ').next()?;
        let content = match kind {
            "Handshake" => ContentType::handshake,
            "Alert" => ContentType::alert,
            "ChangeCipherSpec" => ContentType::change_cipher_spec,
            _ => return Some(Below::Skipped),
        };
        Some(Below::Wanted(direction, Form::Content(content)))
    };
    if let Some(rest) = line.strip_prefix(">>> ") {
        return message(Direction::Sent, rest);
    }
    if let Some(rest) = line.strip_prefix("<<< ") {
        return message(Direction::Received, rest);
    }
    let stream = |direction| Some(Below::Wanted(direction, Form::Stream));
    if line.starts_with("write to 0x") {
        return stream(Direction::Sent);
    }
    if line.starts_with("read from 0x") {
        return stream(Direction::Received);
    }
    let (_, dumped) = line.split_once("dumping '")?;
    match dumped.split('\'').next()? {
        "output record sent to network" => stream(Direction::Sent),
        "input record from network" => stream(Direction::Received),
        _ => Some(Below::Skipped),
    }
}

pub(super) fn parse(text: &str) -> Result<Vec<Part>, HexError> {
    let mut parts: Vec<Part> = Vec::new();
    let mut below = Below::Skipped;
    let mut dump = Dump::new(true);
    for (number, line) in text.lines().enumerate() {
        if let Some(next) = heading(line) {
            close(std::mem::replace(&mut dump, Dump::new(true)), below, &mut parts);
            below = next;
            continue;
        }
        if dump.restarts(without_prefix(line)) {
            close(std::mem::replace(&mut dump, Dump::new(true)), below, &mut parts);
            below = Below::Skipped;
        }
        // Other output may be between the dumps, and is skipped. So is a line within other output, whose
        // offset does not count.
        if let Err((column, problem @ HexProblem::Offset { .. })) = dump.line(without_prefix(line))
            && matches!(below, Below::Wanted(..))
        {
            return Err(error(number + 1, column + 1, problem));
        }
    }
    close(dump, below, &mut parts);
    Ok(parts)
}

/// Mbed TLS prefixes the source file and the level: `ssl_msg.c:2875: |4| 0000:  16 03 …`.
fn without_prefix(line: &str) -> &str {
    let level = ["|3| ", "|4| ", "|5| "].into_iter().find_map(|level| line.split_once(level));
    level.map_or(line, |(_, rest)| rest)
}

/// Adds a dump to the parts; consecutive dumps of one direction are one stream.
fn close(dump: Dump, below: Below, parts: &mut Vec<Part>) {
    let Below::Wanted(direction, form) = below else { return };
    let Some(part) = dump.part(Some(direction), form) else { return };
    match parts.last_mut() {
        Some(last) if form == Form::Stream && last.direction == part.direction && last.form == form => {
            last.bytes.extend(part.bytes);
        }
        _ => parts.push(part),
    }
}
