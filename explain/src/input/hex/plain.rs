//! Lines of bytes, with or without offsets.

use super::{HexError, HexProblem, Part, error, is_heading, line, without_comments};
use crate::input::{Direction, Form};

/// Parses lines into one part.
pub(super) fn parse(text: &str) -> Result<Vec<Part>, HexError> {
    let offsets = has_offsets(text);
    // In a dump with offsets, '#' may be in the text column.
    let kept = if offsets { text.to_owned() } else { joined(without_comments(text)) };
    let mut dump = Dump::new(offsets);
    let mut parts: Vec<Part> = Vec::new();
    let (mut direction, mut next) = (None, None);
    for (number, line) in kept.lines().enumerate() {
        if offsets && dump.restarts(line) {
            parts.extend(std::mem::replace(&mut dump, Dump::new(offsets)).part(direction, Form::Stream));
            direction = next.take();
        }
        next = direction_in(line).or(next);
        if dump.is_empty() {
            direction = next.take().or(direction);
        }
        dump.line(line).map_err(|(column, problem)| error(number + 1, column + 1, problem))?;
    }
    parts.extend(dump.part(direction, Form::Stream));
    // Bytes that follow each other in one direction are one stream.
    let mut streams: Vec<Part> = Vec::new();
    for part in parts {
        match streams.last_mut() {
            Some(last) if last.direction == part.direction => last.bytes.extend(part.bytes),
            _ => streams.push(part),
        }
    }
    Ok(streams)
}

/// The direction that a heading before a dump names: `sent 200 bytes`, `<-- read 7`.
fn direction_in(line: &str) -> Option<Direction> {
    if !is_heading(line) {
        return None;
    }
    let lower = line.to_lowercase();
    let mut words = lower.split(|letter: char| !letter.is_alphanumeric());
    words.find_map(|word| match word {
        "sent" | "send" | "sending" | "write" | "wrote" | "written" | "tx" => Some(Direction::Sent),
        "received" | "receive" | "recv" | "read" | "rx" => Some(Direction::Received),
        _ => None,
    })
}

/// Whether lines start with offsets: marked as such, or the first is zero, or the second equals the number
/// of bytes in the first line.
fn has_offsets(text: &str) -> bool {
    let lines = text.lines().filter_map(|line| line::parse(line, true).ok());
    let mut lines = lines.filter(|line| !line.bytes.is_empty());
    let Some(first) = lines.next() else { return false };
    let Some(offset) = first.offset else { return false };
    let second = lines.next().and_then(|line| line.offset);
    offset.marked
        || offset.value() == 0
        || second.is_some_and(|second| second.is(offset.value() + first.bytes.len()))
}

/// Joins continuous digits that are broken into lines at any place, even inside a byte.
fn joined(text: String) -> String {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let digits = |line: &str| line.chars().all(|digit| digit.is_ascii_hexdigit());
    if lines().count() > 1 && lines().all(digits) && lines().any(|line| line.len() % 2 == 1) {
        return lines().collect();
    }
    text
}

/// State of parsing a dump.
#[derive(Default)]
pub(super) struct Dump {
    offsets: bool,
    bytes: Vec<u8>,
    /// The first offset: a dump may start in the middle.
    base: Option<usize>,
    /// Whether `*` stood for repeated lines.
    repeat: Option<usize>,
    last: usize,
    little_endian: bool,
}

impl Dump {
    /// An empty dump. `offsets`: whether lines may start with offsets.
    pub(super) fn new(offsets: bool) -> Self {
        Self { offsets, ..Self::default() }
    }

    /// Parses a line. The error has the column, counted from 0.
    pub(super) fn line(&mut self, text: &str) -> Result<(), (usize, HexProblem)> {
        if text.trim() == "*" && self.base.is_some() {
            self.repeat = Some(self.last);
            return Ok(());
        }
        let line = match line::parse(text, self.offsets) {
            Ok(line) => line,
            Err(_) if is_heading(text) => return Ok(()),
            Err(wrong) => return Err(wrong),
        };
        if let Some(offset) = &line.offset {
            self.at(offset, text, line.words)?;
        }
        self.last = self.bytes.len();
        self.bytes.extend(line.bytes);
        Ok(())
    }

    fn at(&mut self, offset: &line::Offset, text: &str, words: bool) -> Result<(), (usize, HexProblem)> {
        let Some(base) = self.base else {
            self.base = Some(offset.value());
            self.little_endian = offset.seven_digits() && words;
            return Ok(());
        };
        let lies = |expected: usize| {
            let column = text.chars().count() - text.trim_start().chars().count();
            (column, HexProblem::Offset { found: offset.value(), expected })
        };
        if let Some(from) = self.repeat.take() {
            let line: Vec<u8> = self.bytes.get(from..).unwrap_or_default().to_vec();
            // Limit: a TLS handshake does not repeat the same line for 1 MiB.
            while !line.is_empty() && self.bytes.len() < 1 << 20 && !offset.is(base + self.bytes.len()) {
                self.bytes.extend(&line);
            }
        }
        let expected = base + self.bytes.len();
        if offset.is(expected) {
            return Ok(());
        }
        // In a dump of 16-bit words the last word may be half.
        if self.little_endian && offset.is(expected - 1) {
            self.swap();
            self.bytes.pop();
            self.little_endian = false;
            return Ok(());
        }
        Err(lies(expected))
    }

    fn swap(&mut self) {
        self.bytes.chunks_exact_mut(2).for_each(<[u8]>::reverse);
    }

    /// The bytes so far.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.little_endian {
            self.swap();
        }
        self.bytes
    }

    /// Whether no bytes were read yet.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether a line with this offset starts another dump.
    pub(super) fn restarts(&self, text: &str) -> bool {
        let offset = line::parse(text, self.offsets).ok().and_then(|line| line.offset);
        !self.bytes.is_empty() && offset.is_some_and(|offset| offset.is(0))
    }

    /// The bytes as a part.
    pub(super) fn part(self, direction: Option<Direction>, form: Form) -> Option<Part> {
        let bytes = self.finish();
        (!bytes.is_empty()).then_some(Part::new(direction, form, bytes))
    }
}
