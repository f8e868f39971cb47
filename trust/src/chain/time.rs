//! The validity of a certificate (RFC 5280 §4.1.2.5), in seconds since 1970-01-01 UTC.

use crate::der::{Element, Elements, Malformed};

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const DAY: u64 = 86_400;

/// Reads the content of a validity: notBefore and notAfter.
pub(super) fn validity(content: &[u8]) -> Result<(u64, u64), Malformed> {
    let mut times = Elements(content);
    let mut next = || times.next()?.ok_or(Malformed).and_then(seconds);
    let pair = (next()?, next()?);
    times.end().map(|()| pair)
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ` (RFC 5280 §4.1.2.5.1, §4.1.2.5.2), from 1970 on.
fn seconds(time: Element<'_>) -> Result<u64, Malformed> {
    let digits = time.content.strip_suffix(b"Z").ok_or(Malformed)?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let mut pairs = pairs.iter();
    let mut pair = |least: u32, most: u32| {
        let [high, low] = pairs.next()?.map(|byte| char::from(byte).to_digit(10));
        let value = high?.checked_mul(10)?.checked_add(low?)?;
        Some(value).filter(|value| (least..=most).contains(value))
    };
    let mut fields = || {
        let year = match time.tag {
            UTC_TIME => pair(0, 99)
                .map(|year| if year < 50 { year.saturating_add(2000) } else { year.saturating_add(1900) })?,
            GENERALIZED_TIME => pair(0, 99)?.checked_mul(100)?.checked_add(pair(0, 99)?)?,
            _ => return None,
        };
        let month = pair(1, 12)?;
        let day = pair(1, days_of(year, month))?;
        let (hour, minute, second) = (pair(0, 23)?, pair(0, 59)?, pair(0, 59)?);
        let in_day = hour.checked_mul(60)?.checked_add(minute)?.checked_mul(60)?.checked_add(second)?;
        let days =
            (1..month).map(|month| days_of(year, month)).sum::<u32>().checked_add(day)?.checked_sub(1)?;
        let days = days_before(year)?.checked_add(days)?;
        u64::from(days).checked_mul(DAY)?.checked_add(u64::from(in_day))
    };
    let seconds = fields().ok_or(Malformed)?;
    if rest.is_empty() && pairs.next().is_none() { Ok(seconds) } else { Err(Malformed) }
}

/// Days from 1970-01-01 to the first day of the year; `None` for earlier years.
fn days_before(year: u32) -> Option<u32> {
    let years = year.checked_sub(1970)?;
    // Every fourth year is a leap year, but of the hundreds only every fourth.
    let leap_years = |year: u32| (year / 4).saturating_sub(year / 100).saturating_add(year / 400);
    let leap_days = leap_years(year.checked_sub(1)?).checked_sub(leap_years(1969))?;
    years.checked_mul(365)?.checked_add(leap_days)
}

fn days_of(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tag: u8, text: &str) -> Result<u64, Malformed> {
        seconds(Element { tag, whole: &[], content: text.as_bytes() })
    }

    #[test]
    fn times_are_those_of_date() {
        // `date -u -d '…' +%s`.
        for (tag, text, expected) in [
            (UTC_TIME, "700101000000Z", 0),
            (UTC_TIME, "991231235959Z", 946_684_799),
            (UTC_TIME, "000229120000Z", 951_825_600),
            (UTC_TIME, "491231235959Z", 2_524_607_999),
            (UTC_TIME, "160417171242Z", 1_460_913_162),
            (GENERALIZED_TIME, "19700101000000Z", 0),
            (GENERALIZED_TIME, "20500101000000Z", 2_524_608_000),
            (GENERALIZED_TIME, "21000301000000Z", 4_107_542_400),
            (GENERALIZED_TIME, "99991231235959Z", 253_402_300_799),
        ] {
            assert_eq!(read(tag, text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_time_is_malformed() {
        for (tag, text) in [
            (UTC_TIME, ""),
            (UTC_TIME, "Z"),
            (UTC_TIME, "7001010000Z"),       // without seconds
            (UTC_TIME, "700101000000"),      // without a zone
            (UTC_TIME, "700101000000+0100"), // of another zone
            (UTC_TIME, "700101000000.5Z"),   // a fraction
            (UTC_TIME, "70010100000Z"),      // an odd number of digits
            (UTC_TIME, "70010100000000Z"),   // two more digits
            (UTC_TIME, "500101000000Z"),     // 1950
            (UTC_TIME, "700001000000Z"),     // month 0
            (UTC_TIME, "701301000000Z"),     // month 13
            (UTC_TIME, "700100000000Z"),     // day 0
            (UTC_TIME, "700230000000Z"),
            (UTC_TIME, "210229000000Z"), // not a leap year
            (GENERALIZED_TIME, "21000229000000Z"),
            (UTC_TIME, "700101240000Z"),
            (UTC_TIME, "700101006000Z"),
            (UTC_TIME, "700101000060Z"), // a leap second
            (UTC_TIME, "70O101000000Z"),
            (UTC_TIME, "19700101000000Z"), // the other form
            (GENERALIZED_TIME, "700101000000Z"),
            (0x16, "700101000000Z"), // an IA5String
        ] {
            assert_eq!(read(tag, text), Err(Malformed), "{tag:#x} {text}");
        }
        assert_eq!(validity(b"\x17\x0d700101000000Z"), Err(Malformed), "one time");
    }
}
