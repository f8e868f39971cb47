//! The fingerprint of what a configuration trusts. Tickets and sessions are bound to it, so that none
//! outlives a change of trust (`handshake::Resumption::trust_generation`). It is the same on all servers of
//! one configuration, and in all runs of a client.

use std::sync::Arc;

use handclasp_identity::Identity;
use handclasp_trust::{Psk, Trust, certificate};

use crate::provider::SHA256;

/// The parts of the fingerprint.
#[derive(Default)]
pub(crate) struct TrustFingerprint<'a> {
    /// Verifies the peer's certificate.
    pub(crate) trust: Option<&'a Trust>,
    /// A server's pre-shared keys, in any order.
    pub(crate) psks: &'a [Arc<Psk>],
    /// Identities of this side, in any order: a session stands for them, too.
    pub(crate) shown: &'a [Arc<Identity>],
    /// Whether a client requests an OCSP response.
    pub(crate) asks_status: bool,
    /// Whether a server must send one.
    pub(crate) requires_status: bool,
    /// Whether the application judges the peer's certificate.
    pub(crate) is_judged_late: bool,
    /// The number that the application raises when it revokes or forgets a peer.
    pub(crate) raised: u64,
}

impl TrustFingerprint<'_> {
    pub(crate) fn generation(&self) -> [u8; 32] {
        let mut parts = vec![b"handclasp trust generation 2".to_vec(), self.raised.to_be_bytes().to_vec()];
        match self.trust {
            None => parts.push(vec![0]),
            Some(trust) => parts.extend(trust.fingerprint(SHA256)),
        }
        parts.push(b"keys".to_vec());
        parts.extend(sorted(self.psks.iter().map(|psk| psk.fingerprint(SHA256))));
        parts.push(b"shown".to_vec());
        parts.extend(sorted(self.shown.iter().map(|identity| who(identity))));
        if self.asks_status {
            parts.push(b"status".to_vec());
        }
        if self.requires_status {
            parts.push(b"status required".to_vec());
        }
        if self.is_judged_late {
            parts.push(b"judged by the application".to_vec());
        }
        // Each behind its length: no two lists may run into the same bytes.
        let lengths: Vec<[u8; 8]> = parts.iter().map(|part| (part.len() as u64).to_be_bytes()).collect();
        let all: Vec<&[u8]> =
            lengths.iter().zip(&parts).flat_map(|(length, part)| [&length[..], part]).collect();
        let mut generation = [0; 32];
        generation.copy_from_slice(&SHA256.hash(&all));
        generation
    }
}

/// All parts of these, whatever the order in which they are configured.
fn sorted(all: impl Iterator<Item = Vec<Vec<u8>>>) -> impl Iterator<Item = Vec<u8>> {
    let mut all: Vec<Vec<Vec<u8>>> = all.collect();
    all.sort_unstable();
    all.into_iter().flatten()
}

/// An identity by its key and the names of its certificate: a renewed certificate changes neither.
fn who(identity: &Identity) -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = identity
        .chain()
        .first()
        .map(|leaf| certificate::subject_alt_names(leaf).into_iter().map(String::into_bytes).collect())
        .unwrap_or_default();
    names.sort_unstable();
    let mut all = vec![identity.spki().to_vec(), names.len().to_be_bytes().to_vec()];
    all.extend(names);
    all
}
