//! close_notify is the last record that we send, and follows when we abort (RFC 8446 §6.1).

mod pair;

use handclasp_codec::{AlertDescription, ContentType};
use handclasp_connection::Connection;
use handclasp_crypto::KeyKind;
use handclasp_provider_aws_lc as aws_lc;
use handclasp_report::{Fault, Misuse, Tag};
use pair::{Pair, Proof, config, raw::RawClient, with};

fn fresh() -> Pair {
    let suites = [&aws_lc::TLS_AES_128_GCM_SHA256];
    let mut logging = config(&suites);
    logging.handshake.key_log = true;
    Pair::new(config(&suites), logging, Proof::Certificate(KeyKind::P256))
}

fn alerts_of(end: &Connection) -> Vec<AlertDescription> {
    let sent = end.report().items().filter(|item| item.tag == Tag::AlertSent);
    sent.map(|item| AlertDescription(item.bytes[0])).collect()
}

#[test]
fn nothing_follows_close_notify() {
    let mut pair = fresh();
    pair.shake(usize::MAX).expect("connects");
    let mut raw = RawClient::new(&mut pair.server);
    pair.server.close();
    assert!(!pair.take_from_server().is_empty());
    let asked = raw.key_update();
    with(&pair.server_config, |context| pair.server.receive(context, &asked)).expect("permitted");
    assert_eq!(pair.server.transmit(), b"", "no KeyUpdate");
    let data = raw.seal(ContentType::application_data, b"on");
    with(&pair.server_config, |context| pair.server.receive(context, &data)).expect("permitted");
    assert_eq!(pair.server.readable(), b"on", "reading continues");
    pair.server.consume(2);
    let mut broken = raw.seal(ContentType::application_data, b"x");
    broken[5] ^= 1;
    with(&pair.server_config, |context| pair.server.receive(context, &broken)).expect_err("a flipped bit");
    assert_eq!(pair.server.transmit(), b"", "no alert");
    assert_eq!(alerts_of(&pair.server), [AlertDescription::close_notify]);
}

#[test]
fn closing_in_a_handshake_gives_it_up() {
    let mut pair = fresh();
    let hello = pair.take_from_client();
    pair.server.close();
    pair.take_from_server();
    let outcome = pair.deliver_to_server(&hello, usize::MAX);
    assert_eq!(outcome, Err(Fault::Misuse(Misuse::Closed)));
    assert_eq!(pair.server.transmit(), b"", "no flight");
}

#[test]
fn close_notify_follows_user_canceled() {
    let mut pair = fresh();
    pair.client.time_out();
    let told = [AlertDescription::user_canceled, AlertDescription::close_notify];
    assert_eq!(alerts_of(&pair.client), told);
    let bytes = pair.take_from_client();
    assert!(bytes.ends_with(&[ContentType::alert.0, 3, 3, 0, 2, 1, 0]), "{bytes:?}");
}
