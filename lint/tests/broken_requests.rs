//! Requests as builders written by hand make them: each names its fault and the byte of it. The builder here has
//! the header of one P-256 key, `30 59 30 13 … 03 42 00`, and puts it in front of every key.

mod builder;

use builder::{Key, P256, SIGNATURE, element, outside_of_signed};
use handclasp_lint::{Code, LintReport, Linter, NoPassphrase, Severity};

use crate::builder::{Builder, SPKI};

fn lint(der: &[u8]) -> LintReport {
    Linter::without_clock().lint(der, &mut NoPassphrase)
}

/// Codes of errors and their bytes.
fn errors(report: &LintReport) -> Vec<(Code, usize)> {
    let errors = report.findings().filter(|finding| finding.severity() == Severity::Error);
    let mut errors: Vec<_> =
        errors.map(|finding| (finding.code, finding.place.der.expect("a byte of the DER"))).collect();
    errors.sort_by_key(|(_, at)| *at);
    errors
}

/// Bytes of the template by name: where its parts stand, counted by hand from the subject `CN=device`.
/// 30 81 L | 30 L (or 81 L) …: the header of the outer and of the inner SEQUENCE depend on the length, so the places
/// are searched.
struct Places {
    /// The length of SubjectPublicKeyInfo.
    spki: usize,
    /// The length of its BIT STRING.
    bits: usize,
    /// The first byte of the key, behind the number of unused bits.
    key: usize,
}

fn places(der: &[u8]) -> Places {
    let start = der.windows(SPKI.len()).position(|window| window == SPKI).expect("the algorithm");
    // 30 LL | 30 13 … : SPKI begins at the inner SEQUENCE.
    let bits = start + SPKI.len() + 1;
    Places { spki: start - 1, bits, key: bits + 2 }
}

/// A request around these bytes in the place of the key, with the copied header.
fn copied(key: &[u8]) -> Vec<u8> {
    Builder::new().key_bytes(key).hard_coded().build()
}

#[test]
fn a_request_in_order_has_no_errors() {
    for report in [lint(&Builder::new().build()), lint(&Builder::new().hard_coded().build())] {
        assert_eq!(errors(&report), [], "{report:#?}");
        assert_eq!(report.items[0].facts[2], ("signature", "verifies".to_owned()));
        // It asks for no name.
        let codes: Vec<_> = report.findings().map(|finding| finding.code).collect();
        assert_eq!(codes, [Code::RequestSanMissing]);
        assert!(report.is_wrong());
    }
}

/// Kinds 1 to 9: everything but a point of 65 bytes behind the copied header. Both lengths are wrong, and a third
/// finding names what stands there.
#[test]
fn what_stands_behind_a_copied_header() {
    let key = Key::new(P256);
    let p384 = Key::new(handclasp_crypto::KeyKind::P384);
    let p521 = Key::new(handclasp_crypto::KeyKind::P521);
    let rsa = Key::rsa();
    let mut compressed = vec![2 | (key.point[64] & 1)];
    compressed.extend(&key.point[1..33]);
    let cases: [(&str, Vec<u8>, Code); 11] = [
        ("empty", vec![], Code::KeyEmpty),
        ("cut to 40 bytes", key.point[..40].to_vec(), Code::KeyTruncated),
        ("x and y without 04", key.point[1..].to_vec(), Code::KeyWithoutForm),
        ("SubjectPublicKeyInfo of 91 bytes", key.spki.clone(), Code::KeyNestedSpki),
        ("P-384", p384.point.clone(), Code::KeyOfOtherCurve),
        ("P-521", p521.point.clone(), Code::KeyOfOtherCurve),
        ("RSA", rsa, Code::KeyIsRsa),
        ("compressed", compressed, Code::KeyCompressed),
        ("CKA_EC_POINT", element(0x04, &key.point), Code::KeyWrapped),
        ("key pair", [&key.point[..], &[0x17; 32]].concat(), Code::KeyIsPrivate),
        (
            "hex",
            key.point.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes(),
            Code::KeyIsText,
        ),
    ];
    for (name, bytes, code) in cases {
        let der = copied(&bytes);
        let at = places(&der);
        let report = lint(&der);
        let mut expected = vec![(Code::SpkiLength, at.spki), (Code::BitStringLength, at.bits)];
        // A warning: OpenSSL accepts compressed points.
        if code != Code::KeyCompressed {
            expected.push((code, at.key));
        }
        assert_eq!(errors(&report), expected, "{name}: {report:#?}");
        let finding = report.findings().find(|finding| finding.code == code).expect(name);
        assert_eq!(finding.place.der, Some(at.key), "{name}");
        let length = report.findings().find(|finding| finding.code == Code::BitStringLength).expect(name);
        let real = bytes.len() + 1;
        assert_eq!(length.expected, format!("{real} ({real:02x})"), "{name}");
        assert_eq!(length.found, "66 (42)", "{name}");
    }
}

/// The same keys behind lengths that are right: the key alone is named.
#[test]
fn what_stands_behind_lengths_that_are_right() {
    let key = Key::new(P256);
    let mut off_curve = key.point.clone();
    off_curve[64] ^= 1;
    let mut swapped = vec![4];
    swapped.extend(&key.point[33..]);
    swapped.extend(&key.point[1..33]);
    for (name, bytes, code) in [
        ("empty", vec![], Code::KeyEmpty),
        ("without 04", key.point[1..].to_vec(), Code::KeyWithoutForm),
        ("nested", key.spki.clone(), Code::KeyNestedSpki),
        ("one bit changed", off_curve, Code::KeyOffCurve),
        ("y in front of x", swapped, Code::KeyOffCurve),
        ("zeros", vec![0; 65], Code::KeyForm),
    ] {
        let der = Builder::new().key_bytes(&bytes).build();
        assert_eq!(errors(&lint(&der)), [(code, places(&der).key)], "{name}");
    }
}

#[test]
fn the_number_of_unused_bits() {
    let key = Key::new(P256);
    // The byte is missing: 03 41 04 x y, in front of it both copied lengths.
    let der = Builder::new().bit_string(&key.point).hard_coded().build();
    let at = places(&der);
    let found = errors(&lint(&der));
    let unused = at.key - 1;
    let expected =
        [(Code::SpkiLength, at.spki), (Code::BitStringLength, at.bits), (Code::UnusedBitsMissing, unused)];
    assert_eq!(found, expected);
    let der = Builder::new().bit_string(&[&[7][..], &key.point].concat()).build();
    assert_eq!(errors(&lint(&der)), [(Code::UnusedBits, places(&der).key - 1)]);
}

#[test]
fn algorithms() {
    // sha256WithRSAEncryption over a P-256 key.
    let rsa = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00";
    let der = Builder::new().algorithm(rsa).build();
    // The AlgorithmIdentifier begins behind the signed bytes.
    let algorithm = outside_of_signed(&der);
    // An RSA signature has no encoding to be checked.
    assert_eq!(errors(&lint(&der)), [(Code::SignatureAlgorithmOfOtherKey, algorithm)]);
    let sha1 = b"\x06\x07\x2a\x86\x48\xce\x3d\x04\x01";
    let der = Builder::new().algorithm(sha1).build();
    assert_eq!(errors(&lint(&der)), [(Code::SignatureSha1, outside_of_signed(&der))]);
    // The curve is missing in the key's algorithm: 30 09 06 07 id-ecPublicKey.
    let der = Builder::new().key_algorithm(b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01").build();
    let behind = der.windows(7).position(|window| window == b"\x2a\x86\x48\xce\x3d\x02\x01").unwrap() + 7;
    assert_eq!(errors(&lint(&der)), [(Code::CurveMissing, behind)]);
}

#[test]
fn signatures() {
    let at = |der: &[u8], length: usize| der.len() - length;
    // r and s side by side.
    let (der, length) = Builder::new().raw_signature().build_with_signature();
    assert_eq!(errors(&lint(&der)), [(Code::SignatureRaw, at(&der, length))]);
    // Hashed twice.
    let (der, length) = Builder::new().hashed_twice().build_with_signature();
    assert_eq!(errors(&lint(&der)), [(Code::SignatureOfHash, at(&der, length))]);
    // Of other bytes: the content without tag and length.
    let (der, length) = Builder::new().signed_without_header().build_with_signature();
    assert_eq!(errors(&lint(&der)), [(Code::SignatureInvalid, at(&der, length))]);
    // Empty.
    let der = Builder::new().signature(&[]).build();
    assert_eq!(errors(&lint(&der)), [(Code::SignatureMalformed, der.len())]);
    assert_eq!(SIGNATURE, b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02");
}

#[test]
fn other_fields() {
    let der = Builder::new().without_attributes().build();
    assert_eq!(errors(&lint(&der)), [(Code::AttributesMissing, outside_of_signed(&der))]);
    let der = Builder::new().version(1).build();
    let version = der.windows(3).position(|window| window == [2, 1, 1]).unwrap() + 2;
    assert_eq!(errors(&lint(&der)), [(Code::RequestVersion, version)]);
    // The file is cut.
    let whole = Builder::new().build();
    let cut = &whole[..whole.len() - 10];
    let codes: Vec<_> = errors(&lint(cut)).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, [Code::FileTruncated]);
    assert!(errors(&lint(cut)).contains(&(Code::FileTruncated, cut.len())));
    // A line end behind the DER.
    let longer = [&whole[..], b"\n"].concat();
    assert_eq!(errors(&lint(&longer)), [(Code::BytesBehind, whole.len())]);
}

#[test]
fn no_cut_and_no_changed_byte_panics() {
    let whole = copied(&Key::new(P256).spki);
    for end in 0..whole.len() {
        let _ = lint(&whole[..end]);
    }
    let mut changed = whole.clone();
    for index in 0..whole.len() {
        for value in [0, 0x7f, 0x80, 0xff, whole[index] ^ 0x20] {
            changed[index] = value;
            let _ = lint(&changed);
        }
        changed[index] = whole[index];
    }
}

#[test]
fn in_pem_the_byte_of_the_file_is_named() {
    let der = copied(&[]);
    let pem = handclasp_identity::to_pem("CERTIFICATE REQUEST", &der);
    let file = format!("text in front\r\n{}", pem.replace('\n', "\r\n"));
    let report = lint(file.as_bytes());
    let finding = report.findings().find(|finding| finding.code == Code::SpkiLength).expect("the length");
    let at = places(&der).spki;
    // Decoded from the group of four characters that the byte is in.
    let place = finding.place.file.expect("a byte of the file");
    assert_eq!(finding.place.der, Some(at));
    let head = "text in front\r\n-----BEGIN CERTIFICATE REQUEST-----\r\n".len();
    let character = at * 4 / 3;
    assert_eq!(place, head + character + 2 * (character / 64));
}
