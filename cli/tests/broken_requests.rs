//! Certificate requests as builders written by hand make them: `handclasp lint` names the fault and its byte, and
//! OpenSSL, GnuTLS and Java read the same file. What they say is what lint's sentences about peers stand on.

#[path = "../../lint/tests/builder/mod.rs"]
mod builder;
mod program;

use std::process::{Command, Output};

use builder::{Builder, Key, SPKI, element, outside_of_signed};
use handclasp_crypto::KeyKind;
use handclasp_identity::{CertificateParams, IssuedCertificate};
use program::{Directory, out, run};

/// A broken request, its finding, and what peers do.
struct Case {
    name: &'static str,
    der: Vec<u8>,
    /// The code of the finding that names the fault, and its byte.
    finding: (&'static str, usize),
    /// Exit code of `openssl req -verify`, and words; those of a parser that lost its place depend on the key.
    openssl: (i32, &'static str),
    /// Exit code of `certtool --crq-info`, and words.
    gnutls: (i32, &'static str),
    /// Words of Java's reader.
    java: &'static str,
}

/// Offset of the length of SubjectPublicKeyInfo, and of the key behind the number of unused bits.
fn places(der: &[u8]) -> (usize, usize) {
    let start = der.windows(SPKI.len()).position(|window| window == SPKI).expect("the algorithm");
    // A long BIT STRING has one or two more bytes of length.
    let longer = usize::from(der[start + SPKI.len() + 1].saturating_sub(0x80));
    (start - 1, start + SPKI.len() + 3 + longer)
}

const DECODE: (i32, &str) = (1, "decode error");
const LOST: (i32, &str) = (1, "asn1 encoding routines");
const FAILS: (i32, &str) = (0, "verify failure");
const ACCEPTS: (i32, &str) = (0, "verify OK");
const IMPORT: (i32, &str) = (1, "import error: ASN1 parser: Error in ");
const FAILED: (i32, &str) = (0, "Self signature: FAILED");
const EC_KEY: &str = "java.security.InvalidKeyException: Invalid EC key";
const SIGNATURE: &str = "java.security.SignatureException: Invalid PKCS #10 signature";

/// Keys of every kind behind the header of a P-256 key (30 59 30 13 … 03 42 00), and behind lengths that are right.
fn keys() -> Vec<Case> {
    let point = |key: &Key| key.point.clone();
    let compressed = |key: &Key| [&[2 | (key.point[64] & 1)][..], &key.point[1..33]].concat();
    let hex = |key: &Key| key.point.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes();
    let off_curve = |key: &Key| [&key.point[..64], &[key.point[64] ^ 1]].concat();
    let swapped = |key: &Key| [&[4][..], &key.point[33..], &key.point[1..33]].concat();
    type Change<'c> = Box<dyn Fn(&Key) -> Vec<u8> + 'c>;
    let wrong: [(&str, &str, Change<'_>); 13] = [
        ("empty", "key-empty", Box::new(|_| Vec::new())),
        ("cut to 40 bytes", "key-truncated", Box::new(|key| key.point[..40].to_vec())),
        ("x and y without 04", "key-without-form", Box::new(|key| key.point[1..].to_vec())),
        ("SubjectPublicKeyInfo of 91 bytes", "key-nested-spki", Box::new(|key| key.spki.clone())),
        ("P-384", "key-of-other-curve", Box::new(|_| point(&Key::new(KeyKind::P384)))),
        ("P-521", "key-of-other-curve", Box::new(|_| point(&Key::new(KeyKind::P521)))),
        ("RSA", "key-is-rsa", Box::new(|_| Key::rsa())),
        ("CKA_EC_POINT", "key-wrapped", Box::new(|key| element(4, &key.point))),
        ("key pair", "key-is-private", Box::new(|key| [&key.point[..], &[0x17; 32]].concat())),
        ("hex", "key-is-text", Box::new(hex)),
        ("zeros", "key-form", Box::new(|_| vec![0; 65])),
        ("a bit changed", "key-off-curve", Box::new(off_curve)),
        ("y in front of x", "key-off-curve", Box::new(swapped)),
    ];
    let mut cases = Vec::new();
    for (name, code, change) in wrong {
        let der = Builder::new().changed_key(&change).build();
        let java = if code == "key-off-curve" { SIGNATURE } else { EC_KEY };
        let finding = (code, places(&der).1);
        cases.push(Case { name, der, finding, openssl: DECODE, gnutls: FAILED, java });
        let der = Builder::new().changed_key(&change).hard_coded().build();
        // The header is right for 65 bytes.
        if !matches!(code, "key-form" | "key-off-curve") {
            // Where a parser loses its place, its words depend on the bytes there.
            let finding = ("spki-length", places(&der).0);
            cases.push(Case { name, der, finding, openssl: LOST, gnutls: IMPORT, java: "Exception" });
        }
    }
    // Accepted by OpenSSL alone.
    let der = Builder::new().changed_key(compressed).build();
    let finding = ("key-compressed", places(&der).1);
    cases.push(Case { name: "compressed", der, finding, openssl: ACCEPTS, gnutls: FAILED, java: EC_KEY });
    cases
}

/// Algorithms, signatures and other fields.
fn others() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name, der: Vec<u8>, finding, openssl, gnutls, java| {
        cases.push(Case { name, der, finding, openssl, gnutls, java });
    };
    let verified = (0, "Self signature: verified");
    let key = Key::new(builder::P256);
    let der = Builder::new().bit_string(&key.point).hard_coded().build();
    let place = places(&der).1 - 1;
    add("the byte of unused bits is missing", der, ("unused-bits-missing", place), LOST, IMPORT, "Exception");
    let der = Builder::new().bit_string(&[&[7][..], &key.point].concat()).build();
    let place = places(&der).1 - 1;
    add("seven unused bits", der, ("unused-bits", place), DECODE, FAILED, SIGNATURE);
    let der = Builder::new().key_algorithm(b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01").build();
    let place = der.windows(7).position(|window| window == b"\x2a\x86\x48\xce\x3d\x02\x01").unwrap() + 7;
    let java = "EC domain parameters must be encoded in the algorithm identifier";
    add("no curve", der, ("curve-missing", place), DECODE, FAILED, java);
    let rsa = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00";
    let der = Builder::new().algorithm(rsa).build();
    let finding = ("signature-algorithm-of-other-key", outside_of_signed(&der));
    add("sha256WithRSAEncryption", der, finding, (1, "wrong public key type"), FAILED, "Invalid key");
    let der = Builder::new().algorithm(b"\x06\x07\x2a\x86\x48\xce\x3d\x04\x01").build();
    let finding = ("signature-sha1", outside_of_signed(&der));
    add("SHA-1", der, finding, FAILS, FAILED, SIGNATURE);
    let encoding = "Invalid encoding for signature";
    for (name, builder, code, openssl, java) in [
        ("r and s side by side", Builder::new().raw_signature(), "signature-raw", (1, "EVP lib"), encoding),
        ("hashed twice", Builder::new().hashed_twice(), "signature-of-hash", FAILS, SIGNATURE),
        ("signed without tag", Builder::new().signed_without_header(), "signature-invalid", FAILS, SIGNATURE),
        ("empty signature", Builder::new().signature(&[]), "signature-malformed", (1, "EVP lib"), encoding),
    ] {
        let (der, length) = builder.build_with_signature();
        let place = der.len() - length;
        add(name, der, (code, place), openssl, FAILED, java);
    }
    let der = Builder::new().without_attributes().build();
    let place = outside_of_signed(&der);
    add("no attributes", der, ("attributes-missing", place), ACCEPTS, IMPORT, "accepted");
    let der = Builder::new().version(1).build();
    let place = der.windows(3).position(|window| window == [2, 1, 1]).unwrap() + 2;
    add("version 2", der, ("request-version", place), ACCEPTS, verified, "not PKCS #10 v1");
    let whole = Builder::new().build();
    let cut = whole[..whole.len() - 10].to_vec();
    let parsing = (1, "Error in DER parsing");
    let place = cut.len();
    add("cut file", cut, ("file-truncated", place), (1, "not enough data"), parsing, "not enough content");
    let longer = [&whole[..], b"\n"].concat();
    add("a line end behind it", longer, ("bytes-behind", whole.len()), ACCEPTS, parsing, "accepted");
    cases
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn peer(program: &str, package: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).output();
    output.unwrap_or_else(|error| panic!("missing peer: {program} (Debian package {package}): {error}"))
}

fn openssl(file: &str) -> (Option<i32>, String) {
    let output = peer("openssl", "openssl", &["req", "-verify", "-noout", "-inform", "DER", "-in", file]);
    (output.status.code(), text(&output))
}

fn certtool(file: &str) -> (Option<i32>, String) {
    let output = peer("certtool", "gnutls-bin", &["--crq-info", "--inder", "--infile", file]);
    (output.status.code(), text(&output))
}

/// A line for each file, as `keytool -printcertreq` would read it.
fn java(files: &[String]) -> Vec<String> {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../interop/peers/ReadRequests.java");
    let mut arguments = vec!["--add-exports", "java.base/sun.security.pkcs10=ALL-UNNAMED", program];
    arguments.extend(files.iter().map(String::as_str));
    let output = peer("java", "default-jdk-headless", &arguments);
    assert!(output.status.success(), "{}", text(&output));
    out(&output).lines().map(str::to_owned).collect()
}

#[test]
fn each_fault_is_named_with_its_byte_beside_what_peers_say() {
    let cases: Vec<Case> = keys().into_iter().chain(others()).collect();
    let kinds: std::collections::BTreeSet<_> = cases.iter().map(|case| case.name).collect();
    assert!(kinds.len() >= 26, "{kinds:?}");
    let folder = Directory::new("broken-requests");
    let name = |index: usize| format!("{index}.der");
    let files: Vec<String> =
        cases.iter().enumerate().map(|(index, case)| folder.file(&name(index), &case.der)).collect();
    let java = java(&files);
    assert_eq!(java.len(), cases.len(), "{java:#?}");
    for ((case, file), java) in cases.iter().zip(&files).zip(&java) {
        let what = case.name;
        let (code, offset) = case.finding;
        let lint = run(&["lint", file]);
        assert_eq!(lint.status.code(), Some(6), "{what}: {}", out(&lint));
        assert!(out(&lint).contains(&format!("(DER byte {offset})")), "{what}: {}", out(&lint));
        let json = run(&["lint", "--json", file]);
        assert_eq!(json.status.code(), Some(6), "{what}");
        let report: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
        let findings = report["items"][0]["findings"].as_array().expect("findings");
        let is_named = |finding: &&serde_json::Value| {
            finding["code"] == code && finding["der_offset"] == offset && finding["file_offset"] == offset
        };
        assert!(findings.iter().any(|finding| is_named(&finding)), "{what}: {code} at {offset}: {report:#}");
        for ((expected, words), (exit, said), name) in
            [(case.openssl, openssl(file), "openssl"), (case.gnutls, certtool(file), "certtool")]
        {
            assert_eq!(exit, Some(expected), "{what}, {name}: {said}");
            assert!(said.contains(words), "{what}, {name} lacks {words:?}: {said}");
        }
        assert!(java.contains(case.java), "{what}, java lacks {:?}: {java}", case.java);
    }
}

#[test]
fn requests_in_order_are_accepted_by_all() {
    let folder = Directory::new("good-requests");
    let mut files = Vec::new();
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519, KeyKind::Rsa] {
        let params = CertificateParams::new(&["device.example"]).with_key_kind(kind);
        let issued = IssuedCertificate::self_signed(&params).expect("a certificate");
        let identity = issued.identity().expect("an identity");
        let request = identity.certificate_request(&params).expect("a request");
        files.push((kind, folder.file(&format!("{kind:?}.der"), request.der())));
    }
    // We make no requests for keys of P-521.
    let made = folder.at("P521.der");
    let options = "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-521 -nodes -subj /CN=a -keyout /dev/null -addext \
                   subjectAltName=DNS:a -outform DER -out";
    let options: Vec<&str> = options.split_whitespace().chain([made.as_str()]).collect();
    assert!(peer("openssl", "openssl", &options).status.success());
    files.push((KeyKind::P521, made));
    let paths: Vec<String> = files.iter().map(|(_, file)| file.clone()).collect();
    for ((kind, file), java) in files.iter().zip(java(&paths)) {
        let lint = run(&["lint", file]);
        assert_eq!(lint.status.code(), Some(0), "{kind:?}: {}", out(&lint));
        let (exit, said) = openssl(file);
        assert!(exit == Some(0) && said.contains("verify OK"), "{kind:?}: {said}");
        let (exit, said) = certtool(file);
        assert!(exit == Some(0) && said.contains("Self signature: verified"), "{kind:?}: {said}");
        assert_eq!(java, "accepted", "{kind:?}");
    }
}
