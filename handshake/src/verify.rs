//! The peer's proof that it holds the key of its certificate: CertificateVerify (RFC 8446
//! §4.4.3, RFC 5246 §7.4.8) and the signature in ServerKeyExchange (RFC 8422 §5.4).

use alloc::vec::Vec;

use handclasp_codec::{ProtocolVersion, SignatureScheme};
use handclasp_crypto::{KeyKind, PublicKey, SpkiError};
use handclasp_report::{CertificateFault, Choice, Fault, Signed};

use crate::{Config, negotiate::scheme_fits, types::PeerIdentity};

/// A key that our caller believes; nothing is proved before a signature verifies under it.
pub(crate) struct PeerKey {
    /// Its kind.
    pub(crate) kind: KeyKind,
    /// Content of the subjectPublicKey BIT STRING.
    bits: Vec<u8>,
    /// What stays of the peer.
    pub(crate) identity: PeerIdentity,
}

impl PeerKey {
    /// From an answer of the caller's. The memory of the message that is done with is used again.
    ///
    /// # Errors
    /// Not a SubjectPublicKeyInfo, or a kind of key that we do not do.
    pub(crate) fn accepted(spki: &[u8], identity: PeerIdentity, message: Vec<u8>) -> Result<Self, Fault> {
        let key = PublicKey::from_spki(spki).map_err(|error| {
            Fault::Certificate(match error {
                SpkiError::Malformed => CertificateFault::Malformed { index: 0 },
                SpkiError::Unsupported => CertificateFault::UnsupportedKey,
            })
        })?;
        let mut bits = message;
        bits.clear();
        bits.extend_from_slice(key.bits);
        Ok(Self { kind: key.kind, bits, identity })
    }
}

/// A signature as it came.
pub(crate) struct Signature<'a> {
    /// The version, which decides what a scheme means.
    pub(crate) version: ProtocolVersion,
    /// What it is for.
    pub(crate) signed: Signed,
    /// The scheme it names.
    pub(crate) scheme: SignatureScheme,
    /// What it covers.
    pub(crate) content: &'a [u8],
    /// The signature.
    pub(crate) signature: &'a [u8],
}

impl Signature<'_> {
    /// Verifies under the peer's key.
    ///
    /// # Errors
    /// In this order: a scheme we did not offer for this use, one that belongs to another
    /// kind of key, a signature that does not verify.
    pub(crate) fn verify(&self, config: &Config, key: &PeerKey) -> Result<(), Fault> {
        let Self { version, signed, scheme, .. } = *self;
        if !is_offered(config, version, scheme) {
            return Err(Fault::NotOffered { choice: Choice::Scheme, found: scheme.0 });
        }
        config
            .verify
            .iter()
            .find(|entry| {
                entry.scheme() == scheme && entry.key() == key.kind && scheme_fits(version, key.kind, scheme)
            })
            .ok_or(Fault::SchemeKeyMismatch { signed, scheme, key: key.kind })?
            .verify(&key.bits, self.content, self.signature)
            .map_err(|_| Fault::SignatureInvalid { signed, scheme, key: key.kind })
    }
}

/// Whether our signature_algorithms permit the scheme here: it is listed, and a key of some
/// kind may sign by it. In TLS 1.3 PKCS#1 v1.5 is listed for certificates only (RFC 8446
/// §4.2.3); no version signs with SHA-1 here.
fn is_offered(config: &Config, version: ProtocolVersion, scheme: SignatureScheme) -> bool {
    config.verify.iter().any(|entry| entry.scheme() == scheme)
        && KeyKind::ALL.into_iter().any(|kind| scheme_fits(version, kind, scheme))
}

/// The schemes of signature_algorithms and of a CertificateRequest: those of the
/// configuration, each once, in its order.
pub(crate) fn offered_schemes(config: &Config) -> impl Iterator<Item = SignatureScheme> {
    let schemes = || config.verify.iter().map(|entry| entry.scheme());
    let is_first = move |index, scheme| schemes().take(index).all(|before| before != scheme);
    schemes().enumerate().filter(move |(index, scheme)| is_first(*index, *scheme)).map(|(_, scheme)| scheme)
}
