//! Certificates and CRLs with one fault each, written field by field and signed by their own key.

mod builder;

use builder::{Key, P256, SIGNATURE, element};
use handclasp_codec::SignatureScheme;
use handclasp_lint::{Code, LintReport, Linter, NoPassphrase, Severity};
use handclasp_provider_aws_lc::SystemRandom;

/// 2026-11-29.
const NOW: u64 = 1_795_910_400;

/// The fields of a self-signed certificate; each test changes one.
struct Certificate {
    key: Key,
    version: Vec<u8>,
    serial: Vec<u8>,
    algorithm: Vec<u8>,
    not_before: Vec<u8>,
    not_after: Vec<u8>,
    spki: Vec<u8>,
    extensions: Vec<Vec<u8>>,
}

fn extension(id: &[u8], is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if is_critical { &[1, 1, 0xff] } else { &[] };
    element(0x30, &[&element(6, id)[..], critical, &element(4, value)].concat())
}

/// subjectAltName with the DNS name a.
fn names() -> Vec<u8> {
    extension(b"\x55\x1d\x11", false, b"\x30\x03\x82\x01a")
}

fn name() -> Vec<u8> {
    element(0x30, &element(0x31, &element(0x30, b"\x06\x03\x55\x04\x03\x0c\x01a")))
}

fn sign(key: &Key, content: &[u8]) -> Vec<u8> {
    let signed = element(0x30, content);
    let signature =
        key.key.sign(SignatureScheme::ecdsa_secp256r1_sha256, &signed, &mut SystemRandom).unwrap();
    let value = element(3, &[&[0][..], &signature].concat());
    element(0x30, &[&signed[..], &element(0x30, SIGNATURE), &value].concat())
}

impl Certificate {
    fn new() -> Self {
        let key = Key::new(P256);
        Self {
            version: b"\xa0\x03\x02\x01\x02".to_vec(),
            serial: vec![0x11; 8],
            algorithm: SIGNATURE.to_vec(),
            not_before: element(0x17, b"260101000000Z"),
            not_after: element(0x17, b"270101000000Z"),
            spki: key.spki.clone(),
            extensions: vec![names()],
            key,
        }
    }

    fn build(&self) -> Vec<u8> {
        let list = element(0xa3, &element(0x30, &self.extensions.concat()));
        let list = if self.extensions.is_empty() { Vec::new() } else { list };
        let fields = [
            self.version.clone(),
            element(2, &self.serial),
            element(0x30, &self.algorithm),
            name(),
            element(0x30, &[&self.not_before[..], &self.not_after].concat()),
            name(),
            self.spki.clone(),
            list,
        ];
        sign(&self.key, &fields.concat())
    }
}

fn lint(der: &[u8]) -> LintReport {
    Linter::at(NOW).lint(der, &mut NoPassphrase)
}

/// Codes from warnings on, with the byte.
fn wrong(der: &[u8]) -> Vec<(Code, usize)> {
    let report = lint(der);
    let wrong = report.findings().filter(|finding| finding.severity() > Severity::Note);
    let mut wrong: Vec<_> = wrong.map(|finding| (finding.code, finding.place.der.unwrap())).collect();
    wrong.sort_by_key(|(_, at)| *at);
    wrong
}

/// Offset of these bytes in the DER.
fn at(der: &[u8], bytes: &[u8]) -> usize {
    der.windows(bytes.len()).position(|window| window == bytes).expect("the bytes")
}

#[test]
fn one_in_order() {
    let der = Certificate::new().build();
    assert_eq!(wrong(&der), []);
    let signature = ("signature", "ecdsa-with-SHA256, self-signed: verifies".to_owned());
    assert_eq!(lint(&der).items[0].facts.last(), Some(&signature));
}

#[test]
fn the_public_key_behind_a_copied_header() {
    let mut certificate = Certificate::new();
    let point = certificate.key.point.clone();
    // 30 59 30 13 … 03 42 00, and the point without 04; extensions follow.
    certificate.spki = [&[0x30, 0x59][..], builder::SPKI, &[3, 0x42, 0], &point[1..]].concat();
    let der = certificate.build();
    let start = at(&der, &[&[0x30, 0x59][..], builder::SPKI].concat());
    let bits = start + 2 + builder::SPKI.len();
    let expected =
        [(Code::SpkiLength, start + 1), (Code::BitStringLength, bits + 1), (Code::KeyWithoutForm, bits + 3)];
    assert_eq!(wrong(&der), expected);
}

#[test]
fn public_keys() {
    let rsa = |modulus: &[u8], exponent: &[u8]| {
        let key = element(0x30, &[element(2, modulus), element(2, exponent)].concat());
        let algorithm = element(0x30, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00");
        element(0x30, &[&algorithm[..], &element(3, &[&[0][..], &key].concat())].concat())
    };
    let modulus = [&[0, 0xc1][..], &[0x5b; 255]].concat();
    // The algorithm of the signature then is of another kind of key, which is a finding too.
    for (spki, code, place) in [
        (rsa(&modulus, &[4]), Code::RsaMalformed, &[2, 1, 4][..]),
        (rsa(&modulus[..129], &[1, 0, 1]), Code::RsaSmall, &[2, 0x81, 0x81, 0, 0xc1]),
        (rsa(&modulus[1..], &[1, 0, 1]), Code::RsaMalformed, &[2, 0x82, 1, 0, 0xc1]),
    ] {
        let der = Certificate { spki, ..Certificate::new() }.build();
        let header = place.len() - if code == Code::RsaSmall { 2 } else { 1 };
        assert!(wrong(&der).contains(&(code, at(&der, place) + header)), "{code:?}: {:?}", wrong(&der));
    }
    // secp256k1; and parameters of a curve in place of its name.
    let ec = |parameters: &[u8]| {
        let algorithm = element(0x30, &[b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", parameters].concat());
        element(0x30, &[&algorithm[..], &element(3, &[0, 4, 1, 2])].concat())
    };
    for (parameters, code) in [
        (&b"\x06\x05\x2b\x81\x04\x00\x0a"[..], Code::KeyAlgorithmUnknown),
        (b"\x30\x03\x02\x01\x01", Code::CurveExplicit),
        (b"\x05\x00", Code::CurveMissing),
    ] {
        let der = Certificate { spki: ec(parameters), ..Certificate::new() }.build();
        let place = at(&der, b"\x2a\x86\x48\xce\x3d\x02\x01") + 7;
        assert_eq!(wrong(&der), [(code, place)]);
    }
}

#[test]
fn fields() {
    let of = |change: &dyn Fn(&mut Certificate)| {
        let mut certificate = Certificate::new();
        change(&mut certificate);
        certificate.build()
    };
    // A serial number of zero, a negative one, and one of 21 bytes.
    for serial in [vec![0], vec![0x80, 1], vec![0x11; 21]] {
        let der = of(&|certificate| certificate.serial = serial.clone());
        assert_eq!(wrong(&der), [(Code::SerialMalformed, at(&der, &element(2, &serial)) + 2)]);
    }
    let der = of(&|certificate| certificate.not_after = element(0x17, b"250101000000Z"));
    assert_eq!(wrong(&der), [(Code::ValidityReversed, at(&der, b"250101000000Z"))]);
    let der = of(&|certificate| certificate.not_after = element(0x17, b"2701010000Z"));
    assert_eq!(wrong(&der), [(Code::TimeMalformed, at(&der, b"2701010000Z"))]);
    let der = of(&|certificate| certificate.not_after = element(0x17, b"260201000000Z"));
    assert_eq!(wrong(&der), [(Code::Expired, at(&der, b"260201000000Z"))]);
    // ecdsa-with-SHA384 inside, SHA-256 outside.
    let der = of(&|certificate| certificate.algorithm = b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03".to_vec());
    assert_eq!(wrong(&der), [(Code::SignatureAlgorithmsDiffer, builder::outside_of_signed(&der))]);
    // Version 1, without extensions.
    let der = of(&|certificate| {
        certificate.version = Vec::new();
        certificate.extensions = Vec::new();
    });
    let codes: Vec<_> = wrong(&der).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, [Code::CertificateVersion, Code::SanMissing]);
    // Another key in it than the one that signed.
    let other = Key::new(P256);
    let der = of(&|certificate| certificate.spki = other.spki.clone());
    assert!(matches!(wrong(&der)[..], [(Code::SignatureInvalid, _)]));
}

#[test]
fn extensions() {
    let basic =
        |content: &[u8], is_critical| extension(b"\x55\x1d\x13", is_critical, &element(0x30, content));
    let usage = |bits: &[u8]| extension(b"\x55\x1d\x0f", true, &element(3, bits));
    let cases: [(Vec<Vec<u8>>, &[Code]); 8] = [
        (vec![names(), names()], &[Code::ExtensionTwice]),
        (vec![extension(b"\x55\x1d\x11", false, b"\x30\x00")], &[Code::ExtensionMalformed, Code::SanEmpty]),
        (vec![names(), usage(&[7, 0])], &[Code::ExtensionMalformed, Code::KeyUsageMalformed]),
        (vec![names(), usage(&[5, 0x20])], &[Code::KeyUsageSignature]),
        // CAs.
        (vec![basic(&[1, 1, 0xff], false), usage(&[1, 6])], &[Code::CaNotCritical]),
        (vec![basic(&[1, 1, 0xff], true), usage(&[1, 0x82])], &[Code::KeyUsageCertSign]),
        (vec![basic(&[1, 1, 0xff], true), usage(&[1, 6])], &[]),
        (vec![names(), extension(b"\x55\x1d\x11\x01", true, &[5, 0])], &[Code::ExtensionUnknownCritical]),
    ];
    for (extensions, expected) in cases {
        let der = Certificate { extensions, ..Certificate::new() }.build();
        let codes: Vec<_> = wrong(&der).into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes, expected);
    }
}

#[test]
fn revocation_lists() {
    let key = Key::new(P256);
    let number = element(0xa0, &element(0x30, &extension(b"\x55\x1d\x14", false, &[2, 1, 1])));
    let this = element(0x17, b"261101000000Z");
    let next = element(0x17, b"261231000000Z");
    let build = |next: &[u8], number: &[u8]| {
        sign(&key, &[&[2, 1, 1][..], &element(0x30, SIGNATURE), &name(), &this, next, number].concat())
    };
    assert_eq!(wrong(&build(&next, &number)), []);
    let der = build(&[], &number);
    assert_eq!(wrong(&der), [(Code::CrlNextUpdateMissing, at(&der, &number))]);
    let der = build(&next, &[]);
    assert_eq!(wrong(&der), [(Code::CrlNumberMissing, builder::outside_of_signed(&der))]);
    let der = build(&element(0x17, b"261115000000Z"), &number);
    assert_eq!(wrong(&der), [(Code::CrlStale, at(&der, b"261115000000Z"))]);
}
