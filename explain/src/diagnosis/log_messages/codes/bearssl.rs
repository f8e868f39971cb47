//! The numbers of BearSSL: `br_ssl_engine_last_error`, their names, and what Arduino and Tasmota print.

use handclasp_codec::AlertDescription;

use super::code::{Code, both, client, in_table, number, peer, server};
use super::number::behind;
use crate::diagnosis::cause::Cause as C;
use crate::diagnosis::log_messages::says::Says;
use crate::input::capture_event::Side;

/// What a line in lower case says.
pub(super) fn says(lower: &str, of: Side) -> Option<Says> {
    // Blynk and others print the number alone: those of certificates are distinctive enough to be possible.
    const CERTIFICATES: std::ops::RangeInclusive<i64> = 33..=62;
    let of_number = |number| alert(number).or_else(|| in_table(CODES, number).map(|code| code.says(of)));
    if let Some(number) = number_of_bearssl(lower) {
        return of_number(number);
    }
    if let Some(number) = behind(lower, &["mqt: tls connection error"]) {
        return in_table(TASMOTA, number).map(|code| code.says(of)).or_else(|| of_number(number));
    }
    let alone = || behind(lower, &["ssl error:"]).filter(|number| CERTIFICATES.contains(number));
    let named = || NAMES.iter().find(|(name, _)| lower.contains(name)).map(|(_, number)| *number);
    if let Some(number) = named() {
        return of_number(number);
    }
    in_table(CODES, alone()?).map(|code| code.says_at_most_possible(of))
}

/// The number behind words of BearSSL's users: `last ssl error 62`, `BSSL:… error 62`.
fn number_of_bearssl(lower: &str) -> Option<i64> {
    let marks = [
        "last ssl error",
        "getlastsslerror()",
        "getlastsslerror",
        "bearssl error",
        "br_ssl_engine_last_error()",
    ];
    behind(lower, &marks).or_else(|| {
        let (_, behind_name) = lower.split_once("bssl:")?;
        behind(behind_name, &["error "])
    })
}

/// Alerts that came count from 256, and those that BearSSL sent from 512.
fn alert(number: i64) -> Option<Says> {
    const CAME: i64 = 256;
    const SENT: i64 = 512;
    let alert = |number: i64| u8::try_from(number).ok().map(AlertDescription);
    match number {
        CAME..SENT => alert(number - CAME).map(Says::AlertCame),
        _ => alert(number.checked_sub(SENT)?).map(Says::AlertSent),
    }
}

const fn not_der(code: i64) -> Code {
    number(code, "BearSSL: a certificate is not encoded as DER requires")
}

/// What Tasmota counts beside BearSSL.
const TASMOTA: &[Code] = &[
    number(0, "Tasmota: the connection ended without an error of TLS: mostly the server closed it"),
    both(-1000, "Tasmota: out of memory", C::LocalMemory),
    number(-1001, "Tasmota: the name could not be resolved"),
    number(-1002, "Tasmota: the TCP connection failed or broke"),
    both(-1004, "Tasmota: no CA is configured", C::LocalSettings),
];

/// Names of numbers, and texts that programs print for them, in lower case.
const NAMES: &[(&str, i64)] = &[
    ("could not be linked to a trust anchor", 62),
    ("br_err_x509_not_trusted", 62),
    ("certificate is expired or not yet valid", 54),
    ("br_err_x509_expired", 54),
    ("br_err_x509_time_unknown", 53),
    ("expected server name was not found in the chain", 56),
    ("br_err_x509_bad_server_name", 56),
    ("br_err_x509_bad_signature", 52),
    ("br_err_x509_dn_mismatch", 55),
    ("br_err_x509_not_ca", 58),
    ("br_err_x509_forbidden_key_usage", 59),
    ("br_err_x509_weak_public_key", 60),
    ("br_err_x509_critical_extension", 57),
    ("br_err_x509_unsupported", 49),
    ("br_err_unsupported_version", 3),
    ("br_err_bad_version", 4),
    ("br_err_bad_length", 5),
    ("br_err_too_large", 6),
    ("br_err_bad_mac", 7),
    ("br_err_no_random", 8),
    ("br_err_bad_cipher_suite", 16),
    ("br_err_bad_finished", 24),
    ("br_err_bad_signature", 27),
    ("br_err_wrong_key_usage", 28),
    ("br_err_no_client_auth", 29),
    ("br_err_io", 31),
];

/// `BR_ERR_…`, below those of alerts.
const CODES: &[Code] = &[
    number(1, "BearSSL: a bad parameter"),
    number(2, "BearSSL: a bad state"),
    both(3, "BearSSL: an unsupported version", C::VersionNoneInCommon),
    number(4, "BearSSL: a bad version"),
    number(5, "BearSSL: a bad length of a record: the input may not be TLS, or the buffer is too small"),
    both(6, "BearSSL: a record is too large for the buffer", C::RecordLimitExceeded),
    both(7, "BearSSL: a record failed authentication", C::KeyExchangeKeysDiffer),
    both(8, "BearSSL: no random seed", C::LocalSettings),
    number(9, "BearSSL: an unknown record type"),
    number(10, "BearSSL: an unexpected record or message"),
    number(12, "BearSSL: a bad ChangeCipherSpec"),
    number(13, "BearSSL: a bad alert"),
    number(14, "BearSSL: a bad handshake message"),
    number(15, "BearSSL: a session identifier that is too long"),
    client(
        16,
        "BearSSL: a cipher suite that was not offered, or none in common",
        C::PeerProtocolViolationUnofferedSuite,
    ),
    number(17, "BearSSL: a compression method that was not offered"),
    number(18, "BearSSL: a fragment length that does not fit"),
    number(19, "BearSSL: secure renegotiation failed"),
    client(20, "BearSSL: an extension that was not asked for", C::PeerProtocolViolationUnsolicitedExtension),
    number(21, "BearSSL: a server name that is not expected"),
    number(22, "BearSSL: a bad ServerHelloDone"),
    number(23, "BearSSL: a limit was exceeded, such as the size of a key"),
    both(24, "BearSSL: the Finished message does not verify", C::KeyExchangeKeysDiffer),
    number(25, "BearSSL: a resumed session with other parameters than before"),
    number(26, "BearSSL: an algorithm or curve that is not supported"),
    peer(27, "BearSSL: a bad signature", C::KeyExchangeSignatureInvalid, C::ClientCertSignatureInvalid),
    peer(28, "BearSSL: the key usage does not fit", C::CertKeyUsage, C::ClientCertKeyUsage),
    server(29, "BearSSL: the client sent no certificate", C::ClientCertMissing),
    number(31, "BearSSL: an input or output error: the connection broke"),
    number(33, "BearSSL: a certificate has an invalid value"),
    number(34, "BearSSL: a certificate is truncated"),
    number(35, "BearSSL: the chain is empty"),
    not_der(36),
    not_der(37),
    not_der(38),
    not_der(39),
    not_der(40),
    not_der(41),
    not_der(42),
    not_der(43),
    not_der(44),
    not_der(45),
    not_der(46),
    not_der(47),
    number(48, "BearSSL: a date of a certificate cannot be read"),
    number(49, "BearSSL: a feature of a certificate is not supported"),
    number(50, "BearSSL: a limit was exceeded, such as the size of a key in a certificate"),
    number(51, "BearSSL: a certificate has a key of the wrong type"),
    peer(
        52,
        "BearSSL: a signature of a certificate does not verify",
        C::CertSignatureInvalid,
        C::ClientCertUnknownIssuer,
    ),
    both(53, "BearSSL: the time is not known: the clock is not set", C::ClockWrong),
    peer(54, "BearSSL: a certificate has expired or is not yet valid", C::CertExpired, C::ClientCertExpired)
        .several(),
    peer(
        55,
        "BearSSL: the names of issuer and subject in the chain differ",
        C::CertChainOrder,
        C::ClientCertUnknownIssuer,
    ),
    client(56, "BearSSL: the name of the certificate does not match", C::CertNameMismatch),
    number(57, "BearSSL: a critical extension of a certificate is not supported"),
    peer(
        58,
        "BearSSL: a certificate that signs is not that of a CA",
        C::CertIssuerNotCa,
        C::ClientCertUnknownIssuer,
    ),
    peer(59, "BearSSL: the key usage forbids it", C::CertKeyUsage, C::ClientCertKeyUsage),
    peer(60, "BearSSL: a public key is too small", C::CertWeakKey, C::ClientCertWeakKey),
    peer(
        62,
        "BearSSL: the chain ends at no trusted issuer",
        C::CertUnknownIssuer,
        C::ClientCertUnknownIssuer,
    ),
];
