//! Raw public keys on either side, and the negotiation of certificate types: RFC 7250 §4,
//! RFC 8446 §4.4.2.

use handclasp_codec::{
    AlertDescription, Certificate13, CertificateEntry, CertificateEntryExtensions, CertificateRawPublicKey12,
    CertificateType, CertificateVerify, CipherSuite, Decode, Encode, EncryptedExtensions, Field,
    HandshakeType, List, NamedGroup, ServerHello, SignatureScheme, encode_handshake,
};
use handclasp_crypto::KeyKind;
use handclasp_handshake::{
    Answer, Certificates, ClientAuthentication, Config, Credential, CredentialRequest, Input, Need,
};
use handclasp_report::{Fault, Side, Tag};
use handclasp_schedule::{Sender, certificate_verify_content};
use rustls_pki_types::CertificateDer;

use super::{
    client_auth::{PEER, certificate13, key, sign},
    harness::{Harness, IDENTITY, chain, config},
    offer::Offer,
    peer12::Peer12,
    peer13::{Peer13, body},
};

const RAW: CertificateType = CertificateType::RawPublicKey;
const X509: CertificateType = CertificateType::X509;
const ECDSA: CipherSuite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;

/// A server that asks, and judges these types.
fn judging(types: &[CertificateType]) -> Config {
    let certificates = Certificates {
        client_authentication: ClientAuthentication::Required,
        peer_types: types.to_vec(),
        ..Certificates::default()
    };
    Config { certificates, ..config() }
}

fn offering(offer: Offer, server: &[CertificateType], client: &[CertificateType]) -> Offer {
    let list = |types: &[CertificateType]| (!types.is_empty()).then(|| types.to_vec());
    Offer { server_types: list(server), client_types: list(client), ..offer }
}

/// Shows a raw key, or the chain.
fn show(harness: &mut Harness, certificate_type: CertificateType) -> Result<(), Fault> {
    let raw = vec![CertificateDer::from(harness.key.public_key().to_vec())];
    let chain = if certificate_type == RAW { raw } else { chain() };
    let schemes = harness.key.schemes().to_vec();
    let plain = Credential::x509(&chain, harness.kind, &schemes);
    harness.answer(Answer::Credential(Some(Credential { certificate_type, ..plain })))
}

fn wanted_types(harness: &Harness) -> Vec<CertificateType> {
    let Some(Need::Credential(CredentialRequest { types, .. })) = harness.server.need() else {
        panic!("a credential")
    };
    types.iter().collect()
}

fn believe_raw(harness: &mut Harness, kind: KeyKind) {
    let Some(Need::PeerCertificate { index: 0, der, certificate_type: RAW, last: true }) =
        harness.server.need()
    else {
        panic!("one raw key")
    };
    assert_eq!(der, key(kind).public_key());
    let spki = der.to_vec();
    harness.answer(Answer::PeerAccepted { spki: &spki, identity: PEER }).unwrap();
}

fn verify(algorithm: SignatureScheme, signature: &[u8]) -> Vec<u8> {
    let (mut out, value) = (Vec::new(), CertificateVerify { algorithm, signature });
    encode_handshake(&mut out, HandshakeType::certificate_verify, |writer| value.encode(writer)).unwrap();
    out
}

#[test]
fn tls13_both_sides() {
    let kind = KeyKind::Ed25519;
    let mut harness = Harness::new(judging(&[RAW]));
    let mut peer = Peer13::new(offering(Offer::new(), &[RAW, X509], &[X509, RAW]), NamedGroup::x25519);
    harness.message(&peer.hello()).unwrap();
    assert_eq!(wanted_types(&harness), [RAW, X509]);
    show(&mut harness, RAW).unwrap();
    harness.answer_signature().unwrap();
    peer.read(&harness);
    let extensions = body(harness.sent(HandshakeType::encrypted_extensions));
    let extensions = EncryptedExtensions::from_bytes(extensions, Field::encrypted_extensions).unwrap();
    assert_eq!(extensions.extensions.server_certificate_type, Some(RAW));
    assert_eq!(extensions.extensions.client_certificate_type, Some(RAW));
    let shown = body(harness.sent(HandshakeType::certificate));
    let shown = Certificate13::from_bytes(shown, Field::certificate).unwrap().certificate_list;
    let keys: Vec<_> = shown.iter().map(|entry| entry.cert_data).collect();
    assert_eq!(keys, [harness.key.public_key()]);

    let certificate = certificate13(&[key(kind).public_key().into()]);
    harness.message(&certificate).unwrap();
    peer.transcript.add(&certificate);
    believe_raw(&mut harness, kind);
    let content = certificate_verify_content(Sender::Client, &peer.transcript.hash());
    let scheme = key(kind).schemes()[0];
    let verify = verify(scheme, &sign(kind, scheme, &content));
    harness.message(&verify).unwrap();
    peer.transcript.add(&verify);
    harness.message(&peer.finished()).unwrap();
    assert_eq!(harness.connected().peer, Some(PEER.with_certificate_type(RAW)));
    for side in [Side::Server, Side::Client] {
        assert_eq!(harness.noted(side, Tag::CertificateType), Some(vec![RAW.0]));
    }
}

fn certificate12(key: &[u8]) -> Vec<u8> {
    let (mut out, value) = (Vec::new(), CertificateRawPublicKey12 { asn1_subject_public_key_info: key });
    encode_handshake(&mut out, HandshakeType::certificate, |writer| value.encode(writer)).unwrap();
    out
}

/// A server of TLS 1.2 whose flight is out, with raw keys for both.
fn asked12(config: Config) -> (Harness, Peer12, Vec<u8>) {
    let mut harness = Harness::new(config);
    let mut peer = Peer12::new(offering(Offer::tls12_with(&[ECDSA]), &[RAW], &[RAW]));
    harness.message(&peer.hello()).unwrap();
    assert_eq!(wanted_types(&harness), [RAW]);
    show(&mut harness, RAW).unwrap();
    harness.answer_signature().unwrap();
    let exchange = peer.key_exchange(&harness, IDENTITY);
    (harness, peer, exchange)
}

#[test]
fn tls12_both_sides() {
    let kind = KeyKind::P384;
    let (mut harness, mut peer, exchange) = asked12(judging(&[RAW, X509]));
    let hello = body(harness.sent(HandshakeType::server_hello));
    let hello = ServerHello::from_bytes(hello, Field::server_hello).unwrap();
    assert_eq!(hello.extensions.server_certificate_type, Some(RAW));
    assert_eq!(hello.extensions.client_certificate_type, Some(RAW));
    let shown = body(harness.sent(HandshakeType::certificate));
    let shown = CertificateRawPublicKey12::from_bytes(shown, Field::certificate).unwrap();
    assert_eq!(shown.asn1_subject_public_key_info, harness.key.public_key());

    let certificate = certificate12(key(kind).public_key());
    harness.message(&certificate).unwrap();
    peer.add(&certificate);
    believe_raw(&mut harness, kind);
    harness.message(&exchange).unwrap();
    peer.derive(&exchange, true);
    let scheme = key(kind).schemes()[0];
    let verify = verify(scheme, &sign(kind, scheme, peer.messages()));
    harness.message(&verify).unwrap();
    peer.add(&verify);
    let (finished, _) = peer.finished();
    harness.input(Input::ChangeCipherSpec).unwrap();
    harness.message(&finished).unwrap();
    assert_eq!(harness.connected().peer, Some(PEER.with_certificate_type(RAW)));
}

#[test]
fn a_client_without_a_key() {
    let (mut harness, ..) = asked12(judging(&[RAW]));
    let fault = harness.message(&certificate12(&[])).unwrap_err();
    assert!(matches!(fault, Fault::NoCertificate { .. }));
}

/// What comes of a hello and the server's own credential.
fn shown(server: Config, offer: Offer, own: CertificateType) -> Result<(), Fault> {
    let mut harness = Harness::new(server);
    let mut peer = Peer13::new(offer, NamedGroup::x25519);
    harness.message(&peer.hello())?;
    show(&mut harness, own)
}

#[test]
fn types_without_a_common_one() {
    let none = Err(Fault::NoCommonCertificateType);
    assert_eq!(Fault::NoCommonCertificateType.alert(), Some(AlertDescription::unsupported_certificate));
    let offers = |server: &[CertificateType], client: &[CertificateType]| {
        let old = Offer { shares: None, ..Offer::tls12_with(&[ECDSA]) };
        [offering(Offer::new(), server, client), offering(old, server, client)]
    };
    for offer in offers(&[], &[]) {
        assert_eq!(shown(config(), offer.clone(), RAW), none);
        assert_eq!(shown(judging(&[RAW]), offer.clone(), X509), none, "the client can only show X.509");
        assert_eq!(shown(judging(&[RAW, X509]), offer, X509), Ok(()));
    }
    for offer in offers(&[RAW], &[]) {
        assert_eq!(shown(config(), offer.clone(), X509), none);
        assert_eq!(shown(config(), offer, RAW), Ok(()));
    }
    for offer in offers(&[X509, RAW], &[RAW]) {
        assert_eq!(shown(config(), offer.clone(), X509), Ok(()), "nobody asks the client");
        assert_eq!(shown(judging(&[X509]), offer.clone(), X509), none);
        assert_eq!(shown(judging(&[X509, RAW]), offer, X509), Ok(()));
    }
}

#[test]
fn a_raw_key_stands_alone() {
    let mut harness = Harness::new(judging(&[RAW]));
    let mut peer = Peer13::new(offering(Offer::new(), &[], &[RAW]), NamedGroup::x25519);
    harness.message(&peer.hello()).unwrap();
    show(&mut harness, X509).unwrap();
    harness.answer_signature().unwrap();
    peer.read(&harness);
    let entry = CertificateEntry { cert_data: b"key", extensions: CertificateEntryExtensions::default() };
    let two = [entry.clone(), entry];
    let (mut message, list) = (Vec::new(), List::of(&two));
    let certificate = Certificate13 { certificate_request_context: &[], certificate_list: list };
    encode_handshake(&mut message, HandshakeType::certificate, |writer| certificate.encode(writer)).unwrap();
    assert_eq!(harness.message(&message), Err(Fault::IllegalParameter(Field::certificate_list)));
}
