//! By what time certificates are judged.

use std::time::Duration;

use handclasp_trust::VerifyOptions;
use rustls_pki_types::UnixTime;

/// When this crate was built, in seconds since 1970-01-01 UTC: `SOURCE_DATE_EPOCH`, or the clock of the
/// building host. The earliest time that it can be.
pub const BUILD_DATE: u64 = parse(env!("HANDCLASP_BUILD_DATE"));

/// By what time the dates of certificates, revocation lists and OCSP responses are judged.
///
/// A machine without a clock shows 1970 or the time of its last shutdown, and would refuse every certificate as
/// not yet valid. Without a time, what ended before the lower bound is refused, and what is not valid yet is
/// accepted; [`crate::Trust::Pins`] ignores dates anyway. The report says what was not judged
/// ([`crate::report::Tag::NotJudged`]).
///
/// ```
/// use handclasp::{Client, Clock, Roots, Trust};
///
/// # fn client(roots: Roots) -> Client {
/// let client = Client::new(Trust::WebPki(roots)).clock(Clock::None);
/// # client
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clock {
    /// The clock of the operating system.
    #[default]
    System,
    /// The machine has no clock: the time is [`BUILD_DATE`] or later.
    None,
    /// The machine has no clock, and it is this time or later: the date of a firmware, or of the file that was
    /// written last.
    AtLeast(UnixTime),
}

impl Clock {
    /// The lower bound of the time; `None` if the time is known.
    pub(crate) fn earliest(self) -> Option<u64> {
        match self {
            Self::System => None,
            Self::None => Some(BUILD_DATE),
            Self::AtLeast(time) => Some(time.as_secs()),
        }
    }

    /// Sets the time of these options, which is that of the system's clock.
    pub(crate) fn apply(self, mut options: VerifyOptions<'_>) -> VerifyOptions<'_> {
        if let Some(seconds) = self.earliest() {
            options.now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
            options.time_is_known = false;
        }
        options
    }
}

/// Decimal digits; another character ends the compilation.
const fn parse(digits: &str) -> u64 {
    match u64::from_str_radix(digits, 10) {
        Ok(number) => number,
        Err(_) => panic!("the build script writes a number"),
    }
}

// 2026-01-01, before the first release.
const _: () = assert!(BUILD_DATE > 1_767_225_600);
