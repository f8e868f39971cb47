//! Servers that no other program plays so easily: each says the same to everybody.

use std::net::TcpListener;
use std::thread;

use handclasp_codec::{
    CompressionMethod, Encode as _, HandshakeType, HelloRetryRequest, HelloRetryRequestExtensions,
    KeyShareHelloRetryRequest, SelectedVersion, ServerHello, ServerHelloExtensions, encode_handshake,
};

use super::*;
use crate::check::{large, old_versions, survey};

/// What a server says to a hello, over and over.
fn answers(said: Vec<u8>, closes: bool) -> Target {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let count = stream.read(&mut [0; 4096]).unwrap();
            assert!(count > 0);
            stream.write_all(&said).unwrap();
            if !closes {
                open.push(stream);
            }
        }
    });
    Target::new(&address, Duration::ZERO)
}

fn record(content_type: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[content_type, 3, 3, length[0], length[1]], content].concat()
}

/// A flight of TLS 1.2 with a suite that needs no more.
fn flight12() -> Vec<u8> {
    flight(ProtocolVersion::TLS_1_2)
}

fn flight(version: ProtocolVersion) -> Vec<u8> {
    let hello = ServerHello {
        legacy_version: version,
        random: &[7; 32],
        legacy_session_id_echo: &[],
        cipher_suite: CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256,
        legacy_compression_method: CompressionMethod(0),
        extensions: ServerHelloExtensions::default(),
    };
    let mut messages = Vec::new();
    encode_handshake(&mut messages, HandshakeType::server_hello, |writer| hello.encode(writer)).unwrap();
    encode_handshake(&mut messages, HandshakeType::server_hello_done, |_| {}).unwrap();
    record(22, &messages)
}

fn usual(version: ProtocolVersion) -> Hello {
    Hello::usual(Some("a.example")).only(version)
}

#[test]
fn another_version_than_asked_for_is_no_yes() {
    let mut target = answers(flight12(), false);
    let answer = target.ask(&usual(ProtocolVersion::TLS_1_2)).unwrap();
    assert_eq!((answer.accepted(), answer.to_string().as_str()), (true, "continues"));
    for version in [ProtocolVersion::TLS_1_1, ProtocolVersion::TLS_1_3] {
        let answer = target.ask(&usual(version)).unwrap();
        assert!(!answer.accepted(), "{answer}");
        assert_eq!(answer.to_string(), "selects TLS 1.2, which was not offered");
    }
    assert_eq!(target.asked, 3);
}

#[test]
fn a_warning_is_no_refusal() {
    let warned = [record(21, &[1, 112]), flight12()].concat();
    let answer = answers(warned, false).ask(&usual(ProtocolVersion::TLS_1_2)).unwrap();
    assert_eq!(answer.to_string(), "continues, with the warning unrecognized_name (112)");
    assert!(answer.accepted());
    let refused = answers(record(21, &[2, 112]), false).ask(&usual(ProtocolVersion::TLS_1_2)).unwrap();
    assert_eq!(refused.to_string(), "refuses with unrecognized_name (112)");
}

#[test]
fn half_an_answer_is_none() {
    let mut half = flight12();
    half.truncate(half.len() - 4);
    half[4] -= 4;
    let answer = answers(half, true).ask(&usual(ProtocolVersion::TLS_1_2)).unwrap();
    assert!(matches!(answer, Answer::Closed), "{answer}");
    let answer = answers(Vec::new(), true).ask(&usual(ProtocolVersion::TLS_1_2)).unwrap();
    assert!(matches!(answer, Answer::Closed), "{answer}");
    let answer = answers(b"SSH-2.0-x\r\n".to_vec(), false).ask(&usual(ProtocolVersion::TLS_1_2)).unwrap();
    assert!(matches!(answer, Answer::NotTls(_)), "{answer}");
}

#[test]
fn a_retry_is_followed_where_we_have_the_group() {
    let retry = |group| {
        let retry = HelloRetryRequest {
            legacy_version: ProtocolVersion::TLS_1_2,
            legacy_session_id_echo: &[],
            cipher_suite: CipherSuite::TLS_AES_128_GCM_SHA256,
            legacy_compression_method: CompressionMethod(0),
            extensions: HelloRetryRequestExtensions {
                supported_versions: Some(SelectedVersion { selected_version: ProtocolVersion::TLS_1_3 }),
                key_share: Some(KeyShareHelloRetryRequest { selected_group: group }),
                ..HelloRetryRequestExtensions::default()
            },
        };
        let mut message = Vec::new();
        encode_handshake(&mut message, HandshakeType::server_hello, |writer| retry.encode(writer)).unwrap();
        record(22, &message)
    };
    for (group, asked) in [(NamedGroup::secp384r1, 2), (NamedGroup::x448, 1)] {
        let mut target = answers(retry(group), false);
        let answer = target.ask(&usual(ProtocolVersion::TLS_1_3)).unwrap();
        assert_eq!((answer.group(), target.asked), (Some(group), asked));
    }
}

#[test]
fn a_server_of_ssl3_is_named() {
    let mut target = answers(flight(ProtocolVersion::SSL_3_0), false);
    let survey = survey::survey(&mut target, Some("a.example"), &mut |_| ()).unwrap();
    let (newest, _) = survey.old_only().unwrap();
    assert_eq!((newest, survey.accepted.len()), (ProtocolVersion::SSL_3_0, 0));
    let text = old_versions::text(newest);
    assert!(text.starts_with("The server speaks SSL 3.0 at most. RFC 7568 forbids it"), "{text}");
    // A server that accepts TLS 1.2, too, is not one of old versions only.
    let mut target = answers(flight12(), false);
    assert!(survey::survey(&mut target, None, &mut |_| ()).unwrap().old_only().is_none());
}

/// A server that reads once, and answers only a hello which is complete by then: in one record.
fn reads_once() -> Target {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut hello = [0; 4096];
            let count = stream.read(&mut hello).unwrap();
            let record = 5 + usize::from(u16::from_be_bytes([hello[3], hello[4]]));
            let message = 9 + usize::from(u16::from_be_bytes([hello[7], hello[8]]));
            if count >= record && record == message {
                stream.write_all(&flight12()).unwrap();
                open.push(stream);
            }
        }
    });
    Target::new(&address, Duration::ZERO)
}

#[test]
fn a_server_that_reads_once_is_named() {
    let probes = large::probes(&mut reads_once(), Some("a.example")).unwrap();
    let accepted: Vec<bool> = probes.iter().map(|probe| probe.answer.accepted()).collect();
    assert_eq!(accepted, [true, false, false, true, false, false]);
    let text = large::text(&probes);
    assert!(text.starts_with("1200 bytes in two TCP segments: the server closes the connection"), "{text}");
    assert!(
        text.contains("1700 bytes in two TLS records") && text.contains("[hello.fragmented-unsupported]")
    );
    let probes = large::probes(&mut answers(flight12(), false), None).unwrap();
    assert_eq!((probes.len(), large::cause(&probes)), (6, None));
}
