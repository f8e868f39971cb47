//! The server asks for our certificate: RFC 8446 §4.3.2 §4.4, RFC 5246 §7.4.4 §7.4.6 §7.4.8.

use handclasp_codec::{
    Certificate13, CertificateVerify, ClientCertificateType as Kind, SignatureScheme as S,
};
use handclasp_crypto::{KeyKind, SignError};
use handclasp_handshake::{Answer, Credential, CredentialRequest, Input, Need};
use handclasp_report::{Fault, Side, SignerFault, Tag};
use handclasp_schedule::{Sender, certificate_verify_content};
use rustls_pki_types::CertificateDer;

use crate::{
    fake12::{Fake12, sign, verify_under},
    fake13::{Fake13, decode},
    setup::{Did, NO_PSK, Tested, chain, config, credential, messages, only12, shape, start},
};

/// Schemes as servers list them.
const ALL: &[S] = &[
    S::ecdsa_secp256r1_sha256,
    S::rsa_pkcs1_sha256,
    S::rsa_pss_rsae_sha384,
    S::ecdsa_secp384r1_sha384,
    S::ecdsa_secp521r1_sha512,
    S::ed25519,
];

/// Whether the report says that the client showed none, without a reason that nobody gave.
fn says_none_shown(tested: &Tested) -> bool {
    let mut notes = tested.report.items().filter(|item| item.tag == Tag::NoneShown);
    notes.any(|item| item.from == Side::Client && item.bytes.is_empty())
}

/// A client of TLS 1.3 that is asked for its credential.
fn asked13(schemes: &[S]) -> (Tested, Fake13) {
    let (mut tested, hello) = start(config(), NO_PSK);
    let mut server = Fake13::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    tested.message(&server.certificate_request(schemes)).unwrap();
    tested.message(&server.certificate()).unwrap();
    tested.accept(KeyKind::P256).unwrap();
    tested.message(&server.certificate_verify(KeyKind::P256, S::ecdsa_secp256r1_sha256)).unwrap();
    let did = tested.message(&server.finished()).unwrap();
    assert_eq!(shape(&did), "log log log");
    assert!(!tested.client.is_connected());
    (tested, server)
}

/// A client of TLS 1.2 that is asked for its credential.
fn asked12(kinds: &[Kind], schemes: &[S]) -> (Tested, Fake12) {
    let (mut tested, hello) = start(only12(), NO_PSK);
    let mut server = Fake12::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.certificate()).unwrap();
    tested.accept(KeyKind::P256).unwrap();
    tested.message(&server.server_key_exchange(KeyKind::P256)).unwrap();
    tested.message(&server.certificate_request(kinds, schemes)).unwrap();
    assert!(tested.message(&server.server_hello_done()).unwrap().is_empty());
    (tested, server)
}

fn asked_for(tested: &Tested) -> (Vec<S>, bool, bool) {
    match tested.client.need() {
        Some(Need::Credential(CredentialRequest { server_name: None, schemes, ecdsa, rsa, .. })) => {
            (schemes.iter().collect(), ecdsa, rsa)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn tls13_by_every_key() {
    for kind in KeyKind::SIGNING {
        let (mut tested, mut server) = asked13(ALL);
        let application = server.application();
        assert_eq!(asked_for(&tested), (ALL.to_vec(), true, true));
        let did = tested.answer(Answer::Credential(Some(credential(&chain(), kind)))).unwrap();
        assert_eq!(shape(&did), "certificate");
        let certificate = messages(&did).remove(0);
        let list = decode::<Certificate13<'_>>(&certificate);
        assert!(list.certificate_request_context.is_empty());
        let list: Vec<CertificateDer<'_>> =
            list.certificate_list.iter().map(|entry| entry.cert_data.into()).collect();
        assert_eq!(list, chain());
        server.transcript.add(&certificate);

        let Some(Need::Signature { scheme, message }) = tested.client.need() else { panic!("a signature") };
        let content = certificate_verify_content(Sender::Client, &server.transcript.hash());
        assert_eq!(message, &*content);
        let signature = sign(kind, scheme, message);
        let did = tested.answer(Answer::Signature(&signature)).unwrap();
        assert_eq!(shape(&did), "certificate_verify finished read write connected");
        let [verify, finished] = messages(&did).try_into().unwrap();
        let CertificateVerify { algorithm, signature } = decode(&verify);
        assert_eq!(algorithm, scheme);
        verify_under(kind, scheme, &content, signature);
        server.transcript.add(&verify);
        server.check_finished(&finished);
        let Did::Write(keys) = &did[3] else { panic!("write keys") };
        assert_eq!(keys.key.expose(), application.0.keys(server.suite).key.expose());
        assert!(tested.client.is_connected());
    }
}

#[test]
fn tls13_without_a_certificate() {
    let (mut tested, mut server) = asked13(ALL);
    let did = tested.answer(Answer::Credential(None)).unwrap();
    assert!(says_none_shown(&tested));
    assert_eq!(shape(&did), "certificate finished read write connected");
    let [certificate, finished] = messages(&did).try_into().unwrap();
    assert!(decode::<Certificate13<'_>>(&certificate).certificate_list.is_empty());
    server.transcript.add(&certificate);
    server.check_finished(&finished);
}

#[test]
fn tls13_what_cannot_be() {
    // Only the curve that the scheme names; PKCS#1 v1.5 never.
    for (kind, schemes) in [
        (KeyKind::P256, [S::ecdsa_secp384r1_sha384, S::ed25519]),
        (KeyKind::Rsa, [S::rsa_pkcs1_sha256, S::ecdsa_secp256r1_sha256]),
        (KeyKind::Ed25519, [S::rsa_pss_rsae_sha256, S::ecdsa_secp256r1_sha256]),
    ] {
        let (mut tested, _) = asked13(&schemes);
        let fault = tested.answer(Answer::Credential(Some(credential(&chain(), kind)))).err();
        assert_eq!(fault, Some(Fault::NoCommonScheme));
        tested.is_over();
    }
    // Which kinds of key would do.
    for (scheme, ecdsa, rsa) in [
        (S::rsa_pss_rsae_sha256, false, true),
        (S::rsa_pkcs1_sha256, false, false),
        (S::ed25519, true, false),
        (S::ecdsa_secp384r1_sha384, true, false),
    ] {
        assert_eq!(asked_for(&asked13(&[scheme]).0), (vec![scheme], ecdsa, rsa));
    }
    // Metadata that lie about the key do no harm: the scheme must fit it.
    let pair = chain();
    let lie = Credential::x509(&pair, KeyKind::P256, &[S::rsa_pss_rsae_sha384]);
    assert_eq!(asked13(ALL).0.answer(Answer::Credential(Some(lie))).err(), Some(Fault::NoCommonScheme));

    let (mut tested, _) = asked13(ALL);
    tested.answer(Answer::Credential(Some(credential(&chain(), KeyKind::P256)))).unwrap();
    assert_eq!(
        tested.answer(Answer::SignerFailed(SignError::Failed)).err(),
        Some(Fault::SignerFailed(SignerFault::Failed))
    );
    tested.is_over();
}

#[test]
fn tls12_by_every_key() {
    for kind in KeyKind::SIGNING {
        let (mut tested, mut server) = asked12(&[Kind::rsa_sign, Kind::ecdsa_sign], ALL);
        assert_eq!(asked_for(&tested), (ALL.to_vec(), true, true));
        let did = tested.answer(Answer::Credential(Some(credential(&chain(), kind)))).unwrap();
        assert_eq!(shape(&did), "log certificate client_key_exchange");
        let mut flight = messages(&did);
        let Some(Need::Signature { scheme, message }) = tested.client.need() else { panic!("a signature") };
        // Over all messages as they were, by a hash that is not the suite's.
        let expected = [server.transcript.messages(), &flight.concat()].concat();
        assert_eq!(message, expected);
        let signature = sign(kind, scheme, message);
        let did = tested.answer(Answer::Signature(&signature)).unwrap();
        assert_eq!(shape(&did), "certificate_verify change_cipher_spec write finished");
        flight.extend(messages(&did));
        server.client_flight(&flight, Some(Some(kind)));
        tested.input(Input::ChangeCipherSpec).unwrap();
        tested.message(&server.finished()).unwrap();
        assert!(tested.client.is_connected());
    }
}

#[test]
fn tls12_without_a_certificate() {
    let (mut tested, mut server) = asked12(&[Kind::rsa_sign], ALL);
    assert_eq!(asked_for(&tested), (ALL.to_vec(), false, true));
    let did = tested.answer(Answer::Credential(None)).unwrap();
    assert!(says_none_shown(&tested));
    assert_eq!(shape(&did), "log certificate client_key_exchange change_cipher_spec write finished");
    server.client_flight(&messages(&did), Some(None));
    tested.input(Input::ChangeCipherSpec).unwrap();
    tested.message(&server.finished()).unwrap();
    assert!(tested.client.is_connected());
}

#[test]
fn tls12_what_cannot_be() {
    let fails = |kinds: &[Kind], schemes: &[S], kind| {
        let (mut tested, _) = asked12(kinds, schemes);
        tested.answer(Answer::Credential(Some(credential(&chain(), kind)))).err()
    };
    assert_eq!(fails(&[Kind::rsa_sign], ALL, KeyKind::P256), Some(Fault::NoCommonScheme));
    assert_eq!(fails(&[Kind::ecdsa_sign], ALL, KeyKind::Rsa), Some(Fault::NoCommonScheme));
    assert_eq!(fails(&[Kind::ecdsa_sign], &[S::ed25519], KeyKind::P256), Some(Fault::NoCommonScheme));
    assert_eq!(fails(&[Kind::ecdsa_sign], &[S::ed25519], KeyKind::Ed25519), None);

    let (mut tested, _) = asked12(&[Kind::ecdsa_sign], ALL);
    tested.answer(Answer::Credential(Some(credential(&chain(), KeyKind::P256)))).unwrap();
    assert_eq!(
        tested.answer(Answer::SignerFailed(SignError::Failed)).err(),
        Some(Fault::SignerFailed(SignerFault::Failed))
    );
    tested.is_over();
}
