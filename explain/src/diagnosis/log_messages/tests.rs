//! What logs say.

mod words;

use handclasp_codec::AlertDescription;

use super::*;

fn why(text: &str, of: Side) -> Vec<Says> {
    read(text, of).into_iter().map(|line| line.says).collect()
}

#[test]
fn the_same_words_of_either_end() {
    let text = "verify error:num=10:certificate has expired";
    assert_eq!(why(text, Side::Client), [Says::Why(Cause::CertExpired)]);
    assert_eq!(why(text, Side::Server), [Says::Why(Cause::ClientCertExpired)]);
}

#[test]
fn libraries() {
    for (text, of, cause) in [
        (
            "error:0A0000C1:SSL routines:tls_post_process_client_hello:no shared cipher:statem_srvr.c:2226:",
            Side::Server,
            Cause::SuiteNoneInCommon,
        ),
        (
            "error:0A0000FD:SSL routines:tls_psk_do_binder:binder does not verify:extensions.c:1578:",
            Side::Server,
            Cause::PskValueDiffers,
        ),
        (
            "javax.net.ssl.SSLHandshakeException: KeyUsage does not allow digital signatures",
            Side::Client,
            Cause::CertKeyUsage,
        ),
        (
            "- Status: The certificate is NOT trusted. The certificate chain uses not yet valid certificate.",
            Side::Client,
            Cause::CertNotYetValid,
        ),
        ("x509: certificate signed by unknown authority", Side::Client, Cause::CertUnknownIssuer),
        ("invalid peer certificate: UnknownIssuer", Side::Client, Cause::CertUnknownIssuer),
        ("  ! mbedtls_ssl_handshake returned -0x4e00", Side::Client, Cause::KeyExchangeSignatureInvalid),
        ("mbedtls_ssl_handshake returned -29568", Side::Server, Cause::SuiteNoneInCommon),
        ("NSURLErrorDomain, kCFStreamErrorCodeKey=-9814", Side::Client, Cause::CertExpired),
    ] {
        assert_eq!(why(text, of), [Says::Why(cause)], "{text}");
    }
}

#[test]
fn alerts_that_came() {
    for text in [
        "error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:rec_layer_s3.c:1601:SSL alert number 40",
        "*** Received alert [40]: Handshake failed",
        "ssl_msg.c:4705: |1| is a fatal alert message (msg 40)",
        "javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure",
        "remote error: tls: handshake failure",
        "received fatal alert: HandshakeFailure",
        "TLSRemoteAlert handshake_failure",
    ] {
        assert_eq!(why(text, Side::Client), [Says::AlertCame(AlertDescription::handshake_failure)], "{text}");
    }
}

#[test]
fn a_line_with_several_reasons_names_them_all_and_is_possible_at_most() {
    let java = "javax.net.ssl.SSLHandshakeException: Cannot verify CertificateVerify signature";
    let said = why(java, Side::Server);
    assert!(
        matches!(said[..], [Says::Maybe(Cause::ClientCertSchemeKeyMismatch, words)] if words.contains("r‖s"))
    );
    assert!(why(java, Side::Client).is_empty());
    let mbed = "mbedtls_ssl_handshake returned -0x4c80";
    assert!(matches!(why(mbed, Side::Client)[..], [Says::Maybe(Cause::KeyExchangePointNotOnCurve, _)]));
    let evidence = crate::input::evidence::Evidence {
        server_log: Some(java.to_owned()),
        ..crate::input::evidence::Evidence::default()
    };
    let found = crate::diagnosis::rules::test_support::failures(
        &crate::diagnosis::rules::test_support::conversation(Vec::new()),
        &evidence,
    );
    assert_eq!(found[0].confidence, crate::diagnosis::finding::Confidence::Possible);
    assert!(found[0].summary.contains("PKCS#11"), "{}", found[0].summary);
}

#[test]
fn a_number_without_a_cause_is_still_told() {
    let said = why("! mbedtls_ssl_handshake returned -0x7780", Side::Client);
    assert!(matches!(said.as_slice(), [Says::Number(words)] if words.contains("fatal alert")));
}

#[test]
fn whose_log_it_is() {
    assert_eq!(
        side("error:0A0000C1:SSL routines:tls_post_process_client_hello:no shared cipher"),
        Some(Side::Server)
    );
    assert_eq!(side("curl: (60) SSL certificate problem: certificate has expired"), Some(Side::Client));
    assert_eq!(side("hello"), None);
}

#[test]
fn lines_once_and_nothing_of_nothing() {
    let twice = "certificate has expired\n\ncertificate has expired\nfine\n";
    let lines = read(twice, Side::Client);
    assert_eq!((lines.len(), lines[0].number), (1, 1));
    assert!(read("all is well\n", Side::Client).is_empty());
}
