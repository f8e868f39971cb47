//! A report as lines of text, for a serial console or a log, and back from there.
//!
//! ```text
//! handclasp-report:v2:1/3:SAIAAAB9Av8...:5f0c
//! ```
//!
//! Number of the line and of all lines, up to 48 characters of base64, CRC-16 of what stands between `v2:`
//! and the last colon: at most 80 characters. A log may put words of its own in front of each line, and lines
//! in between.

use core::fmt::{self, Write as _};

use crate::{Report, ReportError};

/// What every line begins with.
const MARK: &str = "handclasp-report:v2:";
/// Bytes of a report in one line: 48 characters.
const PER_LINE: usize = 36;
/// The longest text between mark and check: `99/99:` and 48 characters.
const TEXT_MAX: usize = 54;

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
            write!(text, "{number}/{count}:")?;
            for group in bytes.chunks(3) {
                text.group(group)?;
            }
            out.write_str(MARK)?;
            out.write_str(text.as_str())?;
            writeln!(out, ":{:04x}", check(text.as_str()))?;
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
    /// Takes a line of a log. Returns the report with its last line, `None` for a line that is not one of a
    /// report, or not the last.
    ///
    /// # Errors
    /// Why a line of a report does not read; reading goes on with the first line of the next report.
    pub fn push(&mut self, line: &str) -> Result<Option<Report>, ReportLineError> {
        let Some((_, text)) = line.split_once(MARK) else { return Ok(None) };
        let taken = self.take(text.trim_end());
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
        if u16::from_str_radix(digits, 16) != Ok(check(content)) || digits.len() != 4 {
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
    fn as_str(&self) -> &str {
        core::str::from_utf8(self.bytes.get(..self.length).unwrap_or_default()).unwrap_or_default()
    }

    /// Up to three bytes as four characters (RFC 4648 §4).
    fn group(&mut self, bytes: &[u8]) -> fmt::Result {
        let byte = |place: usize| u32::from(bytes.get(place).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4_usize {
            let shifted = bits >> (18_usize.saturating_sub(place.saturating_mul(6)));
            let digit = usize::try_from(shifted & 63).unwrap_or_default();
            let is_padding = place > bytes.len();
            let character = if is_padding { b'=' } else { ALPHABET.get(digit).copied().unwrap_or(b'=') };
            self.write_char(char::from(character))?;
        }
        Ok(())
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length.saturating_add(text.len());
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// CRC-16/CCITT-FALSE: polynomial 0x1021, initial value 0xffff.
fn check(text: &str) -> u16 {
    text.bytes().fold(0xffff, |crc: u16, byte| {
        (0..8).fold(crc ^ u16::from(byte) << 8, |crc, _| match crc & 0x8000 {
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
        report.fault(&Fault::CallerRefused);
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
        assert_eq!(check("123456789"), 0x29b1);
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
        let mut text = Text::default();
        write!(text, "1/1:AAAA").unwrap();
        let line = format!("{MARK}1/1:AAAA:{:04x}", check("1/1:AAAA"));
        let error = ReportLines::default().push(&line).err();
        assert_eq!(error, Some(ReportLineError::Report(ReportError::NotAReport)));
        for content in
            ["0/1:AAAA", "2/1:AAAA", "1/1:AA=A", "1/1:A===", "1/1:AAA", "1/1:AA*A", "1:AAAA", "1/1"]
        {
            let line = format!("{MARK}{content}:{:04x}", check(content));
            assert!(ReportLines::default().push(&line).is_err(), "{content}");
        }
    }
}
