//! The numbers of Mbed TLS 2, 3 and 4 and of PSA Crypto, in all notations: `-0x2700`, `0x2700`, `-9984`,
//! `FFFFD900`; the names of these numbers; and the flags of a verification.

mod flags;
mod names;
mod numbers;
mod psa;

use super::code::{self, Code, both, in_table, peer};
use super::number::{self, Number, has};
use crate::diagnosis::cause::Cause as C;
use crate::diagnosis::log_messages::says::Says;
use crate::input::capture_event::Side;

/// Words of a line about TLS, where a decimal number counts.
const ABOUT_TLS: &[&str] =
    &["mbed", "ssl", "tls", "x509", "handshake", "aws_iot", "net_connect", "pk_parse", "psa_"];

/// Words of a line where one or two digits count, and those of PSA Crypto: other programs have such numbers too.
const ABOUT_MBEDTLS: &[&str] = &[
    "mbed",
    "ssl->f_",
    "ssl_client",
    "_ssl_data",
    "ssl_handshake",
    "handshake failed with error code",
    "handshake: -0x",
    "handshake error: -0x",
    "net_connect returned",
    "bignum",
    "psa_",
    "psa ",
];

/// Stands for a sum of two numbers, the lower of which is a lack of memory.
const MEMORY: Code = both(-0x0010, "Mbed TLS: out of memory", C::LocalMemory);

/// Stands for a sum of two numbers of RSA.
const RSA_TWICE: Code = both(
    -0x8000,
    "Mbed TLS: an RSA operation with the own key failed inside another: the key is inconsistent, does not \
     belong to the certificate, or its hardware failed",
    C::LocalCredentials,
)
.several();

/// Replaces the numbers of X.509 if the peer's certificate was being read.
const PEER_UNREADABLE: Code = peer(
    -0x2080,
    "Mbed TLS: the peer's certificate cannot be read: its encoding, version, algorithm or a field is \
     not supported, or it is damaged",
    C::CertProfile,
    C::ClientCertProfile,
)
.several();

/// What the flags of a verification in a line say.
pub(super) fn flags(lower: &str, of: Side) -> Option<Says> {
    flags::says(lower, of)
}

/// The number or name in a line.
pub(super) fn code(lower: &str) -> Option<&'static Code> {
    printed_as_hex(lower)
        .or_else(|| number::numbers(lower).find_map(|number| of_number(lower, number)))
        .or_else(|| names::number(lower).and_then(|number| of_value(lower, number)))
        .or_else(|| unknown(lower))
}

/// A handshake failed with another number, such as one of the port.
fn unknown(lower: &str) -> Option<&'static Code> {
    let failed = number::numbers(lower).any(|found| found.value < 0 && !NO_ERRORS.contains(&found.value));
    (failed && has(lower, &["mbedtls_ssl_handshake"])).then_some(&UNKNOWN)
}

static UNKNOWN: Code =
    code::number(-0x1, "Mbed TLS: the handshake failed with a number of the platform below it");

/// More input is needed, the output is full, or an operation goes on.
const NO_ERRORS: [i64; 6] = [-0x6900, -0x6880, -0x7000, -0x6580, -0x6500, -0x4b00];

/// Zephyr prints the number in hex without a prefix: `TLS handshake error: -2700`.
fn printed_as_hex(lower: &str) -> Option<&'static Code> {
    let (_, behind) = lower.split_once("tls handshake error: -")?;
    let digits: String = behind.chars().take_while(char::is_ascii_hexdigit).collect();
    let number = i64::from_str_radix(&digits, 16).ok()?;
    of_value(lower, number.checked_neg()?)
}

fn of_number(lower: &str, Number { value, is_hex }: Number) -> Option<&'static Code> {
    const FIRST_HIGH: i64 = -0x1000;
    // The 133rd error and those above it, which systems do not use.
    const PSA: std::ops::RangeInclusive<i64> = -152..=-129;
    if NO_ERRORS.contains(&value) {
        return None;
    }
    if value > 0 {
        return unsigned(lower, value, is_hex);
    }
    if value > FIRST_HIGH {
        if !has(lower, ABOUT_MBEDTLS) {
            return None;
        }
        return if !is_hex && PSA.contains(&value) {
            in_table(psa::CODES, value)
        } else {
            in_table(numbers::CODES, value)
        };
    }
    let known = is_hex && in_table(numbers::CODES, value).is_some();
    (known || has(lower, ABOUT_TLS)).then(|| of_value(lower, value)).flatten()
}

/// Some programs print a number without its minus: `Last tls stack error number: 0x7780`.
fn unsigned(lower: &str, value: i64, is_hex: bool) -> Option<&'static Code> {
    const NO_ERROR: &[&str] = &["cipher", "suite", "version", "group"];
    const CONTEXT: &[&str] = &["mbed", "tls_", "tls stack error", "x509", "returned", "ssl_"];
    let plausible = is_hex
        && (0x1000..0x8000).contains(&value)
        && has(lower, CONTEXT)
        && !has(lower, NO_ERROR)
        && (in_table(numbers::CODES, value.checked_neg()?).is_some()
            || has(lower, &["error", "fail", "returned"]));
    if plausible { of_value(lower, value.checked_neg()?) } else { None }
}

/// A number, or the sum of one of an upper layer and one of a lower layer.
fn of_value(lower: &str, number: i64) -> Option<&'static Code> {
    const LOWER: i64 = 0x7f;
    /// Of big numbers and of ASN.1: out of memory.
    const NO_MEMORY: [i64; 2] = [0x10, 0x6a];
    let positive = number.checked_neg()?;
    if is_format(positive) && !NO_MEMORY.contains(&(positive & LOWER)) && !lower.contains("parse") {
        return Some(&PEER_UNREADABLE);
    }
    if (0x8100..=0x8b00).contains(&positive) {
        return Some(&RSA_TWICE);
    }
    in_table(numbers::CODES, number).or_else(|| {
        let range = (0x1000..0x8000).contains(&positive);
        let (_, _, module) =
            numbers::MODULES.iter().find(|(first, last, _)| range && (*first..=*last).contains(&positive))?;
        let upper = in_table(numbers::CODES, -(positive & !LOWER)).unwrap_or(module);
        Some(if NO_MEMORY.contains(&(positive & LOWER)) { &MEMORY } else { upper })
    })
}

/// The numbers of a certificate that cannot be read: those of X.509 without verification, bad argument,
/// memory and file.
fn is_format(positive: i64) -> bool {
    const OTHER: [i64; 5] = [0x2700, 0x2780, 0x2800, 0x2880, 0x2900];
    (0x2080..0x2980).contains(&positive) && !OTHER.contains(&(positive & !0x7f))
}
