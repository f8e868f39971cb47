//! What is read of a certificate, and that its text is safe to print.

use alloc::string::ToString as _;

use handclasp_identity::{Authority, CertificateParams, SubjectField, Validity};
use handclasp_provider_aws_lc::SHA256;

use super::*;
use crate::{Role, Trust, VerifyOptions};

const fn at(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

fn certificate(name: &str, alt_names: &[&str]) -> Vec<u8> {
    let validity = Validity::new(at(1_000), at(2_000_000_000));
    let root = Authority::new("a root", validity, KeyKind::P384).unwrap();
    let subject = [(SubjectField::CommonName, name), (SubjectField::Organization, "Example")];
    let params = CertificateParams::new(alt_names).with_validity(validity).with_subject(&subject);
    root.issue(&params).unwrap().chain.remove(0).to_vec()
}

fn read(der: &[u8]) -> Option<PeerCertificate> {
    PeerCertificate::from_der_with(der, SHA256)
}

/// What moves a cursor, clears a screen, or changes the direction of text.
fn is_safe(text: &str) -> bool {
    let hidden = ['\u{200b}', '\u{200e}', '\u{202a}', '\u{202e}', '\u{2028}', '\u{2066}', '\u{feff}'];
    !text.chars().any(|c| c.is_control() || hidden.contains(&c))
}

#[test]
fn a_certificate_is_read() {
    let der = certificate("device, 7", &["one.test", "*.two.test", "10.0.0.1"]);
    let peer = read(&der).unwrap();
    assert_eq!((peer.certificate_type, &peer.der), (CertificateType::X509, &der));
    assert_eq!(peer.key, Some(KeyKind::P256));
    // In the order of the certificate.
    assert!(["CN=device\\, 7, O=Example", "O=Example, CN=device\\, 7"].contains(&peer.subject.as_str()));
    assert_eq!(peer.common_name.as_deref(), Some("device, 7"));
    assert_eq!(peer.issuer, "CN=a root");
    assert_eq!((peer.not_before, peer.not_after), (Some(at(1_000)), Some(at(2_000_000_000))));
    assert_eq!(peer.dns_names().collect::<Vec<_>>(), ["one.test", "*.two.test"]);
    assert_eq!(peer.alt_names[2], AltName::Address([10, 0, 0, 1].into()));
    let options = VerifyOptions::new(Role::Server, at(0), &[], SHA256);
    let verified = Trust::DangerNobody.verify_chain(&[&der], &options).unwrap();
    assert_eq!((peer.pin, &peer.spki[..]), (verified.pin, verified.spki.as_ref()));
    let line = peer.to_string();
    let serial: String = peer.serial.iter().map(|byte| format!("{byte:02x}")).collect();
    for part in ["DNS:one.test, DNS:*.two.test, IP:10.0.0.1", &serial, "issued by CN=a root", "1970-01-01"] {
        assert!(line.contains(part), "{line}: {part}");
    }
    assert!(line.ends_with(&peer.pin.to_string()), "{line}");
}

#[test]
fn a_raw_public_key_is_read() {
    let spki = read(&certificate("x", &["x.test"])).unwrap().spki;
    let key = read(&spki).unwrap();
    assert_eq!((key.certificate_type, key.key), (CertificateType::RawPublicKey, Some(KeyKind::P256)));
    assert_eq!((&key.der, &key.spki, key.pin), (&spki, &spki, Pin::of(&spki, SHA256)));
    assert_eq!((key.not_after, key.subject.as_str(), key.alt_names.len()), (None, "", 0));
    assert_eq!(key.to_string(), format!("raw public key P-256, {}", key.pin));
}

#[test]
fn names_cannot_change_what_a_terminal_shows() {
    let hostile = "\u{1b}[2Jtrusted\u{202e}evil\r\n=";
    let same_length = "x".repeat(hostile.len());
    let mut der = certificate(&same_length, &["x.test"]);
    let place = der.windows(hostile.len()).position(|window| window == same_length.as_bytes()).unwrap();
    der[place..][..hostile.len()].copy_from_slice(hostile.as_bytes());
    let peer = read(&der).unwrap();
    assert!(is_safe(&peer.subject) && is_safe(&peer.to_string()), "{peer}");
    assert!(peer.subject.contains("\\u{1b}[2Jtrusted\\u{202e}evil\\u{d}\\u{a}\\="), "{}", peer.subject);
    assert_eq!(peer.common_name.as_deref(), Some(hostile), "as it is");
    for name in
        [AltName::Dns("\u{1b}c".into()), AltName::Uri("a\u{2028}".into()), AltName::Email("\r".into())]
    {
        assert!(is_safe(&name.to_string()), "{name}");
    }
}

/// A name of many kinds of strings and of attributes that have no short name.
#[test]
fn strings_of_every_type_are_read() {
    let attribute = |id: &[u8], tag: u8, value: &[u8]| {
        let element = |tag: u8, content: &[u8]| {
            let mut whole = crate::der::sequence(content);
            whole[0] = tag;
            whole
        };
        element(0x31, &crate::der::sequence(&[element(6, id), element(tag, value)].concat()))
    };
    let name = |attributes: &[Vec<u8>]| distinguished_name(&crate::der::sequence(&attributes.concat()));
    let cn = b"\x55\x04\x03";
    assert_eq!(name(&[attribute(cn, 0x0c, "Zoë".as_bytes())]), "CN=Zoë");
    assert_eq!(name(&[attribute(cn, 0x14, b"Zo\xeb")]), "CN=Zoë");
    assert_eq!(name(&[attribute(cn, 0x1e, b"\0Z\0o\0\xeb")]), "CN=Zoë");
    assert_eq!(name(&[attribute(cn, 0x1c, b"\0\0\0Z\0\0\0o\0\0\0\xeb")]), "CN=Zoë");
    assert_eq!(name(&[attribute(b"\x2a\x03\x04", 0x13, b"x"), attribute(cn, 0x13, b"y")]), "1.2.3.4=x, CN=y");
    assert_eq!(name(&[]), "");
    assert_eq!(distinguished_name(b""), "(does not parse)");
    let long = name(&[attribute(cn, 0x0c, &[b'x'; 5_000])]);
    assert!(long.len() < 600 && long.ends_with('…'));
}

/// Every byte of a certificate changed to several values, every cut: it reads or it does not, and what it reads
/// as prints in one line that a terminal can show.
#[test]
fn hostile_certificates_neither_panic_nor_write_to_the_terminal() {
    let whole = certificate("device 7", &["one.test", "10.0.0.1"]);
    let mut count = 0;
    for index in 0..whole.len() {
        for value in [0, 1, 0x0a, 0x1b, 0x30, 0x7f, 0x80, 0x84, 0x9b, 0xff, whole[index] ^ 1] {
            let mut changed = whole.clone();
            changed[index] = value;
            let Some(peer) = read(&changed) else { continue };
            count += 1;
            assert!(is_safe(&peer.to_string()) && is_safe(&peer.subject) && is_safe(&peer.issuer));
            assert!(peer.to_string().len() < 8_000);
        }
        assert_eq!(read(&whole[..index]), None);
    }
    assert!(count > 1_000, "most changes are of keys, signatures and names: {count}");
}
