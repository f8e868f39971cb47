//! What programs print when a handshake fails, read for what it says: OpenSSL (and what stands on
//! it: Python, curl, nginx, mosquitto, Node, Ruby), BoringSSL and Apple, GnuTLS, Mbed TLS, Java,
//! Go, rustls, NSS, Schannel.
//!
//! A message names a cause by itself only where it says why the one who printed it refused. That
//! an alert came tells what the other end thought, which that end's own log says better.

mod alerts;
mod browsers;
mod codes;
mod languages;
mod messages;
mod platforms;
mod servers;
mod whose;

pub(crate) use whose::side;

use handclasp_codec::AlertDescription;

use crate::diagnosis::cause::Cause;
use crate::input::capture_event::Side;

/// A line that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Counted from 1.
    pub number: usize,
    /// The line, without what stands around it; 200 characters at most.
    pub text: String,
    /// What it says.
    pub says: Says,
    /// Whether only an error code says it: words of the same log say more.
    pub by_code: bool,
}

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// Why the program that printed it refused or failed.
    Why(Cause),
    /// The same where the line has several reasons, one of them this cause: all of them, in words.
    Maybe(Cause, &'static str),
    /// The other end sent this alert.
    AlertCame(AlertDescription),
    /// The program that printed it sent this alert.
    AlertSent(AlertDescription),
    /// What a number means that says too little to name a cause: in words.
    Number(&'static str),
}

/// What a log says, each thing once, in the order of its lines.
pub fn read(log: &str, of: Side) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    for (index, text) in log.lines().enumerate() {
        let Some((says, by_code)) = line(text, of) else { continue };
        if found.iter().all(|line| line.says != says) {
            found.push(Line { number: index + 1, text: shortened(text), says, by_code });
        }
    }
    found
}

/// Whether a text is prose with at most some numbers in it, and not a dump of bytes.
pub(crate) fn is_prose(text: &str) -> bool {
    let (mut words, mut bytes) = (0_usize, 0_usize);
    for token in text.split(|found: char| found.is_whitespace() || ",;:()[]{}\"'=".contains(found)) {
        let digits = token.strip_prefix("0x").or_else(|| token.strip_prefix("\\x")).unwrap_or(token);
        let hex =
            !digits.is_empty() && digits.len() % 2 == 0 && digits.chars().all(|c| c.is_ascii_hexdigit());
        // An address or a number in a log is not a run of bytes; `dead` may be either.
        if hex {
            bytes += digits.len() / 2;
        } else if token.chars().filter(|letter| letter.is_alphabetic()).count() >= 3 {
            words += 1;
        }
    }
    words > bytes / 2
}

/// What one line says, and whether only a number says it.
fn line(text: &str, of: Side) -> Option<(Says, bool)> {
    let lower = text.to_lowercase();
    // `openssl s_client` prints the validity of every certificate, valid or not.
    if lower.contains("v:notbefore:") {
        return None;
    }
    if let Some((cause, words)) = messages::ambiguous(&lower, of) {
        return Some((Says::Maybe(cause, words), false));
    }
    // The name of an alert reads like a reason, but it is that of the side that sent it.
    if let Some(says) = alerts::says(&lower) {
        return Some((says, false));
    }
    if let Some(cause) = messages::cause(&lower, of) {
        return Some((Says::Why(cause), false));
    }
    if let Some(says) = codes::flags(&lower, of) {
        return Some((says, false));
    }
    codes::says(&lower, of).map(|says| (says, true))
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 200;
    text.trim().chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests;
