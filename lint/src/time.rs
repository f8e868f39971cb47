//! Times of certificates and CRLs (RFC 5280 §4.1.2.5).

use time::{Date, Month, OffsetDateTime};

use crate::{
    Code,
    der::{Element, GENERALIZED_TIME, Reader, UTC_TIME, tag_name},
    finding::Log,
    name::text,
};

/// A time at its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time {
    /// Seconds since 1970.
    pub(crate) seconds: i64,
    /// Offset of the first digit.
    pub(crate) at: usize,
}

/// Reads the next element as a time.
pub(crate) fn read(reader: &mut Reader<'_>, field: &str, log: &mut Log) -> Option<Time> {
    if !matches!(reader.tag(), Some(UTC_TIME | GENERALIZED_TIME)) {
        let found = reader.tag().map_or_else(|| "the end".to_owned(), tag_name);
        log.add(Code::UnexpectedField, reader.offset, format!("UTCTime or GeneralizedTime ({field})"), found);
        return None;
    }
    let element = reader.next(field, log)?;
    let seconds = seconds(element);
    if seconds.is_none() {
        let expected = match element.tag {
            UTC_TIME => "YYMMDDHHMMSSZ",
            _ => "YYYYMMDDHHMMSSZ",
        };
        log.add(Code::TimeMalformed, element.start, expected, text(element.content));
    }
    seconds.map(|seconds| Time { seconds, at: element.start })
}

/// Seconds since 1970.
fn seconds(element: Element<'_>) -> Option<i64> {
    let digits = element.content.strip_suffix(b"Z")?;
    let is_short = element.tag == UTC_TIME;
    if !digits.iter().all(u8::is_ascii_digit) || digits.len() != if is_short { 12 } else { 14 } {
        return None;
    }
    let digits = std::str::from_utf8(digits).ok()?;
    let (year, rest) = digits.split_at_checked(if is_short { 2 } else { 4 })?;
    let number = |index: usize| rest.get(index..index.checked_add(2)?)?.parse::<u8>().ok();
    let year: i32 = year.parse().ok()?;
    let year = match (is_short, year) {
        (true, 0..=49) => year.checked_add(2000)?,
        (true, _) => year.checked_add(1900)?,
        (false, _) => year,
    };
    let date = Date::from_calendar_date(year, Month::try_from(number(0)?).ok()?, number(2)?).ok()?;
    let time = date.with_hms(number(4)?, number(6)?, number(8)?).ok()?;
    Some(time.assume_utc().unix_timestamp())
}

/// A day for people, such as 2026-11-29.
pub(crate) fn day(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds)
        .map_or_else(|_| format!("{seconds} seconds after 1970"), |time| time.date().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(tag: u8, digits: &[u8]) -> Option<i64> {
        seconds(Element { tag, offset: 0, start: 2, content: digits, length: digits.len() })
    }

    #[test]
    fn times_of_rfc_5280() {
        // Seconds by `date -u -d … +%s`.
        assert_eq!(parse(UTC_TIME, b"700101000000Z"), Some(0));
        assert_eq!(parse(UTC_TIME, b"240229123456Z"), Some(1_709_210_096));
        assert_eq!(parse(UTC_TIME, b"500101000000Z"), Some(-631_152_000));
        assert_eq!(parse(GENERALIZED_TIME, b"20500101000000Z"), Some(2_524_608_000));
        assert_eq!(parse(UTC_TIME, b"2402291234Z"), None);
        assert_eq!(parse(UTC_TIME, b"241329123456Z"), None);
        assert_eq!(parse(UTC_TIME, b"250229123456Z"), None);
        assert_eq!(parse(UTC_TIME, b"240229123456+0100"), None);
        for (seconds, text) in [(0, "1970-01-01"), (1_709_210_096, "2024-02-29"), (-1, "1969-12-31")] {
            assert_eq!(day(seconds), text);
        }
    }
}
