//! What handclasp prints: the verdicts on known peers, and the cause in brackets that it names itself.

use crate::diagnosis::cause::Cause as C;
use crate::diagnosis::log_messages::message::{Message, both, peer};
use crate::diagnosis::log_messages::says::Says;

pub(super) const MESSAGES: &[Message] = &[
    both("alarm: the key of…has changed", C::PinChangedKey),
    both("the file of known peers has another key for this peer", C::PinChangedKey),
    peer("was not accepted as a new peer", C::PinUnknownKey, C::ClientCertNotAllowed),
    peer("the key sha256/…is revoked by line", C::CertRevoked, C::ClientCertRevoked),
];

/// The cause of a line such as `[cert.expired] proved: …`, as sure as the line says.
pub(super) fn diagnosis(lower: &str) -> Option<Says> {
    let (_, behind) = lower.split_once('[')?;
    let (id, behind) = behind.split_once("] ")?;
    let (confidence, _) = behind.split_once(':')?;
    let cause = *C::ALL.iter().find(|cause| cause.id() == id && **cause != C::None)?;
    match confidence {
        "proved" | "observed" => Some(Says::Why(cause)),
        "inferred" => Some(Says::Likely(cause, cause.meaning())),
        "possible" => Some(Says::Maybe(cause, cause.meaning())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_as_sure_as_it_was() {
        for (confidence, says) in [
            ("proved", Says::Why(C::CertExpired)),
            ("observed", Says::Why(C::CertExpired)),
            ("inferred", Says::Likely(C::CertExpired, C::CertExpired.meaning())),
            ("possible", Says::Maybe(C::CertExpired, C::CertExpired.meaning())),
        ] {
            assert_eq!(diagnosis(&format!("10:00 app  [cert.expired] {confidence}: words")), Some(says));
        }
        for line in
            ["[cert.expired] words", "[cert.new] proved: x", "[none] observed: x", "cert.expired proved: x"]
        {
            assert_eq!(diagnosis(line), None, "{line}");
        }
    }
}
