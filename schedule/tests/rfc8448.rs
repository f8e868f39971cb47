//! The key schedule compared with the traces of RFC 8448 sections 3 to 6: every secret, key, Finished
//! and binder. `record` opens the records of the same traces.

mod vectors;

use handclasp_crypto::{BadSignature, KeyKind, Secret, Suite};
use handclasp_provider_aws_lc::{ECDSA_P256_SHA256, SHA256, TLS_AES_128_GCM_SHA256};
use handclasp_schedule::{
    BinderKind, EarlySecret, Epoch, HandshakeSecret, Sender, TrafficSecret, Transcript,
    certificate_verify_content,
};
use vectors::Vectors;

static SUITE: &Suite = &TLS_AES_128_GCM_SHA256;

/// Length of the header before a Finished.
const HEADER: usize = 4;

fn secret(bytes: &[u8]) -> Secret {
    Secret::copy_from(bytes).unwrap()
}

fn check_traffic(found: &TrafficSecret, trace: &Vectors, name: &str, keys: &str) {
    assert_eq!(found.secret().expose(), &trace[name], "{name}");
    let found = found.keys(SUITE);
    assert_eq!(found.key.expose(), &trace[&format!("{keys}_key")], "{keys}");
    assert_eq!(found.iv_or_mac_key.expose(), &trace[&format!("{keys}_iv")], "{keys}");
}

/// Checks the handshake traffic secrets; the transcript ends with ServerHello.
fn check_handshake(stage: &HandshakeSecret, trace: &Vectors) {
    let (client, server) = (stage.traffic(Sender::Client), stage.traffic(Sender::Server));
    check_traffic(client, trace, "client_handshake_traffic_secret", "client_handshake");
    check_traffic(server, trace, "server_handshake_traffic_secret", "server_handshake");
}

fn add(transcript: &mut Transcript, trace: &Vectors, names: &[&str]) {
    names.iter().filter_map(|name| trace.get(name)).for_each(|message| transcript.add(message));
}

/// Checks from the first stage to the last secret; the transcript ends with ServerHello.
fn check(trace: &Vectors, early: EarlySecret, mut transcript: Transcript) -> Signature {
    let hash = transcript.hash();
    assert_eq!(&*hash, &trace["hash_server_hello"]);
    let stage = early.handshake(Some(&secret(&trace["shared_secret"])), &hash);
    check_handshake(&stage, trace);

    add(&mut transcript, trace, &["encrypted_extensions", "certificate_request", "server_certificate"]);
    let signature = check_signature(trace, &transcript);
    add(&mut transcript, trace, &["server_certificate_verify"]);
    let server = stage.traffic(Sender::Server).finished(&transcript.hash());
    assert_eq!(&*server, &trace["server_finished"][HEADER..]);
    add(&mut transcript, trace, &["server_finished"]);

    let hash = transcript.hash();
    assert_eq!(&*hash, &trace["hash_server_finished"]);
    let main = stage.main(&hash);
    let application = |sender| main.traffic(Epoch::Application, sender);
    let (client, server) = (application(Sender::Client), application(Sender::Server));
    check_traffic(client, trace, "client_application_traffic_secret_0", "client_application");
    check_traffic(server, trace, "server_application_traffic_secret_0", "server_application");
    let mut place = None;
    assert_eq!(main.exporter(&hash, &mut place).secret().unwrap().expose(), &trace["exporter_secret"]);

    add(&mut transcript, trace, &["end_of_early_data", "client_certificate", "client_certificate_verify"]);
    let client = main.traffic(Epoch::Handshake, Sender::Client).finished(&transcript.hash());
    assert_eq!(&*client, &trace["client_finished"][HEADER..]);
    add(&mut transcript, trace, &["client_finished"]);
    assert_eq!(&*transcript.hash(), &trace["hash_client_finished"]);
    let application = main.application(Some(&transcript.hash()));
    assert_eq!(application.resumption().expose(), &trace["resumption_secret"]);
    if let Some(psk) = trace.get("resumption_psk") {
        let mut found = Secret::zero(0);
        application.resumption_psk(ticket_nonce(trace), &mut found);
        assert_eq!(found.expose(), psk);
    }
    signature
}

/// Returns ticket_nonce of the NewSessionTicket: 2 bytes after ticket_lifetime and ticket_age_add.
fn ticket_nonce(trace: &Vectors) -> &[u8] {
    let ticket = &trace["server_record_0_content"][1..];
    assert_eq!(ticket[HEADER + 8], 2);
    &ticket[HEADER + 9..HEADER + 11]
}

/// Whether the server's signature could be checked.
#[derive(Debug, PartialEq, Eq)]
enum Signature {
    Verified,
    Skipped,
}

/// Checks the server's CertificateVerify if its key is on P-256 (section 6). The other traces have RSA
/// keys of 1024 bits, which our providers reject.
fn check_signature(trace: &Vectors, transcript: &Transcript) -> Signature {
    let Some((certificate, message)) =
        trace.get("server_certificate").zip(trace.get("server_certificate_verify"))
    else {
        return Signature::Skipped;
    };
    let algorithm = KeyKind::P256.algorithm_identifier();
    let Some(at) = certificate.windows(algorithm.len()).position(|window| window == algorithm) else {
        return Signature::Skipped;
    };
    // BIT STRING of 66 bytes, no unused bits, an uncompressed point.
    let point = certificate[at + algorithm.len()..].strip_prefix(b"\x03\x42\0").unwrap();
    // After the header: the scheme, the length of the signature.
    assert_eq!(message[HEADER..HEADER + 2], [0x04, 0x03]);
    let signature = &message[HEADER + 4..];
    let verify = |sender| {
        let content = certificate_verify_content(sender, &transcript.hash());
        ECDSA_P256_SHA256.verify(&point[..65], &content, signature)
    };
    assert_eq!(verify(Sender::Server), Ok(()));
    assert_eq!(verify(Sender::Client), Err(BadSignature));
    Signature::Verified
}

#[test]
fn simple_1_rtt_handshake() {
    let trace = Vectors::load("rfc8448-3");
    let mut transcript = Transcript::new();
    transcript.add(&trace["client_hello"]);
    transcript.select(SHA256);
    transcript.add(&trace["server_hello"]);
    assert!(transcript.messages().is_empty(), "bytes are dropped once the hash is known");
    check(&trace, EarlySecret::new(SHA256, None), transcript);

    assert_eq!(trace["resumption_psk"], Vectors::load("rfc8448-4")["psk"]);
}

#[test]
fn resumed_0_rtt_handshake() {
    let trace = Vectors::load("rfc8448-4");
    let early = EarlySecret::new(SHA256, Some(&trace["psk"]));
    let client_hello = &trace["client_hello"];
    // One binder of 32 bytes, its length, and the length of the list.
    let truncated = &client_hello[..client_hello.len() - 35];

    let mut transcript = Transcript::new();
    let binder_hash = transcript.hash_with(SHA256, truncated);
    assert_eq!(&*binder_hash, &trace["binder_hash"]);
    let binder = early.binder(BinderKind::Resumption, &binder_hash);
    assert_eq!(&*binder, &trace["binder"]);
    assert_eq!(&*binder, &client_hello[client_hello.len() - 32..]);
    assert_ne!(&*early.binder(BinderKind::External, &binder_hash), &trace["binder"]);

    transcript.add(client_hello);
    transcript.add(&trace["server_hello"]);
    transcript.select(SHA256);
    check(&trace, early, transcript);
}

#[test]
fn hello_retry_request() {
    let trace = Vectors::load("rfc8448-5");
    let mut transcript = Transcript::new();
    transcript.add(&trace["client_hello"]);
    transcript.select(SHA256);
    transcript.replace_first_hello();
    transcript.add(&trace["hello_retry_request"]);
    transcript.add(&trace["second_client_hello"]);
    transcript.add(&trace["server_hello"]);
    check(&trace, EarlySecret::new(SHA256, None), transcript);
}

#[test]
fn client_authentication() {
    let trace = Vectors::load("rfc8448-6");
    let mut transcript = Transcript::new();
    transcript.add(&trace["client_hello"]);
    transcript.add(&trace["server_hello"]);
    transcript.select(SHA256);
    assert_eq!(check(&trace, EarlySecret::new(SHA256, None), transcript), Signature::Verified);
    assert!(trace.get("certificate_request").is_some() && trace.get("client_certificate_verify").is_some());
}
