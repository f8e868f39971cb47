//! An end that lives in another time (RFC 5246 §7.4.1.2: the first four bytes of random used to
//! be the time; some libraries still put it there). Devices without a battery wake up in a year
//! that their makers chose.

use handclasp_codec::AlertDescription as Alert;
use handclasp_report::Date;

use super::super::peer_verdict::Taken;
use super::super::{Case, Side, end};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::cause::Party;
use crate::diagnosis::compute::chain::{Chain, Deviation};
use crate::diagnosis::compute::now;
use crate::diagnosis::finding::{Confidence, Finding};

/// Days after its beginning within which such a clock is met.
const DAYS: u64 = 45;
const DAY: u64 = 86_400;

/// First of January of the years in which clocks begin when nobody sets them.
const BEGINNINGS: [u64; 8] = [
    0,             // 1970: Unix
    315_532_800,   // 1980: FAT, GPS
    946_684_800,   // 2000: most clock chips
    978_307_200,   // 2001: Apple
    1_262_304_000, // 2010
    1_420_070_400, // 2015
    1_577_836_800, // 2020
    1_609_459_200, // 2021
];

/// The time that the hello of an end tells, where it is one at which an unset clock may stand. Of random
/// bytes one in some hundred looks like that.
pub(in super::super) fn unset(case: &Case<'_>, of: Side) -> Option<(u64, String)> {
    let (position, random, hello) = match of {
        Side::Client => {
            let (found, hello) = case.conversation.client_hellos().next()?;
            (found.event.position, hello.random, "ClientHello")
        }
        Side::Server => {
            let (found, hello) = case.conversation.server_hello_at()?;
            (found.event.position, hello.random, "ServerHello")
        }
    };
    let seconds = u64::from(u32::from_be_bytes(*random.first_chunk()?));
    let begins = BEGINNINGS.iter().any(|begin| (*begin..begin + DAYS * DAY).contains(&seconds));
    let told =
        format!("{position}: the first four bytes of {hello}.random, read as a time, are {}", Date(seconds));
    begins.then_some((seconds, told))
}

/// Advice for devices that start with an unset clock.
const NO_CLOCK: &str = "on a device without a battery-backed clock: set the time by NTP before the handshake, or \
                        use the firmware's build time as a lower bound";

/// Whether the clock is the reason: the chain is good when it was captured, and the peer says that it
/// is not, or is not so by the time that it told.
pub(in super::super) fn wrong(case: &Case<'_>, chain: &Chain, taken: Taken, explained: bool) -> Vec<Finding> {
    let Taken::Refused(alert) = taken else { return Vec::new() };
    let dated = chain
        .deviations
        .iter()
        .any(|deviation| matches!(deviation, Deviation::Expired { .. } | Deviation::NotYetValid { .. }));
    if dated || !chain.timed {
        return Vec::new();
    }
    let begins = chain.on_path().map(|(_, found)| found.not_before).max().unwrap_or(i64::MIN);
    let ends = chain.on_path().map(|(_, found)| found.not_after).min().unwrap_or(i64::MAX);
    let invalid = |seconds: u64| i64::try_from(seconds).is_ok_and(|time| time < begins || time > ends);
    let by = chain.of.other();
    let told = unset(case, by).filter(|(seconds, _)| invalid(*seconds));
    let says_time = alert == Alert::certificate_expired;
    let may_mean_time =
        says_time || matches!(alert, Alert::bad_certificate | Alert::certificate_unknown | Alert::unknown_ca);
    let good = good_at(case, chain);
    let (judge, side) = match by {
        Side::Client => ("client", Party::Client),
        Side::Server => ("server", Party::Server),
    };
    match told {
        Some((seconds, told)) if may_mean_time => {
            let early = i64::try_from(seconds).is_ok_and(|time| time < begins);
            let (cause, what) = match (early, chain.of) {
                (true, Side::Server) => (Cause::CertNotYetValid, "not yet valid"),
                (true, Side::Client) => (Cause::ClientCertNotYetValid, "not yet valid"),
                (false, Side::Server) => (Cause::CertExpired, "expired"),
                (false, Side::Client) => (Cause::ClientCertExpired, "expired"),
            };
            let summary = format!(
                "The {judge}'s clock is wrong: it shows {}, when the certificates were {what}; they are \
                 valid at the time of the capture.",
                Date(seconds)
            );
            // Whether the bytes are a time, nothing says for certain.
            let clock = Finding::failure(Cause::ClockWrong, Confidence::Inferred, summary)
                .side(side)
                .evidence(told)
                .evidence(good)
                .evidence(case.ended())
                .or_fix(NO_CLOCK);
            let summary =
                format!("According to the {judge}'s clock the {}'s certificate is {what}.", end(chain.of));
            vec![clock, Finding::failure(cause, Confidence::Inferred, summary).evidence(case.ended())]
        }
        Some(_) | None if says_time && !explained => {
            vec![by_alert(chain, judge, side).evidence(good).evidence(case.ended())]
        }
        Some(_) | None => Vec::new(),
    }
}

/// The alert alone says that the time is the reason.
fn by_alert(chain: &Chain, judge: &str, side: Party) -> Finding {
    // Of an issuer that was not sent, the dates are not known.
    let (confidence, why) = match chain.is_anchored() {
        true => (Confidence::Inferred, String::new()),
        false => (Confidence::Possible, format!(", or a root in the {judge}'s store has expired")),
    };
    let summary = format!(
        "The {judge} considers a certificate expired that is valid at the time of the capture: the {judge}'s \
         clock is wrong{why}."
    );
    Finding::failure(Cause::ClockWrong, confidence, summary).side(side)
}

fn good_at(case: &Case<'_>, chain: &Chain) -> String {
    let at = case.at(chain.of, handclasp_codec::HandshakeType::certificate);
    let now =
        now(case.conversation, case.evidence).and_then(|now| u64::try_from(now).ok()).unwrap_or_default();
    format!("{at}: every certificate of the chain is valid on {}", Date(now))
}
