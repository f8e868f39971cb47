//! Clients that were asked for a certificate and are refused: chains that are not believed,
//! signatures that prove nothing, messages that cannot be.

use handclasp_codec::{
    Certificate13, CertificateEntry, CertificateEntryExtensions, Field, HandshakeType, List,
    SignatureScheme as S,
};
use handclasp_crypto::{KeyEncoding, KeyKind};
use handclasp_handshake::Answer;
use handclasp_provider_aws_lc as provider;
use handclasp_report::{CertificateFault, Choice, Fault, Misuse, Signed};
use handclasp_schedule::{Sender, certificate_verify_content};

use super::{
    client_auth::{
        ECDSA, PEER, asked12, asked13, believed12, believed13, certificate12, certificate13, key, message,
        required, sign, verify,
    },
    harness::chain,
    offer::Offer,
};

#[test]
fn a_chain_that_is_not_believed() {
    let refused = CertificateFault::UnknownIssuer { self_signed: false };
    for first in [true, false] {
        let (mut harness, _) = asked13(required(), Offer::new());
        harness.message(&certificate13(&chain())).unwrap();
        if !first {
            harness.answer(Answer::CertificateNoted).unwrap();
        }
        assert_eq!(harness.answer(Answer::PeerRefused(refused.into())), Err(Fault::Certificate(refused)));

        let (mut harness, ..) = asked12(required(), ECDSA);
        harness.message(&certificate12(&chain())).unwrap();
        if !first {
            harness.answer(Answer::CertificateNoted).unwrap();
        }
        assert_eq!(harness.answer(Answer::PeerRefused(refused.into())), Err(Fault::Certificate(refused)));
    }
    // The first of two is no reason to believe both.
    let (mut harness, _) = asked13(required(), Offer::new());
    harness.message(&certificate13(&chain())).unwrap();
    let early = Answer::PeerAccepted { spki: key(KeyKind::P256).public_key(), identity: PEER };
    assert_eq!(harness.answer(early), Err(Fault::Misuse(Misuse::WrongAnswer)));
}

/// A signature, by which scheme it goes, and what is wrong with it.
fn lies(kind: KeyKind, content: &[u8], tls13: bool) -> Vec<(S, Vec<u8>, Fault)> {
    let signed = Signed::ClientCertificateVerify;
    let scheme = S::ecdsa_secp256r1_sha256;
    let invalid = Fault::SignatureInvalid { signed, scheme, key: kind };
    let good = sign(kind, scheme, content);
    let mut lies = vec![(scheme, Vec::new(), invalid), (scheme, vec![0; 70], invalid)];
    for bit in (0..good.len() * 8).step_by(17) {
        let mut flipped = good.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        lies.push((scheme, flipped, invalid));
    }
    lies.push((scheme, sign(kind, scheme, b"another content"), invalid));
    // A key that is not the certificate's: the signer lies about which one it holds.
    let foreign = provider::KEYS.generate(kind, &mut provider::SystemRandom).unwrap();
    let foreign = provider::KEYS.load(KeyEncoding::Pkcs8, &foreign).unwrap();
    lies.push((scheme, foreign.sign(scheme, content, &mut provider::SystemRandom).unwrap(), invalid));
    let not_offered = |scheme: S| Fault::NotOffered { choice: Choice::Scheme, found: scheme.0 };
    lies.push((S(0x0203), good.clone(), not_offered(S(0x0203))));
    lies.push((S::ed448, good.clone(), not_offered(S::ed448)));
    let mismatch = |scheme| Fault::SchemeKeyMismatch { signed, scheme, key: kind };
    lies.push((S::ed25519, good.clone(), mismatch(S::ed25519)));
    lies.push((S::rsa_pss_rsae_sha256, good.clone(), mismatch(S::rsa_pss_rsae_sha256)));
    let other = match tls13 {
        // PKCS#1 v1.5 is for certificates, and a scheme names its curve.
        true => vec![
            (S::rsa_pkcs1_sha256, not_offered(S::rsa_pkcs1_sha256)),
            (S::ecdsa_secp384r1_sha384, mismatch(S::ecdsa_secp384r1_sha384)),
        ],
        false => vec![(S::rsa_pkcs1_sha256, mismatch(S::rsa_pkcs1_sha256))],
    };
    lies.extend(other.into_iter().map(|(scheme, fault)| (scheme, good.clone(), fault)));
    lies
}

#[test]
fn signatures_that_prove_nothing() {
    let count = lies(KeyKind::P256, b"", true).len();
    for index in 0..count {
        let (mut harness, _, content) = believed13(KeyKind::P256);
        let Some((scheme, signature, fault)) = lies(KeyKind::P256, &content, true).into_iter().nth(index)
        else {
            continue;
        };
        assert_eq!(harness.message(&verify(scheme, &signature)), Err(fault), "{index}");
        assert!(!harness.server.is_connected());
    }
    for index in 0..count {
        let (mut harness, _, content) = believed12(KeyKind::P256, ECDSA);
        let Some((scheme, signature, fault)) = lies(KeyKind::P256, &content, false).into_iter().nth(index)
        else {
            continue;
        };
        assert_eq!(harness.message(&verify(scheme, &signature)), Err(fault), "{index}");
        assert!(!harness.server.is_connected());
    }
    // The server's own context is not the client's.
    let (mut harness, peer, _) = believed13(KeyKind::P256);
    let content = certificate_verify_content(Sender::Server, &peer.transcript.hash());
    let scheme = S::ecdsa_secp256r1_sha256;
    let result = harness.message(&verify(scheme, &sign(KeyKind::P256, scheme, &content)));
    assert!(matches!(result, Err(Fault::SignatureInvalid { .. })));
}

#[test]
fn certificates_that_cannot_be() {
    let (mut harness, _) = asked13(required(), Offer::new());
    let entry = CertificateEntry { cert_data: b"leaf", extensions: CertificateEntryExtensions::default() };
    let list = [entry];
    let named = Certificate13 { certificate_request_context: b"x", certificate_list: List::of(&list) };
    assert_eq!(
        harness.message(&message(HandshakeType::certificate, &named)),
        Err(Fault::IllegalParameter(Field::certificate_request_context))
    );
    let mut cut = certificate13(&chain());
    cut.truncate(cut.len() - 1);
    let (mut harness, _) = asked13(required(), Offer::new());
    assert!(matches!(harness.message(&cut), Err(Fault::Decode { within: Field::certificate, .. })));
    // A key that is none.
    let (mut harness, _) = asked13(required(), Offer::new());
    harness.message(&certificate13(&chain())).unwrap();
    harness.answer(Answer::CertificateNoted).unwrap();
    let result = harness.answer(Answer::PeerAccepted { spki: b"key", identity: PEER });
    assert_eq!(result, Err(Fault::Certificate(CertificateFault::Malformed { index: 0 })));
}

#[test]
fn the_kept_messages_have_a_limit() {
    let mut config = required();
    config.certificates.transcript_limit = 2000;
    let (mut harness, ..) = asked12(config, ECDSA);
    let long = [vec![1; 3000].into()];
    let result = harness.message(&certificate12(&long));
    let Err(Fault::MessageTooLarge { message: HandshakeType::certificate, limit, found }) = result else {
        panic!("{result:?}")
    };
    assert!(limit.get() == 2000 && found.get() > 3000);
}
