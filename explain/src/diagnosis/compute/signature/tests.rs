//! Signatures made by another program, as they are and spoiled.

use super::*;

const CONTENT: &[u8] = b"what is signed";

/// Algorithm, key, signature.
fn vectors() -> impl Iterator<Item = (Algorithm, Key, Vec<u8>)> {
    let text = include_str!("../../../../vectors/signatures.txt");
    text.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let fields: Vec<&str> = line.split(' ').collect();
        let [name, key, signature] = fields.as_slice() else { panic!("three fields in {line}") };
        (algorithm(name), Key::from_spki(&bytes(key)).unwrap(), bytes(signature))
    })
}

fn bytes(hex: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

fn algorithm(name: &str) -> Algorithm {
    let (kind, hash) = name.split_once('-').unwrap_or((name, ""));
    let named = |known: &Hash| known.name().to_lowercase().replace('-', "") == hash;
    let hash = match hash {
        "md5sha1" => Hash::Md5Sha1,
        _ => Hash::NAMED.into_iter().find(named).unwrap_or(Hash::Sha256),
    };
    match kind {
        "pkcs1" => Algorithm::RsaPkcs1(hash),
        "pss" => Algorithm::RsaPss(hash),
        "ecdsa" => Algorithm::Ecdsa(hash),
        "ed25519" => Algorithm::Ed25519,
        other => panic!("{other}"),
    }
}

#[test]
fn good_ones_verify() {
    let mut seen = 0;
    for (algorithm, key, signature) in vectors() {
        let said = verify(&key, algorithm, CONTENT, &signature);
        assert_eq!(said, Verified::Good, "{} under {}", algorithm.describe(), key.describe());
        seen += 1;
    }
    assert_eq!(seen, 24);
}

#[test]
fn over_other_content_rsa_tells_that_its_key_signed() {
    for (algorithm, key, signature) in vectors() {
        let said = verify(&key, algorithm, b"something else", &signature);
        let expected = match algorithm {
            Algorithm::RsaPkcs1(hash) | Algorithm::RsaPss(hash) => Bad::OtherContent { hash },
            Algorithm::Ecdsa(_) | Algorithm::Ed25519 | Algorithm::Ed448 | Algorithm::Dsa(_) => Bad::Fails,
        };
        assert_eq!(said, Verified::Bad(expected), "{} under {}", algorithm.describe(), key.describe());
    }
}

#[test]
fn a_flipped_bit_of_an_rsa_signature_makes_noise() {
    for (algorithm, key, mut signature) in vectors().filter(|(one, ..)| one.family() == Family::Rsa) {
        let middle = signature.len() / 2;
        signature[middle] ^= 0x10;
        assert_eq!(verify(&key, algorithm, CONTENT, &signature), Verified::Bad(Bad::Noise));
        let (found, expected) = (signature.len() - 1, signature.len());
        let said = verify(&key, algorithm, CONTENT, &signature[1..]);
        assert_eq!(said, Verified::Bad(Bad::Length { expected, found }));
        let said = verify(&key, algorithm, CONTENT, &vec![0xff; expected]);
        assert_eq!(said, Verified::Bad(Bad::OutOfRange));
    }
}

#[test]
fn an_algorithm_that_is_not_the_named_one_is_found_out() {
    for (algorithm, key, signature) in vectors().filter(|(one, ..)| one.family() == Family::Rsa) {
        let named = match algorithm {
            Algorithm::RsaPkcs1(_) => Algorithm::RsaPss(Hash::Sha256),
            _ => Algorithm::RsaPkcs1(Hash::Sha256),
        };
        let said = verify(&key, named, CONTENT, &signature);
        assert_eq!(said, Verified::Bad(Bad::OtherWay { really: algorithm }));
    }
}

#[test]
fn a_scheme_of_another_family_does_not_fit() {
    for (algorithm, key, signature) in vectors() {
        let other = match algorithm.family() {
            Family::Ec => Algorithm::RsaPss(Hash::Sha256),
            Family::Rsa | Family::Edwards | Family::Dsa => Algorithm::Ecdsa(Hash::Sha256),
        };
        assert_eq!(verify(&key, other, CONTENT, &signature), Verified::SchemeDoesNotFitKey);
    }
}

#[test]
fn what_has_no_form_is_said_to_have_none() {
    for (algorithm, key, signature) in vectors().filter(|(one, ..)| one.family() == Family::Ec) {
        for end in 0..signature.len() {
            let said = verify(&key, algorithm, CONTENT, &signature[..end]);
            assert_eq!(said, Verified::Bad(Bad::Malformed), "cut to {end} bytes");
        }
        // r and s of one byte each, zero.
        let zero = [0x30, 6, 2, 1, 0, 2, 1, 0];
        assert_eq!(verify(&key, algorithm, CONTENT, &zero), Verified::Bad(Bad::OutOfRange));
    }
}

#[test]
fn any_bytes_are_a_key_or_none() {
    for (_, key, _) in vectors() {
        for at in 0..key.spki.len() {
            let mut spki = key.spki.clone();
            spki[at] ^= 0x81;
            if let Some(other) = Key::from_spki(&spki) {
                let said = verify(&other, Algorithm::RsaPkcs1(Hash::Sha256), CONTENT, &[1; 64]);
                assert_ne!(said, Verified::Good);
                assert!(!other.describe().is_empty() && other.bits() < 1 << 20);
            }
            assert_eq!(Key::from_spki(&key.spki[..at]), None);
        }
    }
}
