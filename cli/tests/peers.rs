//! `handclasp peers`: the files of known peers, shown and changed.

mod program;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    process::{Command, Output, Stdio},
};

use program::{
    Directory, ends, err, has_ended, out,
    peer::{Device, connect},
    program, run,
};

/// Pins of RFC 4648 test vectors would not be 32 bytes; these are hashes of "" and of "a".
const EMPTY: &str = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const OTHER: &str = "sha256/ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3hp4Zk7s=";

#[test]
fn a_peer_is_accepted_listed_revoked_forgotten() {
    let directory = Directory::new("peers-life");
    let file = directory.at("known_peers");
    let at = ["--file", file.as_str()];
    let peers = |arguments: &[&str], code, words: &[&str]| {
        ends(&[&["peers"], arguments, &at[..]].concat(), code, words)
    };
    peers(&["list"], 0, &["does not exist yet"]);
    peers(
        &["accept", "Hall Door._lock._tcp", EMPTY, "--comment", "the one in the hall"],
        0,
        &[EMPTY, "words: "],
    );
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        format!("Hall%20Door._lock._tcp {EMPTY} - - the one in the hall\n")
    );
    // A second key is a backup, the same one again a mistake.
    peers(&["accept", "hall door._lock._tcp", OTHER], 0, &["it has 2 keys now"]);
    peers(&["accept", "hall door._lock._tcp", OTHER], 3, &["has the key", "already, in line 2"]);

    let listed = out(&peers(&["list", "hall DOOR._lock._tcp"], 0, &[]));
    for part in ["Hall Door._lock._tcp\n", EMPTY, OTHER, "not seen yet (line 2)", "the one in the hall"] {
        assert!(listed.contains(part), "{part}: {listed}");
    }
    let json: serde_json::Value = serde_json::from_slice(&peers(&["list", "--json"], 0, &[]).stdout).unwrap();
    let first = &json["peers"][0];
    assert_eq!((&json["file"], &first["line"]), (&file.as_str().into(), &1.into()));
    assert_eq!((&first["name"], &first["pin"]), (&"Hall Door._lock._tcp".into(), &EMPTY.into()));
    assert_eq!((&first["revoked"], &first["first_seen"]), (&false.into(), &serde_json::Value::Null));
    assert_eq!(first["words"].as_str().unwrap().split(' ').count(), 12);

    peers(
        &["revoke", "hall door._lock._tcp", OTHER, "--reason", "stolen"],
        0,
        &[OTHER, "is revoked: 1 line"],
    );
    peers(&["accept", "elsewhere", OTHER], 3, &["line 2 revokes"]);
    let listed = out(&peers(&["list"], 0, &[]));
    assert!(listed.contains("REVOKED") && listed.contains("stolen"), "{listed}");
    peers(&["forget", "Hall Door._lock._tcp"], 0, &["2 lines removed"]);
    peers(&["forget", "Hall Door._lock._tcp"], 2, &["is not in the file"]);
    peers(
        &["list", "Hall Door._lock._tcp"],
        2,
        &["does not have the peer Hall Door", "peers accept NAME PIN"],
    );
    let json = peers(&["list", "Hall Door._lock._tcp", "--json"], 2, &["does not have the peer"]);
    assert!(out(&json).contains("\"peers\": []"), "{}", out(&json));
    // A key can be revoked that was never seen; without one there must be something to revoke.
    peers(&["revoke", "thief", OTHER], 0, &["did not have it before"]);
    peers(&["revoke", "nobody"], 2, &["has no key that could be revoked"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("@revoked thief {OTHER} - -\n"));
}

/// A key is a pin, or a file: a certificate in PEM or DER, a public key, the folder of an identity.
#[test]
fn keys_are_pins_or_files() {
    let directory = Directory::new("peers-keys");
    let device = Device::new(&directory, "device");
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).output().expect("openssl starts");
        assert!(output.status.success(), "{}", err(&output));
    };
    let [der, public] = ["certificate.der", "public.pem"].map(|name| directory.at(name));
    openssl(&["x509", "-in", &device.certificate(), "-outform", "DER", "-out", &der]);
    openssl(&["x509", "-in", &device.certificate(), "-noout", "-pubkey", "-out", &public]);
    let bare = device.pin.strip_prefix("sha256/").unwrap();
    for (index, key) in
        [&device.pin, bare, &device.certificate(), &der, &public, &device.folder].iter().enumerate()
    {
        let file = directory.at(&format!("known-{index}"));
        ends(&["peers", "accept", "device", key, "--file", &file], 0, &[&device.pin, &device.words]);
    }
    let file = directory.at("known");
    ends(&["peers", "accept", "x", "sha256/AAAA", "--file", &file], 2, &["expected a pin", "sha256/AAAA"]);
    ends(&["peers", "accept", "x", "sha1/AAAA", "--file", &file], 2, &["expected a pin"]);
    let text = directory.file("text", b"hello");
    ends(&["peers", "accept", "x", &text, "--file", &file], 2, &["expected a certificate", "handclasp lint"]);
    ends(&["peers", "accept", " ", EMPTY, "--file", &file], 2, &["NAME is empty"]);
    assert!(fs::metadata(&file).is_err());
}

/// Lines that do not parse stay, are reported with their number, and stop new peers.
#[test]
fn bad_lines_are_reported_with_their_number() {
    let directory = Directory::new("peers-bad");
    let content = format!("# mine\ngood {EMPTY} - -\nprinter sha256/short\n@trusted x {OTHER}\n");
    let file = directory.file("known_peers", content.as_bytes());
    let listed =
        ends(&["peers", "list", "--file", &file], 6, &["line 3:", "line 4:", "@trusted", "do not parse: 2"]);
    assert!(out(&listed).starts_with("good\n"), "{}", out(&listed));
    let json = ends(&["peers", "list", "--json", "--file", &file], 6, &[]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["bad_lines"][0]["line"], 3);
    ends(&["peers", "accept", "more", OTHER, "--file", &file], 0, &["warning:", "line 3"]);
    assert!(fs::read_to_string(&file).unwrap().starts_with(&content));

    let device = Device::new(&directory, "device");
    let server = device.serves(&[]);
    let refused = connect(&server.address(), &file, &["--new-peer", "accept"], b"");
    has_ended(&refused, 3, &["line 3"], "a new peer beside a bad line");

    // Escapes in a comment are shown and not obeyed.
    let hostile = directory.file("hostile", format!("x {EMPTY} - - a\u{1b}[2Jb\n").as_bytes());
    let shown = out(&ends(&["peers", "list", "--file", &hostile], 0, &[]));
    assert!(shown.contains(r"a\u{1b}[2Jb"), "{shown:?}");
}

/// A file that others can write decides nothing.
#[test]
fn files_of_others_are_refused() {
    let directory = Directory::new("peers-modes");
    let file = directory.file("known_peers", format!("x {EMPTY} - -\n").as_bytes());
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    for arguments in [&["list"][..], &["accept", "y", OTHER], &["forget", "x"]] {
        ends(&[&["peers"], arguments, &["--file", &file]].concat(), 2, &["chmod"]);
    }
    let link = directory.at("link");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    ends(&["peers", "list", "--file", &link], 2, &["symbolic link"]);
}

fn at_home(home: &str, config: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.args(arguments).env("HOME", home).env_remove("XDG_CONFIG_HOME").stdin(Stdio::null());
    if let Some(config) = config {
        command.env("XDG_CONFIG_HOME", config);
    }
    command.output().unwrap()
}

/// The default files, which `connect` and `serve` share with `peers`: one for servers, one for clients.
#[test]
fn default_files_follow_xdg() {
    let directory = Directory::new("peers-xdg");
    let [home, config] = ["home", "config"].map(|name| directory.at(name));
    fs::create_dir(&home).unwrap();
    let device = Device::new(&directory, "device");
    let phone = Device::new(&directory, "phone");
    for (variable, folder) in [(None, format!("{home}/.config")), (Some(config.as_str()), config.clone())] {
        let mut command = Command::new(program());
        command.args([
            "serve",
            "127.0.0.1:0",
            "--identity",
            &device.folder,
            "--echo",
            "--tofu",
            "--new-peer",
            "learn",
        ]);
        command.env("HOME", &home).env_remove("XDG_CONFIG_HOME").stdout(Stdio::null());
        variable.map(|config| command.env("XDG_CONFIG_HOME", config));
        let server = program::Running::start(&mut command);
        let address = server.address();
        let call = [
            "connect",
            &address,
            "--tofu",
            "--half-close",
            "--new-peer",
            "accept",
            "--identity",
            &phone.folder,
        ];
        has_ended(&at_home(&home, variable, &call), 0, &[], "both learn");
        let servers = at_home(&home, variable, &["peers", "list"]);
        assert!(
            out(&servers).contains(&device.pin) && !out(&servers).contains(&phone.pin),
            "{}",
            out(&servers)
        );
        let clients = at_home(&home, variable, &["peers", "list", "--clients"]);
        assert!(
            out(&clients).contains(&phone.pin) && !out(&clients).contains(&device.pin),
            "{}",
            out(&clients)
        );
        for name in ["known_peers", "known_clients"] {
            assert!(fs::metadata(format!("{folder}/handclasp/{name}")).is_ok(), "{folder} {name}");
        }
        assert_eq!(fs::metadata(format!("{folder}/handclasp")).unwrap().permissions().mode() & 0o777, 0o700);
    }
    let nowhere = at_home("relative", Some("relative"), &["peers", "list"]);
    has_ended(&nowhere, 2, &["XDG_CONFIG_HOME", "name a file"], "neither variable");
}

/// A backup key: `--pin` twice, or two lines of one name.
#[test]
fn several_keys_of_one_peer() {
    let directory = Directory::new("peers-backup");
    let [main, backup, thief] = ["main", "backup", "thief"].map(|name| Device::new(&directory, name));
    let lines =
        format!("127.0.0.1 {} - - main\n127.0.0.1 {} - - backup, in the safe\n", main.pin, backup.pin);
    let known = directory.file("known_peers", lines.as_bytes());
    for (device, code) in [(&main, 0), (&backup, 0), (&thief, 3)] {
        let server = device.serves(&[]);
        let address = server.address();
        has_ended(&connect(&address, &known, &[], b""), code, &[], &device.folder);
        ends(&["connect", &address, "--half-close", "--pin", &main.pin, "--pin", &backup.pin], code, &[]);
    }
    let text = fs::read_to_string(&known).unwrap();
    assert!(text.contains("main\n") && text.contains("backup, in the safe\n"), "{text}");
    // The alarm lists both lines.
    let server = thief.serves(&[]);
    let alarm = connect(&server.address(), &known, &[], b"");
    has_ended(&alarm, 3, &["ALARM", &main.pin, &backup.pin, "line 1", "line 2", &thief.pin], "another key");
}

/// Expiry of a pinned or known certificate is a policy.
#[test]
fn expired_certificates_of_known_keys() {
    use handclasp::{Validity, pki_types::UnixTime};
    use std::time::Duration;

    let directory = Directory::new("peers-expired");
    let device = Device::new(&directory, "device");
    let long_ago = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    device.identity().renew(Validity::new(long_ago(1_000_000_000), long_ago(1_100_000_000))).unwrap();
    let server = device.serves(&[]);
    let known = directory.at("known_peers");
    let address = server.address();
    let pin = ["connect", &address, "--half-close", "--pin", &device.pin];
    ends(&pin, 0, &[]);
    has_ended(&connect(&address, &known, &["--new-peer", "accept"], b""), 0, &[], "an expired certificate");
    let strict = [&pin[..], &["--check-dates"]].concat();
    ends(&strict, 3, &["expired"]);
    has_ended(&connect(&address, &known, &["--check-dates"], b""), 3, &["expired"], "--check-dates");
    server.told_in_time("certificate_expired");

    // Of clients, too.
    let pinned = directory.file("clients", format!("device {} - -\n", device.pin).as_bytes());
    let key = device.pin.as_str();
    for clients in [["--client-pins", pinned.as_str()], ["--client-pin", key]] {
        for (dates, code, words) in [(&[][..], 0, &[][..]), (&["--check-dates"], 4, &["certificate_expired"])]
        {
            let server = device.serves(&[&clients[..], dates].concat());
            let address = server.address();
            let call = ["connect", &address, "--pin", key, "--identity", &device.folder, "--half-close"];
            has_ended(&run(&call), code, words, &format!("{clients:?} {dates:?}"));
        }
    }
}

/// Statements of `id rotate` replace the keys that the file has, in any order, and again they change nothing.
#[test]
fn statements_replace_known_keys() {
    let directory = Directory::new("peers-rotate");
    let mut device = Device::new(&directory, "device");
    let first = device.pin.clone();
    let known = directory.file(
        "known_peers",
        format!("device.local {first} - - in the hall\n192.0.2.7 {first} - -\n").as_bytes(),
    );
    let rotate = |statements: &str, code, words: &[&str]| {
        ends(&["peers", "rotate", statements, "--file", &known], code, words)
    };
    let mut statements = Vec::new();
    let mut pins = vec![first.clone()];
    for name in ["one", "two"] {
        let path = directory.at(name);
        device.rotates(&path);
        statements.push(fs::read_to_string(path).unwrap());
        pins.push(device.pin.clone());
    }
    let [newest, all] =
        [("newest", statements[1].clone()), ("all", format!("{1}{0}", statements[0], statements[1]))]
            .map(|(name, text)| directory.file(name, text.as_bytes()));
    let before = fs::read_to_string(&known).unwrap();
    // The second statement alone says nothing about the first key.
    rotate(&newest, 2, &[&pins[1], "is not in the file"]);
    assert_eq!(fs::read_to_string(&known).unwrap(), before);
    ends(&["peers", "accept", "device.local", &all, "--file", &known], 2, &["handclasp peers rotate"]);
    rotate(&all, 0, &[&first, &pins[1], &pins[2], "2 lines", &device.words]);
    let server = device.serves(&[]);
    let call = |name| connect(&server.address(), &known, &["--name", name, "--new-peer", "refuse"], b"");
    for name in ["device.local", "192.0.2.7"] {
        has_ended(&call(name), 0, &[], name);
    }
    let after = fs::read_to_string(&known).unwrap();
    assert!(after.contains(&format!("device.local {}", pins[2])) && after.contains("in the hall"), "{after}");
    for pin in &pins[..2] {
        assert!(
            after.lines().any(|line| line.starts_with("@revoked") && line.contains(pin)),
            "{pin}: {after}"
        );
    }
    rotate(&all, 0, &["already"]);
    assert_eq!(fs::read_to_string(&known).unwrap(), after);

    // A thief of a revoked key can sign such a statement, too.
    ends(&["peers", "revoke", "device.local", "--file", &known], 0, &[&pins[2]]);
    rotate(&all, 2, &["revokes", "a thief"]);
    let text = directory.file("text", b"hello");
    rotate(&text, 2, &["STATEMENTS", "expected -----BEGIN HANDCLASP KEY ROTATION-----"]);
    rotate(&directory.at("missing"), 2, &["STATEMENTS", "missing"]);
}
