//! The command lines of OpenSSL's `s_server` and `s_client` (3.0 and later), and parsers of their output.

use std::process::Command;

use super::cell::{Action, Auth, Cell};
use crate::credentials::{Credentials, NAME, PSK_HEX, PSK_ID, PSK_READINGS};

/// The server, on a port of the system's choice, for one connection and those before it.
pub fn server(cell: &Cell, files: &Credentials) -> Command {
    let clients = (1 + cell.action.prior_connections()).to_string();
    let mut command = start(cell, files, &["s_server", "-accept", "127.0.0.1:0", "-naccept", &clients]);
    if cell.auth.is_psk() {
        command.arg("-nocert");
    } else {
        let name = cell.auth.certificate();
        command.args(["-cert", &files.pem(name), "-key", &files.key_file(name)]);
    }
    if cell.auth == Auth::Chain {
        command.args(["-cert_chain", &files.pem("intermediate")]);
    }
    command
}

/// The client, for a server on this port. Where sessions are resumed, the first connection writes the
/// session file and the others read it.
pub fn client(cell: &Cell, files: &Credentials, port: u16) -> Command {
    let mut command = start(cell, files, &["s_client", "-connect", &format!("127.0.0.1:{port}")]);
    if cell.action.prior_connections() > 0 {
        let session = cell.file(files, "openssl.session");
        command.arg(if session.exists() { "-sess_in" } else { "-sess_out" }).arg(session);
    }
    match cell.auth {
        Auth::SelfSigned => {}
        auth if auth.is_psk() => {}
        auth => {
            let roots = if auth == Auth::UnknownCa { "other-root" } else { "root" };
            command.args(["-CAfile", &files.pem(roots)]);
            command.args(["-verify_return_error", "-verify_hostname", NAME, "-servername", NAME]);
        }
    }
    command
}

/// What both have in common: restrictions, key log, pre-shared key.
fn start(cell: &Cell, files: &Credentials, arguments: &[&str]) -> Command {
    let mut command = Command::new("openssl");
    files.isolate(&mut command).args(arguments);
    if cell.action == Action::PeerCloses {
        // Its HTTP server: the mode that closes first, with close_notify.
        command.arg("-www");
    }
    if cell.action != Action::Bulk {
        // Prints every message on standard output; 10 MB of records would drown the payload.
        command.arg("-msg");
    }
    for version in &cell.version.openssl {
        command.arg(format!("-tls{}", version.replace('.', "_")));
    }
    let (new, old): (Vec<&String>, Vec<_>) =
        cell.suite.openssl.iter().partition(|suite| !suite.contains("_WITH_"));
    let joined = |names: Vec<&str>| names.join(":");
    if !new.is_empty() {
        command.args(["-ciphersuites", &joined(new.iter().map(|name| name.as_str()).collect())]);
    }
    if !old.is_empty() {
        command.args(["-cipher", &joined(old.iter().map(|name| suite(name)).collect())]);
    }
    if !cell.group.openssl.is_empty() {
        command.args(["-groups", &joined(cell.group.openssl.iter().map(|name| group(name)).collect())]);
    }
    if cell.action == Action::KeyLog {
        command.arg("-keylogfile").arg(cell.file(files, "openssl.keys"));
    }
    if cell.auth.is_psk() {
        let key = if cell.auth == Auth::PskReadings { PSK_READINGS } else { PSK_HEX };
        command.args(["-psk", key, "-psk_identity", PSK_ID]);
    }
    command
}

/// OpenSSL's name of a suite; those of TLS 1.3 are IANA's.
pub fn suite(iana: &str) -> &str {
    match iana {
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" => "ECDHE-ECDSA-AES128-GCM-SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" => "ECDHE-ECDSA-AES256-GCM-SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256" => "ECDHE-ECDSA-CHACHA20-POLY1305",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" => "ECDHE-RSA-AES128-GCM-SHA256",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" => "ECDHE-RSA-AES256-GCM-SHA384",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256" => "ECDHE-RSA-CHACHA20-POLY1305",
        "TLS_PSK_WITH_AES_128_GCM_SHA256" => "PSK-AES128-GCM-SHA256",
        "TLS_PSK_WITH_AES_256_GCM_SHA384" => "PSK-AES256-GCM-SHA384",
        "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256" => "PSK-CHACHA20-POLY1305",
        "TLS_RSA_WITH_AES_128_GCM_SHA256" => "AES128-GCM-SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CCM" => "ECDHE-ECDSA-AES128-CCM",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8" => "ECDHE-ECDSA-AES128-CCM8",
        "TLS_PSK_WITH_AES_128_CCM" => "PSK-AES128-CCM",
        "TLS_PSK_WITH_AES_128_CCM_8" => "PSK-AES128-CCM8",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256" => "ECDHE-ECDSA-AES128-SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256" => "ECDHE-RSA-AES128-SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA" => "ECDHE-ECDSA-AES128-SHA",
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA" => "ECDHE-RSA-AES128-SHA",
        "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256" => "ECDHE-PSK-AES128-CBC-SHA256",
        "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384" => "ECDHE-PSK-AES256-CBC-SHA384",
        "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA" => "ECDHE-PSK-AES128-CBC-SHA",
        "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA" => "ECDHE-PSK-AES256-CBC-SHA",
        "TLS_PSK_WITH_AES_128_CBC_SHA256" => "PSK-AES128-CBC-SHA256",
        "TLS_PSK_WITH_AES_256_CBC_SHA384" => "PSK-AES256-CBC-SHA384",
        "TLS_PSK_WITH_AES_128_CBC_SHA" => "PSK-AES128-CBC-SHA",
        "TLS_PSK_WITH_AES_256_CBC_SHA" => "PSK-AES256-CBC-SHA",
        other => other,
    }
}

/// OpenSSL's name of a group.
pub fn group(iana: &str) -> &str {
    match iana {
        "x25519" => "X25519",
        "x448" => "X448",
        "secp256r1" => "P-256",
        "secp384r1" => "P-384",
        "secp521r1" => "P-521",
        other => other,
    }
}

/// An alert in the output of `-msg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Whether OpenSSL received it.
    pub received: bool,
    /// 1 is a warning, 2 fatal.
    pub level: u8,
    /// AlertDescription.
    pub number: u8,
}

/// The alerts in the output of `-msg`: a line `<<< TLS 1.3, Alert [length 0002], …`, then the bytes.
/// OpenSSL does not name all alerts, so the bytes count.
pub fn alerts(output: &str) -> Vec<Alert> {
    let lines: Vec<&str> = output.lines().collect();
    let alert = |pair: &[&str]| {
        let received = pair[0].contains("<<< ");
        let bytes: Vec<u8> =
            pair[1].split_whitespace().map_while(|b| u8::from_str_radix(b, 16).ok()).collect();
        match bytes[..] {
            [level, number] if pair[0].contains(", Alert [length 0002]") => {
                Some(Alert { received, level, number })
            }
            _ => None,
        }
    };
    lines.windows(2).filter_map(alert).collect()
}

/// The certificate that `s_client` prints.
pub fn certificate(output: &str) -> Option<&str> {
    let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    let start = output.find(begin)?;
    let length = output[start..].find(end)?;
    output.get(start..start + length + end.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_read_from_their_bytes() {
        let output = "ACCEPT\n<<< TLS 1.3, Handshake [length 0002], Finished\n    14 00\n\
            >>> TLS 1.3, Alert [length 0002], fatal ???\n    02 78\n\
            Read BLOCK<<< TLS 1.2, Alert [length 0002], warning close_notify\n    01 00\n";
        let [sent, received] = alerts(output)[..] else { panic!("{:?}", alerts(output)) };
        assert_eq!(sent, Alert { received: false, level: 2, number: 120 });
        assert_eq!(received, Alert { received: true, level: 1, number: 0 });
    }

    #[test]
    fn the_certificate_is_cut_out() {
        let pem = "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----";
        assert_eq!(certificate(&format!("a\n{pem}\nb")), Some(pem));
        assert_eq!(certificate("-----BEGIN CERTIFICATE-----"), None);
    }
}
