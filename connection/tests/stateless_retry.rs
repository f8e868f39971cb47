//! Servers that share a cookie key take over from each other after a HelloRetryRequest, for real
//! clients: with a change_cipher_spec before the second ClientHello (RFC 8446 §4.2.2, §D.4).

mod pair;

use handclasp_codec::HandshakeType;
use handclasp_connection::{Config, Connection};
use handclasp_crypto::KeyKind;
use handclasp_crypto::SharedSecret;
use handclasp_provider_aws_lc as aws_lc;
use handclasp_report::{Event, Fault, Flood};
use pair::{Pair, Proof, config, with};

const CHANGE_CIPHER_SPEC: [u8; 6] = [20, 3, 3, 0, 1, 1];

fn stateless() -> Config {
    let mut config = config(&[&aws_lc::TLS_AES_128_GCM_SHA256]);
    config.handshake.extensions.cookie_secret =
        SharedSecret::from_bytes(b"a secret of servers, 32 bytes....").ok();
    config
}

/// A pair whose client sends no key share at first.
fn pair(server: Config) -> Pair {
    let mut client = config(&[&aws_lc::TLS_AES_128_GCM_SHA256]);
    client.handshake.shares = 0;
    Pair::new(client, server, Proof::Certificate(KeyKind::P256))
}

#[test]
fn another_server_goes_on_with_what_a_real_client_sends() {
    let mut pair = pair(stateless());
    let hello = pair.take_from_client();
    pair.deliver_to_server(&hello, 1000).unwrap();
    let retry = pair.take_from_server();
    pair.deliver_to_client(&retry, 1000).unwrap();
    // The second server has seen nothing of that.
    let server_config = pair.server_config.clone();
    pair.server = with(&server_config, Connection::server).unwrap();
    assert_eq!(pair.client.transmit()[..6], CHANGE_CIPHER_SPEC);
    pair.shake(1000).unwrap();
}

#[test]
fn change_cipher_specs_before_any_hello_are_few() {
    let expected = Event::Message(HandshakeType::client_hello);
    let unexpected = Fault::Unexpected { expected, found: Event::ChangeCipherSpec };
    let mut pair = pair(config(&[&aws_lc::TLS_AES_128_GCM_SHA256]));
    assert_eq!(pair.deliver_to_server(&CHANGE_CIPHER_SPEC, 6), Err(unexpected));

    let mut pair = self::pair(stateless());
    let faults: Vec<Fault> =
        (0..40).filter_map(|_| pair.deliver_to_server(&CHANGE_CIPHER_SPEC, 6).err()).collect();
    assert_eq!(faults.len(), 8, "32 are ignored");
    assert!(faults.iter().all(|fault| *fault == Fault::Flood(Flood::ChangeCipherSpecs)));
    // The next message must be a second ClientHello.
    let mut pair = self::pair(stateless());
    pair.deliver_to_server(&CHANGE_CIPHER_SPEC, 6).unwrap();
    let first = pair.take_from_client();
    assert_eq!(pair.deliver_to_server(&first, 1000), Err(unexpected));
}
