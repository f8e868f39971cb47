//! PINs and passphrases that a person types on a terminal: not shown, a wrong PIN sent once, and after Ctrl-C the terminal
//! is as it was.

mod keys;
mod program;

use std::{fs, os::unix::process::ExitStatusExt as _};

use keys::{Lab, PIN};
use program::{Directory, peer::Device, terminal::Terminal};

/// How often the module was asked to log in.
fn logins(lab: &Lab) -> usize {
    let calls = fs::read_to_string(lab.0.path().join("calls")).unwrap_or_default();
    calls.lines().filter(|line| line.ends_with(": C_Login")).count()
}

#[test]
fn a_pin_is_typed() {
    let lab = Lab::with_token("prompt-pin");
    let uri = lab.spied("device");
    lab.ends(
        &["id", "new", "device", "--name", "d", "--pkcs11", &uri, "--token-pin", "env:TOKEN_PIN"],
        0,
        &[],
    );
    let folder = lab.0.at("device");
    let variables = lab.variables();
    for (typed, code, said, sent) in [
        (format!("{PIN}\n"), 0, "signed a test message", 1),
        ("000000\n".to_owned(), 2, "not tried again", 1),
        ("\n".to_owned(), 2, "no PIN was typed", 0),
    ] {
        let before = logins(&lab);
        let mut terminal = Terminal::start_shown(&["id", "show", &folder, "--open"], &variables);
        terminal.shows("PIN of the token \"lab\": ");
        terminal.types(&typed);
        let (status, shown, out, _) = terminal.ends();
        assert_eq!(status.code(), Some(code), "{typed:?}: {shown}");
        assert!(shown.contains(said) || out.contains(said), "{typed:?}: {shown}{out}");
        assert!(typed == "\n" || !shown.contains(typed.trim()), "{shown}");
        assert_eq!(logins(&lab), before + sent, "{typed:?}: {shown}");
        assert!(terminal.is_usual());
    }

    let before = logins(&lab);
    let mut terminal = Terminal::start_shown(&["id", "show", &folder, "--open"], &variables);
    terminal.shows("PIN of the token");
    terminal.types("240\u{3}");
    let (status, shown, ..) = terminal.ends();
    assert_eq!(status.signal(), Some(2), "{status}: {shown}");
    assert!(terminal.is_usual() && !shown.contains("240"), "{shown}");
    assert_eq!(logins(&lab), before);
}

/// A certificate, and its key encrypted with the passphrase `secret`.
fn encrypted(directory: &Directory) -> [String; 2] {
    let [cert, key, hidden] = ["cert.pem", "key.pem", "hidden.pem"].map(|name| directory.at(name));
    program::peer::openssl_identity("device", &cert, &key);
    let mut command = std::process::Command::new("openssl");
    command.args(["pkcs8", "-topk8", "-in", &key, "-out", &hidden, "-passout", "pass:secret"]);
    assert!(command.output().unwrap().status.success());
    fs::set_permissions(&hidden, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    [cert, hidden]
}

#[test]
fn a_passphrase_is_typed() {
    let directory = Directory::new("prompt-passphrase");
    let [cert, key] = encrypted(&directory);
    let device = Device::new(&directory, "device");
    let server = device.serves(&[]);
    let address = server.address();
    let connect = ["connect", &address, "--pin", &device.pin, "--cert", &cert, "--key", &key, "--half-close"];
    let question = format!("Passphrase of {key}: ");
    for command in [&connect[..], &["lint", &key]] {
        let mut terminal = Terminal::start_shown(command, &[]);
        terminal.shows(&question);
        terminal.types("other\n");
        terminal.shows(&format!("Wrong passphrase of {key}, again: "));
        terminal.types("secrex\u{7f}t\n");
        let (status, shown, ..) = terminal.ends();
        assert_eq!(status.code(), Some(0), "{command:?}: {shown}");
        assert!(!shown.contains("secre") && !shown.contains("other"), "{shown}");
        assert!(terminal.is_usual());

        let mut terminal = Terminal::start_shown(command, &[]);
        terminal.shows(&question);
        terminal.types("secr\u{3}");
        let (status, shown, ..) = terminal.ends();
        assert_eq!(status.signal(), Some(2), "{command:?}: {status}: {shown}");
        assert!(terminal.is_usual() && !shown.contains("secr"), "{shown}");
    }
    // Nothing typed is no passphrase.
    let mut terminal = Terminal::start_shown(&connect, &[]);
    terminal.shows(&question);
    terminal.types("\n");
    let (status, shown, ..) = terminal.ends();
    assert_eq!(status.code(), Some(2), "{shown}");
    assert!(shown.contains("no passphrase was given"), "{shown}");
}
