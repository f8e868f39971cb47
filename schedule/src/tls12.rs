//! The secrets of TLS 1.2: premaster of the PSK suites (RFC 4279 §2, RFC 5489 §2), master
//! secret (RFC 5246 §8.1, RFC 7627 §4), key block (§6.3), Finished (§7.4.9).
//!
//! Called by: the machines of TLS 1.2 in `handshake`, `explain`.

use alloc::vec::Vec;

use handclasp_crypto::{Digest, Hash, NonceStyle, Secret, Suite, prf};
use zeroize::Zeroizing;

use crate::{Exporter, Sender, TrafficKeys, traffic::IV};

/// Bytes of a master secret.
const MASTER_SECRET: usize = 48;

/// Bytes of verify_data in Finished; no suite we do has another length.
pub const VERIFY_DATA: usize = 12;

/// The salt of RFC 5288 §3, the part of the nonce that does not travel.
const SALT: usize = 4;

/// The longest AEAD key.
const KEY_MAX: usize = 32;

/// The premaster secret of the PSK suites: `other`, then the key, each behind its length.
/// `other` is the key exchange's secret in ECDHE_PSK; in plain PSK it is as many zeros as the
/// key is long. Both have less than 2^16 bytes.
pub fn psk_premaster(other: Option<&[u8]>, psk: &[u8]) -> Zeroizing<Vec<u8>> {
    let length = |bytes: usize| u16::try_from(bytes).unwrap_or(u16::MAX).to_be_bytes();
    let other_len = other.map_or(psk.len(), <[u8]>::len);
    // Reserved at once: growing would leave copies that nobody wipes.
    let whole = [2, other_len, 2, psk.len()].into_iter().fold(0, usize::saturating_add);

    let mut premaster = Zeroizing::new(Vec::with_capacity(whole));
    premaster.extend_from_slice(&length(other_len));
    match other {
        Some(other) => premaster.extend_from_slice(other),
        None => premaster.extend(core::iter::repeat_n(0, other_len)),
    }
    premaster.extend_from_slice(&length(psk.len()));
    premaster.extend_from_slice(psk);
    premaster
}

/// The keys of both directions.
pub struct KeyBlock {
    /// What the client writes with.
    pub client: TrafficKeys,
    /// What the server writes with.
    pub server: TrafficKeys,
}

/// The master secret.
pub struct MasterSecret {
    hash: &'static dyn Hash,
    secret: Secret,
}

impl MasterSecret {
    /// By the randoms (RFC 5246 §8.1); `hash` is the suite's.
    pub fn new(
        hash: &'static dyn Hash,
        premaster: &[u8],
        client_random: &[u8; 32],
        server_random: &[u8; 32],
    ) -> Self {
        let mut secret = Secret::zero(MASTER_SECRET);
        prf(hash, premaster, b"master secret", [client_random, server_random], secret.expose_mut());
        Self { hash, secret }
    }

    /// By the messages up to and including ClientKeyExchange (RFC 7627 §4), which binds it to
    /// this very handshake.
    pub fn extended(hash: &'static dyn Hash, premaster: &[u8], session_hash: &Digest) -> Self {
        let mut secret = Secret::zero(MASTER_SECRET);
        prf(hash, premaster, b"extended master secret", [session_hash, &[]], secret.expose_mut());
        Self { hash, secret }
    }

    /// One of an earlier session, or one that stood in a key log.
    pub fn restore(hash: &'static dyn Hash, secret: Secret) -> Self {
        Self { hash, secret }
    }

    /// The key block (RFC 5246 §6.3). AEAD suites have no MAC keys in it (RFC 5288 §3).
    pub fn keys(
        &self,
        suite: &'static Suite,
        client_random: &[u8; 32],
        server_random: &[u8; 32],
    ) -> KeyBlock {
        let key = suite.aead.key_len().min(KEY_MAX);
        let iv = match suite.nonce {
            NonceStyle::Explicit => SALT,
            NonceStyle::Xor => IV,
        };
        let length = key.saturating_add(iv).saturating_mul(2);
        let mut block = Zeroizing::new([0; 2 * (KEY_MAX + IV)]);
        let block = block.get_mut(..length).unwrap_or_default();
        // Server before client, unlike in the master secret.
        prf(self.hash, self.secret.expose(), b"key expansion", [server_random, client_random], block);

        let mut rest = &*block;
        let mut take = |count: usize| {
            let (taken, behind) = rest.split_at_checked(count).unwrap_or_default();
            rest = behind;
            Secret::copy_from(taken).unwrap_or_else(|| Secret::zero(0))
        };
        let (client_key, server_key) = (take(key), take(key));
        let (client_iv, server_iv) = (take(iv), take(iv));
        KeyBlock {
            client: TrafficKeys { suite, key: client_key, iv: client_iv },
            server: TrafficKeys { suite, key: server_key, iv: server_iv },
        }
    }

    /// verify_data of this side's Finished (RFC 5246 §7.4.9).
    pub fn finished(&self, sender: Sender, transcript_hash: &Digest) -> [u8; VERIFY_DATA] {
        let label: &[u8] = match sender {
            Sender::Client => b"client finished",
            Sender::Server => b"server finished",
        };
        let mut verify_data = [0; VERIFY_DATA];
        prf(self.hash, self.secret.expose(), label, [transcript_hash, &[]], &mut verify_data);
        verify_data
    }

    /// The exporter (RFC 5705). Without [`MasterSecret::extended`] what it exports is not
    /// bound to one handshake (RFC 7627 §6.3), so the caller refuses it then.
    pub fn exporter(&self, client_random: &[u8; 32], server_random: &[u8; 32]) -> Exporter {
        Exporter::tls12(self.hash, self.secret.duplicate(), client_random, server_random)
    }

    /// Itself, for the key log and for sessions.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }
}
