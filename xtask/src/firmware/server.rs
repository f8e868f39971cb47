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
pub const CLIENT: &str = "openssl s_client -connect 127.0.0.1:{port} -no_ign_eof";
pub const VERIFIES: &str = "-CAfile {dir}/root.pem -verify_return_error -verify_hostname server.test";

/// What Mbed TLS is called with.
pub const MBEDTLS: &str = "role=client port={port} name=server.test lines=1 facts=1";

/// The runs: every profile with OpenSSL; the whole server with OpenSSL and two versions of Mbed TLS, small
/// records, 100 KB.
pub fn runs(fixtures: &Fixtures) -> Result<Vec<ServerRun>> {
    let settings = settings(fixtures.credentials()?, "P-256")?;
    let psk = format!("-psk {PSK_HEX} -psk_identity {PSK_ID}");
    let profile = |profile, options: String, prints: &[&'static str]| ServerRun {
        name: "OpenSSL",
        profile,
        both_cores: true,
        settings: settings.clone(),
        clients: vec![
            line(format!("{CLIENT} {options}"), prints),
            line(format!("{CLIENT} {options}"), prints),
        ],
        has_figures: true,
        injects: &[],
    };
    let mut runs = vec![
        profile("1.2 PSK server", format!("-tls1_2 -cipher PSK {psk}"), &["PSK-AES128-GCM-SHA256"]),
        profile("1.2 server, P-256", format!("-tls1_2 {VERIFIES}"), &["ECDHE-ECDSA-AES128-GCM-SHA256"]),
        profile("1.3 server, P-256", format!("-tls1_3 {VERIFIES}"), &["TLS_AES_128_GCM_SHA256"]),
    ];
    let (intermediate, _) = der(fixtures.credentials()?, "intermediate")?;
    let chain = self::settings(fixtures.credentials()?, "chain")?.with(Tag::Certificate, &intermediate);
    let whole = |name, clients| ServerRun {
        name,
        profile: "server",
        both_cores: true,
        settings: settings.clone(),
        clients,
        has_figures: false,
        injects: &[],
    };
    runs.push(ServerRun { has_figures: true, ..whole("OpenSSL", openssl_clients(&psk)) });
    runs.push(whole("Mbed TLS 2.28", mbedtls_clients("{mbedtls}", "fragments of 512")));
    // With two certificates, its message is longer than 512 bytes. Mbed TLS 2.28 reads no message that spans records.
    runs.push(ServerRun {
        settings: chain,
        ..whole("Mbed TLS 3.6, TLS 1.2", mbedtls_clients("{mbedtls3} max=3", "longest record 512\n"))
    });
    runs.push(whole("Mbed TLS 3.6, TLS 1.3", current_mbedtls_clients()));
    runs.push(ServerRun {
        both_cores: false,
        settings: settings.clone().number(Tag::RecordSize, 512),
        ..whole("records of 512 bytes", clients_of_512())
    });
    Ok(runs)
}

/// OpenSSL: both versions, with the certificate and with the key, and 100 KB in small records.
fn openssl_clients(psk: &str) -> Vec<ClientCase> {
    vec![
        line(format!("{CLIENT} -tls1_3 {VERIFIES}"), &["TLS_AES_128_GCM_SHA256"]),
        line(format!("{CLIENT} -tls1_2 {VERIFIES}"), &["ECDHE-ECDSA-AES128-GCM-SHA256"]),
        line(format!("{CLIENT} -tls1_2 -cipher PSK {psk}"), &["PSK-AES128-GCM-SHA256"]),
        line(format!("{CLIENT} -tls1_3 {psk}"), &["TLS_AES_128_GCM_SHA256"]),
        much(format!("{CLIENT} -tls1_2 -maxfraglen 512 {VERIFIES}"), &[]),
        much(format!("{CLIENT} -tls1_3 -maxfraglen 1024 {VERIFIES}"), &[]),
    ]
}

/// Mbed TLS in TLS 1.2. `of_512`: what it prints with a maximum fragment length of 512.
fn mbedtls_clients(program: &str, of_512: &'static str) -> Vec<ClientCase> {
    let mbedtls = format!("{program} {MBEDTLS}");
    let verifies = format!("{mbedtls} ca={{dir}}/root.pem");
    let psk = format!("psk={PSK_HEX} psk_id={PSK_ID} suites=TLS-PSK-WITH-AES-128-GCM-SHA256");
    vec![
        line(verifies.clone(), &["TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256"]),
        much(format!("{verifies} mfl=512"), &[of_512]),
        much(format!("{verifies} mfl=1024"), &["fragments of 1024"]),
        line(format!("{mbedtls} {psk}"), &["TLS-PSK-WITH-AES-128-GCM-SHA256"]),
    ]
}

/// Mbed TLS 3.6 in TLS 1.3. It has record_size_limit there in place of max_fragment_length, and fills records to
/// a multiple of 16 with the content type, so that 1023 bytes remain. Without roots only the key can have
/// authenticated the board.
fn current_mbedtls_clients() -> Vec<ClientCase> {
    let mbedtls = format!("{{mbedtls3}} {MBEDTLS} min=4");
    const PRINTS: &str = "TLSv1.3 TLS1-3-AES-128-GCM-SHA256";
    vec![
        much(format!("{mbedtls} ca={{dir}}/root.pem"), &[PRINTS, "fragments of 1023"]),
        line(format!("{mbedtls} psk={PSK_HEX} psk_id={PSK_ID}"), &[PRINTS]),
    ]
}

/// Clients of a board whose records have 512 bytes.
fn clients_of_512() -> Vec<ClientCase> {
    let verifies = "ca={dir}/root.pem";
    vec![
        line(format!("{CLIENT} -tls1_3 {VERIFIES}"), &["TLS_AES_128_GCM_SHA256"]),
        line(format!("{{mbedtls}} {MBEDTLS} {verifies} mfl=512"), &["fragments of 512"]),
        much(format!("{{mbedtls3}} {MBEDTLS} {verifies} min=4"), &["fragments of 511"]),
    ]
}

/// OpenSSL in both versions, with the certificate.
pub fn certificate_clients() -> Vec<ClientCase> {
    ["-tls1_3", "-tls1_2"]
        .map(|version| line(format!("{CLIENT} {version} {VERIFIES}"), &["Verify return code: 0"]))
        .into()
}

/// The certificate of this name and its key, and a pre-shared key.
pub fn settings(credentials: &Credentials, certificate: &str) -> Result<Settings> {
    let (certificate, key) = der(credentials, certificate)?;
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
pub fn line(line: String, prints: &[&'static str]) -> ClientCase {
    ClientCase { line, sends: b"a line for the board\n".to_vec(), prints: prints.to_vec(), explained: "" }
}

/// A client that sends 100 KB.
pub fn much(line: String, prints: &[&'static str]) -> ClientCase {
    let sends = (0..100).flat_map(|number| format!("{number:0999}\n").into_bytes()).collect();
    ClientCase { line, sends, prints: prints.to_vec(), explained: "" }
}
