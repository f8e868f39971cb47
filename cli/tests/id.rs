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
    let files = Directory::new("id-file");
    let file = files.file("key.pem", b"");
    let refused = ends(&["id", "show", &file], 2, &["expected the folder of an identity", "found a file"]);
    // A flag of other commands.
    assert!(!program::err(&refused).contains("--cert"), "{}", program::err(&refused));
    ends(&["serve", "127.0.0.1:0", "--identity", &file], 2, &["found a file", "--cert FILE --key FILE"]);
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

#[test]
fn a_request_goes_to_standard_output_or_to_a_file() {
    let directory = Directory::new("id-csr-out");
    let (folder, request) = (directory.at("device"), directory.at("device.csr"));
    ends(&["id", "new", &folder, "--name", "a.example"], 0, &[]);
    assert!(out(&ends(&["id", "csr", &folder], 0, &[])).starts_with("-----BEGIN CERTIFICATE REQUEST-----"));
    let written = ends(&["id", "csr", &folder, "--out", &request], 0, &["handclasp id install"]);
    assert_eq!(out(&written), "");
    ends(&["lint", &request], 0, &[]);
    ends(&["id", "csr", &folder, "--out", &directory.at("absent/device.csr")], 2, &["--out"]);
}

#[test]
fn renewed_and_rotated() {
    let directory = Directory::new("id-change");
    let folder = directory.at("printer");
    ends(&["id", "new", &folder, "--name", "printer.local", "--key", "ed25519"], 0, &[]);
    let shown = |name: &str| fact(&out(&ends(&["id", "show", &folder], 0, &[])), name);
    let pin = shown("pin");
    let renewed = out(&ends(&["id", "renew", &folder, "--days", "30"], 0, &[]));
    assert_eq!(fact(&renewed, "pin"), pin);
    let certificate = directory.at("printer/certificate.pem");
    let end = std::process::Command::new("openssl")
        .args(["x509", "-noout", "-checkend", &(31 * 86_400).to_string(), "-in", &certificate])
        .output()
        .expect("openssl is installed");
    assert!(!end.status.success(), "it ends within 31 days");
    ends(&["id", "renew", &folder, "--days", "0"], 2, &["a number of at least 1"]);
    // `id new` as `id renew`, with a key in the file and one elsewhere.
    let key = directory.at("new.key");
    let generated = std::process::Command::new("openssl")
        .args(["genpkey", "-quiet", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", &key])
        .status();
    assert!(generated.expect("openssl is installed").success());
    let script = format!(
        "case $1 in\ndescribe) printf 'handclasp-signer 1\\nschemes: ecdsa_secp256r1_sha256\\n'; openssl pkey -in {key} \
         -pubout ;;\nsign) openssl dgst -sha256 -sign {key} ;;\nesac\n"
    );
    let signer = format!("sh {}", directory.file("signer.sh", script.as_bytes()));
    for (name, more) in [("here", &[][..]), ("elsewhere", &["--signer", &signer])] {
        let folder = directory.at(name);
        let new = ["id", "new", &folder, "--name", "n", "--days"];
        ends(&[&new[..], &["0"], more].concat(), 2, &["a number of at least 1"]);
        ends(&[&new[..], &["30"], more].concat(), 0, &[]);
        for (days, is_valid) in [(29, true), (31, false)] {
            let certificate = directory.at(&format!("{name}/certificate.pem"));
            let ends_later = std::process::Command::new("openssl")
                .args(["x509", "-noout", "-checkend", &(days * 86_400).to_string(), "-in", &certificate])
                .output();
            assert_eq!(ends_later.expect("installed").status.success(), is_valid, "{name}: {days} days");
        }
    }

    let statements = directory.at("printer/rotations.pem");
    let rotated = ends(&["id", "rotate", &folder], 0, &[&pin, "--rotation", &statements, "--client-pin"]);
    let second = fact(&out(&rotated), "pin");
    assert_ne!(second, pin);
    assert!(shown("key").starts_with("Ed25519"), "the kind of before");
    ends(&["id", "rotate", &folder, "--key", "p384"], 0, &[&second]);
    assert!(shown("key").starts_with("P-384") && shown("rotations").starts_with('2'));
    let text = fs::read_to_string(&statements).expect("a file");
    assert_eq!(text.matches("BEGIN HANDCLASP KEY ROTATION").count(), 2);
    assert!(!text.contains("PRIVATE"));
}

#[test]
fn requested_and_installed() {
    let directory = Directory::new("id-csr");
    let (folder, other) = (directory.at("meter"), directory.at("other"));
    ends(&["id", "new", &folder, "--name", "Meter in the cellar"], 0, &[]);
    ends(&["id", "new", &other, "--name", "other"], 0, &[]);
    let openssl = |arguments: &[&str]| {
        let output =
            std::process::Command::new("openssl").args(arguments).output().expect("openssl is installed");
        assert!(output.status.success(), "{}", err(&output));
        out(&output)
    };
    let asked = |flags: &[&str]| {
        let request = out(&ends(&[&["id", "csr", &folder], flags].concat(), 0, &["id install"]));
        let file = directory.file("request.pem", request.as_bytes());
        openssl(&["req", "-verify", "-noout", "-in", &file]);
        openssl(&["req", "-noout", "-text", "-in", &file])
    };
    let plain = asked(&[]);
    assert!(plain.contains("CN = Meter in the cellar") && !plain.contains("Alternative Name"), "{plain}");
    assert!(plain.contains("Server Authentication, TLS Web Client Authentication"), "{plain}");
    let named = ["--san", "meter.example", "--san", "192.0.2.7", "--usage", "client"];
    let named =
        asked(&[&named[..], &["--subject", "O=Example, Inc.", "--subject", "serialNumber=42"]].concat());
    for part in ["O = \"Example, Inc.\", serialNumber = 42", "DNS:meter.example, IP Address:192.0.2.7"] {
        assert!(named.contains(part), "{part}: {named}");
    }
    assert!(!named.contains("Server Authentication"), "{named}");
    for (flags, words) in [
        (["--san", "two words"], "is neither a DNS name nor an address"),
        (["--subject", "Example"], "expected FIELD=VALUE"),
        (["--subject", "X=1"], "expected the field CN, O, OU, C, ST, L or serialNumber, found X"),
        (["--subject", "C=Germany"], "two capital letters"),
    ] {
        ends(&[&["id", "csr", &folder][..], &flags].concat(), 2, &[words]);
    }

    let ca = directory.at("ca");
    ends(&["ca", "init", &ca, "--name", "lab"], 0, &[]);
    ends(&["id", "show", &ca], 2, &["it is the folder of a CA"]);
    ends(&["id", "show", &directory.at("ca/certificate.pem")], 2, &["expected the folder of an identity"]);
    ends(&["ca", "list", &folder], 2, &["it is the folder of an identity"]);
    let request = directory.at("request.pem");
    let issued = directory.file("issued.pem", &run(&["ca", "sign", &ca, &request]).stdout);
    ends(&["id", "install", &other, &issued], 2, &["not installed", "public keys differ"]);
    ends(&["id", "install", &folder, &directory.at("absent")], 2, &["absent", "cannot be read"]);
    ends(&["id", "install", &folder, &request], 2, &["expected a certificate"]);
    ends(&["id", "install", &directory.at("nothing"), &issued], 2, &["holds no identity yet"]);
    let installed = out(&ends(&["id", "install", &folder, &issued], 0, &["take the new one at SIGHUP"]));
    assert!(installed.contains("issued by CN=lab"), "{installed}");
    ends(&["id", "renew", &folder, "--days", "9"], 2, &["--days", "issued by a CA"]);
    // The request for the next certificate asks for the same names.
    let next = ends(&["id", "renew", &folder], 0, &["a CA issued the certificate"]);
    let next = directory.file("next.pem", &next.stdout);
    let next = openssl(&["req", "-noout", "-text", "-in", &next]);
    for part in ["O = \"Example, Inc.\", serialNumber = 42", "DNS:meter.example, IP Address:192.0.2.7"] {
        assert!(next.contains(part), "{part}: {next}");
    }
}

/// A folder of another user, and one that cannot be made.
#[test]
fn folders_without_permission() {
    let directory = Directory::new("id-denied");
    let closed = directory.at("closed");
    ends(&["id", "new", &closed, "--name", "a"], 0, &[]);
    let file = directory.at("closed/identity.pem");
    let mode = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("its mode");
    mode(0o644);
    ends(&["id", "show", &closed], 2, &["identity.pem", "chmod"]);
    ends(&["serve", "127.0.0.1:0", "--identity", &closed], 2, &["--identity: ", "chmod"]);
    mode(0o600);
    ends(&["id", "show", &closed], 0, &[]);
    ends(&["id", "new", &directory.at("closed/identity.pem/x"), "--name", "a"], 2, &["identity.pem/x"]);
}
