//! Verification of the peer's signatures: ECDSA (RFC 8422 §5.10), Ed25519 (RFC 8032), RSASSA-PSS and
//! RSASSA-PKCS1-v1_5 (RFC 8017), as numbered in RFC 8446 §4.2.3.

use aws_lc_rs::signature::{self as library, VerificationAlgorithm};
use handclasp_codec::SignatureScheme;
use handclasp_crypto::{BadSignature, KeyKind, Verify, signature_algorithms};

/// Declares one static for each pair of scheme and key, and the list of them all.
macro_rules! verifiers {
    ($($(#[$doc:meta])* $name:ident: $scheme:ident, $kind:ident, $library:ident;)+) => {
        $($(#[$doc])* pub static $name: &dyn Verify = &Verifier {
            scheme: SignatureScheme::$scheme,
            kind: KeyKind::$kind,
            names: signature_algorithms(SignatureScheme::$scheme),
            algorithm: &library::$library,
        };)+

        /// Every pair of scheme and key type that this provider verifies, in order of preference: pairs
        /// for TLS 1.3 first, then those that only TLS 1.2 and X.509 permit.
        pub static VERIFY: &[&dyn Verify] = &[$($name,)+];
    };
}

verifiers! {
    /// ECDSA with P-256 and SHA-256.
    ECDSA_P256_SHA256: ecdsa_secp256r1_sha256, P256, ECDSA_P256_SHA256_ASN1;
    /// ECDSA with P-384 and SHA-384.
    ECDSA_P384_SHA384: ecdsa_secp384r1_sha384, P384, ECDSA_P384_SHA384_ASN1;
    /// ECDSA with P-521 and SHA-512.
    ECDSA_P521_SHA512: ecdsa_secp521r1_sha512, P521, ECDSA_P521_SHA512_ASN1;
    /// Ed25519.
    ED25519: ed25519, Ed25519, ED25519;
    /// RSASSA-PSS with SHA-256 and an rsaEncryption key of 2048 to 8192 bits.
    RSA_PSS_SHA256: rsa_pss_rsae_sha256, Rsa, RSA_PSS_2048_8192_SHA256;
    /// RSASSA-PSS with SHA-384 and an rsaEncryption key of 2048 to 8192 bits.
    RSA_PSS_SHA384: rsa_pss_rsae_sha384, Rsa, RSA_PSS_2048_8192_SHA384;
    /// RSASSA-PSS with SHA-512 and an rsaEncryption key of 2048 to 8192 bits.
    RSA_PSS_SHA512: rsa_pss_rsae_sha512, Rsa, RSA_PSS_2048_8192_SHA512;
    /// RSASSA-PSS with SHA-256 and an id-RSASSA-PSS key of 2048 to 8192 bits.
    RSA_PSS_KEY_SHA256: rsa_pss_pss_sha256, RsaPss, RSA_PSS_2048_8192_SHA256;
    /// RSASSA-PSS with SHA-384 and an id-RSASSA-PSS key of 2048 to 8192 bits.
    RSA_PSS_KEY_SHA384: rsa_pss_pss_sha384, RsaPss, RSA_PSS_2048_8192_SHA384;
    /// RSASSA-PSS with SHA-512 and an id-RSASSA-PSS key of 2048 to 8192 bits.
    RSA_PSS_KEY_SHA512: rsa_pss_pss_sha512, RsaPss, RSA_PSS_2048_8192_SHA512;
    /// RSASSA-PKCS1-v1_5 with SHA-256 and a key of 2048 to 8192 bits; in TLS 1.3 only for certificates.
    RSA_PKCS1_SHA256: rsa_pkcs1_sha256, Rsa, RSA_PKCS1_2048_8192_SHA256;
    /// RSASSA-PKCS1-v1_5 with SHA-384 and a key of 2048 to 8192 bits; in TLS 1.3 only for certificates.
    RSA_PKCS1_SHA384: rsa_pkcs1_sha384, Rsa, RSA_PKCS1_2048_8192_SHA384;
    /// RSASSA-PKCS1-v1_5 with SHA-512 and a key of 2048 to 8192 bits; in TLS 1.3 only for certificates.
    RSA_PKCS1_SHA512: rsa_pkcs1_sha512, Rsa, RSA_PKCS1_2048_8192_SHA512;
    /// ECDSA with P-256 and SHA-384, for TLS 1.2 and X.509.
    ECDSA_P256_SHA384: ecdsa_secp384r1_sha384, P256, ECDSA_P256_SHA384_ASN1;
    /// ECDSA with P-256 and SHA-512, for TLS 1.2 and X.509.
    ECDSA_P256_SHA512: ecdsa_secp521r1_sha512, P256, ECDSA_P256_SHA512_ASN1;
    /// ECDSA with P-384 and SHA-256, for TLS 1.2 and X.509.
    ECDSA_P384_SHA256: ecdsa_secp256r1_sha256, P384, ECDSA_P384_SHA256_ASN1;
    /// ECDSA with P-384 and SHA-512, for TLS 1.2 and X.509.
    ECDSA_P384_SHA512: ecdsa_secp521r1_sha512, P384, ECDSA_P384_SHA512_ASN1;
    /// ECDSA with P-521 and SHA-256, for TLS 1.2 and X.509.
    ECDSA_P521_SHA256: ecdsa_secp256r1_sha256, P521, ECDSA_P521_SHA256_ASN1;
    /// ECDSA with P-521 and SHA-384, for TLS 1.2 and X.509.
    ECDSA_P521_SHA384: ecdsa_secp384r1_sha384, P521, ECDSA_P521_SHA384_ASN1;
}

/// A signature algorithm of aws-lc-rs.
struct Verifier<A: 'static> {
    scheme: SignatureScheme,
    kind: KeyKind,
    names: &'static [&'static [u8]],
    algorithm: &'static A,
}

impl<A: VerificationAlgorithm + Send + Sync> Verify for Verifier<A> {
    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    fn key(&self) -> KeyKind {
        self.kind
    }

    fn signature_algorithms(&self) -> &'static [&'static [u8]] {
        self.names
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        if !bare(self.kind, public_key) {
            return Err(BadSignature);
        }
        self.algorithm.verify_sig(public_key, message, signature).map_err(|_| BadSignature)
    }
}

/// Whether `bits` is a plain public key of this kind. The library also accepts a compressed point or a
/// whole SubjectPublicKeyInfo, which would be a second encoding of the same key.
fn bare(kind: KeyKind, bits: &[u8]) -> bool {
    let uncompressed = |length: usize| bits.len() == length && bits.first() == Some(&4);
    match kind {
        KeyKind::P256 => uncompressed(65),
        KeyKind::P384 => uncompressed(97),
        KeyKind::P521 => uncompressed(133),
        KeyKind::Ed25519 => bits.len() == 32,
        // A key is SEQUENCE { modulus INTEGER, … } with a length above 255 bytes; a SubjectPublicKeyInfo
        // is SEQUENCE { SEQUENCE …
        KeyKind::Rsa | KeyKind::RsaPss => matches!(bits, [0x30, 0x82, _, _, 0x02, ..]),
    }
}
