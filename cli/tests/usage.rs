//! Mistakes on the command line: each ends with exit code 2 before anything is opened, names the flag
//! and the value, and says what was expected.

mod program;

use program::{ends, run};

#[test]
fn every_command_has_its_help() {
    for command in ["connect", "serve", "explain", "check", "listen", "lint", "demo"] {
        let output = run(&[command, "--help"]);
        assert_eq!(output.status.code(), Some(0), "{command}: {}", program::err(&output));
        assert!(program::out(&output).contains("Usage:"));
    }
    for (command, behind_the_first_line) in [
        (&["--help"][..], "Exit codes: 0 done"),
        (&["connect", "--help"], "Exit code 1 means"),
        (&["id", "new", "--help"], "the key is made in the token"),
        (&["ca", "sign", "--help"], "recorded in the list before"),
        (&["peers", "--help"], "edited by hand"),
    ] {
        let help = program::out(&run(command));
        assert!(help.contains(behind_the_first_line), "{command:?}: {help}");
    }
    ends(&["check", "localhost"], 2, &["<HOST:PORT>", "localhost:443"]);
}

/// `handclasp COMMAND…` ends with exit code 2 and these words.
#[track_caller]
fn refused(command: &[&str], flag: &str, value: &str, said: &[&str]) {
    let output = ends(command, 2, &[&[flag], said].concat());
    assert!(program::err(&output).contains(value), "{command:?}: {}", program::err(&output));
    assert!(output.stdout.is_empty());
}

#[test]
fn addresses() {
    // `connect` may have --service in place of the address.
    for (command, argument) in [("connect", "[HOST:PORT]"), ("check", "<HOST:PORT>")] {
        for (address, said) in [
            ("localhost", "the port is missing: localhost:443"),
            ("localhost:99999", "expected a port of 0 to 65535"),
            ("https://localhost:8443/", "not a URL: localhost:8443"),
            ("münchen.example:443", "xn--mnchen-3ya.example"),
        ] {
            refused(&[command, address], argument, address, &[said]);
        }
    }
    for command in ["serve", "listen"] {
        for (address, said) in [
            ("7805", "0.0.0.0:7805"),
            (":7805", "0.0.0.0:7805"),
            ("0.0.0.0", "the port is missing: 0.0.0.0:8443"),
            ("127.0.0.1:99999", "expected a port of 0 to 65535"),
        ] {
            refused(&[command, address, "--self-signed", "localhost"], "<ADDR:PORT>", address, &[said]);
        }
    }
    ends(&["connect", "127.0.0.1:1"], 1, &["127.0.0.1:1: Connection refused"]);
}

#[test]
fn names_and_protocols() {
    let long = "a".repeat(256);
    for (flag, value, said) in [
        ("--name", "my server", "' ' at offset 2"),
        ("--name", "https://a.example/", "not a URL: a.example"),
        ("--name", "bücher.example", "xn--bcher-kva.example"),
        ("--name", "", "no name was given"),
        ("--name", "*.example.com", "wildcards"),
        ("--name", "host:443", "without a port"),
        ("--alpn", "", "such as h2,http/1.1"),
        ("--alpn", "h2,,http/1.1", "such as h2,http/1.1"),
        ("--alpn", &long, "at most 255 bytes"),
    ] {
        let value = if value.contains(",,") { "" } else { value };
        refused(&["connect", "127.0.0.1:1", flag, value], flag, value, &[said]);
    }
    refused(&["check", "127.0.0.1:1", "--name", "a b"], "--name", "a b", &["' ' at offset 1"]);
}

#[test]
fn algorithms() {
    let base = ["connect", "127.0.0.1:1"];
    for (flags, said) in [
        (&["--group", "P-257"][..], "did you mean P-256?"),
        (
            &["--suite", "PSK-AES128-GCM-SHA384"],
            "did you mean TLS_PSK_WITH_AES_128_GCM_SHA256 or TLS_PSK_WITH_AES_256",
        ),
        (&["--suite", "AES128-GCM-SHA256"], "TLS_RSA_WITH_AES_128_GCM_SHA256 uses RSA key exchange"),
        (
            &["--suite", "TLS_AES_128_GCM_SHA256", "--tls", "1.2"],
            "--suite TLS_AES_128_GCM_SHA256 is for TLS 1.3, but --tls 1.2",
        ),
        (&["--suite", "ECDHE-ECDSA-AES128-GCM-SHA256", "--tls", "1.3"], "is for TLS 1.2, but --tls 1.3"),
        (&["--policy", "tls13_only", "--tls", "1.2"], "--policy tls13_only and --tls 1.2 exclude each other"),
        (&["--group", "X25519MLKEM768", "--tls", "1.2"], "--group X25519MLKEM768 is for TLS 1.3"),
        (&["--insecure"], "'--danger-accept-any'"),
        (&["-k"], "'--danger-accept-any'"),
        (&["--psk", "abc"], "--psk-hex, --psk-ascii and --psk-base64"),
    ] {
        ends(&[&base, flags].concat(), 2, &[said]);
    }
    // Names that other programs use are taken: what fails is the connection.
    for flags in [["--group", "P-256"], ["--group", "X25519"], ["--suite", "ECDHE-ECDSA-AES128-GCM-SHA256"]] {
        ends(&[&base[..], &flags].concat(), 1, &["Connection refused"]);
    }
    ends(
        &["serve", "127.0.0.1:0", "--self-signed", "x", "--max-handshakes", "0"],
        2,
        &["--max-handshakes", "at least 1"],
    );
    ends(&["serve", "127.0.0.1:0", "--self-signed", "a b"], 2, &["--self-signed a b"]);
    ends(&["listen", "127.0.0.1:0", "--self-signed", "a b"], 2, &["--self-signed a b"]);
}

/// What is said about a pre-shared key without the key would be left out in silence.
#[test]
fn flags_of_a_key_that_is_not_given() {
    for flag in [
        &["--psk-id", "device-7"][..],
        &["--psk-hash", "sha384"],
        &["--psk-import", ""],
        &["--psk-both-versions"],
        &["--psk-ke"],
        &["--allow-weak-psk"],
    ] {
        for command in
            [&["connect", "127.0.0.1:1"][..], &["serve", "127.0.0.1:0", "--self-signed", "a.example"]]
        {
            ends(&[command, flag].concat(), 2, &["--psk-hex", "not provided"]);
        }
    }
    ends(
        &["serve", "127.0.0.1:0", "--self-signed", "a.example", "--psk-hint", "factory"],
        2,
        &["--psk-hex", "not provided"],
    );
}

#[test]
fn evidence_of_explain() {
    let directory = program::Directory::new("usage");
    let words = directory.file("words", b"these are words\nand no secrets\n");
    let empty = directory.file("empty", b"");
    let begun = directory.file("begun", b"# TLS secrets log file\n");
    let foreign = directory.file("foreign", format!("CLIENT_RANDOM {:064} {:096}\n", 0, 0).as_bytes());
    let capture =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/handshakes/corpus/mqtt-ok.pcapng").to_owned();
    ends(
        &["explain", &capture, "--keys", &words],
        2,
        &["--keys", &words, "expected a key log", "none in 2 lines"],
    );
    for nothing in [&empty, &begun] {
        let output = ends(&["explain", &capture, "--keys", nothing], 0, &["--keys", "is empty"]);
        assert!(!output.stdout.is_empty());
    }
    ends(&["explain", &capture, "--keys", &foreign], 0, &[]);
    // Nothing on standard input.
    ends(&["explain", "-"], 5, &["the input is empty"]);
    ends(&["explain", &empty], 5, &["the input is empty"]);
}
