//! Shared by the tests of protection: keys for any suite, records sealed by hand, reproducible numbers.
#![allow(dead_code, reason = "no test uses all of it")]

use handclasp_codec::ContentType;
use handclasp_crypto::{Aead, Protection, Secret, Suite};
use handclasp_provider_aws_lc::{
    TLS_AES_128_CCM_8_SHA256, TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256,
    TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA,
    TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_PSK_WITH_AES_128_CCM, TLS_PSK_WITH_AES_128_CCM_8,
    TLS_PSK_WITH_AES_256_CBC_SHA384,
};
use handclasp_record::{HEADER, Opened, RecordKeys};
use handclasp_report::FaultCode;
use handclasp_schedule::TrafficKeys;

/// Every kind of protection: both versions, both nonce styles, both tag lengths, and CBC with each MAC.
pub const SUITES: [&Suite; 12] = [
    &TLS_AES_128_GCM_SHA256,
    &TLS_AES_256_GCM_SHA384,
    &TLS_CHACHA20_POLY1305_SHA256,
    &TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    &TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    &TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    &TLS_AES_128_CCM_8_SHA256,
    &TLS_PSK_WITH_AES_128_CCM,
    &TLS_PSK_WITH_AES_128_CCM_8,
    &TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
    &TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA,
    &TLS_PSK_WITH_AES_256_CBC_SHA384,
];

pub const MAX: usize = handclasp_record::MAX_PLAINTEXT;

pub fn is_tls13(suite: &Suite) -> bool {
    suite.version() == handclasp_codec::ProtocolVersion::TLS_1_3
}

pub fn traffic(suite: &'static Suite, key: &[u8], iv: &[u8]) -> TrafficKeys {
    let (key, iv_or_mac_key) = (Secret::copy_from(key).unwrap(), Secret::copy_from(iv).unwrap());
    TrafficKeys { suite, key, iv_or_mac_key }
}

/// Returns the same keys for a suite each time.
pub fn fixed(suite: &'static Suite) -> TrafficKeys {
    traffic(suite, &vec![0x42; suite.protection.key_len()], &vec![0x17; suite.protection.iv_or_mac_key_len()])
}

pub fn aead(suite: &Suite) -> &'static dyn Aead {
    match suite.protection {
        Protection::Aead { aead, .. } => aead,
        Protection::CbcEtm(_) => panic!("{suite:?} has no AEAD"),
    }
}

pub fn read_keys(suite: &'static Suite) -> RecordKeys {
    RecordKeys::new(&fixed(suite)).unwrap()
}

pub fn write_keys(suite: &'static Suite) -> RecordKeys {
    RecordKeys::new(&fixed(suite)).unwrap()
}

pub fn seal(keys: &mut RecordKeys, content_type: ContentType, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    keys.seal(content_type, content, &mut out).unwrap();
    out
}

/// Opens a copy of `record`; returns the content with its type.
pub fn open(keys: &mut RecordKeys, record: &[u8]) -> Result<(ContentType, Vec<u8>), FaultCode> {
    let mut record = record.to_vec();
    let Opened { content_type, content } = keys.open(&mut record, false, MAX)?;
    Ok((content_type, record[content].to_vec()))
}

/// Seals a TLS 1.3 record with any inner plaintext, type and padding included.
pub fn seal_inner(suite: &'static Suite, sequence: u64, inner: &[u8]) -> Vec<u8> {
    let keys = fixed(suite);
    let mut nonce: [u8; 12] = keys.iv_or_mac_key.expose().try_into().unwrap();
    nonce[4..].iter_mut().zip(sequence.to_be_bytes()).for_each(|(byte, number)| *byte ^= number);
    let length = inner.len() + aead(suite).tag_len();
    let mut record = vec![23, 3, 3];
    record.extend(u16::try_from(length).unwrap().to_be_bytes());
    let mut sealed = vec![0; length];
    aead(suite).key(keys.key.expose()).unwrap().seal(&nonce, &record, inner, &[], &mut sealed).unwrap();
    record.extend(sealed);
    record
}

/// Seals a TLS 1.2 record with AES-GCM and any explicit part of the nonce.
pub fn seal_explicit(
    suite: &'static Suite,
    sequence: u64,
    explicit: [u8; 8],
    content_type: u8,
    content: &[u8],
) -> Vec<u8> {
    let keys = fixed(suite);
    let nonce: [u8; 12] = [keys.iv_or_mac_key.expose(), &explicit].concat().try_into().unwrap();
    let plain_len = u16::try_from(content.len()).unwrap().to_be_bytes();
    let aad = [&sequence.to_be_bytes()[..], &[content_type, 3, 3], &plain_len].concat();
    let mut sealed = vec![0; content.len() + aead(suite).tag_len()];
    aead(suite).key(keys.key.expose()).unwrap().seal(&nonce, &aad, content, &[], &mut sealed).unwrap();
    let length = u16::try_from(explicit.len() + sealed.len()).unwrap().to_be_bytes();
    [&[content_type, 3, 3][..], &length, &explicit, &sealed].concat()
}

/// Sets the length in the header to the bytes after it.
pub fn fix_length(record: &mut [u8]) {
    let length = u16::try_from(record.len() - HEADER).unwrap().to_be_bytes();
    record[3..HEADER].copy_from_slice(&length);
}

/// Reproducible pseudorandom numbers (xorshift64*).
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % limit
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| u8::try_from(self.below(256)).unwrap()).collect()
    }
}
