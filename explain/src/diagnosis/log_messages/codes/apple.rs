//! The numbers of Apple's Secure Transport and of its URL loading.

use super::code::{Code, both, came, client, in_table, number, peer};
use super::number::{behind, has, numbers};
use crate::diagnosis::cause::Cause as C;

/// The number of a line in lower case: that of TLS if both stand in it.
pub(super) fn code(lower: &str) -> Option<&'static Code> {
    const CONTEXT: &[&str] = &["nsurlerror", "certificate for this server", "cfnetwork", "error code: -12"];
    if let Some(code) =
        numbers(lower).filter(|found| !found.is_hex).find_map(|found| in_table(CODES, found.value))
    {
        return Some(code);
    }
    if !has(lower, CONTEXT) {
        return None;
    }
    let stated = behind(lower, &["code=", "error code: ", "code: "]);
    stated
        .into_iter()
        .chain(numbers(lower).map(|found| found.value))
        .find_map(|value| in_table(LOADING, value))
}

/// `NSURLErrorDomain`.
const LOADING: &[Code] = &[
    number(-1200, "Apple: no secure connection could be made; a number of -98xx in the log states more"),
    peer(-1201, "Apple: a certificate has expired", C::CertExpired, C::ClientCertExpired).several(),
    client(
        -1202,
        "Apple: the server's certificate is not trusted: its issuer is unknown, its name is another, or it is too \
         weak or too long valid",
        C::CertUnknownIssuer,
    )
    .several(),
    client(-1203, "Apple: the root of the server's certificate is unknown", C::CertUnknownIssuer),
    client(-1204, "Apple: the server's certificate is not yet valid", C::CertNotYetValid),
    number(-1205, "Apple: the server rejected the client's certificate"),
    both(
        -1206,
        "Apple: the server requires a client certificate, and the client has none for it",
        C::ClientCertMissing,
    ),
];

/// `errSSL…`.
const CODES: &[Code] = &[
    number(-9800, "Apple: an error of the protocol"),
    number(-9801, "Apple: the negotiation failed"),
    number(-9802, "Apple: a fatal alert, or no trust: the verdict stands elsewhere in the log"),
    number(-9804, "Apple: the session was not found"),
    number(-9805, "Apple: the connection closed gracefully"),
    peer(
        -9806,
        "Apple: the connection closed because of an error, mostly by the peer",
        C::TransportClosedByServer,
        C::TransportClosedByClient,
    )
    .several(),
    peer(
        -9807,
        "Apple: the certificate chain is not trusted",
        C::CertUnknownIssuer,
        C::ClientCertUnknownIssuer,
    ),
    peer(-9808, "Apple: a certificate has a bad format", C::CertProfile, C::ClientCertProfile).several(),
    number(-9809, "Apple: a cryptographic operation failed"),
    number(-9810, "Apple: an internal error"),
    peer(-9812, "Apple: the root is not trusted", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer(-9813, "Apple: no root certificate found", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer(-9814, "Apple: a certificate has expired", C::CertExpired, C::ClientCertExpired),
    peer(-9815, "Apple: a certificate is not yet valid", C::CertNotYetValid, C::ClientCertNotYetValid),
    peer(
        -9816,
        "Apple: the server closed the session without notice",
        C::TransportClosedByServer,
        C::TransportClosedByClient,
    ),
    number(-9817, "Apple: a buffer is too small"),
    number(-9818, "Apple: a bad cipher suite"),
    came(-9819, 10),
    came(-9820, 20),
    came(-9821, 21),
    came(-9822, 22),
    came(-9823, 30),
    came(-9824, 40),
    came(-9825, 42),
    came(-9826, 43),
    came(-9827, 44),
    came(-9828, 45),
    came(-9829, 46),
    came(-9830, 47),
    came(-9831, 48),
    came(-9832, 49),
    came(-9833, 50),
    came(-9834, 51),
    came(-9835, 60),
    came(-9836, 70),
    came(-9837, 71),
    came(-9838, 80),
    came(-9839, 90),
    came(-9840, 100),
    client(-9843, "Apple: the host name does not match", C::CertNameMismatch),
    both(-9844, "Apple: the connection was refused", C::TransportRefused).several(),
    both(-9845, "Apple: a record could not be decrypted", C::KeyExchangeKeysDiffer),
    both(-9846, "Apple: a record failed authentication", C::KeyExchangeKeysDiffer),
    both(-9847, "Apple: a record is too large", C::RecordTooLarge),
    both(-9848, "Apple: an error of the configuration", C::LocalSettings),
    number(-9849, "Apple: an unexpected record"),
    client(-9850, "Apple: the server's Diffie-Hellman key is too small", C::PolicyWeakDh),
    both(-9852, "Apple: the connection was reset", C::TransportReset),
    both(-9853, "Apple: the network timed out", C::TransportSilent).several(),
];
