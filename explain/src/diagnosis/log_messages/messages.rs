//! The messages of programs, table by table. The first that fits decides, so the special ones stand before
//! the general.

mod browsers;
mod devices;
mod gnutls;
mod languages;
mod last;
mod openssl;
mod platforms;
mod servers;

pub(super) use openssl::alert as openssl_alert;

use super::says::Says;
use crate::input::capture_event::Side;

/// What a line in lower case says, and whether other lines of the log say more.
pub(super) fn says(lower: &str, of: Side) -> Option<(Says, bool)> {
    // BoringSSL and Python write reasons in capitals with underscores.
    let spaced = lower.replace('_', " ");
    let special = [
        devices::MESSAGES,
        servers::MESSAGES,
        platforms::MESSAGES,
        browsers::MESSAGES,
        languages::MESSAGES,
        gnutls::MESSAGES,
    ];
    let found = special
        .into_iter()
        .flatten()
        .find(|message| message.is_in(lower))
        .or_else(|| openssl::find(&spaced))
        .or_else(|| last::MESSAGES.iter().find(|message| message.is_in(lower)))
        .or_else(|| openssl::by_number(lower))?;
    Some((found.says(of)?, found.is_weak()))
}
