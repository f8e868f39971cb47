//! CAs whose key is not in their folder.

mod common;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use common::*;
use handclasp_authority::{AuthorityFolder, AuthorityParams, AuthorityProblem};
use handclasp_codec::SignatureScheme;
use handclasp_identity::{ExternalSigner, Identity, KeyLocation, SignerFailure};
use handclasp_provider_aws_lc::SystemRandom;

/// A script that signs with a key of OpenSSL, as docs/identity.md shows it.
fn signer(folder: &Folder, key: &str) -> KeyLocation {
    folder.accepts(
        "openssl",
        &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key],
        &[],
    );
    let public = folder.accepts("openssl", &["pkey", "-in", key, "-pubout"], &[]);
    let path = folder.path(key).display().to_string();
    let script = format!(
        "case $1 in\ndescribe) printf 'handclasp-signer 1\\nschemes: ecdsa_secp256r1_sha256\\n{}' ;;\n\
         sign) test ! -e {path}.broken || {{ echo 'the card is gone' >&2; exit 1; }}; openssl dgst -sha256 -sign {path} ;;\nesac\n",
        public.replace('\n', "\\n")
    );
    let script = folder.write(&format!("{key}.sh"), script);
    KeyLocation::Command(format!("sh {}", script.display()))
}

#[test]
fn the_key_stays_behind_its_command() {
    let folder = Folder::new();
    let location = signer(&folder, "ca.key");
    let key = location.open(Vec::new()).expect("signs");
    let params = AuthorityParams::new("Example CA");
    AuthorityFolder::create_with_key(folder.path("ca"), &params, key, Some(&location)).expect("made");
    assert!(!folder.path("ca/key.pem").exists());
    // Opened again, the folder knows where its key is.
    let ca = AuthorityFolder::open(folder.path("ca")).unwrap();
    assert_eq!(ca.key_location().unwrap(), Some(location));
    let made = signed(&ca, &request(&["a.example.com"]), &device());
    folder.write("a.pem", made.pem());
    folder.write("crl.pem", ca.crl(1).unwrap().pem());
    let verify = ["verify", "-crl_check", "-CAfile", "ca/certificate.pem", "-CRLfile", "crl.pem", "a.pem"];
    folder.accepts("openssl", &verify, &["OK"]);
    // The signer fails: its words are heard, and nothing is recorded.
    let opened = ca.key_location().unwrap().unwrap().open(Vec::new()).unwrap();
    let ca = AuthorityFolder::open(folder.path("ca")).unwrap().with_key(opened).unwrap();
    folder.write("ca.key.broken", "");
    refused(&ca, &request(&["b.example.com"]), &device(), "the card is gone");
    // Opening signs a probe.
    let ca = AuthorityFolder::open(folder.path("ca")).unwrap();
    refused(&ca, &request(&["b.example.com"]), &device(), "the card is gone");
}

#[test]
fn a_key_of_another_ca_is_refused() {
    let folder = Folder::new();
    let (first, second) = (signer(&folder, "first.key"), signer(&folder, "second.key"));
    let params = AuthorityParams::new("Example CA");
    let key = first.open(Vec::new()).unwrap();
    AuthorityFolder::create_with_key(folder.path("ca"), &params, key, None).expect("made");
    let open = || AuthorityFolder::open(folder.path("ca")).unwrap();
    assert_eq!(open().key_location().unwrap(), None);
    refused(&open(), &request(&["a"]), &device(), "has neither key.pem nor key-location");
    let other = open().with_key(second.open(Vec::new()).unwrap()).unwrap_err();
    assert!(matches!(other.problem, AuthorityProblem::OtherKey), "{other}");
    signed(&open().with_key(first.open(Vec::new()).unwrap()).unwrap(), &request(&["a"]), &device());
    // What the folder says is not believed either.
    AuthorityFolder::create_with_key(
        folder.path("b"),
        &params,
        first.open(Vec::new()).unwrap(),
        Some(&first),
    )
    .unwrap();
    let opener = Arc::new(move |_: &KeyLocation, chain| second.open(chain));
    let ca = AuthorityFolder::open(folder.path("b")).unwrap().with_key_opener(opener);
    refused(&ca, &request(&["b"]), &device(), "the private key is not that of");
    // Another file in place of key.pem.
    AuthorityFolder::create(folder.path("c"), &params).unwrap();
    AuthorityFolder::create(folder.path("d"), &params).unwrap();
    std::fs::copy(folder.path("d/key.pem"), folder.path("c/key.pem")).unwrap();
    let ca = AuthorityFolder::open(folder.path("c")).unwrap();
    refused(&ca, &request(&["c"]), &device(), "the private key is not that of");
    // A signer that makes no certificate leaves no folder.
    let raw = Identity::raw_key_from_pem(folder.read("d/key.pem").as_bytes()).unwrap();
    drop(
        AuthorityFolder::create_with_key(folder.path("e"), &AuthorityParams::new(""), raw, None).unwrap_err(),
    );
    assert!(!folder.path("e").exists());
}

/// A token that is slow: while it signs, another process signs the same request.
struct Slow {
    key: Identity,
    public_key: Vec<u8>,
    ca: PathBuf,
    request: Vec<u8>,
    is_armed: Arc<AtomicBool>,
}

impl ExternalSigner for Slow {
    fn public_key(&self) -> &[u8] {
        &self.public_key
    }
    fn schemes(&self) -> &[SignatureScheme] {
        &[SignatureScheme::ecdsa_secp256r1_sha256]
    }
    fn sign(&self, scheme: SignatureScheme, message: &[u8]) -> Result<Vec<u8>, SignerFailure> {
        if self.is_armed.swap(false, Ordering::Relaxed) {
            let other = AuthorityFolder::open(&self.ca).expect("opens");
            signed(&other, &self.request, &device());
        }
        self.key.sign(scheme, message, &mut SystemRandom).map_err(|_| SignerFailure::Scheme)
    }
}

#[test]
fn a_key_that_another_process_certifies_meanwhile_is_refused() {
    let folder = Folder::new();
    let ca = folder.ca();
    let (path, request) = (folder.path("ca"), request(&["a.example.com"]));
    let key = Identity::raw_key_from_pem(folder.read("ca/key.pem").as_bytes()).unwrap();
    let (is_armed, public_key) = (Arc::new(AtomicBool::new(false)), key.spki().to_vec());
    let slow = Slow { key, public_key, ca: path, request: request.clone(), is_armed: Arc::clone(&is_armed) };
    let ca = ca.with_key(Identity::from_external(Vec::new(), Box::new(slow)).unwrap()).unwrap();
    is_armed.store(true, Ordering::Relaxed);
    let error = ca.sign(&request, &device()).unwrap_err();
    assert!(matches!(error.problem, AuthorityProblem::KnownKey(_)), "{error}");
    assert_eq!(ca.issued().unwrap().len(), 1);
}
