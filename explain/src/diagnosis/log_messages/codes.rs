//! The numbers of libraries, which are often all that a device prints: `-0x4e00`, `-19968` of Mbed
//! TLS, `err = -188` of wolfSSL, `last ssl error 62` of BearSSL, `-9824` of Apple, `0x80090326` of
//! Schannel, `+QSSLOPEN: 1,579` of a modem.

mod apple;
mod bearssl;
mod mbedtls;
mod modems;
mod schannel;
mod wolfssl;

use handclasp_codec::AlertDescription;

use super::Says;
use crate::diagnosis::cause::Cause as C;
use crate::input::capture_event::Side;

/// A number and what it says.
struct Code {
    number: i64,
    words: &'static str,
    /// The cause if a client prints it.
    client: Option<C>,
    /// The cause if a server does.
    server: Option<C>,
    /// Whether the number has several reasons, the cause being one of them.
    several: bool,
}

impl Code {
    const fn new(number: i64, words: &'static str, client: Option<C>, server: Option<C>) -> Self {
        Self { number, words, client, server, several: false }
    }

    const fn several(mut self) -> Self {
        self.several = true;
        self
    }

    fn says(&self, of: Side) -> Says {
        let cause = match of {
            Side::Client => self.client,
            Side::Server => self.server,
        };
        match cause {
            Some(cause) if self.several => Says::Maybe(cause, self.words),
            Some(cause) => Says::Why(cause),
            None => Says::Number(self.words),
        }
    }
}

const fn number(number: i64, words: &'static str) -> Code {
    Code::new(number, words, None, None)
}

const fn client(number: i64, words: &'static str, cause: C) -> Code {
    Code::new(number, words, Some(cause), None)
}

const fn server(number: i64, words: &'static str, cause: C) -> Code {
    Code::new(number, words, None, Some(cause))
}

const fn both(number: i64, words: &'static str, cause: C) -> Code {
    Code::new(number, words, Some(cause), Some(cause))
}

const fn peer(number: i64, words: &'static str, of_server: C, of_client: C) -> Code {
    Code::new(number, words, Some(of_server), Some(of_client))
}

/// Stands for a sum of two numbers of Mbed TLS, the lower of which is a lack of memory.
const MEMORY: Code = both(-0x0010, "Mbed TLS: out of memory", C::LocalMemory);

/// Words that are as good as a number.
const WORDS: &[(&str, &str)] = &[
    (
        "alert: handshake failure",
        "axTLS: the handshake failed with alert 40; the end that sent it is not named",
    ),
    (
        "alert - handshake failure",
        "axTLS: the handshake failed with alert 40; the end that sent it is not named",
    ),
    ("error: ssl error 40", "axTLS: the handshake failed with alert 40; the end that sent it is not named"),
    ("invalid handshake", "axTLS: a handshake message is invalid"),
    ("connect to server failed!", "the connection failed below TLS, or the name could not be resolved"),
    ("+cipssl: error", "a modem: TLS failed; the modem gives no reason"),
    ("tls handshake, cme ", "a modem: the TLS handshake failed; the modem gives no reason"),
];

/// What a number in a line in lower case says.
pub(super) fn says(lower: &str, of: Side) -> Option<Says> {
    bearssl_alert(lower)
        .or_else(|| code(lower).map(|code| code.says(of)))
        .or_else(|| WORDS.iter().find(|(part, _)| lower.contains(part)).map(|(_, words)| Says::Number(words)))
}

fn code(lower: &str) -> Option<&'static Code> {
    modem(lower)
        .or_else(|| wolfssl(lower))
        .or_else(|| bearssl_number(lower).and_then(|number| in_table(bearssl::CODES, number)))
        .or_else(|| psa(lower))
        .or_else(|| printed_as_hex(lower))
        .or_else(|| words(lower).find_map(|word| general(lower, word)))
}

fn in_table(table: &'static [Code], number: i64) -> Option<&'static Code> {
    table.iter().find(|code| code.number == number)
}

/// The words of a line in which numbers stand.
fn words(lower: &str) -> impl Iterator<Item = &str> {
    lower.split(|found: char| !(found.is_ascii_alphanumeric() || found == '-'))
}

/// `-0x2700`, `0x80090326`, `-9984`; without the minus where the line is about TLS.
fn general(lower: &str, word: &str) -> Option<&'static Code> {
    let (sign, digits) = word.strip_prefix('-').map_or((1, word), |rest| (-1, rest));
    let number = match digits.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok()?.checked_mul(sign)?,
        None if sign < 0 && digits.len() >= 4 => -digits.parse::<i64>().ok()?,
        None => return None,
    };
    if let Some(code) = in_table(apple::CODES, number).or_else(|| in_table(schannel::CODES, number)) {
        return Some(code);
    }
    if sign < 0 {
        return mbedtls_number(number);
    }
    let of_tls = ["mbedtls", "tls_", "tls stack error", "x509", "returned", "ssl_"];
    let no_error = ["cipher", "suite", "version", "group"];
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    let plausible = (0x1000..0x8000).contains(&number) && has(&of_tls) && !has(&no_error);
    if plausible { mbedtls_number(-number) } else { None }
}

/// A number of Mbed TLS, or the sum of one of an upper layer and one of a lower layer.
fn mbedtls_number(number: i64) -> Option<&'static Code> {
    const LOWER: i64 = 0x7f;
    /// Of big numbers and of ASN.1: out of memory.
    const NO_MEMORY: [i64; 2] = [0x10, 0x6a];
    in_table(mbedtls::CODES, number).or_else(|| {
        let positive = number.checked_neg().filter(|positive| (0x1000..0x8000).contains(positive))?;
        let (_, _, module) =
            mbedtls::MODULES.iter().find(|(first, last, _)| (*first..=*last).contains(&positive))?;
        let upper = in_table(mbedtls::CODES, -(positive & !LOWER)).unwrap_or(module);
        Some(if NO_MEMORY.contains(&(positive & LOWER)) { &MEMORY } else { upper })
    })
}

/// Zephyr prints the number in hex without a prefix: `TLS handshake error: -2700`.
fn printed_as_hex(lower: &str) -> Option<&'static Code> {
    let (_, behind) = lower.split_once("tls handshake error: -")?;
    let digits: String = behind.chars().take_while(char::is_ascii_hexdigit).collect();
    let number = i64::from_str_radix(&digits, 16).ok()?;
    mbedtls_number(-number)
}

/// Three digits mean something only where wolfSSL stands near.
fn wolfssl(lower: &str) -> Option<&'static Code> {
    const NAMED: [&str; 3] = ["wolfssl", "wolfmqtt", "preverify"];
    // Numbers of the operating system end below.
    const ABOVE_ERRNO: i64 = -139;
    let named = NAMED.iter().any(|part| lower.contains(part));
    let error = ["err = -", "error = -"].iter().any(|part| lower.contains(part));
    if !named && !error {
        return None;
    }
    words(lower)
        .filter_map(|word| word.strip_prefix('-').filter(|digits| digits.len() == 3)?.parse::<i64>().ok())
        .map(|digits| -digits)
        .filter(|number| named || *number < ABOVE_ERRNO)
        .find_map(|number| in_table(wolfssl::CODES, number))
}

/// The number of BearSSL: `last ssl error 62`, `BSSL:… error 62`.
fn bearssl_number(lower: &str) -> Option<i64> {
    let behind = match lower.split_once("last ssl error ") {
        Some((_, behind)) => behind,
        None => lower.split_once("bssl:")?.1.split_once("error ")?.1,
    };
    let digits: String =
        behind.trim_start_matches([':', ' ']).chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// BearSSL counts alerts that came from 256, and those it sent from 512.
fn bearssl_alert(lower: &str) -> Option<Says> {
    const CAME: i64 = 256;
    const SENT: i64 = 512;
    let alert = |number: i64| u8::try_from(number).ok().map(AlertDescription);
    match bearssl_number(lower)? {
        number @ CAME..SENT => alert(number - CAME).map(Says::AlertCame),
        number => alert(number - SENT).map(Says::AlertSent),
    }
}

fn psa(lower: &str) -> Option<&'static Code> {
    if !lower.contains("psa_") && !lower.contains("psa ") {
        return None;
    }
    words(lower).find_map(|word| in_table(mbedtls::PSA, word.parse().ok()?))
}

/// The result of a modem: the second number behind its command.
fn modem(lower: &str) -> Option<&'static Code> {
    let result = |command: &str| {
        let (_, numbers) = lower.split_once(command)?.1.split_once(',')?;
        let digits: String = numbers.trim_start().chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    let tables =
        [("+qsslopen:", modems::QUECTEL), ("+cchopen:", modems::SIMCOM), ("%xsocket: -1", modems::NORDIC)];
    tables.into_iter().find_map(|(command, table)| in_table(table, result(command)?))
}

#[cfg(test)]
mod tests;
