//! Clients that are asked for a certificate: RFC 8446 §4.3.2 §4.4, RFC 5246 §7.4.4 §7.4.6
//! §7.4.8. Every key with every scheme, and every refusal, in both versions.

use std::sync::LazyLock;

use handclasp_codec::{
    AlertDescription, Asn1Cert, Certificate12, Certificate13, CertificateEntry, CertificateEntryExtensions,
    CertificateRequest12, CertificateRequest13, CertificateVerify, CipherSuite, ClientCertificateType,
    Decode, Encode, Field, HandshakeType, List, NamedGroup, ProtocolVersion, SignatureScheme as S,
    encode_handshake,
};
use handclasp_crypto::{KeyEncoding, KeyKind, SigningKey};
use handclasp_handshake::{
    Answer, Certificates, ClientAuthentication, Config, Input, Need, PeerIdentity, PskHash,
};
use handclasp_provider_aws_lc as provider;
use handclasp_report::{Fault, Side, Tag};
use handclasp_schedule::{Sender, certificate_verify_content};
use rustls_pki_types::CertificateDer;

use super::{
    harness::{Harness, IDENTITY, chain, config, config_with},
    offer::Offer,
    peer12::Peer12,
    peer13::{Peer13, body},
};

pub(super) const PEER: PeerIdentity = PeerIdentity::new([9; 32], Some(2_000_000_000));

/// One key of each kind, made once.
pub(super) fn key(kind: KeyKind) -> &'static dyn SigningKey {
    static KEYS: LazyLock<Vec<(KeyKind, Box<dyn SigningKey>)>> = LazyLock::new(|| {
        let load = |kind| {
            let der = provider::KEYS.generate(kind, &mut provider::SystemRandom).unwrap();
            (kind, provider::KEYS.load(KeyEncoding::Pkcs8, &der).unwrap())
        };
        KeyKind::SIGNING.into_iter().map(load).collect()
    });
    &*KEYS.iter().find(|(each, _)| *each == kind).unwrap().1
}

/// A server that asks.
pub(super) fn asking(client_authentication: ClientAuthentication) -> Config {
    let certificates = Certificates {
        client_authentication,
        authorities: vec![b"one".to_vec(), b"two".to_vec()],
        ..Certificates::default()
    };
    Config { certificates, ..config() }
}

pub(super) fn required() -> Config {
    asking(ClientAuthentication::Required)
}

pub(super) fn message(of: HandshakeType, value: &impl Encode) -> Vec<u8> {
    let mut out = Vec::new();
    encode_handshake(&mut out, of, |writer| value.encode(writer)).unwrap();
    out
}

/// A Certificate of TLS 1.3.
pub(super) fn certificate13(chain: &[CertificateDer<'_>]) -> Vec<u8> {
    let entry = |der| CertificateEntry { cert_data: der, extensions: CertificateEntryExtensions::default() };
    let entries: Vec<_> = chain.iter().map(|der| entry(der.as_ref())).collect();
    let list = List::of(&entries);
    message(
        HandshakeType::certificate,
        &Certificate13 { certificate_request_context: &[], certificate_list: list },
    )
}

/// A Certificate of TLS 1.2.
pub(super) fn certificate12(chain: &[CertificateDer<'_>]) -> Vec<u8> {
    let entries: Vec<_> = chain.iter().map(|der| Asn1Cert(der)).collect();
    message(HandshakeType::certificate, &Certificate12 { certificate_list: List::of(&entries) })
}

pub(super) fn verify(algorithm: S, signature: &[u8]) -> Vec<u8> {
    message(HandshakeType::certificate_verify, &CertificateVerify { algorithm, signature })
}

pub(super) fn sign(kind: KeyKind, scheme: S, content: &[u8]) -> Vec<u8> {
    key(kind).sign(scheme, content, &mut provider::SystemRandom).unwrap()
}

/// A CertificateVerify by the first scheme of the key.
pub(super) fn signed(kind: KeyKind, content: &[u8]) -> Vec<u8> {
    let scheme = key(kind).schemes()[0];
    verify(scheme, &sign(kind, scheme, content))
}

/// A server of TLS 1.3 that has sent its flight.
pub(super) fn asked13(config: Config, offer: Offer) -> (Harness, Peer13) {
    let mut harness = Harness::new(config);
    let mut peer = Peer13::new(offer, NamedGroup::x25519);
    harness.message(&peer.hello()).unwrap();
    harness.answer_credential().unwrap();
    harness.answer_signature().unwrap();
    peer.read(&harness);
    (harness, peer)
}

/// A server of TLS 1.2 that has sent its flight, and a ClientKeyExchange for it.
pub(super) fn asked12(config: Config, suite: CipherSuite) -> (Harness, Peer12, Vec<u8>) {
    let mut harness = Harness::new(config);
    let mut peer = Peer12::new(Offer::tls12_with(&[suite]));
    harness.message(&peer.hello()).unwrap();
    harness.answer_credential().unwrap();
    harness.answer_signature().unwrap();
    let exchange = peer.key_exchange(&harness, IDENTITY);
    (harness, peer, exchange)
}

pub(super) const ECDSA: CipherSuite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;

/// Looks at both certificates and believes the key.
pub(super) fn believe(harness: &mut Harness, kind: KeyKind) -> Result<(), Fault> {
    for (place, expected) in chain().iter().enumerate() {
        let Some(Need::PeerCertificate { index, der, last, .. }) = harness.server.need() else {
            panic!("a certificate to look at")
        };
        assert_eq!((index, der, last), (place, expected.as_ref(), place == 1));
        if !last {
            harness.answer(Answer::CertificateNoted)?;
        }
    }
    harness.answer(Answer::PeerAccepted { spki: key(kind).public_key(), identity: PEER })
}

/// A client of TLS 1.3 whose certificate is accepted; what it is to sign.
pub(super) fn believed13(kind: KeyKind) -> (Harness, Peer13, Vec<u8>) {
    let (mut harness, mut peer) = asked13(required(), Offer::new());
    let certificate = certificate13(&chain());
    harness.message(&certificate).unwrap();
    peer.transcript.add(&certificate);
    believe(&mut harness, kind).unwrap();
    let content = certificate_verify_content(Sender::Client, &peer.transcript.hash()).to_vec();
    (harness, peer, content)
}

/// The same in TLS 1.2.
pub(super) fn believed12(kind: KeyKind, suite: CipherSuite) -> (Harness, Peer12, Vec<u8>) {
    let (mut harness, mut peer, exchange) = asked12(required(), suite);
    let certificate = certificate12(&chain());
    harness.message(&certificate).unwrap();
    peer.add(&certificate);
    believe(&mut harness, kind).unwrap();
    harness.message(&exchange).unwrap();
    peer.derive(&exchange, true);
    let content = peer.messages().to_vec();
    (harness, peer, content)
}

fn finish12(harness: &mut Harness, peer: &mut Peer12) {
    let (finished, expected) = peer.finished();
    harness.input(Input::ChangeCipherSpec).unwrap();
    harness.message(&finished).unwrap();
    assert_eq!(body(harness.sent(HandshakeType::finished)), expected);
}

/// Who it was, and what the report keeps of it.
fn is_known(harness: &Harness, scheme: S) {
    assert!(harness.server.is_connected());
    assert_eq!(harness.connected().peer, Some(PEER));
    assert_eq!(harness.noted(Side::Server, Tag::CertificateRequest), Some(Vec::new()));
    assert!(harness.noted(Side::Server, Tag::Schemes).unwrap().len() >= 20);
    assert_eq!(harness.noted(Side::Client, Tag::ChosenScheme), Some(scheme.0.to_be_bytes().to_vec()));
    assert_eq!(harness.noted(Side::Client, Tag::CertificateKey).unwrap()[1..], [9; 32]);
}

#[cfg(feature = "default")]
#[test]
fn tls13_every_key_by_every_scheme() {
    for kind in KeyKind::SIGNING {
        // A curve is bound to the first of its hashes.
        let bound: &[S] = match kind {
            KeyKind::Rsa => &[S::rsa_pss_rsae_sha256, S::rsa_pss_rsae_sha384, S::rsa_pss_rsae_sha512],
            _ => &key(kind).schemes()[..1],
        };
        for scheme in key(kind).schemes().iter().filter(|scheme| !bound.contains(scheme)) {
            let (mut harness, _, content) = believed13(kind);
            let verify = verify(*scheme, &sign(kind, *scheme, &content));
            assert!(harness.message(&verify).is_err(), "{scheme} under {kind:?}");
        }
        for scheme in bound {
            let (mut harness, mut peer, content) = believed13(kind);
            let verify = verify(*scheme, &sign(kind, *scheme, &content));
            harness.message(&verify).unwrap();
            peer.transcript.add(&verify);
            assert!(!harness.server.is_connected());
            harness.message(&peer.finished()).unwrap();
            is_known(&harness, *scheme);
        }
    }
}

#[cfg(feature = "default")]
#[test]
fn tls12_every_key_by_every_scheme() {
    // The signature's hash is not the suite's.
    for suite in [ECDSA, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384] {
        for kind in KeyKind::SIGNING {
            for scheme in key(kind).schemes() {
                let (mut harness, mut peer, content) = believed12(kind, suite);
                let verify = verify(*scheme, &sign(kind, *scheme, &content));
                harness.message(&verify).unwrap();
                peer.add(&verify);
                finish12(&mut harness, &mut peer);
                is_known(&harness, *scheme);
            }
        }
    }
}

#[cfg(feature = "default")]
#[test]
fn what_is_asked_for() {
    let (harness, _) = asked13(required(), Offer::new());
    assert!(harness.story().ends_with(&[
        "encrypted_extensions",
        "certificate_request",
        "certificate",
        "certificate_verify",
        "finished",
        "write keys"
    ]));
    let request = body(harness.sent(HandshakeType::certificate_request));
    let request = CertificateRequest13::from_bytes(request, Field::certificate_request).unwrap();
    assert!(request.certificate_request_context.is_empty());
    let schemes = request.extensions.signature_algorithms.unwrap().supported_signature_algorithms;
    assert!(schemes.contains(&S::ed25519) && schemes.contains(&S::rsa_pkcs1_sha256));
    let names = request.extensions.certificate_authorities.unwrap().authorities;
    assert_eq!(names.iter().map(|name| name.0).collect::<Vec<_>>(), [b"one", b"two"]);
    assert!(request.extensions.signature_algorithms_cert.is_none());

    let (harness, ..) = asked12(required(), ECDSA);
    assert_eq!(
        harness.story(),
        ["server_hello", "certificate", "server_key_exchange", "certificate_request", "server_hello_done"]
    );
    let request = body(harness.sent(HandshakeType::certificate_request));
    let request = CertificateRequest12::from_bytes(request, Field::certificate_request).unwrap();
    let types: Vec<_> = request.certificate_types.iter().collect();
    assert_eq!(types, [ClientCertificateType::ecdsa_sign, ClientCertificateType::rsa_sign]);
    assert!(request.supported_signature_algorithms.contains(&S::rsa_pkcs1_sha256));
    assert_eq!(request.certificate_authorities.iter().count(), 2);
}

#[cfg(feature = "default")]
#[test]
fn the_client_names_authorities_in_either_version() {
    for versions in [None, Some(vec![ProtocolVersion::TLS_1_2])] {
        let mut harness = Harness::new(config());
        let offer = Offer { authorities: vec![b"one"], versions, ..Offer::tls12_with(&[ECDSA]) };
        harness.message(&Peer12::new(offer).hello()).unwrap();
        let Some(Need::Credential(wanted)) = harness.server.need() else { panic!("a credential") };
        assert_eq!(wanted.authorities.iter().map(|name| name.0).collect::<Vec<_>>(), [b"one"]);
    }
}

#[cfg(feature = "default")]
#[test]
fn schemes_of_certificates_are_told_apart_where_they_differ() {
    let mut config = required();
    config.certificates.schemes = vec![S::rsa_pkcs1_sha256];
    let (harness, _) = asked13(config, Offer::new());
    let request = body(harness.sent(HandshakeType::certificate_request));
    let request = CertificateRequest13::from_bytes(request, Field::certificate_request).unwrap();
    let schemes = request.extensions.signature_algorithms_cert.unwrap().supported_signature_algorithms;
    assert_eq!(schemes.iter().collect::<Vec<_>>(), [S::rsa_pkcs1_sha256]);
}

#[cfg(feature = "default")]
#[test]
fn without_a_certificate() {
    let (mut harness, mut peer) = asked13(asking(ClientAuthentication::Offered), Offer::new());
    harness.message(&certificate13(&[])).unwrap();
    peer.transcript.add(&certificate13(&[]));
    harness.message(&peer.finished()).unwrap();
    assert_eq!(harness.connected().peer, None);

    let (mut harness, mut peer, exchange) = asked12(asking(ClientAuthentication::Offered), ECDSA);
    harness.message(&certificate12(&[])).unwrap();
    peer.add(&certificate12(&[]));
    harness.message(&exchange).unwrap();
    peer.derive(&exchange, true);
    finish12(&mut harness, &mut peer);
    assert_eq!(harness.connected().peer, None);

    let (mut harness, _) = asked13(required(), Offer::new());
    let fault = harness.message(&certificate13(&[])).unwrap_err();
    assert_eq!(fault, Fault::NoCertificate { version: ProtocolVersion::TLS_1_3 });
    assert_eq!(fault.alert(), Some(AlertDescription::certificate_required));

    let (mut harness, ..) = asked12(required(), ECDSA);
    let fault = harness.message(&certificate12(&[])).unwrap_err();
    assert_eq!(fault, Fault::NoCertificate { version: ProtocolVersion::TLS_1_2 });
    assert_eq!(fault.alert(), Some(AlertDescription::handshake_failure));
}

#[cfg(feature = "default")]
#[test]
fn who_holds_a_shared_key_is_not_asked() {
    let mut harness = Harness::new(required());
    let mut peer = Peer13::new(Offer::new().psk(provider::SHA256), NamedGroup::x25519);
    harness.message(&peer.hello()).unwrap();
    harness.answer_psk(0, PskHash::Sha256).unwrap();
    let finished = peer.finish(&harness);
    harness.message(&finished).unwrap();
    assert!(harness.server.is_connected() && !harness.story().contains(&"certificate_request"));

    let suite = CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256;
    let certificates = required().certificates;
    let mut harness = Harness::new(Config { certificates, ..config_with(&[suite]) });
    let mut peer = Peer12::new(Offer::tls12_with(&[suite]));
    harness.message(&peer.hello()).unwrap();
    let exchange = peer.key_exchange(&harness, IDENTITY);
    harness.message(&exchange).unwrap();
    harness.answer_psk(0, PskHash::Sha256).unwrap();
    peer.derive(&exchange, true);
    finish12(&mut harness, &mut peer);
    assert!(!harness.story().contains(&"certificate_request"));
}

#[cfg(feature = "default")]
#[test]
fn after_a_hello_retry_request() {
    let mut harness = Harness::new(required());
    let mut peer = Peer13::new(Offer::new(), NamedGroup::x25519);
    peer.offer.shares = Some(Vec::new());
    harness.message(&peer.hello()).unwrap();
    peer.retry(&harness);
    harness.message(&peer.hello()).unwrap();
    harness.answer_credential().unwrap();
    harness.answer_signature().unwrap();
    peer.read(&harness);
    let certificate = certificate13(&chain());
    harness.message(&certificate).unwrap();
    peer.transcript.add(&certificate);
    believe(&mut harness, KeyKind::Ed25519).unwrap();
    let content = certificate_verify_content(Sender::Client, &peer.transcript.hash());
    let verify = verify(S::ed25519, &sign(KeyKind::Ed25519, S::ed25519, &content));
    harness.message(&verify).unwrap();
    peer.transcript.add(&verify);
    harness.message(&peer.finished()).unwrap();
    is_known(&harness, S::ed25519);
}
