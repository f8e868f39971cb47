//! What a client says about certificates beyond signature_algorithms, and the answers: raw public
//! keys (RFC 7250 §4, RFC 8446 §4.4.2), signature_algorithms_cert and certificate_authorities
//! (§4.2.3, §4.2.4).

use handclasp_codec::{
    Certificate13, CertificateType, ClientHello, ExtensionType as X, HandshakeType as Type,
    SignatureScheme as S,
};
use handclasp_crypto::KeyKind;
use handclasp_handshake::{Answer, Certificates, Config, Credential, CredentialRequest, Input, Need};
use handclasp_report::{Choice, Fault, Side, Tag};
use rustls_pki_types::CertificateDer;

use crate::{
    fake::{extensions, message, vector8, vector16, vector24},
    fake12::{Fake12, sign},
    fake13::{Fake13, decode},
    setup::{IDENTITY, NO_PSK, Tested, WITH_PSK, config, credential, key, messages, only12, only13, start},
};

const RAW: CertificateType = CertificateType::RawPublicKey;
const X509: CertificateType = CertificateType::X509;

fn with(config: Config, own: &[CertificateType], peer: &[CertificateType]) -> Config {
    let certificates = Certificates {
        own_types: own.to_vec(),
        peer_types: peer.to_vec(),
        authorities: vec![b"one".to_vec()],
        schemes: vec![S::rsa_pkcs1_sha256],
        ..Certificates::default()
    };
    Config { certificates, ..config }
}

#[test]
fn nothing_is_said_that_goes_without_saying() {
    let silent = [X::client_certificate_type, X::server_certificate_type];
    for config in [config(), with(config(), &[X509], &[X509])] {
        let (_, hello) = start(config, NO_PSK);
        let hello: ClientHello<'_> = decode(&hello);
        assert!(hello.extensions.types().all(|found| !silent.contains(&found)));
    }
    // With a pre-shared key there are no certificates.
    let (_, hello) = start(with(only13(), &[RAW], &[RAW]), WITH_PSK);
    let offer = decode::<ClientHello<'_>>(&hello).extensions;
    assert!(offer.client_certificate_type.is_none() && offer.server_certificate_type.is_none());
    assert!(offer.certificate_authorities.is_none() && offer.signature_algorithms_cert.is_none());
}

#[test]
fn what_is_said() {
    let (_, hello) = start(with(config(), &[RAW], &[RAW, X509]), NO_PSK);
    let offer = decode::<ClientHello<'_>>(&hello).extensions;
    let types = offer.client_certificate_type.unwrap().certificate_types;
    assert_eq!(types.iter().collect::<Vec<_>>(), [RAW]);
    let types = offer.server_certificate_type.unwrap().certificate_types;
    assert_eq!(types.iter().collect::<Vec<_>>(), [RAW, X509]);
    let schemes = offer.signature_algorithms_cert.unwrap().supported_signature_algorithms;
    assert_eq!(schemes.iter().collect::<Vec<_>>(), [S::rsa_pkcs1_sha256]);
    assert_eq!(offer.certificate_authorities.unwrap().authorities.iter().count(), 1);
    // Authorities are told in TLS 1.3 only.
    let (_, hello) = start(with(only12(), &[], &[]), NO_PSK);
    assert!(decode::<ClientHello<'_>>(&hello).extensions.certificate_authorities.is_none());
}

fn believe_raw(tested: &mut Tested, kind: KeyKind) {
    let Some(Need::PeerCertificate { index: 0, der, certificate_type: RAW, last: true }) =
        tested.client.need()
    else {
        panic!("one raw key")
    };
    let spki = der.to_vec();
    assert_eq!(spki, key(kind).public_key());
    tested.answer(Answer::PeerAccepted { spki: &spki, identity: IDENTITY }).unwrap();
}

fn raw<'a>(kind: KeyKind, keys: &'a [CertificateDer<'static>]) -> Credential<'a> {
    Credential { certificate_type: RAW, ..credential(keys, kind) }
}

#[test]
fn tls13_both_sides() {
    let (kind, spki) = (KeyKind::P256, key(KeyKind::P256).public_key());
    let (mut tested, hello) = start(with(config(), &[RAW, X509], &[RAW]), NO_PSK);
    let mut server = Fake13::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    let answers = vec![(X::client_certificate_type, vec![2]), (X::server_certificate_type, vec![2])];
    tested.message(&server.encrypted_extensions(answers)).unwrap();
    tested.message(&server.certificate_request(&[S::ecdsa_secp256r1_sha256])).unwrap();
    let entry = [vector24(spki), extensions(&[])].concat();
    let certificate = message(Type::certificate, &[vector8(&[]), vector24(&entry)].concat());
    server.transcript.add(&certificate);
    tested.message(&certificate).unwrap();
    believe_raw(&mut tested, kind);
    tested.message(&server.certificate_verify(kind, S::ecdsa_secp256r1_sha256)).unwrap();
    tested.message(&server.finished()).unwrap();

    let Some(Need::Credential(CredentialRequest { types, .. })) = tested.client.need() else {
        panic!("a credential")
    };
    assert_eq!(types.iter().collect::<Vec<_>>(), [RAW]);
    let keys = [CertificateDer::from(spki.to_vec())];
    let did = tested.answer(Answer::Credential(Some(raw(kind, &keys)))).unwrap();
    let sent = messages(&did).remove(0);
    let sent = decode::<Certificate13<'_>>(&sent).certificate_list;
    assert_eq!(sent.iter().map(|entry| entry.cert_data).collect::<Vec<_>>(), [spki]);
    for side in [Side::Client, Side::Server] {
        let noted = tested.report.items().find(|item| item.tag == Tag::CertificateType && item.from == side);
        assert_eq!(noted.unwrap().bytes, [RAW.0]);
    }
}

#[test]
fn tls12_both_sides() {
    let (kind, spki) = (KeyKind::P256, key(KeyKind::P256).public_key());
    let (mut tested, hello) = start(with(only12(), &[RAW], &[RAW]), NO_PSK);
    let mut server = Fake12::new(&hello);
    let answered = server.edited_server_hello(|hello| {
        hello.set(X::client_certificate_type, vec![2]);
        hello.set(X::server_certificate_type, vec![2]);
    });
    tested.message(&answered).unwrap();
    let certificate = message(Type::certificate, &vector24(spki));
    server.transcript.add(&certificate);
    tested.message(&certificate).unwrap();
    believe_raw(&mut tested, kind);
    tested.message(&server.server_key_exchange(kind)).unwrap();
    let kinds = [handclasp_codec::ClientCertificateType::ecdsa_sign];
    tested.message(&server.certificate_request(&kinds, &[S::ecdsa_secp256r1_sha256])).unwrap();
    tested.message(&server.server_hello_done()).unwrap();
    let keys = [CertificateDer::from(spki.to_vec())];
    let mut flight = messages(&tested.answer(Answer::Credential(Some(raw(kind, &keys)))).unwrap());
    assert_eq!(flight[0], certificate);
    let Some(Need::Signature { scheme, message }) = tested.client.need() else { panic!("a signature") };
    let signature = sign(kind, scheme, message);
    flight.extend(messages(&tested.answer(Answer::Signature(&signature)).unwrap()));
    flight.iter().for_each(|message| server.transcript.add(message));
    assert!(tested.input(Input::ChangeCipherSpec).is_ok());
}

/// A client of TLS 1.3 hears these EncryptedExtensions, and then a certificate.
fn answered(config: Config, answers: Vec<(X, Vec<u8>)>) -> Option<Fault> {
    let (mut tested, hello) = start(config, NO_PSK);
    let mut server = Fake13::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    let refused = tested.message(&server.encrypted_extensions(answers)).err();
    refused.or_else(|| tested.message(&server.certificate()).err())
}

#[test]
fn answers_that_cannot_be() {
    let server = |number: u8| vec![(X::server_certificate_type, vec![number])];
    let client = |number: u8| vec![(X::client_certificate_type, vec![number])];
    let not_offered = |found: u16| Some(Fault::NotOffered { choice: Choice::CertificateType, found });
    assert_eq!(answered(config(), server(2)), Some(Fault::UnsolicitedExtension(X::server_certificate_type)));
    assert_eq!(answered(config(), client(2)), Some(Fault::UnsolicitedExtension(X::client_certificate_type)));
    let raw_only = || with(config(), &[RAW], &[RAW]);
    assert_eq!(answered(raw_only(), server(0)), not_offered(0));
    assert_eq!(answered(raw_only(), client(1)), not_offered(1));
    // A server that knows nothing of it shows X.509, which this client cannot judge.
    assert_eq!(answered(raw_only(), vec![]), Some(Fault::NoCommonCertificateType));
    assert_eq!(answered(with(config(), &[RAW], &[RAW, X509]), vec![]), None);
    // The chain of two is no raw key.
    let both = with(config(), &[], &[RAW, X509]);
    let fault = answered(both, server(2));
    assert_eq!(fault, Some(Fault::IllegalParameter(handclasp_codec::Field::certificate_list)));
}

#[test]
fn a_credential_of_another_type() {
    let (mut tested, hello) = start(with(config(), &[RAW], &[]), NO_PSK);
    let mut server = Fake13::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    let names = vector16(&[vector16(b"one"), vector16(b"other")].concat());
    let schemes = |schemes: &[S]| {
        vector16(&schemes.iter().flat_map(|scheme| scheme.0.to_be_bytes()).collect::<Vec<_>>())
    };
    let list = vec![
        (X::signature_algorithms, schemes(&[S::ecdsa_secp256r1_sha256])),
        (X::signature_algorithms_cert, schemes(&[S::ed25519])),
        (X::certificate_authorities, names),
    ];
    let request = message(Type::certificate_request, &[vector8(&[]), extensions(&list)].concat());
    server.transcript.add(&request);
    tested.message(&request).unwrap();
    tested.message(&server.certificate()).unwrap();
    tested.accept(KeyKind::P256).unwrap();
    tested.message(&server.certificate_verify(KeyKind::P256, S::ecdsa_secp256r1_sha256)).unwrap();
    tested.message(&server.finished()).unwrap();
    let Some(Need::Credential(wanted)) = tested.client.need() else { panic!("a credential") };
    // A server that does not answer means X.509.
    assert_eq!(wanted.types.iter().collect::<Vec<_>>(), [X509]);
    assert_eq!(wanted.authorities.iter().map(|name| name.0).collect::<Vec<_>>(), [&b"one"[..], b"other"]);
    assert_eq!(wanted.schemes_cert.unwrap().iter().collect::<Vec<_>>(), [S::ed25519]);
    assert_eq!(wanted.scheme(KeyKind::P256, &[S::ecdsa_secp256r1_sha256]), Some(S::ecdsa_secp256r1_sha256));
    assert_eq!(wanted.scheme(KeyKind::Rsa, &[S::rsa_pss_rsae_sha256]), None);
    let keys = [CertificateDer::from(&b"key"[..])];
    let fault = tested.answer(Answer::Credential(Some(raw(KeyKind::P256, &keys)))).err();
    assert_eq!(fault, Some(Fault::NoCommonCertificateType));
}

#[test]
fn an_issuer_that_is_not_listed_is_told() {
    let (mut tested, hello) = start(config(), NO_PSK);
    let mut server = Fake13::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    tested.message(&server.certificate_request(&[S::ecdsa_secp256r1_sha256])).unwrap();
    tested.message(&server.certificate()).unwrap();
    tested.accept(KeyKind::P256).unwrap();
    tested.message(&server.certificate_verify(KeyKind::P256, S::ecdsa_secp256r1_sha256)).unwrap();
    tested.message(&server.finished()).unwrap();
    let chain = crate::setup::chain();
    let unlisted = Credential { listed: false, ..credential(&chain, KeyKind::P256) };
    tested.answer(Answer::Credential(Some(unlisted))).unwrap();
    assert!(tested.report.items().any(|item| item.tag == Tag::IssuerNotListed && item.from == Side::Client));
}

#[test]
fn the_kept_messages_have_a_limit() {
    let mut config = only12();
    config.certificates.transcript_limit = 500;
    let (mut tested, hello) = start(config, NO_PSK);
    let mut server = Fake12::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    let long = message(Type::certificate, &vector24(&vector24(&[1; 500])));
    let fault = tested.message(&long).err();
    let too_large = |fault| matches!(fault, Some(Fault::MessageTooLarge { message: Type::certificate, .. }));
    assert!(too_large(fault), "{fault:?}");
}
