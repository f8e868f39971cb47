//! Signatures: every line of `vectors/signatures.txt`, each bit flipped, the wrong key, the
//! wrong scheme, nothing at all.

use alloc::vec::Vec;

use handclasp_codec::SignatureScheme;

use super::{flips, hex};
use crate::{BadSignature, KeyKind, PublicKey, Verify};

/// What the file says of one signature.
struct Line {
    good: bool,
    scheme: SignatureScheme,
    key: KeyKind,
    public_key: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

/// Every verifier of a provider, in any order.
pub fn verify(verifiers: &[&dyn Verify]) {
    for (index, verifier) in verifiers.iter().enumerate() {
        let same =
            |other: &&&dyn Verify| other.scheme() == verifier.scheme() && other.key() == verifier.key();
        assert_eq!(verifiers.iter().position(|other| same(&other)), Some(index), "listed twice");
        one(*verifier);
    }
}

fn one(verifier: &dyn Verify) {
    let (scheme, kind) = as_in_vectors(verifier);
    let check = |key: &[u8], message: &[u8], signature: &[u8]| verifier.verify(key, message, signature);
    let other = other_key(kind);
    let mut known = 0;

    for line in lines() {
        let Line { good, public_key: key, message, signature, .. } = &line;
        if line.scheme != scheme || line.key != kind {
            // Same key, another scheme; or another kind of key altogether. (A bad line may be
            // bad only by its scheme.)
            if *good && line.scheme != scheme {
                assert_eq!(check(key, message, signature), Err(BadSignature), "{} as {scheme}", line.scheme);
            }
            if line.key != kind {
                assert_eq!(check(key, message, signature), Err(BadSignature), "{:?} as {kind:?}", line.key);
            }
            continue;
        }
        by_hash(verifier, &line);
        if !*good {
            assert_eq!(check(key, message, signature), Err(BadSignature), "{scheme}: a bad line");
            continue;
        }
        known += 1;
        assert_eq!(check(key, message, signature), Ok(()), "{scheme} under {kind:?}");
        // The kind's own wrapping is read by `PublicKey`; the bits come back as they went in.
        let whole = PublicKey { kind: verifier.key(), bits: key };
        let spki = whole.to_spki();
        assert_eq!(PublicKey::from_spki(&spki), Ok(whole));

        let refused = |key: &[u8], message: &[u8], signature: &[u8], why: &str| {
            assert_eq!(check(key, message, signature), Err(BadSignature), "{scheme} under {kind:?}: {why}");
        };
        for forged in flips(signature) {
            refused(key, message, &forged, "a bit of the signature was flipped");
        }
        for forged in flips(message) {
            refused(key, &forged, signature, "a bit of the message was flipped");
        }
        refused(key, &[&message[..], &[0]].concat(), signature, "a byte was appended to the message");
        refused(key, message, b"", "the signature is empty");
        for end in 0..signature.len() {
            refused(key, message, &signature[..end], "the signature is truncated");
        }
        refused(key, message, &[&signature[..], &[0]].concat(), "a byte was appended");
        refused(key, message, &signature.iter().map(|_| 0).collect::<Vec<u8>>(), "all zeros");
        refused(&other, message, signature, "another key");
        refused(b"", message, signature, "no key");
        for end in 0..key.len() {
            refused(&key[..end], message, signature, "the key is truncated");
        }
        refused(&[&key[..], &[0]].concat(), message, signature, "a byte was appended to the key");
        refused(&spki, message, signature, "the key is a whole SubjectPublicKeyInfo");
    }
    assert!(known > 0, "no vector for {scheme} under {kind:?}");
}

/// By the hash of the message the verdict is that of the message, and no other hash value has it.
fn by_hash(verifier: &dyn Verify, line: &Line) {
    let Some(algorithm) = verifier.hash() else { return };
    let Line { public_key: key, message, signature, .. } = line;
    let hash = algorithm.hash(&[message]);
    let verdict = verifier.verify(key, message, signature);
    assert_eq!(verifier.verify_hash(key, &hash, signature), verdict, "by the hash of the message");
    let longer = [&hash[..], &[0]].concat();
    let other = algorithm.hash(&[message, b"x"]);
    for odd in [&other[..], &hash[..hash.len() - 1], &longer, b""] {
        assert_eq!(verifier.verify_hash(key, odd, signature), Err(BadSignature), "another hash value");
    }
}

/// The scheme and kind of key whose vectors hold for a verifier. An id-RSASSA-PSS key has the bits and
/// makes the signatures of an rsaEncryption key: only the names differ (RFC 8446 §4.2.3).
fn as_in_vectors(verifier: &dyn Verify) -> (SignatureScheme, KeyKind) {
    use SignatureScheme as S;
    match (verifier.scheme(), verifier.key()) {
        (S::rsa_pss_pss_sha256, KeyKind::RsaPss) => (S::rsa_pss_rsae_sha256, KeyKind::Rsa),
        (S::rsa_pss_pss_sha384, KeyKind::RsaPss) => (S::rsa_pss_rsae_sha384, KeyKind::Rsa),
        (S::rsa_pss_pss_sha512, KeyKind::RsaPss) => (S::rsa_pss_rsae_sha512, KeyKind::Rsa),
        other => other,
    }
}

const FILE: &str = include_str!("../../vectors/signatures.txt");

fn fields() -> impl Iterator<Item = Vec<&'static str>> {
    FILE.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(' ').collect())
}

fn lines() -> impl Iterator<Item = Line> {
    fields().filter_map(|fields| match fields[..] {
        ["other", ..] => None,
        [verdict, scheme, key, public_key, message, signature] => Some(Line {
            good: verdict == "good",
            scheme: SignatureScheme::from_name(scheme).expect("a scheme's name"),
            key: kind(key),
            public_key: bytes(public_key),
            message: bytes(message),
            signature: bytes(signature),
        }),
        _ => panic!("a line of signatures.txt is damaged"),
    })
}

/// A second key of that kind.
fn other_key(wanted: KeyKind) -> Vec<u8> {
    fields()
        .find_map(|fields| match fields[..] {
            ["other", name, bits] if kind(name) == wanted => Some(bytes(bits)),
            _ => None,
        })
        .expect("a second key of each kind")
}

fn bytes(text: &str) -> Vec<u8> {
    if text == "-" { Vec::new() } else { hex(text) }
}

pub(super) fn kind(name: &str) -> KeyKind {
    match name {
        "P256" => KeyKind::P256,
        "P384" => KeyKind::P384,
        "P521" => KeyKind::P521,
        "Ed25519" => KeyKind::Ed25519,
        "Rsa" => KeyKind::Rsa,
        _ => panic!("no kind of key is called {name}"),
    }
}
