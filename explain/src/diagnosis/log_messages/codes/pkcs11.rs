//! The numbers of PKCS#11, `CKR_…`. Their names stand with the messages of devices.

use super::code::{Code, both};
use super::number::{behind, has};
use crate::diagnosis::cause::Cause as C;

/// The number of a line in lower case.
pub(super) fn code(lower: &str) -> Option<&'static Code> {
    const CONTEXT: &[&str] = &[
        "pkcs11",
        "pkcs#11",
        "p11prov",
        "cryptoki",
        "c_sign",
        "c_login",
        "c_initialize",
        "c_findobjects",
        "c_opensession",
    ];
    const MARKS: &[&str] =
        &["error: 0x", "rv = 0x", "rv=0x", "rv: 0x", "failed: 0x", "returned 0x", "error 0x", "code: 0x"];
    const DECIMAL: &[&str] = &["rv = ", "rv=", "rv: ", "failed: ", "error code: "];
    if !has(lower, CONTEXT) {
        return None;
    }
    let hex = MARKS.iter().find_map(|mark| {
        let (_, digits) = lower.split_once(mark)?;
        let end = digits.find(|found: char| !found.is_ascii_hexdigit()).unwrap_or(digits.len());
        i64::from_str_radix(digits.get(..end)?, 16).ok()
    });
    of_number(hex.or_else(|| behind(lower, DECIMAL))?)
}

fn of_number(number: i64) -> Option<&'static Code> {
    const MEMORY_NUMBERS: [i64; 2] = [0x02, 0x31];
    // Of the mechanism, its parameters and what a key is allowed to do.
    const SCHEME_NUMBERS: [i64; 6] = [0x1b, 0x62, 0x63, 0x68, 0x70, 0x71];
    if MEMORY_NUMBERS.contains(&number) {
        return Some(&MEMORY);
    }
    if SCHEME_NUMBERS.contains(&number) {
        return Some(&SCHEME);
    }
    TOKEN_NUMBERS.iter().any(|(first, last)| (*first..=*last).contains(&number)).then_some(&TOKEN)
}

const MEMORY: Code = both(0x02, "PKCS#11: out of memory", C::LocalMemory);

const SCHEME: Code = Code {
    client: Some(C::ClientCertNoUsableScheme),
    ..both(0x70, "PKCS#11: the token does not do the signature that TLS asks for", C::LocalToken)
};

const TOKEN: Code = both(0x05, "PKCS#11: an operation of the token failed", C::LocalToken);

/// Ranges of the numbers that PKCS#11 3.1 defines, without memory and mechanism.
const TOKEN_NUMBERS: &[(i64, i64)] = &[
    (0x01, 0x0b),
    (0x10, 0x13),
    (0x20, 0x21),
    (0x30, 0x32),
    (0x40, 0x41),
    (0x50, 0x54),
    (0x60, 0x6b),
    (0x82, 0x82),
    (0x90, 0x91),
    (0xa0, 0xa4),
    (0xb0, 0xb8),
    (0xc0, 0xc1),
    (0xd0, 0xd1),
    (0xe0, 0xe2),
    (0xf0, 0xf2),
    (0x100, 0x106),
    (0x110, 0x115),
    (0x120, 0x121),
    (0x130, 0x130),
    (0x140, 0x141),
    (0x160, 0x160),
    (0x170, 0x170),
    (0x180, 0x180),
    (0x190, 0x190),
    (0x1a0, 0x1a1),
    (0x1b0, 0x1b9),
    (0x200, 0x209),
];
