//! Times: seconds since 1970, as text (RFC 3339), and as rcgen has them.

use core::time::Duration;

use x509_cert::der::DateTime;

/// 9999-12-31T23:59:59Z, the last time of a certificate (RFC 5280 §4.1.2.5).
const LAST: u64 = 253_402_300_799;

/// A day in seconds.
pub(crate) const DAY: u64 = 24 * 60 * 60;

/// The system's clock. A clock before 1970 counts as 1970.
pub(crate) fn now() -> u64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs()
}

/// As `2026-11-29T18:00:00Z`.
pub(crate) fn text(seconds: u64) -> String {
    DateTime::from_unix_duration(Duration::from_secs(seconds.min(LAST)))
        .map_or_else(|_| String::from("-"), |time| time.to_string())
}

/// The day, as `2026-11-29`.
pub(crate) fn day(seconds: u64) -> String {
    text(seconds).split('T').next().unwrap_or_default().to_owned()
}

/// Reads what [`text`] writes.
pub(crate) fn parse(text: &str) -> Option<u64> {
    text.parse::<DateTime>().ok().map(|time| time.unix_duration().as_secs())
}

/// As rcgen takes it.
#[expect(clippy::arithmetic_side_effects, reason = "the type reaches to the end of the year 9999")]
pub(crate) fn date_time<T>(seconds: u64, from_ymd: fn(i32, u8, u8) -> T) -> T
where
    T: core::ops::Add<Duration, Output = T>,
{
    from_ymd(1970, 1, 1) + Duration::from_secs(seconds.min(LAST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_text() {
        assert_eq!(text(1_764_439_200), "2025-11-29T18:00:00Z");
        assert_eq!(parse("2025-11-29T18:00:00Z"), Some(1_764_439_200));
        assert_eq!(day(1_764_439_200), "2025-11-29");
        assert_eq!(text(u64::MAX), "9999-12-31T23:59:59Z");
        for bad in ["", "2025-11-29", "2025-13-29T18:00:00Z", "2025-11-29T18:00:00+01:00", "é"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
