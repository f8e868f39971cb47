//! A key that cannot leave its token, with the program alone: made in SoftHSM, requested, certified by `ca sign`, and
//! used on both sides of mutual TLS with OpenSSL and Java.

mod keys;
mod program;

use std::{fs, path::Path};

use keys::{Lab, free_port};
use program::{Running, err, has_ended, out};

const PIN_FLAG: [&str; 2] = ["--token-pin", "env:TOKEN_PIN"];

/// A CA, the folder `device` with a key in the token, and the files of a server, both certified.
fn lab(name: &str) -> Lab {
    let lab = Lab::with_token(name);
    let uri = lab.uri("device");
    let new = ["id", "new", "device", "--name", "device.test", "--pkcs11", &uri];
    let made = lab.ends(&[&new[..], &PIN_FLAG].concat(), 0, &["handclasp id csr device"]);
    for attribute in
        ["CKA_SENSITIVE=true", "CKA_EXTRACTABLE=false", "CKA_NEVER_EXTRACTABLE=true", "CKA_LOCAL=true"]
    {
        assert!(made.contains(attribute), "{made}");
    }
    lab.ends(&["ca", "init", "ca", "--name", "lab"], 0, &[]);
    lab.write_out(&[&["id", "csr", "device"][..], &PIN_FLAG].concat(), "device.csr");
    lab.sh("openssl req -verify -noout -in device.csr");
    lab.write_out(&["ca", "sign", "ca", "device.csr"], "device.pem");
    // The token is not needed to install the chain.
    lab.ends(&["id", "install", "device", "device.pem"], 0, &[]);
    lab.sh(
        "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr \
            -subj /CN=server.test -addext subjectAltName=DNS:server.test",
    );
    lab.write_out(&["ca", "sign", "ca", "server.csr", "--profile", "server"], "server.pem");
    lab
}

#[test]
fn the_key_stays_in_the_token() {
    let lab = lab("hardware-stays");
    let stored = fs::read_to_string(lab.0.path().join("device/identity.pem")).expect("a file");
    assert!(stored.contains("\nKey: pkcs11:token=lab;object=device;id=%") && !stored.contains("PRIVATE KEY"));
    let shown = lab.ends(&[&["id", "show", "device", "--open"][..], &PIN_FLAG].concat(), 0, &[]);
    assert!(shown.contains("has never been able to leave it") && shown.contains("signed a test message"));
    assert!(shown.contains("issued by CN=lab"), "{shown}");
    // What another program says of it.
    let listed = lab.sh(
        "pkcs11-tool --module /usr/lib/softhsm/libsofthsm2.so --token-label lab --login --pin $TOKEN_PIN \
                         --list-objects --type privkey",
    );
    assert!(listed.contains("sensitive, always sensitive, never extractable, local"), "{listed}");
    // A second key of that label would be ambiguous, the one that is there is used when asked for.
    let uri = lab.uri("device");
    let again = ["id", "new", "again", "--name", "device.test", "--pkcs11", &uri];
    lab.ends(&[&again[..], &PIN_FLAG].concat(), 2, &["has a key already", "--existing"]);
    lab.ends(&[&again[..], &["--existing"], &PIN_FLAG].concat(), 0, &[]);
    assert_eq!(lab.fact("again", "pin"), lab.fact("device", "pin"));
    // A CA's certificate is renewed by the CA, and its key is not rotated.
    let renew = lab.run(&[&["id", "renew", "device"][..], &PIN_FLAG].concat(), "");
    has_ended(&renew, 0, &["a CA issued the certificate", "id install device"], "renew");
    lab.0.file("renew.csr", out(&renew).as_bytes());
    lab.sh("openssl req -verify -noout -in renew.csr");
    let asked = lab.sh("openssl req -noout -text -in renew.csr");
    assert!(asked.contains("CN = device.test") && asked.contains("DNS:device.test"), "{asked}");
    lab.ends(&["id", "rotate", "device"], 2, &["was issued by a CA", "id new device.new", "id renew device"]);
    // A self-signed one is rotated to a key that is made in the token as well.
    let next = lab.uri("next");
    let rotate = ["id", "rotate", "again", "--pkcs11", &next];
    let old = lab.fact("again", "pin");
    lab.ends(&["id", "rotate", "again"], 2, &["is elsewhere", "--pkcs11, --agent or --signer"]);
    lab.ends(&[&rotate[..], &PIN_FLAG].concat(), 0, &[&old, "--rotation again/rotations.pem"]);
    assert_ne!(lab.fact("again", "pin"), old);
    assert!(lab.0.path().join("again/rotations.pem").exists());
}

#[test]
fn a_client_of_openssl_and_java_which_require_a_certificate() {
    let lab = lab("hardware-client");
    let (openssl, java) = (free_port(), free_port());
    let own = "-cert server.pem -key server.key -CAfile ca/certificate.pem";
    let require = "-Verify 1 -verify_return_error -rev";
    let _openssl =
        lab.peer(&format!("openssl s_server -accept 127.0.0.1:{openssl} {own} {require}"), "ACCEPT");
    let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join("../interop/peers/JssePeer.java");
    let files = "ca=ca/certificate.pem cert=server.pem key=server.key need=1";
    let _java =
        lab.peer(&format!("java {} role=server port={java} {files} ready=READY", peer.display()), "READY");
    let uri = lab.uri("device");
    let by_folder = ["--identity", "device"];
    let by_uri = ["--pkcs11", &uri, "--cert", "device.pem"];
    for (port, sent, expected) in [(openssl, "hello\nCLOSE\n", "olleh\n"), (java, "hello\n", "hello\n")] {
        let address = format!("127.0.0.1:{port}");
        let connect = ["connect", &address, "--name", "server.test", "--ca", "ca/certificate.pem"];
        for version in ["1.2", "1.3"] {
            let flags = [&connect[..], &["--tls", version], &PIN_FLAG].concat();
            for key in [&by_folder[..], &by_uri] {
                let half_close: &[&str] = if port == java { &["--half-close"] } else { &[] };
                let output = lab.run(&[&flags[..], key, half_close].concat(), sent);
                assert_eq!(out(&output), expected, "{version} {key:?}: {}", err(&output));
                has_ended(&output, 0, &[&format!("TLS {version}")], "connect");
            }
        }
        // Both refuse a client without the key.
        let output = lab.run(&[&connect[..], &["--tls", "1.2"]].concat(), sent);
        assert_eq!(output.status.code(), Some(4), "{}", err(&output));
    }
}

#[test]
fn a_server_to_openssl_in_both_versions() {
    let lab = lab("hardware-server");
    let flags = ["--identity", "device", "--client-ca", "ca/certificate.pem", "--reply", "welcome"];
    let serving: Running = lab.serve(&[&flags[..], &PIN_FLAG].concat());
    // The certificate is for servers; what a client may is another question (RFC 5280 §4.2.1.12).
    lab.write_out(&["id", "new", "client", "--name", "client.test"], "made");
    lab.write_out(&["id", "csr", "client", "--usage", "client"], "client.csr");
    lab.write_out(&["ca", "sign", "ca", "client.csr", "--profile", "client"], "client.pem");
    lab.ends(&["id", "install", "client", "client.pem"], 0, &[]);
    for version in ["-tls1_2", "-tls1_3"] {
        let text = lab.sh(&format!(
            "openssl s_client -connect {} {version} -CAfile ca/certificate.pem -verify_return_error \
             -verify_hostname device.test -cert client/identity.pem -key client/identity.pem -ign_eof",
            serving.address()
        ));
        assert!(text.contains("welcome") && text.contains("Verify return code: 0 (ok)"), "{version}: {text}");
    }
    let alone =
        lab.run(&["connect", &serving.address(), "--ca", "ca/certificate.pem", "--name", "device.test"], "");
    assert_eq!(alone.status.code(), Some(4), "{}", err(&alone));
}
