//! Each hint is printed as the side's that acts on it, and says what was seen.

use handclasp_codec::CertificateType;
use handclasp_report::{Evidence, NoneShown, TransportFault};

use super::*;

/// A client that showed no certificate, or one that the server names no authority for.
fn asked(none: Option<&[u8]>, listed: bool) -> Report {
    let mut report = client();
    note(&mut report, Side::Server, Tag::ChosenVersion, &[TLS13]);
    note(&mut report, Side::Server, Tag::ChosenSuite, &[CipherSuite::TLS_AES_128_GCM_SHA256]);
    report.note(Side::Server, Tag::CertificateRequest, &[]);
    if let Some(why) = none {
        report.note(Side::Client, Tag::NoneShown, why);
    }
    if !listed {
        report.note(Side::Client, Tag::IssuerNotListed, &[]);
    }
    // A client of TLS 1.3 is connected when its own flight is sent.
    report.note(Side::Client, Tag::Connected, &[]);
    report
}

const ALERTS: [AlertDescription; 5] = [
    AlertDescription::handshake_failure,
    AlertDescription::bad_certificate,
    AlertDescription::certificate_unknown,
    AlertDescription::unknown_ca,
    AlertDescription::certificate_required,
];

#[test]
fn none_shown_is_the_cause_of_the_alerts_that_servers_send_for_it() {
    for alert in ALERTS {
        for (why, id, words) in [
            (NoneShown::NotConfigured, "client-cert.missing", "none is configured"),
            (NoneShown::NoCommonScheme, "client-cert.no-usable-scheme", "none of the signature schemes"),
            (NoneShown::NoCommonType, "client-cert.missing", "raw public key"),
        ] {
            let told = refused(asked(Some(&[why.number()]), true), alert);
            assert_eq!(told.cause.map(|(cause, ..)| cause.id()), Some(id), "{alert:?}");
            says(
                &told,
                &["The server asked for a client certificate, and we showed none:", words, "Fix (client): "],
            );
            assert!(!told.to_string().contains("does not trust our certificate"), "{told}");
        }
    }
    // Of other alerts it is not the cause.
    let told = refused(asked(Some(&[1]), true), AlertDescription::internal_error);
    assert_eq!(told.cause.map(|(cause, ..)| cause.id()), Some("refused.unexplained"));
}

/// A server of TLS 1.3 that requires a certificate and gets none.
fn came_without(note_more: impl Fn(&mut Report)) -> Advice {
    let mut report = server();
    note(&mut report, Side::Server, Tag::ChosenVersion, &[TLS13]);
    note_more(&mut report);
    ended(report, Fault::NoCertificate { version: TLS13 })
}

#[test]
fn a_client_with_a_key_that_the_server_lacks() {
    let told = came_without(|report| report.note(Side::Client, Tag::PskIdentity, b"gas meter"));
    says(
        &told,
        &[
            "The client names the pre-shared key \"gas meter\", which we do not have",
            "Fix (client): give the client the identity and the key that this server has",
            "or (server) serve with that key: `--psk-id 'gas meter'`",
            "client named the PSK identity gas meter",
        ],
    );
    assert!(!came_without(|_| {}).to_string().contains("pre-shared"));
}

/// RFC 7250 §4.2: of the types that a client offers the server chooses one, here certificates.
#[test]
fn a_client_that_offers_both_types_and_shows_nothing() {
    let chosen = |kind: CertificateType| {
        came_without(|report| report.note(Side::Client, Tag::CertificateType, &[kind.0]))
    };
    let words = "offers certificates and raw public keys, and was asked for a certificate";
    says(
        &chosen(CertificateType::X509),
        &[words, "Fix (client): if it has a raw key alone, let it offer nothing else", "`--x509certfile`"],
    );
    for told in [came_without(|_| {}), chosen(CertificateType::RawPublicKey)] {
        assert!(!told.to_string().contains(words), "{told}");
    }
}

#[test]
fn a_client_that_is_not_admitted() {
    let told = refused(asked(None, true), AlertDescription::access_denied);
    let words = ["does not admit this client", "[client-cert.not-allowed] possible"];
    says(
        &told,
        &[&words[..], &["Fix (server): admit our key", "or (client) use the certificate or key"]].concat(),
    );
    // Before anything was asked for.
    let told = refused(client(), AlertDescription::access_denied);
    assert_ne!(told.cause.map(|(cause, ..)| cause.id()), Some("client-cert.not-allowed"));
}

#[test]
fn a_certificate_of_no_authority_named_is_an_unknown_issuer() {
    for alert in ALERTS.into_iter().filter(|alert| *alert != AlertDescription::certificate_required) {
        let told = refused(asked(None, false), alert);
        assert_eq!(told.cause.map(|(cause, ..)| cause.id()), Some("client-cert.unknown-issuer"), "{alert:?}");
        says(&told, &["leads to none of the authorities", "Fix (client): ", "or (server) trust our issuer"]);
    }
    // A certificate that the server could have trusted: nothing is known of why it did not.
    let told = refused(asked(None, true), AlertDescription::bad_certificate);
    assert_eq!(told.cause.map(|(cause, ..)| cause.id()), Some("client-cert.unknown-issuer"));
    assert_eq!(told.cause.map(|(_, confidence, _)| confidence), Some(Confidence::Possible));
    says(&told, &["rejects the client's certificate without giving a reason", "Fix (server): "]);
}

#[test]
fn an_expired_peer_is_renewed_there_and_the_clock_is_checked_here() {
    let fault = Fault::Certificate(CertificateFault::Expired);
    for (own, clock, renew) in [
        (
            Side::Client,
            "or (client) if that end is still to come, this machine's clock is ahead",
            "Fix (server): renew the server's",
        ),
        (
            Side::Server,
            "or (server) if that end is still to come, this machine's clock is ahead",
            "Fix (client): renew the client's",
        ),
    ] {
        let mut report = Report::new(own);
        report.note(own.other(), Tag::CertificateKey, &key_note(KeyKind::P256, &[0; 32]));
        let told = ended(report, fault);
        says(&told, &[clock, renew, "sha256/AAAA"]);
        // Whose certificate it is decides who must act.
        assert_eq!(told.cause.map(|(_, _, side)| side.id()), Some(own.other().to_string().as_str()));
    }
}

/// A peer that handclasp's own file of known peers has with another key: `--pin` would not help.
#[test]
fn a_key_that_differs_from_the_known_one_is_replaced() {
    let mut report = Report::new(Side::Client);
    let note = handclasp_report::changed_key_note(KeyKind::P256, &[0; 32]);
    report.note(Side::Server, Tag::CertificateKey, &note);
    let _failed = report.refuse(CertificateFault::PinMismatch.with(Evidence::Pin([0; 32])));
    let told = advice(&report);
    let (known, fix) = (
        "The file of known peers has another key for this peer: the pin of the one it showed is sha256/AAAA",
        "or (client) only if it is the one above: `handclasp peers accept --replace NAME sha256/AAAA",
    );
    says(&told, &[known, "Fix (server): ask the operator", fix]);
    assert!(!told.to_string().contains("any pin") && !told.to_string().contains("--pin"), "{told}");
}

/// The alert decides what comes first; a report does not say whether our certificate is self-signed.
#[test]
fn what_the_alert_is_for_comes_first() {
    use handclasp_codec::AlertDescription as Alert;
    let (key, root, name) = (
        "if it is self-signed or a raw key, let the client trust our key",
        "if a CA issued our certificate, give the client its root",
        "check that our certificate is for the name",
    );
    for (alert, order) in [
        (Alert::certificate_unknown, [root, key, name]),
        (Alert::bad_certificate, [name, root, key]),
        (Alert::unknown_ca, [root, key, name]),
    ] {
        let told = refused(server(), alert).to_string();
        let places = order.map(|part| told.find(part).unwrap_or_else(|| panic!("{part}: {told}")));
        assert!(places.is_sorted(), "{alert:?}: {told}");
        assert!(told.contains("`handclasp peers accept --replace NAME"), "{told}");
    }
}

#[test]
fn names_and_pins_that_were_seen_are_told() {
    let mut report = Report::new(Side::Client);
    report.note(Side::Client, Tag::ExpectedName, b"127.0.0.1");
    report.note(Side::Server, Tag::CertificateName, b"*.broker.example");
    report.note(Side::Server, Tag::CertificateKey, &key_note(KeyKind::P256, &[0; 32]));
    let told = ended(report, Fault::Certificate(CertificateFault::NameMismatch { names: 1 }));
    says(
        &told,
        &[
            "is not for the address 127.0.0.1, but for *.broker.example.",
            "Fix (client): expect the name that it is for: `--name HOST.broker.example`",
            "or (server) reissue it for 127.0.0.1 too (openssl: `-addext subjectAltName=IP:127.0.0.1`)",
            "or (client) trust its key, whatever its names: `--pin sha256/AAAA",
        ],
    );
    let mut report = Report::new(Side::Client);
    let _failed = report.refuse(CertificateFault::PinIsFingerprint.with(Evidence::Pin([0; 32])));
    let told = advice(&report);
    says(&told, &["We, the client, failed.", "fingerprint", "give the pin of its key: `--pin sha256/AAAA"]);
    assert_eq!(told.cause, None, "the peer did nothing wrong");
}

#[test]
fn other_protocols_have_their_own_cause() {
    for (first, id, words) in [
        (*b"<!DOC", "transport.not-tls.http", "The server sends plain HTTP, and the client uses TLS."),
        (*b"SSH-2", "transport.not-tls.ssh", "The server sends SSH, and the client uses TLS."),
        ([0x20, 2, 0, 1, 0], "transport.not-tls.mqtt", "8883"),
        (*b"220 m", "transport.not-tls.smtp", "STARTTLS"),
        (*b"* OK ", "transport.starttls", "993"),
    ] {
        let told = ended(client(), Fault::NotTls { first });
        assert_eq!(told.cause.map(|(cause, ..)| cause.id()), Some(id));
        says(&told, &[words, "Fix (client): use "]);
    }
    let mqtt = ended(Report::new(Side::Server), Fault::NotTls { first: [0x10, 0x25, 0, 4, b'M'] });
    assert_eq!(mqtt.cause.map(|(cause, ..)| cause.id()), Some("transport.not-tls.mqtt"));
    says(&mqtt, &["The client sends plain MQTT, and the server uses TLS.", "Fix (client): switch TLS on"]);
}

/// A client of PostgreSQL asks for encryption in front of TLS: named, with what it needs instead.
#[test]
fn a_request_for_encryption_of_postgresql_is_named() {
    // SSLRequest and GSSENCRequest have the same first five bytes.
    let told = ended(Report::new(Side::Server), Fault::NotTls { first: [0, 0, 0, 8, 4] });
    assert_eq!(told.cause.map(|(cause, ..)| cause.id()), Some("transport.starttls"));
    says(
        &told,
        &[
            "PostgreSQL's own request for encryption",
            "Fix (client): from version 17 psql and libpq begin with TLS themselves: `sslmode=require sslnegotiation=direct`",
            "`handclasp tunnel`",
        ],
    );
    // The start of a session without encryption is not such a request.
    let told = ended(Report::new(Side::Server), Fault::NotTls { first: [0, 0, 0, 0x29, 0] });
    assert!(!told.to_string().contains("request for encryption"), "{told}");
}

/// A server of a CA does not hear first that it should trust a key beside it; a client of a device may.
#[test]
fn a_self_signed_client_first_needs_a_certificate_of_the_ca() {
    let of = |side| {
        let mut report = Report::new(side);
        let _failed = report.refuse(CertificateFault::UnknownIssuer { self_signed: true }.into());
        let told = advice(&report);
        let [first, second, ..] = &told.next[..] else { panic!("{told}") };
        (first.text.clone(), second.text.clone())
    };
    let (first, second) = of(Side::Server);
    assert!(first.contains("that a CA of `--client-ca` issued"), "{first}");
    assert!(second.contains("`--client-pin sha256/"), "{second}");
    assert!(of(Side::Client).0.contains("`--pin sha256/"));
}

#[test]
fn a_report_of_no_connection_says_so() {
    for (how, id) in [
        (TransportFault::Refused, Some("transport.refused")),
        (TransportFault::Unreachable, Some("transport.silent")),
        (TransportFault::ConnectTimedOut, Some("transport.silent")),
        (TransportFault::NoAddress, None),
        (TransportFault::Failed, Some("transport.reset")),
    ] {
        let told = ended(Report::new(Side::Client), Fault::Transport(how));
        assert_eq!(told.cause.map(|(cause, ..)| cause.id()), id);
        assert!(
            !told.verdict.contains("Nothing failed") && !told.verdict.contains("refused the other"),
            "{told}"
        );
    }
}
