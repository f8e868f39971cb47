//! Keys in a TPM (swtpm): by the script of the examples over tpm2-tools, and by the TPM's PKCS#11 module.
//! OpenSSL verifies the client by them.
//!
//! The module reads its configuration from the environment: each test runs in a process of its own.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use handclasp::{
    CertificateParams, Client, Identity, KeyKind, Policy, ProtocolVersion, Roots, SignatureScheme, Trust,
    Usage,
    identity::{
        SignerPace,
        command::SignerCommand,
        pkcs11::{Pkcs11Uri, TokenPin},
    },
};
use rustls_pki_types::{CertificateDer, pem::PemObject};

const MODULE: &str = "/usr/lib/x86_64-linux-gnu/libtpm2_pkcs11.so.1";
const PIN: &str = "240862";
const FOLDER: &str = "HANDCLASP_TEST_TPM";
const TLS12: &[ProtocolVersion] = &[ProtocolVersion::TLS_1_2];
const BOTH: &[ProtocolVersion] = &[ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3];

/// A process that ends on drop.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A TPM and a CA in a folder.
struct Lab {
    folder: PathBuf,
}

/// Runs `body` in a process of its own, with a TPM.
fn with_tpm(test: &str, body: impl FnOnce(&Lab)) {
    if let Some(folder) = env::var_os(FOLDER) {
        return body(&Lab { folder: folder.into() });
    }
    let folder = tempfile::tempdir().expect("a folder");
    let lab = Lab { folder: folder.path().to_path_buf() };
    fs::create_dir(lab.folder.join("state")).expect("a folder");
    // Sockets in the folder: no port can be taken.
    let socket = |name: &str| format!("type=unixio,path={}", lab.folder.join(name).display());
    let tpm = Command::new("swtpm")
        .args(["socket", "--tpm2", "--flags", "not-need-init,startup-clear"])
        .args(["--tpmstate", &format!("dir={}", lab.folder.join("state").display())])
        .args(["--server", &socket("tpm.sock"), "--ctrl", &socket("tpm.sock.ctrl")])
        .stderr(Stdio::null())
        .spawn()
        .expect("swtpm is installed");
    let _tpm = Process(tpm);
    // The socket is there a moment before the TPM listens.
    while UnixStream::connect(lab.folder.join("tpm.sock")).is_err() {
        thread::sleep(Duration::from_millis(5));
    }
    lab.sh("printf '[req]\ndistinguished_name=name\n[name]\n' > empty.cnf; \
         new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config empty.cnf'; \
         openssl req -x509 $new -keyout ca.key -out ca.pem -subj /CN=ca -days 7 \
         -addext basicConstraints=critical,CA:TRUE && \
         openssl req -x509 $new -CA ca.pem -CAkey ca.key -keyout server.key -out server.pem -subj /CN=server \
         -days 7 -addext subjectAltName=DNS:server.test");
    let mut program = Command::new(env::current_exe().expect("this program"));
    program.args(["--exact", test, "--nocapture"]).env(FOLDER, &lab.folder).env("HANDCLASP_TEST_PIN", PIN);
    let output = lab.in_tpm(&mut program).output().expect("starts");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

impl Lab {
    fn in_tpm<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let tcti = format!("swtpm:path={}", self.folder.join("tpm.sock").display());
        command
            .current_dir(&self.folder)
            .env("TPM2TOOLS_TCTI", &tcti)
            .env("TPM2_PKCS11_TCTI", &tcti)
            .env("TPM2_PKCS11_STORE", &self.folder)
    }

    fn sh(&self, line: &str) -> String {
        let mut shell = Command::new("sh");
        let output = self.in_tpm(shell.args(["-c", line])).output().expect("runs");
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {text}");
        text
    }

    /// The chain that the CA issues to a key in the TPM.
    fn chain(&self, identity: &Identity) -> Vec<CertificateDer<'static>> {
        let params = CertificateParams::new(&["device.test"]).with_usage(Usage::Client);
        let request = identity.certificate_request(&params).expect("made").pem();
        fs::write(self.folder.join("request.pem"), request).expect("a file");
        self.sh("openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 7 \
                 -copy_extensions copy -out leaf.pem");
        vec![CertificateDer::from_pem_file(self.folder.join("leaf.pem")).expect("parses")]
    }

    /// OpenSSL, which requires a client certificate and sends each line back reversed.
    fn openssl(&self) -> (Process, u16) {
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let mut child = Command::new("openssl")
            .args(["s_server", "-rev", "-accept", &format!("127.0.0.1:{port}")])
            .args(["-cert", "server.pem", "-key", "server.key"])
            .args(["-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem"])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is installed");
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        while !line.starts_with("ACCEPT") {
            line.clear();
            assert_ne!(output.read_line(&mut line).expect("reads"), 0, "openssl ended");
        }
        thread::spawn(move || drop(output.read_to_end(&mut Vec::new())));
        (Process(child), port)
    }

    fn client(&self, identity: Identity, version: Option<ProtocolVersion>) -> Client {
        let roots = Roots::from_pem_file(self.folder.join("ca.pem")).expect("a root");
        let policy = Policy::modern();
        let policy = version.map_or(policy.clone(), |version| policy.only_version(version).expect("has it"));
        Client::with_policy(Trust::WebPki(roots), policy).identity(identity)
    }

    /// Connects to OpenSSL in each of these versions.
    fn connects(&self, open: impl Fn() -> Identity, versions: &[ProtocolVersion]) {
        let (_server, port) = self.openssl();
        for version in versions {
            let socket = TcpStream::connect(("127.0.0.1", port)).expect("connects");
            let client = self.client(open(), Some(*version));
            let mut stream = client.connect_over(socket, Some("server.test")).expect("both are verified");
            stream.write_all(b"hello\n").expect("writes");
            let mut line = String::new();
            stream.read_line(&mut line).expect("reads");
            assert_eq!(line.trim(), "olleh", "{version:?}");
        }
    }

    /// That the key is said not to be one for TLS 1.3, before anything is sent.
    fn refuses_tls13(&self, identity: Identity) {
        let error = self.client(identity, None).check().expect_err("TLS 1.3 is permitted").to_string();
        assert!(error.contains("cannot sign in TLS 1.3") && error.contains("RSASSA-PSS"), "{error}");
    }
}

#[test]
fn a_script_over_tpm2_tools_signs_handshakes() {
    with_tpm("a_script_over_tpm2_tools_signs_handshakes", |lab| {
        for (algorithm, handle) in [("ecc256", "0x81000101"), ("rsa2048", "0x81000102")] {
            lab.sh(&format!(
                "tpm2_createprimary -Q -c primary.ctx && tpm2_flushcontext -t && \
                 tpm2_create -Q -C primary.ctx -G {algorithm} -u key.pub -r key.priv \
                 -a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign' && tpm2_flushcontext -t && \
                 tpm2_load -Q -C primary.ctx -u key.pub -r key.priv -c key.ctx && \
                 tpm2_evictcontrol -Q -C o -c key.ctx {handle} && tpm2_flushcontext -t"
            ));
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/tpm-signer.sh");
        let signer = |handle: &str| SignerCommand::new("sh").argument(&script).argument(handle);
        let open = |command: &SignerCommand| {
            let identity = Identity::from_command(command, Vec::new()).expect("good");
            let chain = lab.chain(&identity);
            identity.with_chain(chain).expect("is for the key")
        };
        lab.connects(|| open(&signer("0x81000101")), BOTH);
        // The salts of this TPM are as long as the hash; those of older ones are as long as they can be.
        let rsa = || open(&signer("0x81000102"));
        assert_eq!(rsa().schemes().len(), 6);
        lab.connects(rsa, BOTH);
        let pkcs1 = || open(&signer("0x81000102").argument("pkcs1"));
        lab.connects(pkcs1, TLS12);
        lab.refuses_tls13(pkcs1());
    });
}

#[test]
fn the_module_of_the_tpm_signs_handshakes() {
    assert!(Path::new(MODULE).is_file(), "libtpm2-pkcs11-1 is not installed");
    with_tpm("the_module_of_the_tpm_signs_handshakes", |lab| {
        // Without a resource manager the TPM has room for three objects, and the module leaves its own there.
        let flush = || lab.sh("tpm2_flushcontext -t");
        let tool = |arguments: &str| {
            lab.sh(&format!("pkcs11-tool --module {MODULE} {arguments}"));
            flush()
        };
        tool("--slot-index 0 --init-token --label lab --so-pin 1111");
        tool(&format!("--token-label lab --so-pin 1111 --init-pin --pin {PIN} --login --login-type so"));
        let make = format!("--token-label lab --login --pin {PIN} --keypairgen --key-type");
        tool(&format!("{make} EC:prime256v1 --label ec --id 01 --always-auth"));
        tool(&format!("{make} rsa:2048 --label rsa --id 02"));
        let pin = TokenPin::Environment("HANDCLASP_TEST_PIN".into());
        let open = |label: &str| {
            let uri = format!("pkcs11:token=lab;object={label}?module-path={MODULE}");
            let uri: Pkcs11Uri = uri.parse().expect("parses");
            let identity = Identity::from_pkcs11(&uri, &pin, Vec::new()).expect("found");
            let chain = lab.chain(&identity);
            identity.with_chain(chain).expect("is for the key")
        };
        // It requires the PIN for each signature.
        let ec = open("ec");
        assert_eq!((ec.key_kind(), ec.signer_pace()), (KeyKind::P256, SignerPace::Slow));
        assert!(ec.schemes().contains(&SignatureScheme::ecdsa_secp256r1_sha256));
        lab.connects(|| open("ec"), BOTH);
        // It lists no CKM_RSA_PKCS_PSS for this TPM.
        lab.connects(|| open("rsa"), TLS12);
        lab.refuses_tls13(open("rsa"));
    });
}
