//! The time, as far as a board knows it.

/// When this crate was built, in seconds since 1970-01-01 UTC: `SOURCE_DATE_EPOCH`, or the clock of the
/// building host. The earliest time that it can be.
pub const BUILD_DATE: u64 = parse(env!("HANDCLASP_BUILD_DATE"));

/// A clock of the board. Without one every certificate is judged at [`BUILD_DATE`], or at the date of
/// [`crate::Config::with_earliest_date`].
pub trait Clock {
    /// The time now. May begin as [`Time::SinceBoot`] and become [`Time::SinceEpoch`] once the board has
    /// heard the time.
    fn now(&self) -> Time;
}

/// What a clock says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Time {
    /// Seconds since 1970-01-01 UTC: the dates of certificates are judged by it.
    SinceEpoch(u64),
    /// Seconds since the board started. Added to the earliest date it gives a lower bound: a
    /// certificate that expired before it is refused, one that is not valid yet is accepted.
    SinceBoot(u64),
}

/// A lower bound of the time, or the time itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Now {
    /// Seconds since 1970-01-01 UTC.
    pub(crate) seconds: u64,
    /// Whether it is the time, and not only a lower bound.
    pub(crate) is_known: bool,
}

impl Now {
    /// From a clock, if there is one. A clock that is behind `earliest` was not set.
    pub(crate) fn of(clock: Option<&dyn Clock>, earliest: u64) -> Self {
        match clock.map_or(Time::SinceBoot(0), Clock::now) {
            Time::SinceEpoch(seconds) if seconds >= earliest => Self { seconds, is_known: true },
            Time::SinceEpoch(_) => Self { seconds: earliest, is_known: false },
            Time::SinceBoot(passed) => Self { seconds: earliest.saturating_add(passed), is_known: false },
        }
    }
}

/// Decimal digits; another character ends the compilation.
#[expect(clippy::panic, reason = "evaluated by the compiler only")]
const fn parse(digits: &str) -> u64 {
    match u64::from_str_radix(digits, 10) {
        Ok(number) => number,
        Err(_) => panic!("the build script writes a number"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(Time);

    impl Clock for Fixed {
        fn now(&self) -> Time {
            self.0
        }
    }

    #[test]
    fn a_clock_that_was_not_set_gives_a_lower_bound() {
        for (clock, seconds, is_known) in [
            (None, 1000, false),
            (Some(Time::SinceBoot(7)), 1007, false),
            (Some(Time::SinceBoot(u64::MAX)), u64::MAX, false),
            // 1970, as clocks say that lost their battery.
            (Some(Time::SinceEpoch(12)), 1000, false),
            (Some(Time::SinceEpoch(1000)), 1000, true),
            (Some(Time::SinceEpoch(5000)), 5000, true),
        ] {
            let clock = clock.map(Fixed);
            let now = Now::of(clock.as_ref().map(|clock| clock as &dyn Clock), 1000);
            assert_eq!(now, Now { seconds, is_known });
        }
    }

    // 2026-01-01, before the first release.
    const _: () = assert!(BUILD_DATE > 1_767_225_600);
}
