//! Times of certificates and CRLs (RFC 5280 §4.1.2.5).

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
    let number = |index: usize| rest.get(index..index.checked_add(2)?)?.parse::<i64>().ok();
    let year: i64 = year.parse().ok()?;
    let year = match (is_short, year) {
        (true, 0..=49) => year.checked_add(2000)?,
        (true, _) => year.checked_add(1900)?,
        (false, _) => year,
    };
    let (month, day, hour, minute, second) = (number(0)?, number(2)?, number(4)?, number(6)?, number(8)?);
    let is_real = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..=23).contains(&hour)
        && (0..=59).contains(&minute)
        && (0..=59).contains(&second);
    let days = days(year, month, day)?;
    is_real.then_some(())?;
    days.checked_mul(86_400)?
        .checked_add(hour.checked_mul(3600)?)?
        .checked_add(minute.checked_mul(60)?)?
        .checked_add(second)
}

/// Days since 1970-01-01 in the Gregorian calendar; years are counted from March, so that a leap day is last.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let month = month.checked_add(9)?.checked_rem(12)?;
    let leap_days =
        year.div_euclid(4).checked_sub(year.div_euclid(100))?.checked_add(year.div_euclid(400))?;
    let of_year = month.checked_mul(153)?.checked_add(2)?.div_euclid(5);
    year.checked_mul(365)?
        .checked_add(leap_days)?
        .checked_add(of_year)?
        .checked_add(day)?
        .checked_sub(719_469)
}

/// A day for people, such as 2026-11-29.
pub(crate) fn day(seconds: i64) -> String {
    let target = seconds.div_euclid(86_400);
    // A first guess from the mean year, then the year that contains the day.
    let guess = target.saturating_mul(400).div_euclid(146_097).saturating_add(1970);
    let starts = |year: i64, month: i64| days(year, month, 1).is_some_and(|first| first <= target);
    let year = (guess.saturating_sub(1)..=guess.saturating_add(1)).rev().find(|year| starts(*year, 1));
    let year = year.unwrap_or(guess);
    let month = (1..=12).rev().find(|month| starts(year, *month)).unwrap_or(1);
    let first = days(year, month, 1).unwrap_or(target);
    format!("{year:04}-{month:02}-{:02}", target.saturating_sub(first).saturating_add(1))
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
        assert_eq!(parse(UTC_TIME, b"240229123456+0100"), None);
        for (seconds, text) in [(0, "1970-01-01"), (1_709_210_096, "2024-02-29"), (-1, "1969-12-31")] {
            assert_eq!(day(seconds), text);
        }
    }
}
