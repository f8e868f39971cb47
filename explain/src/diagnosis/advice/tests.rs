//! The situations that people are stuck in, and every fault at every point.
//!
//! Long because: one list of situations, each a short test over the same report.

use handclasp_codec::{
    AlertDescription, CipherSuite, CodePoint, ContentType, ExtensionType, HandshakeType, NamedGroup,
    ProtocolVersion, SignatureScheme, SuiteAuthentication,
};
use handclasp_crypto::KeyKind;
use handclasp_report::{CertificateFault, Event, Evidence, Fault, Report, Side, Tag, Uint, key_note};

use super::{Advice, advice, advice_with_psk};
use crate::diagnosis::cause::{Cause, Party};
use crate::diagnosis::finding::Confidence;

mod clients_of_a_server;
mod limits;
#[path = "../../../../report/src/samples.rs"]
mod samples;
mod sides;

fn note<W: CodePoint>(report: &mut Report, from: Side, tag: Tag, words: &[W]) {
    report.note_words(from, tag, words.iter().copied());
}

/// What a client of ours offers, as its report tells.
fn offers(
    report: &mut Report,
    versions: &[ProtocolVersion],
    suites: &[CipherSuite],
    extensions: &[ExtensionType],
) {
    note(report, Side::Client, Tag::Versions, versions);
    note(report, Side::Client, Tag::Suites, suites);
    note(report, Side::Client, Tag::Extensions, extensions);
    note(report, Side::Client, Tag::Groups, &[NamedGroup::x25519, NamedGroup::secp256r1]);
    note(report, Side::Client, Tag::Schemes, &[SignatureScheme::ecdsa_secp256r1_sha256]);
}

const TLS12: ProtocolVersion = ProtocolVersion::TLS_1_2;
const TLS13: ProtocolVersion = ProtocolVersion::TLS_1_3;
const ECDHE: &[ExtensionType] =
    &[ExtensionType::supported_groups, ExtensionType::signature_algorithms, ExtensionType::key_share];

/// A client with usual offers.
fn client() -> Report {
    let mut report = Report::new(Side::Client);
    let suites = [
        CipherSuite::TLS_AES_128_GCM_SHA256,
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        CipherSuite(0xc02b),
    ];
    offers(&mut report, &[TLS13, TLS12], &suites, ECDHE);
    report.note(Side::Client, Tag::ServerName, b"broker.example");
    report
}

/// A server of TLS 1.2 that has shown its certificate.
fn server() -> Report {
    let mut report = Report::new(Side::Server);
    offers(&mut report, &[TLS13, TLS12], &[CipherSuite(0xc02b)], ECDHE);
    note(&mut report, Side::Server, Tag::ChosenVersion, &[TLS12]);
    note(&mut report, Side::Server, Tag::ChosenSuite, &[CipherSuite(0xc02b)]);
    report
}

/// A client with a pre-shared key for one version.
fn psk_client(version: ProtocolVersion) -> Report {
    let mut report = Report::new(Side::Client);
    if version == TLS13 {
        let psk = [ExtensionType::pre_shared_key, ExtensionType::key_share];
        offers(&mut report, &[TLS13], &[CipherSuite::TLS_AES_128_GCM_SHA256], &psk);
        report.note(Side::Client, Tag::PskIdentity, b"test");
    } else {
        offers(&mut report, &[TLS12], &[CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256], &[]);
    }
    report
}

fn refused(mut report: Report, alert: AlertDescription) -> Advice {
    let peer = report.own().other();
    note(&mut report, peer, Tag::AlertReceived, &[alert]);
    let _failed = report.fail(Fault::PeerAlert(alert));
    advice(&report)
}

fn ended(mut report: Report, fault: Fault) -> Advice {
    let _failed = report.fail(fault);
    advice(&report)
}

fn says(advice: &Advice, words: &[&str]) {
    let text = advice.to_string();
    for word in words {
        assert!(text.contains(word), "{word:?} is not in:\n{text}");
    }
}

/// The match over faults has a wildcard, since `Fault` may grow; here a new fault without a cause is seen.
#[test]
fn every_fault_but_these_has_a_cause_of_its_own() {
    for (fault, _) in samples::every_fault() {
        let explained = matches!(
            fault,
            // Nothing of the peer.
            Fault::CallerRefused
                | Fault::SignerFailed(_)
                | Fault::PskUnavailable
                | Fault::Misuse(_)
                | Fault::Internal(_)
                | Fault::Encode(_)
                // Not certain: for the rules that look at the conversation.
                | Fault::NotTls { .. }
                | Fault::PeerAlert(_)
                | Fault::ClosedInHandshake { .. }
                | Fault::TimedOut { .. }
                | Fault::Transport(_)
                // Our own configuration, or a status that proves nothing.
                | Fault::Certificate(
                    CertificateFault::PinIsFingerprint
                        | CertificateFault::NoExpectedName
                        | CertificateFault::NoStaple
                        | CertificateFault::Staple(_)
                )
        );
        let cause = ended(Report::new(Side::Client), fault).cause.map(|(cause, ..)| cause);
        assert!(
            explained || cause.is_some_and(|cause| cause != Cause::RefusedUnexplained),
            "{fault:?}: {cause:?}"
        );
    }
}

#[test]
fn every_fault_has_a_verdict_on_either_side_and_at_every_point() {
    for (fault, evidence) in samples::every_fault() {
        for mut report in [
            Report::new(Side::Client),
            Report::new(Side::Server),
            client(),
            psk_client(TLS12),
            psk_client(TLS13),
        ] {
            for answered in [false, true] {
                if answered {
                    note(&mut report, Side::Server, Tag::ChosenVersion, &[TLS12]);
                    note(&mut report, Side::Server, Tag::ChosenSuite, &[CipherSuite(0x00a8)]);
                }
                let mut report = report.clone();
                let _failed = match evidence {
                    Some(evidence) => report.fail_with(fault, evidence),
                    None => report.fail(fault),
                };
                let told = advice(&report);
                let text = told.to_string();
                assert!(told.verdict.ends_with('.'), "{text}");
                assert!(!text.contains("  ") || told.evidence.len() + told.next.len() > 0, "{text}");
                for line in told.verdict.split('\n').chain(told.next.iter().map(|fix| fix.text.as_str())) {
                    assert!(!line.contains("  ") && !line.contains(" ,"), "{line:?}");
                }
                let blameless = matches!(fault, Fault::CallerRefused | Fault::Misuse(_));
                assert!(blameless || !told.next.is_empty(), "{text}");
            }
        }
    }
}

#[test]
fn the_cause_is_named_as_explain_names_it() {
    let told = refused(psk_client(TLS12), AlertDescription::unknown_psk_identity);
    says(&told, &["\n  [psk.identity.unknown] observed: visible in this handshake", "\n  Fix (client): "]);
    // What our own program did is no cause.
    let told = ended(client(), Fault::CallerRefused);
    assert_eq!(told.cause, None);
}

#[test]
fn alerts_are_never_bare_numbers() {
    for number in 0..=u8::MAX {
        let alert = AlertDescription(number);
        let text = refused(client(), alert).to_string();
        match alert.name() {
            Some(name) => assert!(text.contains(&format!("{name} ({number})")), "{text}"),
            None => assert!(text.contains("not registered"), "{text}"),
        }
    }
}

#[test]
fn the_same_string_read_as_hex_and_as_text() {
    // TLS 1.2, PSK client, alert 20 after our Finished (situation 0).
    let mut report = psk_client(TLS12);
    note(&mut report, Side::Server, Tag::ChosenVersion, &[TLS12]);
    note(&mut report, Side::Server, Tag::ChosenSuite, &[CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256]);
    report.note(Side::Client, Tag::PskIdentity, b"test");
    report.note(Side::Server, Tag::ChosenPsk, &[]);
    let told = refused(report.clone(), AlertDescription::bad_record_mac);
    assert!(
        told.verdict
            .starts_with("The server refused us, the client. The peer sent the alert bad_record_mac (20).")
    );
    says(
        &told,
        &[
            "rejects the MAC made with the client's key",
            "usually one as hex and the other as text",
            "`--psk-ascii` takes the characters, `--psk-hex` hex digits",
            "`openssl s_server -psk`",
            "take hex",
            "compare the check value",
            "client named the PSK identity test",
            "server chose cipher suite TLS_PSK_WITH_AES_128_GCM_SHA256",
        ],
    );
    let _failed = report.fail(Fault::PeerAlert(AlertDescription::bad_record_mac));
    let told = advice_with_psk(&report, Some("abc123"));
    says(&told, &["can be read both ways: as text it has 6 bytes, as hex 3"]);
    assert!(!told.to_string().contains("abc123"), "the key itself is never shown");
    says(&advice_with_psk(&report, Some("correct horse")), &["is not hex: as text it has 13 bytes"]);
    says(&advice_with_psk(&report, Some("abc123\n")), &["white space around it"]);

    // The same seen by a server of ours.
    let mut report = Report::new(Side::Server);
    note(&mut report, Side::Client, Tag::Suites, &[CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256]);
    note(&mut report, Side::Server, Tag::ChosenVersion, &[TLS12]);
    note(&mut report, Side::Server, Tag::ChosenSuite, &[CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256]);
    let told = ended(report, Fault::RecordNotAuthentic { sequence: Uint::ZERO, handshaking: true });
    assert!(told.verdict.starts_with("We, the server, refused the client."));
    says(&told, &["read the typed string as hex and the other as text", "`--psk-ascii`"]);
}

#[test]
fn a_binder_that_the_server_refuses() {
    for alert in [
        AlertDescription::illegal_parameter,
        AlertDescription::decrypt_error,
        AlertDescription::bad_record_mac,
    ] {
        let told = refused(psk_client(TLS13), alert);
        says(
            &told,
            &[
                "rejects the binder made with the client's key",
                "as hex and the other as text",
                "`--psk-hex`",
                "`-psk` means SHA-256",
            ],
        );
    }
    let mut report = Report::new(Side::Server);
    report.note(Side::Client, Tag::PskIdentity, b"test");
    let told = ended(report, Fault::BinderInvalid { identity: 0 });
    says(
        &told,
        &["We, the server, refused the client.", "names \"test\".", "give both sides the same reading"],
    );
    // That the keys differ is said once.
    assert_eq!(told.verdict.matches("different keys").count(), 1, "{told}");
    assert!(!told.verdict.contains("different key bytes"), "{told}");
}

/// A client of pre-shared keys alone: RFC 8446 §9.2 asks for signature_algorithms where pre_shared_key is absent.
#[test]
fn with_a_binder_signature_algorithms_may_be_absent() {
    let mut report = Report::new(Side::Client);
    note(&mut report, Side::Client, Tag::Versions, &[TLS13]);
    note(&mut report, Side::Client, Tag::Suites, &[CipherSuite::TLS_AES_128_GCM_SHA256]);
    let extensions =
        [ExtensionType::supported_groups, ExtensionType::key_share, ExtensionType::pre_shared_key];
    note(&mut report, Side::Client, Tag::Extensions, &extensions);
    note(&mut report, Side::Client, Tag::Groups, &[NamedGroup::secp256r1]);
    let without_key = refused(report.clone(), AlertDescription::illegal_parameter);
    says(&without_key, &["[hello.no-signature-algorithms]"]);
    report.note(Side::Client, Tag::PskIdentity, b"device-7");
    let told = refused(report, AlertDescription::illegal_parameter).to_string();
    assert!(!told.contains("signature_algorithms"), "{told}");
    assert!(told.contains("[psk.value.encoding]"), "{told}");
}

#[test]
fn identities() {
    let told = refused(psk_client(TLS13), AlertDescription::unknown_psk_identity);
    says(&told, &["unknown_psk_identity (115)", "the identity \"test\"", "`--psk-id ID`", "Client_identity"]);
    let mut report = Report::new(Side::Server);
    report.note(Side::Client, Tag::PskIdentity, b"it's me\x1b[2J");
    let told = ended(report, Fault::UnknownPskIdentity);
    says(&told, &["it\\'s me\\u{1b}[2J", "--psk-id '"]);
    // Not the client's fault, and no cause that says so.
    let mut report = Report::new(Side::Server);
    report.note(Side::Client, Tag::PskIdentity, b"device-7");
    let told = ended(report, Fault::PskUnavailable);
    assert_eq!(told.cause, None);
    says(
        &told,
        &["did not answer", "names \"device-7\"", "Nothing is wrong with the client's identity", "`--store`"],
    );
    assert!(!told.to_string().contains("--psk-id"), "{told}");
    // A general refusal of an offer of pre-shared keys only.
    says(
        &refused(psk_client(TLS12), AlertDescription::handshake_failure),
        &[
            "[psk.server-has-none]",
            "`openssl s_server -tls1_2 -nocert -psk HEX",
            "leave `--tls 1.2` out",
            "client offered cipher suites: TLS_PSK",
        ],
    );
    says(&refused(psk_client(TLS13), AlertDescription::handshake_failure), &["add `--tls 1.2`"]);
}

#[test]
fn a_client_that_does_not_trust_our_certificate() {
    for (alert, sentence) in [
        (AlertDescription::unknown_ca, "unknown issuer of the server's certificate"),
        (AlertDescription::bad_certificate, "the server's certificate"),
        (AlertDescription::certificate_unknown, "the server's certificate"),
    ] {
        let told = refused(server(), alert);
        says(&told, &["The client refused us, the server.", sentence, "-CAfile", "`--pin sha256/…`"]);
    }
    let told = refused(server(), AlertDescription::certificate_expired);
    says(&told, &["certificate_expired (45)", "[cert.expired] observed", "clock"]);
    // A report of nothing but the alert.
    let told = refused(Report::new(Side::Server), AlertDescription::unknown_ca);
    says(&told, &["[cert.unknown-issuer] possible", "an issuer that the client does not trust"]);
}

#[test]
fn a_refused_hello_lists_causes_by_its_offers() {
    let mut narrow = Report::new(Side::Client);
    offers(&mut narrow, &[TLS12], &[CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256], ECDHE);
    let told = refused(narrow, AlertDescription::handshake_failure);
    says(
        &told,
        &[
            "handshake_failure (40)",
            "we offer TLS 1.2 only: try `--tls 1.3`",
            "very few cipher suites",
            "need a server with an EC key",
            "we sent no server_name",
            "`--name NAME`",
            "client offered versions: TLS 1.2",
            "client offered cipher suites: TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "[suite.key-type]",
            "needs an elliptic curve key on the server",
        ],
    );
    assert!(
        told.next[0].text.contains("need a server with an EC key"),
        "the narrowest first: {:?}",
        told.next
    );
    let wide = refused(client(), AlertDescription::handshake_failure);
    says(&wide, &["check that broker.example is a name that the server knows"]);
    assert!(!wide.to_string().contains("very few"));
}

#[test]
fn versions_protocols_names() {
    let mut report = Report::new(Side::Client);
    offers(&mut report, &[TLS13], &[CipherSuite::TLS_AES_128_GCM_SHA256], ECDHE);
    says(
        &refused(report.clone(), AlertDescription::protocol_version),
        &["protocol_version (70)", "The client offers only TLS 1.3", "`--tls 1.2`"],
    );
    says(&refused(report.clone(), AlertDescription::unrecognized_name), &["[sni.missing]", "`--name NAME`"]);
    says(&refused(report.clone(), AlertDescription::missing_extension), &["only server_name is missing"]);
    report.note(Side::Client, Tag::Alpn, b"\x02h2\x04mqtt");
    says(
        &refused(report, AlertDescription::no_application_protocol),
        &["no_application_protocol (120)", "--alpn", "client offered application protocols: h2, mqtt"],
    );
    says(
        &refused(client(), AlertDescription::unrecognized_name),
        &["does not serve the name in the client's server_name: broker.example"],
    );

    let mut server = Report::new(Side::Server);
    note(&mut server, Side::Client, Tag::Versions, &[ProtocolVersion::TLS_1_0]);
    note(&mut server, Side::Server, Tag::Versions, &[TLS13, TLS12]);
    says(
        &ended(server, Fault::NoCommonVersion { peer: ProtocolVersion::TLS_1_0 }),
        &[
            "We, the server, refused the client.",
            "the peer supports at most TLS 1.0",
            "client offered versions: TLS 1.0",
            "server offered versions: TLS 1.3, TLS 1.2",
        ],
    );
}

#[test]
fn a_server_that_finds_nothing_in_common() {
    let mut report = Report::new(Side::Server);
    note(
        &mut report,
        Side::Client,
        Tag::Suites,
        &[CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256, CipherSuite(0x0a0a)],
    );
    note(&mut report, Side::Server, Tag::Suites, &[CipherSuite::TLS_AES_128_GCM_SHA256]);
    says(
        &ended(report.clone(), Fault::NoCommonSuite),
        &["pre-shared keys only", "`--psk-hex`", "client offered cipher suites"],
    );
    says(&ended(report, Fault::NoCredential), &["pre-shared keys only"]);
    let mut report = Report::new(Side::Server);
    note(&mut report, Side::Client, Tag::Groups, &[NamedGroup::secp521r1]);
    note(&mut report, Side::Server, Tag::Groups, &[NamedGroup::x25519]);
    says(
        &ended(report, Fault::NoCommonGroup),
        &[
            "neither x25519 nor secp256r1",
            "`--group x25519 --group secp256r1`",
            "client offered groups: secp521r1",
            "server offered groups: x25519",
        ],
    );
}

#[test]
fn certificates_that_we_refuse() {
    let mut report = client();
    report.note(Side::Server, Tag::CertificateKey, &key_note(KeyKind::P256, &[0; 32]));
    let pin = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let told = |fault| ended(report.clone(), Fault::Certificate(fault));
    says(
        &told(CertificateFault::UnknownIssuer { self_signed: true }),
        &["self-signed", &format!("`--pin {pin}`"), "`--ca FILE`"],
    );
    says(&told(CertificateFault::UnknownIssuer { self_signed: false }), &["`--ca FILE`", "intermediate"]);
    says(
        &told(CertificateFault::NameMismatch { names: 2 }),
        &[
            "We expected one for broker.example.",
            "`--name NAME`",
            "or (server) reissue it for broker.example",
        ],
    );
    let refused = |error| {
        let mut report = report.clone();
        let _failed = report.refuse(error);
        advice(&report)
    };
    let dates = Evidence::Dates { limit: 0, now: 1 };
    says(&refused(CertificateFault::Expired.with(dates)), &["1970-01-01", "clock"]);
    says(
        &refused(CertificateFault::PinMismatch.with(Evidence::Pin([0; 32]))),
        &[
            &format!("`--pin {pin}`"),
            "stands in between",
            &format!("`handclasp peers accept --replace NAME {pin}`"),
        ],
    );
    says(
        &refused(CertificateFault::NotKnown.with(Evidence::Pin([0; 32]))),
        &["[pin.unknown-key] observed", "Fix (client): ask the operator of the server", pin],
    );
    says(
        &told(CertificateFault::SignatureInvalid),
        &["Fix (client): if the issuer was made again", "`--ca FILE`", "or (server) else the server's chain"],
    );
    says(&told(CertificateFault::Revoked), &["server showed a certificate with a P-256 key"]);
}

#[test]
fn extended_master_secret_is_asked_of_the_end_that_requires_it() {
    for (own, at) in [(Side::Client, Party::Client), (Side::Server, Party::Server)] {
        let told = ended(Report::new(own), Fault::NoExtendedMasterSecret);
        says(&told, &["leave `--require-ems` out on this side", "use TLS 1.3"]);
        assert!(!told.to_string().contains("or or") && !told.to_string().contains("update the"));
        assert_eq!(told.cause, Some((Cause::PolicyEmsRequired, Confidence::Observed, at)));
    }
    let mut report = client();
    report.note(Side::Server, Tag::NoExtendedMasterSecret, &[]);
    report.note(Side::Client, Tag::Connected, &[]);
    says(&advice(&report), &["server does not do extended_master_secret: no resumption and no exporter"]);
}

#[test]
fn curve_of_the_certificate() {
    let of = |groups: &[NamedGroup], curve| {
        let mut report = Report::new(Side::Server);
        note(&mut report, Side::Client, Tag::Versions, &[TLS12]);
        note(&mut report, Side::Client, Tag::Suites, &[CipherSuite(0xc02b)]);
        note(&mut report, Side::Client, Tag::Groups, groups);
        ended(report, Fault::CurveNotOffered { curve })
    };
    let told = of(&[NamedGroup::x25519], NamedGroup::secp256r1);
    says(&told, &["curve secp256r1", "client offered groups: x25519", "P-256 in the list", "RFC 8422"]);
    // The key in use, and keys that the client cannot take either, are no advice.
    assert!(!told.next.iter().any(|way| way.text.contains("certificate with a") || way.text.contains("RSA")));
    let told = of(&[NamedGroup::x25519, NamedGroup::secp256r1], NamedGroup::secp384r1);
    says(&told, &["curve secp384r1", "with a P-256 key"]);
    says(&ended(Report::new(Side::Server), Fault::NoSignatureAlgorithms), &["SHA-1", "signature_algorithms"]);
}

#[test]
fn silence_and_other_protocols() {
    let expected = Event::Message(HandshakeType::server_hello);
    let mut report = client();
    note(&mut report, Side::Client, Tag::KeyShares, &[NamedGroup::X25519MLKEM768, NamedGroup::x25519]);
    says(
        &ended(report.clone(), Fault::Truncated { expected: Some(expected), anything_came: false }),
        &["Neither side refused", "`--group x25519 --group secp256r1`", "STARTTLS"],
    );
    says(
        &ended(report, Fault::TimedOut { expected, anything_came: false }),
        &["small ClientHello", "STARTTLS"],
    );
    says(&ended(client(), Fault::NotTls { first: *b"HTTP/" }), &["plain HTTP", "443"]);
    says(&ended(client(), Fault::NotTls { first: [0x20, 2, 0, 5, 0] }), &["MQTT", "8883"]);
    let server = Report::new(Side::Server);
    says(
        &ended(server.clone(), Fault::NotTls { first: *b"GET /" }),
        &["The client sends plain HTTP", "https://"],
    );
    says(
        &ended(server, Fault::NotTls { first: [1, 0, 0, 0x25, 3] }),
        &["without the record header", "handclasp explain -"],
    );
    let expected = Event::Record(ContentType::handshake);
    says(
        &ended(client(), Fault::Unexpected { expected, found: Event::ApplicationData }),
        &["but a record of content_type handshake was expected", "its end did not come"],
    );
    says(&ended(client(), Fault::Truncated { expected: None, anything_came: true }), &["close_notify"]);
}

#[test]
fn a_story_without_a_fault() {
    let mut report = client();
    assert!(advice(&report).verdict.starts_with("The report names no failure"));
    report.note(Side::Client, Tag::Connected, &[]);
    let told = advice(&report);
    assert!(told.verdict.starts_with("The handshake was completed"));
    assert_eq!(told.evidence, ["client saw the handshake completed"]);
}

#[test]
fn long_lists_are_shortened_and_cut_ones_say_so() {
    let mut report = Report::new(Side::Server);
    let suites: Vec<CipherSuite> = (1..80).map(CipherSuite).collect();
    note(&mut report, Side::Client, Tag::Suites, &suites);
    let told = ended(report, Fault::NoCommonSuite);
    says(&told, &["TLS_RSA_WITH_NULL_MD5, ", " and 34 or more"]);
    let mut report = Report::new(Side::Server);
    for number in 0..40 {
        report.note(Side::Client, Tag::ServerName, &[number; 60]);
    }
    note(&mut report, Side::Client, Tag::AlertReceived, &[ContentType(1)]);
    says(&ended(report, Fault::UnrecognizedName), &["more notes had no room"]);
}

#[test]
fn nothing_is_concluded_from_what_a_cut_list_lacks() {
    // 49 suites that need an EC key fill the note; the report cannot tell what else was offered.
    let suites = |count: u16| -> Vec<CipherSuite> {
        let ecdsa = |suite: &CipherSuite| suite.authentication() == Some(SuiteAuthentication::Ecdsa);
        let known: Vec<CipherSuite> = CipherSuite::ALL.iter().copied().filter(ecdsa).collect();
        known.into_iter().cycle().take(usize::from(count)).collect()
    };
    let cause = |count| {
        let mut report = Report::new(Side::Client);
        offers(&mut report, &[TLS13, TLS12], &suites(count), ECDHE);
        refused(report, AlertDescription::handshake_failure).cause.map(|(cause, ..)| cause)
    };
    assert_eq!(cause(20), Some(Cause::SuiteKeyType));
    assert_eq!(cause(200), Some(Cause::RefusedUnexplained));
}
