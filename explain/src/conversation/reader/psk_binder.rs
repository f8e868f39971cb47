//! Recomputes the binders of TLS 1.3 with each encoding of each pre-shared key (RFC 8446 §4.2.11.2, RFC
//! 9258 §4).

use std::rc::Rc;

use handclasp_codec::{ClientHello, Decode, Field, ImportedIdentity, KdfIdentifier, PskIdentity};
use handclasp_crypto::{Hash, equal};
use handclasp_schedule::{BinderKind, EarlySecret, imported_psk};
use zeroize::Zeroizing;

use super::ConversationReader;
use crate::provider::{SHA256, SHA384};

/// Limit on the ClientHellos of a conversation whose binders are tried: a handshake has two at most.
const HELLOS: u8 = 4;

/// Limit on the identities of one ClientHello whose binders are tried.
const IDENTITIES: usize = 16;

/// One encoding of a pre-shared key, used for one identity.
pub(super) struct BinderKey {
    /// Index of the identity in the ClientHello.
    pub identity: usize,
    /// Index of the key in the evidence, and name of the encoding.
    pub reading: (usize, &'static str),
    /// The key in the key schedule: the imported key for an imported identity.
    pub psk: Zeroizing<Vec<u8>>,
    /// Output length of its hash in bytes.
    pub hash_len: usize,
    /// Whether the binder matches.
    pub matches: bool,
}

impl ConversationReader {
    /// Tries the binders of a ClientHello, header included.
    pub(super) fn try_binders(&mut self, bytes: &[u8]) {
        let secrets = Rc::clone(&self.secrets);
        let hello = ClientHello::from_bytes(bytes.get(4..).unwrap_or_default(), Field::body).ok();
        let Some(offered) = hello.and_then(|hello| hello.extensions.pre_shared_key) else { return };
        if secrets.candidates().is_empty() {
            return;
        }
        self.hellos_tried = self.hellos_tried.saturating_add(1);
        if self.hellos_tried > HELLOS {
            self.binder_keys.clear();
            return;
        }
        let cut = bytes.len().saturating_sub(offered.binders_wire_len());
        let truncated = bytes.get(..cut).unwrap_or_default();
        // After a HelloRetryRequest the binder covers the messages before it too.
        let retried = self.negotiated.is_tls13() && self.negotiated.server_random.is_none();
        if retried && self.negotiated.transcript_incomplete {
            self.builder.conversation.decryption.psk.get_or_insert_default().possible = false;
            return;
        }
        let before = if retried { self.negotiated.transcript.as_slice() } else { &[] };

        let mut keys = Vec::new();
        let pairs = offered.identities.iter().zip(offered.binders.iter());
        for (index, (identity, binder)) in pairs.take(IDENTITIES).enumerate() {
            let Some(hash) = hash_of(binder.0.len()) else { continue };
            let transcript_hash = hash.hash(&[before, truncated]);
            for (candidate, readings) in secrets.candidates().iter().enumerate() {
                for reading in readings {
                    for (kind, psk) in uses(&identity, &reading.bytes, hash) {
                        let made = EarlySecret::new(hash, Some(&psk)).binder(kind, &transcript_hash);
                        keys.push(BinderKey {
                            identity: index,
                            reading: (candidate, reading.name),
                            psk,
                            hash_len: hash.output_len(),
                            matches: equal(&made, binder.0),
                        });
                    }
                }
            }
        }
        self.note_binders(keys);
    }

    fn note_binders(&mut self, keys: Vec<BinderKey>) {
        let secrets = Rc::clone(&self.secrets);
        let trial = self.builder.conversation.decryption.psk.get_or_insert_default();
        trial.possible = !keys.is_empty();
        trial.tried = secrets.candidates().iter().map(Vec::len).sum();
        let matches = keys.iter().find(|key| key.matches);
        trial.client = matches.map(|key| key.reading);
        trial.identity = matches.map(|key| key.identity);
        if let Some((candidate, name)) = trial.client {
            let others = secrets.candidates().get(candidate).into_iter().flatten();
            let others = others.filter(|other| other.name != name);
            trial.others = others.map(|other| (other.name, other.bytes.len())).collect();
        }
        self.binder_keys = keys;
    }
}

fn hash_of(binder: usize) -> Option<&'static dyn Hash> {
    [SHA256, SHA384].into_iter().find(|hash| hash.output_len() == binder)
}

/// The uses of a key for an identity: as an external PSK, and imported if the identity decodes as an
/// ImportedIdentity (RFC 9258 §3).
fn uses(
    identity: &PskIdentity<'_>,
    psk: &[u8],
    hash: &'static dyn Hash,
) -> Vec<(BinderKind, Zeroizing<Vec<u8>>)> {
    let mut uses = vec![(BinderKind::External, Zeroizing::new(psk.to_vec()))];
    let imported = ImportedIdentity::from_bytes(identity.identity, Field::imported_identity).ok();
    let target = imported.and_then(|imported| match imported.target_kdf {
        KdfIdentifier::HKDF_SHA256 => Some(SHA256),
        KdfIdentifier::HKDF_SHA384 => Some(SHA384),
        // Other KDFs are not supported.
        _ => None,
    });
    if target.is_some_and(|target| target.output_len() == hash.output_len()) {
        // The hash of the external key is SHA-256 unless it is specified otherwise (RFC 9258 §4.1).
        for of_key in [SHA256, SHA384] {
            let key = imported_psk(of_key, psk, identity.identity, hash);
            uses.push((BinderKind::Imported, Zeroizing::new(key.expose().to_vec())));
        }
    }
    uses
}
