//! Signing commands: a shell script over OpenSSL as the docs show it, and every way in which one fails.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use handclasp_codec::SignatureScheme as Scheme;
use handclasp_crypto::KeyKind;
use handclasp_identity::{
    CertificateParams, Identity, SignerPace,
    command::{CommandError, CommandProblem, SignerCommand},
};
use handclasp_provider_aws_lc::{SystemRandom, VERIFY};

/// A folder with keys of OpenSSL and scripts.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let this = Self(tempfile::tempdir().expect("a folder"));
        let p256 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
        let rsa = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
        for (name, kind) in [("p256", &p256[..]), ("rsa", &rsa), ("other", &p256)] {
            this.openssl(&[&["genpkey", "-out", &format!("{name}.key")], kind].concat());
            this.openssl(&["pkey", "-in", &format!("{name}.key"), "-pubout", "-out", &format!("{name}.pub")]);
        }
        this
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl").args(arguments).current_dir(&self.0).output().expect("openssl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// An executable script with this body, in which `$dir` is the folder.
    fn script(&self, body: &str) -> SignerCommand {
        let path = self.path("signer");
        fs::write(&path, format!("#!/bin/sh\ndir='{}'\n{body}\n", self.0.path().display())).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its mode");
        // `sh` reads the file anew, so that a fork of another test that holds it open for writing does not
        // matter (ETXTBSY).
        SignerCommand::new("sh").argument(path)
    }

    /// A script that describes a key with these lines and signs so.
    fn signer(&self, key: &str, lines: &str, sign: &str) -> SignerCommand {
        self.script(&format!(
            "case $1 in\ndescribe) printf 'handclasp-signer 1\\n{lines}\\n'; cat $dir/{key}.pub ;;\n\
             sign) {sign} ;;\n*) echo \"unknown request $1\" >&2; exit 2 ;;\nesac"
        ))
    }
}

fn load(command: &SignerCommand) -> Result<Identity, CommandError> {
    Identity::from_command(command, Vec::new())
}

fn refused(command: &SignerCommand, words: &str) -> CommandProblem {
    let error = load(command).expect_err("refused");
    assert!(error.to_string().contains(words), "{words:?} is missing: {error}");
    error.problem
}

const SHA256: &str = "openssl dgst -sha256 -sign $dir/p256.key";

#[test]
fn a_script_over_openssl_signs() {
    let folder = Folder::new();
    for (lines, sign, pace) in [
        ("schemes: ecdsa_secp256r1_sha256", SHA256, SignerPace::Slow),
        (
            // The hash value as it is.
            "schemes: ecdsa_secp256r1_sha256\\ninput: digest\\npace: immediate",
            "openssl pkeyutl -sign -inkey $dir/p256.key",
            SignerPace::Immediate,
        ),
    ] {
        let command = folder.signer("p256", lines, sign);
        let identity = load(&command).expect("good");
        assert_eq!((identity.key_kind(), identity.signer_pace()), (KeyKind::P256, pace));
        let scheme = Scheme::ecdsa_secp256r1_sha256;
        identity.sign_verified(scheme, b"message", VERIFY, &mut SystemRandom).expect("signs");
        let certificate = identity.self_signed_certificate(&CertificateParams::new(&["a.example"]));
        identity.with_chain(vec![certificate.expect("made")]).expect("is for the key");
    }
    // The scheme tells padding and hash.
    let rsa = "case $2 in\n\
               rsa_pss_rsae_sha256) openssl dgst -sha256 -sign $dir/rsa.key -sigopt rsa_padding_mode:pss \
               -sigopt rsa_pss_saltlen:digest ;;\n\
               rsa_pkcs1_sha512) openssl dgst -sha512 -sign $dir/rsa.key ;;\nesac";
    let identity =
        load(&folder.signer("rsa", "schemes: rsa_pss_rsae_sha256 rsa_pkcs1_sha512", rsa)).expect("good");
    assert_eq!(identity.schemes(), [Scheme::rsa_pss_rsae_sha256, Scheme::rsa_pkcs1_sha512]);
}

#[test]
fn a_line_for_the_shell() {
    let folder = Folder::new();
    folder.signer("p256", "schemes: ecdsa_secp256r1_sha256", SHA256);
    let line = format!("A=1 sh '{}'", folder.path("signer").display());
    assert_eq!(load(&SignerCommand::shell(&line)).expect("good").key_kind(), KeyKind::P256);
}

#[test]
fn a_variable_that_is_withheld_is_not_inherited() {
    let folder = Folder::new();
    let lines = "schemes: ecdsa_secp256r1_sha256";
    folder.signer("p256", lines, SHA256);
    // Variables that cargo sets for tests, in both requests.
    let line =
        format!("env >> '{}'; sh '{}'", folder.path("seen").display(), folder.path("signer").display());
    load(&SignerCommand::shell(&line).without_variable("CARGO_PKG_NAME")).expect("good");
    let seen = fs::read_to_string(folder.path("seen")).expect("text");
    let count = |name: &str| seen.lines().filter(|line| line.starts_with(name)).count();
    assert_eq!((count("CARGO_PKG_NAME="), count("CARGO_PKG_VERSION=")), (0, 2));
}

#[test]
fn descriptions_that_are_none() {
    let folder = Folder::new();
    for (lines, words) in [
        ("schemes: ecdsa_p256", "\"ecdsa_p256\" is not a signature scheme"),
        ("schemes: ecdsa_secp256r1_sha256\\ninput: hash", "expected message or digest, found \"hash\""),
        ("schemes: ecdsa_secp256r1_sha256\\npace: fast", "expected immediate, slow or interactive"),
        ("curve: P-256", "expected schemes, input or pace"),
    ] {
        let problem = refused(&folder.signer("p256", lines, SHA256), words);
        assert!(matches!(problem, CommandProblem::Description(_)), "{problem:?}");
    }
    for (body, words) in [
        ("echo handclasp-signer 2", "expected \"handclasp-signer 1\" in its first line, found"),
        ("cat $dir/p256.pub", "found \"-----BEGIN PUBLIC KEY-----\""),
        ("echo handclasp-signer 1", "no public key"),
        ("printf '\\377'", "not text"),
        ("cat $dir/p256.key", "expected \"handclasp-signer 1\""),
    ] {
        let error = load(&folder.script(body)).expect_err("refused").to_string();
        assert!(error.contains(words), "{error}");
        assert!(!error.contains("BEGIN PRIVATE KEY-----\n"), "{error}");
    }
    refused(&folder.signer("p256", "input: message", SHA256), "lists no signature scheme");
    refused(&folder.signer("p256", "schemes: rsa_pkcs1_sha256", SHA256), "which is for another key type");
}

#[test]
fn commands_that_fail_say_how() {
    let folder = Folder::new();
    let lines = "schemes: ecdsa_secp256r1_sha256";
    let start = refused(&SignerCommand::new("no-such-signer"), "is not installed, or not on the PATH");
    assert!(matches!(start, CommandProblem::Start(_)));
    refused(&SignerCommand::new(folder.path("p256.pub")), "chmod +x");
    let locked = refused(
        &folder.script("echo working >&2; echo 'the TPM is locked' >&2; exit 3"),
        "status 3: the TPM is locked",
    );
    assert!(matches!(locked, CommandProblem::Refused { status: Some(3), .. }));
    refused(&folder.script("exit 0"), "wrote nothing for `describe`");
    refused(&folder.script("kill -9 $$"), "a signal ended it");
    refused(&folder.script("yes handclasp"), "wrote more than 65536 bytes");
    refused(&SignerCommand::shell("no-such-signer"), "not found");
    // In the probe.
    refused(&folder.signer("p256", lines, "echo 'no key in slot 3' >&2; exit 1"), "no key in slot 3");
    refused(&folder.signer("p256", lines, "true"), "wrote nothing for `sign ecdsa_secp256r1_sha256`");
    refused(
        &folder.signer("p256", lines, "openssl dgst -sha256 -sign $dir/other.key"),
        "another private key",
    );
    refused(
        &folder.signer("p256", lines, "openssl dgst -sha256 -hex -sign $dir/p256.key"),
        "text instead of bytes",
    );
    // As TPMs do it that take the longest salt.
    let longest =
        "openssl dgst -sha256 -sign $dir/rsa.key -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max";
    refused(
        &folder.signer("rsa", "schemes: rsa_pss_rsae_sha256", longest),
        "a salt that is not as long as the hash",
    );
    // Afterwards, in the words of the signer.
    let identity = load(&folder.signer("p256", lines, SHA256)).expect("good");
    fs::remove_file(folder.path("p256.key")).expect("removed");
    assert!(identity.sign(Scheme::ecdsa_secp256r1_sha256, b"message", &mut SystemRandom).is_err());
    let words = identity.signer_words().expect("it says why");
    assert!(words.contains("refuses `sign ecdsa_secp256r1_sha256`"), "{words}");
}

#[test]
fn a_time_that_no_clock_reaches_is_no_panic() {
    let error = SignerCommand::shell("exit 3 #").timeout(Duration::MAX).open().expect_err("it fails");
    assert!(matches!(error.problem, CommandProblem::Refused { status: Some(3), .. }), "{error}");
}

#[test]
fn a_command_that_does_not_end_is_killed() {
    let folder = Folder::new();
    let start = Instant::now();
    // The child of the script holds the pipe, too.
    let command =
        folder.script("sleep 1000 & echo $! > $dir/pid; sleep 1000").timeout(Duration::from_millis(300));
    let problem = refused(&command, "did not end within 300 ms of `describe` and was killed");
    assert!(matches!(problem, CommandProblem::Timeout(_)));
    assert!(start.elapsed() < Duration::from_secs(100), "not for as long as it sleeps");
    let pid = fs::read_to_string(folder.path("pid")).expect("it was written");
    let gone = || {
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        // A zombie waits for its parent, which is init or this process.
        stat.is_empty() || stat.contains(") Z ")
    };
    while !gone() {
        assert!(start.elapsed() < Duration::from_secs(100), "what it started is killed with it");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_command_may_ignore_its_input_and_ends_once() {
    let folder = Folder::new();
    // Megabytes of input to a command that reads none.
    let lines = "schemes: ecdsa_secp256r1_sha256\\npace: interactive";
    let identity = load(&folder.signer("p256", lines, "echo done")).expect("not probed");
    let message = vec![0; 4 << 20];
    let answer = identity.sign(Scheme::ecdsa_secp256r1_sha256, &message, &mut SystemRandom).expect("answers");
    assert_eq!(answer, b"done\n");
}

/// A software TPM, which ends on drop.
struct Tpm(std::process::Child);

impl Drop for Tpm {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_tpm_signs_by_its_own_tools() {
    let folder = Folder::new();
    fs::create_dir(folder.path("tpm")).expect("a folder");
    // Sockets in the folder: no port can be taken.
    let socket = |name: &str| format!("type=unixio,path={}", folder.path(name).display());
    let tpm = Command::new("swtpm")
        .args(["socket", "--tpm2", "--flags", "not-need-init,startup-clear"])
        .args(["--tpmstate", &format!("dir={}", folder.path("tpm").display())])
        .args(["--server", &socket("tpm.sock"), "--ctrl", &socket("tpm.sock.ctrl")])
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("swtpm is installed");
    let _tpm = Tpm(tpm);
    // The socket is there a moment before the TPM listens.
    while UnixStream::connect(folder.path("tpm.sock")).is_err() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let make = "export TPM2TOOLS_TCTI=swtpm:path=tpm.sock; tpm2_createprimary -Q -c primary.ctx && tpm2_flushcontext -t && \
                tpm2_create -Q -C primary.ctx -G ecc256:ecdsa-sha256 -u key.pub -r key.priv && tpm2_flushcontext -t && \
                tpm2_load -Q -C primary.ctx -u key.pub -r key.priv -c key.ctx && tpm2_flushcontext -t && \
                tpm2_readpublic -Q -c key.ctx -f pem -o tpm.pub && tpm2_flushcontext -t";
    let output = Command::new("sh").args(["-c", make]).current_dir(&folder.0).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let sign = "cat >$dir/digest && cd $dir && export TPM2TOOLS_TCTI=swtpm:path=tpm.sock && \
                tpm2_sign -Q -c key.ctx -g sha256 -s ecdsa -d -f plain -o signature digest && tpm2_flushcontext -t && cat signature";
    let lines = "schemes: ecdsa_secp256r1_sha256\\ninput: digest";
    let identity = load(&folder.signer("tpm", lines, sign)).expect("good");
    let request = identity.certificate_request(&CertificateParams::new(&["a.example"])).expect("made");
    assert!(!request.der().is_empty());
    // As the TPM returns it without `-f plain`: a structure of its own.
    let sign = sign.replace("-f plain ", "");
    refused(&folder.signer("tpm", lines, &sign), "text instead of bytes");
}
