//! A token of SoftHSM for one test. A module reads its configuration from the environment, once a process: each
//! test runs in a process of its own.

// Each test program uses a part.
#![allow(dead_code)]

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Stdio},
};

use cryptoki::{context::Pkcs11, mechanism::Mechanism, object::Attribute, slot::Slot};
use handclasp_codec::SignatureScheme as Scheme;
use handclasp_crypto::KeyKind;
use handclasp_identity::{
    Identity,
    pkcs11::{Pkcs11Error, Pkcs11Key, Pkcs11Problem, Pkcs11Uri, TokenPin},
};
use handclasp_provider_aws_lc::{SystemRandom, VERIFY};

pub const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
pub const PROXY: &str = "/usr/lib/x86_64-linux-gnu/p11-kit-proxy.so";
pub const PIN: &str = "240862";
/// The folder of the token, in the process of a test.
pub const FOLDER: &str = "HANDCLASP_TEST_TOKEN";

/// A folder with a configuration and the tokens of SoftHSM.
pub struct Hsm {
    pub folder: PathBuf,
}

/// Runs `body` in a process of its own, with a new token "lab" and these lines of configuration.
pub fn with_token(test: &str, configuration: &str, body: impl FnOnce(&Hsm)) {
    if let Some(folder) = env::var_os(FOLDER) {
        return body(&Hsm { folder: folder.into() });
    }
    let folder = tempfile::tempdir().expect("a folder");
    let hsm = Hsm { folder: folder.path().to_path_buf() };
    let tokens = hsm.folder.join("tokens");
    fs::create_dir(&tokens).expect("a folder");
    let lines = format!("directories.tokendir = {}\nlog.level = ERROR\n{configuration}\n", tokens.display());
    fs::write(hsm.folder.join("softhsm2.conf"), lines).expect("a file");
    hsm.run("softhsm2-util", &["--init-token", "--free", "--label", "lab", "--so-pin", "1111", "--pin", PIN]);
    let output = Command::new(env::current_exe().expect("this program"))
        .args(["--exact", test, "--nocapture"])
        .env(FOLDER, &hsm.folder)
        .env("SOFTHSM2_CONF", hsm.folder.join("softhsm2.conf"))
        .env("HANDCLASP_TEST_PIN", PIN)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .expect("starts");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

impl Hsm {
    pub fn run(&self, program: &str, arguments: &[&str]) -> String {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(&self.folder)
            .env("SOFTHSM2_CONF", self.folder.join("softhsm2.conf"))
            .output()
            .unwrap_or_else(|error| panic!("{program} is not installed: {error}"));
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {text}");
        text
    }

    /// OpenSC's program with the user logged in.
    pub fn pkcs11_tool(&self, arguments: &[&str]) -> String {
        self.run(
            "pkcs11-tool",
            &[&["--module", MODULE, "--token-label", "lab", "--pin", PIN], arguments].concat(),
        )
    }

    /// A file that only its owner can read.
    pub fn secret(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.join(name);
        fs::write(&path, content).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its mode");
        path
    }
}

pub fn uri(rest: &str) -> Pkcs11Uri {
    format!("pkcs11:{rest}?module-path={MODULE}").parse().expect("parses")
}

pub fn pin() -> TokenPin {
    TokenPin::Environment("HANDCLASP_TEST_PIN".into())
}

pub fn refused(result: Result<Pkcs11Key, Pkcs11Error>, problem: Pkcs11Problem, words: &str) {
    let error = result.expect_err("refused");
    assert_eq!(error.problem, problem, "{error}");
    assert!(error.to_string().contains(words), "{words:?} is missing: {error}");
    assert!(!error.to_string().contains(PIN), "the PIN is not shown");
}

/// Whether every scheme signs what verifies.
pub fn signs(identity: &Identity, schemes: &[Scheme]) {
    assert_eq!(identity.schemes(), schemes);
    for scheme in schemes {
        identity.sign_verified(*scheme, b"message", VERIFY, &mut SystemRandom).expect("signs");
    }
}

pub const RSA: [Scheme; 6] = [
    Scheme::rsa_pss_rsae_sha256,
    Scheme::rsa_pss_rsae_sha384,
    Scheme::rsa_pss_rsae_sha512,
    Scheme::rsa_pkcs1_sha256,
    Scheme::rsa_pkcs1_sha384,
    Scheme::rsa_pkcs1_sha512,
];
pub const P256: [Scheme; 3] =
    [Scheme::ecdsa_secp256r1_sha256, Scheme::ecdsa_secp384r1_sha384, Scheme::ecdsa_secp521r1_sha512];
pub const P384: [Scheme; 3] =
    [Scheme::ecdsa_secp384r1_sha384, Scheme::ecdsa_secp521r1_sha512, Scheme::ecdsa_secp256r1_sha256];
pub const P521: [Scheme; 3] =
    [Scheme::ecdsa_secp521r1_sha512, Scheme::ecdsa_secp384r1_sha384, Scheme::ecdsa_secp256r1_sha256];

/// The module, initialised by the library under test, and the slot of the token.
pub fn module() -> (Pkcs11, Slot) {
    let module = Pkcs11::new(MODULE).expect("loads");
    let slot = module.get_slots_with_initialized_token().expect("lists")[0];
    (module, slot)
}

/// Logs the program out of the token: private keys are lost to every session of it.
pub fn log_out() {
    let (module, slot) = module();
    module.open_ro_session(slot).expect("opens").logout().expect("logged out");
}

/// A key pair in the token with a private half as this says, P-256 or RSA.
pub fn pair(label: &str, kind: KeyKind, private: &[Attribute]) {
    let (module, slot) = module();
    let session = module.open_rw_session(slot).expect("opens");
    let common = [Attribute::Token(true), Attribute::Label(label.into()), Attribute::Id(label.into())];
    let (mechanism, of_kind) = match kind {
        KeyKind::Rsa => (Mechanism::RsaPkcsKeyPairGen, Attribute::ModulusBits(2048.into())),
        _ => {
            let p256 = Attribute::EcParams(b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07".to_vec());
            (Mechanism::EccKeyPairGen, p256)
        }
    };
    let public = [&common[..], &[of_kind]].concat();
    let private = [&common[..], private].concat();
    session.generate_key_pair(&mechanism, &public, &private).expect("made");
}
