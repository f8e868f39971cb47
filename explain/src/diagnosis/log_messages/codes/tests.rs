//! What the logs of devices say.

use crate::diagnosis::cause::Cause;
use crate::diagnosis::log_messages::{Says, line};
use crate::input::capture_event::Side;
use handclasp_codec::AlertDescription;

fn says(text: &str, of: Side) -> Option<Says> {
    line(text, of).map(|(says, _)| says)
}

#[test]
fn numbers_that_name_a_cause() {
    for (text, cause) in [
        ("E (4000) esp-tls-mbedtls: mbedtls_ssl_handshake returned -0x7f00", Cause::LocalMemory),
        ("E (1) esp-tls-mbedtls: mbedtls_ssl_handshake returned -0x4290", Cause::LocalMemory),
        ("aws_iot: failed! mbedtls_ssl_handshake returned -0x4310", Cause::LocalMemory),
        ("esp-tls-mbedtls: mbedtls_x509_crt_parse returned -0x2180", Cause::LocalCredentials),
        ("esp-tls-mbedtls: mbedtls_x509_crt_parse returned 0x2180", Cause::LocalCredentials),
        ("<err> net_sock_tls: TLS handshake error: -7f00", Cause::LocalMemory),
        ("TLS_Connect fail (0x7280, xyz-ats.iot.us-east-1.amazonaws.com)", Cause::TransportClosedByServer),
        ("psa_sign_hash failed: -133", Cause::LocalToken),
        ("psa_import_key failed: -141", Cause::LocalMemory),
        ("wolfSSL_connect failed: err = -188, certificate verify failed", Cause::CertUnknownIssuer),
        ("wolfSSL_connect failed: err = -151, ASN date error, current date after", Cause::CertExpired),
        ("wolfSSL_connect failed: err = -322, peer subject name mismatch", Cause::CertNameMismatch),
        ("wolfSSL_connect failed: err = -125", Cause::LocalMemory),
        ("wolfSSL_connect failed: err = -501, can't match cipher suite", Cause::SuiteNoneInCommon),
        ("MQTT TLS Verify Callback: PreVerify 0, Error -150", Cause::CertNotYetValid),
        ("last ssl error 62", Cause::CertUnknownIssuer),
        ("last ssl error 56", Cause::CertNameMismatch),
        ("CFNetwork SSLHandshake failed (-9815)", Cause::CertNotYetValid),
        ("kCFStreamErrorCodeKey=-9807", Cause::CertUnknownIssuer),
        ("schannel: SEC_E_NO_CREDENTIALS (0x8009030E)", Cause::LocalCredentials),
        ("schannel: next InitializeSecurityContext failed (0x80092013)", Cause::CertRevocationUnknown),
        ("AuthenticationException, HResult -2146893019", Cause::CertUnknownIssuer),
        ("CertVerifyCertificateChainPolicy: 0x800B010F", Cause::CertNameMismatch),
        ("WinHttpSendRequest: WinHTTP error 12038", Cause::CertNameMismatch),
        ("certificate verification failed, flags=0x8", Cause::CertUnknownIssuer),
        ("Last tls flags: verify 0x1, tls flags 0x00000200", Cause::CertNotYetValid),
        ("verification flags: 0x00010000", Cause::CertWeakKey),
        ("C_SignInit failed: 0x70", Cause::ClientCertNoUsableScheme),
        ("pkcs11: C_Login rv = 160", Cause::LocalToken),
        (
            "OSError: (-17040, 'MBEDTLS_ERR_RSA_PUBLIC_FAILED+MBEDTLS_ERR_MPI_ALLOC_FAILED')",
            Cause::LocalMemory,
        ),
        ("BR_ERR_X509_NOT_TRUSTED", Cause::CertUnknownIssuer),
        ("Error: SSL error 266", Cause::SuiteNoneInCommon),
        ("+CAOPEN: 0,25", Cause::CertNameMismatch),
        ("mbedtls_ssl_handshake returned -141", Cause::LocalMemory),
        ("+QSSLOPEN: 1,553", Cause::LocalMemory),
        ("+CCHOPEN: 0,19", Cause::LocalSettings),
    ] {
        assert_eq!(says(text, Side::Client), Some(Says::Why(cause)), "{text}");
    }
}

#[test]
fn numbers_that_say_too_little() {
    for text in [
        "E (8543) esp-tls-mbedtls: mbedtls_ssl_handshake returned -0x7780",
        "wolfSSL error occurred, error = -313",
        "wolfSSL_connect failed: err = -308, error state on socket",
        "Alert: handshake failure",
        "Error: SSL error 40",
        "start_ssl_client(): Connect to Server failed! / (-1) UNKNOWN ERROR CODE (0001)",
        "%XSOCKET: -1, 111",
        "ERROR: TLS handshake, cme 555",
        "+QSSLOPEN: 1,579",
        "+CCHOPEN: 0,15",
        "I (3979) MQTTS_EXAMPLE: Last error code reported from esp-tls: 0x8010",
    ] {
        let said = says(text, Side::Client);
        assert!(matches!(said, Some(Says::Number(_))), "{text}: {said:?}");
    }
}

#[test]
fn alerts_by_number() {
    for text in ["BSSL:Couldn't connect. Error = 'Received fatal alert 40 ' ", "last ssl error 296"] {
        assert_eq!(
            says(text, Side::Client),
            Some(Says::AlertCame(AlertDescription::handshake_failure)),
            "{text}"
        );
    }
    for (text, alert) in [("CFNetwork SSLHandshake failed (-9831)", 48), ("kCFStreamErrorCodeKey=-9834", 51)]
    {
        assert_eq!(says(text, Side::Client), Some(Says::AlertCame(AlertDescription(alert))), "{text}");
    }
    assert_eq!(says("last ssl error 560", Side::Client), Some(Says::AlertSent(AlertDescription::unknown_ca)));
}

#[test]
fn numbers_of_something_else() {
    for text in [
        "using cipher 0x1301, tls_aes_128_gcm_sha256",
        "connect failed: err = -110",
        "heap at 0x3ffb1234",
        "I (16920) mbedtls: ssl_msg.c:2027 ssl->f_recv(_timeout)() returned 4992 (-0xffffec80)",
        "W (16940) mbedtls: ssl_msg.c:2049 mbedtls_ssl_fetch_input() returned -26880 (-0x6900)",
        "temperature -9984 mC",
        "sensor offset -0x50",
        "i2c read returned -16",
        "backup of ssl certificates took 2700 s",
        "mbedtls: ssl_cli.c:898 client hello, add ciphersuite: 003d",
        "exit status -2146893018000",
        "order number 12175",
        "i2c: err = -188",
        "wolfSSL Leaving SSL_connect, error = -323",
        "mbedtls_ssl_handshake returned -0x6900",
        "uptime 9807 s, rssi -98",
        "+QSSLOPEN: 1,0",
        "+CCHOPEN: 0,0",
        "+HTTPACTION: 0,200,5321",
        "+QHTTPGET: 0,200,1024",
        "C_GetAttributeValue returned CKR_ATTRIBUTE_TYPE_INVALID",
        "pkcs11 session 3929669504: C_Login() = CKR_OK",
        "verification of the flags 0x0 done",
        "tcp flags 0x18",
        "flags=0x8 verify link speed",
        "kernel: unable to load module nf_tables",
        "build failed: error -303 in linker",
        "2024-05-01 10:00:00 started",
    ] {
        assert_eq!(says(text, Side::Client), None, "{text}");
    }
}

#[test]
fn words_of_devices() {
    for (text, cause) in [
        (
            "verification info: ! The certificate is signed with an unacceptable key (eg bad curve)",
            Cause::CertWeakKey,
        ),
        ("  ! The certificate is signed with an unacceptable hash.", Cause::CertWeakSignature),
        ("library/ssl_tls.c:4094: bad message length", Cause::RecordLimitExceeded),
        ("return rv=112-'CKR_MECHANISM_INVALID'", Cause::ClientCertNoUsableScheme),
        ("pkcs11: 0xA0: CKR_PIN_INCORRECT", Cause::LocalToken),
        ("tpm2: TPM_RC_AUTH_FAIL", Cause::LocalToken),
        ("s2n: Certificate is untrusted", Cause::CertUnknownIssuer),
        ("E (100) Dynamic Impl: alloc(16749 bytes) failed", Cause::LocalMemory),
    ] {
        assert_eq!(says(text, Side::Client), Some(Says::Why(cause)), "{text}");
    }
    assert_eq!(says("TPM_RC_SUCCESS", Side::Client), None);
}

#[test]
fn numbers_with_several_reasons_are_possible_at_most() {
    for (text, cause) in [
        ("<err> net_sock_tls: TLS handshake error: -2700", Cause::CertUnknownIssuer),
        ("start_ssl_client():273]: (-9984)", Cause::CertUnknownIssuer),
        ("last ssl error 54", Cause::CertExpired),
        ("MQTT TLS Verify Callback: PreVerify 0, Error -155", Cause::CertUnknownIssuer),
        ("certificate verification failed, flags=0x204", Cause::CertNotYetValid),
        ("Last error code reported from esp-tls: 0x8008", Cause::TransportClosedByServer),
        ("mbedtls_ssl_handshake returned -0x3000", Cause::CertUnknownIssuer),
        ("mbedtls_ssl_handshake returned -0x2180", Cause::CertProfile),
        ("mbedtls_pk_sign() returned -34432 (-0x8680)", Cause::LocalCredentials),
        ("CERT_E_EXPIRED", Cause::CertExpired),
        ("Error Domain=NSURLErrorDomain Code=-1202", Cause::CertUnknownIssuer),
        ("SSL error: 56", Cause::CertNameMismatch),
        ("tls hs: rc -1, err -188", Cause::CertUnknownIssuer),
    ] {
        let said = says(text, Side::Client);
        assert!(matches!(said, Some(Says::Maybe(found, _)) if found == cause), "{text}: {said:?}");
    }
}

#[test]
fn words_say_more_than_a_number_but_how_it_ended_does_not() {
    let causes = |log: &str| {
        let evidence =
            crate::input::evidence::Evidence { client_log: Some(log.to_owned()), ..Default::default() };
        let nothing = crate::diagnosis::rules::test_support::conversation(Vec::new());
        let found = crate::diagnosis::rules::test_support::failures(&nothing, &evidence);
        found.into_iter().map(|finding| finding.cause).collect::<Vec<_>>()
    };
    let number = "mbedtls_ssl_handshake returned -0x2700\n";
    assert_eq!(
        causes(&format!("{number}! The certificate is signed with an unacceptable key")),
        [Cause::CertWeakKey]
    );
    assert!(causes(&format!("{number}Connection reset by peer")).contains(&Cause::CertUnknownIssuer));
}
