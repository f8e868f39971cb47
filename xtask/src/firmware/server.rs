//! Runs of `server`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use interop::credentials::{Credentials, PSK_ASCII, PSK_HEX, PSK_ID};
use interop::fixtures::Fixtures;

use crate::firmware::machine::{Settings, Tag};
use crate::firmware::run::{ClientCase, ServerRun};
use crate::workspace;

/// What OpenSSL prints without its own noise.
const CLIENT: &str = "openssl s_client -connect 127.0.0.1:{port} -no_ign_eof";
const VERIFIES: &str = "-CAfile {dir}/root.pem -verify_return_error -verify_hostname server.test";

/// [`PSK_HEX`] with another last byte.
const WRONG_HEX: &str = "30313233343536373839616263646546";

/// The runs: every profile with OpenSSL; the whole server with OpenSSL and Mbed TLS, small records, 100 KB, a
/// wrong key.
pub fn runs(fixtures: &Fixtures) -> Result<Vec<ServerRun>> {
    let settings = settings(fixtures.credentials()?)?;
    let psk = format!("-psk {PSK_HEX} -psk_identity {PSK_ID}");
    let profile = |profile, options: String, prints| ServerRun {
        name: "OpenSSL",
        profile,
        both_cores: true,
        settings: settings.clone(),
        clients: vec![
            line(format!("{CLIENT} {options}"), prints),
            line(format!("{CLIENT} {options}"), prints),
        ],
        has_figures: true,
    };
    let mut runs = vec![
        profile("1.2 PSK server", format!("-tls1_2 -cipher PSK {psk}"), &["PSK-AES128-GCM-SHA256"]),
        profile("1.2 server, P-256", format!("-tls1_2 {VERIFIES}"), &["ECDHE-ECDSA-AES128-GCM-SHA256"]),
        profile("1.3 server, P-256", format!("-tls1_3 {VERIFIES}"), &["TLS_AES_128_GCM_SHA256"]),
    ];
    let mbedtls = "{mbedtls} role=client port={port} name=server.test lines=1 facts=1 ca={dir}/root.pem";
    let clients = vec![
        line(format!("{CLIENT} -tls1_3 {VERIFIES}"), &["TLS_AES_128_GCM_SHA256"]),
        line(format!("{CLIENT} -tls1_2 {VERIFIES}"), &["ECDHE-ECDSA-AES128-GCM-SHA256"]),
        line(format!("{CLIENT} -tls1_2 -cipher PSK {psk}"), &["PSK-AES128-GCM-SHA256"]),
        line(format!("{CLIENT} -tls1_3 {psk}"), &["TLS_AES_128_GCM_SHA256"]),
        much(format!("{CLIENT} -tls1_2 -maxfraglen 512 {VERIFIES}")),
        much(format!("{CLIENT} -tls1_3 -maxfraglen 1024 {VERIFIES}")),
        line(mbedtls.to_owned(), &["TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256"]),
        line(format!("{mbedtls} mfl=512"), &["fragments of 512"]),
        line(format!("{mbedtls} mfl=1024"), &["fragments of 1024"]),
        line(
            format!("{mbedtls} psk={PSK_HEX} psk_id={PSK_ID} suites=TLS-PSK-WITH-AES-128-GCM-SHA256"),
            &["TLS-PSK-WITH-AES-128-GCM-SHA256"],
        ),
    ];
    runs.push(ServerRun {
        name: "OpenSSL, Mbed TLS 2.28",
        profile: "server",
        both_cores: true,
        settings: settings.clone(),
        clients,
        has_figures: true,
    });
    runs.push(wrong_key(&settings, &psk));
    runs.push(ServerRun {
        name: "records of 512 bytes",
        profile: "server",
        both_cores: false,
        settings: settings.number(Tag::RecordSize, 512),
        clients: vec![
            line(format!("{CLIENT} -tls1_3 {VERIFIES}"), &["TLS_AES_128_GCM_SHA256"]),
            line(format!("{mbedtls} mfl=512"), &["fragments of 512"]),
        ],
        has_figures: false,
    });
    Ok(runs)
}

/// Clients with another key: what both sides say.
fn wrong_key(settings: &Settings, psk: &str) -> ServerRun {
    let client = |options, prints, explained| ClientCase {
        line: format!("{CLIENT} {options} {}", psk.replacen(PSK_HEX, WRONG_HEX, 1)),
        sends: Vec::new(),
        prints,
        explained,
    };
    ServerRun {
        name: "wrong key",
        profile: "server",
        both_cores: false,
        settings: settings.clone(),
        clients: vec![
            client(
                "-tls1_2 -cipher PSK",
                &["SSL alert number 20"],
                "first protected record does not decrypt under our keys",
            ),
            client(
                "-tls1_3",
                &["SSL alert number 51"],
                "binder of the client's pre-shared key (identity 0) does not match ours",
            ),
        ],
        has_figures: false,
    }
}

/// OpenSSL in both versions, with the certificate.
pub fn certificate_clients() -> Vec<ClientCase> {
    ["-tls1_3", "-tls1_2"]
        .map(|version| line(format!("{CLIENT} {version} {VERIFIES}"), &["Verify return code: 0"]))
        .into()
}

/// A certificate and its key, and a pre-shared key.
pub fn settings(credentials: &Credentials) -> Result<Settings> {
    let (certificate, key) = der(credentials, "P-256")?;
    Ok(Settings::default()
        .with(Tag::PskIdentity, PSK_ID.as_bytes())
        .with(Tag::Psk, PSK_ASCII.as_bytes())
        .with(Tag::Certificate, &certificate)
        .with(Tag::PrivateKey, &key))
}

/// A certificate and its key (PKCS #8) as DER.
pub fn der(credentials: &Credentials, name: &str) -> Result<(Vec<u8>, Vec<u8>)> {
    let file = |ending: &str| credentials.path().join(format!("firmware-{name}.{ending}"));
    let (certificate, key) = (file("der"), file("key.der"));
    let pem = credentials.pem(name);
    openssl(credentials, &["x509", "-in", &pem, "-outform", "DER", "-out"], &certificate)?;
    let pem = credentials.key_file(name);
    openssl(credentials, &["pkcs8", "-topk8", "-nocrypt", "-in", &pem, "-outform", "DER", "-out"], &key)?;
    Ok((fs::read(certificate)?, fs::read(key)?))
}

/// Runs the `openssl` command; the last argument is a path.
fn openssl(credentials: &Credentials, arguments: &[&str], path: &Path) -> Result<()> {
    let mut command = Command::new("openssl");
    workspace::output(credentials.isolate(command.args(arguments).arg(path))).map(drop)
}

/// A client that sends a line.
fn line(line: String, prints: &'static [&'static str]) -> ClientCase {
    ClientCase { line, sends: b"a line for the board\n".to_vec(), prints, explained: "" }
}

/// A client that sends 100 KB.
fn much(line: String) -> ClientCase {
    let sends = (0..2000).flat_map(|number| format!("{number:049}\n").into_bytes()).collect();
    ClientCase { line, sends, prints: &[], explained: "" }
}
