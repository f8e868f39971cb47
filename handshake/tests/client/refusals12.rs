//! TLS 1.2: what a server may not do, message by message, and the fault that tells it.

use std::sync::atomic::{AtomicUsize, Ordering};

use handclasp_codec::{
    CipherSuite, ExtensionType as X, Field, HandshakeType as Type, NamedGroup, SignatureScheme as S,
};
use handclasp_crypto::{BadSignature, KeyKind, Suite, Verify};
use handclasp_handshake::{Answer, Config, ExtendedMasterSecret, Input};
use handclasp_provider_aws_lc as aws;
use handclasp_report::{Choice, Fault, ShareFault, Signed};

use crate::{
    fake::{ServerHello, message, protocols, truncations, vector8, vector16, vector24},
    fake12::Fake12,
    setup::{
        Did, Hybrid, NO_PSK, REFUSED, SHARED, Tested, WITH_PSK, config, finished_length, finished_numbers,
        key, messages, only12, shape, start,
    },
};

#[track_caller]
fn hello_refused(config: Config, edit: impl FnOnce(&mut ServerHello), fault: Fault) {
    let (mut tested, hello) = start(config, NO_PSK);
    let bytes = Fake12::new(&hello).edited_server_hello(edit);
    tested.refuses(&bytes, fault);
}

#[test]
fn server_hello() {
    let not_offered = |choice, found| Fault::NotOffered { choice, found };
    for suite in [
        CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256,
        // Offered, of the other version.
        CipherSuite::TLS_AES_128_GCM_SHA256,
        // Of the provider, offered only with a key.
        CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV,
    ] {
        hello_refused(config(), |hello| hello.suite = suite, not_offered(Choice::Suite, suite.0));
    }
    hello_refused(config(), |hello| hello.compression = 1, not_offered(Choice::Compression, 1));
    let remove = |hello: &mut ServerHello| hello.remove(X::extended_master_secret);
    hello_refused(config(), remove, Fault::NoExtendedMasterSecret);
    let renegotiation = |hello: &mut ServerHello| hello.set(X::renegotiation_info, vec![1, 0]);
    hello_refused(config(), renegotiation, Fault::RenegotiationInfo);
    let compressed = |hello: &mut ServerHello| hello.set(X::ec_point_formats, vec![2, 1, 2]);
    hello_refused(config(), compressed, Fault::IllegalParameter(Field::ec_point_format_list));
}

#[test]
fn extensions_of_the_server_hello() {
    let alpn = X::application_layer_protocol_negotiation;
    for (number, content, fault) in [
        (X::status_request, vec![], Fault::UnsolicitedExtension(X::status_request)),
        (X::session_ticket, vec![], Fault::UnsolicitedExtension(X::session_ticket)),
        (X::encrypt_then_mac, vec![], Fault::UnsolicitedExtension(X::encrypt_then_mac)),
        (alpn, protocols(&[b"h2"]), Fault::UnsolicitedExtension(alpn)),
        (X(0x4321), vec![], Fault::UnsolicitedExtension(X(0x4321))),
        (X::signature_algorithms, vec![], Fault::MisplacedExtension(X::signature_algorithms)),
        (X::key_share, [vec![0, 0x1d], vector16(&[9; 32])].concat(), Fault::MisplacedExtension(X::key_share)),
    ] {
        hello_refused(config(), |hello| hello.set(number, content), fault);
    }
    let ours = || Config { alpn: vec![b"mqtt".to_vec()], ..config() };
    let fault = Fault::NotOffered { choice: Choice::Alpn, found: 0 };
    hello_refused(ours(), |hello| hello.set(alpn, protocols(&[b"h2"])), fault);
    let fault = Fault::IllegalParameter(Field::protocol_name_list);
    hello_refused(ours(), |hello| hello.set(alpn, protocols(&[b"mqtt", b"mqtt"])), fault);

    // Fine: a name acknowledged, point formats, a protocol of ours, groups although they should
    // not be here, and no word of renegotiation.
    let (mut tested, hello) = start(ours(), NO_PSK);
    let bytes = Fake12::new(&hello).edited_server_hello(|hello| {
        hello.set(X::server_name, vec![]);
        hello.set(X::ec_point_formats, vec![2, 1, 0]);
        hello.set(alpn, protocols(&[b"mqtt"]));
        hello.set(X::supported_groups, vector16(&[0, 0x1d]));
        hello.remove(X::renegotiation_info);
    });
    tested.message(&bytes).unwrap();
}

/// A client that believes in a key of that kind and waits for ServerKeyExchange.
fn before_exchange(config: Config, suite: &'static Suite, kind: KeyKind) -> (Tested, Fake12) {
    let (mut tested, hello) = start(config, NO_PSK);
    let mut server = Fake12 { suite, ..Fake12::new(&hello) };
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.certificate()).unwrap();
    tested.accept(kind).unwrap();
    (tested, server)
}

const ECDSA: &Suite = &aws::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
const RSA: &Suite = &aws::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;

#[test]
fn certificates() {
    let ready = |suite| {
        let (mut tested, hello) = start(config(), NO_PSK);
        let mut server = Fake12 { suite, ..Fake12::new(&hello) };
        tested.message(&server.server_hello()).unwrap();
        (tested, server)
    };
    let (mut tested, _) = ready(ECDSA);
    tested.does_not_parse(&message(Type::certificate, &vector24(b"")));
    let (mut tested, _) = ready(ECDSA);
    tested.does_not_parse(&message(Type::certificate, &vector24(&vector24(b""))));
    let (mut tested, mut server) = ready(ECDSA);
    tested.message(&server.certificate()).unwrap();
    let fault = tested.answer(Answer::PeerRefused(REFUSED.into())).err();
    assert_eq!(fault, Some(Fault::Certificate(REFUSED)));
    // A key that the suite has no use for.
    for kind in KeyKind::SIGNING {
        let wrong = if kind == KeyKind::Rsa { ECDSA } else { RSA };
        let (mut tested, mut server) = ready(wrong);
        tested.message(&server.certificate()).unwrap();
        assert_eq!(tested.accept(kind).err(), Some(Fault::IllegalParameter(Field::cipher_suite)));
    }
}

#[test]
fn schemes_of_server_key_exchange() {
    let signed = Signed::ServerKeyExchange;
    for kind in KeyKind::SIGNING {
        let suite = if kind == KeyKind::Rsa { RSA } else { ECDSA };
        // What the key can do.
        for scheme in key(kind).schemes() {
            let (mut tested, mut server) = before_exchange(config(), suite, kind);
            let params = server.params();
            tested.message(&server.signed(&params, kind, *scheme)).unwrap();
        }
        // What belongs to another kind of key.
        let other = if kind == KeyKind::Ed25519 { S::ecdsa_secp256r1_sha256 } else { S::ed25519 };
        let (mut tested, mut server) = before_exchange(config(), suite, kind);
        let params = server.params();
        let fault = Fault::SchemeKeyMismatch { signed, scheme: other, key: kind };
        tested.refuses(&server.key_exchange_message(&params, other, b"any"), fault);
    }
    for scheme in [S::rsa_pkcs1_sha1, S::ecdsa_sha1, S::rsa_pkcs1_md5, S::ed448, S(0)] {
        let (mut tested, mut server) = before_exchange(config(), ECDSA, KeyKind::P256);
        let params = server.params();
        let fault = Fault::NotOffered { choice: Choice::Scheme, found: scheme.0 };
        tested.refuses(&server.key_exchange_message(&params, scheme, b"any"), fault);
    }
}

/// Believes everything, and counts.
struct Credulous(S, KeyKind);

static ASKED: AtomicUsize = AtomicUsize::new(0);

impl Verify for Credulous {
    fn scheme(&self) -> S {
        self.0
    }
    fn key(&self) -> KeyKind {
        self.1
    }
    fn verify(&self, _: &[u8], _: &[u8], _: &[u8]) -> Result<(), BadSignature> {
        ASKED.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// In TLS 1.2 the hash says nothing about the curve.
#[test]
fn every_hash_with_every_curve() {
    const SCHEMES: [S; 3] = [S::ecdsa_secp256r1_sha256, S::ecdsa_secp384r1_sha384, S::ecdsa_secp521r1_sha512];
    static ENTRIES: [Credulous; 9] = [
        Credulous(SCHEMES[0], KeyKind::P256),
        Credulous(SCHEMES[0], KeyKind::P384),
        Credulous(SCHEMES[0], KeyKind::P521),
        Credulous(SCHEMES[1], KeyKind::P256),
        Credulous(SCHEMES[1], KeyKind::P384),
        Credulous(SCHEMES[1], KeyKind::P521),
        Credulous(SCHEMES[2], KeyKind::P256),
        Credulous(SCHEMES[2], KeyKind::P384),
        Credulous(SCHEMES[2], KeyKind::P521),
    ];
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::P521] {
        for scheme in SCHEMES {
            let verify = ENTRIES.iter().map(|entry| -> &'static dyn Verify { entry }).collect();
            let (mut tested, mut server) = before_exchange(Config { verify, ..config() }, ECDSA, kind);
            let params = server.params();
            tested.message(&server.key_exchange_message(&params, scheme, b"any")).unwrap();
        }
    }
    assert_eq!(ASKED.load(Ordering::Relaxed), 9);
}

#[test]
fn signatures_that_do_not_verify() {
    let (scheme, key) = (S::ecdsa_secp256r1_sha256, KeyKind::P256);
    let fault = Fault::SignatureInvalid { signed: Signed::ServerKeyExchange, scheme, key };
    // Params altered after signing: each bit of the share.
    for bit in (0..32 * 8).step_by(7) {
        let (mut tested, mut server) = before_exchange(config(), ECDSA, key);
        let params = server.params();
        let mut message = server.signed(&params, key, scheme);
        message[4 + 4 + bit / 8] ^= 1 << (bit % 8);
        tested.refuses(&message, fault);
    }
    // Of another connection.
    let (mut tested, mut server) = before_exchange(config(), ECDSA, key);
    let (_, mut other) = before_exchange(config(), ECDSA, key);
    let params = server.params();
    tested.refuses(&other.signed(&params, key, scheme), fault);
    let (mut tested, _) = before_exchange(config(), ECDSA, key);
    tested.refuses(&server.key_exchange_message(&params, scheme, b""), fault);
}

#[test]
fn certificate_on_a_curve_not_offered() {
    let few = Config { groups: vec![aws::X25519, aws::SECP256R1].into(), ..config() };
    let (mut tested, hello) = start(few, NO_PSK);
    let mut server = Fake12 { suite: ECDSA, ..Fake12::new(&hello) };
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.certificate()).unwrap();
    let fault = Fault::NotOffered { choice: Choice::Group, found: NamedGroup::secp384r1.0 };
    assert_eq!(tested.accept(KeyKind::P384).err(), Some(fault));
}

#[test]
fn params_of_no_use() {
    let (scheme, key) = (S::ecdsa_secp256r1_sha256, KeyKind::P256);
    let signed = |params: &[u8], config: Config, fault: Fault| {
        let (mut tested, mut server) = before_exchange(config, ECDSA, key);
        let message = server.signed(params, key, scheme);
        tested.refuses(&message, fault);
    };
    let params =
        |group: NamedGroup, share: &[u8]| [vec![3], group.0.to_be_bytes().to_vec(), vector8(share)].concat();
    let not_offered = |group: NamedGroup| Fault::NotOffered { choice: Choice::Group, found: group.0 };
    for group in [NamedGroup::x448, NamedGroup::brainpoolP256r1, NamedGroup::X25519MLKEM768] {
        signed(&params(group, &[1; 32]), config(), not_offered(group));
    }
    // The curve of the key is offered, or its certificate would not do.
    let few = Config { groups: vec![aws::X25519, aws::SECP256R1].into(), ..config() };
    signed(&params(NamedGroup::secp384r1, &[4; 97]), few, not_offered(NamedGroup::secp384r1));
    // In TLS 1.3 it would do.
    let hybrid = Config { groups: vec![&Hybrid, aws::X25519, aws::SECP256R1].into(), ..config() };
    let group = NamedGroup::X25519MLKEM768;
    signed(&params(group, &[9; 32]), hybrid, not_offered(group));
    let group = NamedGroup::x25519;
    let problem = ShareFault::Length { expected: 32.into(), found: 33.into() };
    signed(&params(group, &[1; 33]), config(), Fault::KeyShare { group, problem });
    signed(&params(group, &[0; 32]), config(), Fault::KeyShare { group, problem: ShareFault::Refused });
    let group = NamedGroup::secp256r1;
    let problem = ShareFault::Refused;
    signed(&params(group, &[4; 65]), config(), Fault::KeyShare { group, problem });
    // A curve by its numbers.
    let (mut tested, _) = before_exchange(config(), ECDSA, key);
    tested.does_not_parse(&message(Type::server_key_exchange, &[1, 0, 0x1d, 1, 1, 4, 3, 0, 0]));
}

#[test]
fn finished() {
    let ready = || {
        let (mut tested, mut server) = before_exchange(config(), ECDSA, KeyKind::P384);
        tested.message(&server.server_key_exchange(KeyKind::P384)).unwrap();
        let did = tested.message(&server.server_hello_done()).unwrap();
        server.client_flight(&messages(&did), None);
        tested.input(Input::ChangeCipherSpec).unwrap();
        (tested, server)
    };
    for bit in 0..96 {
        let (mut tested, mut server) = ready();
        let mut finished = server.finished();
        finished[4 + bit / 8] ^= 1 << (bit % 8);
        tested.refuses(&finished, Fault::FinishedInvalid);
    }
    for length in [0, 11, 13] {
        let (mut tested, mut server) = ready();
        let mut body = server.finished()[4..].to_vec();
        body.resize(length, 0);
        let found = u32::try_from(length).unwrap();
        let fault = finished_length(12, found);
        tested.refuses(&message(Type::finished, &body), fault);
        assert_eq!(tested.report.evidence(&fault), finished_numbers(12, found));
    }
}

#[test]
fn every_message_cut_off_at_every_byte() {
    let kind = KeyKind::P256;
    let at = |state: usize, cut: &[u8]| {
        let (mut tested, hello) = start(only12(), NO_PSK);
        let mut server = Fake12::new(&hello);
        for step in 0..state {
            match step {
                0 => tested.message(&server.server_hello()),
                1 => tested.message(&server.certificate()).and_then(|_| tested.accept(kind)),
                _ => tested.message(&server.server_key_exchange(kind)),
            }
            .unwrap();
        }
        let fault = tested.message(cut).err();
        // A ServerHello may end before its extensions.
        let parsed = matches!(fault, Some(Fault::Decode { .. } | Fault::NoExtendedMasterSecret));
        assert!(parsed, "{state} {cut:02x?} {fault:?}");
    };
    let (_, hello) = start(only12(), NO_PSK);
    let mut server = Fake12::new(&hello);
    let whole = [
        server.server_hello(),
        server.certificate(),
        server.server_key_exchange(kind),
        server.certificate_request(&[], &[S::ed25519]),
    ];
    for (state, message) in whole.iter().enumerate() {
        truncations(message).for_each(|cut| at(state, &cut));
        let mut body = message[4..].to_vec();
        body.push(0);
        at(state, &crate::fake::message(Type(message[0]), &body));
    }
    at(3, &message(Type::server_hello_done, &[0]));
}

#[test]
fn pre_shared_keys() {
    for hint in [false, true] {
        let (mut tested, hello) = start(only12(), WITH_PSK);
        let suite = &aws::TLS_PSK_WITH_AES_256_GCM_SHA384;
        let mut server = Fake12 { suite, psk: SHARED.to_vec(), ..Fake12::new(&hello) };
        tested.message(&server.server_hello()).unwrap();
        if hint {
            tested.message(&server.hint()).unwrap();
        }
        let did = tested.message(&server.server_hello_done()).unwrap();
        server.client_flight(&messages(&did), None);
        tested.input(Input::ChangeCipherSpec).unwrap();
        let did = tested.message(&server.finished()).unwrap();
        let Some(Did::Connected(connected)) = did.last() else { panic!("connected") };
        assert_eq!(connected.psk_identity.as_deref(), Some(b"device-7".as_slice()));
        assert!(connected.peer.is_none() && connected.group.is_none() && connected.scheme.is_none());
        assert!(connected.exporter.is_some());
    }
    // A hint that does not parse; suites that the key is not for.
    let (mut tested, hello) = start(only12(), WITH_PSK);
    let mut server = Fake12 { suite: &aws::TLS_PSK_WITH_AES_128_GCM_SHA256, ..Fake12::new(&hello) };
    tested.message(&server.server_hello()).unwrap();
    tested.does_not_parse(&message(Type::server_key_exchange, &[0, 1]));
    let (mut tested, hello) = start(only12(), WITH_PSK);
    let fault = Fault::NotOffered { choice: Choice::Suite, found: ECDSA.id.0 };
    tested.refuses(&Fake12::new(&hello).server_hello(), fault);
}

#[test]
fn without_extended_master_secret_there_is_no_exporter() {
    let config = Config { extended_master_secret: ExtendedMasterSecret::Offered, ..only12() };
    for extended_master_secret in [true, false] {
        let (mut tested, hello) = start(config.clone(), NO_PSK);
        let mut server = Fake12 { suite: RSA, extended_master_secret, ..Fake12::new(&hello) };
        tested.message(&server.server_hello()).unwrap();
        tested.message(&server.certificate()).unwrap();
        tested.accept(KeyKind::Rsa).unwrap();
        tested.message(&server.server_key_exchange(KeyKind::Rsa)).unwrap();
        let did = tested.message(&server.server_hello_done()).unwrap();
        assert_eq!(shape(&did), "log client_key_exchange change_cipher_spec write finished");
        server.client_flight(&messages(&did), None);
        tested.input(Input::ChangeCipherSpec).unwrap();
        let did = tested.message(&server.finished()).unwrap();
        let Some(Did::Connected(connected)) = did.last() else { panic!("connected") };
        assert_eq!(connected.exporter.is_some(), extended_master_secret);
    }
}
