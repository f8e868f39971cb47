//! Certificate signing requests and self-signed certificates, made through signers, as other programs
//! read them: OpenSSL, GnuTLS and Java.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use handclasp_crypto::{KeyEncoding, KeyKind, Random, SignError, SigningKey};
use handclasp_identity::{
    CertificateParams, CertificateRequest, Identity, IssueError, IssuedCertificate, SubjectField, Usage,
    to_pem,
};
use handclasp_provider_aws_lc::{KEYS, SystemRandom, VERIFY};
use rustls_pki_types::CertificateDer;

use SignatureScheme as Scheme;
use handclasp_codec::SignatureScheme;

/// What becomes of a signature.
type Change = fn(Vec<u8>) -> Result<Vec<u8>, SignError>;

/// A signer outside of the provider, with a fault of the test's choice.
struct Outside {
    key: Box<dyn SigningKey>,
    schemes: Vec<Scheme>,
    change: Change,
}

impl SigningKey for Outside {
    fn public_key(&self) -> &[u8] {
        self.key.public_key()
    }
    fn schemes(&self) -> &[Scheme] {
        &self.schemes
    }
    fn sign(&self, scheme: Scheme, message: &[u8], random: &mut dyn Random) -> Result<Vec<u8>, SignError> {
        self.key.sign(scheme, message, random).and_then(self.change)
    }
}

/// A raw key whose signer is outside.
fn outside(kind: KeyKind, change: Change) -> Outside {
    let pkcs8 = KEYS.generate(kind, &mut SystemRandom).expect("made");
    let key = KEYS.load(KeyEncoding::Pkcs8, &pkcs8).expect("loads");
    let schemes = key.schemes().to_vec();
    Outside { key, schemes, change }
}

fn identity(kind: KeyKind) -> Identity {
    Identity::raw_key_from_signer(Box::new(outside(kind, Ok))).expect("fits")
}

const KINDS: [KeyKind; 4] = [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519, KeyKind::Rsa];
const NAMES: [&str; 3] = ["device.example", "*.lab.example", "192.0.2.7"];
const SUBJECT: [(SubjectField, &str); 4] = [
    (SubjectField::Country, "DE"),
    (SubjectField::Organization, "Büro & Söhne"),
    (SubjectField::CommonName, "device 7"),
    (SubjectField::SerialNumber, "0042-A"),
];

fn params() -> CertificateParams<'static> {
    CertificateParams::new(&NAMES).with_subject(&SUBJECT).with_usage(Usage::Client)
}

/// Runs a program with this standard input; both outputs as one text, and whether it succeeded.
fn run(program: &str, arguments: &[&str], input: &str) -> (String, bool) {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} is not installed: {error}"));
    // A program that refuses early reads only a part.
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().expect("ends");
    let text = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    (text, status.success())
}

fn expect(program: &str, arguments: &[&str], input: &str, words: &[&str]) {
    let (text, succeeded) = run(program, arguments, input);
    assert!(succeeded, "{program} {arguments:?}: {text}");
    for word in words {
        assert!(text.contains(word), "{program} {arguments:?}: {word:?} is missing in\n{text}");
    }
}

#[test]
fn openssl_verifies_a_request_of_every_kind() {
    for kind in KINDS {
        let request = identity(kind).certificate_request(&params()).expect("made");
        // OpenSSL's words; it exits with 0 when the signature does not verify.
        expect(
            "openssl",
            &["req", "-verify", "-noout", "-text", "-nameopt", "utf8,sep_comma_plus"],
            &request.pem(),
            &[
                "verify OK",
                "C=DE,O=Büro & Söhne,CN=device 7,serialNumber=0042-A",
                "DNS:device.example, DNS:*.lab.example, IP Address:192.0.2.7",
                "TLS Web Client Authentication",
                "CA:FALSE",
                "Digital Signature",
            ],
        );
    }
}

#[test]
fn openssl_sees_a_request_whose_signature_is_damaged() {
    // What the test above would miss if OpenSSL's words were not looked at.
    let der = identity(KeyKind::P256).certificate_request(&params()).expect("made").der().to_vec();
    let at = der.windows(6).position(|bytes| bytes == b"device").expect("the name");
    let mut damaged = der.clone();
    damaged[at] = b'D';
    let (text, _) = run("openssl", &["req", "-verify", "-noout"], &to_pem("CERTIFICATE REQUEST", &damaged));
    assert!(!text.contains("verify OK"), "{text}");
}

#[test]
fn gnutls_and_java_accept_requests() {
    for kind in KINDS {
        let request = identity(kind).certificate_request(&params()).expect("made").pem();
        expect(
            "certtool",
            &["--crq-info"],
            &request,
            &["Self signature: verified", "DNSname: device.example", "IPAddress: 192.0.2.7"],
        );
        expect("keytool", &["-printcertreq"], &request, &["Büro & Söhne", "device.example"]);
    }
}

#[test]
fn openssl_gnutls_and_java_accept_self_signed_certificates() {
    let folder = tempfile::tempdir().expect("a folder");
    for kind in KINDS {
        let identity = identity(kind);
        let der = identity.self_signed_certificate(&params()).expect("made");
        let pem = to_pem("CERTIFICATE", &der).to_string();
        let file = folder.path().join("certificate.pem");
        std::fs::write(&file, &pem).expect("a file");
        let file = file.display().to_string();
        // -check_ss_sig: a trusted certificate's own signature is not verified otherwise.
        let verify = ["verify", "-check_ss_sig", "-CAfile", &file, "-purpose", "sslclient", &file];
        expect("openssl", &verify, "", &["OK"]);
        expect("openssl", &["x509", "-noout", "-text"], &pem, &["device.example", "Digital Signature"]);
        expect("certtool", &["--certificate-info"], &pem, &["device.example", "TLS WWW Client"]);
        expect("keytool", &["-printcert"], &pem, &["device.example", "clientAuth"]);
        let identity = identity.with_chain(vec![der]).expect("is for the key");
        assert_eq!(identity.chain().len(), 1);
    }
}

#[test]
fn a_chain_for_another_key_is_refused() {
    let other = IssuedCertificate::self_signed(&CertificateParams::new(&["a.example"])).expect("made");
    let error = identity(KeyKind::P256).with_chain(other.chain).expect_err("another key");
    assert!(error.to_string().contains("the public keys differ"), "{error}");
}

#[test]
fn a_signature_that_does_not_verify_makes_no_request() {
    let raw = |der: Vec<u8>| {
        let read = handclasp_crypto::EcdsaSignature::read(&der).expect("DER");
        let fill = |integer: &[u8]| [vec![0; 32 - integer.len()], integer.to_vec()].concat();
        Ok([fill(read.r), fill(read.s)].concat())
    };
    let damaged = |mut der: Vec<u8>| {
        *der.last_mut().expect("not empty") ^= 1;
        Ok(der)
    };
    let locked = |_: Vec<u8>| Err(SignError::Because("the PIN is locked"));
    let cases: [(Change, SignError, &str); 3] = [
        (raw, SignError::RawEcdsa, "r and s concatenated"),
        (damaged, SignError::DoesNotVerify, "another private key"),
        (locked, SignError::Because("the PIN is locked"), "the PIN is locked"),
    ];
    for (change, why, words) in cases {
        let identity = Identity::raw_key_from_signer(Box::new(outside(KeyKind::P256, change))).expect("fits");
        for error in [
            identity.certificate_request(&params()).expect_err("refused"),
            identity.self_signed_certificate(&params()).expect_err("refused"),
        ] {
            assert_eq!(error, IssueError::Signer(why));
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

#[test]
fn a_signer_without_a_scheme_of_certificates_is_told() {
    let mut signer = outside(KeyKind::Rsa, Ok);
    signer.schemes = vec![Scheme::rsa_pss_rsae_sha256];
    let error =
        CertificateRequest::new_with(&params(), &signer, VERIFY, &mut SystemRandom).expect_err("PSS only");
    assert_eq!(error, IssueError::NoCertificateScheme(KeyKind::Rsa));
    assert!(error.to_string().contains("rsa_pkcs1_sha256"), "{error}");
    // The other hashes do.
    signer.schemes = vec![Scheme::rsa_pss_rsae_sha256, Scheme::rsa_pkcs1_sha512];
    let request = CertificateRequest::new_with(&params(), &signer, VERIFY, &mut SystemRandom).expect("made");
    let words = ["verify OK", "sha512WithRSAEncryption"];
    expect("openssl", &["req", "-verify", "-noout", "-text"], &request.pem(), &words);
    let p521 = outside(KeyKind::P521, Ok);
    let error = CertificateRequest::new_with(&params(), &p521, VERIFY, &mut SystemRandom).expect_err("P-521");
    assert_eq!(error, IssueError::Unsupported(KeyKind::P521));
}

#[test]
fn values_of_a_subject() {
    let identity = identity(KeyKind::P256);
    for (field, value) in [
        (SubjectField::Country, "de"),
        (SubjectField::Country, "DEU"),
        (SubjectField::CommonName, ""),
        (SubjectField::CommonName, "line\nbreak"),
        (SubjectField::SerialNumber, "Ä"),
    ] {
        let subject = [(field, value)];
        let error = identity.certificate_request(&params().with_subject(&subject)).expect_err("refused");
        assert_eq!(error, IssueError::Subject(field, value.into()));
        assert!(error.to_string().contains("expected"), "{error}");
    }
    let long = "x".repeat(65);
    let twice = [(SubjectField::Locality, "Rome"), (SubjectField::Locality, "Bonn")];
    for subject in [&[(SubjectField::Organization, long.as_str())][..], &twice] {
        assert!(identity.certificate_request(&params().with_subject(subject)).is_err());
    }
    // Without a name a subject is enough, and without both there is nothing.
    let pinned = CertificateParams::new(&[]).with_subject(&SUBJECT);
    let request = identity.certificate_request(&pinned).expect("made");
    let (text, _) = run("openssl", &["req", "-verify", "-noout", "-text"], &request.pem());
    assert!(text.contains("verify OK") && !text.contains("Subject Alternative Name"), "{text}");
    let certificate: CertificateDer<'_> = identity.self_signed_certificate(&pinned).expect("made");
    assert!(!certificate.is_empty());
    assert_eq!(identity.certificate_request(&CertificateParams::new(&[])), Err(IssueError::NoName));
}
