//! `--psk-file`: a file of keys on either side, also as other programs write it.

mod program;

use std::process::{Command, Stdio};

use program::{Directory, Running, ends, err, has_ended, out, run_with};

const ONE: &str = "000102030405060708090a0b0c0d0e0f";
const TWO: &str = "101112131415161718191a1b1c1d1e1f";

fn connect(address: &str, flags: &[&str]) -> std::process::Output {
    run_with(&[&["connect", address, "--half-close"], flags].concat(), b"hello")
}

#[track_caller]
fn echoes(address: &str, flags: &[&str]) -> String {
    let output = connect(address, flags);
    has_ended(&output, 0, &[], &format!("{flags:?}"));
    assert_eq!(out(&output), "hello");
    err(&output)
}

#[test]
fn every_key_of_the_file_is_served_under_its_identity() {
    let directory = Directory::new("psk-file");
    let keys = directory.file("keys", format!("# hall\ndoor:{ONE}\n\nwindow:{TWO}\n").as_bytes());
    let [one, two] = [ONE, TWO].map(|key| format!("@{}", directory.file(key, key.as_bytes())));
    for version in ["1.2", "1.3"] {
        let server = Running::serve(&["--echo", "--psk-file", &keys, "--tls", version]);
        for (identity, key) in [("door", &one), ("window", &two)] {
            echoes(&server.address(), &["--psk-hex", key, "--psk-id", identity, "--tls", version]);
            server.told_in_time(identity);
        }
        let wrong = connect(&server.address(), &["--psk-hex", &two, "--psk-id", "door", "--tls", version]);
        assert_eq!(wrong.status.code(), Some(4), "{}", err(&wrong));
        // A client takes the first key, or the one that is named.
        let told = echoes(&server.address(), &["--psk-file", &keys, "--tls", version]);
        let first = told.split("check value").nth(1).expect("a check value").to_owned();
        let told = echoes(&server.address(), &["--psk-file", &keys, "--psk-id", "window", "--tls", version]);
        assert_ne!(told.split("check value").nth(1).expect("a check value"), first);
        // Both can be compared with what the server prints.
        assert!(server.told().contains("check value of the pre-shared key of window: "), "{}", server.told());
    }
}

#[test]
fn mistakes_name_file_and_line_and_no_key() {
    let directory = Directory::new("psk-file-mistakes");
    let bad = directory.file(
        "bad",
        format!("door:{ONE}\nwindow {TWO}\nhatch:{}\ndoor:{TWO}\ngate:0011\n", TWO.replace("1f", "1g"))
            .as_bytes(),
    );
    for command in [&["serve", "127.0.0.1:0"][..], &["connect", "127.0.0.1:1"]] {
        let output = ends(
            &[command, &["--psk-file", &bad]].concat(),
            2,
            &[
                &format!("--psk-file: {bad}: line 2: expected IDENTITY:KEY"),
                &format!(
                    "{bad}: line 3: the key of hatch is not hexadecimal digits: another character in column 38"
                ),
                &format!("{bad}: line 4: the identity door has a key in line 1 already"),
                "line 5: the identity gate: the pre-shared key has 2 bytes",
                "--allow-weak-psk",
            ],
        );
        for secret in [ONE, TWO, "1011", "0011", "'g'"] {
            assert!(!err(&output).contains(secret), "{secret}: {}", err(&output));
        }
    }
    let open = directory.file("open", format!("door:{ONE}\n").as_bytes());
    std::fs::set_permissions(&open, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    ends(&["serve", "127.0.0.1:0", "--psk-file", &open], 2, &["--psk-file: ", &open, "chmod 6"]);
    let good = directory.file("good", format!("door:{ONE}\n").as_bytes());
    ends(
        &["connect", "127.0.0.1:1", "--psk-file", &good, "--psk-id", "x"],
        2,
        &["--psk-id", "for the identity x"],
    );
    ends(&["serve", "127.0.0.1:0", "--psk-file", &good, "--psk-id", "x"], 2, &["remove --psk-id"]);
    ends(&["serve", "127.0.0.1:0", "--psk-file", &directory.at("absent")], 2, &["absent", "--psk-file"]);
    ends(&["serve", "127.0.0.1:0", "--psk-file", &good, "--psk-hex", "@x"], 2, &["cannot be used with"]);
}

/// psktool writes the file, and gnutls-serv and stunnel read the same.
#[test]
fn files_of_psktool_and_stunnel() {
    let directory = Directory::new("psk-file-foreign");
    let keys = directory.at("keys");
    for identity in ["door", "do:or 7"] {
        let made = Command::new("psktool")
            .args(["-u", identity, "-p", &keys])
            .output()
            .expect("psktool is installed");
        assert!(made.status.success(), "{made:?}");
    }
    let server = Running::serve(&["--echo", "--psk-file", &keys]);
    for identity in ["door", "do:or 7"] {
        echoes(&server.address(), &["--psk-file", &keys, "--psk-id", identity]);
    }

    // stunnel as the client of our server, with the same file.
    let mut stunnel = Command::new("stunnel");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let configuration = directory.file(
        "stunnel.conf",
        format!(
            "foreground=yes\npid=\nsyslog=no\n[echo]\nclient=yes\naccept=127.0.0.1:{port}\nconnect={}\nPSKsecrets={keys}\nPSKidentity=door\nciphers=PSK\n",
            server.address()
        )
        .as_bytes(),
    );
    let mut stunnel = stunnel
        .arg(&configuration)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("stunnel is installed");
    let end = std::time::Instant::now() + program::PATIENCE;
    let mut socket = loop {
        match std::net::TcpStream::connect(("127.0.0.1", port)) {
            Ok(socket) => break socket,
            Err(error) => assert!(std::time::Instant::now() < end, "{error}"),
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    std::io::Write::write_all(&mut socket, b"hello").unwrap();
    let came = program::read_until(&mut socket, b"hello");
    assert_eq!(came, b"hello");
    stunnel.kill().unwrap();
    stunnel.wait().unwrap();
}
