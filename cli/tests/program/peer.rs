//! Devices of the tests of known peers: identities in folders, and the file that knows them.

use std::{
    fs,
    process::{Command, Output, Stdio},
};

use handclasp::{Identity, Pin, pki_types::SubjectPublicKeyInfoDer};
use handclasp_identity::IdentityFolder;

use super::{Directory, Running, err, program, run_with};

/// A device with an identity of its own.
pub struct Device {
    pub folder: String,
    pub pin: String,
    pub words: String,
}

impl Device {
    pub fn new(directory: &Directory, name: &str) -> Self {
        Self::named(directory, name, name)
    }

    /// `name` is in its certificate.
    pub fn named(directory: &Directory, folder: &str, name: &str) -> Self {
        let folder = directory.at(folder);
        let identity = IdentityFolder::new(&folder).get_or_create(name).unwrap();
        Self::of(folder, &identity)
    }

    fn of(folder: String, identity: &Identity) -> Self {
        let pin = Pin::of_spki(&identity.spki());
        Self { folder, pin: pin.to_string(), words: pin.words() }
    }

    pub fn identity(&self) -> IdentityFolder {
        IdentityFolder::new(&self.folder)
    }

    pub fn spki(&self) -> SubjectPublicKeyInfoDer<'static> {
        self.identity().load().unwrap().spki().into_owned()
    }

    /// `identity.pem`, with the private key.
    pub fn key(&self) -> String {
        format!("{}/identity.pem", self.folder)
    }

    /// `certificate.pem`.
    pub fn certificate(&self) -> String {
        format!("{}/certificate.pem", self.folder)
    }

    /// The device as a server that sends data back.
    pub fn serves(&self, more: &[&str]) -> Running {
        Running::serve(&[&["--identity", &self.folder, "--echo"], more].concat())
    }

    /// The same, after it was replaced by a copy of an earlier state.
    pub fn copy(&self, to: String) -> Self {
        fs::create_dir(&to).unwrap();
        fs::set_permissions(&to, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        for name in ["identity.pem", "certificate.pem"] {
            fs::copy(format!("{}/{name}", self.folder), format!("{to}/{name}")).unwrap();
        }
        Self { folder: to, pin: self.pin.clone(), words: self.words.clone() }
    }

    /// Another key in the same folder, and the file of statements.
    pub fn rotates(&mut self, statements: &str) {
        let (_, statement) = self.identity().rotate().unwrap();
        fs::write(statements, statement.pem()).unwrap();
        *self = Self::of(self.folder.clone(), &self.identity().load().unwrap());
    }
}

/// A key and a self-signed certificate of OpenSSL, which takes any name; returns the pin.
pub fn openssl_identity(name: &str, certificate: &str, key: &str) -> String {
    let subject = format!("/CN={name}");
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8"]);
    command.args(["-days", "2", "-subj", &subject, "-out", certificate, "-keyout", key]);
    let output = command.output().expect("openssl starts");
    assert!(output.status.success(), "{}", err(&output));
    fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let identity = Identity::from_pem_files(certificate, key).unwrap();
    Pin::of_spki(&identity.spki()).to_string()
}

/// A private key of P-256 that claims the public key of a device. OpenSSL compares public keys alone and takes it for
/// that of the device's certificate.
pub fn thieves_key(directory: &Directory, device: &Device) -> String {
    // RFC 5915: version 1, the private key, P-256, the public key.
    let scalar = [0x11; 32];
    let spki = device.spki();
    let point = &spki[spki.len() - 65..];
    let mut der = vec![0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20];
    der.extend(scalar);
    der.extend([0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
    der.extend([0xa1, 0x44, 0x03, 0x42, 0x00]);
    der.extend(point);
    let file = directory.file("thief.der", &der);
    let pem = directory.at("thief.key");
    let mut command = Command::new("openssl");
    command.args(["ec", "-inform", "DER", "-in", &file, "-out", &pem]);
    let output = command.output().expect("openssl starts");
    assert!(output.status.success(), "{}", err(&output));
    pem
}

/// `connect` with these known peers, without a terminal; sends `input`.
pub fn connect(address: &str, known: &str, more: &[&str], input: &[u8]) -> Output {
    run_with(&[&["connect", address, &format!("--tofu={known}"), "--half-close"], more].concat(), input)
}

/// The words after `handclasp` of this command, which ends a line of an output.
pub fn command_in(text: &str, begins: &str) -> Vec<String> {
    let line = text.lines().find_map(|line| line.get(line.find(begins)?..));
    let line = line.unwrap_or_else(|| panic!("no {begins:?} in {text}"));
    line.split(' ').skip(1).map(str::to_owned).collect()
}

/// Runs a command line as a shell does.
pub fn shell(line: &str) -> Output {
    let mut command = Command::new("sh");
    command.args(["-c", line]).env("PATH", path_with_program()).stdin(Stdio::null());
    command.output().unwrap()
}

fn path_with_program() -> String {
    let folder = std::path::Path::new(program()).parent().unwrap().display().to_string();
    format!("{folder}:{}", std::env::var("PATH").unwrap_or_default())
}
