//! `handclasp ca`, run as people and scripts run it.

mod program;

use program::{Directory, ends, err, out, run, run_with};

/// A request by OpenSSL, in NAME.csr.
fn request(directory: &Directory, name: &str, more: &[&str]) -> String {
    let (key, file) = (directory.at(&format!("{name}.key")), directory.at(&format!("{name}.csr")));
    let start =
        ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", &key];
    openssl(&[&start[..], &["-out", &file, "-subj", &format!("/CN={name}")], more].concat());
    file
}

/// OpenSSL succeeds and says that.
fn openssl(arguments: &[&str]) -> String {
    let output =
        std::process::Command::new("openssl").args(arguments).output().expect("openssl is installed");
    let text = out(&output) + &err(&output);
    assert!(output.status.success(), "openssl {arguments:?}: {text}");
    text
}

#[test]
fn a_team_makes_a_ca_signs_and_revokes() {
    let directory = Directory::new("ca");
    let ca = directory.at("ca");
    let root = directory.at("ca/certificate.pem");
    let made = ends(
        &["ca", "init", &ca, "--name", "Example CA", "--permit", "example.com", "--permit", "192.0.2.0/24"],
        0,
        &["sign a request: handclasp ca sign", "peers trust it by: --ca"],
    );
    let text = out(&made);
    for part in ["CN=Example CA", "key.pem", "permits      example.com, 192.0.2.0/24\n"] {
        assert!(text.contains(part), "{text}");
    }
    // To standard output, and with a file.
    let lock = request(&directory, "lock", &["-addext", "subjectAltName=DNS:lock.example.com"]);
    let signed = ends(&["ca", "sign", &ca, &lock], 0, &["device valid until 20", "DNS:lock.example.com"]);
    let certificate = directory.file("lock.pem", &signed.stdout);
    openssl(&["verify", "-x509_strict", "-CAfile", &root, &certificate]);
    let door = request(&directory, "door", &[]);
    let (pem, crl) = (directory.at("door.pem"), directory.at("ca.crl"));
    let flags = [
        "--profile",
        "server",
        "--san",
        "door.example.com",
        "--san",
        "192.0.2.9",
        "--name",
        "Door",
        "--days",
        "7",
    ];
    ends(&[&["ca", "sign", &ca, &door, "--out", &pem][..], &flags].concat(), 0, &["server valid until"]);
    let text = openssl(&["x509", "-in", &pem, "-noout", "-text", "-checkend", "601200"]);
    for part in ["DNS:door.example.com, IP Address:192.0.2.9", "CN = Door", "TLS Web Server Authentication\n"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    // From standard input.
    let bytes = std::fs::read(request(&directory, "third", &["-outform", "DER"])).unwrap();
    let third = run_with(&["ca", "sign", &ca, "-", "--profile", "client"], &bytes);
    assert_eq!(third.status.code(), Some(0), "{}", err(&third));
    // Revoked by its file; by the serial number that the list prints.
    ends(
        &["ca", "revoke", &ca, &pem, "--reason", "keycompromise"],
        0,
        &["(keyCompromise)", "handclasp ca crl"],
    );
    let list = run(&["ca", "list", &ca, "--json"]);
    let list: serde_json::Value = serde_json::from_slice(&list.stdout).expect("JSON");
    assert_eq!(list["issued"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        (&list["issued"][1]["reason"], &list["issued"][0]["revoked"]),
        (&"keyCompromise".into(), &serde_json::Value::Null)
    );
    let serial = list["issued"][2]["serial"].as_str().expect("text");
    ends(&["ca", "revoke", &ca, serial], 0, &["revoked 20"]);
    ends(&["ca", "revoke", &ca, serial], 3, &["is revoked since"]);
    ends(
        &["ca", "crl", &ca, "--der", "--out", &crl],
        0,
        &["CRL 1: 2 revoked certificates; make the next one before"],
    );
    let text = openssl(&["crl", "-inform", "DER", "-in", &crl, "-noout", "-text", "-CAfile", &root]);
    assert!(text.contains("verify OK") && text.contains(&serial.to_uppercase()), "{text}");
    let pem_crl = run(&["ca", "crl", &ca, "--days", "1"]);
    let crl = directory.file("crl.pem", &pem_crl.stdout);
    openssl(&["verify", "-crl_check", "-CAfile", &root, "-CRLfile", &crl, &certificate]);
    let text = out(&run(&["ca", "list", &ca]));
    assert!(text.contains("server  revoked 20") && text.contains("device  valid until 20"), "{text}");
}

#[test]
fn what_goes_wrong_says_what_to_do() {
    let directory = Directory::new("ca-wrong");
    let (ca, none) = (directory.at("ca"), directory.at("none"));
    let lock = request(&directory, "lock", &["-addext", "subjectAltName=DNS:lock.example.org"]);
    ends(&["ca", "sign", &none, &lock], 2, &["holds no CA", "make one: handclasp ca init"]);
    ends(
        &["ca", "init", &ca, "--name", "CA", "--permit", "*.example.com"],
        2,
        &["example.com includes every name"],
    );
    ends(&["ca", "init", &ca, "--name", "CA", "--permit", "example.com"], 0, &[]);
    ends(&["ca", "init", &ca, "--name", "CA"], 2, &["holds a CA already", "look at it: handclasp ca list"]);
    let key = directory.at("lock.key");
    let certificate = directory.at("ca/certificate.pem");
    ends(
        &["ca", "sign", &ca, &key],
        2,
        &["lock.key: expected a certificate signing request, found a private key"],
    );
    ends(&["ca", "sign", &ca, &certificate], 2, &["found a certificate; make the request where the key"]);
    ends(&["ca", "sign", &ca, &directory.at("nothing")], 2, &["No such file"]);
    ends(
        &["ca", "sign", &ca, &lock],
        3,
        &["may not certify DNS:lock.example.org: it is permitted example.com", "--san NAME"],
    );
    ends(
        &["ca", "sign", &ca, &lock, "--profile", "root"],
        2,
        &["expected device, server or client, found root"],
    );
    let long = ["ca", "sign", &ca, &lock, "--san", "lock.example.com", "--days", "36525"];
    ends(&long, 2, &["36525 days: expected 1 to 36524 for the profile device"]);
    ends(
        &["ca", "sign", &ca, &lock, "--san", "lock.example.com", "--days", "20000"],
        3,
        &["beyond the end of the CA"],
    );
    // A damaged request, in the words of lint, with its exit code.
    let mut bytes = std::fs::read(&lock).unwrap();
    bytes.truncate(200);
    let cut = directory.file("cut.csr", &bytes);
    ends(
        &["ca", "sign", &ca, &cut],
        6,
        &["cut.csr: the request cannot be signed", "DER byte 121, file byte 199", "fix: "],
    );
    // The certificate is recorded, and standard output is full: its copy is named.
    ends(
        &["ca", "sign", &ca, &lock, "--san", "lock.example.com", "--out", &directory.at("no/dir")],
        2,
        &["--out"],
    );
    let signed = run(&["ca", "sign", &ca, &lock, "--san", "lock.example.com"]);
    assert_eq!(signed.status.code(), Some(0), "nothing was recorded before: {}", err(&signed));
    ends(&["ca", "sign", &ca, &lock, "--san", "lock.example.com"], 3, &["sign it as a renewal", "(--renew)"]);
    let mut full = std::process::Command::new(program::program());
    full.args(["ca", "sign", &ca, &lock, "--san", "lock.example.com", "--renew"]);
    full.stdout(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let output = full.output().unwrap();
    let said = err(&output);
    let copy = said.split("its copy: ").nth(1).expect("the copy is named").trim();
    assert_eq!(output.status.code(), Some(1));
    openssl(&["verify", "-CAfile", &certificate, copy]);
    ends(&["ca", "revoke", &ca, "lock"], 2, &["lock is neither a file nor a serial number"]);
    ends(&["ca", "revoke", &ca, "00ff"], 2, &["issued no certificate with the serial number 00ff"]);
    ends(&["ca", "revoke", &ca, &lock], 2, &["expected a certificate, found a certificate signing request"]);
    ends(&["ca", "revoke", &ca, copy, "--reason", "sad"], 2, &["expected one of unspecified, keyCompromise"]);
    ends(&["ca", "crl", &ca, "--days", "400"], 2, &["expected 1 to 366 until the next CRL"]);
}

#[test]
fn a_disk_that_is_full_leaves_no_half_of_a_ca() {
    let directory = Directory::new("ca-full");
    let ca = directory.at("ca");
    // Files of at most one block: the key and the list have room, the certificate has not.
    let limited = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    let init = ["ca", "init", &ca, "--name", &"x".repeat(64), "--permit", "example.com"];
    let mut command = std::process::Command::new("dash");
    let output =
        command.args(["-c", limited, program::program()]).args(init).output().expect("dash is installed");
    program::has_ended(&output, 1, &["certificate.pem", "too large"], "a full disk");
    assert!(!directory.path().join("ca").exists());
    ends(&init, 0, &[]);
}

#[test]
fn certificates_name_the_url_of_the_crl() {
    let directory = Directory::new("ca-crl-url");
    let (ca, url) = (directory.at("ca"), "http://example.com/ca.crl");
    let init = ["ca", "init", &ca, "--name", "CA", "--crl-url"];
    let https = "https://example.com/ca.crl";
    ends(&[&init[..], &[https]].concat(), 2, &["--crl-url", "expected http://HOST/PATH", "not https"]);
    let made = ends(&[&init[..], &[url]].concat(), 0, &["--der --out ca.crl, as http://example.com/ca.crl"]);
    assert!(out(&made).contains("crl at       http://example.com/ca.crl\n"), "{}", out(&made));
    let request = request(&directory, "lock", &[]);
    let signed = ends(&["ca", "sign", &ca, &request], 0, &[]);
    let text = openssl(&["x509", "-in", &directory.file("lock.pem", &signed.stdout), "-noout", "-text"]);
    assert!(
        text.contains("X509v3 CRL Distribution Points") && text.contains(&format!("URI:{url}")),
        "{text}"
    );
    let list: serde_json::Value =
        serde_json::from_slice(&ends(&["ca", "list", &ca, "--json"], 0, &[]).stdout).expect("JSON");
    assert_eq!(list["crl_urls"], serde_json::json!([url]));
    std::fs::write(directory.path().join("ca/crl-url"), "ca.crl\n").expect("written");
    ends(&["ca", "sign", &ca, &request, "--renew"], 2, &["ca/crl-url: \"ca.crl\" is not a URL of a CRL"]);
}
