//! The peer's proof that it holds the key of its certificate: CertificateVerify (RFC 8446
//! §4.4.3, RFC 5246 §7.4.8) and the signature in ServerKeyExchange (RFC 8422 §5.4).

use alloc::vec::Vec;

use handclasp_codec::{ProtocolVersion, SignatureScheme};
use handclasp_crypto::{KeyKind, PublicKey, SpkiError};
use handclasp_report::{CertificateFault, Choice, Failed, Fault, Report, Signed};

use crate::{Config, Context, negotiate::scheme_fits, types::PeerIdentity};

/// The key of a chain that the caller accepted. It authenticates the peer once a signature verifies
/// under it.
pub(crate) struct PeerKey {
    /// The kind of key.
    pub(crate) kind: KeyKind,
    /// Content of the subjectPublicKey BIT STRING.
    bits: Vec<u8>,
    /// The peer's identity, kept after the handshake.
    pub(crate) identity: PeerIdentity,
}

impl PeerKey {
    /// Parses the key from the caller's answer. Reuses the memory of `message`.
    ///
    /// # Errors
    /// Not a SubjectPublicKeyInfo, or a kind of key that we do not do.
    pub(crate) fn accepted(
        spki: &[u8],
        identity: PeerIdentity,
        message: Vec<u8>,
        report: &mut Report,
    ) -> Result<Self, Failed> {
        let key = PublicKey::from_spki(spki).map_err(|error| {
            report.fail(Fault::Certificate(match error {
                SpkiError::Malformed => CertificateFault::Malformed { index: 0 },
                SpkiError::Unsupported => CertificateFault::UnsupportedKey,
            }))
        })?;
        let mut bits = message;
        bits.clear();
        bits.extend_from_slice(key.bits);
        Ok(Self { kind: key.kind, bits, identity })
    }
}

/// A signature of the peer.
pub(crate) struct Signature<'a> {
    /// The protocol version, which decides what a scheme means.
    pub(crate) version: ProtocolVersion,
    /// The message that carries it.
    pub(crate) signed: Signed,
    /// The scheme that the peer used.
    pub(crate) scheme: SignatureScheme,
    /// The signed content.
    pub(crate) content: &'a [u8],
    /// The signature itself.
    pub(crate) signature: &'a [u8],
}

impl Signature<'_> {
    /// Verifies under the peer's key.
    ///
    /// # Errors
    /// In this order: a scheme we did not offer for this use, one that belongs to another
    /// kind of key, a signature that does not verify.
    pub(crate) fn verify(&self, context: &mut Context<'_>, key: &PeerKey) -> Result<(), Failed> {
        let Self { version, signed, scheme, .. } = *self;
        let config = context.config;
        if !is_offered(config, version, scheme) {
            return Err(context.fail(Fault::NotOffered { choice: Choice::Scheme, found: scheme.0 }));
        }
        config
            .verify
            .iter()
            .find(|entry| {
                entry.scheme() == scheme && entry.key() == key.kind && scheme_fits(version, key.kind, scheme)
            })
            .ok_or_else(|| context.fail(Fault::SchemeKeyMismatch { signed, scheme, key: key.kind }))?
            .verify(&key.bits, self.content, self.signature)
            .map_err(|_| context.fail(Fault::SignatureInvalid { signed, scheme, key: key.kind }))
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
