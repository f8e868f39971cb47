//! Signatures of devices: nonces that do not need a good random source, and encodings at their limits.
use handclasp_codec::SignatureScheme;
use handclasp_crypto::{
    BadSignature, EcPrivateKey, EcdsaSignature, KeyEncoding, KeyKind, PublicKey, Random, RandomFailed,
    SigningKey, conformance::hex,
};
use handclasp_provider_aws_lc as theirs;
use handclasp_provider_rustcrypto as ours;

/// A device's source that does not work.
struct Broken;

impl Random for Broken {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), RandomFailed> {
        Err(RandomFailed)
    }
}

/// The private keys of RFC 6979 A.2.5 and A.2.6.
const P256: &str = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
const P384: &str = "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA\
                    9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5";

fn key(kind: KeyKind, scalar: &str) -> Box<dyn SigningKey> {
    let der = EcPrivateKey { kind, scalar: &hex(scalar), public: None }.to_pkcs8();
    ours::KEYS.load(KeyEncoding::Pkcs8, &der).unwrap()
}

/// With a nonce from a weak source, two signatures reveal the key. Nonces derive from key and message
/// instead: the signatures are those of RFC 6979.
#[test]
fn a_broken_random_source_does_not_change_a_signature() {
    use SignatureScheme as S;
    for (kind, scalar, scheme, message, r, s) in [
        (
            KeyKind::P256,
            P256,
            S::ecdsa_secp256r1_sha256,
            "sample",
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
            "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
        ),
        (
            KeyKind::P256,
            P256,
            S::ecdsa_secp256r1_sha256,
            "test",
            "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
            "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
        ),
        (
            KeyKind::P384,
            P384,
            S::ecdsa_secp384r1_sha384,
            "sample",
            "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46",
            "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8",
        ),
    ] {
        let signature = key(kind, scalar).sign(scheme, message.as_bytes(), &mut Broken).unwrap();
        let expected = EcdsaSignature { r: &hex(r), s: &hex(s) }.to_der();
        assert_eq!(signature, expected, "{kind:?}, {message}");
    }
}

/// One signature in 256 has an r or an s of fewer bytes than the order; both providers read it.
#[test]
fn short_integers_verify_in_both_providers() {
    let key = key(KeyKind::P256, P256);
    let public = PublicKey::from_spki(key.public_key()).unwrap();
    let scheme = SignatureScheme::ecdsa_secp256r1_sha256;
    let (mut short_r, mut short_s) = (0, 0);
    for count in 0_u16..1000 {
        let message = count.to_be_bytes();
        let der = key.sign(scheme, &message, &mut Broken).unwrap();
        let EcdsaSignature { r, s } = EcdsaSignature::read(&der).unwrap();
        if r.len() == 32 && s.len() == 32 {
            continue;
        }
        short_r += usize::from(r.len() < 32);
        short_s += usize::from(s.len() < 32);
        for verify in [ours::ECDSA_P256_SHA256, theirs::ECDSA_P256_SHA256] {
            assert_eq!(verify.verify(public.bits, &message, &der), Ok(()), "{count}");
        }
    }
    assert!(short_r > 0 && short_s > 0);
}

/// The order n of P-256, and integers at and above it, are outside of [1, n-1] (FIPS 186-5 §6.4.2).
#[test]
fn integers_from_the_order_on_are_refused() {
    const N: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let key = key(KeyKind::P256, P256);
    let public = PublicKey::from_spki(key.public_key()).unwrap();
    let der = key.sign(SignatureScheme::ecdsa_secp256r1_sha256, b"sample", &mut Broken).unwrap();
    let EcdsaSignature { r, s } = EcdsaSignature::read(&der).unwrap();
    let order = hex(N);
    let long = [&[1; 1][..], s].concat();
    for (r, s) in [(&order[..], s), (r, &order[..]), (r, &long), (&long, s), (&[0xff; 32], s)] {
        let forged = EcdsaSignature { r, s }.to_der();
        let verdict = ours::ECDSA_P256_SHA256.verify(public.bits, b"sample", &forged);
        assert_eq!(verdict, Err(BadSignature));
    }
}

/// Under a key of small order one signature is valid for many messages (RFC 8032 §5.1.7 leaves such keys
/// to the verifier): here the neutral element, as key and in the signature, with s = 0.
#[test]
fn ed25519_keys_of_small_order_are_refused() {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let signature = [neutral, [0; 32]].concat();
    for message in [&b"one"[..], b"another"] {
        assert_eq!(ours::ED25519.verify(&neutral, message, &signature), Err(BadSignature));
    }
}
