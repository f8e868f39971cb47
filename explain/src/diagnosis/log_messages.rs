//! Messages that programs print when a handshake fails, and the causes that they name: OpenSSL and its users
//! (Python, curl, nginx, mosquitto, Node, Ruby), BoringSSL and Apple, GnuTLS, Mbed TLS, Java, Go, rustls,
//! NSS, Schannel.
//!
//! A message names a cause by itself only if it says why the program that printed it refused. An alert that
//! a program received gives its peer's opinion, which the peer's own log explains better.
//!
//! Imports run one way: `says` (the meaning of a line) ← `message` and `codes::code` (entries) ← tables ←
//! `messages` and `codes` (their order) ← this file.

mod alerts;
mod codes;
mod message;
mod messages;
mod not_tls;
mod ordinary;
mod says;
mod whose;

pub(crate) use alerts::candidates;
pub use says::Line;
pub(crate) use says::Says;
pub(crate) use whose::side;

use handclasp_codec::AlertDescription;

use crate::diagnosis::cause::Cause;
use crate::input::capture_event::Side;

/// What a log says, each thing once, in the order of its lines.
pub fn read(log: &str, of: Side) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    let mut lines = log.lines().enumerate().filter(|(_, text)| !ordinary::is(text)).peekable();
    while let Some((index, text)) = lines.next() {
        let Some((says, by_code)) = line(text, of) else { continue };
        // A verification that the program overrules is not why it failed, if anything else is.
        let overruled = lines.peek().is_some_and(|(_, next)| next.starts_with("verify return:1"));
        if found.iter().all(|line| line.says != says) {
            let by_code = by_code || overruled;
            found.push(Line { number: index + 1, text: shortened(text), says, by_code });
        }
    }
    found.extend(asked_for_certificate(log, of, &found));
    // What is weak in a certificate that does not load is the program's own.
    if found.iter().any(|line| line.says == Says::Why(Cause::LocalCredentials)) {
        found.retain(|line| !line.says.cause().is_some_and(is_weakness));
    }
    if ordinary::is_connected(log) {
        found.retain(|line| line.says != Says::Why(Cause::TransportRefused));
    }
    if ordinary::goes_on(log) && found.iter().any(|line| matches!(line.says, Says::AlertCame(_))) {
        found.retain(|line| !ordinary::is_tolerated(&line.text));
    }
    if of == Side::Client
        && found.iter().any(is_not_tls)
        && let Some(says) = not_tls::starttls(&log.to_lowercase())
    {
        found.iter_mut().filter(|line| is_not_tls(line)).for_each(|line| line.says = says);
    }
    found
}

/// The refusal of a server that had asked `openssl s_client` for a certificate, where its alert does not say why.
fn asked_for_certificate(log: &str, of: Side, found: &[Line]) -> Option<Line> {
    const ASKED: &[&str] = &["Acceptable client certificate CA names", "Client Certificate Types: "];
    const WORDS: &str = "the server asked for a client certificate and refused then: the client sent none, or one that \
                         the server does not accept";
    let refused = Says::AlertCame(AlertDescription::handshake_failure);
    let (number, text) =
        log.lines().enumerate().find(|(_, line)| ASKED.iter().any(|asked| line.starts_with(asked)))?;
    let is_all =
        found.iter().any(|line| line.says == refused) && found.iter().all(|line| line.says.cause().is_none());
    (of == Side::Client && is_all).then(|| Line {
        number: number + 1,
        text: shortened(text),
        says: Says::Maybe(Cause::ClientCertMissing, WORDS),
        by_code: false,
    })
}

fn is_weakness(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::CertWeakKey
            | Cause::CertWeakSignature
            | Cause::ClientCertWeakKey
            | Cause::ClientCertWeakSignature
    )
}

/// Whether a line says that bytes are not TLS, and not what they are.
fn is_not_tls(line: &Line) -> bool {
    line.says == Says::Why(Cause::TransportNotTlsOther)
}

/// The side whose log this most likely is where no word belongs to one side alone.
pub(crate) fn likely_side(log: &str) -> Side {
    let names_cause = |side| read(log, side).iter().any(|line| line.says.cause().is_some());
    if names_cause(Side::Server) && !names_cause(Side::Client) {
        return Side::Server;
    }
    let came = read(log, Side::Client).into_iter().find_map(|line| match line.says {
        Says::AlertCame(alert) => Some(alert),
        _ => None,
    });
    came.map_or(Side::Client, alerts::receiver)
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

/// Whether several lines of a text are sentences, whatever stands between them.
pub(crate) fn has_sentences(text: &str) -> bool {
    let is_word = |word: &&str| word.len() >= 3 && word.chars().all(char::is_alphabetic);
    text.lines().filter(|line| line.split_whitespace().filter(is_word).count() >= 3).count() >= 3
}

/// What one line says, and whether other words of the log say more.
fn line(text: &str, of: Side) -> Option<(Says, bool)> {
    let lower = text.to_lowercase();
    let of_bytes = not_tls::says(&lower).map(|says| (says, false));
    // The name of an alert reads like a reason, but it is that of the side that sent it. What stands behind
    // an alert that this side sent is its own reason.
    match alerts::says(&lower) {
        Some(Says::AlertSent(alert)) => {
            let (_, behind) = lower.split_once("fatal").unwrap_or_default();
            let reason = messages::says(behind, of).filter(|(says, weak)| !weak && says.cause().is_some());
            of_bytes.or(reason).or(Some((Says::AlertSent(alert), false)))
        }
        Some(says) => Some((says, false)),
        None => of_bytes.or_else(|| words_or_code(&lower, of)),
    }
}

/// What the words of a line say, or its number where the words say less.
fn words_or_code(lower: &str, of: Side) -> Option<(Says, bool)> {
    let flags = || codes::flags(lower, of).map(|says| (says, false));
    let code = || flags().or_else(|| codes::says(lower, of).map(|says| (says, true)));
    match messages::says(lower, of) {
        Some((says, false)) => Some((says, false)),
        Some(weak) => code().or(Some(weak)),
        None => code(),
    }
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 200;
    text.trim().chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests;
