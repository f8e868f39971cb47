//! A peer that requests answers without reading them does not make any queue grow.

mod pair;

use handclasp_codec::ContentType;
use handclasp_crypto::KeyKind;
use handclasp_provider_aws_lc as aws_lc;
use handclasp_report::{Fault, Flood};
use pair::{Pair, Proof, config, raw::RawClient, with};

#[test]
fn key_updates_are_answered_once_and_before_our_data() {
    let suites = [&aws_lc::TLS_AES_128_GCM_SHA256];
    let mut logging = config(&suites);
    logging.handshake.key_log = true;
    let mut pair = Pair::new(config(&suites), logging, Proof::Certificate(KeyKind::P256));
    pair.shake(usize::MAX).expect("connects");
    let mut raw = RawClient::new(&mut pair.server);
    for _ in 0..100 {
        // Application data resets the budget.
        let mut bytes: Vec<u8> = (0..32).flat_map(|_| raw.key_update()).collect();
        bytes.extend(raw.seal(ContentType::application_data, b"x"));
        with(&pair.server_config, |context| pair.server.receive(context, &bytes)).expect("permitted");
        assert_eq!(pair.server.readable(), b"x");
        pair.server.consume(1);
        with(&pair.server_config, |context| pair.server.proceed(context))
            .expect("nothing is left to process");
        assert_eq!(pair.server.transmit(), b"", "without data to send, no answer is sent");
    }
    // A record has a header, a content type byte and a tag.
    let (record, key_update) = (5 + 1 + 16, 5);
    for updates in [1, 0] {
        with(&pair.server_config, |context| pair.server.write(context, b"data")).expect("writes");
        assert_eq!(pair.take_from_server().len(), updates * (record + key_update) + record + 4);
    }
    // Our own KeyUpdate is an answer too.
    let asked = raw.key_update();
    with(&pair.server_config, |context| pair.server.receive(context, &asked)).expect("permitted");
    with(&pair.server_config, |context| pair.server.update_keys(context)).expect("updates");
    with(&pair.server_config, |context| pair.server.write(context, b"data")).expect("writes");
    assert_eq!(pair.take_from_server().len(), record + key_update + record + 4);
}

#[test]
fn hello_requests_inside_a_handshake_are_counted() {
    let suites = [&aws_lc::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];
    let mut pair = Pair::new(config(&suites), config(&suites), Proof::Certificate(KeyKind::P256));
    let hello = pair.take_from_client();
    pair.deliver_to_server(&hello, usize::MAX).expect("is read");
    // The ServerHello alone, in a record of its own.
    let mut flight = pair.take_from_server();
    let length = 4 + u16::from_be_bytes([flight[7], flight[8]]);
    flight[3..5].copy_from_slice(&length.to_be_bytes());
    flight.truncate(5 + usize::from(length));
    pair.deliver_to_client(&flight, usize::MAX).expect("a ServerHello");
    let request = [ContentType::handshake.0, 3, 3, 0, 4, 0, 0, 0, 0];
    let fault = (0..1000).find_map(|_| pair.deliver_to_client(&request, usize::MAX).err());
    assert_eq!(fault, Some(Fault::Flood(Flood::PostHandshakeMessages)));
}
