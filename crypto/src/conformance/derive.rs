//! What `crypto` builds on a provider's HMAC: HKDF (RFC 5869 appendix A), HKDF-Expand-Label
//! (RFC 8448 §3), the PRF of TLS 1.2 (the vectors of the TLS working group's list, 2009).

use alloc::{vec, vec::Vec};

use super::hex;
use crate::{Digest, Hash, Secret, expand, expand_label, extract, prf};

/// RFC 5869 A.1 to A.3; RFC 8448 §3 from early secret to the server's handshake keys.
pub fn hkdf_sha256(hash: &dyn Hash) {
    assert_eq!(hash.output_len(), 32);
    for (input, salt, info, prk, okm) in RFC_5869 {
        let secret = extract(hash, &hex(salt), &hex(input));
        assert_eq!(secret.expose(), hex(prk), "RFC 5869 extract");
        let expected = hex(okm);
        for length in 0..=expected.len() {
            let mut out = vec![0; length];
            expand(hash, secret.expose(), &hex(info), &mut out);
            assert_eq!(out, expected[..length], "RFC 5869 expand to {length} bytes");
        }
    }

    let early = extract(hash, b"", Secret::zero(32).expose());
    assert_eq!(early.expose(), hex("33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a"));
    let derived = early.derive(hash, b"derived", &hash.hash(&[]));
    assert_eq!(derived.expose(), hex("6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba"));
    let shared = hex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d");
    let handshake = extract(hash, derived.expose(), &shared);
    assert_eq!(handshake.expose(), hex("1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"));
    let hellos = Digest::new(&hex("860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8"));
    let client = handshake.derive(hash, b"c hs traffic", &hellos);
    assert_eq!(client.expose(), hex("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21"));
    let server = handshake.derive(hash, b"s hs traffic", &hellos);
    assert_eq!(server.expose(), hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"));
    assert_eq!(label(hash, &server, b"key", 16), hex("3fce516009c21727d0f2e4e86ee403bc"));
    assert_eq!(label(hash, &server, b"iv", 12), hex("5d313eb2671276ee13000b30"));
    let finished = "008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8";
    assert_eq!(server.expand_label(hash, b"finished", b"").expose(), hex(finished));
}

/// The inputs of RFC 5869 A.1 with SHA-384, which the RFC lacks; answers by Python's hmac.
pub fn hkdf_sha384(hash: &dyn Hash) {
    assert_eq!(hash.output_len(), 48);
    let secret = extract(hash, &hex("000102030405060708090a0b0c"), &[0x0b; 22]);
    let prk = "704b39990779ce1dc548052c7dc39f303570dd13fb39f7acc564680bef80e8de\
               c70ee9a7e1f3e293ef68eceb072a5ade";
    assert_eq!(secret.expose(), hex(prk));
    let mut out = vec![0; 82];
    expand(hash, secret.expose(), &hex("f0f1f2f3f4f5f6f7f8f9"), &mut out);
    let okm = "9b5097a86038b805309076a44b3a9f38063e25b516dcbf369f394cfab43685f7\
               48b6457763e4f0204fc5d95d1da3e62587b22eb8943d0fab6bb631a2fe9df1a6\
               8c6ce5d56116a52005b3f122b88b39b7251f";
    assert_eq!(out, hex(okm));
}

/// The PRF with SHA-256.
pub fn prf_sha256(hash: &dyn Hash) {
    assert_eq!(hash.output_len(), 32);
    known_prf(
        hash,
        "9bbe436ba940f017b17652849a71db35",
        "a0ba9f936cda311827a6f796ffd5198c",
        "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a\
         6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab\
         4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701\
         87347b66",
    );
}

/// The PRF with SHA-384.
pub fn prf_sha384(hash: &dyn Hash) {
    assert_eq!(hash.output_len(), 48);
    known_prf(
        hash,
        "b80b733d6ceefcdc71566ea48e5567df",
        "cd665cf6a8447dd6ff8b27555edb7465",
        "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd\
         e9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700884f9dc236f80edd\
         8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425\
         9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee6\
         91c8f3a26854308d5eaa3be85e0990703d73e56f",
    );
}

/// Label "test label"; every shorter output is a prefix; the seed may come in two parts.
fn known_prf(hash: &dyn Hash, secret: &str, seed: &str, expected: &str) {
    let (secret, seed, expected) = (hex(secret), hex(seed), hex(expected));
    for length in 0..=expected.len() {
        let (front, back) = seed.split_at(length % seed.len());
        let mut out = vec![0; length];
        prf(hash, &secret, b"test label", [front, back], &mut out);
        assert_eq!(out, expected[..length], "PRF to {length} bytes");
    }
}

fn label(hash: &dyn Hash, secret: &Secret, label: &[u8], length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    expand_label(hash, secret.expose(), label, b"", &mut out);
    out
}

/// RFC 5869 A.1, A.2, A.3: IKM, salt, info, PRK, OKM.
const RFC_5869: &[(&str, &str, &str, &str, &str)] = &[
    (
        "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
        "000102030405060708090a0b0c",
        "f0f1f2f3f4f5f6f7f8f9",
        "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf\
         34007208d5b887185865",
    ),
    (
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\
         202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f\
         404142434445464748494a4b4c4d4e4f",
        "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f\
         808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f\
         a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
        "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf\
         d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef\
         f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
        "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c\
         59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71\
         cc30c58179ec3e87c14c01d5c1f3434f1d87",
    ),
    (
        "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
        "",
        "",
        "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d\
         9d201395faa4b61a96c8",
    ),
];
