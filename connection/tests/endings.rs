//! How connections end: closed, truncated, refused, or through API misuse.

mod pair;

use handclasp_codec::{AlertDescription, ContentType, HandshakeType, ProtocolVersion};
use handclasp_connection::Connection;
use handclasp_crypto::{KeyKind, Suite};
use handclasp_handshake::ClientStart;
use handclasp_provider_aws_lc as aws_lc;
use handclasp_report::{Blame, CertificateFault, Event, Fault, Misuse, Report, Side, Tag, Uint};
use pair::{Pair, Proof, config, raw::RawClient, with};

const SUITES: [&Suite; 2] =
    [&aws_lc::TLS_AES_128_GCM_SHA256, &aws_lc::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];

fn connected(suite: &'static Suite) -> Pair {
    let mut pair = Pair::new(config(&[suite]), config(&[suite]), Proof::Certificate(KeyKind::P256));
    pair.shake(usize::MAX).expect("connects");
    pair
}

#[test]
fn close_notify_ends_one_direction_only() {
    for suite in SUITES {
        let mut pair = connected(suite);
        pair.client.close();
        let bytes = pair.take_from_client();
        pair.deliver_to_server(&bytes, usize::MAX).expect("an orderly close");
        assert!(pair.server.is_peer_closed());
        pair.server.end_of_input().expect("the transport may end after close_notify");
        let answer = with(&pair.server_config, |context| pair.server.write(context, b"still here"));
        if suite.version() == ProtocolVersion::TLS_1_2 {
            // TLS 1.2 has no half-close: close_notify was answered at once (RFC 5246 §7.2.1).
            assert_eq!(answer, Err(Fault::Misuse(Misuse::Closed).code()));
            let bytes = pair.take_from_server();
            pair.deliver_to_client(&bytes, usize::MAX).expect("the answer");
            assert!(pair.client.is_peer_closed());
            continue;
        }
        answer.expect("half-close");
        let bytes = pair.take_from_server();
        pair.deliver_to_client(&bytes, usize::MAX).expect("arrives");
        assert_eq!(pair.client.readable(), b"still here");
        let again = with(&pair.client_config, |context| pair.client.write(context, b"x"));
        assert_eq!(again, Err(Fault::Misuse(Misuse::Closed).code()));
    }
}

/// RFC 8446 §6: secrets and keys of a failed connection are wiped.
#[test]
fn a_failed_connection_exports_nothing_and_opens_nothing() {
    for suite in SUITES {
        let mut pair = connected(suite);
        pair.client.export(b"EXPERIMENTAL test", None, &mut [0; 8]).expect("exports before the failure");
        let next = {
            with(&pair.client_config, |context| pair.client.write(context, b"first")).expect("is sealed");
            pair.take_from_client()
        };
        let garbage = [&[23, 3, 3, 0, 40][..], &[0; 40]].concat();
        let fault = pair.deliver_to_server(&garbage, usize::MAX).expect_err("not authentic");
        assert!(matches!(fault, Fault::RecordNotAuthentic { .. }), "{fault:?}");
        assert!(!pair.server.transmit().is_empty(), "the alert was sealed before");
        assert_eq!(pair.server.export(b"EXPERIMENTAL test", None, &mut [0; 8]), Err(fault.code()));
        assert!(pair.server.connected().is_some_and(|connected| connected.exporter.is_none()));
        assert_eq!(pair.deliver_to_server(&next, usize::MAX), Err(fault));
        assert_eq!(pair.server.readable(), b"");
        // The peer that receives the alert wipes its secrets too.
        let alert = pair.take_from_server();
        let told = pair.deliver_to_client(&alert, usize::MAX).expect_err("told");
        assert_eq!(told, Fault::PeerAlert(AlertDescription::bad_record_mac));
        assert_eq!(pair.client.export(b"EXPERIMENTAL test", None, &mut [0; 8]), Err(told.code()));
    }
}

#[test]
fn an_end_without_close_notify_is_told() {
    for suite in SUITES {
        let mut pair = connected(suite);
        let fault = pair.client.end_of_input().expect_err("cut off").fault();
        assert_eq!(fault, Fault::Truncated { expected: None, anything_came: true });
        assert_eq!(fault.blame(), Blame::Transport);
    }
    let mut pair = Pair::new(config(&SUITES), config(&SUITES), Proof::Certificate(KeyKind::P256));
    let expected = Some(Event::Message(HandshakeType::server_hello));
    assert_eq!(pair.client.end_of_input(), Err(Fault::Truncated { expected, anything_came: false }.code()));
}

#[test]
fn a_flipped_bit_in_a_record_is_refused_and_told() {
    for suite in SUITES {
        for position in [5, 12, 20, 30] {
            let mut pair = connected(suite);
            with(&pair.client_config, |context| pair.client.write(context, b"some data to protect"))
                .expect("writes");
            let mut bytes = pair.take_from_client();
            bytes[position] ^= 1;
            let fault = pair.deliver_to_server(&bytes, usize::MAX).expect_err("refused");
            assert!(matches!(fault, Fault::RecordNotAuthentic { handshaking: false, .. }), "{fault:?}");
            let alert = pair.take_from_server();
            assert_eq!(
                pair.deliver_to_client(&alert, usize::MAX),
                Err(Fault::PeerAlert(AlertDescription::bad_record_mac))
            );
        }
    }
}

#[test]
fn records_replayed_or_out_of_order_are_refused() {
    for suite in SUITES {
        let mut pair = connected(suite);
        with(&pair.client_config, |context| pair.client.write(context, b"one")).expect("writes");
        let one = pair.take_from_client();
        pair.deliver_to_server(&one, usize::MAX).expect("arrives");
        pair.server.consume(3);
        let fault = pair.deliver_to_server(&one, usize::MAX).expect_err("a replay");
        assert!(matches!(fault, Fault::RecordNotAuthentic { .. }), "{fault:?}");
    }
}

#[test]
fn what_is_no_tls_is_told_with_its_first_bytes() {
    let mut pair = Pair::new(config(&SUITES), config(&SUITES), Proof::Certificate(KeyKind::P256));
    let fault = pair.deliver_to_server(b"GET / HTTP/1.1\r\n", usize::MAX).expect_err("not TLS");
    assert_eq!(fault, Fault::NotTls { first: *b"GET /" });
}

#[test]
fn another_record_inside_a_fragmented_message_is_refused() {
    let mut pair = Pair::new(config(&SUITES), config(&SUITES), Proof::Certificate(KeyKind::P256));
    let hello = pair.take_from_client();
    let half = [&[ContentType::handshake.0, 3, 1, 0, 50], &hello[5..55]].concat();
    pair.deliver_to_server(&half, usize::MAX).expect("the first half");
    let alert = [ContentType::alert.0, 3, 3, 0, 2, 1, 90];
    let fault = pair.deliver_to_server(&alert, usize::MAX).expect_err("interleaved");
    let expected = Event::Record(ContentType::handshake);
    assert_eq!(fault, Fault::Unexpected { expected, found: Event::Record(ContentType::alert) });
    // Also after the handshake, where only data would be accepted.
    let suites = [SUITES[0]];
    let mut logging = config(&suites);
    logging.handshake.key_log = true;
    let mut pair = Pair::new(config(&suites), logging, Proof::Certificate(KeyKind::P256));
    pair.shake(usize::MAX).expect("connects");
    let mut raw = RawClient::new(&mut pair.server);
    let half = raw.seal(ContentType::handshake, &[HandshakeType::key_update.0, 0, 0]);
    pair.deliver_to_server(&half, usize::MAX).expect("the first half");
    let data = raw.seal(ContentType::application_data, b"data");
    let fault = pair.deliver_to_server(&data, usize::MAX).expect_err("interleaved");
    assert_eq!(fault, Fault::Unexpected { expected, found: Event::ApplicationData });
}

#[test]
fn what_begins_behind_a_flight_is_refused() {
    let mut pair = Pair::new(config(&SUITES), config(&SUITES), Proof::Certificate(KeyKind::P256));
    let mut hello = pair.take_from_client();
    // The first byte of another message in the record of the ClientHello.
    hello.push(HandshakeType::finished.0);
    let length = u16::from_be_bytes([hello[3], hello[4]]) + 1;
    hello[3..5].copy_from_slice(&length.to_be_bytes());
    let fault = pair.deliver_to_server(&hello, usize::MAX).expect_err("a message that begins too early");
    assert_eq!(fault, Fault::KeyChangeInsideMessage);
}

#[test]
fn an_alert_of_no_level_is_refused() {
    let mut pair = Pair::new(config(&SUITES), config(&SUITES), Proof::Certificate(KeyKind::P256));
    let alert = [ContentType::alert.0, 3, 3, 0, 2, 0x42, 10];
    let fault = pair.deliver_to_server(&alert, usize::MAX).expect_err("no level");
    assert_eq!(fault, Fault::IllegalParameter(handclasp_codec::Field::level));
}

#[test]
fn keys_are_updated_when_asked() {
    let mut pair = Pair::new(config(&SUITES), config(&SUITES), Proof::Certificate(KeyKind::P256));
    let early = with(&pair.client_config, |context| pair.client.update_keys(context));
    assert_eq!(early, Err(Fault::Misuse(Misuse::NotConnected).code()));
    pair.shake(usize::MAX).expect("connected");
    with(&pair.client_config, |context| pair.client.update_keys(context)).expect("updates");
    with(&pair.client_config, |context| pair.client.write(context, b"new")).expect("writes");
    let sent = pair.take_from_client();
    pair.deliver_to_server(&sent, usize::MAX).expect("follows");
    assert_eq!(pair.server.readable(), b"new");
}

#[test]
fn an_announced_message_allocates_nothing_and_is_refused() {
    let mut pair = Pair::new(config(&SUITES), config(&SUITES), Proof::Certificate(KeyKind::P256));
    let announced = [ContentType::handshake.0, 3, 1, 0, 4, HandshakeType::client_hello.0, 0xff, 0xff, 0xff];
    let fault = pair.deliver_to_server(&announced, usize::MAX).expect_err("too large");
    assert!(matches!(fault, Fault::MessageTooLarge { found: Uint::MAX, .. }), "{fault:?}");
}

#[test]
fn nothing_is_sent_before_the_handshake_is_complete() {
    let mut pair = Pair::new(config(&SUITES), config(&SUITES), Proof::Certificate(KeyKind::P256));
    let early = with(&pair.client_config, |context| pair.client.write(context, b"early"));
    assert_eq!(early, Err(Fault::Misuse(Misuse::NotConnected).code()));
    assert_eq!(
        pair.client.export(b"label", None, &mut [0; 8]),
        Err(Fault::Misuse(Misuse::NotConnected).code())
    );
}

#[test]
fn another_configuration_in_the_middle_is_refused() {
    let mut pair = Pair::new(config(&SUITES), config(&SUITES), Proof::Certificate(KeyKind::P256));
    pair.client_config.handshake.generation = 2;
    let fault = pair.deliver_to_client(&[22, 3, 3, 0, 1, 2], usize::MAX).expect_err("changed");
    assert_eq!(fault, Fault::Misuse(Misuse::ConfigurationChanged));
}

#[test]
fn a_configuration_with_nothing_to_offer_is_refused() {
    let nothing = config(&[]);
    let outcome = with(&nothing, |context| Connection::client(context, ClientStart::default()));
    assert!(matches!(outcome.map_err(Fault::from), Err(Fault::Misuse(Misuse::NothingToOffer))));
}

#[test]
fn any_end_of_input_anywhere_in_the_handshake_is_an_error_and_no_panic() {
    for suite in SUITES {
        for cut in 0..6000 {
            let mut pair = Pair::new(config(&[suite]), config(&[suite]), Proof::Certificate(KeyKind::P256));
            let hello = pair.take_from_client();
            pair.deliver_to_server(&hello, usize::MAX).expect("a whole hello");
            let flight = pair.take_from_server();
            if cut >= flight.len() {
                break;
            }
            // Every cut in the first 300 bytes, then a sample: each costs a whole handshake.
            if cut > 300 && cut % 97 != 0 {
                continue;
            }
            pair.deliver_to_client(&flight[..cut], usize::MAX)
                .expect("a truncated flight is accepted so far");
            let fault = pair.client.end_of_input().expect_err("cut off").fault();
            assert!(matches!(fault, Fault::Truncated { expected: Some(_), .. }), "{cut}: {fault:?}");
        }
    }
}

#[test]
fn a_caller_can_refuse_at_any_point() {
    for suite in SUITES {
        let mut pair = Pair::new(config(&[suite]), config(&[suite]), Proof::Certificate(KeyKind::P256));
        assert_eq!(pair.client.refuse(), Fault::CallerRefused.code());
        let bytes = pair.take_from_client();
        let told = pair.deliver_to_server(&bytes, usize::MAX);
        assert!(matches!(told, Err(Fault::PeerAlert(AlertDescription::access_denied))), "{told:?}");

        let mut pair = connected(suite);
        assert_eq!(pair.server.refuse(), Fault::CallerRefused.code());
        // The connection is over: writing fails, and the first fault stays the reported one.
        let after = with(&pair.server_config, |context| pair.server.write(context, b"x"));
        assert_eq!(after, Err(Fault::CallerRefused.code()));
        assert_eq!(pair.server.refuse_peer(CertificateFault::Revoked), Fault::CallerRefused.code());
        pair.server.close();
        let bytes = pair.take_from_server();
        let told = pair.deliver_to_client(&bytes, usize::MAX);
        assert_eq!(told, Err(Fault::PeerAlert(AlertDescription::access_denied)));
        assert!(pair.server.report().why() == Some(Fault::CallerRefused));
    }
}

/// What a caller notes cannot pass for what the connection saw: a fault, an alert, a message.
#[test]
fn a_caller_notes_what_it_knows_of_its_answers_and_nothing_else() {
    // The note of a fault, as a report has it.
    let mut failed = Report::new(Side::Client);
    let _failed = failed.fail(Fault::PeerAlert(AlertDescription::unknown_ca));
    let fault = failed.items().find(|item| item.tag == Tag::Fault).expect("noted").bytes.to_vec();
    let mut pair = Pair::new(config(&SUITES[..1]), config(&SUITES[..1]), Proof::Certificate(KeyKind::P256));
    let before = pair.client.report().items().count();
    for tag in Tag::ALL {
        pair.client.note(Side::Server, *tag, &fault);
    }
    let read = Report::decode(pair.client.report().encode()).expect("it is whole");
    assert_eq!(read.why(), None);
    let noted: Vec<Tag> = read.items().skip(before).map(|item| item.tag).collect();
    let permitted = [
        Tag::ExpectedName,
        Tag::CertificateName,
        Tag::CertificateKey,
        Tag::NoneShown,
        Tag::NotJudged,
        Tag::Revoked,
    ];
    assert_eq!(noted, permitted);

    pair.shake(usize::MAX).expect("connects");
    pair.client.close();
    let garbage = [&[23, 3, 3, 0, 40][..], &[0; 40]].concat();
    let fault = pair.deliver_to_client(&garbage, usize::MAX).expect_err("not authentic");
    let read = Report::decode(pair.client.report().encode()).expect("it is whole");
    assert_eq!(read.why(), Some(fault));
}
