//! Encrypted keys whose derivation would take hours or all memory: refused before a passphrase is asked for.

use handclasp_lint::{Code, Linter};
use zeroize::Zeroizing;

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).expect("a short element");
    if length < 0x80 {
        [&[tag, length][..], content].concat()
    } else {
        [&[tag, 0x81, length][..], content].concat()
    }
}

/// EncryptedPrivateKeyInfo in PBES2 with AES-256-CBC and this key derivation (its number, its parameters).
fn encrypted(kdf: &[u8], parameters: &[u8]) -> Vec<u8> {
    let kdf = element(0x30, &[element(6, kdf), element(0x30, parameters)].concat());
    let aes = element(6, b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a");
    let cipher = element(0x30, &[aes, element(4, &[7; 16])].concat());
    let pbes2 = element(6, b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d");
    let algorithm = element(0x30, &[pbes2, element(0x30, &[kdf, cipher].concat())].concat());
    element(0x30, &[algorithm, element(4, &[0; 32])].concat())
}

/// Codes, and whether the passphrase was asked for.
fn lint(der: &[u8]) -> (Vec<Code>, bool) {
    let mut asked = false;
    let report = Linter::without_clock().lint(der, &mut |_| {
        asked = true;
        None::<Zeroizing<String>>
    });
    let codes = report.findings().map(|finding| finding.code).collect();
    (codes, asked)
}

#[test]
fn iterations_are_limited() {
    let of = |iterations: &[u8]| {
        let sha256 = element(0x30, b"\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x09\x05\x00");
        let parameters = [element(4, &[7; 8]), element(2, iterations), sha256].concat();
        encrypted(b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c", &parameters)
    };
    // 2048, as OpenSSL writes it, and 2^31 - 1.
    assert_eq!(lint(&of(&[8, 0])), (vec![Code::KeyEncrypted], true));
    assert_eq!(lint(&of(&[0x7f, 0xff, 0xff, 0xff])), (vec![Code::EncryptionUnknown], false));
}

#[test]
fn memory_of_scrypt_is_limited() {
    let of = |cost: &[u8]| {
        let parameters = [element(4, &[7; 8]), element(2, cost), element(2, &[8]), element(2, &[1])].concat();
        encrypted(b"\x2b\x06\x01\x04\x01\xda\x47\x04\x0b", &parameters)
    };
    // 2^14, as OpenSSL writes it, and 2^30: 1 TiB.
    assert_eq!(lint(&of(&[0x40, 0])), (vec![Code::KeyEncrypted], true));
    assert_eq!(lint(&of(&[0x40, 0, 0, 0])), (vec![Code::EncryptionUnknown], false));
}
