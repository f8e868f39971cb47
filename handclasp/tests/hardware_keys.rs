//! A key that never leaves its token, from generation to mutual TLS: made in SoftHSM, certified by OpenSSL as
//! the CA, accepted by Java and by OpenSSL, which both require a client certificate.
//!
//! A module reads its configuration from the environment, once a process: each test runs in a process of
//! its own with a token of its own.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use handclasp::{
    CertificateParams, Client, Identity, KeyKind, Policy, ProtocolVersion, Roots, Server, Trust, Usage,
    identity::pkcs11::{Pkcs11Key, Pkcs11Uri, TokenPin},
};
use rustls_pki_types::{CertificateDer, pem::PemObject};

const PIN: &str = "240862";
const FOLDER: &str = "HANDCLASP_TEST_TOKEN";
const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3];

/// A token and a CA in a folder.
struct Lab {
    folder: PathBuf,
}

/// Runs `body` in a process of its own.
fn in_lab(test: &str, configuration: &str, body: impl FnOnce(&Lab)) {
    if let Some(folder) = env::var_os(FOLDER) {
        return body(&Lab { folder: folder.into() });
    }
    let folder = tempfile::tempdir().expect("a folder");
    let lab = Lab { folder: folder.path().to_path_buf() };
    fs::create_dir(lab.folder.join("tokens")).expect("a folder");
    let tokens = lab.folder.join("tokens").display().to_string();
    let lines = format!("directories.tokendir = {tokens}\nlog.level = ERROR\n{configuration}\n");
    fs::write(lab.folder.join("softhsm2.conf"), lines).expect("a file");
    lab.sh(&format!("softhsm2-util --init-token --free --label lab --so-pin 1111 --pin {PIN}"));
    lab.sh("printf '[req]\\ndistinguished_name=name\\n[name]\\n' > empty.cnf; \
         new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config empty.cnf'; \
         openssl req -x509 $new -keyout ca.key -out ca.pem -subj /CN=ca -days 7 \
         -addext basicConstraints=critical,CA:TRUE && \
         openssl req -x509 $new -CA ca.pem -CAkey ca.key -keyout server.key -out server.pem -subj /CN=server \
         -days 7 -addext subjectAltName=DNS:server.test");
    let output = Command::new(env::current_exe().expect("this program"))
        .args(["--exact", test, "--nocapture"])
        .env(FOLDER, &lab.folder)
        .env("SOFTHSM2_CONF", lab.folder.join("softhsm2.conf"))
        .env("HANDCLASP_TEST_PIN", PIN)
        .output()
        .expect("starts");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

impl Lab {
    fn sh(&self, line: &str) -> String {
        let output = Command::new("sh")
            .args(["-c", line])
            .current_dir(&self.folder)
            .env("SOFTHSM2_CONF", self.folder.join("softhsm2.conf"))
            .output()
            .expect("runs");
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {text}");
        text
    }

    /// The key of the token, made if it is not there, with a certificate of the CA.
    fn identity(&self, kind: KeyKind) -> Identity {
        let name = format!("{kind:?}");
        let uri = format!("pkcs11:token=lab;object={name}?module-path=/usr/lib/softhsm/libsofthsm2.so");
        let uri: Pkcs11Uri = uri.parse().expect("parses");
        let pin = TokenPin::Environment("HANDCLASP_TEST_PIN".into());
        let leaf = self.folder.join(format!("{name}.pem"));
        if !leaf.exists() {
            let made = Pkcs11Key::generate(&uri, kind, &pin).expect("made");
            assert!(made.attributes().expect("there").is_confined(), "it never leaves the token");
            let params = CertificateParams::new(&["device.test"]).with_usage(Usage::Both);
            let request = made.into_identity(Vec::new()).expect("good").certificate_request(&params);
            fs::write(self.folder.join("request.pem"), request.expect("made").pem()).expect("a file");
            self.sh(&format!(
                "openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 7 \
                 -copy_extensions copy -out {name}.pem"
            ));
        }
        let chain = vec![CertificateDer::from_pem_file(leaf).expect("parses")];
        Identity::from_pkcs11(&uri, &pin, chain).expect("found")
    }

    fn trust(&self) -> Trust {
        Trust::WebPki(Roots::from_pem_file(self.folder.join("ca.pem")).expect("a root"))
    }

    /// Starts a server that says when it listens.
    fn serve(&self, program: &str, arguments: &[&str], ready: &str) -> Peer {
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program} is not installed: {error}"));
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        while !line.starts_with(ready) {
            line.clear();
            assert_ne!(output.read_line(&mut line).expect("reads"), 0, "{program} {arguments:?} ended");
        }
        // What it prints later is not needed, but it must be read.
        thread::spawn(move || drop(output.read_to_end(&mut Vec::new())));
        Peer(child)
    }

    /// A client with that key: `sent` comes back as `expected`.
    fn connect(&self, kind: KeyKind, version: ProtocolVersion, port: u16, expected: &str) {
        let policy = Policy::modern().only_version(version).expect("has it");
        let client = Client::with_policy(self.trust(), policy).identity(self.identity(kind));
        let socket = TcpStream::connect(("127.0.0.1", port)).expect("connects");
        let mut stream = client.connect_over(socket, Some("server.test")).expect("both are verified");
        stream.write_all(b"hello\n").expect("writes");
        let mut line = String::new();
        stream.read_line(&mut line).expect("reads");
        assert_eq!(line.trim(), expected, "{kind:?} {version:?}");
    }
}

/// A server, which ends on drop.
struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port()
}

#[test]
fn openssl_accepts_a_client_with_a_key_in_a_token() {
    in_lab("openssl_accepts_a_client_with_a_key_in_a_token", "", |lab| {
        let port = free_port();
        let accept = format!("127.0.0.1:{port}");
        let arguments = ["s_server", "-rev", "-accept", &accept, "-cert", "server.pem", "-key", "server.key"];
        let require = ["-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem"];
        let _server = lab.serve("openssl", &[&arguments[..], &require].concat(), "ACCEPT");
        for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519, KeyKind::Rsa] {
            for version in VERSIONS {
                lab.connect(kind, version, port, "olleh");
            }
        }
    });
}

#[test]
fn java_accepts_a_client_with_a_key_in_a_token() {
    in_lab("java_accepts_a_client_with_a_key_in_a_token", "", |lab| {
        let port = free_port();
        let peer = Path::new(env!("CARGO_MANIFEST_DIR")).join("../interop/peers/JssePeer.java");
        // Java reads keys as PKCS#8, which `openssl req -newkey` writes.
        let arguments = [
            &peer.display().to_string(),
            "role=server",
            &format!("port={port}"),
            "ca=ca.pem",
            "cert=server.pem",
            "key=server.key",
            "need=1",
            "ready=READY",
        ];
        let _server = lab.serve("java", &arguments, "READY");
        for kind in [KeyKind::P256, KeyKind::Rsa] {
            for version in VERSIONS {
                lab.connect(kind, version, port, "hello");
            }
        }
    });
}

#[test]
fn a_server_with_a_key_in_a_token_is_verified_by_openssl() {
    in_lab("a_server_with_a_key_in_a_token_is_verified_by_openssl", "", |lab| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        for (version, option) in VERSIONS.into_iter().zip(["-tls1_2", "-tls1_3"]) {
            let policy = Policy::modern().only_version(version).expect("has it");
            let server = Server::with_policy(lab.identity(KeyKind::P256), policy);
            thread::scope(|scope| {
                let serving = scope.spawn(|| {
                    let (socket, _) = listener.accept().expect("accepts");
                    let mut stream = server.accept(socket).expect("a handshake");
                    // Until the client goes.
                    let _ = stream.read_to_end(&mut Vec::new());
                });
                let text = lab.sh(&format!(
                    "echo Q | openssl s_client -connect 127.0.0.1:{port} {option} -CAfile ca.pem \
                     -verify_return_error -verify_hostname device.test"
                ));
                assert!(text.contains("Verify return code: 0 (ok)"), "{text}");
                serving.join().expect("ends");
            });
        }
    });
}

#[test]
fn a_token_without_pss_works_in_tls_1_2_and_says_so() {
    let configuration = "slots.mechanisms = CKM_RSA_PKCS,CKM_RSA_PKCS_KEY_PAIR_GEN";
    in_lab("a_token_without_pss_works_in_tls_1_2_and_says_so", configuration, |lab| {
        let port = free_port();
        let accept = format!("127.0.0.1:{port}");
        let arguments = ["s_server", "-rev", "-accept", &accept, "-cert", "server.pem", "-key", "server.key"];
        let require = ["-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem"];
        let _server = lab.serve("openssl", &[&arguments[..], &require].concat(), "ACCEPT");
        lab.connect(KeyKind::Rsa, ProtocolVersion::TLS_1_2, port, "olleh");
        let client = Client::new(lab.trust()).identity(lab.identity(KeyKind::Rsa));
        let error = client.check().expect_err("TLS 1.3 is permitted").to_string();
        assert!(error.contains("cannot sign in TLS 1.3") && error.contains("RSASSA-PSS"), "{error}");
    });
}
