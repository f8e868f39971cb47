//! What the tables of browsers, platforms, languages and servers read.

use super::*;

#[test]
fn words_of_programs() {
    for (text, of, cause) in [
        ("SEC_ERROR_UNKNOWN_ISSUER", Side::Client, Cause::CertUnknownIssuer),
        ("PR_END_OF_FILE_ERROR", Side::Client, Cause::TransportClosedByServer),
        ("NET::ERR_CERT_COMMON_NAME_INVALID", Side::Client, Cause::CertNameMismatch),
        (
            "the validation procedure: RemoteCertificateNameMismatch, RemoteCertificateChainErrors",
            Side::Client,
            Cause::CertNameMismatch,
        ),
        (
            "errors in the certificate chain: PartialChain, OfflineRevocation",
            Side::Client,
            Cause::CertUnknownIssuer,
        ),
        ("Trust anchor for certification path not found.", Side::Client, Cause::CertUnknownIssuer),
        ("SSL routines:OPENSSL_internal:KEY_USAGE_BIT_INCORRECT", Side::Client, Cause::CertKeyUsage),
        (
            "x509: certificate has expired or is not yet valid: current time 1970-01-01T00:00:09Z is before \
             2024-04-01T00:00:00Z",
            Side::Client,
            Cause::CertNotYetValid,
        ),
        ("tls: first record does not look like a TLS handshake", Side::Server, Cause::TransportNotTlsOther),
        (
            "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1007)",
            Side::Client,
            Cause::TransportNotTlsOther,
        ),
        ("{tls_alert,{bad_certificate,{bad_cert,selfsigned_peer}}}", Side::Client, Cause::CertSelfSigned),
        ("certificate verify failed: Missing Authority Key Identifier", Side::Client, Cause::CertProfile),
        ("Can't load DH parameters: error:1408518A::dh key too small", Side::Server, Cause::LocalCredentials),
        (
            "TLS/SSL error: The certificate is NOT trusted. The certificate chain uses expired certificate.",
            Side::Client,
            Cause::CertExpired,
        ),
        (
            "Certificate verification failure: The certificate is NOT trusted.",
            Side::Client,
            Cause::CertUnknownIssuer,
        ),
    ] {
        let said: Vec<Says> = read(text, of).into_iter().map(|line| line.says).collect();
        assert_eq!(said, [Says::Why(cause)], "{text}");
    }
}

#[test]
fn words_without_one_reason_are_possible_at_most() {
    for (text, cause) in [
        ("net::ERR_SSL_VERSION_OR_CIPHER_MISMATCH", Cause::VersionNoneInCommon),
        ("net::ERR_CERT_DATE_INVALID", Cause::CertExpired),
        ("psql: error: SSL error: certificate verify failed", Cause::CertUnknownIssuer),
    ] {
        assert!(
            matches!(read(text, Side::Client)[0].says, Says::Maybe(found, _) if found == cause),
            "{text}"
        );
    }
}
