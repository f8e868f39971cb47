//! `tshark -T fields`: a line for each packet, columns separated by tabs, one of them the payload in hex.

use std::collections::BTreeSet;

use super::{Part, line};
use crate::input::{Direction, Form, begins_record};

/// The parts of such a table. `None`: it is another text.
pub(super) fn parse(text: &str) -> Option<Vec<Part>> {
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').map(str::trim).collect()).collect();
    let payloads: BTreeSet<usize> = rows
        .iter()
        .flat_map(|row| row.iter().position(|cell| bytes(cell).is_some_and(|b| begins_record(&b))))
        .collect();
    let column = *payloads.first().filter(|_| payloads.len() == 1)?;
    let rows: Vec<(Vec<&str>, Vec<u8>)> = rows
        .into_iter()
        .filter_map(|row| {
            let payload = bytes(row.get(column)?)?;
            Some((row, payload))
        })
        .collect();
    let width = rows.iter().map(|(row, _)| row.len()).max().filter(|width| *width > 1)?;
    // Addresses and ports have two values each; times, lengths and numbers of packets more.
    let ends: Vec<usize> = (0..width)
        .filter(|at| *at != column)
        .filter(|at| rows.iter().map(|(row, _)| row.get(*at)).collect::<BTreeSet<_>>().len() <= 2)
        .collect();
    let key = |row: &[&str]| ends.iter().filter_map(|at| row.get(*at)).copied().collect::<Vec<_>>().join(" ");
    let keys: BTreeSet<String> = rows.iter().map(|(row, _)| key(row)).collect();
    let first = rows.first().map(|(row, _)| key(row))?;
    let direction = |row: &[&str]| match keys.len() {
        2 if key(row) == first => Some(Direction::Sent),
        2 => Some(Direction::Received),
        _ => None,
    };
    let mut parts: Vec<Part> = Vec::new();
    for (row, payload) in &rows {
        let direction = direction(row);
        match parts.last_mut() {
            Some(last) if last.direction == direction => last.bytes.extend(payload),
            _ => parts.push(Part::new(direction, Form::Stream, payload.clone())),
        }
    }
    Some(parts)
}

/// The bytes of a cell, with or without colons.
fn bytes(cell: &str) -> Option<Vec<u8>> {
    let digits = cell.replace(':', "");
    let is_hex = digits.len() >= 10
        && digits.len().is_multiple_of(2)
        && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex.then(|| line::hex_digits(&digits))
}
