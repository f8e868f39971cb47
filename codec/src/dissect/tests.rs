//! Recorded handshakes under `tests/vectors`, one message per line, sender first. The trace must cover
//! every byte exactly once, and every decoded message must encode to the same bytes, except where the
//! peer ordered its extensions differently from this crate.

use std::{fs, string::String, vec::Vec};

use super::*;
use crate::test_support::{Recorder, bears_change, bytes, encoded};
use crate::*;

fn vectors() -> Vec<(String, Vec<Vec<u8>>)> {
    let folder = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors")).unwrap();
    let read = |path: std::path::PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let messages = lines.map(|line| bytes(line.split_once(' ').unwrap().1)).collect();
        (path.file_stem().unwrap().to_string_lossy().into_owned(), messages)
    };
    folder.map(|entry| read(entry.unwrap().path())).collect()
}

/// Takes version and suite from a ServerHello, as the reader of a capture does.
fn learn(context: &mut Context, message: &HandshakeMessage<'_>) {
    if message.header.msg_type != HandshakeType::server_hello {
        return;
    }
    if let Ok(ServerHelloOrRetry::ServerHello(hello)) =
        ServerHelloOrRetry::from_bytes(message.body, Field::body)
    {
        let selected = hello.extensions.supported_versions.map(|selected| selected.selected_version);
        context.version = selected.or(Some(hello.legacy_version));
        context.cipher_suite = Some(hello.cipher_suite);
    }
}

fn traced(context: Context, wire: &[u8]) -> Result<Recorder, DecodeError> {
    let mut recorder = Recorder::default();
    let mut reader = Reader::new(wire, &mut recorder);
    let dissected = reader.whole(Field::handshake, |reader| dissect_handshake(context, reader));
    dissected.map_err(|malformed| recorder.slot.error(malformed))?;
    assert_eq!(recorder.next, wire.len());
    assert!(recorder.open.is_empty());
    Ok(recorder)
}

#[test]
fn real_handshakes_are_covered_to_the_byte() {
    let vectors = vectors();
    assert!(vectors.len() >= 11);
    for (name, messages) in vectors {
        let mut context = Context::default();
        for wire in messages {
            let message = split_handshake(&wire).unwrap();
            assert!(message.rest.is_empty());
            learn(&mut context, &message);
            let told = traced(context, &wire).unwrap_or_else(|error| panic!("{name}: {error:?}"));
            let opaque = told.leaves.iter().any(|(field, ..)| *field == Field::body);
            assert!(!opaque, "{name}: {} stayed opaque", message.header.msg_type);
            for end in 0..wire.len() {
                assert!(traced(context, &wire[..end]).is_err());
            }
            bears_change(&wire, |changed| traced(context, changed));
        }
    }
}

#[test]
fn real_bodies_round_trip() {
    for (name, messages) in vectors() {
        let mut context = Context::default();
        for wire in messages {
            let message = split_handshake(&wire).unwrap();
            learn(&mut context, &message);
            let body = message.body;
            let version = context.version;
            let tls13 = version == Some(ProtocolVersion::TLS_1_3);
            let again = match message.header.msg_type {
                HandshakeType::certificate_verify => again::<CertificateVerify<'_>>(body),
                HandshakeType::encrypted_extensions => again::<EncryptedExtensions<'_>>(body),
                HandshakeType::certificate if tls13 => again::<Certificate13<'_>>(body),
                HandshakeType::new_session_ticket if tls13 => again::<NewSessionTicket13<'_>>(body),
                HandshakeType::new_session_ticket => again::<NewSessionTicket12<'_>>(body),
                HandshakeType::certificate_request if !tls13 => again::<CertificateRequest12<'_>>(body),
                HandshakeType::finished => again::<Finished<'_>>(body),
                _ => continue,
            };
            assert_eq!(again, body, "{name}: {}", message.header.msg_type);
        }
    }
}

fn again<'a, M: Decode<'a> + Encode>(body: &'a [u8]) -> Vec<u8> {
    encoded(&M::from_bytes(body, Field::body).unwrap())
}

fn message<'v>(vectors: &'v [(String, Vec<Vec<u8>>)], name: &str, index: usize) -> HandshakeMessage<'v> {
    let (_, messages) = vectors.iter().find(|(found, _)| found == name).unwrap();
    split_handshake(&messages[index]).unwrap()
}

#[test]
fn a_client_hello_of_openssl() {
    let vectors = vectors();
    let hello = message(&vectors, "openssl-tls13-hrr-mutual", 0);
    let hello = ClientHello::from_bytes(hello.body, Field::body).unwrap();
    assert_eq!(hello.extensions.server_name.unwrap().host_name(), Some(&b"device.local"[..]));
    let shares = hello.extensions.key_share.unwrap().client_shares;
    assert!(shares.iter().map(|share| share.group).eq([NamedGroup::x25519]));
    let names = hello.extensions.application_layer_protocol_negotiation.unwrap().protocol_name_list;
    assert!(names.iter().eq([ProtocolName(b"h2"), ProtocolName(b"http/1.1")]));
    let retry = message(&vectors, "openssl-tls13-hrr-mutual", 1);
    let retry = ServerHelloOrRetry::from_bytes(retry.body, Field::body).unwrap();
    let ServerHelloOrRetry::HelloRetryRequest(retry) = retry else { panic!("not a retry") };
    assert_eq!(retry.extensions.key_share.unwrap().selected_group, NamedGroup::secp384r1);
}

#[test]
fn binders_of_openssl() {
    let vectors = vectors();
    let hello = message(&vectors, "psk-tls13-ok", 0);
    let decoded = ClientHello::from_bytes(hello.body, Field::body).unwrap();
    let offered = decoded.extensions.pre_shared_key.unwrap();
    let binder = offered.binders.iter().next().unwrap();
    assert_eq!(offered.binders_wire_len(), 2 + 1 + binder.0.len());
    assert!(hello.body.ends_with(binder.0));
}

#[test]
fn the_signed_params_of_java() {
    let vectors = vectors();
    let exchange = message(&vectors, "mtls-ok-java-ec", 3);
    let exchange = ServerKeyExchangeEcdhe::from_bytes(exchange.body, Field::body).unwrap();
    assert_eq!(exchange.params_bytes, encoded(&exchange.params));
}

#[test]
fn names_in_the_order_of_the_wire() {
    let vectors = vectors();
    let hello = message(&vectors, "boringssl-ok-psk-aes-256-cbc-sha", 0);
    let told = traced(Context::default(), hello.message).unwrap();
    let leaves: Vec<Field> = told.leaves.iter().map(|(field, ..)| *field).take(7).collect();
    let expected = [
        Field::msg_type,
        Field::length,
        Field::legacy_version,
        Field::random,
        Field::legacy_session_id,
        Field::legacy_session_id,
        Field::cipher_suites,
    ];
    assert_eq!(leaves, expected);
    assert_eq!(told.structures[..3], [Field::handshake, Field::client_hello, Field::cipher_suites]);
    assert!(told.leaves.iter().any(|(_, _, value)| value.contains("TLS_PSK_WITH_AES_256_CBC_SHA")));
}

#[test]
fn every_type_under_every_context_bears_anything() {
    let suites = [0x1301, 0x002f, 0x0033, 0x0034, 0xc004, 0xc02b, 0xc018, 0x00a8, 0x00aa, 0x00ac, 0xd001];
    let versions = [0, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304];
    let bodies = [&[][..], &[0; 64], &[0xff; 64], &[3, 0, 23, 1, 4, 4, 3, 0, 1, 0], &[0, 1, b'x', 0, 1, 9]];
    for msg_type in 0..=u8::MAX {
        for suite in suites {
            for version in versions {
                let context = Context {
                    version: (version != 0).then_some(ProtocolVersion(version)),
                    cipher_suite: Some(CipherSuite(suite)),
                };
                for body in bodies {
                    let mut recorder = Recorder::default();
                    let mut reader = Reader::new(body, &mut recorder);
                    if dissect(HandshakeType(msg_type), context, &mut reader).is_ok() {
                        assert_eq!(recorder.next, body.len());
                    }
                }
            }
        }
    }
}

#[test]
fn before_tls_1_2_nothing_names_the_algorithm() {
    let signed = bytes("0c 00000c 03 0017 03 040102 0003 736967");
    let ecdhe_rsa = Some(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA);
    let context = Context { version: Some(ProtocolVersion::TLS_1_0), cipher_suite: ecdhe_rsa };
    let told = traced(context, &signed).unwrap();
    assert_eq!(told.leaves.last().unwrap().0, Field::signature);
    let unknown = traced(Context::default(), &signed).unwrap();
    assert_eq!(unknown.leaves.last().unwrap().0, Field::body);
}
