//! Software is recognised as the labels of the captures name it, and each row can be reached once.

use std::collections::BTreeSet;

use super::*;
use crate::{conversation::Side, diagnosis::cause::Cause, explainer::Explainer};

#[test]
fn each_software_side_and_cause_has_one_row_of_one_to_three_lines() {
    let mut seen = BTreeSet::new();
    for (software, side, causes, always, lines) in how_to::rows() {
        assert!((1..=3).contains(&lines.len()), "{software:?} {causes:?}");
        for cause in causes.iter().filter(|_| always) {
            let key = format!("{software:?} {side:?} {}", cause.id());
            assert!(seen.insert(key.clone()), "{key} twice");
        }
    }
}

fn how(log: &str, side: Side, cause: Cause) -> Option<HowTo> {
    let mut evidence = Evidence::default();
    match side {
        Side::Client => evidence.client_log = Some(log.to_owned()),
        Side::Server => evidence.server_log = Some(log.to_owned()),
    }
    let mut findings = [Finding::failure(cause, crate::Confidence::Possible, "")];
    add_how_to(&Conversation::default(), &evidence, &mut findings);
    findings[0].how.first().cloned()
}

#[test]
fn the_program_of_a_log_is_named_with_its_setting() {
    use Cause as C;
    for (log, side, cause, software, part) in [
        ("curl: (60) SSL certificate problem", Side::Client, C::CertUnknownIssuer, "curl", "--cacert"),
        (
            "ssl.SSLCertVerificationError: … (_ssl.c:1007)",
            Side::Client,
            C::CertUnknownIssuer,
            "Python",
            "cafile",
        ),
        (
            "[SSL: UNSAFE_LEGACY_RENEGOTIATION_DISABLED] (_ssl.c:1007)",
            Side::Client,
            C::PolicyRenegotiationInfoRequired,
            "Python",
            "0x4",
        ),
        (
            "write EPROTO 8012:error:0A000152:SSL routines",
            Side::Client,
            C::PolicyRenegotiationInfoRequired,
            "Node.js",
            "LEGACY_SERVER_CONNECT",
        ),
        (
            "E (5309) esp-tls-mbedtls: mbedtls_ssl_handshake returned -0x2700",
            Side::Client,
            C::CertUnknownIssuer,
            "ESP-IDF",
            "cacert",
        ),
        (
            "[error] 12#12: *1 client SSL certificate verify error … while SSL handshaking, client: 10.0.0.1",
            Side::Server,
            C::ClientCertUnknownIssuer,
            "nginx",
            "ssl_client_certificate",
        ),
        (
            "haproxy[3]: 10.0.0.1:3 [x] fe/1: SSL handshake failure",
            Side::Server,
            C::TransportProxyHeader,
            "HAProxy",
            "accept-proxy",
        ),
        (
            "FATAL: could not accept SSL connection: tlsv1 alert unknown ca",
            Side::Server,
            C::CertMissingIntermediate,
            "PostgreSQL",
            "ssl_cert_file",
        ),
    ] {
        let found = how(log, side, cause).unwrap_or_else(|| panic!("{log}"));
        assert_eq!(found.software, software, "{log}");
        assert!(found.lines.iter().any(|line| line.contains(part)), "{found:?}");
    }
    // What a program is built on answers where it has no words of its own.
    let git = how("fatal: unable to access 'https://a/'", Side::Client, C::VersionNoneInCommon);
    assert_eq!(git, None, "which side is older does not show");
    let ruby = how("OpenSSL::SSL::SSLError", Side::Client, C::CertWeakKey).expect("of OpenSSL");
    assert_eq!(ruby.software, "OpenSSL");
}

#[test]
fn a_log_of_unknown_software_gets_no_settings() {
    assert_eq!(how("the handshake failed", Side::Client, Cause::CertUnknownIssuer), None);
}

#[test]
fn a_port_alone_says_if() {
    let conversation = Conversation { server: "10.0.0.1:5432".to_owned(), ..Conversation::default() };
    let mut findings = [Finding::failure(Cause::CertExpired, crate::Confidence::Possible, "")];
    add_how_to(&conversation, &Evidence::default(), &mut findings);
    let found = &findings[0].how[0];
    assert_eq!((found.software, found.side), ("PostgreSQL", Party::Server));
    assert_eq!(found.sign, "if it is what usually listens on port 5432");
}

/// The clients of the labels and what their ClientHello must be recognised as, if as anything.
const CLIENTS: &[(&str, &[Software])] = &[
    ("OpenSSL ", &[Software::OpenSsl]),
    ("mosquitto", &[Software::OpenSsl]),
    ("stunnel", &[Software::OpenSsl]),
    ("Python ", &[Software::Python, Software::OpenSsl]),
    ("Node ", &[Software::Node, Software::OpenSsl]),
    ("curl", &[Software::Curl, Software::OpenSsl]),
    ("Go ", &[Software::Go]),
    ("Java ", &[Software::Java]),
    ("GnuTLS", &[Software::GnuTls]),
    ("Mbed TLS", &[Software::MbedTls]),
    ("wolfSSL", &[Software::WolfSsl]),
    ("rustls", &[Software::Rustls]),
    ("BoringSSL", &[Software::BoringSsl]),
    ("tlslite", &[]),
];

#[test]
fn the_client_hello_of_real_programs_is_recognised_or_left_alone() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/handshakes");
    let (mut recognised, mut silent, mut wrong) = (BTreeSet::new(), 0, Vec::new());
    for set in ["corpus", "own", "fresh"] {
        let files =
            std::fs::read_dir(folder.join(set)).expect("a set").map(|file| file.expect("a file").path());
        for labels in files.filter(|path| path.extension().is_some_and(|extension| extension == "toml")) {
            let table: toml::Table = std::fs::read_to_string(&labels).expect("labels").parse().expect("TOML");
            for (name, label) in &table {
                let client = label.get("peers").and_then(|peers| peers.get("client")?.as_str());
                // One program, and not one that a script has changed.
                let Some(client) = client.filter(|one| !one.contains([',', '+']) && !one.contains("fault"))
                else {
                    continue;
                };
                let Some((_, may)) = CLIENTS.iter().find(|(start, _)| client.starts_with(start)) else {
                    continue;
                };
                let path = labels.with_file_name(format!("{name}.pcapng"));
                let path = if path.exists() { path } else { path.with_extension("pcap") };
                let Ok(explanation) = Explainer::default().explain_file(&path) else { continue };
                let hellos =
                    explanation.conversations.iter().filter_map(|one| one.conversation.client_hello());
                for hello in hellos {
                    match client_hello::software(&hello) {
                        Some(found) if may.contains(&found) => drop(recognised.insert(found.name())),
                        Some(found) => wrong.push(format!("{name}: {client} is taken for {found:?}")),
                        None => silent += 1,
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(recognised.len(), 10, "{recognised:?}, {silent} left alone");
}
