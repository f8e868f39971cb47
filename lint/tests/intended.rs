//! Certificates against the name and the purpose that they are meant for, and against CRLs, beside what OpenSSL says
//! about the same files, which it makes here.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use handclasp_lint::{Code, LintReport, Linter, NoPassphrase, Purpose, Severity};

const FILES: &str = "umask 077
    ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30'
    openssl req -x509 $ec -keyout ca.key -subj /CN=CA -addext basicConstraints=critical,CA:TRUE \
        -addext keyUsage=critical,keyCertSign,cRLSign -out ca.pem
    openssl req -x509 -key ca.key -days 30 -subj /CN=CA -addext basicConstraints=critical,CA:TRUE \
        -addext keyUsage=critical,keyCertSign -out no-crl-sign.pem
    openssl req $ec -keyout key.pem -subj /CN=device -out device.csr
    leaf() { printf \"$2\" > ext.cnf; openssl x509 -req -in device.csr -CA ca.pem -CAkey ca.key -days 30 \
        -set_serial $3 -extfile ext.cnf -out $1.pem; }
    leaf server 'subjectAltName=DNS:device.example,DNS:*.lab.example,IP:192.0.2.7,IP:2001:db8::7\nextendedKeyUsage=serverAuth' 7
    leaf client 'subjectAltName=DNS:device.example,DNS:192.0.2.7\nextendedKeyUsage=clientAuth' 8
    : > index.txt; echo 01 > number.txt
    printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number.txt\ndefault_md=sha256\ndefault_crl_days=30\n' > ca.cnf
    openssl ca -config ca.cnf -keyfile ca.key -cert ca.pem -revoke client.pem
    openssl ca -config ca.cnf -keyfile ca.key -cert ca.pem -gencrl -out crl.pem";

/// Runs lines of `sh`; output and whether the last one succeeded.
fn shell(folder: &Path, lines: &str) -> (String, bool) {
    let output =
        Command::new("sh").args(["-eu", "-c", lines]).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.expect("sh");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (text, output.status.success())
}

fn lint(folder: &Path, linter: &Linter, names: &[&str]) -> LintReport {
    let files: Vec<Vec<u8>> = names.iter().map(|name| fs::read(folder.join(name)).expect("made")).collect();
    linter.lint_files(&files, &mut NoPassphrase)
}

/// Codes from warnings on.
fn wrong(report: &LintReport) -> Vec<Code> {
    let findings = report.findings().filter(|finding| finding.severity() > Severity::Note);
    findings.map(|finding| finding.code).collect()
}

#[test]
fn names_purposes_and_crls() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (text, is_made) = shell(folder, FILES);
    assert!(is_made, "(package openssl) {text}");

    for (name, is_covered) in [
        ("device.example", true),
        ("DEVICE.example", true),
        ("a.lab.example", true),
        ("a.b.lab.example", false),
        ("lab.example", false),
        ("other.example", false),
        ("192.0.2.7", true),
        ("192.0.2.8", false),
        ("2001:db8::7", true),
    ] {
        let report = lint(folder, &Linter::now().for_name(name), &["server.pem", "ca.pem"]);
        let expected: &[Code] = if is_covered { &[] } else { &[Code::NameNotCovered] };
        assert_eq!(wrong(&report), expected, "{name}");
        let is_address = name.parse::<std::net::IpAddr>().is_ok();
        let (flag, words) = match is_address {
            true => ("-verify_ip", "IP address mismatch"),
            false => ("-verify_hostname", "hostname mismatch"),
        };
        let (said, accepted) =
            shell(folder, &format!("openssl verify -CAfile ca.pem {flag} {name} server.pem"));
        assert_eq!(accepted, is_covered, "{name}: {said}");
        assert_eq!(said.to_lowercase().contains(&words.to_lowercase()), !is_covered, "{name}: {said}");
    }
    // An address that is written as a DNS name.
    let report = lint(folder, &Linter::now().for_name("192.0.2.7"), &["client.pem", "ca.pem"]);
    let finding = report.findings().find(|finding| finding.code == Code::NameNotCovered).expect("named");
    assert_eq!(finding.found, "192.0.2.7 as a DNS name");

    for (file, purpose, flag, code) in [
        ("server.pem", Purpose::Server, "sslserver", None),
        ("server.pem", Purpose::Client, "sslclient", Some(Code::EkuPurpose)),
        ("client.pem", Purpose::Client, "sslclient", None),
        ("client.pem", Purpose::Server, "sslserver", Some(Code::EkuPurpose)),
    ] {
        let report = lint(folder, &Linter::now().for_purpose(purpose), &[file, "ca.pem"]);
        assert_eq!(wrong(&report), code.into_iter().collect::<Vec<_>>(), "{file} {purpose:?}");
        let (said, accepted) =
            shell(folder, &format!("openssl verify -CAfile ca.pem -purpose {flag} {file}"));
        assert_eq!(accepted, code.is_none(), "{file} {flag}: {said}");
        let is_said = said.contains("unsuitable certificate purpose")
            || said.contains("unsupported certificate purpose");
        assert_eq!(is_said, code.is_some(), "{said}");
    }
    let ca = Linter::now().for_purpose(Purpose::Ca);
    assert_eq!(wrong(&lint(folder, &ca, &["ca.pem"])), []);
    assert_eq!(wrong(&lint(folder, &ca, &["server.pem", "ca.pem"])), [Code::PurposeNotCa]);
    let server = Linter::now().for_purpose(Purpose::Server);
    assert_eq!(wrong(&lint(folder, &server, &["ca.pem"])), [Code::KeyUsageSignature, Code::PurposeOfCa]);

    // The CRL: of this CA, which may sign it; the client's certificate is on it.
    let now = Linter::now();
    assert_eq!(wrong(&lint(folder, &now, &["server.pem", "ca.pem", "crl.pem"])), []);
    let report = lint(folder, &now, &["client.pem", "ca.pem", "crl.pem"]);
    assert_eq!(wrong(&report), [Code::Revoked]);
    assert_eq!(report.findings().next().map(|finding| finding.found.as_str()), Some("serial number 08"));
    let check = |file: &str| {
        shell(folder, &format!("openssl verify -crl_check -CAfile ca.pem -CRLfile crl.pem {file}"))
    };
    assert!(check("server.pem").1);
    let (said, accepted) = check("client.pem");
    assert!(!accepted && said.contains("certificate revoked"), "{said}");
    assert_eq!(wrong(&lint(folder, &now, &["crl.pem", "no-crl-sign.pem"])), [Code::CrlIssuerUsage]);
    let (said, accepted) =
        shell(folder, "openssl verify -crl_check -CAfile no-crl-sign.pem -CRLfile crl.pem server.pem");
    assert!(!accepted && said.contains("key usage does not include CRL signing"), "{said}");
    let alone = lint(folder, &now, &["crl.pem"]);
    assert_eq!(alone.items[0].findings[0].code, Code::CrlIssuerMissing);
}
