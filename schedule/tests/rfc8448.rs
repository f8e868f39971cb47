//! The key schedule against RFC 8448: the traces of its sections 3 to 6, every secret, key,
//! Finished and binder. The records of the same traces are opened in `record`.

mod vectors;

use handclasp_crypto::{Secret, Suite};
use handclasp_provider_aws_lc::{SHA256, TLS_AES_128_GCM_SHA256};
use handclasp_schedule::{
    BinderKind, EarlySecret, HandshakeSecret, MainSecret, TrafficSecret, Transcript, resumption_psk,
};
use vectors::Vectors;

static SUITE: &Suite = &TLS_AES_128_GCM_SHA256;

/// The four bytes in front of a Finished.
const HEADER: usize = 4;

fn secret(bytes: &[u8]) -> Secret {
    Secret::copy_from(bytes).unwrap()
}

fn check_traffic(found: &TrafficSecret, trace: &Vectors, name: &str, keys: &str) {
    assert_eq!(found.secret().expose(), &trace[name], "{name}");
    let found = found.keys(SUITE);
    assert_eq!(found.key.expose(), &trace[&format!("{keys}_key")], "{keys}");
    assert_eq!(found.iv.expose(), &trace[&format!("{keys}_iv")], "{keys}");
}

/// The handshake's traffic secrets; the transcript ends with ServerHello.
fn check_handshake(stage: &HandshakeSecret, trace: &Vectors, transcript: &Transcript) -> [TrafficSecret; 2] {
    let hash = transcript.hash();
    assert_eq!(&*hash, &trace["hash_server_hello"]);
    let client = stage.client_handshake_traffic(&hash);
    let server = stage.server_handshake_traffic(&hash);
    check_traffic(&client, trace, "client_handshake_traffic_secret", "client_handshake");
    check_traffic(&server, trace, "server_handshake_traffic_secret", "server_handshake");
    [client, server]
}

/// From the server's encrypted messages to the resumption secret.
fn check_rest(
    trace: &Vectors,
    stage: HandshakeSecret,
    mut transcript: Transcript,
    early_data: bool,
) -> MainSecret {
    let [client, server] = check_handshake(&stage, trace, &transcript);
    let add = |transcript: &mut Transcript, names: &[&str]| {
        names.iter().filter_map(|name| trace.get(name)).for_each(|message| transcript.add(message));
    };

    add(
        &mut transcript,
        &["encrypted_extensions", "certificate_request", "server_certificate", "server_certificate_verify"],
    );
    assert_eq!(&*server.finished(&transcript.hash()), &trace["server_finished"][HEADER..]);
    add(&mut transcript, &["server_finished"]);

    let main = stage.main();
    let hash = transcript.hash();
    assert_eq!(&*hash, &trace["hash_server_finished"]);
    let client_application = main.client_application_traffic(&hash);
    let server_application = main.server_application_traffic(&hash);
    check_traffic(&client_application, trace, "client_application_traffic_secret_0", "client_application");
    check_traffic(&server_application, trace, "server_application_traffic_secret_0", "server_application");
    assert_eq!(main.exporter(&hash).secret().unwrap().expose(), &trace["exporter_secret"]);

    assert_eq!(trace.get("end_of_early_data").is_some(), early_data);
    add(&mut transcript, &["end_of_early_data", "client_certificate", "client_certificate_verify"]);
    assert_eq!(&*client.finished(&transcript.hash()), &trace["client_finished"][HEADER..]);
    add(&mut transcript, &["client_finished"]);
    assert_eq!(&*transcript.hash(), &trace["hash_client_finished"]);
    assert_eq!(main.resumption(&transcript.hash()).expose(), &trace["resumption_secret"]);
    main
}

/// From the first stage on; the transcript ends with ServerHello and has its hash.
fn check(trace: &Vectors, early: EarlySecret, transcript: Transcript, early_data: bool) {
    let stage = early.handshake(Some(&secret(&trace["shared_secret"])));
    check_rest(trace, stage, transcript, early_data);
}

#[test]
fn simple_1_rtt_handshake() {
    let trace = Vectors::load("rfc8448-3");
    let mut transcript = Transcript::new();
    transcript.add(&trace["client_hello"]);
    transcript.select(SHA256);
    transcript.add(&trace["server_hello"]);
    assert!(transcript.messages().is_empty(), "bytes are dropped once the hash is known");
    check(&trace, EarlySecret::new(SHA256, None), transcript, false);

    // ticket_nonce of the NewSessionTicket: 2 bytes behind ticket_lifetime and ticket_age_add.
    let ticket = &trace["server_record_0_content"][1..];
    let nonce = &ticket[HEADER + 9..HEADER + 11];
    assert_eq!(ticket[HEADER + 8], 2);
    let psk = resumption_psk(SHA256, &secret(&trace["resumption_secret"]), nonce);
    assert_eq!(psk.expose(), &trace["resumption_psk"]);
    assert_eq!(psk.expose(), &Vectors::load("rfc8448-4")["psk"]);
}

#[test]
fn resumed_0_rtt_handshake() {
    let trace = Vectors::load("rfc8448-4");
    let early = EarlySecret::new(SHA256, Some(&trace["psk"]));
    let client_hello = &trace["client_hello"];
    // One binder of 32 bytes, its length, and that of the list.
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
    check(&trace, early, transcript, true);
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
    check(&trace, EarlySecret::new(SHA256, None), transcript, false);
}

#[test]
fn client_authentication() {
    let trace = Vectors::load("rfc8448-6");
    let mut transcript = Transcript::new();
    transcript.add(&trace["client_hello"]);
    transcript.add(&trace["server_hello"]);
    transcript.select(SHA256);
    check(&trace, EarlySecret::new(SHA256, None), transcript, false);
    assert!(trace.get("certificate_request").is_some() && trace.get("client_certificate_verify").is_some());
}
