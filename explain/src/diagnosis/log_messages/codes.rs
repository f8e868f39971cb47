//! The numbers of Mbed TLS, which is often all that a device prints: `-0x4e00`, `-19968`; and those
//! of Apple (`-9824`) and Schannel (`0x80090326`).

use super::Says;
use crate::diagnosis::cause::Cause as C;
use crate::input::capture_event::Side;

/// A number: what it is called in words, the cause if a client prints it, the cause if a server does.
type Code = (i64, &'static str, Option<C>, Option<C>);

/// What a number in a line in lower case says.
pub(super) fn says(lower: &str, of: Side) -> Option<Says> {
    let (_, words, client, server) =
        numbers(lower).find_map(|number| CODES.iter().find(|code| code.0 == number))?;
    let cause = match of {
        Side::Client => client,
        Side::Server => server,
    };
    Some(match *cause {
        // It does not say whose key.
        Some(cause @ C::KeyExchangePointNotOnCurve) => Says::Maybe(cause, words),
        Some(cause) => Says::Why(cause),
        None => Says::Number(words),
    })
}

/// The numbers in a line: `-0x2700`, `0x80090326`, `-9984`.
fn numbers(lower: &str) -> impl Iterator<Item = i64> + '_ {
    lower.split(|found: char| !(found.is_ascii_alphanumeric() || found == '-')).filter_map(|word| {
        let (sign, digits) = match word.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, word),
        };
        let number = match digits.strip_prefix("0x") {
            Some(hex) => i64::from_str_radix(hex, 16).ok()?,
            None if sign < 0 && digits.len() >= 4 => digits.parse().ok()?,
            None => return None,
        };
        Some(sign * number)
    })
}

const CODES: &[Code] = &[
    (
        -0x2700,
        "Mbed TLS: the peer's certificate was rejected; the verification flags state the reason",
        Some(C::CertUnknownIssuer),
        Some(C::ClientCertUnknownIssuer),
    ),
    (
        -0x4e00,
        "Mbed TLS: an ECDSA signature does not verify, or an elliptic curve key is invalid",
        Some(C::KeyExchangeSignatureInvalid),
        Some(C::ClientCertSignatureInvalid),
    ),
    (
        -0x4c80,
        "Mbed TLS: an elliptic curve key or point is not valid",
        Some(C::KeyExchangePointNotOnCurve),
        None,
    ),
    (
        -0x4380,
        "Mbed TLS: an RSA signature does not verify",
        Some(C::KeyExchangeSignatureInvalid),
        Some(C::ClientCertSignatureInvalid),
    ),
    (-0x7780, "Mbed TLS: the peer sent a fatal alert", None, None),
    (-0x7880, "Mbed TLS: the peer closed the connection with close_notify", None, None),
    (
        -0x7280,
        "Mbed TLS: the peer closed the connection without close_notify",
        Some(C::TransportClosedByServer),
        Some(C::TransportClosedByClient),
    ),
    (-0x0050, "Mbed TLS: the peer reset the connection", Some(C::TransportReset), Some(C::TransportReset)),
    (-0x004e, "Mbed TLS: sending failed", None, None),
    (-0x004c, "Mbed TLS: receiving failed", None, None),
    (-0x0044, "Mbed TLS: the connection was refused", Some(C::TransportRefused), None),
    (-0x6800, "Mbed TLS: the handshake timed out", Some(C::TransportSilent), None),
    (-0x7380, "Mbed TLS: no cipher suite in common with the client", None, Some(C::SuiteNoneInCommon)),
    (
        -0x6980,
        "Mbed TLS: no cipher suite in common is usable: a certificate for it is missing",
        None,
        Some(C::SuiteKeyType),
    ),
    (
        -0x6e80,
        "Mbed TLS: the protocol version is not supported",
        Some(C::VersionNoneInCommon),
        Some(C::VersionNoneInCommon),
    ),
    (-0x7900, "Mbed TLS: the ClientHello could not be processed", None, None),
    (-0x7980, "Mbed TLS: the ServerHello could not be processed", None, None),
    (-0x7a00, "Mbed TLS: the Certificate message could not be processed", None, None),
    (
        -0x7480,
        "Mbed TLS: the client sent no certificate, and one is required",
        None,
        Some(C::ClientCertMissing),
    ),
    (-0x7680, "Mbed TLS: no CA chain is configured, but one is required", None, None),
    (
        -0x7080,
        "Mbed TLS: a message in several records, or another feature that is not compiled in",
        Some(C::RecordLimitExceeded),
        Some(C::HelloFragmentedUnsupported),
    ),
    (-0x7100, "Mbed TLS: invalid argument to a function", None, None),
    (
        -0x7180,
        "Mbed TLS: a record failed authentication",
        Some(C::KeyExchangeKeysDiffer),
        Some(C::KeyExchangeKeysDiffer),
    ),
    (-0x7200, "Mbed TLS: an invalid record was received", None, None),
    (
        -0x6a00,
        "Mbed TLS: a buffer is too small for a message",
        Some(C::RecordLimitExceeded),
        Some(C::RecordLimitExceeded),
    ),
    (-0x6c80, "Mbed TLS: unknown identity of a pre-shared key", None, Some(C::PskIdentityUnknown)),
    (-0x7600, "Mbed TLS: the private key is not set, or does not match", None, None),
    (-0x2562, "Mbed TLS: an extension of the certificate could not be parsed", None, None),
    (-0x7f00, "Mbed TLS: out of memory", None, None),
    (-0x7d00, "Mbed TLS: ServerKeyExchange could not be processed", None, None),
    (-9801, "Apple: the negotiation failed", None, None),
    (-9824, "Apple: the peer aborted the handshake (alert 40)", None, None),
    (
        -9807,
        "Apple: the certificate chain is not trusted",
        Some(C::CertUnknownIssuer),
        Some(C::ClientCertUnknownIssuer),
    ),
    (-9813, "Apple: no root certificate found", Some(C::CertUnknownIssuer), Some(C::ClientCertUnknownIssuer)),
    (-9814, "Apple: a certificate has expired", Some(C::CertExpired), Some(C::ClientCertExpired)),
    (-9812, "Apple: the root is not trusted", Some(C::CertUnknownIssuer), Some(C::ClientCertUnknownIssuer)),
    (-9843, "Apple: the host name does not match", Some(C::CertNameMismatch), None),
    (-9846, "Apple: the peer could not decrypt a record (alert 20)", None, None),
    (0x8009_0326, "Schannel: the peer aborted, or an unexpected message arrived", None, None),
    (0x8009_0331, "Schannel: no algorithm in common", Some(C::SuiteNoneInCommon), Some(C::SuiteNoneInCommon)),
    (
        0x8009_0325,
        "Schannel: the certificate chain is not trusted",
        Some(C::CertUnknownIssuer),
        Some(C::ClientCertUnknownIssuer),
    ),
    (0x8009_0328, "Schannel: a certificate has expired", Some(C::CertExpired), Some(C::ClientCertExpired)),
    (0x8009_0322, "Schannel: the name of the certificate is wrong", Some(C::CertNameMismatch), None),
];
