//! Runs of `server` in which the handshake must fail: another key, a certificate for another name, an expired
//! one. Both sides must say why: the client by itself, the board's report by `handclasp explain`.

use anyhow::Result;
use interop::credentials::PSK_ID;
use interop::fixtures::Fixtures;

use crate::firmware::run::{ClientCase, ServerRun};
use crate::firmware::server::{CLIENT, MBEDTLS, VERIFIES, settings};

/// `credentials::PSK_HEX` with another last byte.
const WRONG_HEX: &str = "30313233343536373839616263646546";

/// The runs.
pub fn runs(fixtures: &Fixtures) -> Result<Vec<ServerRun>> {
    let credentials = fixtures.credentials()?;
    let run = |name, certificate, clients| -> Result<ServerRun> {
        Ok(ServerRun {
            name,
            profile: "server",
            both_cores: false,
            settings: settings(credentials, certificate)?,
            clients,
            has_figures: false,
            injects: &[],
        })
    };
    Ok(vec![
        run("wrong key", "P-256", wrong_key())?,
        run(
            "wrong name",
            "other-name",
            certificate("hostname mismatch", "does not match with the expected CN", "cert.name-mismatch"),
        )?,
        run(
            "expired certificate",
            "expired",
            certificate("certificate has expired", "validity has expired", "cert.expired"),
        )?,
    ])
}

/// Clients with another key. The board answers bad_record_mac (RFC 5246 §7.2.2) or decrypt_error (RFC 8446
/// §4.2.11.2).
fn wrong_key() -> Vec<ClientCase> {
    let openssl = format!("{CLIENT} -psk {WRONG_HEX} -psk_identity {PSK_ID}");
    let mbedtls = format!("{{mbedtls3}} {MBEDTLS} psk={WRONG_HEX} psk_id={PSK_ID}");
    let record = "first protected record does not decrypt under our keys";
    let binder = "binder of the client's pre-shared key (identity 0) does not match ours";
    vec![
        refused(format!("{openssl} -tls1_2 -cipher PSK"), &["SSL alert number 20"], record),
        refused(format!("{openssl} -tls1_3"), &["SSL alert number 51"], binder),
        refused(
            format!("{mbedtls} max=3 suites=TLS-PSK-WITH-AES-128-GCM-SHA256"),
            &["received alert 20\n"],
            record,
        ),
        refused(format!("{mbedtls} min=4"), &["received alert 51\n"], binder),
    ]
}

/// Clients of both versions that refuse the certificate.
fn certificate(
    openssl_says: &'static str,
    mbedtls_says: &'static str,
    explained: &'static str,
) -> Vec<ClientCase> {
    let mbedtls = format!("{{mbedtls3}} {MBEDTLS} ca={{dir}}/root.pem");
    let clients = [
        (format!("{CLIENT} -tls1_2 {VERIFIES}"), openssl_says),
        (format!("{CLIENT} -tls1_3 {VERIFIES}"), openssl_says),
        (format!("{mbedtls} max=3"), mbedtls_says),
        (format!("{mbedtls} min=4"), mbedtls_says),
    ];
    clients.map(|(line, says)| refused(line, &[says], explained)).into()
}

fn refused(line: String, prints: &[&'static str], explained: &'static str) -> ClientCase {
    ClientCase { line, sends: Vec::new(), prints: prints.to_vec(), explained }
}
