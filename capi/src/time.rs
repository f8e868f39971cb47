//! The current time, or a lower bound of it where there is no clock.

/// When this library was built, in seconds since 1970-01-01 UTC: the earliest time that it can be on a device.
#[cfg(not(feature = "std"))]
pub(crate) const EARLIEST: u64 = match u64::from_str_radix(env!("HANDCLASP_BUILD_DATE"), 10) {
    Ok(seconds) => seconds,
    Err(_) => 0,
};

/// Hosts have a clock.
#[cfg(feature = "std")]
pub(crate) const EARLIEST: u64 = 0;

/// The time, or a lower bound of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Now {
    /// Seconds since 1970-01-01 UTC.
    pub(crate) seconds: u64,
    /// Whether it is the time, and not only a lower bound.
    pub(crate) is_known: bool,
}

impl Now {
    /// From the time that the program set, or the system's clock. A clock that is behind `earliest` was not set.
    pub(crate) fn of(set: Option<u64>, earliest: u64) -> Self {
        match set.or_else(clock) {
            Some(seconds) if seconds >= earliest => Self { seconds, is_known: true },
            _ => Self { seconds: earliest, is_known: false },
        }
    }
}

#[cfg(feature = "std")]
fn clock() -> Option<u64> {
    std::time::SystemTime::UNIX_EPOCH.elapsed().ok().map(|since| since.as_secs())
}

#[cfg(not(feature = "std"))]
fn clock() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_not_set_gives_a_lower_bound() {
        assert_eq!(Now::of(Some(12), 1000), Now { seconds: 1000, is_known: false });
        assert_eq!(Now::of(Some(1000), 1000), Now { seconds: 1000, is_known: true });
        assert_eq!(Now::of(Some(5000), 1000), Now { seconds: 5000, is_known: true });
        assert!(Now::of(None, 1000).is_known, "hosts have a clock");
    }
}
