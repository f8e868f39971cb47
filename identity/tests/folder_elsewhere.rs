//! Identity folders whose private key is elsewhere: made, renewed, certified and rotated without a secret in them.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use handclasp_crypto::KeyKind;
use handclasp_identity::{
    Authority, CertificateParams, FolderProblem, Identity, IdentityFolder, IssuedCertificate, KeyLocation,
    Validity,
};

/// A vault that keeps a key under a name: `command:NAME`.
struct Vault {
    keys: Vec<(&'static str, IssuedCertificate)>,
    opened: AtomicUsize,
}

impl Vault {
    fn new() -> Arc<Self> {
        let key = |name| {
            (name, IssuedCertificate::self_signed(&CertificateParams::new(&["a.example"])).expect("made"))
        };
        Arc::new(Self { keys: ["one", "two"].map(key).into(), opened: AtomicUsize::new(0) })
    }

    fn open(&self, location: &KeyLocation) -> Result<Identity, String> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        let KeyLocation::Command(name) = location else {
            return Err(format!("not in the vault: {location}"));
        };
        let key =
            self.keys.iter().find(|(known, _)| known == name).ok_or(format!("the vault has no {name}"))?;
        Identity::raw_key_from_pem(key.1.key_pem().as_bytes()).map_err(|error| error.to_string())
    }

    fn folder(self: &Arc<Self>, parent: &tempfile::TempDir) -> IdentityFolder {
        let vault = Arc::clone(self);
        IdentityFolder::new(parent.path().join("meter"))
            .with_opener(Arc::new(move |location, _| Ok(vault.open(location)?)))
    }

    fn opened(&self) -> usize {
        self.opened.load(Ordering::Relaxed)
    }
}

fn at(name: &str) -> KeyLocation {
    KeyLocation::Command(name.into())
}

fn content(folder: &IdentityFolder) -> String {
    fs::read_to_string(folder.identity_file()).expect("a file")
}

#[test]
fn made_and_loaded_without_a_secret_in_the_file() {
    let (vault, parent) = (Vault::new(), tempfile::tempdir().expect("a folder"));
    let folder = vault.folder(&parent);
    folder.create_with_key("meter-7", at("one"), &vault.open(&at("one")).expect("there")).expect("made");
    assert!(content(&folder).contains("\nKey: command:one\n") && !content(&folder).contains("PRIVATE KEY"));
    let opened = vault.opened();
    let described = folder.describe().expect("there");
    assert_eq!((described.name.as_str(), &described.location), ("meter-7", &at("one")));
    assert!(described.is_self_signed && described.key_kind() == Some(KeyKind::P256));
    assert_eq!(vault.opened(), opened, "a description opens no key");
    let identity = folder.load().expect("there");
    assert_eq!((identity.spki(), identity.chain()), (described.spki, &described.chain[..]));
    let error = folder.create_with_key("b", at("two"), &vault.open(&at("two")).expect("there"));
    assert!(matches!(error.expect_err("there is one").problem, FolderProblem::Exists));
}

#[test]
fn renewed_certified_and_rotated() {
    let (vault, parent) = (Vault::new(), tempfile::tempdir().expect("a folder"));
    let folder = vault.folder(&parent);
    let one = vault.open(&at("one")).expect("there");
    folder.create_with_key("meter-7", at("one"), &one).expect("made");
    let renewed = folder.renew(Validity::starting_now()).expect("renewed");
    assert_eq!(renewed.spki(), one.spki());

    let error = folder.rotate().expect_err("a key in the file");
    assert!(matches!(error.problem, FolderProblem::Elsewhere(_)), "{error}");
    let error = folder.rotate_to(at("one"), &one).expect_err("the same key");
    assert!(error.to_string().contains("same"), "{error}");
    let two = vault.open(&at("two")).expect("there");
    let statement = folder.rotate_to(at("two"), &two).expect("rotated");
    assert_eq!((statement.old_key(), statement.new_key()), (&*one.spki(), &*two.spki()));
    let loaded = folder.load().expect("there");
    assert_eq!((loaded.spki(), folder.rotations().expect("there")), (two.spki(), vec![statement]));

    // From the file to the vault works, too.
    let plain = IdentityFolder::new(parent.path().join("plain"));
    let before = plain.create("meter-8").expect("made");
    plain.rotate_to(at("two"), &two).expect("rotated");
    assert_eq!(&*before.spki(), plain.rotations().expect("there")[0].old_key());
    assert!(!content(&plain).contains("PRIVATE KEY"), "the old key is gone");

    // A chain is installed without the key.
    let opened = vault.opened();
    let root = Authority::new("root", Validity::starting_now(), KeyKind::P256).expect("made");
    let other = root.issue(&CertificateParams::new(&["meter-7"])).expect("issued");
    let error = folder.install_chain(other.chain).expect_err("another key");
    assert!(matches!(error.problem, FolderProblem::Chain(_)), "{error}");
    assert!(error.to_string().contains("public keys differ") && error.to_string().contains("not installed"));
    assert_eq!(vault.opened(), opened);
}

#[test]
fn what_cannot_be_opened_says_why() {
    let (vault, parent) = (Vault::new(), tempfile::tempdir().expect("a folder"));
    let folder = vault.folder(&parent);
    folder.create_with_key("meter-7", at("one"), &vault.open(&at("one")).expect("there")).expect("made");
    let sound = content(&folder);
    let key = vault.keys[0].1.key_pem();
    let unknown = "Key: cloud:one";
    for (damaged, words) in [
        (sound.replace("command:one", "command:three"), "the vault has no three"),
        (sound.replace("command:one", "command:two"), "public keys differ"),
        (
            sound.replace("Key: command:one", unknown),
            "expected pkcs11:…, ssh-agent:FINGERPRINT or command:LINE",
        ),
        (sound.replace("Key: command:one", "Key: command: "), "expected pkcs11:"),
        (sound.clone() + &key, "expected either this line or a private key, found both"),
        (sound.replace("CERTIFICATE", "CERTIFICATES"), "expected a certificate"),
    ] {
        fs::write(folder.identity_file(), &damaged).expect("a file");
        fs::set_permissions(folder.identity_file(), fs::Permissions::from_mode(0o600)).expect("its mode");
        let error = folder.load().expect_err(words);
        assert!(error.to_string().contains(words), "{words:?} is missing: {error}");
        assert!(!error.to_string().contains("PRIVATE"), "{error}");
        let _ = folder.renew(Validity::starting_now()).expect_err(words);
        assert_eq!(content(&folder), damaged, "left as it is");
    }
}

#[test]
fn locations_as_text() {
    for (text, location) in [
        ("pkcs11:token=a?module-path=/b", KeyLocation::Pkcs11("pkcs11:token=a?module-path=/b".into())),
        ("ssh-agent:SHA256:abc", KeyLocation::SshAgent("SHA256:abc".into())),
        ("command:tpm-sign --handle 1", KeyLocation::Command("tpm-sign --handle 1".into())),
    ] {
        assert_eq!(text.parse(), Ok(location.clone()));
        assert_eq!(location.to_string(), text);
    }
    for text in ["", "identity.pem", "command:", "ssh-agent: ", "command:a\nName: b", "PKCS11:a"] {
        assert!(text.parse::<KeyLocation>().is_err(), "{text}");
    }
}
