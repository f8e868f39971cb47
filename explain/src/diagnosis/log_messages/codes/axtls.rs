//! The numbers of axTLS on the ESP8266: `Error: SSL error 40`.

use super::code::{Code, both, client, in_table, number, peer};
use super::number::{behind, has};
use crate::diagnosis::cause::Cause as C;

/// The number of a line in lower case.
pub(super) fn code(lower: &str) -> Option<&'static Code> {
    const ALERTS: std::ops::RangeInclusive<i64> = 1..=120;
    if has(lower, &["failed to grow plain buffer", "ssl->need_bytes="]) {
        return Some(&MEMORY);
    }
    if has(lower, &["alert: handshake failure", "alert - handshake failure"]) {
        return Some(&ALERT_40);
    }
    let number = behind(lower, &["error: ssl error "])?;
    match number {
        40 => Some(&ALERT_40),
        _ => in_table(CODES, number).or_else(|| ALERTS.contains(&number).then_some(&ALERT)),
    }
}

static MEMORY: Code = both(0, "axTLS: out of memory for a record", C::LocalMemory);

static ALERT_40: Code =
    number(40, "axTLS: the handshake failed with alert 40; the end that sent it is not named");

static ALERT: Code = number(
    0,
    "axTLS: the number of the TLS alert that ended the connection; the end that sent it is not named",
);

/// From 256 those of the connection, from 512 those of X.509, without their minus.
const CODES: &[Code] = &[
    number(256, "axTLS: the connection was lost"),
    number(257, "axTLS: a record is too large for the buffer"),
    number(258, "axTLS: the socket failed"),
    number(260, "axTLS: a handshake message is invalid"),
    number(261, "axTLS: a message is invalid"),
    both(262, "axTLS: a record failed authentication", C::KeyExchangeKeysDiffer),
    both(263, "axTLS: the protocol version is not supported", C::VersionNoneInCommon),
    number(264, "axTLS: an extension is invalid"),
    number(265, "axTLS: the session is invalid"),
    both(266, "axTLS: no cipher suite in common", C::SuiteNoneInCommon),
    number(267, "axTLS: the hash of a certificate is not supported"),
    peer(268, "axTLS: a certificate is bad", C::CertUnknownIssuer, C::ClientCertUnknownIssuer).several(),
    both(269, "axTLS: a key is invalid", C::LocalCredentials),
    both(271, "axTLS: the Finished message does not verify", C::KeyExchangeKeysDiffer),
    number(272, "axTLS: no certificate is defined"),
    number(273, "axTLS: renegotiation is not supported"),
    number(274, "axTLS: a feature is not supported"),
    peer(514, "axTLS: the issuer is not trusted", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer(
        515,
        "axTLS: the signature of a certificate is bad",
        C::CertSignatureInvalid,
        C::ClientCertUnknownIssuer,
    ),
    peer(516, "axTLS: a certificate is not yet valid", C::CertNotYetValid, C::ClientCertNotYetValid),
    peer(517, "axTLS: a certificate has expired", C::CertExpired, C::ClientCertExpired),
    peer(518, "axTLS: the certificate is self-signed", C::CertSelfSigned, C::ClientCertUnknownIssuer),
    peer(519, "axTLS: the chain is invalid", C::CertChainOrder, C::ClientCertUnknownIssuer).several(),
    client(520, "axTLS: the hash of a signature is not supported", C::CertWeakSignature),
    both(521, "axTLS: the private key is encrypted or not supported", C::LocalCredentials),
    peer(523, "axTLS: the basic constraints are not kept", C::CertIssuerNotCa, C::ClientCertUnknownIssuer),
];
