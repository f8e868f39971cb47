//! Every state crossed with every message, change_cipher_spec and answer, against tables
//! written from the RFCs (`tls13.table`, `tls12.table`). A message is refused for its type
//! before its content is looked at, so an empty body will do.

use handclasp_codec::{ClientCertificateType, ExtensionType, HandshakeType as Type, NamedGroup};
use handclasp_crypto::{KeyKind, SignError};
use handclasp_handshake::{Answer, Config, Extensions, Input, Need};
use handclasp_provider_aws_lc as aws;
use handclasp_report::{Event, Fault, Misuse};

use crate::{
    built::{ALL, built, possible},
    fake::message,
    fake12::Fake12,
    fake13::Fake13,
    resume::{self, resuming, session13},
    setup::{
        ECDHE_PSK, IDENTITY, NO_PSK, REFUSED, SHARED, Tested, WITH_PSK, chain, config, credential, key,
        messages, only12, start, with_suites,
    },
};

struct Row {
    state: String,
    must: Event,
    may: Vec<Event>,
}

fn event(word: &str) -> Event {
    match word {
        "answer" => Event::Answer,
        "application_data" => Event::ApplicationData,
        "change_cipher_spec" => Event::ChangeCipherSpec,
        message => Event::Message(Type::from_name(message).unwrap()),
    }
}

fn rows(table: &str) -> Vec<Row> {
    possible(table)
        .map(|line| {
            let mut words = line.split_whitespace();
            let state = words.next().unwrap().to_owned();
            let must = event(words.next().unwrap());
            Row { state, must, may: words.map(event).chain([must]).collect() }
        })
        .collect()
}

/// A client of TLS 1.3 that resumes.
fn resuming13() -> Tested {
    let (session, psk) = session13();
    let (mut tested, hello) = start(resuming(config()), resume::with(&session));
    let mut server = Fake13 { psk: Some(psk), ..Fake13::new(&hello) };
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    tested
}

/// With wish for a status, or without.
fn asking(config: Config, status_request: bool) -> Config {
    Config { extensions: Extensions { status_request, ..config.extensions.clone() }, ..config }
}

/// A client of TLS 1.3 in that state.
fn client13(state: &str) -> Tested {
    if state == "WAIT_FINISHED_BY_SESSION" {
        return resuming13();
    }
    let psk = state == "WAIT_FINISHED_BY_PSK" || !built("certificates");
    let status_request = state == "WAIT_STATUS_ACCEPTED";
    let (mut tested, hello) = start(asking(config(), status_request), if psk { WITH_PSK } else { NO_PSK });
    let mut server = Fake13::new(&hello);
    if state == "WAIT_SH" {
        return tested;
    }
    if state == "WAIT_SH_AFTER_RETRY" {
        tested.message(&server.retry(Some(NamedGroup::secp256r1), |_| ())).unwrap();
        return tested;
    }
    server.psk = psk.then(|| SHARED.to_vec());
    tested.message(&server.server_hello()).unwrap();
    if state == "WAIT_EE" {
        return tested;
    }
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    if psk && state == "CONNECTED" {
        tested.message(&server.finished()).unwrap();
    }
    if psk || state == "WAIT_CERT_CR" {
        return tested;
    }
    if ["WAIT_CERT", "WAIT_FINISHED_AFTER_REQUEST", "WAIT_CREDENTIAL", "WAIT_SIGNATURE"].contains(&state) {
        tested.message(&server.certificate_request(key(KeyKind::P256).schemes())).unwrap();
    }
    if state == "WAIT_CERT" {
        return tested;
    }
    tested.message(&server.certificate()).unwrap();
    if state == "WAIT_PEER_ACCEPTED" {
        return tested;
    }
    tested.accept(KeyKind::P256).unwrap();
    if state == "WAIT_CV" || status_request {
        return tested;
    }
    let scheme = key(KeyKind::P256).schemes()[0];
    tested.message(&server.certificate_verify(KeyKind::P256, scheme)).unwrap();
    if state.starts_with("WAIT_FINISHED") {
        return tested;
    }
    tested.message(&server.finished()).unwrap();
    if state == "WAIT_SIGNATURE" {
        tested.answer(Answer::Credential(Some(credential(&chain(), KeyKind::P256)))).unwrap();
    }
    tested
}

/// A client of TLS 1.2 that resumes, in that state.
fn resuming12(state: &str) -> Tested {
    let (mut tested, _) = resume::resuming12(state == "RESUMING_WAIT_TICKET");
    if state == "RESUMING_WAIT_FINISHED" {
        tested.input(Input::ChangeCipherSpec).unwrap();
    }
    tested
}

/// States of a client of TLS 1.2 that was asked for its certificate.
const ASKED: [&str; 3] = ["WAIT_DONE_AFTER_REQUEST", "WAIT_CREDENTIAL", "WAIT_SIGNATURE"];

/// What a server with a certificate sends before its ServerHelloDone. Returns whether the state is reached.
fn show(tested: &mut Tested, server: &mut Fake12, state: &str, status_request: bool) -> bool {
    tested.message(&server.certificate()).unwrap();
    if state == "WAIT_PEER_ACCEPTED" {
        return true;
    }
    tested.accept(KeyKind::P256).unwrap();
    if state == "WAIT_SERVER_KEY_EXCHANGE" {
        return true;
    }
    tested.message(&server.server_key_exchange(KeyKind::P256)).unwrap();
    if state == "WAIT_REQUEST_OR_DONE" || status_request {
        return true;
    }
    if ASKED.contains(&state) {
        let kinds = [ClientCertificateType::ecdsa_sign];
        tested.message(&server.certificate_request(&kinds, key(KeyKind::P256).schemes())).unwrap();
    }
    state == "WAIT_DONE_AFTER_REQUEST"
}

/// A client of TLS 1.2 in that state.
fn client12(state: &str) -> Tested {
    if state.starts_with("RESUMING") {
        return resuming12(state);
    }
    let ecdhe_psk = state == "WAIT_ECDHE_PSK_KEY_EXCHANGE";
    let psk = ecdhe_psk
        || ["WAIT_PSK_KEY_EXCHANGE", "WAIT_DONE_AFTER_HINT"].contains(&state)
        || !built("certificates");
    let config = match (ecdhe_psk, built("tickets")) {
        (true, _) => with_suites(&[&ECDHE_PSK]),
        (false, true) => resuming(only12()),
        (false, false) => only12(),
    };
    let status_request = state == "WAIT_STATUS_ACCEPTED";
    let config = asking(config, status_request);
    let (mut tested, hello) = start(config, if psk { WITH_PSK } else { NO_PSK });
    let mut server = Fake12::new(&hello);
    if state == "WAIT_SH" {
        return tested;
    }
    if psk {
        server.psk = SHARED.to_vec();
        server.suite = if ecdhe_psk { &ECDHE_PSK } else { &aws::TLS_PSK_WITH_AES_128_GCM_SHA256 };
    }
    let announces = state == "WAIT_TICKET";
    let hello = server.edited_server_hello(|hello| {
        if announces {
            hello.set(ExtensionType::session_ticket, Vec::new());
        }
    });
    tested.message(&hello).unwrap();
    if state == "WAIT_DONE_AFTER_HINT" {
        tested.message(&server.hint()).unwrap();
    }
    if ["WAIT_CERTIFICATE", "WAIT_PSK_KEY_EXCHANGE", "WAIT_ECDHE_PSK_KEY_EXCHANGE", "WAIT_DONE_AFTER_HINT"]
        .contains(&state)
    {
        return tested;
    }
    if !psk && show(&mut tested, &mut server, state, status_request) {
        return tested;
    }
    let did = tested.message(&server.server_hello_done()).unwrap();
    if state == "WAIT_SIGNATURE" {
        tested.answer(Answer::Credential(Some(credential(&chain(), KeyKind::P256)))).unwrap();
    }
    if ASKED.contains(&state) || state == "WAIT_CCS" || announces {
        return tested;
    }
    server.client_flight(&messages(&did), None);
    tested.input(Input::ChangeCipherSpec).unwrap();
    if state == "WAIT_FINISHED" {
        return tested;
    }
    tested.message(&server.finished()).unwrap();
    tested
}

/// Crosses a table with everything; how many pairs there were.
fn cross(table: &str, client: fn(&str) -> Tested) -> usize {
    let mut pairs = 0;
    for row in rows(table) {
        let Row { state, must, may } = &row;
        assert_eq!(client(state).client.expects(), *must, "{state}");
        assert_eq!(client(state).client.is_connected(), state == "CONNECTED");
        let every = (0..=255).map(|number| Event::Message(Type(number))).chain([Event::ChangeCipherSpec]);
        for found in every {
            let mut tested = client(state);
            let fault = match found {
                Event::Message(number) => tested.message(&message(number, &[])),
                _ => tested.input(Input::ChangeCipherSpec),
            };
            let fault = fault.err();
            if may.contains(&found) {
                // In order; that it is empty is another matter.
                let fine =
                    fault.is_none() || matches!(fault, Some(Fault::Decode { .. } | Fault::FinishedInvalid));
                assert!(fine, "{state} {found:?} {fault:?}");
            } else {
                assert_eq!(fault, Some(Fault::Unexpected { expected: *must, found }), "{state} {found:?}");
                tested.is_over();
            }
            pairs += 1;
        }
        pairs += answers(state, *must, client);
    }
    pairs
}

/// Makes an answer, given the peer's key.
type MakeAnswer = fn(&'static [u8]) -> Answer<'static>;

/// Every answer: wrong where nothing is asked, or something else.
fn answers(state: &str, must: Event, client: fn(&str) -> Tested) -> usize {
    let spki = key(KeyKind::P256).public_key();
    let every: [(&str, MakeAnswer); 11] = [
        ("CREDENTIAL", |_| Answer::Credential(None)),
        ("SIGNATURE", |_| Answer::Signature(b"any")),
        ("CREDENTIAL SIGNATURE", |_| Answer::SignerFailed(SignError::Failed)),
        ("PEER_ACCEPTED", |_| Answer::CertificateNoted),
        // Before the last certificate it is too early.
        ("nowhere", |spki| Answer::PeerAccepted { spki, identity: IDENTITY }),
        ("PEER_ACCEPTED STATUS_ACCEPTED", |_| Answer::PeerRefused(REFUSED.into())),
        ("STATUS_ACCEPTED", |_| Answer::StatusAccepted),
        ("nowhere", |_| Answer::Psk(None)),
        ("nowhere", |_| Answer::Session(None)),
        ("nowhere", |_| Answer::Ticket(None)),
        ("everywhere", |_| Answer::Refuse),
    ];
    for (place, make) in &every {
        let mut tested = client(state);
        let asked = tested.client.need().is_some();
        assert_eq!(asked, must == Event::Answer);
        let fault = tested.answer(make(spki)).err();
        match *place {
            "everywhere" if asked => assert_eq!(fault, Some(Fault::CallerRefused)),
            places if asked && places.split(' ').any(|place| state.ends_with(place)) => {
                assert_ne!(fault, Some(Fault::Misuse(Misuse::WrongAnswer)));
            }
            _ => assert_eq!(fault, Some(Fault::Misuse(Misuse::WrongAnswer)), "{state} {place}"),
        }
    }
    every.len()
}

#[test]
fn tls13() {
    let table = include_str!("tls13.table");
    assert_eq!(cross(table, client13), rows(table).len() * (257 + 11));
    assert!(!built(ALL) || rows(table).len() == 15);
}

#[test]
fn tls12() {
    let table = include_str!("tls12.table");
    assert_eq!(cross(table, client12), rows(table).len() * (257 + 11));
    assert!(!built(ALL) || rows(table).len() == 19);
}

#[cfg(all(feature = "client-auth", feature = "host-extensions"))]
#[test]
fn needs_are_what_the_states_say() {
    assert!(matches!(
        client13("WAIT_PEER_ACCEPTED").client.need(),
        Some(Need::PeerCertificate { index: 0, .. })
    ));
    assert!(matches!(client13("WAIT_CREDENTIAL").client.need(), Some(Need::Credential { .. })));
    assert!(matches!(client13("WAIT_SIGNATURE").client.need(), Some(Need::Signature { .. })));
    assert!(matches!(
        client12("WAIT_PEER_ACCEPTED").client.need(),
        Some(Need::PeerCertificate { index: 0, .. })
    ));
    for tested in [client12("WAIT_STATUS_ACCEPTED"), client13("WAIT_STATUS_ACCEPTED")] {
        assert!(matches!(tested.client.need(), Some(Need::CertificateStatus { response: None })));
    }
    assert!(matches!(client12("WAIT_CREDENTIAL").client.need(), Some(Need::Credential { .. })));
    assert!(matches!(client12("WAIT_SIGNATURE").client.need(), Some(Need::Signature { .. })));
}
