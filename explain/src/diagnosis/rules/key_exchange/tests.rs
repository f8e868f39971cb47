//! Keys of the server's that are no points, and signatures over them that do not verify.

use handclasp_codec::{AlertDescription as Alert, HandshakeType};

use super::super::test_support::*;
use crate::conversation::{EventKind, Side};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};
use crate::input::evidence::Evidence;

/// ServerKeyExchange in P-256 with that public key and a signature of sound form that verifies nowhere.
fn told(public: &[u8]) -> Vec<Finding> {
    let length = u8::try_from(public.len()).unwrap();
    let signature = [0x30, 6, 2, 1, 5, 2, 1, 7];
    let body = [&[3, 0, 0x17, length], public, &[4, 3, 0, 8], &signature].concat();
    let conversation = conversation(vec![
        client_hello(0x8877_6655),
        server_hello(false),
        message(Side::Server, HandshakeType::certificate, &chain(&["direct"])),
        message(Side::Server, HandshakeType::server_key_exchange, &body),
        message(Side::Server, HandshakeType::server_hello_done, &[]),
        alert(Side::Client, Alert::illegal_parameter),
        item(Side::Client, EventKind::Fin),
    ]);
    failures(&conversation, &evidence(Some(&["root"])))
}

fn confidence(found: &[Finding], cause: Cause) -> Option<Confidence> {
    found.iter().find(|finding| finding.cause == cause).map(|finding| finding.confidence)
}

#[test]
fn a_point_that_is_none_comes_before_what_follows_from_it() {
    let mut public = vec![4];
    public.extend([9; 64]);
    let found = told(&public);
    assert_eq!(
        (found[0].cause, found[0].confidence),
        (Cause::KeyExchangePointNotOnCurve, Confidence::Proved)
    );
    assert_eq!(confidence(&found, Cause::KeyExchangeSignatureInvalid), Some(Confidence::Possible));
    assert_eq!(confidence(&found, Cause::KeyNotOfCertificate), None);
}

#[test]
fn a_good_point_under_a_bad_signature() {
    let group = handclasp_provider_aws_lc::SECP256R1;
    let public = group.start(&mut handclasp_provider_aws_lc::SystemRandom).unwrap().public().to_vec();
    let found = told(&public);
    assert_eq!(confidence(&found, Cause::KeyExchangePointNotOnCurve), None);
    assert_eq!(confidence(&found, Cause::KeyExchangeSignatureInvalid), Some(Confidence::Proved));
    assert_eq!(confidence(&found, Cause::KeyNotOfCertificate), Some(Confidence::Possible));
    assert_eq!(confidence(&found, Cause::TamperInFlight), Some(Confidence::Possible));
}

#[test]
fn a_key_that_was_given_and_is_not_of_the_certificate() {
    let parse =
        |name: &str| crate::diagnosis::compute::certificate::Certificate::parse(&certificate(name)).unwrap();
    let silent = conversation(vec![client_hello(0x8877_6655)]);
    for (key, expected) in [("client", Some(Confidence::Proved)), ("direct", None)] {
        let key = Some(parse(key).key.spki);
        let given = Evidence { certificates: vec![certificate("direct")], key, ..Evidence::default() };
        assert_eq!(confidence(&failures(&silent, &given), Cause::KeyNotOfCertificate), expected);
    }
}
