//! Files that OpenSSL made (`vectors/make.sh`): certificates, chains, keys, CRLs and PKCS#12, each with its findings.

use std::{fs, path::Path};

use handclasp_identity::Found;
use handclasp_lint::{Code, KnownPassphrase, LintReport, Linter, NoPassphrase, Severity};
use zeroize::Zeroizing;

/// 2027-01-01: the certificates of the vectors are valid.
const NOW: u64 = 1_798_761_600;

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn joined(names: &[&str]) -> Vec<u8> {
    names.iter().flat_map(|name| file(name)).collect()
}

fn lint(names: &[&str]) -> LintReport {
    Linter::at(NOW).lint(&joined(names), &mut NoPassphrase)
}

/// Codes from warnings on, in the order of the structures.
fn wrong(report: &LintReport) -> Vec<Code> {
    report
        .findings()
        .filter(|finding| finding.severity() > Severity::Note)
        .map(|finding| finding.code)
        .collect()
}

#[test]
fn what_is_in_order() {
    for names in [
        &["leaf.pem", "root.pem"][..],
        &["leaf.pem", "root.pem", "key.pem"],
        &["root.pem"],
        &["request.pem"],
        &["key.pem"],
        &["ec-parameters-key.pem"],
        &["modern.p12"],
        &["request.pem", "key.pem"],
    ] {
        let report = lint(names);
        assert!(!report.is_wrong(), "{names:?}: {report:#?}");
    }
    let report = lint(&["leaf.pem"]);
    let facts = &report.items[0].facts;
    assert!(facts.contains(&("names", "device.local".to_owned())), "{facts:?}");
    assert!(facts.contains(&("issuer", "CN=Test Root".to_owned())), "{facts:?}");
}

#[test]
fn certificates() {
    for (names, code) in [
        (&["eku.pem", "root.pem"][..], Code::EkuOther),
        (&["key-usage.pem", "root.pem"], Code::KeyUsageSignature),
        (&["no-san.pem", "root.pem"], Code::SanMissing),
        (&["sha1.pem", "root.pem"], Code::SignatureSha1),
        (&["critical.pem", "root.pem"], Code::ExtensionUnknownCritical),
        (&["small.pem"], Code::RsaSmall),
        // Two structures against each other.
        (&["leaf.pem"], Code::ChainMissingIntermediate),
        (&["root.pem", "leaf.pem"], Code::ChainOrder),
        (&["leaf.pem", "other-root.pem"], Code::ChainSignature),
        (&["sub-leaf.pem", "sub.pem", "root.pem"], Code::PathLength),
        (&["leaf.pem", "leaf.pem", "root.pem"], Code::ChainDuplicate),
        (&["under-leaf.pem", "leaf.pem", "root.pem"], Code::IssuerNotCa),
        (&["small.pem", "key.pem"], Code::KeyNotOfCertificate),
    ] {
        let report = lint(names);
        assert!(wrong(&report).contains(&code), "{names:?}: {:?}", wrong(&report));
        assert!(report.is_wrong());
    }
    // The issuer of the leaf is the third one.
    let order = lint(&["sub-leaf.pem", "root.pem", "sub.pem"]);
    assert_eq!(order.items[0].findings[0].code, Code::ChainOrder);
    assert_eq!(order.items[0].findings[0].found, "certificate 3");
    assert_eq!(wrong(&lint(&["eku.pem", "root.pem"])), [Code::EkuOther]);
    assert_eq!(wrong(&lint(&["critical.pem", "root.pem"])), [Code::ExtensionUnknownCritical]);
    assert_eq!(wrong(&lint(&["leaf.pem", "other-root.pem"])), [Code::ChainSignature]);
}

#[test]
fn times_and_their_bytes() {
    let bytes = joined(&["leaf.pem", "root.pem"]);
    let at = |now| Linter::at(now).lint(&bytes, &mut NoPassphrase);
    // 1970, as devices without a clock have it, and 2200.
    for (now, code, digits) in
        [(0, Code::NotYetValid, &b"\x17\x0d"[..]), (7_258_118_400, Code::Expired, b"\x18\x0f")]
    {
        let report = at(now);
        assert_eq!(wrong(&report), [code, code]);
        // The first of these tags of a time in the DER of the leaf.
        let der = <rustls_pki_types::CertificateDer<'_> as rustls_pki_types::pem::PemObject>::from_pem_slice(
            &bytes,
        );
        let der = der.unwrap();
        let tag = der.windows(2).position(|window| window == digits).unwrap();
        assert_eq!(report.items[0].findings[0].place.der, Some(tag + 2));
    }
    assert_eq!(wrong(&Linter::without_clock().lint(&bytes, &mut NoPassphrase)), []);
}

#[test]
fn encrypted_keys() {
    for name in ["key-pbkdf2.pem", "key-pbkdf2-sha1.pem", "key-scrypt.pem"] {
        let encrypted = file(name);
        let report = Linter::at(NOW).lint(&encrypted, &mut |_| Some(Zeroizing::new("secret".to_owned())));
        assert_eq!(report.items[0].facts, [("private key", "P-256".to_owned())], "{name}: {report:#?}");
        assert!(!report.is_wrong());
        let mut asked = 0;
        let report = Linter::at(NOW).lint(&encrypted, &mut |_| {
            asked += 1;
            Some(Zeroizing::new("wrong".to_owned()))
        });
        assert_eq!((wrong(&report), asked), (vec![Code::PassphraseWrong], 3), "{name}");
        let report = Linter::at(NOW).lint(&encrypted, &mut NoPassphrase);
        assert_eq!(report.items[0].findings[0].code, Code::KeyEncrypted, "{name}");
        assert!(!report.is_wrong());
    }
    // Beside a certificate that it does not belong to.
    let bytes = joined(&["small.pem", "key-scrypt.pem"]);
    let report = Linter::at(NOW).lint(&bytes, &mut |_| Some(Zeroizing::new("secret".to_owned())));
    assert!(wrong(&report).contains(&Code::KeyNotOfCertificate));
    // 3DES with SHA-1 is read, and yet not what peers read.
    let secret = &mut |_| Some(Zeroizing::new("secret".to_owned()));
    let old = Linter::at(NOW).lint(&file("key-pbes1.pem"), secret);
    assert_eq!(wrong(&old), [Code::KeyOldEncryption]);
    assert_eq!(old.items[0].findings[0].found, "pbeWithSHAAnd3-KeyTripleDES-CBC");
    assert_eq!(old.items[0].facts, [("private key", "P-256".to_owned())]);
    assert_eq!(lint(&["key-pbes1.pem"]).items[0].findings[0].code, Code::KeyEncrypted);
    assert_eq!(wrong(&lint(&["key-legacy.pem"])), [Code::LegacyEncryption]);
}

#[test]
fn crls() {
    let report = lint(&["crl.pem", "root.pem"]);
    assert_eq!(report.items[0].kind, Found::Crl);
    assert_eq!(report.items[0].facts[1], ("revoked certificates", "1".to_owned()));
    assert_eq!(wrong(&report), [Code::CrlStale]);
    let wrong_key = Linter::without_clock().lint(&joined(&["crl.pem", "other-root.pem"]), &mut NoPassphrase);
    // That root has another key, and no cRLSign.
    assert_eq!(wrong(&wrong_key), [Code::CrlIssuerUsage, Code::SignatureInvalid]);
    let right_key = Linter::without_clock().lint(&joined(&["crl.pem", "root.pem"]), &mut NoPassphrase);
    assert_eq!(wrong(&right_key), []);
}

#[test]
fn pkcs12() {
    let closed = lint(&["modern.p12"]);
    assert_eq!(
        (closed.items[0].kind.clone(), closed.items[0].findings[0].code),
        (Found::Pkcs12, Code::KeyEncrypted)
    );
    let mut asked = 0;
    let open = Linter::at(NOW).lint(&file("modern.p12"), &mut |_| {
        asked += 1;
        Some(Zeroizing::new("secret".to_owned()))
    });
    // Two parts, and one passphrase.
    assert_eq!(asked, 1);
    let kinds: Vec<_> = open.items.iter().map(|item| item.kind.clone()).collect();
    assert_eq!(kinds, [Found::Pkcs12, Found::Certificate, Found::PrivateKey]);
    assert!(open.items[1].facts.contains(&("names", "device.local".to_owned())));
    // Its issuer is not in it; the key is that of the certificate.
    assert_eq!(wrong(&open), [Code::ChainMissingIntermediate]);
    assert_eq!(open.items[1].findings[0].place.file, None);
    let other = Linter::at(NOW).lint(&file("modern.p12"), &mut |_| Some(Zeroizing::new("other".to_owned())));
    // The part with the certificate, and the key.
    assert_eq!(wrong(&other), [Code::PassphraseWrong; 2]);
    // RC2-40 around the certificate and 3DES around the key, both read.
    let old = Linter::at(NOW).lint(&file("legacy.p12"), &mut KnownPassphrase::new("secret"));
    let expected = [Code::Pkcs12OldEncryption, Code::Pkcs12OldEncryption, Code::ChainMissingIntermediate];
    assert_eq!(wrong(&old), expected);
    let names: Vec<_> = old.items[0].findings.iter().map(|finding| finding.found.as_str()).collect();
    assert_eq!(names, ["pbeWithSHAAnd40BitRC2-CBC", "pbeWithSHAAnd3-KeyTripleDES-CBC"]);
    // OpenSSL then leaves the certificate in the clear: it is judged without a passphrase.
    assert_eq!(wrong(&lint(&["no-mac.p12"])), [Code::Pkcs12MacMissing, Code::ChainMissingIntermediate]);
}

#[test]
fn text_around_and_instead() {
    let leaf = file("leaf.pem");
    let text = String::from_utf8(leaf.clone()).unwrap();
    let one = |bytes: &[u8]| {
        let report = Linter::at(NOW).lint(bytes, &mut NoPassphrase);
        report.items[0].findings.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert!(one(text.replace('\n', "\\n").as_bytes()).contains(&Code::EscapedNewlines));
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.bytes().flat_map(|byte| [byte, 0])).collect();
    assert_eq!(one(&utf16), [Code::Utf16]);
    let bare: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    assert!(one(bare.as_bytes()).contains(&Code::PemHeaderMissing));
    assert_eq!(one(b"hello, this is text"), [Code::NotRecognised]);
    assert_eq!(one(b""), [Code::NotRecognised]);
}

#[test]
fn no_cut_and_no_changed_byte_panics() {
    for name in ["leaf.pem", "crl.pem", "request.pem"] {
        let pem = file(name);
        let der = String::from_utf8(pem).unwrap();
        let body: String = der.lines().filter(|line| !line.starts_with("-----")).collect();
        let mut der = vec![0; body.len()];
        let length = base64_decode(body.as_bytes(), &mut der);
        der.truncate(length);
        for end in 0..der.len() {
            let _ = Linter::at(NOW).lint(&der[..end], &mut NoPassphrase);
        }
        for index in 0..der.len() {
            let mut changed = der.clone();
            changed[index] = [0, 0x80, 0xff, 0x30][index % 4];
            let _ = Linter::at(NOW).lint(&changed, &mut NoPassphrase);
        }
    }
}

/// The bytes of base64 without line ends.
fn base64_decode(text: &[u8], out: &mut [u8]) -> usize {
    let value = |letter: &u8| match letter {
        b'A'..=b'Z' => u32::from(letter - b'A'),
        b'a'..=b'z' => u32::from(letter - b'a') + 26,
        b'0'..=b'9' => u32::from(letter - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut length = 0;
    for group in text.chunks(4) {
        let letters: Vec<u32> = group.iter().filter(|letter| **letter != b'=').map(value).collect();
        let bits = letters.iter().fold(0, |bits, value| bits << 6 | value) << (6 * (4 - letters.len()));
        for index in 0..letters.len() - 1 {
            out[length] = (bits >> (16 - 8 * index)) as u8;
            length += 1;
        }
    }
    length
}
