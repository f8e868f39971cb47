//! A probe: a signer signs a message without meaning, so that a defect shows before a peer is involved. The message has the form of RFC 8446 §4.4.3 with a text of its own, and is random, so that its
//! signature is of no use elsewhere.

use alloc::vec::Vec;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{
    EcdsaSignature, Hash, KeyKind, PublicKey, Random, SignError, SigningKey, Verify, verify_signature,
};

use crate::{ProbeFault, scheme_hash::hash_of};

/// Signs a probe by that scheme and verifies the signature with one of `verify`.
pub(crate) fn run(
    signer: &dyn SigningKey,
    scheme: SignatureScheme,
    verify: &[&dyn Verify],
    random: &mut dyn Random,
) -> Result<(), ProbeFault> {
    let mut nonce = [0; 32];
    random.fill(&mut nonce).map_err(|_| ProbeFault::Refused(SignError::Failed))?;
    let message = [&[0x20; 64], &b"handclasp signer probe\0"[..], &nonce].concat();
    let signature = signer.sign(scheme, &message, random).map_err(ProbeFault::Refused)?;
    let key = signer.public_key();
    match verify_signature(key, scheme, &message, &signature, verify) {
        Ok(()) => Ok(()),
        Err(SignError::RawEcdsa) => Err(ProbeFault::RawEcdsa),
        Err(SignError::Scheme(_)) => Err(ProbeFault::Unverifiable),
        Err(_) => Err(Found { key, scheme, message: &message, signature: &signature, verify }.name()),
    }
}

/// A signature that does not verify, and its inputs.
struct Found<'a> {
    key: &'a [u8],
    scheme: SignatureScheme,
    message: &'a [u8],
    signature: &'a [u8],
    verify: &'a [&'a dyn Verify],
}

impl Found<'_> {
    fn verifies(&self, scheme: SignatureScheme, message: &[u8]) -> bool {
        verify_signature(self.key, scheme, message, self.signature, self.verify).is_ok()
    }

    /// Diagnoses the signature.
    fn name(&self) -> ProbeFault {
        let Ok(key) = PublicKey::from_spki(self.key) else { return ProbeFault::OtherKey };
        if let Some(fault) = self.other_form(&key) {
            return fault;
        }
        let others = self.verify.iter().filter(|other| other.key() == key.kind);
        let found = others.map(|other| other.scheme()).find(|other| self.verifies(*other, self.message));
        if let Some(found) = found {
            return ProbeFault::OtherScheme(found);
        }
        let hashed_twice = |hash: &dyn Hash| {
            let digest: Vec<u8> = hash.hash(&[self.message]).to_vec();
            self.verifies(self.scheme, &digest)
        };
        match hash_of(self.scheme).is_some_and(hashed_twice) {
            true => ProbeFault::HashedTwice,
            false => ProbeFault::OtherKey,
        }
    }

    /// A signature that no key of this kind makes.
    fn other_form(&self, key: &PublicKey<'_>) -> Option<ProbeFault> {
        let length = self.signature.len();
        let fits = match key.kind {
            KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => EcdsaSignature::read(self.signature).is_some(),
            KeyKind::Ed25519 => length == 64,
            KeyKind::Rsa | KeyKind::RsaPss => {
                // The modulus is most of the RSAPublicKey: the signature is as long.
                length < key.bits.len() && length.saturating_add(20) > key.bits.len()
            }
        };
        (!fits).then_some(ProbeFault::OtherForm { length })
    }
}
