//! The messages of programs, table by table. The first that fits decides, so the special ones stand before
//! the general.

mod browsers;
mod devices;
mod enterprise;
mod gnutls;
mod languages;
mod last;
mod openssl;
mod ours;
mod platforms;
mod servers;

pub(super) use openssl::alert as openssl_alert;

use super::says::Says;
use crate::diagnosis::cause::Cause;
use crate::input::capture_event::Side;

/// What a line in lower case says, and whether other lines of the log say more.
pub(super) fn says(lower: &str, of: Side) -> Option<(Says, bool)> {
    if let Some(says) = ours::diagnosis(lower) {
        return Some((says, false));
    }
    // BoringSSL and Python write reasons in capitals with underscores.
    let spaced = lower.replace('_', " ");
    let special = [
        ours::MESSAGES,
        devices::MESSAGES,
        servers::MESSAGES,
        platforms::MESSAGES,
        browsers::MESSAGES,
        languages::MESSAGES,
        enterprise::MESSAGES,
        gnutls::MESSAGES,
    ];
    let found = special
        .into_iter()
        .flatten()
        .find(|message| message.is_in(lower))
        .or_else(|| openssl::find(&spaced))
        .or_else(|| last::MESSAGES.iter().find(|message| message.is_in(lower)))
        .or_else(|| openssl::by_number(lower))?;
    let says = match found.says(of)? {
        Says::Why(cause) if cause != Cause::TransportRefused && !is_of_tls(lower) => {
            Says::Maybe(cause, BEYOND)
        }
        says => says,
    };
    Some((says, found.is_weak()))
}

const BEYOND: &str = "the words are those of a failed handshake, but the line does not name TLS: it may be of another \
                      part of the program";

/// Whether a line names what only TLS and its keys have to do with.
fn is_of_tls(lower: &str) -> bool {
    const WORDS: &[&str] = &[
        "tls",
        "ssl",
        "verify error:",
        "https",
        "handshake",
        "cert",
        "x509",
        "x.509",
        "pkix",
        "crl",
        "ocsp",
        "cipher",
        "routines",
        "alpn",
        "psk",
        "pre-shared",
        "key",
        "pkcs",
        "ckr_",
        "tpm",
        "atca",
        "secure_element",
        "trust",
        "issuer",
        "tofu",
        "rejected connection",
        "dynamic impl",
        "pr_",
        "err_",
        "sec_e",
        "schannel",
        "mbedtls",
        "record",
        "curl",
        "host name",
        "hostname",
        "sni",
        "signature scheme",
        "diffie",
        "renegotiation",
    ];
    WORDS.iter().any(|word| lower.contains(word))
}
