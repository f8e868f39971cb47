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
        let _failed = report.fail(Fault::PeerAlert(alert));
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
    let _failed = silent.fail(Fault::TimedOut {
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

/// A ClientHello with these extensions, as bytes of a handshake message.
fn sent(extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (number, content) in extensions {
        block.extend(number.to_be_bytes());
        block.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
        block.extend(content);
    }
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([4, 1, 2, 3, 4, 0, 4, 0x13, 1, 0xc0, 0x2b, 1, 0]);
    body.extend(u16::try_from(block.len()).unwrap().to_be_bytes());
    body.extend(block);
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[1][..], &length[1..], &body].concat()
}

fn listed(width: usize, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[4 - width..], content].concat()
}

fn kept_by_a_server(extensions: &[(u16, Vec<u8>)]) -> Conversation {
    let message = sent(extensions);
    let mut report = Report::new(Side::Server);
    report.message(Side::Client, &message);
    let conversation = conversation(&Report::decode(report.encode()).unwrap());
    assert!(conversation.client_hello().is_some(), "{extensions:02x?}");
    conversation
}

#[test]
fn a_hello_that_is_kept_has_its_fields_again() {
    let share = [&[0, 29][..], &listed(2, &[9; 32])].concat();
    let ticket = [&listed(2, &[8; 150])[..], &[0, 0, 0, 7]].concat();
    let key = [&listed(2, b"sensor-17")[..], &[0; 4]].concat();
    let binders = [listed(1, &[6; 32]), listed(1, &[6; 32])].concat();
    let conversation = kept_by_a_server(&[
        (0, listed(2, &[&[0][..], &listed(2, b"broker.example")].concat())),
        (10, listed(2, &[0, 29, 0, 23])),
        (16, listed(2, &[listed(1, b"h2"), listed(1, b"mqtt")].concat())),
        (28, vec![2, 0]),
        (35, vec![5; 180]),
        (21, vec![0; 90]),
        (43, listed(1, &[3, 4, 3, 3])),
        (44, listed(2, &[4; 60])),
        (51, listed(2, &share)),
        (41, [listed(2, &[ticket, key].concat()), listed(2, &binders)].concat()),
    ]);
    let hello = conversation.client_hello().unwrap();
    assert!(hello.cipher_suites.iter().eq([CipherSuite(0x1301), CipherSuite(0xc02b)]));
    assert_eq!(hello.legacy_session_id, [1, 2, 3, 4]);
    let extensions = &hello.extensions;
    assert_eq!(extensions.server_name.unwrap().host_name(), Some(&b"broker.example"[..]));
    assert_eq!(extensions.record_size_limit.unwrap().record_size_limit, 512);
    assert_eq!(extensions.session_ticket.unwrap().opaque.len(), 180);
    assert_eq!(extensions.cookie.unwrap().cookie.len(), 60);
    assert!(
        extensions
            .supported_versions
            .unwrap()
            .versions
            .iter()
            .eq([ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2])
    );
    let groups = extensions.key_share.unwrap().client_shares.iter().map(|share| share.group);
    assert!(groups.eq([NamedGroup::x25519]));
    let protocols = extensions.application_layer_protocol_negotiation.unwrap().protocol_name_list;
    assert!(protocols.iter().map(|name| name.0).eq([&b"h2"[..], b"mqtt"]));
    let psks: Vec<_> = extensions.pre_shared_key.unwrap().identities.iter().collect();
    assert_eq!((psks[0].identity.len(), psks[0].obfuscated_ticket_age), (150, 1));
    assert_eq!((psks[1].identity, psks[1].obfuscated_ticket_age), (&b"sensor-17"[..], 0));
}

/// Lists end where they were cut: no filler is among their elements.
fn only_what_was_sent(conversation: &Conversation) {
    let extensions = conversation.client_hello().unwrap().extensions;
    let name = extensions.server_name.as_ref().and_then(|names| names.host_name()).unwrap_or_default();
    assert!(name.iter().all(|byte| *byte == b'a'), "{name:?}");
    if let Some(list) = extensions.supported_groups {
        assert!(list.named_group_list.iter().all(|group| group.0 > 0));
    }
    for list in [extensions.signature_algorithms, extensions.signature_algorithms_cert].into_iter().flatten()
    {
        assert!(list.supported_signature_algorithms.iter().all(|scheme| scheme.0 > 0));
    }
    if let Some(list) = extensions.supported_versions {
        assert!(list.versions.iter().all(|version| version.0 > 0));
    }
    if let Some(list) = extensions.application_layer_protocol_negotiation {
        assert!(list.protocol_name_list.iter().all(|name| name.0 == b"four"));
    }
}

#[test]
fn a_hello_that_was_cut_is_a_hello_still() {
    let name = |length: usize| listed(2, &[&[0][..], &listed(2, &vec![b'a'; length])].concat());
    let words = |count: u16| (0..count).flat_map(|number| (number + 1).to_be_bytes()).collect::<Vec<u8>>();
    for room in [1, 50, 99, 200] {
        let longs = [
            (0, name(room)),
            (10, listed(2, &words(u16::try_from(room).unwrap()))),
            (13, listed(2, &words(u16::try_from(room).unwrap()))),
            (16, listed(2, &listed(1, b"four").repeat(room))),
            (43, listed(1, &words(u16::try_from(room.min(120)).unwrap()))),
            (47, listed(2, &listed(2, &vec![0x30; room]))),
            (50, listed(2, &words(u16::try_from(room).unwrap()))),
        ];
        for extension in &longs {
            let conversation = kept_by_a_server(std::slice::from_ref(extension));
            let whole = conversation.reported.as_ref().unwrap().notes().has_whole_offer();
            let lists = [10, 13, 43].contains(&extension.0) && extension.1.len() > 100;
            assert_eq!(whole, !lists, "{extension:02x?}");
            only_what_was_sent(&conversation);
        }
        // One may take all the room of another: a list without an element is left out.
        let conversation = kept_by_a_server(&longs);
        only_what_was_sent(&conversation);
        assert!(!conversation.reported.as_ref().unwrap().notes().has_whole_offer() || room == 1);
    }
}

#[test]
fn messages_of_the_server_are_kept() {
    let mut report = Report::new(Side::Client);
    report.message(Side::Client, &sent(&[(43, vec![2, 3, 4])]));
    let hello = |random: [u8; 32], extensions: &[u8]| {
        let body = [&[3, 3][..], &random, &[0, 0x13, 1, 0], &listed(2, extensions)].concat();
        [&[2][..], &listed(3, &body)].concat()
    };
    report.message(
        Side::Server,
        &hello(handclasp_codec::HELLO_RETRY_REQUEST_RANDOM, &[0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0, 23]),
    );
    let answer = [&[0, 43, 0, 2, 3, 4, 0, 51, 0, 69, 0, 23][..], &listed(2, &[4; 65])].concat();
    let mut random = [1; 32];
    random[24..].copy_from_slice(&handclasp_codec::DOWNGRADE_TLS12);
    report.message(Side::Server, &hello(random, &answer));
    report.message(Side::Server, &[8, 0, 0, 11, 0, 9, 0, 16, 0, 5, 0, 3, 2, b'h', b'2']);
    let conversation = conversation(&report);
    let retries: Vec<_> = conversation.retries().collect();
    assert_eq!(retries[0].1.extensions.key_share.unwrap().selected_group, NamedGroup::secp256r1);
    let hello = conversation.server_hello().unwrap();
    assert_eq!(hello.downgrade_sentinel(), handclasp_codec::DOWNGRADE_TLS12);
    assert_eq!(hello.extensions.key_share.unwrap().server_share.group, NamedGroup::secp256r1);
    let protected = |event: &Event| matches!(&event.kind, EventKind::Handshake(message) if message.protected);
    assert!(conversation.events.iter().map(protected).eq([false, false, false, true]));
}
