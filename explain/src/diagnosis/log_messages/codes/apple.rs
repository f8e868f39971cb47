//! The numbers of Apple's Secure Transport.

use super::{Code, client, number, peer};
use crate::diagnosis::cause::Cause as C;

/// `errSSL…`.
pub(super) const CODES: &[Code] = &[
    number(-9801, "Apple: the negotiation failed"),
    number(-9824, "Apple: the peer aborted the handshake (alert 40)"),
    peer(
        -9807,
        "Apple: the certificate chain is not trusted",
        C::CertUnknownIssuer,
        C::ClientCertUnknownIssuer,
    ),
    peer(-9813, "Apple: no root certificate found", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer(-9814, "Apple: a certificate has expired", C::CertExpired, C::ClientCertExpired),
    peer(-9812, "Apple: the root is not trusted", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    client(-9843, "Apple: the host name does not match", C::CertNameMismatch),
    number(-9846, "Apple: the peer could not decrypt a record (alert 20)"),
    number(-9802, "Apple: a fatal alert, or no trust: the verdict stands elsewhere in the log"),
    number(-9803, "Apple: the session was not found"),
    number(-9805, "Apple: the connection closed gracefully"),
    number(-9806, "Apple: the connection closed because of an error"),
    number(-9808, "Apple: a certificate has a bad format"),
    number(-9809, "Apple: a cryptographic operation failed"),
    number(-9810, "Apple: an internal error"),
    peer(-9815, "Apple: a certificate is not yet valid", C::CertNotYetValid, C::ClientCertNotYetValid),
    peer(
        -9816,
        "Apple: the server closed the session without notice",
        C::TransportClosedByServer,
        C::TransportClosedByClient,
    ),
    number(-9818, "Apple: the peer sent an unexpected message"),
    number(-9825, "Apple: the peer did not accept the certificate (alert 42)"),
    number(-9828, "Apple: the peer says that the certificate has expired (alert 45)"),
    number(-9829, "Apple: the peer says that the certificate is unknown (alert 46)"),
    number(-9831, "Apple: the peer does not know the CA (alert 48)"),
    number(-9836, "Apple: the peer does not support the protocol version (alert 70)"),
    number(-9838, "Apple: the peer has an internal error (alert 80)"),
];
