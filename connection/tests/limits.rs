//! Negotiated record limits (RFC 8449, RFC 6066 §4): every record of both sides respects them, every
//! message still arrives whole, and a peer that exceeds them is refused.

mod pair;

use handclasp_codec::{AlertDescription, ContentType, ProtocolVersion};
use handclasp_connection::Config;
use handclasp_crypto::{KeyKind, NonceStyle, Protection, Suite};
use handclasp_handshake::Extensions;
use handclasp_provider_aws_lc as aws_lc;
use handclasp_report::Fault;
use pair::{Pair, Proof, config, with};

const SUITES: [&Suite; 3] = [
    &aws_lc::TLS_AES_128_GCM_SHA256,
    &aws_lc::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    &aws_lc::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
];

/// Type and length of each record in `wire`.
fn records(mut wire: &[u8]) -> Vec<(ContentType, usize)> {
    let mut found = Vec::new();
    while let Some((header, rest)) = wire.split_at_checked(5) {
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        found.push((ContentType(header[0]), length));
        wire = &rest[length..];
    }
    found
}

/// Bytes that protection adds to content.
fn overhead(suite: &Suite) -> usize {
    let Protection::Aead { aead, nonce } = suite.protection else { panic!("{}", suite.id) };
    let explicit = if nonce == NonceStyle::Xor { 0 } else { 8 };
    explicit + usize::from(suite.version() == ProtocolVersion::TLS_1_3) + aead.tag_len()
}

/// Bytes of content that a value of record_size_limit permits.
fn content(suite: &Suite, value: usize) -> usize {
    if suite.version() == ProtocolVersion::TLS_1_3 { value - 1 } else { value.min(16_384) }
}

fn taking(suite: &'static Suite, value: u16) -> Config {
    let mut config = config(&[suite]);
    config.handshake.extensions.record_size_limit = Some(value);
    config.transmit_limit = 1 << 20;
    config
}

/// Application data for slightly more than three full records.
fn data() -> Vec<u8> {
    (0..50_000_u32).map(|number| number.to_le_bytes()[0] ^ 0x5a).collect()
}

/// Runs a handshake; returns what was sent to the server and to the client.
fn shake(pair: &mut Pair) -> (Vec<u8>, Vec<u8>) {
    let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let bytes = pair.take_from_client();
        pair.deliver_to_server(&bytes, usize::MAX).expect("the server goes on");
        to_server.extend(bytes);
        let bytes = pair.take_from_server();
        pair.deliver_to_client(&bytes, usize::MAX).expect("the client goes on");
        to_client.extend(bytes);
    }
    assert!(pair.client.connected().is_some() && pair.server.connected().is_some());
    (to_server, to_client)
}

/// Sends data both ways; returns what was sent to the server and to the client.
fn talk(pair: &mut Pair) -> (Vec<u8>, Vec<u8>) {
    let data = data();
    assert_eq!(with(&pair.client_config, |context| pair.client.write(context, &data)), Ok(data.len()));
    let to_server = pair.take_from_client();
    let (mut rest, mut heard) = (to_server.as_slice(), Vec::new());
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(1000));
        rest = later;
        with(&pair.server_config, |context| pair.server.receive(context, now)).expect("arrives");
        while !pair.server.readable().is_empty() {
            let length = pair.server.readable().len();
            heard.extend_from_slice(pair.server.readable());
            pair.server.consume(length);
            with(&pair.server_config, |context| pair.server.proceed(context)).expect("goes on");
        }
    }
    assert_eq!(heard, data);

    assert_eq!(with(&pair.server_config, |context| pair.server.write(context, &data)), Ok(data.len()));
    let to_client = pair.take_from_server();
    with(&pair.client_config, |context| pair.client.receive(context, &to_client)).expect("arrives");
    let mut heard = Vec::new();
    while !pair.client.readable().is_empty() {
        let length = pair.client.readable().len();
        heard.extend_from_slice(pair.client.readable());
        pair.client.consume(length);
        with(&pair.client_config, |context| pair.client.proceed(context)).expect("goes on");
    }
    assert_eq!(heard, data);
    (to_server, to_client)
}

/// Returns the length of the longest record of a type.
fn longest(wire: &[u8], content_type: ContentType) -> usize {
    let of_type = records(wire).into_iter().filter(|(found, _)| *found == content_type);
    of_type.map(|(_, length)| length).max().expect("at least one record")
}

#[test]
fn every_record_keeps_the_limit_of_the_side_that_reads_it() {
    for suite in SUITES {
        for (client, server) in [
            (64, 16_385),
            (16_385, 64),
            (64, 64),
            (65, 127),
            (128, 512),
            (512, 1024),
            (1000, 511),
            (4096, 16_384),
            (16_383, 16_384),
            (16_385, 16_385),
        ] {
            let name = format!("{} client {client} server {server}", suite.id);
            let proof = Proof::Certificate(KeyKind::P256);
            let mut pair = Pair::new(taking(suite, client), taking(suite, server), proof);
            let (to_server, to_client) = shake(&mut pair);
            let limits = pair.client.connected().expect("it is").record_limits.expect("agreed");
            assert_eq!(usize::from(limits.send), content(suite, server.into()), "{name}");
            assert_eq!(usize::from(limits.receive), content(suite, client.into()), "{name}");
            let limits = pair.server.connected().expect("it is").record_limits.expect("agreed");
            assert_eq!(usize::from(limits.send), content(suite, client.into()), "{name}");

            let (in_server, in_client) = talk(&mut pair);
            let application = ContentType::application_data;
            // Full records have exactly the permitted length.
            let to_wire = |value: u16| content(suite, value.into()) + overhead(suite);
            assert_eq!(longest(&in_server, application), to_wire(server), "{name}");
            assert_eq!(longest(&in_client, application), to_wire(client), "{name}");
            if suite.version() == ProtocolVersion::TLS_1_3 {
                // Protected records of the handshake too.
                assert!(longest(&to_client, application) <= to_wire(client), "{name}");
                assert!(longest(&to_server, application) <= to_wire(server), "{name}");
            }
        }
    }
}

#[test]
fn who_tells_no_limit_has_none() {
    for suite in SUITES {
        let mut silent = config(&[suite]);
        silent.handshake.extensions.record_size_limit = None;
        silent.transmit_limit = 1 << 20;
        for (client, server) in [(silent.clone(), taking(suite, 64)), (taking(suite, 64), silent.clone())] {
            let mut pair = Pair::new(client, server, Proof::Certificate(KeyKind::P256));
            shake(&mut pair);
            assert_eq!(pair.client.connected().expect("it is").record_limits, None);
            let (to_server, _) = talk(&mut pair);
            assert_eq!(longest(&to_server, ContentType::application_data), 16_384 + overhead(suite));
        }
    }
}

#[test]
fn max_fragment_length_binds_both_sides_from_the_hello_on() {
    for suite in SUITES {
        for (bytes, length) in [(512, 512), (1024, 1024), (2048, 2048), (4096, 4096), (5000, 4096)] {
            let mut client = taking(suite, 16_385);
            client.handshake.extensions.limit_records(bytes);
            let mut server = taking(suite, 16_385);
            // A server that does not support record_size_limit.
            server.handshake.extensions.record_size_limit = None;
            let mut pair = Pair::new(client, server, Proof::Certificate(KeyKind::P256));
            let (_, to_client) = shake(&mut pair);
            // Also before there are keys: the test's chain is longer than the smallest limit.
            assert!(longest(&to_client, ContentType::handshake) <= length, "{}", suite.id);
            let (in_server, in_client) = talk(&mut pair);
            for wire in [in_server, in_client] {
                assert_eq!(longest(&wire, ContentType::application_data), length + overhead(suite));
            }
        }
    }
}

/// A pair whose client ignores the limit that the server announced.
fn deaf(suite: &'static Suite, limit: u16, extensions: Extensions) -> Pair {
    let mut client = taking(suite, 16_385);
    client.handshake.extensions = extensions;
    let mut pair = Pair::new(client, taking(suite, limit), Proof::Certificate(KeyKind::P256));
    shake(&mut pair);
    pair
}

#[test]
fn a_record_above_the_limit_is_refused() {
    for suite in SUITES {
        let mut honest = deaf(suite, 600, Extensions::default());
        // One record of another connection within the limit, and then the header of one above it.
        let allowed = content(suite, 600) + overhead(suite);
        let length = u16::try_from(allowed + 1).expect("short").to_be_bytes();
        let record = [&[23, 3, 3][..], &length].concat();
        let fault = honest.deliver_to_server(&record, usize::MAX);
        let limit = u16::try_from(allowed).expect("short");
        assert_eq!(fault, Err(Fault::RecordOverflow { limit, found: limit + 1 }));
        assert_eq!(
            Fault::RecordOverflow { limit, found: limit + 1 }.alert(),
            Some(AlertDescription::record_overflow)
        );
    }
}

#[test]
fn a_device_receives_no_more_than_it_has_memory_for() {
    for suite in SUITES {
        let mut server = taking(suite, 16_385);
        // A peer that knows neither extension is not asked.
        server.handshake.extensions.record_size_limit = None;
        server.receive_limit = 2048;
        server.receive_space = 600;
        let mut pair = Pair::new(taking(suite, 16_385), server, Proof::Certificate(KeyKind::P256));
        assert_eq!(pair.server.receive_space().len(), 600);
        shake(&mut pair);
        let fitting = [7; 2048];
        with(&pair.client_config, |context| pair.client.write(context, &fitting)).expect("a record");
        let bytes = pair.take_from_client();
        pair.deliver_to_server(&bytes, usize::MAX).expect("it fits");
        assert_eq!(pair.server.readable(), fitting);
        pair.server.consume(fitting.len());
        with(&pair.client_config, |context| pair.client.write(context, &[7; 2049])).expect("a record");
        let bytes = pair.take_from_client();
        let fault = pair.deliver_to_server(&bytes, 100);
        let limit = u16::try_from(2048 + overhead(suite)).expect("short");
        assert_eq!(fault, Err(Fault::RecordOverflow { limit, found: limit + 1 }));
    }
}
