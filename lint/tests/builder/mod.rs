//! Writes requests as a builder by hand does, with faults on request. Lengths around the public key are right; its
//! own are copied from a P-256 key if asked.

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{KeyEncoding, KeyKind, PublicKey, SigningKey};
use handclasp_provider_aws_lc::{KEYS, SHA256, SystemRandom};

/// The kind of key that the template is for.
pub const P256: KeyKind = KeyKind::P256;
/// ecdsa-with-SHA256.
pub const SIGNATURE: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
/// The algorithm of a P-256 key, with tag and length.
pub const SPKI: &[u8] =
    b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";

/// A key of the test.
pub struct Key {
    pub key: Box<dyn SigningKey>,
    pub point: Vec<u8>,
    pub spki: Vec<u8>,
}

impl Key {
    pub fn new(kind: KeyKind) -> Self {
        let pkcs8 = KEYS.generate(kind, &mut SystemRandom).unwrap();
        let key = KEYS.load(KeyEncoding::Pkcs8, &pkcs8).unwrap();
        let spki = key.public_key().to_vec();
        let point = PublicKey::from_spki(&spki).unwrap().bits.to_vec();
        Self { key, point, spki }
    }

    /// An RSAPublicKey of 2048 bits: sound in form, without a private key.
    #[allow(dead_code, reason = "each test program uses some of it")]
    pub fn rsa() -> Vec<u8> {
        let modulus = element(0x02, &[&[0, 0xc1][..], &[0x5b; 255]].concat());
        element(0x30, &[&modulus[..], &[2, 3, 1, 0, 1]].concat())
    }
}

/// An element in DER.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        length @ 0..=0x7f => out.push(length as u8),
        length @ 0x80..=0xff => out.extend([0x81, length as u8]),
        length => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend(content);
    out
}

/// Offset behind the signed SEQUENCE of a request or certificate of 128 to 65535 bytes.
pub fn outside_of_signed(der: &[u8]) -> usize {
    let header = |at: usize| match der[at + 1] {
        length @ 0..=0x7f => (2, usize::from(length)),
        0x81 => (3, usize::from(der[at + 2])),
        _ => (4, usize::from(der[at + 2]) << 8 | usize::from(der[at + 3])),
    };
    let (outer, _) = header(0);
    let (inner, length) = header(outer);
    outer + inner + length
}

/// A request.
#[allow(dead_code, reason = "each test program uses some of it")]
pub struct Builder {
    key: Key,
    bit_string: Vec<u8>,
    key_algorithm: Vec<u8>,
    is_hard_coded: bool,
    version: u8,
    has_attributes: bool,
    algorithm: Vec<u8>,
    signature: Option<Vec<u8>>,
    is_raw: bool,
    is_hashed_twice: bool,
    without_header: bool,
}

#[allow(dead_code, reason = "each test program uses some of it")]
impl Builder {
    pub fn new() -> Self {
        let key = Key::new(P256);
        let bit_string = [&[0][..], &key.point].concat();
        Self {
            key,
            bit_string,
            key_algorithm: SPKI[2..].to_vec(),
            is_hard_coded: false,
            version: 0,
            has_attributes: true,
            algorithm: SIGNATURE.to_vec(),
            signature: None,
            is_raw: false,
            is_hashed_twice: false,
            without_header: false,
        }
    }

    /// These bytes in the place of the key.
    pub fn key_bytes(self, key: &[u8]) -> Self {
        self.bit_string(&[&[0][..], key].concat())
    }

    /// What this makes of the key that signs, in the place of the key.
    pub fn changed_key(self, change: impl FnOnce(&Key) -> Vec<u8>) -> Self {
        let bytes = change(&self.key);
        self.key_bytes(&bytes)
    }

    /// This content of the BIT STRING.
    pub fn bit_string(mut self, content: &[u8]) -> Self {
        self.bit_string = content.to_vec();
        self
    }

    pub fn key_algorithm(mut self, content: &[u8]) -> Self {
        self.key_algorithm = content.to_vec();
        self
    }

    /// The lengths 59 and 42.
    pub fn hard_coded(mut self) -> Self {
        self.is_hard_coded = true;
        self
    }

    pub fn version(mut self, version: u8) -> Self {
        self.version = version;
        self
    }

    pub fn without_attributes(mut self) -> Self {
        self.has_attributes = false;
        self
    }

    pub fn algorithm(mut self, content: &[u8]) -> Self {
        self.algorithm = content.to_vec();
        self
    }

    pub fn signature(mut self, signature: &[u8]) -> Self {
        self.signature = Some(signature.to_vec());
        self
    }

    pub fn raw_signature(mut self) -> Self {
        self.is_raw = true;
        self
    }

    pub fn hashed_twice(mut self) -> Self {
        self.is_hashed_twice = true;
        self
    }

    pub fn signed_without_header(mut self) -> Self {
        self.without_header = true;
        self
    }

    pub fn build(self) -> Vec<u8> {
        self.build_with_signature().0
    }

    /// The request and the length of its signature, which ends it.
    pub fn build_with_signature(self) -> (Vec<u8>, usize) {
        let mut spki = element(0x30, &self.key_algorithm);
        let mut bits = element(0x03, &self.bit_string);
        if self.is_hard_coded {
            bits = [&[0x03, 0x42][..], &self.bit_string].concat();
        }
        spki.extend(&bits);
        let spki = match self.is_hard_coded {
            true => [&[0x30, 0x59][..], &spki].concat(),
            false => element(0x30, &spki),
        };
        let subject = element(0x30, &element(0x31, &element(0x30, b"\x06\x03\x55\x04\x03\x0c\x06device")));
        let attributes: &[u8] = if self.has_attributes { &[0xa0, 0] } else { &[] };
        let content = [&[2, 1, self.version][..], &subject, &spki, attributes].concat();
        let info = element(0x30, &content);
        let message = match (self.is_hashed_twice, self.without_header) {
            (true, _) => handclasp_crypto::Hash::hash(SHA256, &[&info]).to_vec(),
            (_, true) => content,
            _ => info.clone(),
        };
        let scheme = SignatureScheme::ecdsa_secp256r1_sha256;
        let signature =
            self.signature.unwrap_or_else(|| self.key.key.sign(scheme, &message, &mut SystemRandom).unwrap());
        let signature = if self.is_raw { raw(&signature) } else { signature };
        let value = element(0x03, &[&[0][..], &signature].concat());
        let request = element(0x30, &[&info[..], &element(0x30, &self.algorithm), &value].concat());
        (request, signature.len())
    }
}

/// r and s of 32 bytes each, from DER.
#[allow(dead_code, reason = "each test program uses some of it")]
fn raw(der: &[u8]) -> Vec<u8> {
    let r_length = usize::from(der[3]);
    let r = &der[4..4 + r_length];
    let s = &der[6 + r_length..];
    let padded = |number: &[u8]| {
        let significant = &number[number.iter().take_while(|byte| **byte == 0).count()..];
        [&vec![0; 32 - significant.len()][..], significant].concat()
    };
    [padded(r), padded(s)].concat()
}
