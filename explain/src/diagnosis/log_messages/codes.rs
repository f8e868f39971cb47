//! The numbers of libraries, which are often all that a device prints: `-0x4e00`, `-19968` of Mbed
//! TLS, `err = -188` of wolfSSL, `last ssl error 62` of BearSSL, `-9824` of Apple, `0x80090326` of
//! Schannel, `+QSSLOPEN: 1,579` of a modem. A number counts where the line names its library, or where it is
//! of a form that only this library has.

mod apple;
mod axtls;
mod bearssl;
mod code;
mod esp;
mod mbedtls;
mod modems;
mod number;
mod pkcs11;
mod schannel;
mod wolfssl;
mod words;

use self::code::Code;
use super::says::Says;
use crate::input::capture_event::Side;

/// What a number, or words as good as one, in a line in lower case say.
pub(super) fn says(lower: &str, of: Side) -> Option<Says> {
    const BEHIND: &[fn(&str) -> Option<&'static Code>] =
        &[axtls::code, esp::code, pkcs11::code, apple::code, schannel::code, words::code];
    let behind = || BEHIND.iter().find_map(|code| code(lower)).map(|code| code.says(of));
    modems::code(lower)
        .map(|code| code.says(of))
        .or_else(|| wolfssl::says(lower, of))
        .or_else(|| bearssl::says(lower, of))
        .or_else(behind)
        .or_else(|| mbedtls::code(lower).or_else(|| words::general(lower)).map(|code| code.says(of)))
}

/// What flags of a verification in a line in lower case say, which is more than the number of the failure.
pub(super) fn flags(lower: &str, of: Side) -> Option<Says> {
    mbedtls::flags(lower, of)
}

#[cfg(test)]
mod tests;
