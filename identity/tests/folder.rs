//! The identity of a device in its folder: made once whatever happens, renewed, rotated.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{KeyKind, PublicKey, SignError};
use handclasp_identity::{
    Authority, CertificateParams, FolderProblem, Identity, IdentityFolder, KeyRotation, RotationError,
    RotationKey, Validity,
};
use handclasp_provider_aws_lc::VERIFY;
use rustls_pki_types::UnixTime;
use webpki::EndEntityCert;

/// The folder that a child process of the test about several processes uses.
const CHILD: &str = "HANDCLASP_TEST_FOLDER";

fn folder() -> (tempfile::TempDir, IdentityFolder) {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = IdentityFolder::new(parent.path().join("devices/printer"));
    (parent, folder)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it exists").permissions().mode() & 0o7777
}

fn write(folder: &IdentityFolder, content: &[u8]) {
    fs::create_dir_all(folder.path()).expect("a folder");
    fs::write(folder.identity_file(), content).expect("a file");
    fs::set_permissions(folder.identity_file(), fs::Permissions::from_mode(0o600)).expect("its mode");
}

#[test]
fn made_once_and_the_same_afterwards() {
    let (_parent, folder) = folder();
    assert!(matches!(folder.load().expect_err("empty").problem, FolderProblem::Missing));
    assert!(!folder.path().exists(), "loading makes nothing");
    let made = folder.get_or_create("printer.local").expect("made");
    assert_eq!(made.key_kind(), KeyKind::P256);
    let content = fs::read(folder.identity_file()).expect("a file");
    // On a later start, under whatever name.
    for again in [folder.get_or_create("printer.local"), folder.get_or_create("other"), folder.load()] {
        let again = again.expect("there");
        assert_eq!((again.spki(), again.chain()), (made.spki(), made.chain()));
    }
    assert_eq!(fs::read(folder.identity_file()).expect("a file"), content, "not written again");
    assert_eq!(folder.name().expect("there"), "printer.local");
    let leaf = EndEntityCert::try_from(&made.chain()[0]).expect("parses");
    assert_eq!(leaf.valid_dns_names().collect::<Vec<_>>(), ["printer.local"]);

    assert_eq!((mode(folder.path()), mode(&folder.identity_file())), (0o700, 0o600));
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("one").file_name()).collect();
    names.sort();
    assert_eq!(names, ["certificate.pem", "identity.pem"]);
    // The copy of the chain has no key, and comes back if somebody removes it.
    let copy = fs::read_to_string(folder.certificate_file()).expect("a file");
    assert!(copy.starts_with("-----BEGIN CERTIFICATE-----") && !copy.contains("PRIVATE"));
    fs::remove_file(folder.certificate_file()).expect("removed");
    folder.get_or_create("printer.local").expect("there");
    assert_eq!(fs::read_to_string(folder.certificate_file()).expect("again"), copy);
}

#[test]
fn other_programs_read_the_file() {
    let (_parent, folder) = folder();
    folder.get_or_create("printer.local").expect("made");
    folder.rotate().expect("rotated");
    let public = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).output().expect("openssl is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let file = folder.identity_file().display().to_string();
    let of_key = public(&["pkey", "-in", &file, "-pubout"]);
    assert_eq!(public(&["x509", "-in", &file, "-noout", "-pubkey"]), of_key);
}

#[test]
fn names_of_every_kind() {
    for (name, dns) in [("printer.local", 1), ("192.0.2.1", 0), ("Drucker im Büro", 0)] {
        let (_parent, folder) = folder();
        let made = folder.get_or_create(name).expect("made");
        let leaf = EndEntityCert::try_from(&made.chain()[0]).expect("parses");
        assert_eq!(leaf.valid_dns_names().count(), dns, "{name}");
        assert!(leaf.subject().windows(name.len()).any(|part| part == name.as_bytes()));
        assert_eq!(folder.name().expect("there"), name);
    }
    for name in ["", "a\nb", "\u{7}", &"x".repeat(254)] {
        let (_parent, folder) = folder();
        let error = folder.get_or_create(name).expect_err("refused");
        assert!(matches!(error.problem, FolderProblem::Name(_)), "{error}");
        assert!(!folder.path().exists());
    }
    let ed25519 = folder().1.with_key_kind(KeyKind::Ed25519).get_or_create("a").expect("made");
    assert_eq!(ed25519.key_kind(), KeyKind::Ed25519);
}

#[test]
fn a_damaged_file_is_not_overwritten() {
    let (_parent, folder) = folder();
    folder.get_or_create("printer.local").expect("made");
    let sound = fs::read(folder.identity_file()).expect("a file");
    let cut = &sound[..sound.len() / 2];
    for damaged in [&b"not an identity"[..], cut] {
        write(&folder, damaged);
        for error in [
            folder.get_or_create("printer.local").expect_err("damaged"),
            folder.rotate().map(|(identity, _)| identity).expect_err("damaged"),
            folder.renew(Validity::starting_now()).expect_err("damaged"),
        ] {
            assert!(matches!(error.problem, FolderProblem::Identity(_)), "{error}");
            assert!(error.to_string().contains("left as it is"), "{error}");
        }
        assert_eq!(fs::read(folder.identity_file()).expect("a file"), damaged);
    }
    // An empty file is what a process leaves that ends before it has written its first key.
    write(&folder, b"");
    folder.get_or_create("printer.local").expect("made");
    // Temporary files of such a process are no obstacle.
    fs::write(folder.path().join(".identity.pem.new"), b"half a key").expect("a file");
    folder.renew(Validity::starting_now()).expect("renewed");
    assert!(!folder.path().join(".identity.pem.new").exists());
}

#[test]
fn files_that_others_can_read_are_refused() {
    let (_parent, folder) = folder();
    folder.get_or_create("printer.local").expect("made");
    fs::set_permissions(folder.identity_file(), fs::Permissions::from_mode(0o644)).expect("its mode");
    let error = folder.get_or_create("printer.local").expect_err("readable by others");
    assert!(error.to_string().contains("chmod 600"), "{error}");
    fs::set_permissions(folder.identity_file(), fs::Permissions::from_mode(0o600)).expect("its mode");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("its mode");
    let error = folder.get_or_create("printer.local").expect_err("writable by others");
    assert!(error.to_string().contains("chmod go-w"), "{error}");
}

/// Runs in processes of its own, see below.
#[test]
fn child_that_makes_an_identity() {
    if let Some(path) = std::env::var_os(CHILD) {
        let identity = Identity::get_or_create(path, "printer.local").expect("made or loaded");
        let spki = identity.spki();
        println!("spki {}", spki.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }
}

#[test]
fn processes_at_once_end_with_one_identity() {
    for _ in 0..8 {
        let (_parent, folder) = folder();
        let children: Vec<_> = (0..6)
            .map(|_| {
                Command::new(std::env::current_exe().expect("this program"))
                    .args(["--exact", "child_that_makes_an_identity", "--nocapture"])
                    .env(CHILD, folder.path())
                    .stdout(Stdio::piped())
                    .spawn()
                    .expect("starts")
            })
            .collect();
        let mut keys: Vec<String> = Vec::new();
        for child in children {
            let output = child.wait_with_output().expect("ends");
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{text}");
            let start = text.find("spki ").expect("a line") + 5;
            keys.push(text[start..].lines().next().expect("a line").to_owned());
        }
        keys.dedup();
        assert_eq!(keys.len(), 1, "every process has the same key");
        let spki = folder.load().expect("there").spki().to_vec();
        assert_eq!(spki.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), keys[0]);
    }
}

#[test]
fn renewal_keeps_the_key() {
    let (_parent, folder) = folder();
    let before = folder.get_or_create("printer.local").expect("made");
    let time = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let validity = Validity::new(time(1_000_000_000), time(2_000_000_000));
    let after = folder.renew(validity).expect("renewed");
    assert_eq!(after.spki(), before.spki());
    assert_ne!(after.chain(), before.chain());
    assert_eq!(folder.load().expect("there").chain(), after.chain());
    let copy = fs::read_to_string(folder.certificate_file()).expect("a file");
    assert_eq!(copy, *handclasp_identity::to_pem("CERTIFICATE", &after.chain()[0]));
    // A CA's certificate is installed, and not replaced by one of our own.
    let authority = Authority::new("root", validity, KeyKind::P256).expect("made");
    let other = authority.issue(&CertificateParams::new(&["printer.local"])).expect("issued");
    let error = folder.install_chain(other.chain).expect_err("another key");
    assert!(error.to_string().contains("public keys differ"), "{error}");
    assert_eq!(folder.load().expect("there").chain(), after.chain());
}

#[test]
fn a_chain_of_a_ca_is_installed_and_not_replaced_by_our_own() {
    let (_parent, folder) = folder();
    let identity = folder.get_or_create("printer.local").expect("made");
    let ca = tempfile::tempdir().expect("a folder");
    let request = identity.certificate_request(&CertificateParams::new(&["printer.local"])).expect("made");
    fs::write(ca.path().join("request.pem"), request.pem()).expect("a file");
    let script = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out \
                  ca.pem -subj /CN=root -days 7 && openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key \
                  -CAcreateserial -days 7 -copy_extensions copy -out leaf.pem";
    let output = Command::new("sh").args(["-c", script]).current_dir(ca.path()).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let pem = fs::read(ca.path().join("leaf.pem")).expect("issued");
    let leaf = rustls_pki_types::pem::PemObject::from_pem_slice(&pem).expect("parses");
    folder.install_chain(vec![leaf]).expect("is for the key");
    let installed = folder.load().expect("there");
    assert_eq!(installed.spki(), identity.spki());
    assert_ne!(installed.chain(), identity.chain());
    for error in [
        folder.renew(Validity::starting_now()).expect_err("a CA's"),
        folder.rotate().map(|(identity, _)| identity).expect_err("a CA's"),
    ] {
        assert!(matches!(error.problem, FolderProblem::IssuedByAuthority), "{error}");
    }
}

#[test]
fn rotations_lead_from_the_first_key_to_the_last() {
    let (_parent, folder) = folder();
    let folder = folder.with_key_kind(KeyKind::Ed25519);
    let first = folder.get_or_create("printer.local").expect("made");
    let folder = folder.with_key_kind(KeyKind::P384);
    let (second, one) = folder.rotate().expect("rotated");
    let (third, two) = folder.rotate().expect("rotated");
    assert_eq!((second.key_kind(), third.key_kind()), (KeyKind::P384, KeyKind::P384));
    let copy = fs::read_to_string(folder.rotations_file()).expect("a file");
    assert_eq!(copy, one.pem() + &two.pem());
    assert_eq!((one.old_key(), one.new_key()), (&*first.spki(), &*second.spki()));
    assert_eq!((two.old_key(), two.new_key()), (&*second.spki(), &*third.spki()));
    assert!(two.time() >= one.time() && one.time().as_secs() > 1_700_000_000);
    assert_eq!(folder.rotations().expect("there"), [one.clone(), two.clone()]);
    assert_eq!(folder.load().expect("there").spki(), third.spki());
    assert_eq!(folder.name().expect("there"), "printer.local");
    // Renewal keeps the statements.
    folder.renew(Validity::starting_now()).expect("renewed");
    assert_eq!(folder.rotations().expect("there"), [one.clone(), two.clone()]);
    let pem = one.pem() + "between\n" + &two.pem();
    assert_eq!(KeyRotation::all_from_pem(pem.as_bytes()), Ok(vec![one, two]));
}

/// The statement of an Ed25519 key that a P-256 key follows.
fn statement() -> KeyRotation {
    let (_parent, folder) = folder();
    folder.clone().with_key_kind(KeyKind::Ed25519).get_or_create("printer.local").expect("made");
    folder.rotate().expect("rotated").1
}

#[test]
fn a_statement_that_was_changed_is_refused() {
    let statement = statement();
    let bytes = statement.as_bytes();
    assert_eq!(KeyRotation::from_bytes(bytes, VERIFY), Ok(statement.clone()));
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.to_vec();
            changed[at] ^= 1 << bit;
            assert!(KeyRotation::from_bytes(&changed, VERIFY).is_err(), "bit {bit} of byte {at}");
        }
        let error = KeyRotation::from_bytes(&bytes[..at], VERIFY).expect_err("cut off");
        assert_eq!(error, RotationError::Malformed { offset: at }, "cut at byte {at}");
    }
    let longer = [bytes, &[0]].concat();
    let offset = bytes.len();
    assert_eq!(KeyRotation::from_bytes(&longer, VERIFY), Err(RotationError::Malformed { offset }));
    let other = [&[2], &bytes[1..]].concat();
    assert_eq!(KeyRotation::from_bytes(&other, VERIFY), Err(RotationError::Version(2)));
}

#[test]
fn both_keys_must_have_signed() {
    let (mine, other) = (statement(), statement());
    // The documented structure: version, time, two keys, two signatures with their schemes.
    let parts = |statement: &KeyRotation| {
        let bytes = statement.as_bytes().to_vec();
        let signatures = 1 + 8 + 2 + statement.old_key().len() + 2 + statement.new_key().len();
        assert_eq!(bytes[signatures..signatures + 4], [0x08, 0x07, 0, 64], "Ed25519 signed first");
        let second = signatures + 4 + 64;
        assert_eq!(bytes[second..second + 2], SignatureScheme::ecdsa_secp256r1_sha256.0.to_be_bytes());
        (bytes[..signatures].to_vec(), bytes[signatures..second].to_vec(), bytes[second..].to_vec())
    };
    let ((signed, old, _), (_, other_old, other_new)) = (parts(&mine), parts(&other));
    // What the documentation says that the keys sign.
    let content = [" ".repeat(64).as_bytes(), b"handclasp key rotation\0", &signed].concat();
    let ed25519 = VERIFY.iter().find(|one| one.scheme() == SignatureScheme::ed25519).expect("there");
    let key = PublicKey::from_spki(mine.old_key()).expect("parses");
    assert_eq!(ed25519.verify(key.bits, &content, &old[4..]), Ok(()));
    let refused = |old: &[u8], new: &[u8]| {
        let bytes = [&signed, old, new].concat();
        KeyRotation::from_bytes(&bytes, VERIFY).expect_err("one signature is of another key")
    };
    let why = SignError::DoesNotVerify;
    assert_eq!(refused(&other_old, &other_new), RotationError::Signature(RotationKey::Old, why));
    assert_eq!(refused(&old, &other_new), RotationError::Signature(RotationKey::New, why));
    // The signature of the old key in place of the new one's.
    assert!(matches!(refused(&old, &old), RotationError::Signature(RotationKey::New, _)));
    for pem in [
        "-----BEGIN HANDCLASP KEY ROTATION-----\n!\n-----END HANDCLASP KEY ROTATION-----\n",
        &mine.pem()[..60],
    ] {
        assert_eq!(KeyRotation::all_from_pem(pem.as_bytes()), Err(RotationError::Malformed { offset: 0 }));
    }
}
