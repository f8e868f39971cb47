//! Flags of pre-shared keys: where the key comes from, for which version it is, and what is said when
//! the two ends do not mean the same.

mod program;

use std::process::{Command, Stdio};

use program::{Directory, Running, ends, err, has_ended, out, program, run, run_with};

const KEY: &str = "abc123abc123abc123abc123abc123ab";

/// Commands with a pre-shared key, and what else they need.
fn connect(address: &str, flags: &[&str]) -> std::process::Output {
    run_with(&[&["connect", address, "--half-close"], flags].concat(), b"hello")
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_key_for_the_other_version_is_told_as_that() {
    let directory = Directory::new("versions");
    let key = format!("@{}", directory.file("key", KEY.as_bytes()));
    let cases: [(&[&str], &[&str], &str, &str); 2] =
        [(&[], &["--tls", "1.2"], "1.3", "1.2"), (&["--tls", "1.2"], &[], "1.2", "1.3")];
    for (server_flags, client_flags, server_version, client_version) in cases {
        let mut server = Running::serve(&[&["--once", "--echo", "--psk-hex", &key], server_flags].concat());
        let output = connect(&server.address(), &[&["--psk-hex", &key], client_flags].concat());
        let said = [
            "protocol_version (70)".to_owned(),
            format!("Our pre-shared key is for TLS {client_version} alone"),
            "--tls 1.2".to_owned(),
        ];
        has_ended(&output, 4, &said.each_ref().map(String::as_str), client_version);
        assert_eq!(server.wait().code(), Some(3));
        let told = server.told_in_time("--psk-both-versions");
        assert!(told.contains(&format!("Our pre-shared key is for TLS {server_version} alone")), "{told}");
        assert!(told.contains("--tls 1.2") && !told.contains("psk-id"), "{told}");
    }
}

#[test]
fn listen_tells_it_too() {
    let directory = Directory::new("listen-versions");
    let key = format!("@{}", directory.file("key", KEY.as_bytes()));
    let (output, _) = heard(&["--psk-hex", &key], &["--psk-hex", &key, "--tls", "1.2"]);
    assert!(output.contains("Our pre-shared key is for TLS 1.3 only"), "{output}");
}

/// What `listen` says about a client of ours, and what the client did.
fn heard(listen: &[&str], client: &[&str]) -> (String, std::process::Output) {
    let mut command = Command::new(program());
    command.args(["listen", "127.0.0.1:0", "--once"]).args(listen);
    let mut running = Running::start(command.stdout(Stdio::piped()));
    let output = connect(&running.address(), client);
    let mut told = String::new();
    std::io::Read::read_to_string(&mut running.child.stdout.take().unwrap(), &mut told).unwrap();
    assert_eq!(running.wait().code(), Some(0));
    (words(&told), output)
}

#[test]
fn listen_with_a_key_is_for_the_key_alone_and_tries_its_readings() {
    let directory = Directory::new("listen");
    let key = format!("@{}", directory.file("key", KEY.as_bytes()));
    for version in [&["--tls", "1.2"][..], &[]] {
        let client = [&["--psk-ascii", &key], version].concat();
        let (told, output) = heard(&[&["--psk-hex", &key], version].concat(), &client);
        assert_eq!(output.status.code(), Some(4), "{}", err(&output));
        assert!(told.contains("[psk.value.encoding] proved"), "{told}");
        assert!(told.contains("read the key as text,"), "{told}");
        assert!(!told.contains("--psk KEY"), "{told}");
    }
    // A client that wants a certificate shows that there is none.
    let (told, output) = heard(&["--psk-hex", &key], &["--danger-accept-any"]);
    assert_ne!(output.status.code(), Some(0));
    assert!(!told.contains("Nothing failed"), "{told}");
    // Unless one is asked for.
    let (told, output) = heard(&["--psk-hex", &key, "--self-signed", "localhost"], &["--danger-accept-any"]);
    has_ended(&output, 0, &[], "both");
    assert!(told.contains("Nothing failed"), "{told}");
}

/// A server that has the key is not told to serve with one.
#[test]
fn another_hash_of_the_same_key() {
    let directory = Directory::new("hash");
    let key = format!("@{}", directory.file("key", KEY.as_bytes()));
    let psk = ["--psk-hex", &key];
    let mut server = Running::serve(&[&["--once", "--echo"], &psk[..]].concat());
    let output = connect(&server.address(), &[&psk[..], &["--psk-hash", "sha384"]].concat());
    has_ended(&output, 4, &["`--psk-hash`"], "a key of SHA-384");
    assert_eq!(server.wait().code(), Some(3));
    let told = server.told_in_time("`--psk-hash`");
    assert!(!told.contains("serve with the pre-shared key"), "{told}");
}

#[test]
fn one_key_for_both_versions_only_by_a_switch() {
    let directory = Directory::new("both");
    let key = format!("@{}", directory.file("key", KEY.as_bytes()));
    let psk = ["--psk-hex", &key];
    let both = [&psk[..], &["--psk-both-versions"]].concat();
    let server = Running::serve(&[&["--echo"], &both[..]].concat());
    for (flags, version) in [
        ([&psk[..], &["--tls", "1.2"]].concat(), "TLS 1.2"),
        (psk.to_vec(), "TLS 1.3"),
        (both.clone(), "TLS 1.3"),
    ] {
        let output = connect(&server.address(), &flags);
        has_ended(&output, 0, &[&format!("connected: {version}")], version);
        assert_eq!(out(&output), "hello");
    }
    let old = Running::serve(&[&["--echo", "--tls", "1.2"], &psk[..]].concat());
    has_ended(&connect(&old.address(), &both), 0, &["connected: TLS 1.2"], "an older server");
    let address = old.address();
    for more in [&["--tls", "1.3"][..], &["--psk-import", ""], &["--psk-hash", "sha384"]] {
        let flags = [&["connect", &address], &both[..], more].concat();
        let output = run(&flags);
        assert_eq!(output.status.code(), Some(2), "{more:?}: {}", err(&output));
        assert!(err(&output).contains("--psk-both-versions"), "{}", err(&output));
    }
}

#[test]
fn both_ends_print_the_same_check_value() {
    let directory = Directory::new("check-value");
    let key = format!("@{}", directory.file("key", KEY.as_bytes()));
    let server = Running::serve(&["--echo", "--psk-hex", &key]);
    let value = |text: &str| {
        let (_, behind) = text.split_once("check value of the pre-shared key: ").expect(text);
        behind.split([',', '\n']).next().unwrap().to_owned()
    };
    let ours = value(&server.told_in_time("check value"));
    let output = connect(&server.address(), &["--psk-hex", &key]);
    assert_eq!(value(&err(&output)), ours);
    // The same characters read otherwise are another key.
    let output = connect(&server.address(), &["--psk-ascii", &key]);
    assert_ne!(value(&err(&output)), ours);
    let output = connect(&server.address(), &["--psk-hex", &key, "--quiet"]);
    assert!(err(&output).is_empty(), "{}", err(&output));
}

#[test]
fn keys_come_out_of_files_and_variables_for_every_command() {
    let directory = Directory::new("sources");
    let file = format!("@{}", directory.file("key", format!("{KEY}\n").as_bytes()));
    let warning = "other users of this machine can see this secret";
    // A file, with the line end that editors leave; a variable; the key itself.
    for (source, warned) in [(file.as_str(), 0), ("env:HANDCLASP_TEST_KEY", 0), (KEY, 1)] {
        for flag in ["--psk-ascii", "--psk-hex"] {
            let with_key = |arguments: &[&str]| {
                let mut command = Command::new(program());
                command.args(arguments).args([flag, source]).env("HANDCLASP_TEST_KEY", KEY);
                command.stdin(Stdio::null());
                command
            };
            let server = Running::start(with_key(&["serve", "127.0.0.1:0", "--echo"]).stdout(Stdio::null()));
            let address = server.address();
            let output = with_key(&["connect", &address, "--half-close"]).output().unwrap();
            has_ended(&output, 0, &[], source);
            assert_eq!(err(&output).matches(warning).count(), warned, "{}", err(&output));
            assert_eq!(server.told().matches(warning).count(), warned, "{}", server.told());
            let mut listening = with_key(&["listen", "127.0.0.1:0", "--once"]);
            let listening = Running::start(listening.stdout(Stdio::null()));
            has_ended(&connect(&listening.address(), &[flag, &file]), 0, &[], "listen");
            assert_eq!(listening.told().matches(warning).count(), warned, "{}", listening.told());
        }
    }
    let server = Running::serve(&["--echo", "--psk-hex", &file]);
    let output = run(&["check", &server.address(), "--quiet", "--psk-hex", KEY]);
    has_ended(&output, 0, &[], "check");
    assert_eq!(err(&output).matches(warning).count(), 1, "{}", err(&output));
    let output = run(&["check", &server.address(), "--quiet", "--psk-hex", &file]);
    has_ended(&output, 0, &[], "check");
    assert!(err(&output).is_empty(), "{}", err(&output));
    // Others could read it.
    let open = directory.file("open", KEY.as_bytes());
    std::fs::set_permissions(&open, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    ends(&["connect", "127.0.0.1:1", "--psk-hex", &format!("@{open}")], 2, &["--psk-hex: ", &open]);
    ends(&["connect", "127.0.0.1:1", "--psk-hex", "env:HANDCLASP_NO_SUCH"], 2, &["HANDCLASP_NO_SUCH"]);
}

#[test]
fn a_key_that_no_suite_serves_is_a_usage_error() {
    let directory = Directory::new("suites");
    let key = format!("@{}", directory.file("key", KEY.as_bytes()));
    for (flags, said) in [
        (&["--psk-hash", "sha384", "--policy", "constrained"][..], "SHA-384"),
        (&["--suite", "TLS_PSK_WITH_AES_128_GCM_SHA256"], "is for TLS 1.3"),
        (&["--psk-import", "", "--tls", "1.2"], "--psk-import is for TLS 1.3"),
        (&["--psk-hash", "sha384", "--tls", "1.2"], "--psk-hash sha384 is for TLS 1.3"),
    ] {
        for command in
            [&["connect", "127.0.0.1:1"][..], &["serve", "127.0.0.1:0"], &["listen", "127.0.0.1:0"]]
        {
            ends(&[command, &["--psk-hex", &key], flags].concat(), 2, &[said]);
        }
    }
}
