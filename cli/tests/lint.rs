//! `handclasp lint`, run as people and scripts run it.

mod program;

use std::path::PathBuf;

use program::{Directory, ends, out, run, run_with};

/// A file of the vectors of the crate `lint`.
fn vector(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../lint/vectors");
    folder.join(name).to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn nothing_wrong_is_exit_code_0() {
    let output = run(&["lint", &vector("leaf.pem"), &vector("root.pem"), &vector("key.pem")]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    let text = out(&output);
    for part in ["leaf.pem: a certificate (byte 0)", "names: device.local", "private key: P-256"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn something_wrong_is_exit_code_6_with_byte_and_fix() {
    // Key usage without signatures, at its byte in DER and in the PEM file.
    let output = ends(&["lint", &vector("key-usage.pem"), &vector("root.pem")], 6, &["1 error, 0 warnings"]);
    let text = out(&output);
    for part in ["error: keyUsage does not permit signatures (DER byte ", ", file byte ", "peer: ", "fix: "] {
        assert!(text.contains(part), "{text}");
    }
    ends(
        &["lint", &vector("leaf.pem"), &vector("small.pem"), &vector("key.pem"), "--no-clock"],
        6,
        &["error"],
    );
}

#[test]
fn json_names_codes_and_offsets() {
    let output = run(&["lint", "--json", &vector("eku.pem"), &vector("root.pem")]);
    assert_eq!(output.status.code(), Some(6));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let finding = &report["items"][0]["findings"][0];
    assert_eq!((&finding["code"], &finding["severity"]), (&"eku-other".into(), &"error".into()));
    assert!(
        finding["der_offset"]
            .as_u64()
            .zip(finding["file_offset"].as_u64())
            .is_some_and(|(der, file)| der < file)
    );
}

#[test]
fn passphrases_and_standard_input() {
    let key = vector("key-scrypt.pem");
    // Without a terminal nothing is asked; the key stays closed, which is a note.
    let output = run(&["lint", &key]);
    assert_eq!(output.status.code(), Some(0));
    assert!(out(&output).contains("note: the private key is encrypted and was not opened"));
    // A passphrase on the command line could be seen by others.
    ends(&["lint", &key, "--passphrase", "secret"], 2, &["expected @FILE or env:NAME"]);
    let folder = Directory::new("lint-passphrases");
    let file = |name: &str, content: &str| format!("@{}", folder.file(name, content.as_bytes()));
    let output = run(&["lint", &key, "--passphrase", &file("secret", "secret\n")]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    assert!(out(&output).contains("private key: P-256"));
    ends(&["lint", &key, "--passphrase", &file("other", "other")], 6, &["1 error"]);
    let output = run_with(&["lint", "-"], b"\xff\xfe-\0");
    assert_eq!(output.status.code(), Some(6));
    assert!(out(&output).contains("text in UTF-16"));
    ends(&["lint", "/nonexistent"], 2, &["/nonexistent"]);
}
