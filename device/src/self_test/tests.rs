//! Every test passes on sound algorithms, and fails on each that is not.

use alloc::{boxed::Box, string::ToString as _, vec::Vec};

use handclasp_codec::{CipherSuite, NamedGroup, SignatureScheme};
use handclasp_crypto::{
    Aead, AeadKey, BadSignature, Digest, ExchangeError, Hash, HashContext, KeyError, KeyExchange, KeyKind,
    KnownSignature, NotAuthentic, PrivateShare, RandomFailed, SealFailed, Secret, SignError, SigningKey,
    WithIv, WrongKeyLength,
};
use handclasp_handshake::Versions;

mod published;

use super::*;
use crate::algorithms::{self, SystemRandom};

#[test]
fn every_algorithm_of_the_provider_passes() {
    let lists = [
        algorithms::ALL_SUITES,
        algorithms::ECDHE_PSK_SUITES,
        algorithms::CCM_SUITES,
        algorithms::CCM_8_SUITES,
        algorithms::CBC_ETM_SUITES,
    ];
    for suites in lists {
        let profile = Profile::new(Versions::ALL, suites)
            .with_groups(algorithms::GROUPS)
            .with_verify(algorithms::VERIFY);
        let cbc = suites.iter().any(|suite| suite.needs_encrypt_then_mac()) && !cfg!(feature = "cbc");
        let tested = self_test(&profile, &mut SystemRandom);
        assert!(
            tested == Ok(()) || cbc && matches!(tested, Err(BootError::UntestedProtection(_))),
            "{tested:?}"
        );
    }
}

#[test]
fn the_other_provider_gives_the_same_answers() {
    use handclasp_provider_aws_lc as other;
    for suite in other::ALL_SUITES.iter().chain(other::CCM_SUITES).chain(other::CCM_8_SUITES) {
        assert_eq!(hashes::test(suite.hash), Ok(()));
        let Protection::Aead { aead, .. } = suite.protection else { continue };
        assert_eq!(protection::test_aead(aead, suite.id), Ok(()), "{:?}", suite.id);
    }
}

#[test]
fn an_allocator_that_does_not_zero_is_found() {
    assert_eq!(memory::test(), Ok(()));
    let mut last = alloc::vec![0; 192];
    last[191] = 0xa5;
    assert_eq!(memory::test_with(|| last.clone()), Err(BootError::Memory));
}

/// An AEAD that computes with one bit of its key changed, or that accepts every tag.
struct Broken {
    key_bit: u8,
    accepts_all: bool,
}

const SUITE: CipherSuite = CipherSuite::TLS_AES_128_GCM_SHA256;

impl Aead for Broken {
    fn key_len(&self) -> usize {
        16
    }
    fn tag_len(&self) -> usize {
        16
    }
    fn seal_limit(&self) -> u64 {
        1
    }
    fn key(&self, key: &[u8]) -> Option<Box<WithIv<dyn AeadKey>>> {
        let mut key = Vec::from(key);
        key[0] ^= self.key_bit;
        let sound = algorithms::AES_128_GCM.key(&key)?;
        Some(Box::new(WithIv::new(BrokenKey { sound, accepts_all: self.accepts_all })))
    }
}

struct BrokenKey {
    sound: Box<WithIv<dyn AeadKey>>,
    accepts_all: bool,
}

impl AeadKey for BrokenKey {
    fn renew(&mut self, key: &[u8]) -> Result<(), WrongKeyLength> {
        self.sound.renew(key)
    }
    fn seal(
        &self,
        nonce: &[u8; 12],
        aad: &[u8],
        plaintext: &[u8],
        suffix: &[u8],
        out: &mut [u8],
    ) -> Result<(), SealFailed> {
        self.sound.seal(nonce, aad, plaintext, suffix, out)
    }
    fn open(&self, nonce: &[u8; 12], aad: &[u8], in_out: &mut [u8]) -> Result<usize, NotAuthentic> {
        match self.sound.open(nonce, aad, in_out) {
            Err(_) if self.accepts_all => Ok(24),
            opened => opened,
        }
    }
}

#[test]
fn a_broken_aead_is_found() {
    let test = |key_bit, accepts_all| protection::test_aead(&Broken { key_bit, accepts_all }, SUITE);
    assert_eq!(test(0, false), Ok(()));
    assert_eq!(test(1, false), Err(BootError::Protection(SUITE)));
    assert_eq!(test(0, true), Err(BootError::Protection(SUITE)));
}

/// SHA-256 whose output is wrong in the last byte that is compared: plain, in HMAC, or in a copy.
struct BrokenHash(&'static str);

impl Hash for BrokenHash {
    fn output_len(&self) -> usize {
        if self.0 == "length" { 20 } else { 32 }
    }
    fn start(&self) -> Box<dyn HashContext> {
        Box::new(BrokenContext { sound: algorithms::SHA256.start(), what: self.0 })
    }
    fn hash(&self, parts: &[&[u8]]) -> Digest {
        algorithms::SHA256.hash(parts)
    }
    fn hmac(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8]) {
        algorithms::SHA256.hmac(key, parts, out);
        out[19] ^= u8::from(self.0 == "hmac");
    }
}

struct BrokenContext {
    sound: Box<dyn HashContext>,
    what: &'static str,
}

impl HashContext for BrokenContext {
    fn update(&mut self, bytes: &[u8]) {
        self.sound.update(bytes);
    }
    fn current(&self) -> Digest {
        let mut bytes = Vec::from(&*self.sound.current());
        bytes[19] ^= u8::from(self.what == "hash");
        Digest::new(&bytes)
    }
    fn fork(&self) -> Box<dyn HashContext> {
        let mut sound = self.sound.fork();
        if self.what == "fork" {
            sound.update(b"?");
        }
        Box::new(Self { sound, what: self.what })
    }
}

#[test]
fn a_broken_hash_is_found() {
    for (what, expected) in [
        ("", Ok(())),
        ("hash", Err(BootError::Hash { bits: 256 })),
        ("fork", Err(BootError::Hash { bits: 256 })),
        ("hmac", Err(BootError::Hash { bits: 256 })),
        ("length", Err(BootError::UntestedHash { bits: 160 })),
    ] {
        assert_eq!(hashes::test(&BrokenHash(what)), expected, "{what}");
    }
}

/// A group that computes wrong, or accepts every point.
struct BrokenGroup {
    sound: &'static dyn KeyExchange,
    what: &'static str,
}

struct BrokenShare {
    sound: Box<dyn PrivateShare>,
    public: Vec<u8>,
    what: &'static str,
}

impl KeyExchange for BrokenGroup {
    fn group(&self) -> NamedGroup {
        if self.what == "group" { NamedGroup::x448 } else { self.sound.group() }
    }
    fn start(&self, random: &mut dyn Random) -> Result<Box<dyn PrivateShare>, ExchangeError> {
        let sound = self.sound.start(random)?;
        let mut public = Vec::from(sound.public());
        public[5] ^= u8::from(self.what == "public");
        Ok(Box::new(BrokenShare { sound, public, what: self.what }))
    }
}

impl PrivateShare for BrokenShare {
    fn public(&self) -> &[u8] {
        &self.public
    }
    fn agree(self: Box<Self>, peer: &[u8]) -> Result<Secret, ExchangeError> {
        match self.sound.agree(peer) {
            Ok(mut secret) => {
                secret.expose_mut()[31] ^= u8::from(self.what == "secret");
                Ok(secret)
            }
            Err(_) if self.what == "accepts" => Ok(Secret::zero(32)),
            Err(error) => Err(error),
        }
    }
}

#[test]
fn a_broken_group_is_found() {
    for sound in algorithms::GROUPS.iter().copied() {
        let failed = Err(BootError::Group(sound.group()));
        for (what, expected) in [
            ("", Ok(())),
            ("public", failed),
            ("secret", failed),
            ("accepts", failed),
            ("group", Err(BootError::UntestedGroup(NamedGroup::x448))),
        ] {
            assert_eq!(agreement::test(&BrokenGroup { sound, what }), expected, "{what}");
        }
    }
}

/// A key whose signatures have a wrong bit.
struct BrokenKeyOfSignatures(Box<dyn SigningKey>);

impl SigningKey for BrokenKeyOfSignatures {
    fn public_key(&self) -> &[u8] {
        self.0.public_key()
    }
    fn schemes(&self) -> &[SignatureScheme] {
        self.0.schemes()
    }
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        let mut signature = self.0.sign(scheme, message, random)?;
        *signature.last_mut().unwrap() ^= 1;
        Ok(signature)
    }
}

#[test]
fn a_broken_signature_is_found() {
    let scheme = SignatureScheme::ecdsa_secp256r1_sha256;
    let test = |load| test_p256_sha256(load, &mut SystemRandom);
    assert_eq!(test(algorithms::load_p256_sha256), Ok(()));
    let broken = test(|encoding, der| {
        Ok(Box::new(BrokenKeyOfSignatures(algorithms::load_p256_sha256(encoding, der)?)))
    });
    assert_eq!(broken, Err(BootError::Signing(scheme)));
    let unloadable = test(|_, _| Err(KeyError::Malformed));
    assert_eq!(unloadable, Err(BootError::Key(KeyError::Malformed)));
}

/// A verification that accepts everything, nothing, or has no known signature.
struct BrokenVerify(&'static str);

impl Verify for BrokenVerify {
    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ecdsa_secp256r1_sha256
    }
    fn key(&self) -> KeyKind {
        KeyKind::P256
    }
    fn verify(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        match self.0 {
            "all" => Ok(()),
            "none" => Err(BadSignature),
            _ => algorithms::ECDSA_P256_SHA256.verify(key, message, signature),
        }
    }
    fn known_signature(&self) -> Option<KnownSignature> {
        algorithms::ECDSA_P256_SHA256.known_signature().filter(|_| self.0 != "unknown")
    }
}

#[test]
fn a_broken_verification_is_found() {
    let (scheme, key) = (SignatureScheme::ecdsa_secp256r1_sha256, KeyKind::P256);
    for (what, expected) in [
        ("", Ok(())),
        ("all", Err(BootError::Verify { scheme, key })),
        ("none", Err(BootError::Verify { scheme, key })),
        ("unknown", Err(BootError::UntestedVerify { scheme, key })),
    ] {
        assert_eq!(test_verify(&BrokenVerify(what)), expected, "{what}");
    }
}

/// A source that gives one byte, one block, or nothing.
struct Source(&'static str);

impl Random for Source {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        match self.0 {
            "off" => return Err(RandomFailed),
            "constant" => out.fill(0xff),
            "repeats" => out.copy_from_slice(&counting()[3..3 + out.len()]),
            _ => return SystemRandom.fill(out),
        }
        Ok(())
    }
}

#[test]
fn a_dead_source_of_random_numbers_is_found() {
    for (what, expected) in [
        ("", Ok(())),
        ("off", Err(BootError::RandomFailed)),
        ("constant", Err(BootError::RandomConstant)),
        ("repeats", Err(BootError::RandomRepeats)),
    ] {
        assert_eq!(randomness::test(&mut Source(what)), expected, "{what}");
    }
}

#[test]
fn errors_say_what_to_look_at() {
    for (error, words) in [
        (BootError::Memory, "allocator"),
        (BootError::Hash { bits: 256 }, "SHA-256, or HMAC with it, gives a wrong answer"),
        (
            BootError::Signing(SignatureScheme::ecdsa_secp256r1_sha256),
            "a signature of ecdsa_secp256r1_sha256 gives a wrong answer",
        ),
        (BootError::Group(NamedGroup::secp256r1), "secp256r1"),
        (BootError::KeyMismatch, "does not belong to the certificate"),
        (BootError::UntestedGroup(NamedGroup::x448), "no known answer for x448"),
    ] {
        let text = error.to_string();
        assert!(text.contains(words), "{text}");
    }
}
