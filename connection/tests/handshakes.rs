//! Whole handshakes in memory: every suite, the stream split into pieces of every size, messages
//! fragmented and coalesced in every way that a peer may.

mod pair;

use handclasp_codec::{ContentType, ProtocolVersion};
use handclasp_crypto::KeyKind;
use handclasp_provider_aws_lc as aws_lc;
use pair::{Pair, Proof, all, config, with};

#[test]
fn every_suite_connects_and_carries_data_both_ways() {
    for (suite, proof) in all() {
        let mut pair = Pair::new(config(&[suite]), config(&[suite]), proof);
        pair.shake(usize::MAX).unwrap_or_else(|fault| panic!("{} {proof:?}: {fault:?}", suite.id));
        let (client, server) =
            (pair.client.connected().expect("it is"), pair.server.connected().expect("it is"));
        assert_eq!((client.suite, server.suite), (suite.id, suite.id));
        assert_eq!(client.group, server.group);
        assert_eq!(client.peer.is_some(), proof != Proof::Psk, "{}", suite.id);
        let mut keys = [[0; 32]; 2];
        pair.client.export(b"EXPERIMENTAL test", Some(b"context"), &mut keys[0]).expect("client exports");
        pair.server.export(b"EXPERIMENTAL test", Some(b"context"), &mut keys[1]).expect("server exports");
        assert_eq!(keys[0], keys[1], "{}", suite.id);

        with(&pair.client_config, |context| pair.client.write(context, b"question")).expect("writes");
        let bytes = pair.take_from_client();
        pair.deliver_to_server(&bytes, usize::MAX).expect("arrives");
        assert_eq!(pair.server.readable(), b"question");
        pair.server.consume(8);
        with(&pair.server_config, |context| pair.server.write(context, b"answer")).expect("writes");
        let bytes = pair.take_from_server();
        pair.deliver_to_client(&bytes, usize::MAX).expect("arrives");
        assert_eq!(pair.client.readable(), b"answer");
    }
}

#[test]
fn secrets_leave_for_a_key_log_only_where_it_is_asked_for() {
    for (suite, proof) in all() {
        for asked in [false, true] {
            let mut config = config(&[suite]);
            config.handshake.key_log = asked;
            let mut pair = Pair::new(config.clone(), config, proof);
            pair.shake(usize::MAX).unwrap_or_else(|fault| panic!("{} {proof:?}: {fault:?}", suite.id));
            let logged = [pair.client.take_key_log(), pair.server.take_key_log()];
            assert!(logged.iter().all(|lines| lines.is_empty() != asked), "{}, asked: {asked}", suite.id);
        }
    }
}

#[test]
fn the_wire_may_be_cut_anywhere() {
    for suite in [&aws_lc::TLS_AES_128_GCM_SHA256, &aws_lc::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256] {
        for piece in [1, 2, 3, 5, 7, 64, 100, 1000] {
            let mut pair = Pair::new(config(&[suite]), config(&[suite]), Proof::Certificate(KeyKind::P256));
            pair.shake(piece).unwrap_or_else(|fault| panic!("{} in {piece}s: {fault:?}", suite.id));
        }
    }
}

#[test]
fn small_records_carry_every_message() {
    for (suite, proof) in all() {
        let mut small = config(&[suite]);
        small.record_size = 512;
        let mut pair = Pair::new(small.clone(), small, proof);
        pair.shake(usize::MAX).unwrap_or_else(|fault| panic!("{} {proof:?}: {fault:?}", suite.id));
    }
}

/// Splits unprotected handshake records into records with `size` bytes of content each.
fn refragment(flight: &[u8], size: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = flight;
    while let Some((header, after)) = rest.split_at_checked(5) {
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        let (content, behind) = after.split_at(length);
        for part in content.chunks(size) {
            out.extend_from_slice(&header[..3]);
            out.extend_from_slice(&u16::try_from(part.len()).expect("short").to_be_bytes());
            out.extend_from_slice(part);
        }
        rest = behind;
    }
    out
}

#[test]
fn a_client_hello_in_fragments_of_any_size_is_joined() {
    let suite = &aws_lc::TLS_AES_128_GCM_SHA256;
    for size in [1, 2, 3, 4, 5, 16, 100] {
        let mut pair = Pair::new(config(&[suite]), config(&[suite]), Proof::Certificate(KeyKind::P256));
        let hello = pair.take_from_client();
        pair.deliver_to_server(&refragment(&hello, size), usize::MAX).expect("is joined");
        let flight = pair.take_from_server();
        pair.deliver_to_client(&flight, usize::MAX).expect("goes on");
        assert!(pair.client.connected().is_some());
    }
}

#[test]
fn a_tls12_flight_may_come_in_fragments_or_as_one_record() {
    let suite = &aws_lc::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    for size in [1, 3, 50, 16_384] {
        let mut pair = Pair::new(config(&[suite]), config(&[suite]), Proof::Certificate(KeyKind::P256));
        let hello = pair.take_from_client();
        pair.deliver_to_server(&hello, usize::MAX).expect("is read");
        let flight = pair.take_from_server();
        // All messages of the flight in one record, then split into records of `size`.
        let mut content = Vec::new();
        let mut rest = flight.as_slice();
        while let Some((header, after)) = rest.split_at_checked(5) {
            let (part, behind) = after.split_at(usize::from(u16::from_be_bytes([header[3], header[4]])));
            content.extend_from_slice(part);
            rest = behind;
        }
        let mut joined = vec![ContentType::handshake.0, 3, 3];
        joined.extend_from_slice(&u16::try_from(content.len()).expect("short").to_be_bytes());
        joined.extend_from_slice(&content);
        pair.deliver_to_client(&refragment(&joined, size), usize::MAX).expect("is joined");
        pair.shake(usize::MAX).expect("goes on");
    }
}

#[test]
fn a_server_without_the_first_share_asks_again() {
    let suite = &aws_lc::TLS_AES_128_GCM_SHA256;
    for proof in [Proof::Psk, Proof::Certificate(KeyKind::P256)] {
        let mut server = config(&[suite]);
        server.handshake.groups = vec![aws_lc::SECP256R1].into();
        let mut pair = Pair::new(config(&[suite]), server, proof);
        pair.shake(usize::MAX).expect("connects at the second attempt");
        let group = pair.client.connected().expect("it is").group;
        assert_eq!(group, Some(handclasp_codec::NamedGroup::secp256r1));
    }
}

#[test]
fn the_highest_common_version_is_taken() {
    let both = config(aws_lc::ALL_SUITES);
    let mut pair = Pair::new(both.clone(), both.clone(), Proof::Certificate(KeyKind::P256));
    pair.shake(usize::MAX).expect("connects");
    assert_eq!(pair.client.connected().expect("it is").version, ProtocolVersion::TLS_1_3);

    let old = config(&[&aws_lc::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]);
    for (client, server) in [(both.clone(), old.clone()), (old, both)] {
        let mut pair = Pair::new(client, server, Proof::Certificate(KeyKind::P256));
        pair.shake(usize::MAX).expect("connects");
        assert_eq!(pair.client.connected().expect("it is").version, ProtocolVersion::TLS_1_2);
    }
}
