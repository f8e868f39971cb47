//! `Connection::gather`: records behind the readable one are lent with it, and nothing else changes. Growth of the
//! receive buffer under bulk data.

mod pair;

use handclasp_codec::ContentType;
use handclasp_crypto::{KeyKind, Suite};
use handclasp_provider_aws_lc as aws_lc;
use handclasp_report::{Fault, Flood, Uint};
use pair::{Pair, Proof, config, raw::RawClient, with};

const SUITES: [&Suite; 3] = [
    &aws_lc::TLS_AES_128_GCM_SHA256,
    &aws_lc::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    &aws_lc::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
];
const TLS13: &Suite = SUITES[0];

/// A pair whose server grows its buffer up to `bulk` bytes.
fn connected(suite: &'static Suite, bulk: usize) -> Pair {
    let mut server = config(&[suite]);
    server.bulk_space = bulk;
    let mut client = config(&[suite]);
    client.handshake.key_log = true;
    client.transmit_limit = 1 << 20;
    let mut pair = Pair::new(client, server, Proof::Certificate(KeyKind::P256));
    pair.shake(usize::MAX).expect("connects");
    pair
}

/// The client's record with this content.
fn record(pair: &mut Pair, content: &[u8]) -> Vec<u8> {
    with(&pair.client_config, |context| pair.client.write(context, content)).expect("a record");
    pair.take_from_client()
}

fn proceed(pair: &mut Pair) -> Result<(), Fault> {
    with(&pair.server_config, |context| pair.server.proceed(context)).map_err(Into::into)
}

/// Consumes what the server can read.
fn consume(pair: &mut Pair) -> Vec<u8> {
    let read = pair.server.readable().to_vec();
    pair.server.consume(read.len());
    read
}

#[test]
fn records_that_came_are_read_together() {
    for suite in SUITES {
        let mut pair = connected(suite, 0);
        let pieces: [&[u8]; 4] = [&[1; 3], &[2; 16_384], &[3; 700], &[4; 1]];
        let mut wire: Vec<u8> = pieces.iter().flat_map(|piece| record(&mut pair, piece)).collect();
        let last = wire.split_off(wire.len() - 5);
        pair.deliver_to_server(&wire, usize::MAX).expect("records");
        assert_eq!(pair.server.readable(), pieces[0]);
        // Also behind content of which a part is consumed.
        pair.server.consume(1);
        for _ in 0..2 {
            pair.server.gather();
            assert_eq!(pair.server.readable(), &pieces[..3].concat()[1..]);
        }
        assert!(pair.server.is_inside_record());
        consume(&mut pair);
        pair.server.gather();
        assert_eq!(pair.server.readable(), b"");
        pair.deliver_to_server(&last, usize::MAX).expect("the rest of a record");
        assert_eq!(pair.server.readable(), pieces[3]);
    }
}

#[test]
fn an_end_behind_gathered_content_waits_for_it() {
    for suite in SUITES {
        let mut pair = connected(suite, 0);
        let data = [7; 60_000];
        let mut wire = record(&mut pair, &data);
        pair.client.close();
        wire.extend(pair.take_from_client());
        pair.deliver_to_server(&wire, usize::MAX).expect("records");
        pair.server.gather();
        assert_eq!(pair.server.readable(), data);
        assert!(!pair.server.is_peer_closed() && pair.server.is_inside_record());
        with(&pair.server_config, |context| pair.server.write(context, b"answer")).expect("not closed yet");
        // Input, and buffers given back, change nothing of what waits.
        assert_eq!(consume(&mut pair), data);
        pair.server.receive_space().fill(0xee);
        pair.server.release_buffers();
        pair.server.shrink_buffers();
        proceed(&mut pair).expect("close_notify");
        assert!(pair.server.is_peer_closed() && !pair.server.is_inside_record());
    }
}

#[test]
fn new_keys_hold_for_the_records_behind_them() {
    let mut pair = connected(TLS13, 0);
    let mut wire = record(&mut pair, b"old");
    with(&pair.client_config, |context| pair.client.update_keys(context)).expect("updates");
    wire.extend(record(&mut pair, b"new"));
    wire.extend(record(&mut pair, b"newer"));
    pair.deliver_to_server(&wire, usize::MAX).expect("records");
    pair.server.gather();
    assert_eq!(consume(&mut pair), b"old");
    proceed(&mut pair).expect("a KeyUpdate");
    pair.server.gather();
    assert_eq!(consume(&mut pair), b"newnewer");
}

#[test]
fn a_fault_behind_gathered_content_waits_for_it() {
    for suite in SUITES {
        let mut pair = connected(suite, 0);
        let mut wire = record(&mut pair, b"first");
        wire.extend(record(&mut pair, b"second"));
        wire.extend(record(&mut pair, b"changed"));
        *wire.last_mut().expect("a record") ^= 1;
        wire.extend(record(&mut pair, b"behind"));
        pair.deliver_to_server(&wire, usize::MAX).expect("a record");
        pair.server.gather();
        pair.server.gather();
        assert_eq!(pair.server.fault(), None);
        with(&pair.server_config, |context| pair.server.write(context, b"answer")).expect("not ended yet");
        let answer = pair.take_from_server();
        assert_eq!(consume(&mut pair), b"firstsecond");
        assert!(pair.server.transmit().is_empty() && !answer.is_empty());
        // TLS 1.2 has counted Finished.
        let sequence = Uint::new(if suite.id == TLS13.id { 2 } else { 3 }).expect("small");
        assert_eq!(proceed(&mut pair), Err(Fault::RecordNotAuthentic { sequence, handshaking: false }));
        assert!(!pair.server.transmit().is_empty(), "the alert");
        pair.server.gather();
        assert_eq!(pair.server.readable(), b"");
    }
}

#[test]
fn empty_records_are_counted_when_gathered() {
    let mut pair = connected(TLS13, 0);
    let mut raw = RawClient::new(&mut pair.client);
    let mut wire = raw.seal(ContentType::application_data, b"x");
    wire.extend((0..1000).flat_map(|_| raw.seal(ContentType::application_data, b"")));
    pair.deliver_to_server(&wire, usize::MAX).expect("a record");
    pair.server.gather();
    assert_eq!(consume(&mut pair), b"x");
    assert_eq!(proceed(&mut pair), Err(Fault::Flood(Flood::EmptyRecords)));
}

/// Delivers bytes as a transport does that always has more.
fn fill(pair: &mut Pair, mut wire: &[u8]) {
    while !wire.is_empty() {
        let space = pair.server.receive_space();
        let count = space.len().min(wire.len());
        space[..count].copy_from_slice(&wire[..count]);
        wire = &wire[count..];
        with(&pair.server_config, |context| pair.server.received(context, count)).expect("records");
        while !pair.server.readable().is_empty() {
            pair.server.gather();
            consume(pair);
            proceed(pair).expect("records");
        }
    }
}

#[test]
fn the_buffer_grows_with_bulk_data_up_to_its_limit() {
    for (bulk, expected) in [(0, 32 * 1024), (100_000, 100_000), (128 * 1024, 128 * 1024)] {
        let mut pair = connected(TLS13, bulk);
        let wire = record(&mut pair, &vec![7; 1 << 20]);
        fill(&mut pair, &wire);
        assert_eq!(pair.server.receive_space().len(), expected);
        pair.server.release_buffers();
        assert!(!pair.server.has_receive_space());
        assert_eq!(pair.server.receive_space().len(), 2048);
        // Asking for space again without a read changes nothing.
        let first = record(&mut pair, &[7; 2048 - 5 - 1 - 16]);
        fill(&mut pair, &first);
        for _ in 0..2 {
            assert_eq!(pair.server.receive_space().len(), if bulk == 0 { 2048 } else { 4096 });
        }
    }
}

#[test]
fn the_beginning_of_a_record_keeps_no_large_buffer() {
    let mut pair = connected(TLS13, 128 * 1024);
    let mut wire = record(&mut pair, &vec![7; 1 << 20]);
    let next = record(&mut pair, &[8; 10_000]);
    let (begun, rest) = next.split_at(9_000);
    wire.extend_from_slice(begun);
    fill(&mut pair, &wire);
    pair.server.shrink_buffers();
    assert_eq!(pair.server.receive_space().len(), 32 * 1024 - begun.len());
    pair.deliver_to_server(rest, usize::MAX).expect("the rest of a record");
    assert_eq!(pair.server.readable(), [8; 10_000]);
}
