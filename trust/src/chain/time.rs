//! The validity of a certificate (RFC 5280 §4.1.2.5), in seconds since 1970-01-01 UTC.

use crate::der::{Elements, Malformed};

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const DAY: u64 = 86_400;

/// Reads the content of a validity: notBefore and notAfter.
pub(crate) fn validity(content: &[u8]) -> Result<(u64, u64), Malformed> {
    let mut times = Elements(content);
    let mut next = || seconds(times.tag(), times.take()?);
    let pair = (next()?, next()?);
    times.end().map(|()| pair)
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ` (RFC 5280 §4.1.2.5.1, §4.1.2.5.2), from 1970 on.
pub(crate) fn seconds(tag: Option<u8>, time: &[u8]) -> Result<u64, Malformed> {
    let digits = time.strip_suffix(b"Z").ok_or(Malformed)?;
    let (pairs, rest) = digits.as_chunks::<2>();
    // A UTCTime has no century.
    let missing = match tag {
        Some(UTC_TIME) => 1,
        Some(GENERALIZED_TIME) => 0,
        _ => return Err(Malformed),
    };
    let mut fields = [0_u32; 7];
    if !rest.is_empty() || pairs.len().saturating_add(missing) != fields.len() {
        return Err(Malformed);
    }
    for (field, pair) in fields.iter_mut().skip(missing).zip(pairs) {
        for byte in pair {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return Err(Malformed);
            }
            *field = field.saturating_mul(10).saturating_add(u32::from(digit));
        }
    }
    since_1970(fields, missing == 1).ok_or(Malformed)
}

/// Seconds from 1970 to a time: century, year, month, day, hour, minute and second, each of two digits.
#[expect(clippy::arithmetic_side_effects, reason = "every field is below 100")]
fn since_1970(fields: [u32; 7], is_utc_time: bool) -> Option<u64> {
    let [century, year, month, day, hour, minute, second] = fields;
    let century = match is_utc_time {
        true if year < 50 => 20,
        true => 19,
        false => century,
    };
    let year = century * 100 + year;
    let exists = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    if year < 1970 || !exists || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Years that begin in March, so that a leap day is the last one; March to January have 153 days in five
    // months.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    // 719 468 days lie between the first of March of the year 0 and 1970.
    let days = year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468;
    Some(u64::from(days) * DAY + u64::from((hour * 60 + minute) * 60 + second))
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
        seconds(Some(tag), text.as_bytes())
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
