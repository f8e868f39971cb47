//! `handclasp explain` as people and scripts call it: exit codes, what stands on which stream,
//! and errors that name the file, what was expected and what is there.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/handshakes/corpus")
}

fn capture(name: &str) -> String {
    vectors().join(format!("{name}.pcapng")).display().to_string()
}

fn explain(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_handclasp")).arg("explain").args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A file of this test alone.
fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("handclasp-{}-{name}", std::process::id()));
    std::fs::write(&path, content).unwrap();
    // A secret that other users can read is refused.
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    path
}

#[test]
fn a_failure_that_is_explained_is_a_success() {
    let secret = file("psk", b"abc123\n");
    let output = explain(&[&capture("psk-hex-vs-ascii"), "--psk", &format!("@{}", secret.display())]);
    std::fs::remove_file(secret).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(out(&output).contains("616263313233"), "{}", out(&output));
    assert!(err(&output).is_empty(), "{}", err(&output));
    // Nobody sees colours in a pipe, unless they are wanted.
    assert!(!out(&output).contains('\u{1b}'));
    let output = explain(&[&capture("psk-hex-vs-ascii"), "--color", "always"]);
    assert!(out(&output).contains('\u{1b}'));
}

#[test]
fn an_alert_that_a_log_names_is_an_explanation() {
    let log = file("alert.log", b"SSL alert number 40");
    let output = explain(&[&log.display().to_string()]);
    std::fs::remove_file(log).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).contains("handshake_failure (40)"), "{}", out(&output));
}

#[test]
fn a_log_alone_is_followed_by_how_to_capture() {
    let log = file(
        "only.log",
        b"[ssl_client.cpp:37] start_ssl_client(): (-9984) X509 - Certificate verification failed",
    );
    let output = explain(&[&log.display().to_string()]);
    std::fs::remove_file(log).unwrap();
    let said = out(&output);
    for part in [
        "consistent with the log",
        "With Arduino (ESP32) (client, recognised by its log):",
        "tcpdump",
        "--client-log LOG",
    ] {
        assert!(said.contains(part), "{part} is missing in {said}");
    }
    assert!(!said.contains("--roots"), "a log has no chain to verify: {said}");
}

#[test]
fn a_literal_secret_is_warned_of_and_json_stays_json() {
    let output = explain(&[&capture("psk-hex-vs-ascii"), "--psk", "abc123", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(err(&output).lines().count(), 1, "{}", err(&output));
    assert!(out(&output).starts_with("{\n\"findings\""), "{}", out(&output));
    assert!(!out(&output).contains("\"abc123\""));
}

#[test]
fn a_dump_comes_through_standard_input() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_handclasp"))
        .args(["explain", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"15 03 03 00 02 02 46").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(out(&output).contains("protocol_version (70)"), "{}", out(&output));
}

#[test]
fn exit_codes_tell_what_is_wrong() {
    let empty = file("empty", b"");
    let noise = file("noise", &[0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]);
    let words = file("words", b"these are words");
    let good = capture("mqtt-ok");
    let path = |path: &PathBuf| path.display().to_string();
    let (empty_path, noise_path, words_path) = (path(&empty), path(&noise), path(&words));
    let cases: &[(&[&str], i32, &str)] = &[
        (&["/no/such/file"], 1, "/no/such/file: No such file"),
        (&[&empty_path], 5, "0 bytes"),
        (&[&words_path], 1, "none of these words"),
        (&[&noise_path], 5, "no TLS"),
        (&[&good, "--roots", &words_path], 2, "--roots: "),
        (&[&good, "--key", &words_path], 2, "expected a private or public key"),
        (&[&good, "--at", "noon"], 2, "--at: expected a time"),
        (&[&good, "--psk", "env:HANDCLASP_NO_SUCH_VARIABLE"], 2, "HANDCLASP_NO_SUCH_VARIABLE"),
        (&[&good, "--conversation", "2"], 2, "expected 1 to 1, found 2"),
        (&[&good, "--no-such-flag"], 2, "--no-such-flag"),
        (&[&good], 0, ""),
    ];
    for (arguments, code, told) in cases {
        let output = explain(arguments);
        assert_eq!(output.status.code(), Some(*code), "{arguments:?}: {}", err(&output));
        assert!(err(&output).contains(told), "{arguments:?}: {}", err(&output));
    }
    for path in [empty, noise, words] {
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_page_is_written_beside() {
    let page = std::env::temp_dir().join(format!("handclasp-{}.html", std::process::id()));
    let output = explain(&[&capture("psk-hex-vs-ascii"), "--html", &page.display().to_string()]);
    assert_eq!(output.status.code(), Some(0));
    let written = std::fs::read_to_string(&page).unwrap();
    std::fs::remove_file(page).unwrap();
    assert!(written.starts_with("<!DOCTYPE html>") && written.ends_with("</html>\n"));
}

#[test]
fn a_key_log_opens_what_is_protected() {
    let roots = vectors().join("pki/lab-root.pem").display().to_string();
    let told = |capture: &str, keys: &[&str]| {
        out(&explain(&[&[capture, "--roots", &roots, "--name", "localhost"], keys].concat()))
    };
    let opens = |text: &str| text.contains("[cert.expired]") && text.contains("certificate*");
    // The same packets twice, with a key log in the capture and without.
    let (with, without) = (capture("cert-expired-openssl"), capture("cert-expired-openssl-nokeys"));
    assert!(opens(&told(&with, &[])), "{}", told(&with, &[]));
    assert!(!opens(&told(&without, &[])), "{}", told(&without, &[]));
    let key_log = handclasp_explain::capture::key_log(std::fs::File::open(&with).unwrap()).unwrap();
    let keys = file("keys", key_log.as_bytes());
    let given = told(&without, &["--keys", &keys.display().to_string()]);
    std::fs::remove_file(keys).unwrap();
    assert!(opens(&given), "{given}");
}

#[test]
fn a_log_needs_no_capture_and_is_not_taken_for_bytes() {
    let said = "conn 0x740ee2505a: error:0A000086:SSL routines::certificate verify failed: certificate has expired\n";
    let log = file("alone.log", said.as_bytes());
    let path = log.display().to_string();
    let alone = explain(&[&path]);
    let of_server = explain(&["--server-log", &path]);
    let unknown = file("unknown.log", b"it did not work at 0x7f today\n");
    let refused = explain(&[&unknown.display().to_string()]);
    for path in [log, unknown] {
        std::fs::remove_file(path).unwrap();
    }
    assert!(out(&alone).contains("[cert.expired]"), "{} {}", out(&alone), err(&alone));
    assert!(out(&of_server).contains("[client-cert.expired]"), "{} {}", out(&of_server), err(&of_server));
    assert!(err(&refused).contains("tcpdump"), "{}", err(&refused));
    assert!(!err(&refused).contains("hex"), "{}", err(&refused));
}
