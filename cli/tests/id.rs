//! `handclasp id` and `--identity`, as people use them.

mod program;

use std::{fs, os::unix::fs::PermissionsExt as _};

use program::{Directory, Running, ends, err, has_ended, out, run, run_with};

/// The value of a line of `id show`.
fn fact(shown: &str, name: &str) -> String {
    let line = shown.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("{shown} lacks {name}")).trim().to_owned()
}

#[test]
fn made_shown_and_used_on_both_sides() {
    let directory = Directory::new("id-new");
    let (server, client) = (directory.at("server"), directory.at("client"));
    let made = out(&ends(&["id", "new", &server, "--name", "printer.local"], 0, &["--identity"]));
    assert_eq!(fact(&made, "name"), "printer.local");
    assert_eq!(fact(&made, "words").split(' ').count(), 12);
    ends(&["id", "new", &client, "--name", "laptop", "--key", "ed25519"], 0, &[]);
    let shown = out(&ends(&["id", "show", &server], 0, &[]));
    assert_eq!(shown, made, "the same later");
    let json = run(&["id", "show", &client, "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    let (pin, client_pin) = (fact(&shown, "pin"), json["pin"].as_str().expect("a pin").to_owned());
    assert_eq!(json["key"]["kind"], "Ed25519");
    let mode = fs::metadata(directory.path().join("server/identity.pem")).expect("a file").permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);

    let serving = Running::serve(&["--identity", &server, "--client-pin", &client_pin, "--echo"]);
    for version in ["1.2", "1.3"] {
        let arguments =
            ["connect", &serving.address(), "--identity", &client, "--pin", &pin, "--tls", version];
        let output = run_with(&[&arguments[..], &["--half-close"]].concat(), b"hello");
        has_ended(&output, 0, &["connected"], version);
        assert_eq!(out(&output), "hello");
    }
    let stranger = run(&["connect", &serving.address(), "--pin", &pin]);
    assert_eq!(stranger.status.code(), Some(4), "{}", err(&stranger));
}

#[test]
fn folders_that_cannot_be_used() {
    let directory = Directory::new("id-folders");
    let (mine, other, absent) = (directory.at("mine"), directory.at("other"), directory.at("absent"));
    ends(&["id", "new", &mine, "--name", "a"], 0, &[]);
    let before = fs::read(directory.path().join("mine/identity.pem")).expect("a file");
    ends(&["id", "new", &mine, "--name", "b"], 2, &["holds an identity already", "handclasp id show"]);
    assert_eq!(fs::read(directory.path().join("mine/identity.pem")).expect("a file"), before);
    fs::create_dir(&other).expect("a folder");
    fs::write(directory.path().join("other/notes"), "mine").expect("a file");
    ends(&["id", "new", &other, "--name", "a"], 2, &["holds \"notes\"", "new or empty folder"]);
    assert_eq!(fs::read_dir(&other).expect("a folder").count(), 1, "nothing is written");
    for arguments in [
        &["id", "show", &absent][..],
        &["serve", "127.0.0.1:0", "--identity", &absent],
        &["connect", "127.0.0.1:1", "--identity", &absent],
        &["listen", "127.0.0.1:0", "--identity", &absent],
        &["check", "127.0.0.1:1", "--identity", &absent],
    ] {
        ends(arguments, 2, &["holds no identity yet", "handclasp id new"]);
    }
    assert!(!fs::exists(&absent).expect("asked"), "looking makes nothing");
    ends(&["id", "new", &absent, "--name", ""], 2, &["cannot be the name of a device"]);
    ends(&["id", "new", &absent], 2, &["--name <NAME>"]);
    ends(&["id", "new", &absent, "--name", "a", "--key", "dsa"], 2, &["p256, p384, ed25519 or rsa"]);
    let twice = ["serve", "127.0.0.1:0", "--identity", &mine, "--cert", "a.pem", "--key", "a.key"];
    ends(&twice, 2, &["--identity and --key exclude each other"]);
    ends(&["serve", "127.0.0.1:0", "--identity", &mine, "--self-signed", "a"], 2, &["exclude each other"]);
}
