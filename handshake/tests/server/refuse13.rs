//! What a server of TLS 1.3 refuses.

use handclasp_codec::{CipherSuite, ExtensionType, Field, NamedGroup, PskKeyExchangeMode, SignatureScheme};
use handclasp_crypto::{KeyKind, SignError};
use handclasp_provider_aws_lc as provider;
use handclasp_report::{Fault, Misuse, ShareFault, SignerFault};

use super::{
    harness::{Harness, IDENTITY, PSK, config, config_with, finished_length, finished_numbers},
    offer::Offer,
    peer13::{Peer13, finished},
};
use handclasp_handshake::{Answer, Config, Credential, Need, PskAnswer, PskHash};

/// The fault for a hello with an X25519 share.
fn refused_by(config: Config, offer: Offer) -> Fault {
    Harness::new(config).message(&Peer13::new(offer, NamedGroup::x25519).hello()).unwrap_err()
}

fn refused(offer: Offer) -> Fault {
    refused_by(config(), offer)
}

/// The fault for a hello just so.
fn refused_as_is(offer: &Offer) -> Fault {
    Harness::new(config()).message(&offer.encode_with(&[])).unwrap_err()
}

#[test]
fn compression() {
    for compression in [vec![0, 1], vec![1], vec![1, 0]] {
        let offer = Offer { compression, ..Offer::new() };
        assert_eq!(refused(offer), Fault::IllegalParameter(Field::legacy_compression_methods));
    }
}

#[test]
fn missing_extensions() {
    let missing = Fault::MissingExtension;
    let offer = Offer { schemes: None, ..Offer::new() };
    assert_eq!(refused(offer), missing(ExtensionType::signature_algorithms));
    let offer = Offer { groups: None, ..Offer::new() };
    assert_eq!(refused(offer), missing(ExtensionType::supported_groups));
    let offer = Offer { shares: None, ..Offer::new() };
    assert_eq!(refused_as_is(&offer), missing(ExtensionType::key_share));
    let offer = Offer { shares: None, groups: None, ..Offer::new() };
    assert_eq!(refused_as_is(&offer), missing(ExtensionType::supported_groups));
    let offer = Offer { modes: None, ..Offer::new().psk(provider::SHA256) };
    assert_eq!(refused(offer), missing(ExtensionType::psk_key_exchange_modes));
    // A key is offered, but this server has none: then it would be a certificate after all.
    let config = Config { has_psk: false, ..config() };
    let offer = Offer { schemes: None, ..Offer::new().psk(provider::SHA256) };
    assert_eq!(refused_by(config, offer), missing(ExtensionType::signature_algorithms));
}

#[test]
fn shares_not_as_offered() {
    let problem = ShareFault::NotAsOffered;
    let offer = Offer { groups: Some(vec![NamedGroup::secp256r1]), ..Offer::new() };
    assert_eq!(refused(offer), Fault::KeyShare { group: NamedGroup::x25519, problem });
    let offer = Offer::new().share(NamedGroup::x25519, &[9; 32]);
    assert_eq!(refused(offer), Fault::KeyShare { group: NamedGroup::x25519, problem });
}

#[test]
fn shares_of_no_use() {
    let hello = |group, public: &[u8]| {
        let mut harness = Harness::new(config());
        harness.message(&Offer::new().share(group, public).encode_with(&[])).unwrap();
        harness.answer_credential().unwrap_err()
    };
    let fault = |group, problem| Fault::KeyShare { group, problem };
    // All zeros is of small order (RFC 7748 §6.1).
    assert_eq!(hello(NamedGroup::x25519, &[0; 32]), fault(NamedGroup::x25519, ShareFault::Refused));
    let length = ShareFault::Length { expected: 32.into(), found: 31.into() };
    assert_eq!(hello(NamedGroup::x25519, &[9; 31]), fault(NamedGroup::x25519, length));
    // Not a point of the curve.
    assert_eq!(hello(NamedGroup::secp256r1, &[4; 65]), fault(NamedGroup::secp256r1, ShareFault::Refused));
}

#[test]
fn nothing_in_common() {
    let only = config_with(&[CipherSuite::TLS_CHACHA20_POLY1305_SHA256]);
    assert_eq!(refused_by(only, Offer::new()), Fault::NoCommonSuite);
    let offer = Offer { groups: Some(vec![NamedGroup::x448]), ..Offer::new() };
    assert_eq!(refused_as_is(&offer), Fault::NoCommonGroup);
    let with_alpn = Config { alpn: vec![b"mqtt".to_vec()], ..config() };
    let offer = Offer { alpn: Some(vec![b"mqt", b"h2"]), ..Offer::new() };
    assert_eq!(refused_by(with_alpn, offer), Fault::NoCommonAlpn);
    let no_key = Config { has_credential: false, ..config() };
    assert_eq!(refused_by(no_key, Offer::new()), Fault::NoCredential);
}

#[test]
fn no_scheme_in_common() {
    use SignatureScheme as S;
    let refused = |kind, schemes: Vec<S>| {
        let mut harness = Harness::with_key(config(), kind);
        let offer = Offer { schemes: Some(schemes), ..Offer::new() };
        harness.message(&Peer13::new(offer, NamedGroup::x25519).hello()).unwrap();
        harness.answer_credential().unwrap_err()
    };
    assert_eq!(refused(KeyKind::P256, vec![S::rsa_pss_rsae_sha256]), Fault::NoCommonScheme);
    // PKCS#1 v1.5 and SHA-1 are not for TLS 1.3.
    let old = vec![S::rsa_pkcs1_sha256, S::rsa_pkcs1_sha1, S::ecdsa_sha1];
    assert_eq!(refused(KeyKind::Rsa, old), Fault::NoCommonScheme);

    // In 1.3 the scheme names the curve, whatever a signer says that it can do.
    let mut harness = Harness::new(config());
    let offer = Offer { schemes: Some(vec![S::ecdsa_secp384r1_sha384]), ..Offer::new() };
    harness.message(&Peer13::new(offer, NamedGroup::x25519).hello()).unwrap();
    assert_eq!(harness.answer_credential_for(&[S::ecdsa_secp384r1_sha384]), Err(Fault::NoCommonScheme));
}

#[test]
fn credentials() {
    let asked = || {
        let mut harness = Harness::new(config());
        harness.message(&Peer13::new(Offer::new(), NamedGroup::x25519).hello()).unwrap();
        harness
    };
    assert_eq!(asked().answer(Answer::Credential(None)), Err(Fault::NoCredential));
    assert_eq!(asked().answer(Answer::Refuse), Err(Fault::CallerRefused));
    let credential = Credential::x509(&[], KeyKind::P256, &[]);
    let empty = asked().answer(Answer::Credential(Some(credential)));
    assert_eq!(empty, Err(Fault::Misuse(Misuse::WrongAnswer)));
    let mut harness = asked();
    harness.answer_credential().unwrap();
    assert_eq!(
        harness.answer(Answer::SignerFailed(SignError::Failed)),
        Err(Fault::SignerFailed(SignerFault::Failed))
    );
}

/// A server that was asked for a pre-shared key.
fn psk_asked(config: Config, offer: Offer) -> Harness {
    let mut harness = Harness::new(config);
    harness.message(&Peer13::new(offer, NamedGroup::x25519).hello()).unwrap();
    harness
}

#[test]
fn unknown_identities() {
    let offer = || Offer::new().psk(provider::SHA256);
    let no_key = Config { has_credential: false, ..config() };
    let fault = psk_asked(no_key, offer()).answer(Answer::Psk(None));
    assert_eq!(fault, Err(Fault::UnknownPskIdentity));
    // There is a certificate, but the client has no use for one.
    let fault = psk_asked(config(), Offer { schemes: None, ..offer() }).answer(Answer::Psk(None));
    assert_eq!(fault, Err(Fault::UnknownPskIdentity));
    let no_key = Config { has_credential: false, ..config() };
    let psk_ke = Offer { modes: Some(vec![PskKeyExchangeMode::psk_ke]), ..offer() };
    assert_eq!(refused_by(no_key, psk_ke), Fault::NoCredential);
    // Without a group there is no psk_dhe_ke, and psk_ke we do not do.
    let no_groups = Offer { groups: None, shares: None, ..offer() };
    let fault = Harness::new(config()).message(&no_groups.encode_with(&[vec![0; 32]]));
    assert_eq!(fault, Err(Fault::NoCommonGroup));
}

/// RFC 8446 §4.2.11: a server that chooses no key goes on with a full handshake, where it can.
#[cfg(feature = "default")]
#[test]
fn a_key_that_cannot_be_looked_up_is_not_an_unknown_one() {
    let offer = || Offer::new().psk(provider::SHA256);
    let mut harness = psk_asked(config(), offer());
    harness.answer(Answer::PskUnavailable).unwrap();
    assert!(matches!(harness.server.need(), Some(Need::Credential(_))), "a full handshake");
    let no_key = || Config { has_credential: false, ..config() };
    for (config, offer) in [(no_key(), offer()), (config(), Offer { schemes: None, ..offer() })] {
        let fault = psk_asked(config, offer).answer(Answer::PskUnavailable).unwrap_err();
        assert_eq!(fault, Fault::PskUnavailable);
        assert_eq!(fault.alert(), Some(handclasp_codec::AlertDescription::internal_error));
    }
}

#[test]
fn a_key_whose_hash_fits_no_suite() {
    let only = Config { has_credential: false, ..config_with(&[CipherSuite::TLS_AES_256_GCM_SHA384]) };
    let mut harness = psk_asked(only, Offer::new().psk(provider::SHA256));
    assert_eq!(harness.answer_psk(0, PskHash::Sha256), Err(Fault::NoCommonSuite));
    // One behind it may fit.
    let only384 = Config { has_credential: false, ..config_with(&[CipherSuite::TLS_AES_256_GCM_SHA384]) };
    let mut offer = Offer::new().psk(provider::SHA384);
    let psk = offer.psk.as_mut().unwrap();
    (psk.identities, psk.secrets) = (vec![IDENTITY; 2], vec![PSK; 2]);
    let mut harness = psk_asked(only384, offer);
    harness.answer_psk(0, PskHash::Sha256).unwrap();
    let Some(Need::Psk { identities, .. }) = harness.server.need() else { panic!("asked again") };
    assert_eq!(identities.iter().map(|(index, _)| index).collect::<Vec<_>>(), [1]);
    assert_eq!(harness.answer_psk(1, PskHash::Sha384), Ok(()));
}

#[test]
fn wrong_binders() {
    // Another key under the same name: hex taken for text, say.
    let mut harness = psk_asked(config(), Offer::new().psk(provider::SHA256));
    let answer = PskAnswer { index: 0, secret: b"\xab\xc1\x23", hash: PskHash::Sha256, imported: false };
    assert_eq!(harness.answer(Answer::Psk(Some(answer))), Err(Fault::BinderInvalid { identity: 0 }));

    // Each bit of the binder, which stands at the end of the message.
    let whole = Peer13::new(Offer::new().psk(provider::SHA256), NamedGroup::x25519).hello();
    for bit in 0..256 {
        let mut message = whole.clone();
        let at = message.len() - 1 - bit / 8;
        message[at] ^= 1 << (bit % 8);
        let mut harness = Harness::new(config());
        harness.message(&message).unwrap();
        assert_eq!(harness.answer_psk(0, PskHash::Sha256), Err(Fault::BinderInvalid { identity: 0 }));
    }
    // Of fewer bytes than any hash has; that is of no interest to TLS 1.2.
    let offer = Offer::new().psk(provider::SHA256).share(NamedGroup::x25519, &[9; 32]);
    let mut harness = Harness::new(config());
    harness.message(&offer.encode_with(&[vec![0; 12]])).unwrap();
    assert_eq!(harness.answer_psk(0, PskHash::Sha256), Err(Fault::BinderInvalid { identity: 0 }));
    let mut harness = Harness::new(config_with(&[CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]));
    harness.message(&offer.encode_with(&[vec![0; 12]])).unwrap();
    assert!(matches!(harness.server.need(), Some(Need::Credential(_))));
    // A byte of what it covers.
    let mut message = whole;
    message[10] ^= 1;
    let mut harness = Harness::new(config());
    harness.message(&message).unwrap();
    assert_eq!(harness.answer_psk(0, PskHash::Sha256), Err(Fault::BinderInvalid { identity: 0 }));
}

#[test]
fn binders_and_identities_that_do_not_match() {
    let offer = Offer::new().psk(provider::SHA256).share(NamedGroup::x25519, &[9; 32]);
    for binders in [vec![vec![0; 32]; 2], vec![vec![0; 32]; 3]] {
        let fault = Harness::new(config()).message(&offer.encode_with(&binders));
        assert_eq!(fault, Err(Fault::IllegalParameter(Field::binders)));
    }
    // An index beyond the list is our caller's mistake.
    let mut harness = psk_asked(config(), Offer::new().psk(provider::SHA256));
    assert_eq!(harness.answer_psk(1, PskHash::Sha256), Err(Fault::Misuse(Misuse::WrongAnswer)));
}

#[test]
fn finished_with_any_bit_wrong() {
    let ready = || {
        let mut harness = Harness::new(config());
        let mut peer = Peer13::new(Offer::new(), NamedGroup::x25519);
        harness.message(&peer.hello()).unwrap();
        harness.answer_credential().unwrap();
        harness.answer_signature().unwrap();
        let finished = peer.finish(&harness);
        (harness, finished)
    };
    for bit in 0..256 {
        let (mut harness, mut message) = ready();
        message[4 + bit / 8] ^= 1 << (bit % 8);
        assert_eq!(harness.message(&message), Err(Fault::FinishedInvalid));
        assert!(!harness.server.is_connected());
    }
    for length in [0, 1, 31, 33, 48] {
        let (mut harness, message) = ready();
        let mut verify_data = message[4..].to_vec();
        verify_data.resize(length, 0);
        let found = u32::try_from(length).unwrap();
        let fault = finished_length(32, found);
        assert_eq!(harness.message(&finished(&verify_data)), Err(fault));
        assert_eq!(harness.report.evidence(&fault), finished_numbers(32, found));
    }
}

#[test]
fn randomness_that_fails() {
    struct Broken;
    impl handclasp_crypto::Random for Broken {
        fn fill(&mut self, _: &mut [u8]) -> Result<(), handclasp_crypto::RandomFailed> {
            Err(handclasp_crypto::RandomFailed)
        }
    }
    use handclasp_handshake::{Actions, Context, Handshake, Input};
    use handclasp_report::{Internal, Report, Side};
    let config = config();
    let (mut report, mut actions) = (Report::new(Side::Server), Actions::default());
    let mut context =
        Context { config: &config, now: 0, random: &mut Broken, report: &mut report, actions: &mut actions };
    let mut server = Handshake::server(&mut context).unwrap();
    let hello = Peer13::new(Offer::new().psk(provider::SHA256), NamedGroup::secp256r1).hello();
    server.handle(&mut context, Input::Message(&hello)).unwrap();
    let answer = PskAnswer { index: 0, secret: PSK, hash: PskHash::Sha256, imported: false };
    let failed = server.answer(&mut context, Answer::Psk(Some(answer))).unwrap_err();
    assert_eq!(report.fault_of(failed), Fault::Internal(Internal::Random));
    assert!(actions.flight().is_empty());
}
