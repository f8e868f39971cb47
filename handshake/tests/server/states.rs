//! Every state crossed with every message and every answer, against `tls13.table` and
//! `tls12.table`, which were written from the RFCs. Their columns are two blanks apart.

use handclasp_codec::{CipherSuite, HandshakeType, NamedGroup};
use handclasp_crypto::{KeyKind, SignError};
use handclasp_provider_aws_lc as provider;
use handclasp_report::{CertificateFault, Event as Kind, Fault, Misuse, SignerFault};
use handclasp_schedule::{Sender, certificate_verify_content};

use super::{
    built::{ALL, built, possible},
    client_auth::{self, key},
    flow13,
    harness::{Harness, IDENTITY, chain, config},
    offer::Offer,
    peer12::Peer12,
    peer13::Peer13,
    resume, resume12,
};
use handclasp_handshake::{
    Answer, ClientAuthentication, Credential, Input, PeerIdentity, PskAnswer, PskHash,
};

/// A line of a table.
struct Line {
    state: &'static str,
    waits_for: Kind,
    messages: Vec<&'static str>,
    answers: Vec<&'static str>,
    is_of_tls12: bool,
}

fn lines(table: &'static str) -> Vec<Line> {
    possible(table)
        .map(|row| {
            let columns: Vec<&str> =
                row.split("  ").map(str::trim).filter(|column| !column.is_empty()).collect();
            let [state, waits_for, messages, answers] = columns[..] else { panic!("{row}") };
            let list = |column: &'static str| column.split(' ').filter(|word| *word != "-").collect();
            let is_of_tls12 = table.starts_with("# The server of TLS 1.2");
            let (messages, answers) = (list(messages), list(answers));
            Line { state, waits_for: kind(waits_for), messages, answers, is_of_tls12 }
        })
        .collect()
}

fn kind(word: &str) -> Kind {
    match word {
        "answer" => Kind::Answer,
        "application" => Kind::ApplicationData,
        "change_cipher_spec" => Kind::ChangeCipherSpec,
        "nothing" => Kind::Nothing,
        message => Kind::Message(HandshakeType::from_name(message).unwrap()),
    }
}

/// All types with a name, and two without.
fn types() -> impl Iterator<Item = HandshakeType> {
    let known = (0..=u8::MAX).map(HandshakeType).filter(|found| found.name().is_some());
    known.chain([HandshakeType(99), HandshakeType(255)])
}

/// A body that no message permits: were it decoded before its turn is checked, the fault
/// would be another.
fn message(found: HandshakeType) -> Vec<u8> {
    vec![found.0, 0, 0, 3, 0xff, 0xff, 0xff]
}

fn cross_messages(table: &'static str, drive: fn(&str) -> Harness) -> usize {
    let mut crossed = 0;
    for line in lines(table) {
        for found in types() {
            let mut harness = drive(line.state);
            assert_eq!(harness.server.expects(), line.waits_for, "{}", line.state);
            let result = harness.message(&message(found));
            let refused = Err(Fault::Unexpected { expected: line.waits_for, found: Kind::Message(found) });
            let permitted = line.messages.contains(&found.to_string().as_str());
            assert_eq!(result != refused, permitted, "{} x {found}: {result:?}", line.state);
            // The body is no good, so nothing goes on from here.
            assert!(result.is_err(), "{} x {found}", line.state);
            assert_eq!(harness.server.expects(), Kind::Nothing);
            crossed += 1;
        }
        let mut harness = drive(line.state);
        let result = harness.input(Input::ChangeCipherSpec);
        let refused = Fault::Unexpected { expected: line.waits_for, found: Kind::ChangeCipherSpec };
        match line.messages.contains(&"change_cipher_spec") {
            true => assert_eq!(result, Ok(()), "{}", line.state),
            false => assert_eq!(result, Err(refused), "{}", line.state),
        }
        crossed += 1;
    }
    crossed
}

fn cross_answers(table: &'static str, drive: fn(&str) -> Harness) {
    let names = [
        "credential",
        "signature",
        "signer_failed",
        "noted",
        "accepted",
        "refused",
        "psk",
        "psk_unavailable",
        "session",
        "resume",
        "ticket",
        "refuse",
    ];
    for line in lines(table) {
        for name in names {
            let mut harness = drive(line.state);
            let asked = harness.server.need().is_some();
            assert_eq!(asked, line.waits_for == Kind::Answer, "{}", line.state);
            let (chain, schemes) = (chain(), harness.key.schemes().to_vec());
            let result = harness.answer(match name {
                "credential" => {
                    let credential = Credential::x509(&chain, KeyKind::P256, &schemes);
                    Answer::Credential(Some(credential))
                }
                "signature" => Answer::Signature(&[1, 2, 3]),
                "signer_failed" => Answer::SignerFailed(SignError::Failed),
                "noted" => Answer::CertificateNoted,
                "accepted" => Answer::PeerAccepted {
                    spki: key(KeyKind::P256).public_key(),
                    identity: PeerIdentity::new([0; 32], None),
                },
                "refused" => Answer::PeerRefused(CertificateFault::Budget.into()),
                "psk" => Answer::Psk(Some(PskAnswer {
                    index: 0,
                    secret: super::harness::PSK,
                    hash: PskHash::Sha256,
                    imported: false,
                })),
                "psk_unavailable" => Answer::PskUnavailable,
                "session" => Answer::Session(None),
                "resume" => Answer::Resume(Ok(())),
                "ticket" => Answer::Ticket(Some(b"sealed")),
                _ => Answer::Refuse,
            });
            // Programs without host extensions have no store that could be away.
            let may_come =
                line.answers.contains(&name) && (name != "psk_unavailable" || built("host-extensions"));
            let expected = match (may_come, name) {
                (false, _) => Err(Fault::Misuse(Misuse::WrongAnswer)),
                (true, "refuse") => Err(Fault::CallerRefused),
                (true, "signer_failed") => Err(Fault::SignerFailed(SignerFault::Failed)),
                // In TLS 1.3 there is a certificate; in TLS 1.2 the suite has been chosen.
                (true, "psk_unavailable") if line.is_of_tls12 => Err(Fault::PskUnavailable),
                (true, "refused") => Err(Fault::Certificate(CertificateFault::Budget)),
                (true, _) => Ok(()),
            };
            assert_eq!(result, expected, "{} x {name}", line.state);
        }
    }
}

/// Brings what a client that was asked for its certificate sends, up to that state.
fn bring_certificate(harness: &mut Harness, certificate: &[u8], state: &str) {
    if state == "wait_certificate" {
        return;
    }
    harness.message(certificate).unwrap();
    match state {
        "first_of_two" => {}
        "last_of_two" => harness.answer(Answer::CertificateNoted).unwrap(),
        _ => client_auth::believe(harness, KeyKind::P256).unwrap(),
    }
}

/// A server of TLS 1.3 with client authentication in that state.
fn drive13_asking(state: &str) -> Harness {
    let config = client_auth::asking(ClientAuthentication::Required);
    let (mut harness, mut peer) = client_auth::asked13(config, Offer::new());
    let certificate = client_auth::certificate13(&chain());
    bring_certificate(&mut harness, &certificate, state);
    if state == "finished_after_auth" {
        peer.transcript.add(&certificate);
        let content = certificate_verify_content(Sender::Client, &peer.transcript.hash());
        harness.message(&client_auth::signed(KeyKind::P256, &content)).unwrap();
    }
    harness
}

/// A server of TLS 1.2 with client authentication in that state.
fn drive12_asking(state: &str) -> Harness {
    let config = client_auth::asking(ClientAuthentication::Required);
    let suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    let (mut harness, mut peer, exchange) = client_auth::asked12(config, suite);
    let certificate = client_auth::certificate12(&chain());
    bring_certificate(&mut harness, &certificate, state);
    if matches!(state, "wait_verify" | "wait_ccs_after_verify") {
        harness.message(&exchange).unwrap();
    }
    if state == "wait_ccs_after_verify" {
        peer.add(&certificate);
        peer.derive(&exchange, true);
        harness.message(&client_auth::signed(KeyKind::P256, peer.messages())).unwrap();
    }
    harness
}

/// A server of TLS 1.3 in that state.
fn drive13(state: &str) -> Harness {
    if matches!(
        state,
        "wait_certificate" | "first_of_two" | "last_of_two" | "wait_verify" | "finished_after_auth"
    ) {
        return drive13_asking(state);
    }
    if state == "confirm_ticket" {
        return resume::confirming(0).0;
    }
    if state == "issue_tickets" {
        return resume::connected(resume::resuming());
    }
    let mut harness = Harness::new(config());
    let offer = match state {
        "choose_psk" => Offer::new().psk(provider::SHA256),
        _ => Offer::new(),
    };
    let mut peer = Peer13::new(offer, NamedGroup::x25519);
    if state == "wait_second_hello" {
        peer.offer.shares = Some(Vec::new());
    }
    match state {
        "start" => {}
        "over" => assert!(harness.message(&[1, 0, 0, 0]).is_err()),
        "choose_psk" | "choose_credential" | "wait_second_hello" => harness.message(&peer.hello()).unwrap(),
        "connected" => {
            flow13::with_certificate(&mut harness, Offer::new(), NamedGroup::x25519);
        }
        "sign_transcript" | "wait_finished" => {
            harness.message(&peer.hello()).unwrap();
            harness.answer_credential().unwrap();
            if state == "wait_finished" {
                harness.answer_signature().unwrap();
            }
        }
        other => panic!("no such state: {other}"),
    }
    harness
}

/// A server of TLS 1.2 in that state.
fn drive12(state: &str) -> Harness {
    if state.ends_with("_of_two")
        || state.contains("_after")
        || state == "wait_verify"
        || state == "wait_certificate"
    {
        return drive12_asking(state);
    }
    if let Some(harness) = resume12::drive(state) {
        return harness;
    }
    let mut harness = Harness::new(config());
    let asks_psk = matches!(state, "choose_psk" | "wait_change_cipher_spec" | "wait_finished" | "connected");
    let suite = match asks_psk {
        true => CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256,
        false => CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    };
    let mut peer = Peer12::new(Offer::tls12_with(&[suite]));
    let steps: &[&str] = match asks_psk {
        true => &[
            "start",
            "wait_key_exchange",
            "choose_psk",
            "wait_change_cipher_spec",
            "wait_finished",
            "connected",
        ],
        false => &["start", "choose_credential", "sign_key_exchange", "wait_client_key_exchange"],
    };
    if state == "over" {
        assert!(harness.message(&[1, 0, 0, 0]).is_err());
        return harness;
    }
    let mut key_exchange = Vec::new();
    for step in steps {
        if *step == state {
            return harness;
        }
        match *step {
            "start" => harness.message(&peer.hello()),
            "choose_credential" => harness.answer_credential(),
            "sign_key_exchange" => harness.answer_signature(),
            "wait_key_exchange" => {
                key_exchange = peer.key_exchange(&harness, IDENTITY);
                harness.message(&key_exchange)
            }
            "choose_psk" => harness.answer_psk(0, PskHash::Sha256),
            "wait_change_cipher_spec" => harness.input(Input::ChangeCipherSpec),
            "wait_finished" => {
                let (finished, _) = peer.finish(&key_exchange, true);
                harness.message(&finished)
            }
            _ => Ok(()),
        }
        .unwrap();
    }
    panic!("no such state: {state}")
}

const TABLE13: &str = include_str!("tls13.table");
const TABLE12: &str = include_str!("tls12.table");

#[test]
fn tls13_every_message_in_every_state() {
    let states = lines(TABLE13).len();
    assert_eq!(cross_messages(TABLE13, drive13), states * (types().count() + 1));
    assert!(!built(ALL) || states == 15);
}

#[test]
fn tls12_every_message_in_every_state() {
    let states = lines(TABLE12).len();
    assert_eq!(cross_messages(TABLE12, drive12), states * (types().count() + 1));
    assert!(!built(ALL) || states == 21);
}

#[test]
fn tls13_every_answer_in_every_state() {
    cross_answers(TABLE13, drive13);
}

#[test]
fn tls12_every_answer_in_every_state() {
    cross_answers(TABLE12, drive12);
}
