//! A report as lines of text, for a serial console or a log, and back from there.
//!
//! ```text
//! handclasp-report:v2:1/3:SAIAAAB9Av8...:5f0c
//! ```
//!
//! Number of the line and of all lines, up to 48 characters of base64, CRC-16 of what stands between `v2:`
//! and the last colon: at most 80 characters. A log may put words of its own in front of each line, and lines
//! in between.

use core::fmt;

use crate::{Report, ReportError};

const MARK: &str = ReportLines::MARK;
/// Bytes of a report in one line: 48 characters.
const PER_LINE: usize = 36;
/// The longest text behind the mark: `99/99:`, 48 characters, `:5f0c` and a line feed.
const TEXT_MAX: usize = 60;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Report {
    /// Writes the report as lines of text, each with a line feed at its end. [`ReportLines`] reads them.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_lines(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        let chunks = self.encode().chunks(PER_LINE);
        let count = chunks.len();
        for (number, bytes) in (1..).zip(chunks) {
            let mut text = Text::default();
            text.number(number);
            text.put(b'/');
            text.number(count);
            text.put(b':');
            for group in bytes.chunks(3) {
                text.group(group);
            }
            let check = check(text.bytes());
            text.put(b':');
            for digit in [check >> 12, check >> 8, check >> 4, check] {
                text.digit(usize::from(digit & 15), b"0123456789abcdef");
            }
            text.put(b'\n');
            out.write_str(MARK)?;
            // Characters and not a string: to show that the bytes are UTF-8 would take 300 bytes of code.
            text.bytes().iter().try_for_each(|byte| out.write_char(char::from(*byte)))?;
        }
        Ok(())
    }
}

/// Collects the lines of a report.
#[derive(Clone, Debug)]
pub struct ReportLines {
    bytes: [u8; crate::report::SIZE],
    length: usize,
    /// The lines that came, and all lines.
    place: (u8, u8),
}

/// Why a line of a report does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportLineError {
    /// The line is damaged: its check does not fit, or it is cut off.
    Damaged,
    /// A line is missing in front of this one.
    Missing {
        /// The number of the line that is missing, from 1.
        line: u8,
    },
    /// The lines are whole, and what they hold is not a report.
    Report(ReportError),
}

impl Default for ReportLines {
    fn default() -> Self {
        Self { bytes: [0; crate::report::SIZE], length: 0, place: (0, 0) }
    }
}

impl ReportLines {
    /// What every line begins with.
    pub const MARK: &str = "handclasp-report:v2:";

    /// How many lines of an unfinished report came, and how many it has.
    pub fn unfinished(&self) -> Option<(u8, u8)> {
        (self.place.0 > 0).then_some(self.place)
    }

    /// Takes a line of a log. Returns the report with its last line, `None` for a line that is not one of a
    /// report, or not the last.
    ///
    /// # Errors
    /// Why a line of a report does not read; reading goes on with the first line of the next report.
    pub fn push(&mut self, line: &str) -> Result<Option<Report>, ReportLineError> {
        let Some((_, text)) = line.split_once(MARK) else { return Ok(None) };
        // Behind the check a log may have a carriage return, or end a colour.
        let behind = |character: char| !character.is_ascii_alphanumeric() && !"/+=:".contains(character);
        let taken = self.take(text.split(behind).next().unwrap_or_default());
        match taken {
            Ok(false) => Ok(None),
            Ok(true) => {
                let whole = core::mem::take(self);
                let report = Report::decode(whole.bytes.get(..whole.length).unwrap_or_default());
                report.map(Some).map_err(ReportLineError::Report)
            }
            Err(error) => {
                *self = Self::default();
                Err(error)
            }
        }
    }

    /// Returns whether this was the last line.
    fn take(&mut self, text: &str) -> Result<bool, ReportLineError> {
        let damaged = ReportLineError::Damaged;
        let (content, digits) = text.rsplit_once(':').ok_or(damaged)?;
        if u16::from_str_radix(digits, 16) != Ok(check(content.as_bytes())) || digits.len() != 4 {
            return Err(damaged);
        }
        let (place, base64) = content.split_once(':').ok_or(damaged)?;
        let (number, count) = place.split_once('/').ok_or(damaged)?;
        let number: u8 = number.parse().map_err(|_| damaged)?;
        let count: u8 = count.parse().map_err(|_| damaged)?;
        if number == 0 || number > count {
            return Err(damaged);
        }
        if number == 1 {
            *self = Self { place: (0, count), ..Self::default() };
        }
        if self.place != (number.saturating_sub(1), count) {
            return Err(ReportLineError::Missing { line: self.place.0.saturating_add(1) });
        }
        self.place.0 = number;
        for group in base64.as_bytes().chunks(4) {
            self.group(group).ok_or(damaged)?;
        }
        Ok(number == count)
    }

    /// Takes four characters; a last group ends with `=`.
    fn group(&mut self, group: &[u8]) -> Option<()> {
        let digits = group.iter().take_while(|byte| **byte != b'=').count();
        let bytes = digits.checked_sub(1).filter(|bytes| *bytes > 0 && group.len() == 4)?;
        let mut bits = 0_u32;
        for character in group {
            let value = match character {
                b'=' => 0,
                other => u32::try_from(ALPHABET.iter().position(|one| one == other)?).ok()?,
            };
            bits = bits << 6 | value;
        }
        for byte in bits.to_be_bytes().get(1..)?.iter().take(bytes) {
            *self.bytes.get_mut(self.length)? = *byte;
            self.length = self.length.checked_add(1)?;
        }
        Some(())
    }
}

/// The text of a line between mark and check.
struct Text {
    bytes: [u8; TEXT_MAX],
    length: usize,
}

impl Default for Text {
    fn default() -> Self {
        Self { bytes: [0; TEXT_MAX], length: 0 }
    }
}

impl Text {
    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn put(&mut self, character: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = character;
            self.length = self.length.saturating_add(1);
        }
    }

    fn digit(&mut self, value: usize, of: &[u8]) {
        self.put(of.get(value).copied().unwrap_or(b'='));
    }

    /// A number below 100.
    fn number(&mut self, number: usize) {
        if number > 9 {
            self.digit(number / 10, b"0123456789");
        }
        self.digit(number % 10, b"0123456789");
    }

    /// Up to three bytes as four characters (RFC 4648 §4). Written without the formatting of the standard
    /// library, which takes 2 KB on a microcontroller.
    fn group(&mut self, bytes: &[u8]) {
        let byte = |place: usize| usize::from(bytes.get(place).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (place, value) in [bits >> 18, bits >> 12, bits >> 6, bits].into_iter().enumerate() {
            let is_padding = place > bytes.len();
            self.digit(if is_padding { ALPHABET.len() } else { value & 63 }, ALPHABET);
        }
    }
}

/// CRC-16/CCITT-FALSE: polynomial 0x1021, initial value 0xffff.
fn check(text: &[u8]) -> u16 {
    text.iter().fold(0xffff, |crc: u16, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| match crc & 0x8000 {
            0 => crc << 1,
            _ => crc << 1 ^ 0x1021,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::{format, string::String, vec::Vec};

    use super::*;
    use crate::{Fault, Side, Tag};

    fn report(notes: u8) -> Report {
        let mut report = Report::new(Side::Server);
        for number in 0..notes {
            report.note(Side::Client, Tag::ServerName, format!("board-{number}.example").as_bytes());
        }
        let _failed = report.fail(Fault::CallerRefused);
        report
    }

    fn lines(report: &Report) -> String {
        let mut text = String::new();
        report.write_lines(&mut text).unwrap();
        text
    }

    #[test]
    fn the_check_is_the_published_one() {
        // The check value of the catalogue of parametrised CRC algorithms for CRC-16/IBM-3740.
        assert_eq!(check(b"123456789"), 0x29b1);
    }

    #[test]
    fn a_report_of_every_length_comes_back_from_a_log() {
        for notes in 0..40 {
            let report = report(notes);
            let text = lines(&report);
            assert!(text.lines().all(|line| line.len() <= 80), "{text}");
            let mut reader = ReportLines::default();
            let mut found = Vec::new();
            for line in text.lines() {
                assert!(matches!(reader.push("[   3.125] tcp: retransmission"), Ok(None)));
                found.extend(reader.push(&format!("[   3.125] tls: {line}\r\n")).unwrap());
            }
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].encode(), report.encode());
        }
    }

    #[test]
    fn every_damaged_character_is_noticed() {
        let text = lines(&report(1));
        let first = text.lines().next().unwrap();
        for place in MARK.len()..first.len() {
            let mut bytes = first.as_bytes().to_vec();
            bytes[place] = if bytes[place] == b'X' { b'Y' } else { b'X' };
            let line = String::from_utf8(bytes).unwrap();
            assert!(ReportLines::default().push(&line).is_err(), "{line}");
            assert!(ReportLines::default().push(&first[..place]).is_err(), "cut at {place}");
        }
    }

    #[test]
    fn the_layout_of_a_line_is_that_of_the_documentation() {
        let text = lines(&Report::new(Side::Client));
        // `H`, version 3, client, nothing dropped, no byte behind that.
        let content = "1/1:SAMAAAAA";
        assert_eq!(text, format!("{MARK}{content}:{:04x}\n", check(content.as_bytes())));
        let mut long = report(18);
        (0..40).for_each(|number| long.note(Side::Client, Tag::AlertReceived, &[number]));
        let long = lines(&long);
        let numbers: Vec<&str> =
            long.lines().map(|line| line[MARK.len()..].split(':').next().unwrap()).collect();
        assert_eq!(numbers[9], format!("10/{}", numbers.len()));
    }

    #[test]
    fn what_stands_behind_a_line_does_no_harm() {
        let text = lines(&report(1));
        for behind in ["\r\n", "\u{1b}[0m\r\n", " (tls.c:41)"] {
            let mut reader = ReportLines::default();
            let found: Vec<Report> =
                text.lines().filter_map(|line| reader.push(&format!("{line}{behind}")).unwrap()).collect();
            assert_eq!(found.len(), 1, "{behind:?}");
        }
    }

    #[test]
    fn an_unfinished_report_is_known() {
        let text = lines(&report(10));
        let count = u8::try_from(text.lines().count()).unwrap();
        let mut reader = ReportLines::default();
        assert_eq!(reader.unfinished(), None);
        for (number, line) in (1..count).zip(text.lines()) {
            assert!(matches!(reader.push(line), Ok(None)));
            assert_eq!(reader.unfinished(), Some((number, count)));
        }
        assert!(reader.push(text.lines().last().unwrap()).unwrap().is_some());
        assert_eq!(reader.unfinished(), None);
    }

    #[test]
    fn a_lost_line_is_named_and_the_next_report_is_read() {
        let text = lines(&report(10));
        let all: Vec<&str> = text.lines().collect();
        assert!(all.len() > 2);
        for lost in 0..all.len() - 1 {
            let mut reader = ReportLines::default();
            let mut errors = Vec::new();
            for (place, line) in all.iter().enumerate() {
                if place != lost {
                    errors.extend(reader.push(line).err());
                }
            }
            let line = u8::try_from(lost + 1).unwrap();
            assert_eq!(errors.first(), Some(&ReportLineError::Missing { line }));
            let found = all.iter().filter_map(|line| reader.push(line).unwrap()).count();
            assert_eq!(found, 1);
        }
    }

    #[test]
    fn what_is_not_a_report_is_refused() {
        let line = format!("{MARK}1/1:AAAA:{:04x}", check(b"1/1:AAAA"));
        let error = ReportLines::default().push(&line).err();
        assert_eq!(error, Some(ReportLineError::Report(ReportError::NotAReport)));
        for content in
            ["0/1:AAAA", "2/1:AAAA", "1/1:AA=A", "1/1:A===", "1/1:AAA", "1/1:AA*A", "1:AAAA", "1/1"]
        {
            let line = format!("{MARK}{content}:{:04x}", check(content.as_bytes()));
            assert!(ReportLines::default().push(&line).is_err(), "{content}");
        }
    }
}
