//! Lengths of hidden flights against the chain of now, and what differs between then and now.

use std::time::Duration;

use handclasp_codec::AlertDescription as Alert;

use super::*;
use crate::conversation::test_support::{alert, client_hello, conversation, item, sealed, server_hello};

fn now(flight: &[(HandshakeType, usize)]) -> ServerNow {
    ServerNow::new("192.0.2.1:443", Duration::ZERO, AnswerNow::Continues)
        .with_choices(
            Some(ProtocolVersion::TLS_1_3),
            Some(CipherSuite::TLS_AES_128_GCM_SHA256),
            Some(NamedGroup::x25519),
        )
        .with_chain(vec![b"a certificate".to_vec()])
        .with_flight(flight.to_vec())
}

fn flight() -> ServerNow {
    now(&[
        (HandshakeType::encrypted_extensions, 6),
        (HandshakeType::certificate, 700),
        (HandshakeType::certificate_verify, 79),
        (HandshakeType::finished, 36),
    ])
}

/// The tie of a server's encrypted records of these lengths of content.
fn tie_of(contents: &[u16]) -> Tie {
    let records = contents.iter().map(|length| sealed(Side::Server, length + 17));
    let end = [alert(Side::Client, Alert::unknown_ca), item(Side::Client, EventKind::Fin)];
    // What comes behind the client's answer is not of the flight.
    let later = sealed(Side::Server, 700 + 17);
    let events = [client_hello(1), server_hello(true)].into_iter().chain(records).chain(end);
    tie(&conversation(events.chain([later]).collect()), &flight())
}

#[test]
fn lengths_of_the_flight_are_compared() {
    assert!(matches!(tie_of(&[6, 700, 79, 36]), Tie::Record(_, 700)));
    assert_eq!(tie_of(&[821]), Tie::Flight(821), "all messages in one record");
    assert_eq!(tie_of(&[500, 323]), Tie::Flight(823), "fragments, and a longer signature");
    assert_eq!(tie_of(&[6, 701, 79, 36]), Tie::Flight(822), "within the length of a signature");
    assert_eq!(tie_of(&[6, 760, 79, 36]), Tie::Differs);
    assert_eq!(tie_of(&[]), Tie::Unknown);
}

#[test]
fn another_version_is_not_compared() {
    let tls12 =
        now(&[(HandshakeType::certificate, 700)]).with_choices(Some(ProtocolVersion::TLS_1_2), None, None);
    let hidden = conversation(vec![client_hello(1), server_hello(true), sealed(Side::Server, 717)]);
    assert_eq!(tie(&hidden, &tls12), Tie::Unknown);
}

#[test]
fn then_and_now_are_told_apart() {
    let accepted = conversation(vec![client_hello(1), server_hello(true), sealed(Side::Server, 900)]);
    assert_eq!(differences(&accepted, &flight()), ["the server's choices are those in the capture"]);
    let other = flight().with_choices(Some(ProtocolVersion::TLS_1_2), None, None);
    assert_eq!(
        differences(&accepted, &other),
        ["different from the capture: the version was TLS 1.3 then and is TLS 1.2 now"]
    );
    let answer = |answer| ServerNow::new("192.0.2.1:443", Duration::ZERO, answer);
    let refuses = answer(AnswerNow::Refuses(Alert::handshake_failure));
    assert!(differences(&accepted, &refuses)[0].contains("then the server accepted this offer, now"));
    let refused = conversation(vec![client_hello(1), alert(Side::Server, Alert::handshake_failure)]);
    assert!(differences(&refused, &refuses)[0].contains("can be repeated"));
    assert!(differences(&refused, &flight())[0].contains("now it accepts the same offer"));
    assert!(differences(&refused, &flight().with_ordinary_offer()).is_empty());
}
