//! Words of devices and tokens that say as much as a number: possible causes, or that something failed.

use super::code::{Code, both, client, number, peer};
use crate::diagnosis::cause::Cause as C;

/// What a line in lower case says.
pub(super) fn code(lower: &str) -> Option<&'static Code> {
    WORDS.iter().find(|(part, _)| lower.contains(part)).map(|(_, code)| code)
}

const NOT_TLS: Code =
    both(0, "what came first is not TLS, or of a version that is not supported", C::TransportNotTlsOther)
        .several();

const WORDS: &[(&str, Code)] = &[
    // ESP-IDF and Arduino.
    (
        "certificate matched but signature verification failed",
        peer(
            0,
            "ESP-IDF: the root has the right name, but its key did not make the signature of the chain, or its kind of \
             signature is not compiled in",
            C::CertSignatureInvalid,
            C::ClientCertUnknownIssuer,
        )
        .several(),
    ),
    ("failed to verify peer certificate", number(0, "ESP-TLS: the peer's certificate was rejected")),
    ("couldn't get hostname for", number(0, "the host name could not be resolved")),
    ("connect to server failed!", number(0, "the connection failed below TLS, or the name could not be resolved")),
    ("connection to server failed!", number(0, "the connection failed below TLS, or the name could not be resolved")),
    ("failed ssl handshake", number(0, "the TLS handshake failed; the program gives no reason")),
    ("failed to initlalize the ssl layer", number(0, "the TLS handshake failed; another line gives the reason")),
    (
        "client's data invalid protocol",
        number(0, "axTLS: what came is not TLS, or of a version that axTLS does not know"),
    ),
    ("error: invalid handshake", number(0, "axTLS: a handshake message is invalid")),
    // OpenSSL before 1.1 and LibreSSL, which brokers on devices and routers use.
    ("clnt_hello:unknown protocol", NOT_TLS),
    ("ssl23_get_client_hello:unknown protocol", NOT_TLS),
    ("ssl23_get_server_hello:unknown protocol", NOT_TLS),
    ("wrong_version_number", both(0, "what came first is not TLS", C::TransportNotTlsOther)),
    ("date before check failed", peer(0, "wolfSSL: a certificate is not yet valid by the clock", C::CertNotYetValid, C::ClientCertNotYetValid).several()),
    ("date after check failed", peer(0, "wolfSSL: a certificate has expired by the clock", C::CertExpired, C::ClientCertExpired).several()),
    (
        "remote party has closed the transport stream",
        peer(0, ".NET: the peer closed the connection", C::TransportClosedByServer, C::TransportClosedByClient),
    ),
    ("error_sign_hashes_failure", both(0, "the token did not sign", C::LocalToken).several()),
    // FreeRTOS-Plus-TCP counts as newlib.
    (
        "socket status: -116",
        both(0, "FreeRTOS: the TCP connection timed out", C::TransportNoAnswer).several(),
    ),
    // Modems.
    ("+cipssl: error", number(0, "a modem: TLS failed; the modem gives no reason")),
    ("tls handshake, cme ", number(0, "a modem: the TLS handshake failed; the modem gives no reason")),
    ("+usoer: ", number(0, "u-blox modem: an operation on the socket failed; with TLS the modem gives no reason")),
    ("+uusocl: ", number(0, "u-blox modem: the socket was closed")),
    // Tokens.
    (
        "tls_construct_cert_verify:evp lib",
        both(
            0,
            "the signature of CertificateVerify could not be made: the token, engine or provider that holds the \
             private key failed or does not do the scheme",
            C::LocalToken,
        )
        .several(),
    ),
    ("received tpm error", both(0, "a command of the TPM failed", C::LocalToken).several()),
    ("esys finish errorcode", both(0, "a command of the TPM failed", C::LocalToken).several()),
    (
        "pkcs11_get_private_key returned null",
        both(0, "the token has no such private key, or is not logged in", C::LocalToken).several(),
    ),
    ("specified object not found", both(0, "the token has no such object", C::LocalToken).several()),
    // DTLS of Scandium and TinyDTLS.
    (
        "mac validation failed",
        both(
            0,
            "a record failed authentication: with a pre-shared key, mostly because its value differs at the two ends",
            C::PskValueDiffers,
        )
        .several(),
    ),
    (
        "dtlshandshaketimeoutexception",
        both(0, "DTLS: an answer in the handshake did not come in time", C::TransportSilent).several(),
    ),
    ("decrypt_verify() failed", number(0, "TinyDTLS: a record failed authentication")),
    ("no security context for epoch", number(0, "TinyDTLS: a record came under keys that are not known")),
    // s2n and the AWS runtime.
    (
        "negotiation failed with error connection is closed",
        peer(
            0,
            "s2n: the peer closed the connection during the handshake",
            C::TransportClosedByServer,
            C::TransportClosedByClient,
        )
        .several(),
    ),
    (
        "aws_io_tls_error_negotiation_failure",
        number(0, "AWS: the TLS handshake failed; the program gives no reason"),
    ),
    (
        "aws_io_tls_error_not_negotiated",
        number(0, "AWS: the TLS handshake was not finished; the program gives no reason"),
    ),
    ("aws_io_tls_ctx_error", both(0, "AWS: the own certificate, key or CA cannot be used", C::LocalCredentials).several()),
    // Apple.
    (
        "the certificate for this server is invalid",
        client(
            0,
            "Apple: the server's certificate is not trusted: its issuer is unknown, its name is another, or it is out \
             of date",
            C::CertUnknownIssuer,
        )
        .several(),
    ),
];

/// What lines say where nothing else in them does: that TLS failed.
pub(super) fn general(lower: &str) -> Option<&'static Code> {
    super::number::has(lower, GENERAL).then_some(&FAILED)
}

static FAILED: Code = number(0, "the connection failed, most likely in TLS; the program gives no reason");

const GENERAL: &[&str] = &[
    "ssl handshake failed",
    "tls handshake failed",
    "failed to perform tls handshake",
    "failed to do tls handshake",
    "bssl:_wait_for_handshake: failed",
    "failed to establish a tls connection",
    "error (tls connect)",
    "error(-1): connection refused",
    "http error: connection refused",
    "failed, error: connection refused",
];
