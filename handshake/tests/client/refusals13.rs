//! TLS 1.3: what a server may not do, message by message, and the fault that tells it.

use handclasp_codec::{
    CipherSuite, ExtensionType as X, Field, HandshakeType as Type, NamedGroup, ProtocolVersion,
    SignatureScheme as S,
};
use handclasp_crypto::KeyKind;
use handclasp_handshake::{Answer, ClientStart, Config, Need};
use handclasp_provider_aws_lc as aws;
use handclasp_report::{CertificateFault, Choice, Fault, Misuse, ShareFault, Signed};
use handclasp_schedule::{Sender, certificate_verify_content};

use crate::{
    fake::{
        Extensions, ServerHello, extensions, message, protocols, truncations, vector8, vector16, vector24,
    },
    fake13::Fake13,
    setup::{
        IDENTITY, NO_PSK, PSK, REFUSED, SHARED, Tested, WITH_PSK, config, finished_length, finished_numbers,
        key, only13, shape, start, with_suites,
    },
};

/// A client that refuses this ServerHello.
#[track_caller]
fn hello_refused(config: Config, offer: ClientStart<'_>, edit: impl FnOnce(&mut ServerHello), fault: Fault) {
    let (mut tested, hello) = start(config, offer);
    let bytes = Fake13::new(&hello).edited_server_hello(edit);
    tested.refuses(&bytes, fault);
}

fn not_offered(choice: Choice, found: u16) -> Fault {
    Fault::NotOffered { choice, found }
}

#[test]
fn frame_of_the_server_hello() {
    let refused = |edit: fn(&mut ServerHello), fault| hello_refused(config(), NO_PSK, edit, fault);
    refused(|hello| hello.session_id[31] ^= 1, Fault::SessionIdNotEchoed);
    refused(|hello| hello.session_id.clear(), Fault::SessionIdNotEchoed);
    refused(
        |hello| hello.legacy_version = ProtocolVersion::TLS_1_3,
        Fault::IllegalParameter(Field::legacy_version),
    );
    refused(|hello| hello.compression = 1, not_offered(Choice::Compression, 1));
}

#[test]
fn suites_that_were_not_offered() {
    for (config, suite) in [
        (config(), CipherSuite::TLS_AES_128_CCM_SHA256),
        // Known and offered, of the other version.
        (config(), CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
        (config(), CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV),
        // Known to the provider, not listed.
        (with_suites(&[&aws::TLS_AES_256_GCM_SHA384]), CipherSuite::TLS_AES_128_GCM_SHA256),
    ] {
        hello_refused(config, NO_PSK, |hello| hello.suite = suite, not_offered(Choice::Suite, suite.0));
    }
    // Of a hash that the offered key is not bound to.
    let suite = CipherSuite::TLS_AES_256_GCM_SHA384;
    hello_refused(config(), WITH_PSK, |hello| hello.suite = suite, not_offered(Choice::Suite, suite.0));
}

#[test]
fn shares_of_no_use() {
    let share = |group: NamedGroup, bytes: &[u8]| [group.0.to_be_bytes().to_vec(), vector16(bytes)].concat();
    let refused = |content: Vec<u8>, fault| {
        hello_refused(only13(), NO_PSK, |hello| hello.set(X::key_share, content), fault);
    };
    hello_refused(
        config(),
        NO_PSK,
        |hello| hello.remove(X::key_share),
        Fault::MissingExtension(X::key_share),
    );
    // Offered, and no share was sent; not offered at all.
    for group in [NamedGroup::secp256r1, NamedGroup::ffdhe2048] {
        refused(share(group, &[4; 65]), not_offered(Choice::Group, group.0));
    }
    let group = NamedGroup::x25519;
    let problem = ShareFault::Length { expected: 32.into(), found: 31.into() };
    refused(share(group, &[9; 31]), Fault::KeyShare { group, problem });
    // A point of small order gives zeros.
    refused(share(group, &[0; 32]), Fault::KeyShare { group, problem: ShareFault::Refused });
    let group = NamedGroup::secp256r1;
    let config = Config { groups: vec![aws::SECP256R1].into(), ..config() };
    let (mut tested, hello) = start(config, NO_PSK);
    let mut server = Fake13 { group: aws::SECP256R1, ..Fake13::new(&hello) };
    let off_the_curve = share(group, &[4; 65]);
    let bytes = server.edited_server_hello(|hello| hello.set(X::key_share, off_the_curve));
    tested.refuses(&bytes, Fault::KeyShare { group, problem: ShareFault::Refused });
}

#[test]
fn extensions_of_the_server_hello() {
    for (number, fault) in [
        (X::status_request, Fault::UnsolicitedExtension(X::status_request)),
        (X(0x1234), Fault::UnsolicitedExtension(X(0x1234))),
        (X(0x0a0a), Fault::UnsolicitedExtension(X(0x0a0a))),
        (X::server_name, Fault::MisplacedExtension(X::server_name)),
        (X::extended_master_secret, Fault::MisplacedExtension(X::extended_master_secret)),
        // Signalled by the SCSV, which has no meaning in TLS 1.3.
        (X::encrypt_then_mac, Fault::UnsolicitedExtension(X::encrypt_then_mac)),
    ] {
        hello_refused(config(), NO_PSK, |hello| hello.set(number, vec![]), fault);
    }
    let fault = Fault::UnsolicitedExtension(X::renegotiation_info);
    hello_refused(config(), NO_PSK, |hello| hello.set(X::renegotiation_info, vec![0]), fault);
    let fault = Fault::UnsolicitedExtension(X::pre_shared_key);
    hello_refused(config(), NO_PSK, |hello| hello.set(X::pre_shared_key, vec![0, 0]), fault);
}

#[test]
fn pre_shared_keys() {
    let set = |content: Vec<u8>| move |hello: &mut ServerHello| hello.set(X::pre_shared_key, content);
    for index in [1_u16, 0xffff] {
        let content = index.to_be_bytes().to_vec();
        hello_refused(config(), WITH_PSK, set(content), not_offered(Choice::Psk, index));
    }
    // psk_ke is not offered, so there must be a share.
    let without_share = |hello: &mut ServerHello| {
        hello.set(X::pre_shared_key, vec![0, 0]);
        hello.remove(X::key_share);
    };
    hello_refused(config(), WITH_PSK, without_share, Fault::MissingExtension(X::key_share));

    // The server holds another key.
    let (mut tested, hello) = start(config(), WITH_PSK);
    let mut server = Fake13 { psk: Some(b"not that one".to_vec()), ..Fake13::new(&hello) };
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    tested.refuses(&server.finished(), Fault::FinishedInvalid);
}

#[test]
fn a_server_that_does_not_take_the_key_shows_a_certificate() {
    let (mut tested, hello) =
        start(config(), ClientStart { server_name: None, psk: Some(PSK), session: None });
    let mut server = Fake13::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    tested.message(&server.certificate()).unwrap();
    let fault = tested.answer(Answer::PeerRefused(CertificateFault::NotConfigured.into())).err();
    assert_eq!(fault, Some(Fault::Certificate(CertificateFault::NotConfigured)));
    tested.is_over();
}

/// A client that waits for EncryptedExtensions.
fn before_extensions(config: Config) -> (Tested, Fake13) {
    let (mut tested, hello) = start(config, NO_PSK);
    let mut server = Fake13::new(&hello);
    let did = tested.message(&server.server_hello()).unwrap();
    assert_eq!(shape(&did), "log log read change_cipher_spec write");
    (tested, server)
}

#[test]
fn encrypted_extensions() {
    let alpn = X::application_layer_protocol_negotiation;
    let ours = || Config { alpn: vec![b"mqtt".to_vec(), b"h2".to_vec()], ..config() };
    let answer = |config, list: Extensions| {
        let (mut tested, mut server) = before_extensions(config);
        (tested.message(&server.encrypted_extensions(list)).err(), tested.client.version().is_none())
    };
    for (list, fault) in [
        (vec![(alpn, protocols(&[b"http/1.1"]))], not_offered(Choice::Alpn, 0)),
        (vec![(alpn, protocols(&[b"mqtt", b"h2"]))], Fault::IllegalParameter(Field::protocol_name_list)),
        (vec![(X::status_request, vec![])], Fault::UnsolicitedExtension(X::status_request)),
        (vec![(X::early_data, vec![])], Fault::UnsolicitedExtension(X::early_data)),
        (vec![(X(0xfe0d), vec![0])], Fault::UnsolicitedExtension(X(0xfe0d))),
        (vec![(X::key_share, vec![0])], Fault::MisplacedExtension(X::key_share)),
        (vec![(X::supported_versions, vec![3, 4])], Fault::MisplacedExtension(X::supported_versions)),
    ] {
        assert_eq!(answer(ours(), list), (Some(fault), true));
    }
    // Not one of ours is not asked for.
    let unasked = vec![(alpn, protocols(&[b"mqtt"]))];
    assert_eq!(answer(config(), unasked.clone()).0, Some(Fault::UnsolicitedExtension(alpn)));
    // Fine: an acknowledged name, groups for next time, one of our protocols.
    let groups = vector16(&[0, 0x1d, 0x11, 0xec]);
    let fine = vec![(X::server_name, vec![]), (X::supported_groups, groups), unasked[0].clone()];
    assert_eq!(answer(ours(), fine).0, None);
}

/// A client that waits for a Certificate or a request.
fn before_certificate() -> (Tested, Fake13) {
    let (mut tested, mut server) = before_extensions(config());
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    (tested, server)
}

#[test]
fn certificate_requests() {
    let request = |context: &[u8], list: &[(X, Vec<u8>)]| {
        message(Type::certificate_request, &[vector8(context), extensions(list)].concat())
    };
    let schemes = || (X::signature_algorithms, vector16(&[4, 3]));
    let (mut tested, _) = before_certificate();
    let fault = Fault::IllegalParameter(Field::certificate_request_context);
    tested.refuses(&request(b"x", &[schemes()]), fault);
    let (mut tested, _) = before_certificate();
    tested.refuses(&request(b"", &[]), Fault::MissingExtension(X::signature_algorithms));
    let (mut tested, _) = before_certificate();
    tested.does_not_parse(&request(b"", &[schemes(), schemes()]));
}

#[test]
fn certificates() {
    let entry = |list: &[(X, Vec<u8>)]| [vector24(b"leaf"), extensions(list)].concat();
    let certificate = |context: &[u8], list: &[u8]| {
        message(Type::certificate, &[vector8(context), vector24(list)].concat())
    };
    let (mut tested, _) = before_certificate();
    let fault = Fault::IllegalParameter(Field::certificate_request_context);
    tested.refuses(&certificate(b"x", &entry(&[])), fault);
    // RFC 8446 §4.4.2.4.
    let (mut tested, _) = before_certificate();
    tested.does_not_parse(&certificate(b"", b""));
    let (mut tested, _) = before_certificate();
    tested.does_not_parse(&certificate(b"", &[vector24(b""), extensions(&[])].concat()));
    let staple = (X::status_request, [vec![1], vector24(b"response")].concat());
    let (mut tested, _) = before_certificate();
    tested.refuses(
        &certificate(b"", &entry(core::slice::from_ref(&staple))),
        Fault::UnsolicitedExtension(X::status_request),
    );
    // In the second certificate too.
    let (mut tested, _) = before_certificate();
    let list = [entry(&[]), entry(&[staple])].concat();
    tested.refuses(&certificate(b"", &list), Fault::UnsolicitedExtension(X::status_request));
    let (mut tested, _) = before_certificate();
    let misplaced = Fault::MisplacedExtension(X::server_name);
    tested.refuses(&certificate(b"", &entry(&[(X::server_name, vec![])])), misplaced);
}

/// A client that waits for CertificateVerify and believes in a key of that kind.
fn before_verify(config: Config, kind: KeyKind) -> (Tested, Fake13) {
    let (mut tested, hello) = start(config, NO_PSK);
    let mut server = Fake13::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    tested.message(&server.certificate()).unwrap();
    tested.accept(kind).unwrap();
    (tested, server)
}

#[test]
fn chains_that_are_not_believed() {
    let asked = || {
        let (mut tested, mut server) = before_certificate();
        tested.message(&server.certificate()).unwrap();
        tested
    };
    let mut tested = asked();
    let fault = Fault::Certificate(REFUSED);
    assert_eq!(tested.answer(Answer::PeerRefused(REFUSED.into())).err(), Some(fault));
    tested.is_over();
    // Also at the last one.
    let mut tested = asked();
    tested.answer(Answer::CertificateNoted).unwrap();
    assert!(matches!(tested.client.need(), Some(Need::PeerCertificate { index: 1, last: true, .. })));
    assert_eq!(tested.answer(Answer::PeerRefused(REFUSED.into())).err(), Some(fault));
    // Noting the last one is no decision.
    let mut tested = asked();
    tested.answer(Answer::CertificateNoted).unwrap();
    let fault = tested.answer(Answer::CertificateNoted).err();
    assert_eq!(fault, Some(Fault::Misuse(Misuse::WrongAnswer)));
    // The caller's key is no key.
    for (spki, why) in [
        (b"nonsense".as_slice(), CertificateFault::Malformed { index: 0 }),
        // id-X25519 is not for signing.
        (b"\x30\x0a\x30\x05\x06\x03\x2b\x65\x6e\x03\x01\x00", CertificateFault::UnsupportedKey),
    ] {
        let mut tested = asked();
        tested.answer(Answer::CertificateNoted).unwrap();
        let fault = tested.answer(Answer::PeerAccepted { spki, identity: IDENTITY }).err();
        assert_eq!(fault, Some(Fault::Certificate(why)));
    }
}

#[test]
fn schemes_of_certificate_verify() {
    let signed = Signed::ServerCertificateVerify;
    // Every key signs by every scheme that we offer, and not all of them may.
    for kind in KeyKind::SIGNING {
        let fitting: &[S] = match kind {
            KeyKind::P256 => &[S::ecdsa_secp256r1_sha256],
            KeyKind::P384 => &[S::ecdsa_secp384r1_sha384],
            KeyKind::P521 => &[S::ecdsa_secp521r1_sha512],
            KeyKind::Ed25519 => &[S::ed25519],
            KeyKind::Rsa => &[S::rsa_pss_rsae_sha256, S::rsa_pss_rsae_sha384, S::rsa_pss_rsae_sha512],
            KeyKind::RsaPss => &[S::rsa_pss_pss_sha256, S::rsa_pss_pss_sha384, S::rsa_pss_pss_sha512],
        };
        for entry in aws::VERIFY {
            let scheme = entry.scheme();
            let (mut tested, mut server) = before_verify(config(), kind);
            if fitting.contains(&scheme) {
                let did = tested.message(&server.certificate_verify(kind, scheme)).unwrap();
                assert!(did.is_empty());
                continue;
            }
            let pkcs1 = [S::rsa_pkcs1_sha256, S::rsa_pkcs1_sha384, S::rsa_pkcs1_sha512].contains(&scheme);
            let fault = match pkcs1 {
                // For certificates only (RFC 8446 §4.2.3).
                true => not_offered(Choice::Scheme, scheme.0),
                false => Fault::SchemeKeyMismatch { signed, scheme, key: kind },
            };
            tested.refuses(&server.verify_message(scheme, b"any"), fault);
        }
    }
    // What nobody offered: SHA-1, another number, and what this configuration does not list.
    let few = || Config { verify: vec![aws::RSA_PSS_SHA256].into(), ..config() };
    for (config, scheme) in [
        (config(), S::ecdsa_sha1),
        (config(), S::rsa_pkcs1_sha1),
        (config(), S::ed448),
        (few(), S::rsa_pss_pss_sha256),
        (config(), S(0xfefe)),
        (few(), S::ecdsa_secp256r1_sha256),
    ] {
        let (mut tested, mut server) = before_verify(config, KeyKind::P256);
        tested.refuses(&server.verify_message(scheme, b"any"), not_offered(Choice::Scheme, scheme.0));
    }
}

#[test]
fn signatures_that_do_not_verify() {
    let scheme = S::ecdsa_secp256r1_sha256;
    let kind = KeyKind::P256;
    let fault = Fault::SignatureInvalid { signed: Signed::ServerCertificateVerify, scheme, key: kind };
    let sign = |from: Sender, transcript: &[u8], bit: Option<usize>| {
        let (mut tested, mut server) = before_verify(config(), kind);
        server.transcript.add(transcript);
        let content = certificate_verify_content(from, &server.transcript.hash());
        let mut signature = key(kind).sign(scheme, &content, &mut aws::SystemRandom).unwrap();
        if let Some(bit) = bit.filter(|bit| bit / 8 < signature.len()) {
            signature[bit / 8] ^= 1 << (bit % 8);
        } else if bit.is_some() {
            return;
        }
        tested.refuses(&server.verify_message(scheme, &signature), fault);
    };
    // As a client; over other messages; with each bit flipped.
    sign(Sender::Client, b"", None);
    sign(Sender::Server, b"more", None);
    (0..8 * 72).for_each(|bit| sign(Sender::Server, b"", Some(bit)));

    let refused = |signature: &[u8]| {
        let (mut tested, mut server) = before_verify(config(), kind);
        tested.refuses(&server.verify_message(scheme, signature), fault);
    };
    refused(b"");
    // r = s = 0.
    refused(b"\x30\x06\x02\x01\x00\x02\x01\x00");
    // By another key of the same kind: the one that the caller did not believe.
    let (mut tested, mut server) = before_verify(config(), kind);
    let content = certificate_verify_content(Sender::Server, &server.transcript.hash());
    let der = aws::KEYS.generate(kind, &mut aws::SystemRandom).unwrap();
    let other = aws::KEYS.load(handclasp_crypto::KeyEncoding::Pkcs8, &der).unwrap();
    let signature = other.sign(scheme, &content, &mut aws::SystemRandom).unwrap();
    tested.refuses(&server.verify_message(scheme, &signature), fault);
}

#[test]
fn finished() {
    let ready = || {
        let (mut tested, mut server) = before_verify(config(), KeyKind::P256);
        tested.message(&server.certificate_verify(KeyKind::P256, S::ecdsa_secp256r1_sha256)).unwrap();
        (tested, server)
    };
    for bit in 0..256 {
        let (mut tested, mut server) = ready();
        let mut finished = server.finished();
        finished[4 + bit / 8] ^= 1 << (bit % 8);
        tested.refuses(&finished, Fault::FinishedInvalid);
    }
    // Ours instead of its own; too short; too long.
    let (mut tested, mut server) = ready();
    let ours = server.client.as_ref().unwrap().finished(&server.transcript.hash());
    tested.refuses(&message(Type::finished, &ours), Fault::FinishedInvalid);
    let good = server.finished();
    for body in [&good[4..35], &[&good[4..], &[0]].concat(), &[]] {
        let (mut tested, _) = ready();
        let found = u32::try_from(body.len()).unwrap();
        let fault = finished_length(32, found);
        tested.refuses(&message(Type::finished, body), fault);
        assert_eq!(tested.report.evidence(&fault), finished_numbers(32, found));
    }
}

#[test]
fn every_message_cut_off_at_every_byte() {
    let at = |state: usize, cut: &[u8]| {
        let (mut tested, hello) = start(config(), NO_PSK);
        let mut server = Fake13::new(&hello);
        for step in 0..state {
            match step {
                0 => tested.message(&server.server_hello()),
                1 => tested.message(&server.encrypted_extensions(vec![])),
                2 => tested.message(&server.certificate_request(&[S::ed25519])),
                _ => tested.message(&server.certificate()).and_then(|_| tested.accept(KeyKind::P256)),
            }
            .unwrap();
        }
        // A ServerHello cut before its extensions is one of TLS 1.2.
        let fault = tested.message(cut).err();
        let parsed = matches!(
            fault,
            Some(Fault::Decode { .. } | Fault::SessionIdNotEchoed | Fault::NotOffered { .. })
        );
        assert!(parsed, "{state} {cut:02x?} {fault:?}");
        tested.is_over();
    };
    let (_, hello) = start(config(), WITH_PSK);
    let mut server = Fake13 { psk: Some(SHARED.to_vec()), ..Fake13::new(&hello) };
    let hello = server.server_hello();
    let list = vec![(X::server_name, vec![]), (X::supported_groups, vector16(&[0, 0x1d]))];
    let whole = [
        hello,
        server.encrypted_extensions(list),
        server.certificate_request(&[S::ed25519]),
        server.certificate(),
        server.verify_message(S::ed25519, b"signature"),
    ];
    for (state, message) in whole.iter().enumerate() {
        truncations(message).for_each(|cut| at(state, &cut));
        // And one byte too many.
        let mut body = message[4..].to_vec();
        body.push(0);
        at(state, &crate::fake::message(Type(message[0]), &body));
    }
}
