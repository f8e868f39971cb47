//! Records that a conforming peer does not send at that point: endless empty records, change_cipher_spec
//! and alerts in plaintext after keys are active, data before the handshake is complete, messages that
//! begin before a key change. Each defence of the connection has its own test.

mod pair;

use handclasp_codec::{AlertDescription, ContentType, Field, HandshakeType};
use handclasp_connection::Config;
use handclasp_crypto::{KeyKind, Suite};
use handclasp_provider_aws_lc as aws_lc;
use handclasp_report::{Event, Fault, Flood, Uint};
use pair::{Pair, Proof, config, raw::RawClient, with};

const TLS13: &Suite = &aws_lc::TLS_AES_128_GCM_SHA256;
const TLS12: &Suite = &aws_lc::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
const CHANGE_CIPHER_SPEC: &[u8] = &[20, 3, 3, 0, 1, 1];

/// A pair in which both sides write a key log.
fn pair_of(suite: &'static Suite) -> Pair {
    let logging = || {
        let mut config: Config = config(&[suite]);
        config.handshake.key_log = true;
        config
    };
    Pair::new(logging(), logging(), Proof::Certificate(KeyKind::P256))
}

fn connected(suite: &'static Suite) -> Pair {
    let mut pair = pair_of(suite);
    pair.shake(usize::MAX).expect("connects");
    pair
}

/// A pair whose server has sent its first flight, and that flight.
fn answered(suite: &'static Suite) -> (Pair, Vec<u8>) {
    let mut pair = pair_of(suite);
    let hello = pair.take_from_client();
    pair.deliver_to_server(&hello, usize::MAX).expect("a ClientHello");
    let flight = pair.take_from_server();
    (pair, flight)
}

/// Returns the first record of `wire` and the bytes after it.
fn first_record(wire: &[u8]) -> (&[u8], &[u8]) {
    wire.split_at(5 + usize::from(u16::from_be_bytes([wire[3], wire[4]])))
}

/// A record without protection.
fn bare(content_type: ContentType, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("short").to_be_bytes();
    [&[content_type.0, 3, 3], &length[..], content].concat()
}

/// The message of an unprotected record, followed by the first bytes of another message.
fn begun_behind(record: &[u8], next: HandshakeType) -> Vec<u8> {
    bare(ContentType::handshake, &[&record[5..], &[next.0, 0, 0, 40, 0]].concat())
}

fn to_server(pair: &mut Pair, bytes: &[u8]) -> Result<(), Fault> {
    pair.deliver_to_server(bytes, usize::MAX)
}

fn to_client(pair: &mut Pair, bytes: &[u8]) -> Result<(), Fault> {
    pair.deliver_to_client(bytes, usize::MAX)
}

/// Sends the same record until the server refuses; returns how many it accepted, and the fault.
fn until_refused(pair: &mut Pair, mut record: impl FnMut() -> Vec<u8>) -> (usize, Fault) {
    let refused = (0..1000).find_map(|count| to_server(pair, &record()).err().map(|fault| (count, fault)));
    refused.expect("an end")
}

#[test]
fn empty_records_without_end_are_a_flood() {
    let mut pair = connected(TLS13);
    let mut raw = RawClient::new(&mut pair.server);
    // Application data resets the counter; an empty record is not data.
    for _ in 0..3 {
        let mut wire: Vec<u8> = (0..32).flat_map(|_| raw.seal(ContentType::application_data, b"")).collect();
        wire.extend(raw.seal(ContentType::application_data, b"x"));
        to_server(&mut pair, &wire).expect("permitted");
        assert_eq!(pair.server.readable(), b"x");
        pair.server.consume(1);
    }
    let empty = || raw.seal(ContentType::application_data, b"");
    assert_eq!(until_refused(&mut pair, empty), (32, Fault::Flood(Flood::EmptyRecords)));
}

#[test]
fn change_cipher_spec_without_end_is_a_flood() {
    let (mut pair, _) = answered(TLS13);
    let again = || CHANGE_CIPHER_SPEC.to_vec();
    assert_eq!(until_refused(&mut pair, again), (32, Fault::Flood(Flood::ChangeCipherSpecs)));
}

#[test]
fn warnings_without_end_are_a_flood() {
    let canceled = [1, AlertDescription::user_canceled.0];
    let (mut pair, _) = answered(TLS12);
    let warning = || bare(ContentType::alert, &canceled);
    assert_eq!(until_refused(&mut pair, warning), (4, Fault::Flood(Flood::Warnings)));

    let mut pair = connected(TLS13);
    let mut raw = RawClient::new(&mut pair.server);
    let warning = || raw.seal(ContentType::alert, &canceled);
    assert_eq!(until_refused(&mut pair, warning), (4, Fault::Flood(Flood::Warnings)));
}

/// RFC 8446 §5: a change_cipher_spec is a single byte of value 1; anything else is an error.
#[test]
fn a_change_cipher_spec_of_other_content_is_refused() {
    for suite in [TLS13, TLS12] {
        for content in [&[][..], &[0], &[2], &[0xff], &[1, 1]] {
            let (mut pair, _) = answered(suite);
            let record = bare(ContentType::change_cipher_spec, content);
            let fault = to_server(&mut pair, &record).unwrap_err();
            // An empty record is refused for its length.
            assert!(
                matches!(fault, Fault::MalformedRecord(ContentType::change_cipher_spec))
                    || content.is_empty()
                        && matches!(fault, Fault::EmptyRecord(_) | Fault::MalformedRecord(_)),
                "{content:?}: {fault:?}"
            );
        }
    }
}

/// RFC 8446 §5: not permitted after the peer's Finished, in plaintext or protected.
#[test]
fn a_change_cipher_spec_after_the_handshake_is_refused() {
    // In TLS 1.3 the record layer refuses it before the state machine; in TLS 1.2 it would have to be
    // protected.
    let expected = Event::ApplicationData;
    let refused = Fault::Unexpected { expected, found: Event::Record(ContentType::change_cipher_spec) };
    let unprotected = Fault::RecordNotAuthentic { sequence: Uint::saturating(1), handshaking: false };
    for (suite, fault) in [(TLS13, refused), (TLS12, unprotected)] {
        let mut pair = connected(suite);
        assert_eq!(to_server(&mut pair, CHANGE_CIPHER_SPEC), Err(fault), "{}", suite.id);
        let mut pair = connected(suite);
        assert_eq!(to_client(&mut pair, CHANGE_CIPHER_SPEC), Err(fault), "{}", suite.id);
    }
    let mut pair = connected(TLS13);
    let sealed = RawClient::new(&mut pair.server).seal(ContentType::change_cipher_spec, &[1]);
    assert!(to_server(&mut pair, &sealed).is_err());
}

/// A plaintext alert is accepted only from a peer that may not have keys yet; later any attacker on the
/// path could send it.
#[test]
fn alerts_in_the_clear_are_not_heard_once_a_protected_record_came() {
    let fatal = bare(ContentType::alert, &[2, AlertDescription::handshake_failure.0]);
    let close = bare(ContentType::alert, &[1, AlertDescription::close_notify.0]);

    let (mut pair, flight) = answered(TLS13);
    to_client(&mut pair, first_record(&flight).0).expect("a ServerHello");
    let heard = to_client(&mut pair, &fatal);
    assert_eq!(heard, Err(Fault::PeerAlert(AlertDescription::handshake_failure)));

    for alert in [&fatal, &close] {
        let (mut pair, flight) = answered(TLS13);
        to_client(&mut pair, first_record(&flight).0).expect("a ServerHello");
        let mut raw = RawClient::by(&mut pair.server, "SERVER_HANDSHAKE_TRAFFIC_SECRET");
        let extensions = [HandshakeType::encrypted_extensions.0, 0, 0, 2, 0, 0];
        to_client(&mut pair, &raw.seal(ContentType::handshake, &extensions)).expect("EncryptedExtensions");
        let fault = to_client(&mut pair, alert).unwrap_err();
        let is_heard = matches!(fault, Fault::PeerAlert(_) | Fault::ClosedInHandshake { .. });
        assert!(!is_heard, "{fault:?}");
    }
    for alert in [&fatal, &close] {
        for suite in [TLS13, TLS12] {
            let mut pair = connected(suite);
            let fault = to_client(&mut pair, alert).unwrap_err();
            assert!(!matches!(fault, Fault::PeerAlert(_)) && !pair.client.is_peer_closed(), "{fault:?}");
        }
    }
}

/// RFC 8446 §6: TLS 1.3 ignores the level of an alert.
#[test]
fn what_an_alert_of_tls13_means_does_not_depend_on_its_level() {
    let hear = |level, description: AlertDescription| {
        let mut pair = connected(TLS13);
        let alert = RawClient::new(&mut pair.server).seal(ContentType::alert, &[level, description.0]);
        to_server(&mut pair, &alert)
    };
    for level in [1, 2] {
        for fatal in [AlertDescription::handshake_failure, AlertDescription::certificate_revoked] {
            assert_eq!(hear(level, fatal), Err(Fault::PeerAlert(fatal)), "level {level}");
        }
        assert_eq!(hear(level, AlertDescription::user_canceled), Ok(()));
        assert_eq!(hear(level, AlertDescription::close_notify), Ok(()));
    }
    for level in [0, 3, 255] {
        let told = hear(level, AlertDescription::handshake_failure);
        assert_eq!(told, Err(Fault::IllegalParameter(Field::level)));
    }
}

/// Data is neither delivered nor kept before the handshake is complete, whatever protects it.
#[test]
fn data_before_the_handshake_is_complete_is_refused() {
    for suite in [TLS13, TLS12] {
        let (mut pair, _) = answered(suite);
        let fault =
            to_server(&mut pair, &bare(ContentType::application_data, b"GET / HTTP/1.1")).unwrap_err();
        assert_eq!(pair.server.readable(), b"");
        assert_ne!(fault.alert(), None, "{fault:?}");
    }
    // Protected with the handshake keys by a client that has not sent Finished.
    let (mut pair, _) = answered(TLS13);
    let mut raw = RawClient::by(&mut pair.server, "CLIENT_HANDSHAKE_TRAFFIC_SECRET");
    let fault = to_server(&mut pair, &raw.seal(ContentType::application_data, b"GET /")).unwrap_err();
    assert!(matches!(fault, Fault::Unexpected { found: Event::ApplicationData, .. }), "{fault:?}");
    assert_eq!(pair.server.readable(), b"");
    // The same to a client, from a server that has not sent a certificate.
    let (mut pair, flight) = answered(TLS13);
    to_client(&mut pair, first_record(&flight).0).expect("a ServerHello");
    let mut raw = RawClient::by(&mut pair.server, "SERVER_HANDSHAKE_TRAFFIC_SECRET");
    let fault = to_client(&mut pair, &raw.seal(ContentType::application_data, b"HTTP/1.1 200")).unwrap_err();
    assert!(matches!(fault, Fault::Unexpected { found: Event::ApplicationData, .. }), "{fault:?}");
    assert_eq!(pair.client.readable(), b"");
}

/// A message that begins under one key must not continue under the next (RFC 8446 §5.1).
#[test]
fn a_message_begun_behind_a_server_hello_is_refused() {
    let (mut pair, flight) = answered(TLS13);
    let record = begun_behind(first_record(&flight).0, HandshakeType::encrypted_extensions);
    assert_eq!(to_client(&mut pair, &record), Err(Fault::KeyChangeInsideMessage));
}

/// A flight is answered as a whole: a message that begins after it, before our answer, is not part of
/// it. Neither answer here changes a key.
#[test]
fn a_message_begun_behind_a_flight_is_refused() {
    let mut pair = pair_of(TLS12);
    let hello = pair.take_from_client();
    let record = begun_behind(&hello, HandshakeType::client_key_exchange);
    assert_eq!(to_server(&mut pair, &record), Err(Fault::KeyChangeInsideMessage));

    // The answer is a HelloRetryRequest.
    let mut without_share = config(&[TLS13]);
    without_share.handshake.shares = 0;
    let mut pair = Pair::new(without_share, config(&[TLS13]), Proof::Certificate(KeyKind::P256));
    let hello = pair.take_from_client();
    let record = begun_behind(first_record(&hello).0, HandshakeType::client_hello);
    assert_eq!(to_server(&mut pair, &record), Err(Fault::KeyChangeInsideMessage));
}

#[test]
fn nothing_is_written_after_a_connection_has_ended() {
    for suite in [TLS13, TLS12] {
        let mut pair = connected(suite);
        let garbage = bare(ContentType::application_data, &[0; 40]);
        let fault = to_server(&mut pair, &garbage).unwrap_err();
        let _alert = pair.take_from_server();
        let written = with(&pair.server_config, |context| pair.server.write(context, b"to nobody"));
        assert_eq!(written, Err(fault.code()));
        assert_eq!(with(&pair.server_config, |context| pair.server.update_keys(context)), Err(fault.code()));
        pair.server.close();
        assert_eq!(pair.take_from_server(), b"");
    }
}
