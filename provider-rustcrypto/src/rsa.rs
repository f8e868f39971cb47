//! Verification of RSA signatures (RFC 8017): RSASSA-PKCS1-v1_5 and RSASSA-PSS with SHA-2, keys of 2048
//! to 4096 bits. This module neither signs nor decrypts, so its values are public and its timing does
//! not matter.
//!
//! The crate `rsa` does not build for thumbv6m, because it counts references with `Arc`. This module
//! uses integers of fixed size on the stack, so that a peer's key cannot cause an allocation.

mod padding;
mod power;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{
    BadSignature, Hash, KeyKind, KnownSignature, RsaPublicKey, Verify, signature_algorithms,
};

use crate::{SHA256, SHA384, SHA512, known::known};
use power::MODULUS_MAX;

/// RSASSA-PSS with SHA-256 and an rsaEncryption key of 2048 to 4096 bits.
pub static RSA_PSS_SHA256: &dyn Verify = &Pss {
    scheme: SignatureScheme::rsa_pss_rsae_sha256,
    names: signature_algorithms(SignatureScheme::rsa_pss_rsae_sha256),
    hash: SHA256,
    known: known!("rsa_pss_rsae_sha256", "Rsa"),
};

/// RSASSA-PSS with SHA-384 and an rsaEncryption key of 2048 to 4096 bits.
pub static RSA_PSS_SHA384: &dyn Verify = &Pss {
    scheme: SignatureScheme::rsa_pss_rsae_sha384,
    names: signature_algorithms(SignatureScheme::rsa_pss_rsae_sha384),
    hash: SHA384,
    known: known!("rsa_pss_rsae_sha384", "Rsa"),
};

/// RSASSA-PSS with SHA-512 and an rsaEncryption key of 2048 to 4096 bits.
pub static RSA_PSS_SHA512: &dyn Verify = &Pss {
    scheme: SignatureScheme::rsa_pss_rsae_sha512,
    names: signature_algorithms(SignatureScheme::rsa_pss_rsae_sha512),
    hash: SHA512,
    known: known!("rsa_pss_rsae_sha512", "Rsa"),
};

/// RSASSA-PKCS1-v1_5 with SHA-256 and a key of 2048 to 4096 bits; in TLS 1.3 only for certificates.
pub static RSA_PKCS1_SHA256: &dyn Verify = &Pkcs1 {
    scheme: SignatureScheme::rsa_pkcs1_sha256,
    names: signature_algorithms(SignatureScheme::rsa_pkcs1_sha256),
    hash: SHA256,
    known: known!("rsa_pkcs1_sha256", "Rsa"),
    digest_info: b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
};

/// RSASSA-PKCS1-v1_5 with SHA-384 and a key of 2048 to 4096 bits; in TLS 1.3 only for certificates.
pub static RSA_PKCS1_SHA384: &dyn Verify = &Pkcs1 {
    scheme: SignatureScheme::rsa_pkcs1_sha384,
    names: signature_algorithms(SignatureScheme::rsa_pkcs1_sha384),
    hash: SHA384,
    known: known!("rsa_pkcs1_sha384", "Rsa"),
    digest_info: b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
};

/// RSASSA-PKCS1-v1_5 with SHA-512 and a key of 2048 to 4096 bits; in TLS 1.3 only for certificates.
pub static RSA_PKCS1_SHA512: &dyn Verify = &Pkcs1 {
    scheme: SignatureScheme::rsa_pkcs1_sha512,
    names: signature_algorithms(SignatureScheme::rsa_pkcs1_sha512),
    hash: SHA512,
    known: known!("rsa_pkcs1_sha512", "Rsa"),
    digest_info: b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
};

/// RSASSA-PKCS1-v1_5 with one hash.
struct Pkcs1 {
    scheme: SignatureScheme,
    names: &'static [&'static [u8]],
    hash: &'static dyn Hash,
    known: KnownSignature,
    /// DER of DigestInfo up to the hash value (RFC 8017 §9.2, note 1).
    digest_info: &'static [u8],
}

impl Verify for Pkcs1 {
    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    fn key(&self) -> KeyKind {
        KeyKind::Rsa
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.verify_hash(public_key, &self.hash.hash(&[message]), signature)
    }

    fn hash(&self) -> Option<&'static dyn Hash> {
        Some(self.hash)
    }

    fn verify_hash(&self, public_key: &[u8], hash: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let mut buffer = [0; MODULUS_MAX];
        let (encoded, _) = recovered(public_key, signature, &mut buffer).ok_or(BadSignature)?;
        let is_good =
            hash.len() == self.hash.output_len() && padding::is_pkcs1(encoded, self.digest_info, hash);
        is_good.then_some(()).ok_or(BadSignature)
    }

    fn signature_algorithms(&self) -> &'static [&'static [u8]] {
        self.names
    }

    fn known_signature(&self) -> Option<KnownSignature> {
        Some(self.known)
    }
}

/// RSASSA-PSS with one hash, used for the message and for MGF1, and a salt as long as its output (RFC
/// 8446 §4.2.3).
struct Pss {
    scheme: SignatureScheme,
    names: &'static [&'static [u8]],
    hash: &'static dyn Hash,
    known: KnownSignature,
}

impl Verify for Pss {
    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    fn key(&self) -> KeyKind {
        KeyKind::Rsa
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.verify_hash(public_key, &self.hash.hash(&[message]), signature)
    }

    fn hash(&self) -> Option<&'static dyn Hash> {
        Some(self.hash)
    }

    fn verify_hash(&self, public_key: &[u8], hash: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let mut buffer = [0; MODULUS_MAX];
        let (encoded, bits) = recovered(public_key, signature, &mut buffer).ok_or(BadSignature)?;
        let is_good = hash.len() == self.hash.output_len() && padding::is_pss(encoded, bits, self.hash, hash);
        is_good.then_some(()).ok_or(BadSignature)
    }

    fn signature_algorithms(&self) -> &'static [&'static [u8]] {
        self.names
    }

    fn known_signature(&self) -> Option<KnownSignature> {
        Some(self.known)
    }
}

/// Returns the message representative of a signature, as long as the modulus, and the bit length of the
/// modulus (RFC 8017 §8.1.2 and §8.2.2, steps 1 and 2).
fn recovered<'b>(
    public_key: &[u8],
    signature: &[u8],
    buffer: &'b mut [u8; MODULUS_MAX],
) -> Option<(&'b mut [u8], usize)> {
    let key = RsaPublicKey::read(public_key)?;
    let bits = power::fit(&key)?;
    let encoded = buffer.get_mut(..key.modulus.len())?;
    power::raise(&key, signature, encoded)?;
    Some((encoded, bits))
}
