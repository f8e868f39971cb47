//! Reports of real shape, and what the rules may know of them.

use handclasp_codec::{
    CipherSuite, CodePoint, ExtensionType, HandshakeType, NamedGroup, ProtocolVersion, SignatureScheme,
};

use super::*;

fn note<W: CodePoint>(report: &mut Report, from: Side, tag: Tag, numbers: &[W]) {
    report.note_words(from, tag, numbers.iter().copied());
}

/// A client that offers both versions.
fn client() -> Report {
    let mut report = Report::new(Side::Client);
    note(&mut report, Side::Client, Tag::Versions, &[ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2]);
    note(&mut report, Side::Client, Tag::Suites, &[CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite(0xc02b)]);
    let types = [ExtensionType::supported_groups, ExtensionType::extended_master_secret];
    note(&mut report, Side::Client, Tag::Extensions, &types);
    note(&mut report, Side::Client, Tag::Groups, &[NamedGroup::x25519, NamedGroup::secp256r1]);
    note(&mut report, Side::Client, Tag::Schemes, &[SignatureScheme::ecdsa_secp256r1_sha256]);
    report.note(Side::Client, Tag::ServerName, b"broker.example");
    report.note(Side::Client, Tag::Alpn, b"\x02h2\x04mqtt");
    report
}

#[test]
fn the_hello_says_what_the_notes_say() {
    let conversation = conversation(&client());
    let hello = conversation.client_hello().unwrap();
    let suites: Vec<CipherSuite> = hello.cipher_suites.iter().collect();
    assert_eq!(suites, [CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite(0xc02b)]);
    let extensions = &hello.extensions;
    assert_eq!(extensions.server_name.unwrap().host_name(), Some(&b"broker.example"[..]));
    assert_eq!(extensions.supported_versions.unwrap().versions.iter().count(), 2);
    assert_eq!(extensions.supported_groups.unwrap().named_group_list.iter().count(), 2);
    assert_eq!(extensions.signature_algorithms.unwrap().supported_signature_algorithms.iter().count(), 1);
    let protocols = extensions.application_layer_protocol_negotiation.unwrap().protocol_name_list;
    assert_eq!(protocols.iter().map(|name| name.0).collect::<Vec<_>>(), [&b"h2"[..], b"mqtt"]);
    assert!(extensions.extended_master_secret.is_some() && extensions.encrypt_then_mac.is_none());
    assert!(extensions.pre_shared_key.is_none() && extensions.key_share.is_none());
}

#[test]
fn stages_and_endings_follow_the_fault() {
    let answered = |tls13: bool| {
        let mut report = client();
        let (version, suite) = match tls13 {
            true => (ProtocolVersion::TLS_1_3, CipherSuite::TLS_AES_128_GCM_SHA256),
            false => (ProtocolVersion::TLS_1_2, CipherSuite(0xc02b)),
        };
        note(&mut report, Side::Server, Tag::ChosenVersion, &[version]);
        note(&mut report, Side::Server, Tag::ChosenSuite, &[suite]);
        report
    };
    let alert = AlertDescription::handshake_failure;
    let refused = |mut report: Report| {
        note(&mut report, Side::Server, Tag::AlertReceived, &[alert]);
        report.fault(&Fault::PeerAlert(alert));
        let conversation = conversation(&report);
        assert!(matches!(conversation.ending(), Ending::Refused { by: Side::Server, .. }));
        let ending = conversation.ending();
        if let Ending::Refused { index, .. } = ending {
            assert!(matches!(conversation.events[index].kind, EventKind::Alert { .. }), "{ending:?}");
        }
        conversation.stage()
    };
    assert_eq!(refused(Report::new(Side::Client)), Stage::Nothing);
    assert_eq!(refused(client()), Stage::ClientHello);
    assert_eq!(refused(answered(true)), Stage::ServerHello);
    assert_eq!(refused(answered(false)), Stage::ClientFlight);
    let mut connected = answered(true);
    connected.note(Side::Client, Tag::Connected, &[]);
    assert_eq!(refused(connected), Stage::Complete);
    let mut silent = answered(false);
    silent.fault(&Fault::TimedOut {
        expected: handclasp_report::Event::Message(HandshakeType::server_key_exchange),
        anything_came: true,
    });
    let conversation = conversation(&silent);
    assert_eq!(conversation.ending(), Ending::Silent { expected: Side::Server });
    assert_eq!(conversation.stage(), Stage::ServerHello);
    assert_eq!(conversation.version(), Some(ProtocolVersion::TLS_1_2));
}

#[test]
fn a_list_that_was_cut_says_nothing_of_what_it_lacks() {
    assert!(Notes { report: &client() }.has_whole_offer());
    let mut long = Report::new(Side::Server);
    let suites: Vec<CipherSuite> = (1..200).map(CipherSuite).collect();
    note(&mut long, Side::Client, Tag::Extensions, &[ExtensionType::supported_groups]);
    note(&mut long, Side::Client, Tag::Suites, &suites);
    assert!(!Notes { report: &long }.has_whole_offer());
    assert!(!Notes { report: &Report::new(Side::Client) }.has_whole_offer());
}
