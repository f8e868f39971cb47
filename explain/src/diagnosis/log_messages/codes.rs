//! The numbers of libraries, which are often all that a device prints: `-0x4e00`, `-19968` of Mbed
//! TLS, `err = -188` of wolfSSL, `last ssl error 62` of BearSSL, `-9824` of Apple, `0x80090326` of
//! Schannel, `+QSSLOPEN: 1,579` of a modem. A number counts where the line names its library, or where it is
//! of a form that only this library has.

mod apple;
mod axtls;
mod bearssl;
mod esp;
mod mbedtls;
mod modems;
mod number;
mod pkcs11;
mod schannel;
mod wolfssl;
mod words;

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
    /// The alert that came, if the number stands for one.
    came: Option<AlertDescription>,
}

impl Code {
    const fn new(number: i64, words: &'static str, client: Option<C>, server: Option<C>) -> Self {
        Self { number, words, client, server, several: false, came: None }
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
        match (self.came, cause) {
            (Some(alert), _) => Says::AlertCame(alert),
            (None, Some(cause)) if self.several => Says::Maybe(cause, self.words),
            (None, Some(cause)) => Says::Why(cause),
            (None, None) => Says::Number(self.words),
        }
    }

    /// The same where it is not sure that the number is of this library.
    fn says_at_most_possible(&self, of: Side) -> Says {
        match self.says(of) {
            Says::Why(cause) => Says::Maybe(cause, self.words),
            other => other,
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

/// The other end sent this alert.
const fn came(number: i64, alert: u8) -> Code {
    let mut code = Code::new(number, "", None, None);
    code.came = Some(AlertDescription(alert));
    code
}

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

fn in_table(table: &'static [Code], number: i64) -> Option<&'static Code> {
    table.iter().find(|code| code.number == number)
}

#[cfg(test)]
mod tests;
