//! A CA whose key is in a token or behind a command.

#![cfg(unix)]

mod program;

use std::{
    os::unix::net::UnixStream,
    process::{Command, Output, Stdio},
    time::Duration,
};

use program::{Directory, err, has_ended, out};

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// Runs a program with the tokens of this test.
fn run(directory: &Directory, program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).env("SOFTHSM2_CONF", directory.at("softhsm2.conf")).env("TOKEN_PIN", "1234");
    command.env("SSH_AUTH_SOCK", directory.at("agent")).stdin(Stdio::null());
    command.output().unwrap_or_else(|error| panic!("{program} is not installed: {error}"))
}

#[track_caller]
fn ends(directory: &Directory, arguments: &[&str], code: i32, words: &[&str]) -> Output {
    let output = run(directory, program::program(), arguments);
    has_ended(&output, code, words, &format!("{arguments:?}"));
    output
}

fn openssl(directory: &Directory, arguments: &[&str]) {
    let output = run(directory, "openssl", arguments);
    assert!(output.status.success(), "{arguments:?}: {}", out(&output) + &err(&output));
}

fn request(directory: &Directory) -> String {
    let (key, file) = (directory.at("d.key"), directory.at("d.csr"));
    let kind =
        ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", &key];
    openssl(directory, &[&kind[..], &["-out", &file, "-subj", "/CN=lock 7"]].concat());
    file
}

/// A CRL and a certificate of the CA verify.
#[track_caller]
fn signs(directory: &Directory, ca: &str, flags: &[&str]) {
    let request = request(directory);
    let signed = ends(directory, &[&["ca", "sign", ca, &request][..], flags].concat(), 0, &["CN=lock 7"]);
    let crl = ends(directory, &[&["ca", "crl", ca][..], flags].concat(), 0, &["CRL 1"]);
    let root = format!("{ca}/certificate.pem");
    let (certificate, crl) =
        (directory.file("d.pem", &signed.stdout), directory.file("crl.pem", &crl.stdout));
    openssl(
        directory,
        &["verify", "-x509_strict", "-crl_check", "-CAfile", &root, "-CRLfile", &crl, &certificate],
    );
    assert!(!std::path::Path::new(&format!("{ca}/key.pem")).exists());
}

#[test]
fn the_key_of_the_ca_is_made_in_a_token() {
    let directory = Directory::new("ca-token");
    std::fs::create_dir(directory.path().join("tokens")).unwrap();
    directory
        .file("softhsm2.conf", format!("directories.tokendir = {}\n", directory.at("tokens")).as_bytes());
    let token = ["--init-token", "--free", "--label", "ca", "--pin", "1234", "--so-pin", "5678"];
    assert!(run(&directory, "softhsm2-util", &token).status.success());
    let (ca, uri) = (directory.at("ca"), format!("pkcs11:token=ca;object=root?module-path={MODULE}"));
    let pin = ["--token-pin", "env:TOKEN_PIN"];
    let made = ends(
        &directory,
        &[&["ca", "init", &ca, "--name", "CA", "--pkcs11", &uri][..], &pin].concat(),
        0,
        &[],
    );
    assert!(out(&made).contains("key          pkcs11:"), "{}", out(&made));
    signs(&directory, &ca, &pin);
    // Without a PIN, with a wrong one, and with a token that is gone nothing is issued.
    let request = request(&directory);
    let sign = ["ca", "sign", &ca, &request, "--name", "x", "--renew"];
    // In a session without a terminal, or the PIN is asked for.
    let unattended = run(&directory, "setsid", &[&["-w", program::program()], &sign[..]].concat());
    has_ended(&unattended, 3, &["the key of the CA", "--token-pin"], "without a PIN");
    let wrong = directory.file("pin", b"4321");
    ends(&directory, &[&sign[..], &["--token-pin", &format!("@{wrong}")]].concat(), 3, &["PIN"]);
    std::fs::remove_dir_all(directory.path().join("tokens")).unwrap();
    ends(&directory, &[&sign[..], &pin].concat(), 3, &["the key of the CA"]);
    let list = out(&ends(&directory, &["ca", "list", &ca], 0, &[]));
    assert_eq!(list.matches("device").count(), 1, "{list}");
    // Revoking needs no key.
    let certificate = directory.at("d.pem");
    ends(&directory, &["ca", "revoke", &ca, &certificate], 0, &["revoked"]);
    // A folder that has files is refused before a key is made.
    ends(&directory, &["ca", "init", &ca, "--name", "CA", "--pkcs11", &uri], 2, &["holds a CA already"]);
}

#[test]
fn the_key_of_the_ca_is_behind_a_command() {
    let directory = Directory::new("ca-command");
    let (key, ca) = (directory.at("ca.key"), directory.at("ca"));
    openssl(
        &directory,
        &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", &key],
    );
    let script = format!(
        "case $1 in\ndescribe) printf 'handclasp-signer 1\\nschemes: ecdsa_secp384r1_sha384\\n'; \
         openssl pkey -in {key} -pubout ;;\nsign) openssl dgst -sha384 -sign {key} ;;\nesac\n"
    );
    let signer = format!("sh {}", directory.file("signer.sh", script.as_bytes()));
    ends(&directory, &["ca", "init", &ca, "--name", "CA", "--signer", &signer], 0, &[]);
    signs(&directory, &ca, &[]);
    ends(
        &directory,
        &["ca", "init", &directory.at("b"), "--name", "CA", "--signer", "false"],
        2,
        &["--signer"],
    );
    assert!(!directory.path().join("b").exists());
}

/// An ssh-agent that runs until it is dropped.
struct Agent(std::process::Child);

impl Agent {
    fn start(directory: &Directory) -> Self {
        let socket = directory.at("agent");
        let mut command = Command::new("ssh-agent");
        command.args(["-D", "-a", &socket]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let agent = Self(command.spawn().expect("ssh-agent is installed"));
        // The socket is there a moment before the agent listens.
        while UnixStream::connect(&socket).is_err() {
            std::thread::sleep(Duration::from_millis(5));
        }
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_key_of_the_ca_is_in_an_agent() {
    let directory = Directory::new("ca-agent");
    let ca = directory.at("ca");
    let init = ["ca", "init", &ca, "--name", "CA", "--agent"];
    ends(&directory, &[&init[..], &["ca@laptop"]].concat(), 2, &["--agent: "]);
    let agent = Agent::start(&directory);
    for kind in ["ed25519", "ecdsa"] {
        let (file, comment) = (directory.at(kind), format!("{kind}@laptop"));
        let made = run(&directory, "ssh-keygen", &["-q", "-t", kind, "-N", "", "-C", &comment, "-f", &file]);
        assert!(made.status.success(), "{}", err(&made));
        let added = run(&directory, "ssh-add", &["-q", &file]);
        assert!(added.status.success(), "{}", err(&added));
        std::fs::remove_file(&file).unwrap();
    }
    ends(
        &directory,
        &[&init[..], &["you@laptop"]].concat(),
        2,
        &["has no key", "you@laptop", "ecdsa@laptop"],
    );
    assert!(!directory.path().join("ca").exists());
    for kind in ["ed25519", "ecdsa"] {
        let (ca, key) = (directory.at(&format!("ca-{kind}")), format!("{kind}@laptop"));
        let made = ends(&directory, &["ca", "init", &ca, "--name", "CA", "--agent", &key], 0, &[]);
        // By its fingerprint from here on: a comment may be given to another key.
        assert!(out(&made).contains("key          ssh-agent:SHA256:"), "{}", out(&made));
        signs(&directory, &ca, &[]);
    }
    // Without the agent nothing is issued.
    drop(agent);
    let (ca, request) = (directory.at("ca-ecdsa"), request(&directory));
    ends(&directory, &["ca", "sign", &ca, &request, "--renew"], 3, &["the key of the CA", "agent"]);
    let list = out(&ends(&directory, &["ca", "list", &ca], 0, &[]));
    assert_eq!(list.matches("device").count(), 1, "{list}");
}
