//! Certificates built field by field, so that each of them can be wrong in one place only and still be signed.

#![allow(dead_code, reason = "each test file uses its part")]

pub mod judge;
pub mod tree;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{KeyEncoding, KeyKind, SigningKey};
use handclasp_provider_aws_lc::{KEYS, SystemRandom};

/// Content of the AlgorithmIdentifier ecdsa-with-SHA256.
pub const ECDSA_SHA256: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";

pub const KEY_USAGE: &[u8] = b"\x55\x1d\x0f";
pub const SUBJECT_ALT_NAME: &[u8] = b"\x55\x1d\x11";
pub const BASIC_CONSTRAINTS: &[u8] = b"\x55\x1d\x13";
pub const NAME_CONSTRAINTS: &[u8] = b"\x55\x1d\x1e";
pub const CRL_DISTRIBUTION_POINTS: &[u8] = b"\x55\x1d\x1f";
pub const EXTENDED_KEY_USAGE: &[u8] = b"\x55\x1d\x25";

pub const SERVER_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x01";
pub const CLIENT_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x02";

/// One element of DER.
pub fn tlv(tag: u8, content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    let length = content.len().to_be_bytes();
    let mut out = vec![tag];
    match content.len() {
        short @ 0..=0x7f => out.push(u8::try_from(short).unwrap()),
        0x80..=0xff => out.extend([0x81, length[7]]),
        _ => out.extend([0x82, length[6], length[7]]),
    }
    out.extend_from_slice(content);
    out
}

pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts.concat())
}

/// A Name with one common name.
pub fn name(text: &str) -> Vec<u8> {
    let value = tlv(0x0c, text);
    let attribute = sequence(&[&tlv(6, b"\x55\x04\x03"), &value]);
    tlv(0x30, tlv(0x31, attribute))
}

/// A Time: seconds since 1970, as a GeneralizedTime of the year 1970 to 9999.
pub fn generalized(text: &str) -> Vec<u8> {
    tlv(0x18, text)
}

/// An extension with its value.
pub fn extension(id: &[u8], is_critical: bool, value: impl AsRef<[u8]>) -> Vec<u8> {
    let critical: &[u8] = if is_critical { &[1, 1, 0xff] } else { &[] };
    sequence(&[&tlv(6, id), critical, &tlv(4, value)])
}

/// A key with its SubjectPublicKeyInfo.
pub struct Key(pub Box<dyn SigningKey>);

impl Key {
    pub fn new() -> Self {
        let der = KEYS.generate(KeyKind::P256, &mut SystemRandom).unwrap();
        Self(KEYS.load(KeyEncoding::Pkcs8, &der).unwrap())
    }

    pub fn spki(&self) -> Vec<u8> {
        self.0.public_key().to_vec()
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(SignatureScheme::ecdsa_secp256r1_sha256, message, &mut SystemRandom).unwrap()
    }
}

/// The fields of a certificate, each as DER; a field may hold anything.
#[derive(Clone)]
pub struct Forged {
    pub version: Vec<u8>,
    pub serial: Vec<u8>,
    pub inner_algorithm: Vec<u8>,
    pub issuer: Vec<u8>,
    pub validity: Vec<u8>,
    pub subject: Vec<u8>,
    pub spki: Vec<u8>,
    pub extensions: Vec<Vec<u8>>,
    /// Behind the extensions.
    pub behind: Vec<u8>,
    pub outer_algorithm: Vec<u8>,
}

impl Forged {
    /// Valid from 2020 to 2040, without extensions.
    pub fn new(subject: &str, issuer: &str, key: &Key) -> Self {
        let algorithm = tlv(0x30, ECDSA_SHA256);
        Self {
            version: tlv(0xa0, [2, 1, 2]),
            serial: tlv(2, [1]),
            inner_algorithm: algorithm.clone(),
            issuer: name(issuer),
            validity: sequence(&[&generalized("20200101000000Z"), &generalized("20400101000000Z")]),
            subject: name(subject),
            spki: key.spki(),
            extensions: Vec::new(),
            behind: Vec::new(),
            outer_algorithm: algorithm,
        }
    }

    /// A leaf for `a.test` and 192.0.2.7, with the usual extensions.
    pub fn leaf(issuer: &str, key: &Key) -> Self {
        let names = sequence(&[&tlv(0x82, "a.test"), &tlv(0x87, [192, 0, 2, 7])]);
        let purposes = sequence(&[&tlv(6, SERVER_AUTH), &tlv(6, CLIENT_AUTH)]);
        let mut leaf = Self::new("a leaf", issuer, key);
        leaf.extensions = vec![
            extension(BASIC_CONSTRAINTS, true, sequence(&[])),
            extension(KEY_USAGE, true, [3, 2, 7, 0x80]),
            extension(EXTENDED_KEY_USAGE, false, purposes),
            extension(SUBJECT_ALT_NAME, false, names),
        ];
        leaf
    }

    /// A CA with the usual extensions.
    pub fn authority(subject: &str, issuer: &str, key: &Key) -> Self {
        let mut authority = Self::new(subject, issuer, key);
        authority.extensions = vec![
            extension(BASIC_CONSTRAINTS, true, sequence(&[&[1, 1, 0xff]])),
            extension(KEY_USAGE, true, [3, 2, 1, 0x06]),
        ];
        authority
    }

    /// Puts another value in the place of an extension, or adds it; critical as it was, or as said.
    pub fn with(mut self, id: &[u8], is_critical: bool, value: impl AsRef<[u8]>) -> Self {
        self = self.without(id);
        self.extensions.push(extension(id, is_critical, value));
        self
    }

    pub fn without(mut self, id: &[u8]) -> Self {
        let head = tlv(6, id);
        self.extensions.retain(|one| !one.windows(head.len()).any(|part| part == head));
        self
    }

    /// The tbsCertificate.
    pub fn tbs(&self) -> Vec<u8> {
        let extensions = match self.extensions.is_empty() {
            true => Vec::new(),
            false => tlv(0xa3, tlv(0x30, self.extensions.concat())),
        };
        sequence(&[
            &self.version,
            &self.serial,
            &self.inner_algorithm,
            &self.issuer,
            &self.validity,
            &self.subject,
            &self.spki,
            &extensions,
            &self.behind,
        ])
    }

    /// The certificate, signed by this key.
    pub fn sign(&self, key: &Key) -> Vec<u8> {
        sign(&self.tbs(), &self.outer_algorithm, key)
    }
}

/// A certificate with any bytes as tbsCertificate.
pub fn sign(tbs: &[u8], algorithm: &[u8], key: &Key) -> Vec<u8> {
    let bits = [&[0][..], &key.sign(tbs)].concat();
    sequence(&[tbs, algorithm, &tlv(3, bits)])
}
