//! Loading: every format and kind of key, and every way in which a file is not what was meant.
//! The vectors are OpenSSL's (`vectors/make.sh`).

use handclasp_crypto::{KeyEncoding, KeyError, KeyKind, PublicKey, SigningKey};
use handclasp_identity::{Cause, Found, Identity, IdentityError, Input};
use handclasp_provider_aws_lc::{KEYS, SystemRandom, VERIFY};
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer, pem::PemObject,
};

fn vector(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn certificate_der(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(&vector(name)).unwrap()
}

fn key_der(name: &str) -> Vec<u8> {
    PrivateKeyDer::from_pem_slice(&vector(name)).unwrap().secret_der().to_vec()
}

fn load(certificate: &[u8], key: &[u8]) -> Result<Identity, IdentityError> {
    Identity::from_pem(certificate, key)
}

fn cause(certificate: &[u8], key: &[u8]) -> Cause {
    load(certificate, key).unwrap_err().cause
}

const SOUND: [(&str, &str, KeyKind); 9] = [
    ("p256.cert.pem", "p256.sec1.pem", KeyKind::P256),
    ("p256.cert.pem", "p256.pkcs8.pem", KeyKind::P256),
    ("p384.cert.pem", "p384.sec1.pem", KeyKind::P384),
    ("p384.cert.pem", "p384.pkcs8.pem", KeyKind::P384),
    ("p521.cert.pem", "p521.sec1.pem", KeyKind::P521),
    ("p521.cert.pem", "p521.pkcs8.pem", KeyKind::P521),
    ("ed25519.cert.pem", "ed25519.pkcs8.pem", KeyKind::Ed25519),
    ("rsa.cert.pem", "rsa.pkcs1.pem", KeyKind::Rsa),
    ("rsa.cert.pem", "rsa.pkcs8.pem", KeyKind::Rsa),
];

/// Whether what it signs verifies under the key that its certificate shows.
fn signs(identity: &Identity) {
    let spki = identity.spki();
    let key = PublicKey::from_spki(&spki).unwrap();
    assert_eq!(key.kind, identity.key_kind());
    assert!(!identity.schemes().is_empty());
    for scheme in identity.schemes() {
        let signature = identity.sign(*scheme, b"message", &mut SystemRandom).unwrap();
        let verify = VERIFY.iter().find(|one| one.scheme() == *scheme && one.key() == key.kind).unwrap();
        assert_eq!(verify.verify(key.bits, b"message", &signature), Ok(()));
    }
}

#[test]
fn every_kind_and_format() {
    for (certificate, key, kind) in SOUND {
        for chain in [vector(certificate), certificate_der(certificate).to_vec()] {
            for key in [vector(key), key_der(key)] {
                let identity = load(&chain, &key).unwrap_or_else(|error| panic!("{certificate}: {error}"));
                assert_eq!(identity.key_kind(), kind);
                assert_eq!(identity.chain(), [certificate_der(certificate)]);
                signs(&identity);
            }
        }
    }
}

#[test]
fn by_der_and_by_signer() {
    let chain = vec![certificate_der("p256.cert.pem")];
    let key = key_der("p256.sec1.pem");
    assert!(Identity::from_der(chain.clone(), &PrivateSec1KeyDer::from(&key[..]).into()).is_ok());
    assert_eq!(
        Identity::from_der(chain.clone(), &PrivatePkcs8KeyDer::from(&key[..]).into()).unwrap_err().cause,
        Cause::Key(KeyError::Malformed)
    );
    let signer: Box<dyn SigningKey> = KEYS.load(KeyEncoding::Sec1, &key).unwrap();
    let identity = Identity::from_signer(chain, signer).unwrap();
    signs(&identity);
    assert_eq!(format!("{identity:?}"), "Identity { certificates: 1, key: P256, .. }");
    let signer = KEYS.load(KeyEncoding::Sec1, &key).unwrap();
    assert_eq!(
        Identity::from_signer(Vec::new(), signer).unwrap_err().cause,
        Cause::BrokenCertificate { index: 0 }
    );
}

#[test]
fn what_people_have_and_what_works() {
    let (certificate, key) = (vector("p256.cert.pem"), vector("p256.sec1.pem"));
    // Both in one file, in either order.
    let both = [certificate.clone(), key.clone()].concat();
    assert!(load(&both, &both).is_ok());
    let both = [key.clone(), certificate.clone()].concat();
    assert!(load(&both, &both).is_ok());
    // The key's parameters before it; text around sections; CR LF; a byte order mark.
    assert!(load(&certificate, &vector("p256.parameters-and-key.pem")).is_ok());
    let text = [b"subject=CN = p256\n\n".to_vec(), certificate.clone()].concat();
    assert!(load(&text, &key).is_ok());
    let windows = |pem: &[u8]| String::from_utf8(pem.to_vec()).unwrap().replace('\n', "\r\n");
    assert!(load(windows(&certificate).as_bytes(), windows(&key).as_bytes()).is_ok());
    let mark = |pem: &[u8]| [b"\xef\xbb\xbf", pem].concat();
    assert!(load(&mark(&certificate), &mark(&key)).is_ok());
    // A certificate of version 1, as `openssl x509 -req` without extensions makes it.
    assert!(load(&vector("p256.v1.pem"), &key).is_ok());
    // The certificate beside an encrypted key in one file, the key plain in another.
    let beside = [vector("p256.legacy-encrypted.pem"), certificate].concat();
    assert!(load(&beside, &key).is_ok());
}

#[test]
fn something_else_than_a_certificate() {
    let key = vector("p256.sec1.pem");
    for (bytes, found) in [
        (Vec::new(), Found::Nothing),
        (b"server.crt".to_vec(), Found::Text),
        (vector("p256.sec1.pem"), Found::PrivateKey),
        (key_der("p256.sec1.pem"), Found::PrivateKey),
        (key_der("p256.pkcs8.pem"), Found::PrivateKey),
        (key_der("rsa.pkcs1.pem"), Found::PrivateKey),
        (vector("p256.encrypted.pem"), Found::EncryptedKey),
        (vector("p256.legacy-encrypted.pem"), Found::EncryptedKey),
        (vector("p256.public.pem"), Found::PublicKey),
        (vector("p256.request.pem"), Found::Request),
        (vector("p256.p7b.pem"), Found::Pkcs7),
        (vector("p256.p12"), Found::Pkcs12),
        (vector("parameters.pem"), Found::Parameters),
    ] {
        assert_eq!(cause(&bytes, &key), Cause::NotExpected { input: Input::Certificate, found });
    }
}

#[test]
fn something_else_than_a_key() {
    let certificate = vector("p256.cert.pem");
    for (bytes, found) in [
        (Vec::new(), Found::Nothing),
        (vector("p256.cert.pem"), Found::Certificate),
        (certificate_der("p256.cert.pem").to_vec(), Found::Certificate),
        (certificate_der("p256.v1.pem").to_vec(), Found::Certificate),
        (vector("p256.public.pem"), Found::PublicKey),
        (vector("p256.request.pem"), Found::Request),
        (vector("p256.p12"), Found::Pkcs12),
        (vector("openssh.pem"), Found::OpenSsh),
        (vector("parameters.pem"), Found::Parameters),
        (b"\xff\xfeM\0I\0".to_vec(), Found::Utf16),
    ] {
        assert_eq!(cause(&certificate, &bytes), Cause::NotExpected { input: Input::Key, found });
    }
}

#[test]
fn encrypted_keys_are_told() {
    let certificate = vector("p256.cert.pem");
    let der = {
        let pem = String::from_utf8(vector("p256.encrypted.pem")).unwrap();
        let pem = pem.replace("ENCRYPTED PRIVATE KEY", "PRIVATE KEY");
        PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap().secret_der().to_vec()
    };
    for key in [vector("p256.encrypted.pem"), vector("p256.legacy-encrypted.pem"), der] {
        let error = load(&certificate, &key).unwrap_err();
        assert_eq!(error.cause, Cause::Encrypted);
        assert!(error.to_string().contains("openssl pkey -in key.pem"), "{error}");
    }
}

#[test]
fn damage() {
    let (certificate, key) = (vector("p256.cert.pem"), vector("p256.sec1.pem"));
    let damaged = |pem: &[u8]| {
        let text = String::from_utf8(pem.to_vec()).unwrap();
        text.replacen("\nM", "\n*", 1).into_bytes()
    };
    let broken = |input| Cause::BrokenPem { input };
    assert_eq!(cause(&damaged(&certificate), &key), broken(Input::Certificate));
    assert_eq!(cause(&certificate, &damaged(&key)), broken(Input::Key));
    // Cut off before the END line.
    assert_eq!(cause(&certificate[..certificate.len() - 30], &key), broken(Input::Certificate));
    assert_eq!(cause(&certificate, &key[..key.len() - 30]), broken(Input::Key));

    // Cut anywhere as DER: never accepted, never a panic.
    let (certificate_bytes, key_bytes) = (certificate_der("p256.cert.pem"), key_der("p256.pkcs8.pem"));
    for cut in 0..certificate_bytes.len() {
        assert!(load(&certificate_bytes[..cut], &key).is_err());
    }
    for cut in 0..key_bytes.len() {
        assert!(load(&certificate, &key_bytes[..cut]).is_err());
    }
    assert_eq!(
        cause(&certificate_bytes[..certificate_bytes.len() - 1], &key),
        Cause::BrokenCertificate { index: 0 }
    );

    // A scalar that is not the public half's.
    let mut flipped = key_bytes;
    flipped[40] ^= 1;
    assert_eq!(cause(&certificate, &flipped), Cause::Key(KeyError::Malformed));
    // A second certificate that is none.
    let chain = vec![certificate_bytes, vec![0x30, 0].into()];
    assert_eq!(
        Identity::from_der(chain, &PrivateKeyDer::from_pem_slice(&vector("p256.sec1.pem")).unwrap())
            .unwrap_err()
            .cause,
        Cause::BrokenCertificate { index: 1 }
    );
}

#[test]
fn kinds_that_are_not_done() {
    for name in ["secp256k1", "ed448", "rsapss", "rsa1024"] {
        let found = cause(&vector(&format!("{name}.cert.pem")), &vector(&format!("{name}.pkcs8.pem")));
        assert_eq!(found, Cause::Key(KeyError::Unsupported), "{name}");
    }
    // The certificate's, under a sound key.
    for name in ["secp256k1", "ed448"] {
        let found = cause(&vector(&format!("{name}.cert.pem")), &vector("p256.sec1.pem"));
        assert_eq!(found, Cause::CertificateKey, "{name}");
    }
    // This kind is verified and not signed with.
    assert_eq!(
        cause(&vector("rsapss.cert.pem"), &vector("p256.sec1.pem")),
        Cause::OtherKind { certificate: KeyKind::RsaPss, key: KeyKind::P256 }
    );
}

#[test]
fn a_key_of_somebody_else() {
    assert_eq!(
        cause(&vector("p384.cert.pem"), &vector("p256.sec1.pem")),
        Cause::OtherKind { certificate: KeyKind::P384, key: KeyKind::P256 }
    );
    assert_eq!(
        cause(&vector("rsa.cert.pem"), &vector("ed25519.pkcs8.pem")),
        Cause::OtherKind { certificate: KeyKind::Rsa, key: KeyKind::Ed25519 }
    );
    let other = KEYS.generate(KeyKind::P256, &mut SystemRandom).unwrap();
    assert_eq!(cause(&vector("p256.cert.pem"), &other), Cause::OtherKey { kind: KeyKind::P256 });
    // The chain upside down: the key fits the second and the third certificate.
    let chain = |names: &[&str]| names.iter().flat_map(|name| vector(name)).collect::<Vec<_>>();
    let key = vector("p256.sec1.pem");
    assert_eq!(cause(&chain(&["rsa.cert.pem", "p256.cert.pem"]), &key), Cause::Order { index: 1 });
    assert_eq!(
        cause(&chain(&["rsa.cert.pem", "p384.cert.pem", "p256.cert.pem"]), &key),
        Cause::Order { index: 2 }
    );
    assert_eq!(load(&chain(&["p256.cert.pem", "rsa.cert.pem"]), &key).unwrap().chain().len(), 2);
}

/// A directory with the test vectors that only we can read, as keys must be; removed at the end.
struct Private(std::path::PathBuf);

impl Private {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("handclasp-load-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        let this = Self(folder);
        this.mode(".", 0o700);
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors")).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            std::fs::copy(entry.path(), this.0.join(&name)).unwrap();
            this.mode(&name, 0o600);
        }
        this
    }

    #[cfg_attr(not(unix), expect(unused_variables))]
    fn mode(&self, name: &str, mode: u32) {
        #[cfg(unix)]
        std::fs::set_permissions(self.0.join(name), std::os::unix::fs::PermissionsExt::from_mode(mode))
            .unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A private key that other users can read is not private any more; a certificate is public.
#[test]
#[cfg(unix)]
fn a_key_that_others_can_read_is_refused() {
    let files = Private::new("open");
    files.mode("p256.cert.pem", 0o666);
    let load = || Identity::from_pem_files(files.path("p256.cert.pem"), files.path("p256.sec1.pem"));
    assert!(load().is_ok());
    files.mode("p256.sec1.pem", 0o644);
    let key = files.path("p256.sec1.pem");
    let expected = |mode: &str, fix: &str| {
        format!(
            "the private key in {key} cannot be read: mode {mode}, so other users can read it; \
             expected {fix} or less: chmod {} {key}",
            fix.trim_start_matches('0')
        )
    };
    let raw = Identity::raw_key_from_pem_file(&key).unwrap_err().to_string();
    let told = load().unwrap_err().to_string();
    assert_eq!(raw, told);
    // Root's keys may be read by a group.
    let is_roots = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(&key).unwrap()) == 0;
    assert_eq!(told, expected("0644", if is_roots { "0640" } else { "0600" }));
    files.mode("p256.sec1.pem", 0o640);
    assert_eq!(load().is_ok(), is_roots);
}

#[test]
fn files_are_named() {
    let files = Private::new("named");
    let path = |name: &str| files.path(name);
    let load = |certificate: &str, key: &str| Identity::from_pem_files(path(certificate), path(key));
    assert!(load("p256.cert.pem", "p256.sec1.pem").is_ok());

    let error = load("p256.cert.pem", "missing.pem").unwrap_err();
    assert!(matches!(error.cause, Cause::Unreadable { input: Input::Key, .. }));
    assert!(error.to_string().contains("missing.pem cannot be read"), "{error}");
    let error = load("missing.pem", "p256.sec1.pem").unwrap_err();
    assert!(matches!(error.cause, Cause::Unreadable { input: Input::Certificate, .. }));

    let error = load("p256.sec1.pem", "p256.cert.pem").unwrap_err().to_string();
    assert!(error.contains("the certificate in ") && error.contains("p256.sec1.pem"), "{error}");
    assert!(error.contains("found a private key") && error.contains("swapped"), "{error}");
    // Neither does the mode of a certificate, which others may read, hide it.
    files.mode("p256.cert.pem", 0o644);
    let error = load("p256.sec1.pem", "p256.cert.pem").unwrap_err().to_string();
    assert!(error.contains("found a private key") && !error.contains("chmod"), "{error}");
    let error = load("p384.cert.pem", "p256.sec1.pem").unwrap_err().to_string();
    assert!(error.contains("p384.cert.pem is for a key of type P-384"), "{error}");
    assert!(error.contains("p256.sec1.pem is P-256"), "{error}");
    let error = load("p256.cert.pem", "p256.encrypted.pem").unwrap_err().to_string();
    assert!(error.contains("openssl pkey -in") && error.contains("p256.encrypted.pem -out"), "{error}");
}

#[test]
fn every_cause_has_words() {
    let found = [
        Found::Nothing,
        Found::Certificate,
        Found::PrivateKey,
        Found::EncryptedKey,
        Found::PublicKey,
        Found::Request,
        Found::Parameters,
        Found::Crl,
        Found::Pkcs12,
        Found::Pkcs7,
        Found::JavaKeyStore,
        Found::PuttyKey,
        Found::OpenSsh,
        Found::Utf16,
        Found::Pem("PGP".into()),
        Found::Der,
        Found::Text,
        Found::Binary,
    ];
    let inputs = [Input::Certificate, Input::Key];
    let mut causes = vec![
        Cause::CertificateKey,
        Cause::Encrypted,
        Cause::BrokenCertificate { index: 0 },
        Cause::Key(KeyError::Malformed),
        Cause::Key(KeyError::Unsupported),
        Cause::Key(KeyError::Failed),
        Cause::OtherKind { certificate: KeyKind::P521, key: KeyKind::Rsa },
        Cause::OtherKey { kind: KeyKind::Ed25519 },
        Cause::Order { index: 1 },
    ];
    for input in inputs {
        causes.push(Cause::Unreadable { input, reason: "no such file".into() });
        causes.push(Cause::BrokenPem { input });
        causes.push(Cause::WrongPassphrase { input });
        causes.push(Cause::Alone { lacks: input });
        causes.push(Cause::BrokenPkcs12 { input, offset: 7, field: "authSafe" });
        for found in [Found::Pkcs12, Found::EncryptedKey, Found::PrivateKey] {
            causes.push(Cause::UnsupportedEncryption { input, found, algorithm: "RC4".into() });
        }
        causes.extend(found.iter().map(|found| Cause::NotExpected { input, found: found.clone() }));
    }
    let words: std::collections::BTreeSet<String> =
        causes.iter().map(|cause| IdentityError::from(cause.clone()).to_string()).collect();
    assert_eq!(words.len(), causes.len(), "each its own");
    assert!(words.iter().all(|words| words.len() > 30));
}
