//! Helpers of the tests: folders of a CA, requests, other programs.

#![allow(dead_code, reason = "each test file uses its part")]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use handclasp_authority::{
    AuthorityError, AuthorityFolder, AuthorityParams, NameConstraints, Profile, SignParams, Signed,
};
use handclasp_identity::{CertificateParams, Identity};

/// A folder of the test, with a CA.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), content).expect("written");
        self.path(name)
    }

    pub fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.path(name)).expect("read")).into_owned()
    }

    /// A CA in `ca`, that may certify example.com and 192.0.2.0/24, but not secret.example.com.
    pub fn ca(&self) -> AuthorityFolder {
        let constraints = NameConstraints::default()
            .permit("example.com".parse().expect("a name"))
            .permit("192.0.2.0/24".parse().expect("a network"))
            .exclude("secret.example.com".parse().expect("a name"));
        let params = AuthorityParams::new("Example CA").with_constraints(constraints);
        AuthorityFolder::create(self.path("ca"), &params).expect("made")
    }

    /// Runs a program in the folder; both outputs as one text, and whether it succeeded.
    pub fn run(&self, program: &str, arguments: &[&str]) -> (String, bool) {
        let output = Command::new(program).args(arguments).current_dir(&self.0).output();
        let Output { status, stdout, stderr } =
            output.unwrap_or_else(|error| panic!("{program} is not installed: {error}"));
        let text = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
        (text, status.success())
    }

    /// A program that succeeds and says these words.
    #[track_caller]
    pub fn accepts(&self, program: &str, arguments: &[&str], words: &[&str]) -> String {
        let (text, succeeded) = self.run(program, arguments);
        assert!(succeeded, "{program} {arguments:?}: {text}");
        for word in words {
            assert!(text.contains(word), "{program} {arguments:?}: {word:?} is missing in\n{text}");
        }
        text
    }

    /// A program that fails and says these words.
    #[track_caller]
    pub fn refuses(&self, program: &str, arguments: &[&str], words: &[&str]) {
        let (text, succeeded) = self.run(program, arguments);
        assert!(!succeeded, "{program} {arguments:?}: {text}");
        for word in words {
            assert!(text.contains(word), "{program} {arguments:?}: {word:?} is missing in\n{text}");
        }
    }

    /// A key of that kind and a request by OpenSSL.
    pub fn openssl_request(&self, name: &str, key: &[&str], more: &[&str]) -> Vec<u8> {
        let (key_file, request) = (format!("{name}.key"), format!("{name}.csr"));
        let start = ["req", "-new", "-nodes", "-keyout", &key_file, "-out", &request];
        self.accepts("openssl", &[&start, key, more].concat(), &[]);
        fs::read(self.path(&request)).expect("read")
    }
}

pub const P256: [&str; 4] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

/// A request of a new device for these names.
pub fn request(names: &[&str]) -> Vec<u8> {
    let device = Identity::self_signed(&["device"]).expect("made");
    device.certificate_request(&CertificateParams::new(names)).expect("made").der().to_vec()
}

pub fn device() -> SignParams {
    SignParams::new(Profile::Device)
}

/// Signs what the CA refuses, with these words.
#[track_caller]
pub fn refused(ca: &AuthorityFolder, request: &[u8], params: &SignParams, words: &str) -> AuthorityError {
    let before = ca.issued().expect("read").len();
    let error = match ca.sign(request, params) {
        Err(error) => error,
        Ok(signed) => panic!("signed, where {words:?} was expected: {:?}", signed.issued),
    };
    assert!(error.to_string().contains(words), "{words:?} is missing: {error}");
    assert_eq!(ca.issued().expect("read").len(), before, "nothing is recorded");
    error
}

#[track_caller]
pub fn signed(ca: &AuthorityFolder, request: &[u8], params: &SignParams) -> Signed {
    ca.sign(request, params).unwrap_or_else(|error| panic!("{error}"))
}
