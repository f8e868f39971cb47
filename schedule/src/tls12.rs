//! Secrets of TLS 1.2: premaster secret of the PSK suites (RFC 4279 §2, RFC 5489 §2), master secret (RFC
//! 5246 §8.1, RFC 7627 §4), key block (§6.3), Finished (§7.4.9).

use alloc::{boxed::Box, vec::Vec};

use handclasp_crypto::{Digest, Hash, Protection, Secret, Suite, prf};
use zeroize::Zeroizing;

use crate::{Exporter, KeySource, Sender, TrafficKeys};

/// Length of a master secret in bytes.
const MASTER_SECRET: usize = 48;

/// Length of verify_data in bytes; every supported suite has this one.
pub const VERIFY_DATA: usize = 12;

/// Most bytes of the key block for one direction: a key of AES-256-CBC and one of HMAC-SHA-384. AEADs
/// need up to 32 bytes of key and 12 of IV.
const SHARE_MAX: usize = 48 + 32;

/// Returns the premaster secret of the PSK suites: `other`, then the key, each with a length prefix.
/// `other` is the ECDH secret in ECDHE_PSK, and as many zeros as the key has bytes in plain PSK. Both
/// must be shorter than 2^16 bytes.
pub fn psk_premaster(other: Option<&[u8]>, psk: &[u8]) -> Zeroizing<Vec<u8>> {
    let length = |bytes: usize| u16::try_from(bytes).unwrap_or(u16::MAX).to_be_bytes();
    let other_len = other.map_or(psk.len(), <[u8]>::len);
    // Reserved at once: growing would leave copies in freed memory.
    let whole = [2, other_len, 2, psk.len()].into_iter().fold(0, usize::saturating_add);

    let mut premaster = Zeroizing::new(Vec::with_capacity(whole));
    premaster.extend_from_slice(&length(other_len));
    match other {
        Some(other) => premaster.extend_from_slice(other),
        // Behind the two bytes of length.
        None => premaster.resize(other_len.saturating_add(2), 0),
    }
    premaster.extend_from_slice(&length(psk.len()));
    premaster.extend_from_slice(psk);
    premaster
}

/// Keys of both directions.
pub struct KeyBlock {
    /// Keys with which the client writes.
    pub client: TrafficKeys,
    /// Keys with which the server writes.
    pub server: TrafficKeys,
}

impl KeyBlock {
    /// Returns the keys with which `sender` writes.
    pub fn of(&self, sender: Sender) -> KeySource<'_> {
        KeySource::Keys(match sender {
            Sender::Client => &self.client,
            Sender::Server => &self.server,
        })
    }
}

/// The master secret, and the key block once it is derived. Both are in one heap block and are written
/// in place, so a move copies only the pointer. Wiped on drop.
pub struct MasterSecret(Box<Block>);

struct Block {
    hash: &'static dyn Hash,
    secret: Secret,
    keys: Option<KeyBlock>,
}

impl MasterSecret {
    /// Derives the master secret from the randoms (RFC 5246 §8.1); `hash` is the suite's.
    pub fn new(
        hash: &'static dyn Hash,
        premaster: &[u8],
        client_random: &[u8; 32],
        server_random: &[u8; 32],
    ) -> Self {
        let mut master = Self::zero(hash);
        let secret = master.0.secret.expose_mut();
        prf(hash, premaster, b"master secret", [client_random, server_random], secret);
        master
    }

    /// Derives the extended master secret (RFC 7627 §4). `session_hash` covers the messages up to and
    /// including ClientKeyExchange, which binds the secret to this handshake.
    pub fn extended(hash: &'static dyn Hash, premaster: &[u8], session_hash: &Digest) -> Self {
        let mut master = Self::zero(hash);
        let secret = master.0.secret.expose_mut();
        prf(hash, premaster, b"extended master secret", [session_hash, &[]], secret);
        master
    }

    /// Returns a copy of the master secret of a resumed session or from a key log.
    pub fn restore(hash: &'static dyn Hash, secret: &Secret) -> Self {
        let mut master = Self::zero(hash);
        master.0.secret.set(secret.expose());
        master
    }

    fn zero(hash: &'static dyn Hash) -> Self {
        Self(Box::new(Block { hash, secret: Secret::zero(MASTER_SECRET), keys: None }))
    }

    /// Derives the key block (RFC 5246 §6.3): MAC keys (not for AEAD suites, RFC 5288 §3), keys, and IVs
    /// (not for CBC suites).
    pub fn derive_keys(&mut self, suite: &'static Suite, client_random: &[u8; 32], server_random: &[u8; 32]) {
        let Block { hash, secret, keys } = &mut *self.0;
        let keys =
            keys.insert(KeyBlock { client: TrafficKeys::zero(suite), server: TrafficKeys::zero(suite) });
        let (key, other) = (suite.protection.key_len(), suite.protection.iv_or_mac_key_len());
        let length = key.saturating_add(other).saturating_mul(2);
        let mut block = Zeroizing::new([0; 2 * SHARE_MAX]);
        let block = block.get_mut(..length).unwrap_or_default();
        // The server's random comes first, unlike in the master secret.
        prf(*hash, secret.expose(), b"key expansion", [server_random, client_random], block);

        // IVs follow the keys and MAC keys precede them; the client's is first in each pair.
        let parts = match suite.protection {
            Protection::Aead { .. } => [
                &mut keys.client.key,
                &mut keys.server.key,
                &mut keys.client.iv_or_mac_key,
                &mut keys.server.iv_or_mac_key,
            ],
            Protection::CbcEtm(_) => [
                &mut keys.client.iv_or_mac_key,
                &mut keys.server.iv_or_mac_key,
                &mut keys.client.key,
                &mut keys.server.key,
            ],
        };
        let mut rest = &*block;
        for part in parts {
            let (bytes, behind) = rest.split_at_checked(part.len()).unwrap_or_default();
            part.set(bytes);
            rest = behind;
        }
    }

    /// Returns the key block, once it is derived.
    pub fn keys(&self) -> Option<&KeyBlock> {
        self.0.keys.as_ref()
    }

    /// Returns verify_data of the Finished that `sender` sends (RFC 5246 §7.4.9).
    pub fn finished(&self, sender: Sender, transcript_hash: &Digest) -> [u8; VERIFY_DATA] {
        let label: &[u8] = match sender {
            Sender::Client => b"client finished",
            Sender::Server => b"server finished",
        };
        let mut verify_data = [0; VERIFY_DATA];
        prf(self.0.hash, self.0.secret.expose(), label, [transcript_hash, &[]], &mut verify_data);
        verify_data
    }

    /// Writes the exporter (RFC 5705) into `place`. Without an extended master secret the exported keys
    /// are not bound to one handshake (RFC 7627 §6.3), so the caller must not offer them.
    pub fn exporter<'p>(
        &self,
        client_random: &[u8; 32],
        server_random: &[u8; 32],
        place: &'p mut Option<Exporter>,
    ) -> &'p Exporter {
        let exporter = place.insert(Exporter::tls12(self.0.hash, client_random, server_random));
        exporter.secret_mut().set(self.0.secret.expose());
        exporter
    }

    /// Returns the master secret, for the key log and for sessions.
    pub fn secret(&self) -> &Secret {
        &self.0.secret
    }
}
