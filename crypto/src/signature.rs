//! Signatures: verifying the peer's, and the keys that make ours.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::SignatureScheme;
use zeroize::Zeroizing;

use crate::{Hash, KeyKind, Random, algorithm_identifiers::signature_algorithms};

/// Verification of one scheme under one kind of key. For ECDSA the scheme names the hash and
/// the kind names the curve: TLS 1.2 and X.509 permit every pair, TLS 1.3 only the pair that
/// the scheme's name tells (RFC 8446 §4.2.3).
pub trait Verify: Send + Sync {
    /// The scheme on the wire.
    fn scheme(&self) -> SignatureScheme;

    /// The kind of public key.
    fn key(&self) -> KeyKind;

    /// Verifies. `public_key` is the content of the subjectPublicKey BIT STRING.
    ///
    /// # Errors
    /// The signature does not verify, or the key does not decode.
    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), BadSignature>;

    /// The hash of the message that is signed, for callers that cannot keep the message until they have the
    /// key. `None` where the whole message is needed (Ed25519) or the provider has no [`Verify::verify_hash`].
    fn hash(&self) -> Option<&'static dyn Hash> {
        None
    }

    /// Verifies a signature of the message with this hash value, which is as long as the output of
    /// [`Verify::hash`].
    ///
    /// # Errors
    /// As [`Verify::verify`], or a hash value of another length.
    fn verify_hash(&self, _public_key: &[u8], _hash: &[u8], _signature: &[u8]) -> Result<(), BadSignature> {
        Err(BadSignature)
    }

    /// The names of such signatures in certificates, as [`signature_algorithms`] of the scheme returns them.
    fn signature_algorithms(&self) -> &'static [&'static [u8]] {
        signature_algorithms(self.scheme())
    }

    /// A signature that must verify, for the self-test of a device. `None` where a provider has none.
    fn known_signature(&self) -> Option<KnownSignature> {
        None
    }
}

/// A published signature, with what it is verified by.
#[derive(Clone, Copy, Debug)]
pub struct KnownSignature {
    /// As [`Verify::verify`] takes it.
    pub public_key: &'static [u8],
    /// What was signed.
    pub message: &'static [u8],
    /// The signature.
    pub signature: &'static [u8],
}

/// The signature does not verify under that key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadSignature;

/// A private key that can sign; a local one answers at once.
pub trait SigningKey: Send + Sync {
    /// SubjectPublicKeyInfo (DER) of its public half.
    fn public_key(&self) -> &[u8];

    /// What it can do, in order of preference. ECDSA: one per hash. None of another kind of key.
    fn schemes(&self) -> &[SignatureScheme];

    /// Signs the whole message (hashing is the scheme's business). ECDSA signatures are DER.
    ///
    /// # Errors
    /// A scheme it cannot do, or the library failed.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError>;
}

/// Why there is no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignError {
    /// The key cannot do this scheme.
    Scheme(SignatureScheme),
    /// The library, device or source of randomness failed.
    Failed,
    /// As the signer says it: "the PIN is locked", "the token is gone". Without a dot at its end.
    Because(&'static str),
    /// A signature was made that the key does not verify.
    DoesNotVerify,
    /// An ECDSA signature was made that is r and s side by side, as PKCS#11 has it, where DER is
    /// wanted (ECDSA-Sig-Value, RFC 3279 §2.2.3).
    RawEcdsa,
}

/// Loading and making private keys.
pub trait Keys: Send + Sync {
    /// Loads a private key.
    ///
    /// # Errors
    /// Not such a key, a kind or size that is not supported, or inconsistent halves.
    fn load(&self, encoding: KeyEncoding, der: &[u8]) -> Result<Box<dyn SigningKey>, KeyError>;

    /// Makes a new private key and returns it as PKCS#8 (DER), which is wiped when dropped.
    ///
    /// # Errors
    /// A kind that this provider cannot make, or randomness failed.
    fn generate(&self, kind: KeyKind, random: &mut dyn Random) -> Result<Zeroizing<Vec<u8>>, KeyError>;
}

/// How a private key is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEncoding {
    /// RFC 5958, any kind.
    Pkcs8,
    /// RFC 5915, EC keys.
    Sec1,
    /// RFC 8017 appendix A.1.2, RSA keys.
    Pkcs1,
}

/// Why a private key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// Not a private key in that encoding, or damaged.
    Malformed,
    /// A sound key of a kind or size that this provider does not do.
    Unsupported,
    /// Randomness or library failed.
    Failed,
}
