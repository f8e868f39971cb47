//! External signers: what they declare, and what a probe finds out about them before a peer does.

use std::sync::atomic::{AtomicUsize, Ordering};

use handclasp_codec::SignatureScheme as Scheme;
use handclasp_crypto::{EcdsaSignature, Hash, KeyEncoding, KeyKind, SignError, SigningKey};
use handclasp_identity::{
    Cause, CertificateParams, ExternalSigner, Identity, ProbeFault, SignerFailure, SignerInput, SignerPace,
};
use handclasp_provider_aws_lc::{KEYS, SHA256, SystemRandom, VERIFY};

type Sign = fn(&Outside, Scheme, &[u8]) -> Result<Vec<u8>, SignerFailure>;

struct Outside {
    key: Box<dyn SigningKey>,
    /// Another key, of any kind.
    other: Box<dyn SigningKey>,
    schemes: Vec<Scheme>,
    input: SignerInput,
    pace: SignerPace,
    sign: Sign,
    asked: &'static AtomicUsize,
}

impl ExternalSigner for Outside {
    fn public_key(&self) -> &[u8] {
        self.key.public_key()
    }
    fn schemes(&self) -> &[Scheme] {
        &self.schemes
    }
    fn input(&self) -> SignerInput {
        self.input
    }
    fn pace(&self) -> SignerPace {
        self.pace
    }
    fn sign(&self, scheme: Scheme, input: &[u8]) -> Result<Vec<u8>, SignerFailure> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        (self.sign)(self, scheme, input)
    }
}

fn key(kind: KeyKind) -> Box<dyn SigningKey> {
    let pkcs8 = KEYS.generate(kind, &mut SystemRandom).expect("made");
    KEYS.load(KeyEncoding::Pkcs8, &pkcs8).expect("loads")
}

fn good(of: &Outside, scheme: Scheme, message: &[u8]) -> Result<Vec<u8>, SignerFailure> {
    of.key.sign(scheme, message, &mut SystemRandom).map_err(|_| SignerFailure::Scheme)
}

fn outside(kind: KeyKind, other: KeyKind, sign: Sign) -> Outside {
    let (key, other) = (key(kind), key(other));
    let schemes = key.schemes().to_vec();
    let asked = Box::leak(Box::new(AtomicUsize::new(0)));
    Outside { key, other, schemes, input: SignerInput::Message, pace: SignerPace::Slow, sign, asked }
}

fn load(signer: Outside) -> Result<Identity, Cause> {
    Identity::from_external(Vec::new(), Box::new(signer)).map_err(|error| error.cause)
}

/// What a probe of that signer ends in, and the sentence.
fn probe(kind: KeyKind, other: KeyKind, sign: Sign) -> (Scheme, ProbeFault, String) {
    let error = Identity::from_external(Vec::new(), Box::new(outside(kind, other, sign))).expect_err("found");
    let sentence = error.to_string();
    let Cause::Probe { scheme, fault, .. } = error.cause else { panic!("{sentence}") };
    (scheme, fault, sentence)
}

#[test]
fn a_good_signer_signs_a_probe_by_each_scheme() {
    for (kind, schemes) in
        [(KeyKind::P256, 3), (KeyKind::P384, 3), (KeyKind::P521, 3), (KeyKind::Ed25519, 1), (KeyKind::Rsa, 6)]
    {
        let signer = outside(kind, KeyKind::P256, good);
        let asked = signer.asked;
        let identity = load(signer).expect("good");
        assert_eq!((identity.key_kind(), asked.load(Ordering::Relaxed)), (kind, schemes));
        assert_eq!((identity.signer_pace(), identity.signer_words()), (SignerPace::Slow, None));
        assert!(identity.chain().is_empty());
    }
}

#[test]
fn a_signer_that_asks_a_person_signs_no_probe() {
    let mut signer = outside(KeyKind::P256, KeyKind::P256, |_, _, _| Err(SignerFailure::Scheme));
    signer.pace = SignerPace::Interactive;
    let asked = signer.asked;
    let identity = load(signer).expect("not asked");
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    assert!(identity.probed().is_err(), "unless the program wants it");
}

#[test]
fn what_is_wrong_with_a_signature_is_named() {
    let by_another = |of: &Outside, _: Scheme, message: &[u8]| {
        let scheme = of.other.schemes()[0];
        of.other.sign(scheme, message, &mut SystemRandom).map_err(|_| SignerFailure::Scheme)
    };
    let raw = |of: &Outside, scheme: Scheme, message: &[u8]| {
        let der = good(of, scheme, message)?;
        let read = EcdsaSignature::read(&der).expect("DER");
        let fill = |integer: &[u8]| [vec![0; 32 - integer.len()], integer.to_vec()].concat();
        Ok([fill(read.r), fill(read.s)].concat())
    };
    let first = |of: &Outside, _: Scheme, message: &[u8]| good(of, of.schemes[0], message);
    let hashed_twice =
        |of: &Outside, scheme: Scheme, message: &[u8]| good(of, scheme, &Hash::hash(SHA256, &[message]));
    let text = |_: &Outside, _: Scheme, _: &[u8]| Ok(b"signature: 1234\n".to_vec());
    let (p256, rsa, ed25519) = (KeyKind::P256, KeyKind::Rsa, KeyKind::Ed25519);
    let sha256 = Scheme::ecdsa_secp256r1_sha256;
    let cases: [(KeyKind, KeyKind, Sign, ProbeFault, &str); 8] = [
        (p256, p256, by_another, ProbeFault::OtherKey, "another private key"),
        (rsa, rsa, by_another, ProbeFault::OtherKey, "another private key"),
        (p256, rsa, by_another, ProbeFault::OtherForm { length: 256 }, "key of another type"),
        (rsa, ed25519, by_another, ProbeFault::OtherForm { length: 64 }, "key of another type"),
        (ed25519, p256, text, ProbeFault::OtherForm { length: 16 }, "text instead of bytes"),
        (p256, p256, raw, ProbeFault::RawEcdsa, "ECDSA-Sig-Value"),
        (p256, p256, first, ProbeFault::OtherScheme(sha256), "ecdsa_secp256r1_sha256 instead"),
        (p256, p256, hashed_twice, ProbeFault::HashedTwice, "hashed already"),
    ];
    for (kind, other, sign, expected, words) in cases {
        let (_, fault, sentence) = probe(kind, other, sign);
        assert_eq!(fault, expected, "{kind:?} {other:?}: {sentence}");
        assert!(sentence.contains(words), "{sentence}");
    }
    let (scheme, ..) = probe(p256, p256, first);
    assert_eq!(scheme, Scheme::ecdsa_secp384r1_sha384, "the first one that differs");
}

#[test]
fn the_words_of_a_signer_are_shown() {
    let said: Sign = |_, _, _| Err(SignerFailure::Said("slot 3 is empty".into()));
    let (_, fault, sentence) = probe(KeyKind::P256, KeyKind::P256, said);
    assert_eq!(fault, ProbeFault::Refused(SignError::Because("the external signer failed")));
    assert!(sentence.ends_with("slot 3 is empty"), "{sentence}");
    // Afterwards too.
    let mut signer = outside(KeyKind::P256, KeyKind::P256, said);
    signer.pace = SignerPace::Interactive;
    let identity = load(signer).expect("not asked");
    let scheme = identity.schemes()[0];
    assert!(identity.sign(scheme, b"message", &mut SystemRandom).is_err());
    assert_eq!(identity.signer_words().as_deref(), Some("slot 3 is empty"));
    let because: Sign = |_, _, _| Err(SignerFailure::Because("the PIN is locked"));
    let (_, fault, sentence) = probe(KeyKind::P256, KeyKind::P256, because);
    assert_eq!(fault, ProbeFault::Refused(SignError::Because("the PIN is locked")));
    assert!(sentence.ends_with("the PIN is locked"), "{sentence}");
}

#[test]
fn a_signer_of_hash_values_gets_the_hash_of_the_scheme() {
    // It answers with what it was given, which the error then counts.
    for (place, length) in [(0, 32), (1, 48), (2, 64)] {
        let mut signer = outside(KeyKind::P521, KeyKind::P521, |_, _, digest| {
            Err(SignerFailure::Said(format!("{} bytes", digest.len())))
        });
        signer.input = SignerInput::Digest;
        let order =
            [Scheme::ecdsa_secp256r1_sha256, Scheme::ecdsa_secp384r1_sha384, Scheme::ecdsa_secp521r1_sha512];
        signer.schemes = vec![order[place]];
        let Err(Cause::Probe { words, .. }) = load(signer) else { panic!("refused") };
        assert_eq!(words, Some(format!("{length} bytes")));
    }
    let mut signer = outside(KeyKind::Ed25519, KeyKind::P256, good);
    signer.input = SignerInput::Digest;
    let error = Identity::from_external(Vec::new(), Box::new(signer)).expect_err("refused");
    assert_eq!(error.cause, Cause::NeedsMessage { scheme: Scheme::ed25519 });
    assert!(error.to_string().contains("only hash values"), "{error}");
}

#[test]
fn a_chain_can_come_later() {
    let identity = load(outside(KeyKind::P256, KeyKind::P256, good)).expect("good");
    let request = identity.certificate_request(&CertificateParams::new(&["a.example"])).expect("made");
    assert!(!request.der().is_empty());
    let certificate =
        identity.self_signed_certificate(&CertificateParams::new(&["a.example"])).expect("made");
    let identity = identity.with_chain(vec![certificate]).expect("is for the key");
    let scheme = identity.schemes()[0];
    // Still verified before it is used, and still external.
    assert!(identity.sign_verified(scheme, b"message", VERIFY, &mut SystemRandom).is_ok());
    assert_eq!(identity.signer_pace(), SignerPace::Slow);
}
