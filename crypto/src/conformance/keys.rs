//! Private keys: every line of `vectors/keys.txt`, damage at every byte, generation, and that
//! what a key signs verifies.

use alloc::vec::Vec;

use handclasp_codec::SignatureScheme;

use super::{Broken, hex, verify::kind};
use crate::{KeyEncoding, KeyError, KeyKind, Keys, PublicKey, Random, SignError, SigningKey, Verify};

/// A provider's keys against its `verifiers`. `kinds` are those that it can load and make;
/// the others it must call unsupported.
pub fn keys(keys: &dyn Keys, kinds: &[KeyKind], verifiers: &[&dyn Verify], random: &mut dyn Random) {
    for (encoding, verdict, der) in lines() {
        let loaded = keys.load(encoding, &der);
        match verdict {
            Ok(kind) if kinds.contains(&kind) => {
                let key = loaded.unwrap_or_else(|why| panic!("{kind:?} as {encoding:?}: {why:?}"));
                signs(&*key, kind, verifiers, random);
                damaged(keys, encoding, &der);
            }
            Ok(kind) => {
                assert_eq!(loaded.err(), Some(KeyError::Unsupported), "{kind:?} as {encoding:?}");
            }
            Err(KeyError::Malformed)
                if KeyKind::of_private_key(encoding, &der).is_ok_and(|kind| !kinds.contains(&kind)) =>
            {
                assert_eq!(loaded.err(), Some(KeyError::Unsupported));
            }
            Err(why) => {
                let kind = KeyKind::of_private_key(encoding, &der);
                assert_eq!(loaded.err(), Some(why), "a bad {kind:?} as {encoding:?}");
            }
        }
    }

    for kind in KeyKind::SIGNING {
        if !kinds.contains(&kind) {
            assert_eq!(keys.generate(kind, random).err(), Some(KeyError::Unsupported), "{kind:?}");
            continue;
        }
        let der = keys.generate(kind, random).unwrap_or_else(|why| panic!("{kind:?}: {why:?}"));
        let key = keys.load(KeyEncoding::Pkcs8, &der).expect("a key of our own making");
        signs(&*key, kind, verifiers, random);
        let another = keys.generate(kind, random).expect("a second key");
        assert_ne!(der, another, "{kind:?}: the same key twice");
    }
}

/// For providers that draw private keys of this kind from `random`: a broken source is an error.
pub fn generation_needs_random(keys: &dyn Keys, kind: KeyKind) {
    assert_eq!(keys.generate(kind, &mut Broken).err(), Some(KeyError::Failed));
}

/// The public half is of the kind; every scheme it names verifies, and no other is signed.
fn signs(key: &dyn SigningKey, kind: KeyKind, verifiers: &[&dyn Verify], random: &mut dyn Random) {
    let public = PublicKey::from_spki(key.public_key()).expect("a SubjectPublicKeyInfo");
    assert_eq!(public.kind, kind);
    assert_eq!(key.schemes(), expected_schemes(kind), "schemes of {kind:?}");
    for message in [&b""[..], b"sample", &[0x20; 1000]] {
        for scheme in key.schemes() {
            let signature = key.sign(*scheme, message, random).expect("a signature");
            let verifier = verifiers
                .iter()
                .find(|verifier| verifier.scheme() == *scheme && verifier.key() == kind)
                .unwrap_or_else(|| panic!("{scheme} is signed, but nothing verifies it"));
            assert_eq!(verifier.verify(public.bits, message, &signature), Ok(()), "{scheme}");
        }
    }
    for scheme in KeyKind::SIGNING.into_iter().flat_map(expected_schemes) {
        if !key.schemes().contains(scheme) {
            assert_eq!(key.sign(*scheme, b"sample", random), Err(SignError::Scheme(*scheme)));
        }
    }
    let unknown = SignatureScheme(0xfefe);
    assert_eq!(key.sign(unknown, b"sample", random), Err(SignError::Scheme(unknown)));
}

/// Truncated anywhere, extended, or called another encoding, it is refused.
fn damaged(keys: &dyn Keys, encoding: KeyEncoding, der: &[u8]) {
    for end in 0..der.len() {
        assert_eq!(keys.load(encoding, &der[..end]).err(), Some(KeyError::Malformed), "{end} bytes");
    }
    let longer = [der, &[0]].concat();
    assert_eq!(keys.load(encoding, &longer).err(), Some(KeyError::Malformed), "one byte more");
    for other in [KeyEncoding::Pkcs8, KeyEncoding::Sec1, KeyEncoding::Pkcs1] {
        if other != encoding {
            assert_eq!(keys.load(other, der).err(), Some(KeyError::Malformed), "{encoding:?} as {other:?}");
        }
    }
    // A flipped bit may leave a sound key (of another curve, say), but never a panic.
    for flipped in super::flips(der).step_by(7) {
        let _ = keys.load(encoding, &flipped);
    }
}

fn expected_schemes(kind: KeyKind) -> &'static [SignatureScheme] {
    match kind {
        // Every hash with every curve, the one that TLS 1.3 permits first.
        KeyKind::P256 => &[
            SignatureScheme::ecdsa_secp256r1_sha256,
            SignatureScheme::ecdsa_secp384r1_sha384,
            SignatureScheme::ecdsa_secp521r1_sha512,
        ],
        KeyKind::P384 => &[
            SignatureScheme::ecdsa_secp384r1_sha384,
            SignatureScheme::ecdsa_secp521r1_sha512,
            SignatureScheme::ecdsa_secp256r1_sha256,
        ],
        KeyKind::P521 => &[
            SignatureScheme::ecdsa_secp521r1_sha512,
            SignatureScheme::ecdsa_secp384r1_sha384,
            SignatureScheme::ecdsa_secp256r1_sha256,
        ],
        KeyKind::Ed25519 => &[SignatureScheme::ed25519],
        KeyKind::Rsa => &[
            SignatureScheme::rsa_pss_rsae_sha256,
            SignatureScheme::rsa_pss_rsae_sha384,
            SignatureScheme::rsa_pss_rsae_sha512,
            SignatureScheme::rsa_pkcs1_sha256,
            SignatureScheme::rsa_pkcs1_sha384,
            SignatureScheme::rsa_pkcs1_sha512,
        ],
        // No provider signs with such a key.
        KeyKind::RsaPss => &[],
    }
}

const FILE: &str = include_str!("../../vectors/keys.txt");

/// Encoding, the kind or why it is refused, DER.
fn lines() -> impl Iterator<Item = (KeyEncoding, Result<KeyKind, KeyError>, Vec<u8>)> {
    FILE.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let fields: Vec<_> = line.split(' ').collect();
        let [encoding, verdict, der] = fields[..] else { panic!("a line of keys.txt is damaged") };
        let encoding = match encoding {
            "pkcs8" => KeyEncoding::Pkcs8,
            "sec1" => KeyEncoding::Sec1,
            "pkcs1" => KeyEncoding::Pkcs1,
            _ => panic!("no encoding is called {encoding}"),
        };
        let verdict = match verdict {
            "malformed" => Err(KeyError::Malformed),
            "unsupported" => Err(KeyError::Unsupported),
            name => Ok(kind(name)),
        };
        (encoding, verdict, hex(der))
    })
}
