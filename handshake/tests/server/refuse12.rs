//! What a server of TLS 1.2 refuses.

use handclasp_codec::{CipherSuite, ECPointFormat, Field, HandshakeType, NamedGroup, SignatureScheme};
use handclasp_crypto::{ExchangeError, KeyExchange, KeyKind, PrivateShare, Random, SignError};
use handclasp_report::{Fault, Misuse, ShareFault, SignerFault};

use super::{
    harness::{Harness, IDENTITY, config, config_with, finished_length, finished_numbers},
    offer::Offer,
    peer12::Peer12,
    peer13::finished,
};
use handclasp_handshake::{Answer, Config, Credential, ExtendedMasterSecret, Input, PskAnswer, PskHash};

const ECDSA: CipherSuite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
const RSA: CipherSuite = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
const PSK: CipherSuite = CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256;

fn refused_by(config: Config, offer: Offer) -> Fault {
    Harness::new(config).message(&Peer12::new(offer).hello()).unwrap_err()
}

fn refused(offer: Offer) -> Fault {
    refused_by(config(), offer)
}

#[test]
fn rules_of_the_hello() {
    let offer = Offer { compression: vec![1], ..Offer::tls12() };
    assert_eq!(refused(offer), Fault::NoNullCompression);
    let offer = Offer { compression: vec![1, 0], ..Offer::tls12() };
    Harness::new(config()).message(&Peer12::new(offer).hello()).unwrap();
    let offer = Offer { extended_master_secret: false, ..Offer::tls12() };
    assert_eq!(refused(offer), Fault::NoExtendedMasterSecret);
    let offer = Offer { renegotiation_info: Some(b"twelve bytes"), ..Offer::tls12() };
    assert_eq!(refused(offer), Fault::RenegotiationInfo);
    let formats = Some(vec![ECPointFormat::ansiX962_compressed_prime]);
    let offer = Offer { point_formats: formats, ..Offer::tls12() };
    assert_eq!(refused(offer), Fault::IllegalParameter(Field::ec_point_formats));
    let with_alpn = Config { alpn: vec![b"mqtt".to_vec()], ..config() };
    let offer = Offer { alpn: Some(vec![b"h2"]), ..Offer::tls12() };
    assert_eq!(refused_by(with_alpn, offer), Fault::NoCommonAlpn);
}

#[test]
fn what_the_suites_would_need() {
    assert_eq!(refused_by(config_with(&[RSA]), Offer::tls12_with(&[ECDSA])), Fault::NoCommonSuite);
    // Suites of TLS 1.3 do not count.
    let suites = [CipherSuite::TLS_AES_128_GCM_SHA256];
    assert_eq!(refused(Offer::tls12_with(&suites)), Fault::NoCommonSuite);
    let no_psk = || Config { has_psk: false, ..config() };
    assert_eq!(refused_by(no_psk(), Offer::tls12_with(&[PSK])), Fault::NoCredential);
    let no_key = || Config { has_credential: false, ..config() };
    assert_eq!(refused_by(no_key(), Offer::tls12_with(&[ECDSA, RSA])), Fault::NoCredential);
    let no_group = |suites| Offer { groups: Some(vec![NamedGroup::x448]), ..Offer::tls12_with(suites) };
    assert_eq!(refused(no_group(&[ECDSA])), Fault::NoCommonGroup);
    assert_eq!(refused_by(no_psk(), no_group(&[ECDSA, PSK])), Fault::NoCommonGroup);
    // RFC 5246 then supposes SHA-1.
    let no_schemes = |suites| Offer { schemes: None, ..Offer::tls12_with(suites) };
    assert_eq!(refused(no_schemes(&[ECDSA])), Fault::NoSignatureAlgorithms);
    assert_eq!(refused(no_schemes(&[RSA])), Fault::NoSignatureAlgorithms);
    // None of that matters to plain PSK.
    for offer in [no_group(&[ECDSA, PSK]), no_schemes(&[ECDSA, PSK])] {
        let mut harness = Harness::new(config());
        harness.message(&Peer12::new(offer).hello()).unwrap();
        assert_eq!(harness.story(), ["server_hello", "server_hello_done"]);
    }
}

#[test]
fn groups_of_tls13_alone() {
    struct Hybrid;
    impl KeyExchange for Hybrid {
        fn group(&self) -> NamedGroup {
            NamedGroup::X25519MLKEM768
        }
        fn start(&self, _: &mut dyn Random) -> Result<Box<dyn PrivateShare>, ExchangeError> {
            Err(ExchangeError::Ours)
        }
    }
    let with_hybrid = || Config { groups: vec![&Hybrid as &dyn KeyExchange].into(), ..config() };
    let offer = Offer { groups: Some(vec![NamedGroup::X25519MLKEM768]), ..Offer::tls12() };
    assert_eq!(refused_by(with_hybrid(), offer), Fault::NoCommonGroup);
}

/// A server that was asked for a credential.
fn credential_asked(kind: KeyKind, offer: Offer) -> Harness {
    let mut harness = Harness::with_key(config(), kind);
    harness.message(&Peer12::new(offer).hello()).unwrap();
    harness
}

#[test]
fn credentials() {
    use SignatureScheme as S;
    let asked = |suites: &[CipherSuite]| credential_asked(KeyKind::P256, Offer::tls12_with(suites));
    assert_eq!(asked(&[ECDSA]).answer(Answer::Credential(None)), Err(Fault::NoCredential));
    assert_eq!(asked(&[ECDSA]).answer(Answer::Refuse), Err(Fault::CallerRefused));
    assert_eq!(asked(&[RSA]).answer_credential(), Err(Fault::NoCommonSuite));
    let credential = Credential::x509(&[], KeyKind::P256, &[]);
    let empty = asked(&[ECDSA]).answer(Answer::Credential(Some(credential)));
    assert_eq!(empty, Err(Fault::Misuse(Misuse::WrongAnswer)));

    let offer = Offer { schemes: Some(vec![S::rsa_pkcs1_sha256, S::ecdsa_sha1]), ..Offer::tls12() };
    let fault = credential_asked(KeyKind::P256, offer).answer_credential();
    assert_eq!(fault, Err(Fault::NoCommonScheme));
    // The curve of the certificate is not among the client's groups (RFC 8422 §5.1).
    for (kind, curve) in [(KeyKind::P384, NamedGroup::secp384r1), (KeyKind::P256, NamedGroup::secp256r1)] {
        let offer = Offer { groups: Some(vec![NamedGroup::x25519]), ..Offer::tls12() };
        let fault = credential_asked(kind, offer.clone()).answer_credential();
        assert_eq!(fault, Err(Fault::CurveNotOffered { curve }));
        // Where no scheme fits either, no curve would help.
        let offer = Offer { schemes: Some(vec![S::ed25519]), ..offer };
        assert_eq!(credential_asked(kind, offer).answer_credential(), Err(Fault::NoCommonScheme));
    }

    let mut harness = asked(&[ECDSA]);
    harness.answer_credential().unwrap();
    assert_eq!(
        harness.answer(Answer::SignerFailed(SignError::Failed)),
        Err(Fault::SignerFailed(SignerFault::Failed))
    );
}

#[test]
fn the_hash_says_nothing_about_the_curve() {
    // What TLS 1.3 forbids: P-256 with SHA-384 and SHA-512.
    for scheme in [SignatureScheme::ecdsa_secp384r1_sha384, SignatureScheme::ecdsa_secp521r1_sha512] {
        let offer = Offer { schemes: Some(vec![scheme]), ..Offer::tls12() };
        let mut harness = credential_asked(KeyKind::P256, offer);
        harness.answer_credential_for(&[scheme]).unwrap();
        assert_eq!(harness.story(), ["server_hello", "certificate"]);
    }
}

#[test]
fn every_curve_signs_with_every_hash() {
    use SignatureScheme as S;
    let curves = [NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1, NamedGroup::secp521r1];
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::P521] {
        for scheme in [S::ecdsa_secp256r1_sha256, S::ecdsa_secp384r1_sha384, S::ecdsa_secp521r1_sha512] {
            let offer =
                Offer { schemes: Some(vec![scheme]), groups: Some(curves.to_vec()), ..Offer::tls12() };
            let mut harness = credential_asked(kind, offer);
            harness.answer_credential().unwrap();
            // The signature is verified in `key_exchange`.
            harness.answer_signature().unwrap();
            let noted = harness.noted(handclasp_report::Side::Server, handclasp_report::Tag::ChosenScheme);
            assert_eq!(noted, Some(scheme.0.to_be_bytes().to_vec()), "{scheme} under {kind:?}");
        }
    }
}

/// A server whose ServerHelloDone is out.
fn key_exchange_awaited() -> Harness {
    let mut harness = credential_asked(KeyKind::P256, Offer::tls12_with(&[ECDSA]));
    harness.answer_credential().unwrap();
    harness.answer_signature().unwrap();
    harness
}

#[test]
fn shares_of_no_use() {
    let group = NamedGroup::x25519;
    let answer = |public: &[u8]| {
        let length = u8::try_from(public.len()).unwrap();
        let message = [&[16, 0, 0, length + 1, length], public].concat();
        key_exchange_awaited().message(&message)
    };
    let problem = ShareFault::Refused;
    assert_eq!(answer(&[0; 32]), Err(Fault::KeyShare { group, problem }));
    let problem = ShareFault::Length { expected: 32.into(), found: 33.into() };
    assert_eq!(answer(&[9; 33]), Err(Fault::KeyShare { group, problem }));
    let trailing = key_exchange_awaited().message(&[16, 0, 0, 3, 1, 9, 9]);
    assert!(matches!(trailing, Err(Fault::Decode { within: Field::client_key_exchange, .. })));
    let empty = key_exchange_awaited().message(&[16, 0, 0, 1, 0]);
    assert!(matches!(empty, Err(Fault::Decode { within: Field::client_key_exchange, .. })));
}

/// A server that was asked for a pre-shared key.
fn psk_asked() -> (Harness, Peer12, Vec<u8>) {
    let mut harness = Harness::new(config());
    let mut peer = Peer12::new(Offer::tls12_with(&[PSK]));
    harness.message(&peer.hello()).unwrap();
    let key_exchange = peer.key_exchange(&harness, IDENTITY);
    harness.message(&key_exchange).unwrap();
    (harness, peer, key_exchange)
}

#[test]
fn pre_shared_keys() {
    let (mut harness, ..) = psk_asked();
    assert_eq!(harness.answer(Answer::Psk(None)), Err(Fault::UnknownPskIdentity));
    #[cfg(feature = "host-extensions")]
    {
        let (mut harness, ..) = psk_asked();
        assert_eq!(harness.answer(Answer::PskUnavailable), Err(Fault::PskUnavailable));
    }
    let (mut harness, ..) = psk_asked();
    assert_eq!(harness.answer_psk(1, PskHash::Sha256), Err(Fault::Misuse(Misuse::WrongAnswer)));

    // Another key under the same name: the client's Finished does not fit. (On the wire the
    // record would not authenticate before that.)
    let (mut harness, mut peer, key_exchange) = psk_asked();
    let answer = PskAnswer { index: 0, secret: b"\xab\xc1\x23", hash: PskHash::Sha256, imported: false };
    harness.answer(Answer::Psk(Some(answer))).unwrap();
    let (finished, _) = peer.finish(&key_exchange, true);
    harness.input(Input::ChangeCipherSpec).unwrap();
    assert_eq!(harness.message(&finished), Err(Fault::FinishedInvalid));
}

/// A server that waits for Finished, and the right one.
fn finished_awaited() -> (Harness, Vec<u8>) {
    let (mut harness, mut peer, key_exchange) = psk_asked();
    harness.answer_psk(0, PskHash::Sha256).unwrap();
    harness.input(Input::ChangeCipherSpec).unwrap();
    let (finished, _) = peer.finish(&key_exchange, true);
    (harness, finished)
}

#[test]
fn finished_with_any_bit_wrong() {
    for bit in 0..96 {
        let (mut harness, mut message) = finished_awaited();
        message[4 + bit / 8] ^= 1 << (bit % 8);
        assert_eq!(harness.message(&message), Err(Fault::FinishedInvalid));
        assert!(!harness.server.is_connected());
        assert!(!harness.story().contains(&"finished"));
    }
    for length in [0, 1, 11, 13, 32] {
        let (mut harness, message) = finished_awaited();
        let mut verify_data = message[4..].to_vec();
        verify_data.resize(length, 0);
        let found = u32::try_from(length).unwrap();
        let fault = finished_length(12, found);
        assert_eq!(harness.message(&finished(&verify_data)), Err(fault));
        assert_eq!(harness.report.evidence(&fault), finished_numbers(12, found));
    }
    let (mut harness, message) = finished_awaited();
    harness.message(&message).unwrap();
    assert_eq!(harness.connected().suite, PSK);
}

#[test]
fn change_cipher_spec_cannot_come_early() {
    // CCS injection: before the keys exist, and while the caller is asked.
    let refused = |mut harness: Harness| harness.input(Input::ChangeCipherSpec).is_err();
    assert!(refused(key_exchange_awaited()));
    assert!(refused(psk_asked().0));
    let (mut harness, _) = finished_awaited();
    assert!(harness.input(Input::ChangeCipherSpec).is_err());
}

#[test]
fn a_master_secret_of_the_wrong_kind() {
    // The client computes without RFC 7627 although both said they do it.
    let config = Config { extended_master_secret: ExtendedMasterSecret::Offered, ..config() };
    let mut harness = Harness::new(config);
    let mut peer = Peer12::new(Offer::tls12_with(&[PSK]));
    harness.message(&peer.hello()).unwrap();
    let key_exchange = peer.key_exchange(&harness, IDENTITY);
    harness.message(&key_exchange).unwrap();
    harness.answer_psk(0, PskHash::Sha256).unwrap();
    harness.input(Input::ChangeCipherSpec).unwrap();
    let (finished, _) = peer.finish(&key_exchange, false);
    assert_eq!(harness.message(&finished), Err(Fault::FinishedInvalid));
    assert_eq!(harness.sent(HandshakeType::server_hello_done).len(), 4);
}
