//! `serve --advertise`, `connect --service` and `browse`: what is refused before anything is sent. The rest is tested
//! in network namespaces: `interop/src/discovery.rs`.

mod program;

use std::process::Command;

use program::program;

/// Exit code 2, and these texts on standard error.
fn refused(arguments: &[&str], texts: &[&str]) {
    let mut command = Command::new(program());
    // Nothing of the user's configuration is read or written.
    let output = command.args(arguments).env("XDG_CONFIG_HOME", env!("CARGO_TARGET_TMPDIR")).output();
    let output = output.expect("runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {err}");
    for text in texts {
        // Lines are as wide as the terminal.
        let words: Vec<&str> = err.split_whitespace().collect();
        assert!(words.join(" ").contains(text), "{arguments:?}: expected {text:?} in {err}");
    }
}

#[test]
fn names_say_what_is_expected() {
    refused(
        &["browse", "lock"],
        &["'<_SERVICE._tcp>'", "expected a type such as _lock._tcp at the end, found \"lock\""],
    );
    refused(&["browse", "_lock._udp"], &["is a service over UDP; TLS needs TCP"]);
    refused(&["browse", "Hall Door._lock._tcp"], &["found one peer of it: \"Hall Door._lock._tcp\""]);
    refused(&["browse", "_a_b._tcp"], &["expected letters, digits and hyphens only"]);
    refused(
        &["connect", "--service", "_lock._tcp", "--tofu"],
        &["expected the name of a peer in front of _lock._tcp, such as \"Hall Door._lock._tcp\""],
    );
    let name = "a\u{1b}[2J._lock._tcp";
    refused(
        &["connect", "--service", name, "--tofu"],
        &["a control character, which a name must not have (at byte 1)"],
    );
}

#[test]
fn an_announcement_is_never_trust() {
    refused(
        &["connect", "--service", "Hall Door._lock._tcp"],
        &["anybody on the network can announce \"Hall Door._lock._tcp\": pass --tofu", "--pin"],
    );
}

#[test]
fn flags_that_do_not_go_together() {
    let service = ["connect", "--service", "Hall Door._lock._tcp", "--tofu"];
    refused(&[&service[..], &["localhost:1"]].concat(), &["cannot be used with"]);
    refused(&[&service[..], &["--starttls", "smtp"]].concat(), &["cannot be used with"]);
    refused(&["connect", "--tofu"], &["required", "HOST:PORT"]);
    let serve = ["serve", "127.0.0.1:0", "--self-signed", "hall", "--advertise", "Hall Door._lock._tcp"];
    refused(&serve, &["--advertise: ", "cannot be reached by other machines: listen on 0.0.0.0 or [::]"]);
}
