//! TLS 1.2: both sides decline a request for renegotiation with a warning, and nothing else changes (RFC
//! 5246 §7.2.2). Our connections cannot send such a request, so the test seals it with the keys of one.

mod pair;

use handclasp_codec::{AlertDescription, ContentType};
use handclasp_crypto::{KeyKind, Suite};
use handclasp_provider_aws_lc as aws_lc;
use handclasp_record::RecordKeys;
use handclasp_report::{Fault, Flood, Side, Tag};
use handclasp_schedule::{KeyBlock, MasterSecret};
use pair::{Pair, Proof, config, with};

const SUITE: &Suite = &aws_lc::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;

/// A connected pair, its ClientHello, and keys to write as either side.
fn connected() -> (Pair, Vec<u8>, Keys) {
    let mut logging = config(&[SUITE]);
    logging.handshake.key_log = true;
    let mut pair = Pair::new(logging, config(&[SUITE]), Proof::Certificate(KeyKind::P256));
    let client_hello = pair.client.transmit()[5..].to_vec();
    let bytes = pair.take_from_client();
    pair.deliver_to_server(&bytes, usize::MAX).expect("is read");
    // Skips the headers of record and message, and the version.
    let server_random: [u8; 32] = pair.server.transmit()[11..43].try_into().expect("32 bytes");
    pair.shake(usize::MAX).expect("connects");
    let line = pair.client.take_key_log().remove(0);
    let mut master = MasterSecret::restore(SUITE.hash, &line.secret);
    master.derive_keys(SUITE, &line.client_random, &server_random);
    let KeyBlock { client, server } = master.keys().expect("derived");
    let keys = |keys| RecordKeys::new(keys).expect("keys");
    (pair, client_hello, Keys { client: keys(client), server: keys(server) })
}

struct Keys {
    client: RecordKeys,
    server: RecordKeys,
}

/// Seals a handshake message as record number `sequence`.
fn sealed(keys: &mut RecordKeys, sequence: u64, message: &[u8]) -> Vec<u8> {
    loop {
        let now = keys.sequence();
        let mut record = Vec::new();
        keys.seal(ContentType::handshake, message, &mut record).expect("seals");
        if now == sequence {
            return record;
        }
    }
}

fn alerts(pair: &Pair, tag: Tag) -> [Vec<u8>; 2] {
    [&pair.client, &pair.server].map(|end| {
        let alerts = end.report().items().filter(|item| item.tag == tag);
        alerts.map(|item| item.bytes[0]).collect()
    })
}

const NO: u8 = AlertDescription::no_renegotiation.0;

#[test]
fn a_client_declines_a_hello_request() {
    let (mut pair, _, mut keys) = connected();
    let request = sealed(&mut keys.server, 1, &[0, 0, 0, 0]);
    pair.deliver_to_client(&request, usize::MAX).expect("is declined");
    assert_eq!(alerts(&pair, Tag::AlertSent), [vec![NO], vec![]]);
    let warning = pair.take_from_client();
    pair.deliver_to_server(&warning, usize::MAX).expect("a warning changes nothing");
    assert_eq!(alerts(&pair, Tag::AlertReceived), [vec![], vec![NO]]);

    with(&pair.client_config, |context| pair.client.write(context, b"continuing")).expect("writes");
    let bytes = pair.take_from_client();
    pair.deliver_to_server(&bytes, usize::MAX).expect("arrives");
    assert_eq!(pair.server.readable(), b"continuing");
}

#[test]
fn a_server_declines_a_client_hello() {
    let (mut pair, client_hello, mut keys) = connected();
    let again = sealed(&mut keys.client, 1, &client_hello);
    pair.deliver_to_server(&again, usize::MAX).expect("is declined");
    assert_eq!(alerts(&pair, Tag::AlertSent), [vec![], vec![NO]]);
    let warning = pair.take_from_server();
    pair.deliver_to_client(&warning, usize::MAX).expect("a warning changes nothing");
    assert_eq!(pair.client.report().own(), Side::Client);
    assert_eq!(alerts(&pair, Tag::AlertReceived), [vec![NO], vec![]]);
}

#[test]
fn wishes_without_end_are_a_flood() {
    let (mut pair, _, mut keys) = connected();
    let fault = (1..1000).find_map(|sequence| {
        let request = sealed(&mut keys.server, sequence, &[0, 0, 0, 0]);
        pair.deliver_to_client(&request, usize::MAX).err()
    });
    assert_eq!(fault, Some(Fault::Flood(Flood::PostHandshakeMessages)));
}

#[test]
fn wishes_of_a_peer_that_does_not_read_are_declined_once() {
    let (mut pair, _, mut keys) = connected();
    let mut waiting = Vec::new();
    for _ in 0..100 {
        let now = keys.server.sequence().max(1);
        let request = sealed(&mut keys.server, now, &[0, 0, 0, 0]);
        pair.deliver_to_client(&request, usize::MAX).expect("is declined or ignored");
        // Application data resets the budget.
        let mut data = Vec::new();
        keys.server.seal(ContentType::application_data, b"x", &mut data).expect("seals");
        pair.deliver_to_client(&data, usize::MAX).expect("arrives");
        pair.client.consume(1);
        waiting.push(pair.client.transmit().len());
    }
    // One alert: header, nonce, content, tag.
    assert_eq!(waiting, [5 + 8 + 2 + 16; 100]);
}
