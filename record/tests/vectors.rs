//! Records compared byte for byte: those of RFC 8448 sections 3 to 6, and those computed by
//! `schedule/tests/vectors/compute.py` for TLS 1.2 and the other suites of TLS 1.3. `openssl.rs` has
//! records sealed by OpenSSL.

mod support;
#[path = "../../schedule/tests/vectors/mod.rs"]
mod vectors;

use handclasp_codec::ContentType;
use handclasp_crypto::Suite;
use handclasp_provider_aws_lc::{
    TLS_AES_128_CCM_8_SHA256, TLS_AES_128_CCM_SHA256, TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384,
    TLS_CHACHA20_POLY1305_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
    TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_CCM,
    TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, TLS_PSK_WITH_AES_256_CBC_SHA384,
};
use handclasp_record::RecordKeys;
use support::{open, seal, traffic};
use vectors::Vectors;

/// Read and write keys of one direction, used record after record.
struct Both {
    name: String,
    read: RecordKeys,
    write: RecordKeys,
}

impl Both {
    fn new(suite: &'static Suite, vectors: &Vectors, key: &str, iv: &str) -> Self {
        let keys = || traffic(suite, &vectors[key], &vectors[iv]);
        let (read, write) = (RecordKeys::new(&keys()).unwrap(), RecordKeys::new(&keys()).unwrap());
        Self { name: key.into(), read, write }
    }

    /// Opens the record, and seals the content to the same bytes unless the record is padded.
    fn check(&mut self, record: &[u8], content_type: ContentType, content: &[u8]) {
        let name = &self.name;
        assert_eq!(open(&mut self.read, record), Ok((content_type, content.to_vec())), "{name}");
        let sealed = seal(&mut self.write, content_type, content);
        if sealed.len() == record.len() {
            assert_eq!(sealed, record, "{name}");
        } else {
            assert!(sealed.len() < record.len(), "{name}: padding makes it longer");
        }
    }

    /// Checks records `{prefix}_0`, `{prefix}_1`, …, whose contents begin with the content type.
    fn check_numbered(&mut self, vectors: &Vectors, prefix: &str) -> usize {
        let mut count = 0;
        while let Some(record) = vectors.get(&format!("{prefix}_{count}")) {
            let [content_type, content @ ..] = &vectors[&format!("{prefix}_{count}_content")] else {
                panic!("no type")
            };
            self.check(record, ContentType(*content_type), content);
            count += 1;
        }
        count
    }
}

fn concat(trace: &Vectors, names: &[&str]) -> Vec<u8> {
    names.iter().filter_map(|name| trace.get(name)).flatten().copied().collect()
}

#[test]
fn rfc8448_records() {
    for (name, application_records) in
        [("rfc8448-3", 5), ("rfc8448-4", 4), ("rfc8448-5", 2), ("rfc8448-6", 2)]
    {
        let trace = Vectors::load(name);
        let both = |keys: &str| {
            Both::new(&TLS_AES_128_GCM_SHA256, &trace, &format!("{keys}_key"), &format!("{keys}_iv"))
        };

        let server_flight = [
            "encrypted_extensions",
            "certificate_request",
            "server_certificate",
            "server_certificate_verify",
            "server_finished",
        ];
        let content = concat(&trace, &server_flight);
        both("server_handshake").check(&trace["server_flight_record"], ContentType::handshake, &content);

        let client_flight = ["client_certificate", "client_certificate_verify", "client_finished"];
        let content = concat(&trace, &client_flight);
        both("client_handshake").check(&trace["client_flight_record"], ContentType::handshake, &content);

        let client = both("client_application").check_numbered(&trace, "client_record");
        let server = both("server_application").check_numbered(&trace, "server_record");
        assert_eq!(client + server, application_records, "{name}");
    }
}

#[test]
fn rfc8448_early_data() {
    let trace = Vectors::load("rfc8448-4");
    let mut early = Both::new(&TLS_AES_128_GCM_SHA256, &trace, "client_early_key", "client_early_iv");
    let data = &trace["early_data_record_content"][1..];
    early.check(&trace["early_data_record"], ContentType::application_data, data);
    let end = &trace["end_of_early_data"];
    early.check(&trace["end_of_early_data_record"], ContentType::handshake, end);
}

#[test]
fn computed_records_of_tls12() {
    let cases: [(_, &Suite); 9] = [
        ("tls12-c02b", &TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
        ("tls12-c030", &TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
        ("tls12-cca8", &TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256),
        ("tls12-c0ac", &TLS_ECDHE_ECDSA_WITH_AES_128_CCM),
        ("tls12-c0ae", &TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8),
        ("tls12-c009", &TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA),
        ("tls12-c036", &TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA),
        ("tls12-c023", &TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256),
        ("tls12-00af", &TLS_PSK_WITH_AES_256_CBC_SHA384),
    ];
    for (name, suite) in cases {
        let vectors = Vectors::load(name);
        let other = if suite.needs_encrypt_then_mac() { "client_mac_key" } else { "client_iv" };
        let mut client = Both::new(suite, &vectors, "client_key", other);
        assert_eq!(client.check_numbered(&vectors, "client_record"), 4, "{name}");
    }
}

#[test]
fn computed_records_of_tls13() {
    let cases: [(_, &Suite); 5] = [
        ("tls13-1301", &TLS_AES_128_GCM_SHA256),
        ("tls13-1302", &TLS_AES_256_GCM_SHA384),
        ("tls13-1303", &TLS_CHACHA20_POLY1305_SHA256),
        ("tls13-1304", &TLS_AES_128_CCM_SHA256),
        ("tls13-1305", &TLS_AES_128_CCM_8_SHA256),
    ];
    for (name, suite) in cases {
        let vectors = Vectors::load(name);
        let mut client = Both::new(suite, &vectors, "client_key_0", "client_iv_0");
        assert_eq!(client.check_numbered(&vectors, "client_record"), 4, "{name}");
    }
}
