//! Extensions that are offered on request: limits of records, OCSP responses, encrypt_then_mac,
//! hints; and every way in which a server may answer them wrongly.

use handclasp_codec::{
    CertificateStatusRequest, CipherSuite, ClientHello, ExtensionType as X, Field, HandshakeType as Type,
    MaxFragmentLength, PskKeyExchangeMode,
};
use handclasp_crypto::{Authentication, CbcEtm, CbcEtmKey, KeyExchangeAlgorithm, KeyKind, Suite};
use handclasp_handshake::{Answer, Config, Extensions, Need, RecordLimits};
use handclasp_provider_aws_lc as aws;
use handclasp_report::{CertificateFault, Event, Fault, Side, Tag};
use rustls_pki_types::CertificateDer;

use crate::{
    fake::{Extensions as List, extensions, message, vector8, vector16, vector24},
    fake12::Fake12,
    fake13::{Fake13, decode},
    setup::{Did, NO_PSK, SHARED, Tested, WITH_PSK, chain, config, only12, only13, start},
};

fn limited(bytes: u16, config: Config) -> Config {
    let mut extensions = Extensions::default();
    extensions.limit_records(bytes);
    Config { extensions, ..config }
}

fn asking() -> Config {
    Config { extensions: Extensions { status_request: true, ..Extensions::default() }, ..config() }
}

fn limit(value: u16) -> (X, Vec<u8>) {
    (X::record_size_limit, value.to_be_bytes().to_vec())
}

fn length(code: u8) -> (X, Vec<u8>) {
    (X::max_fragment_length, vec![code])
}

/// What EncryptedExtensions lead to.
fn answered13(config: Config, answers: List) -> Result<Option<RecordLimits>, Fault> {
    let (mut tested, hello) = start(config, NO_PSK);
    let mut server = Fake13::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(answers)).map(|did| limits(&did))
}

/// What a ServerHello of TLS 1.2 leads to.
fn answered12(config: Config, answers: List) -> Result<Option<RecordLimits>, Fault> {
    let (mut tested, hello) = start(config, NO_PSK);
    let hello = Fake12::new(&hello).edited_server_hello(|hello| {
        answers.into_iter().for_each(|(number, content)| hello.set(number, content))
    });
    tested.message(&hello).map(|did| limits(&did))
}

fn limits(did: &[Did]) -> Option<RecordLimits> {
    did.iter().find_map(|did| if let Did::LimitRecords(limits) = did { Some(*limits) } else { None })
}

#[test]
fn what_is_offered() {
    let offers = |config| {
        let (_, hello) = start(config, NO_PSK);
        let hello: ClientHello<'_> = decode(&hello);
        let limit = hello.extensions.record_size_limit.map(|offer| offer.record_size_limit);
        (limit, hello.extensions.max_fragment_length)
    };
    // The type's byte is one more than TLS 1.2 knows.
    assert_eq!(offers(config()), (Some(16_385), None));
    assert_eq!(offers(only12()), (Some(16_384), None));
    assert_eq!(offers(limited(512, config())), (Some(512), Some(MaxFragmentLength::two_pow_9)));
    assert_eq!(offers(limited(5000, config())), (Some(5000), Some(MaxFragmentLength::two_pow_12)));
    let silent = Extensions { record_size_limit: None, ..Extensions::default() };
    assert_eq!(offers(Config { extensions: silent, ..config() }), (None, None));

    let (_, hello) = start(asking(), NO_PSK);
    let request = decode::<ClientHello<'_>>(&hello).extensions.status_request;
    assert!(matches!(request, Some(CertificateStatusRequest::Ocsp(_))));
    // There will be no certificate.
    let (_, hello) = start(asking(), WITH_PSK);
    assert!(decode::<ClientHello<'_>>(&hello).extensions.status_request.is_none());
    // No suite of CBC, no encrypt_then_mac.
    assert!(decode::<ClientHello<'_>>(&hello).extensions.encrypt_then_mac.is_none());
}

#[test]
fn limits_that_a_server_tells() {
    let bytes = |send, receive| Ok(Some(RecordLimits::new(send, receive, false)));
    assert_eq!(answered13(config(), vec![]), Ok(None));
    assert_eq!(answered12(config(), vec![]), Ok(None));
    for (value, in_12, in_13) in [(64, 64, 63), (512, 512, 511), (16_384, 16_384, 16_383)] {
        assert_eq!(answered13(config(), vec![limit(value)]), bytes(in_13, 16_384));
        assert_eq!(answered12(config(), vec![limit(value)]), bytes(in_12, 16_384));
        assert_eq!(answered13(limited(600, config()), vec![limit(value)]), bytes(in_13, 599));
        assert_eq!(answered12(limited(600, config()), vec![limit(value)]), bytes(in_12, 600));
    }
    assert_eq!(answered13(config(), vec![limit(16_385)]), bytes(16_384, 16_384));

    let fault = Err(Fault::IllegalParameter(Field::record_size_limit));
    for value in [0, 63, 16_386, u16::MAX] {
        assert_eq!(answered13(config(), vec![limit(value)]), fault);
        assert_eq!(answered12(config(), vec![limit(value)]), fault);
    }
    assert_eq!(answered12(config(), vec![limit(16_385)]), fault);
    let silent = Extensions { record_size_limit: None, ..Extensions::default() };
    let unsolicited = Err(Fault::UnsolicitedExtension(X::record_size_limit));
    assert_eq!(answered13(Config { extensions: silent.clone(), ..config() }, vec![limit(512)]), unsolicited);
    assert_eq!(answered12(Config { extensions: silent, ..config() }, vec![limit(512)]), unsolicited);
}

#[test]
fn lengths_that_a_server_accepts() {
    let asking = || limited(1024, config());
    let agreed = Ok(Some(RecordLimits::new(1024, 1024, true)));
    assert_eq!(answered13(asking(), vec![length(2)]), agreed);
    assert_eq!(answered12(asking(), vec![length(2)]), agreed);
    let fault = Err(Fault::IllegalParameter(Field::max_fragment_length));
    for code in [0, 1, 3, 4, 5] {
        assert_eq!(answered13(asking(), vec![length(code)]), fault);
        assert_eq!(answered12(asking(), vec![length(code)]), fault);
    }
    // RFC 8449 §5: one or the other.
    assert_eq!(answered13(asking(), vec![length(2), limit(1024)]), fault);
    assert_eq!(answered12(asking(), vec![length(2), limit(1024)]), fault);
    let unsolicited = Err(Fault::UnsolicitedExtension(X::max_fragment_length));
    assert_eq!(answered13(config(), vec![length(2)]), unsolicited);
    assert_eq!(answered12(config(), vec![length(2)]), unsolicited);

    // In TLS 1.3 neither stands in the ServerHello.
    let (mut tested, hello) = start(asking(), NO_PSK);
    let hello = Fake13::new(&hello).edited_server_hello(|hello| hello.set(X::max_fragment_length, vec![2]));
    tested.refuses(&hello, Fault::MisplacedExtension(X::max_fragment_length));
}

const OCSP: &[u8] = b"an OCSP response";

/// CertificateStatus, or its content.
fn status(kind: u8) -> Vec<u8> {
    [vec![kind], vector24(OCSP)].concat()
}

/// A client of TLS 1.2 that has believed the certificate.
fn believed(config: Config, promised: bool) -> (Tested, Fake12) {
    let (mut tested, hello) = start(config, NO_PSK);
    let mut server = Fake12::new(&hello);
    let hello = server.edited_server_hello(|hello| {
        if promised {
            hello.set(X::status_request, vec![]);
        }
    });
    tested.message(&hello).unwrap();
    tested.message(&server.certificate()).unwrap();
    tested.accept(KeyKind::P256).unwrap();
    (tested, server)
}

/// That the caller is asked about this response.
fn asked_about(tested: &Tested, expected: Option<&[u8]>) {
    let Some(Need::CertificateStatus { response }) = tested.client.need() else { panic!("a status") };
    assert_eq!(response, expected);
}

#[test]
fn a_status_that_is_refused_ends_the_handshake() {
    let refused = CertificateFault::Revoked;
    for stapled in [Some(OCSP), None] {
        let leaf: Vec<_> = stapled.map(|_| (X::status_request, status(1))).into_iter().collect();
        let (_, mut tested, _) = shown(asking(), &certificate(&leaf));
        tested.accept(KeyKind::P256).unwrap();
        asked_about(&tested, stapled);
        assert_eq!(
            tested.answer(Answer::PeerRefused(refused.into())).err(),
            Some(Fault::Certificate(refused))
        );
        tested.is_over();

        let (mut tested, mut server) = believed(Config { suites: only12().suites, ..asking() }, true);
        match stapled {
            Some(_) => tested.message(&message(Type::certificate_status, &status(1))).unwrap(),
            None => tested.message(&server.server_key_exchange(KeyKind::P256)).unwrap(),
        };
        asked_about(&tested, stapled);
        assert_eq!(
            tested.answer(Answer::PeerRefused(refused.into())).err(),
            Some(Fault::Certificate(refused))
        );
        tested.is_over();
    }
}

#[test]
fn a_response_of_tls12_reaches_the_application() {
    let only12 = || Config { suites: only12().suites, ..asking() };
    for sends in [true, false] {
        let (mut tested, mut server) = believed(only12(), true);
        if sends {
            let status = message(Type::certificate_status, &status(1));
            server.transcript.add(&status);
            tested.message(&status).unwrap();
            asked_about(&tested, Some(OCSP));
            tested.answer(Answer::StatusAccepted).unwrap();
        }
        tested.message(&server.server_key_exchange(KeyKind::P256)).unwrap();
        if !sends {
            // Promised and left out: the caller hears of it before anything is signed for.
            asked_about(&tested, None);
            tested.answer(Answer::StatusAccepted).unwrap();
        }
        let did = tested.message(&server.server_hello_done()).unwrap();
        server.client_flight(&crate::setup::messages(&did), None);
        tested.input(handclasp_handshake::Input::ChangeCipherSpec).unwrap();
        let did = tested.message(&server.finished()).unwrap();
        let Some(Did::Connected(connected)) = did.last() else { panic!("not connected") };
        assert_eq!(connected.ocsp_response.as_deref(), sends.then_some(OCSP));
    }
}

#[test]
fn responses_that_may_not_come_in_tls12() {
    let unexpected = Fault::Unexpected {
        expected: Event::Message(Type::server_key_exchange),
        found: Event::Message(Type::certificate_status),
    };
    // Not promised.
    let (mut tested, _) = believed(asking(), false);
    tested.refuses(&message(Type::certificate_status, &status(1)), unexpected);
    // Twice.
    let (mut tested, _) = believed(asking(), true);
    tested.message(&message(Type::certificate_status, &status(1))).unwrap();
    tested.answer(Answer::StatusAccepted).unwrap();
    tested.refuses(&message(Type::certificate_status, &status(1)), unexpected);
    // Of another type, or empty.
    let (mut tested, _) = believed(asking(), true);
    let multi = message(Type::certificate_status, &status(2));
    tested.refuses(&multi, Fault::IllegalParameter(Field::status_type));
    let (mut tested, _) = believed(asking(), true);
    tested.does_not_parse(&message(Type::certificate_status, &[1, 0, 0, 0]));
    // Promised and never asked for.
    let (mut tested, hello) = start(config(), NO_PSK);
    let hello = Fake12::new(&hello).edited_server_hello(|hello| hello.set(X::status_request, vec![]));
    tested.refuses(&hello, Fault::UnsolicitedExtension(X::status_request));
}

/// A Certificate of TLS 1.3 with these extensions on the leaf.
fn certificate(leaf: &[(X, Vec<u8>)]) -> Vec<u8> {
    let entry = |(index, der): (usize, &CertificateDer<'_>)| {
        [vector24(der), extensions(if index == 0 { leaf } else { &[] })].concat()
    };
    let list: Vec<u8> = chain().iter().enumerate().flat_map(entry).collect();
    message(Type::certificate, &[vector8(&[]), vector24(&list)].concat())
}

/// What a Certificate leads to, and the client.
fn shown(config: Config, certificate: &[u8]) -> (Result<(), Fault>, Tested, Fake13) {
    let (mut tested, hello) = start(config, NO_PSK);
    let mut server = Fake13::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    server.transcript.add(certificate);
    let result = tested.message(certificate).map(|_| ());
    (result, tested, server)
}

#[test]
fn a_response_of_tls13_reaches_the_application() {
    let stapled = certificate(&[(X::status_request, status(1))]);
    let (result, mut tested, mut server) = shown(asking(), &stapled);
    assert_eq!(result, Ok(()));
    tested.accept(KeyKind::P256).unwrap();
    asked_about(&tested, Some(OCSP));
    tested.answer(Answer::StatusAccepted).unwrap();
    let scheme = crate::setup::key(KeyKind::P256).schemes()[0];
    tested.message(&server.certificate_verify(KeyKind::P256, scheme)).unwrap();
    let did = tested.message(&server.finished()).unwrap();
    let Some(Did::Connected(connected)) = did.last() else { panic!("not connected") };
    assert_eq!(connected.ocsp_response.as_deref(), Some(OCSP));

    let refused = |config, leaf: &[(X, Vec<u8>)]| shown(config, &certificate(leaf)).0;
    let request = X::status_request;
    assert_eq!(refused(config(), &[(request, status(1))]), Err(Fault::UnsolicitedExtension(request)));
    let fault = Err(Fault::IllegalParameter(Field::status_type));
    assert_eq!(refused(asking(), &[(request, status(2))]), fault);
    let name = X::server_name;
    assert_eq!(refused(asking(), &[(name, vec![])]), Err(Fault::MisplacedExtension(name)));
    // Not a promise here.
    let (mut tested, hello) = start(asking(), NO_PSK);
    let mut server = Fake13::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    let promise = server.encrypted_extensions(vec![(request, vec![])]);
    tested.refuses(&promise, Fault::MisplacedExtension(request));
}

/// A suite of CBC. Its records are never needed here.
static CBC: Suite = Suite::tls12_cbc_etm(
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
    KeyExchangeAlgorithm::Ecdhe(Authentication::Ecdsa),
    aws::SHA256,
    &NoRecords,
);

struct NoRecords;

impl CbcEtm for NoRecords {
    fn key_len(&self) -> usize {
        16
    }
    fn mac_len(&self) -> usize {
        32
    }
    fn seal_limit(&self) -> u64 {
        0
    }
    fn key(&self, _: &[u8], _: &[u8]) -> Option<Box<dyn CbcEtmKey>> {
        None
    }
}

#[test]
fn cbc_goes_with_encrypt_then_mac() {
    let config = || {
        let suites = vec![&aws::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, &CBC];
        Config { suites: suites.into(), ..config() }
    };
    let hello = |suite: &'static Suite, answers: bool| {
        let (mut tested, hello) = start(config(), NO_PSK);
        assert!(decode::<ClientHello<'_>>(&hello).extensions.encrypt_then_mac.is_some());
        let mut server = Fake12 { suite, ..Fake12::new(&hello) };
        let hello = server.edited_server_hello(|hello| {
            if answers {
                hello.set(X::encrypt_then_mac, vec![]);
            }
        });
        tested.message(&hello).map(|_| ())
    };
    let gcm = &aws::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    assert_eq!(hello(&CBC, true), Ok(()));
    assert_eq!(hello(&CBC, false), Err(Fault::NoEncryptThenMac));
    assert_eq!(hello(gcm, false), Ok(()));
    assert_eq!(hello(gcm, true), Err(Fault::IllegalParameter(Field::encrypt_then_mac)));
}

#[test]
fn hints_are_told() {
    for hint in [b"which key?".as_slice(), b""] {
        let (mut tested, hello) = start(only12(), WITH_PSK);
        let suite = &aws::TLS_PSK_WITH_AES_128_GCM_SHA256;
        let mut server = Fake12 { suite, psk: SHARED.to_vec(), ..Fake12::new(&hello) };
        tested.message(&server.server_hello()).unwrap();
        let exchange = message(Type::server_key_exchange, &vector16(hint));
        server.transcript.add(&exchange);
        tested.message(&exchange).unwrap();
        let noted = tested.report.items().find(|item| item.tag == Tag::PskIdentityHint);
        assert_eq!(
            noted.map(|item| (item.from, item.bytes)),
            (!hint.is_empty()).then_some((Side::Server, hint))
        );
        let did = tested.message(&server.server_hello_done()).unwrap();
        server.client_flight(&crate::setup::messages(&did), None);
        tested.input(handclasp_handshake::Input::ChangeCipherSpec).unwrap();
        let did = tested.message(&server.finished()).unwrap();
        let Some(Did::Connected(connected)) = did.last() else { panic!("not connected") };
        assert_eq!(connected.psk_identity_hint.as_deref(), (!hint.is_empty()).then_some(hint));
    }
}

#[test]
fn a_key_without_an_exchange_only_where_that_is_permitted() {
    let permitting = || {
        let extensions = Extensions { psk_ke: true, ..Extensions::default() };
        Config { extensions, ..only13() }
    };
    let modes = |config| {
        let (_, hello) = start(config, WITH_PSK);
        let modes = decode::<ClientHello<'_>>(&hello).extensions.psk_key_exchange_modes.unwrap();
        modes.ke_modes.iter().collect::<Vec<_>>()
    };
    assert_eq!(modes(only13()), [PskKeyExchangeMode::psk_dhe_ke]);
    assert_eq!(modes(permitting()), [PskKeyExchangeMode::psk_dhe_ke, PskKeyExchangeMode::psk_ke]);
    assert_eq!(modes(Config { groups: vec![].into(), ..permitting() }), [PskKeyExchangeMode::psk_ke]);

    let without_share = |config, psk: bool| {
        let (mut tested, hello) = start(config, WITH_PSK);
        let mut server = Fake13 { psk: psk.then(|| SHARED.to_vec()), ..Fake13::new(&hello) };
        let hello = server.edited_server_hello(|hello| hello.remove(X::key_share));
        tested.message(&hello).map(|_| ())
    };
    assert_eq!(without_share(permitting(), true), Ok(()));
    let fault = Err(Fault::MissingExtension(X::key_share));
    assert_eq!(without_share(permitting(), false), fault);
    assert_eq!(without_share(only13(), true), fault);
}
