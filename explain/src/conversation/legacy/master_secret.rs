//! Master secret, key block and Finished of TLS 1.0 to 1.2 (RFC 2246 §5 §6.3 §7.4.9, RFC 5246 §5 §6.3
//! §7.4.9, RFC 7627). Uses `schedule` for TLS 1.2.

use handclasp_codec::ProtocolVersion;
use handclasp_crypto::{Hash, Secret, prf};
use handclasp_record::RecordKeys;
use handclasp_schedule::{MasterSecret, Sender, VERIFY_DATA};
use zeroize::Zeroizing;

use super::md5::MD5;
use super::record_decrypter::{Keys, RecordDecrypter};
use super::suite_cipher::Cipher;
use crate::{input::capture_event::Side, provider::SHA1};

/// The pseudorandom function, which also decides the hash of the transcript.
#[derive(Clone, Copy)]
pub(crate) enum Prf {
    /// TLS 1.2: P_hash with one hash (RFC 5246 §5).
    Tls12(&'static dyn Hash),
    /// TLS 1.0 and 1.1: MD5 and SHA-1 (RFC 2246 §5).
    Md5Sha1,
}

impl Prf {
    /// Computes PRF(secret, label, seed) into `out`.
    pub(super) fn fill(self, secret: &[u8], label: &[u8], seed: [&[u8]; 2], out: &mut [u8]) {
        match self {
            Self::Tls12(hash) => prf(hash, secret, label, seed, out),
            Self::Md5Sha1 => {
                // Both halves include the middle byte of a secret of odd length.
                let half = secret.len().div_ceil(2);
                let front = secret.get(..half).unwrap_or_default();
                let back = secret.get(secret.len() - half..).unwrap_or_default();
                prf(MD5, front, label, seed, out);
                let mut other = Zeroizing::new(vec![0; out.len()]);
                prf(SHA1, back, label, seed, &mut other);
                out.iter_mut().zip(other.iter()).for_each(|(byte, other)| *byte ^= other);
            }
        }
    }

    /// Hash(handshake_messages).
    pub fn transcript_hash(self, messages: &[u8]) -> Vec<u8> {
        match self {
            Self::Tls12(hash) => hash.hash(&[messages]).to_vec(),
            Self::Md5Sha1 => [&*MD5.hash(&[messages]), &*SHA1.hash(&[messages])].concat(),
        }
    }
}

/// A master secret with its PRF.
pub(crate) struct LegacyMasterSecret {
    prf: Prf,
    secret: Secret,
}

/// Parameters of a key block.
#[derive(Clone, Copy)]
pub(crate) struct KeyBlockOf<'a> {
    /// Cipher and MAC.
    pub cipher: Cipher,
    /// The negotiated version.
    pub version: ProtocolVersion,
    /// random of the ClientHello.
    pub client_random: &'a [u8; 32],
    /// random of the ServerHello.
    pub server_random: &'a [u8; 32],
    /// Whether CBC records use encrypt-then-MAC.
    pub encrypt_then_mac: bool,
}

impl LegacyMasterSecret {
    /// A master secret from a key log.
    pub fn restore(prf: Prf, secret: Secret) -> Self {
        Self { prf, secret }
    }

    /// Derives a master secret from the randoms (RFC 5246 §8.1).
    pub fn new(prf: Prf, premaster: &[u8], client_random: &[u8; 32], server_random: &[u8; 32]) -> Self {
        Self::derive(prf, premaster, b"master secret", [client_random, server_random])
    }

    /// Derives an extended master secret from the messages up to ClientKeyExchange (RFC 7627 §4).
    pub fn extended(prf: Prf, premaster: &[u8], messages: &[u8]) -> Self {
        let session_hash = prf.transcript_hash(messages);
        Self::derive(prf, premaster, b"extended master secret", [&session_hash, &[]])
    }

    fn derive(prf: Prf, premaster: &[u8], label: &[u8], seed: [&[u8]; 2]) -> Self {
        let mut secret = Secret::zero(48);
        prf.fill(premaster, label, seed, secret.expose_mut());
        Self { prf, secret }
    }

    /// A copy of the secret.
    pub fn duplicate(&self) -> Self {
        Self { prf: self.prf, secret: self.secret.duplicate() }
    }

    /// Computes verify_data of a peer's Finished over these messages.
    pub fn finished(&self, from: Side, messages: &[u8]) -> [u8; VERIFY_DATA] {
        if let Prf::Tls12(hash) = self.prf {
            let sender = match from {
                Side::Client => Sender::Client,
                Side::Server => Sender::Server,
            };
            let master = MasterSecret::restore(hash, &self.secret);
            return master.finished(sender, &hash.hash(&[messages]));
        }
        let label: &[u8] = match from {
            Side::Client => b"client finished",
            Side::Server => b"server finished",
        };
        let mut verify_data = [0; VERIFY_DATA];
        let hash = self.prf.transcript_hash(messages);
        self.prf.fill(self.secret.expose(), label, [&hash, &[]], &mut verify_data);
        verify_data
    }

    /// The decrypter for a peer's records. `None`: the keys do not fit the cipher.
    pub fn decrypter(&self, from: Side, of: &KeyBlockOf<'_>) -> Option<RecordDecrypter> {
        if let (Prf::Tls12(hash), Cipher::Aead(suite)) = (self.prf, of.cipher) {
            let mut master = MasterSecret::restore(hash, &self.secret);
            master.derive_keys(suite, of.client_random, of.server_random);
            let block = master.keys()?;
            let keys = match from {
                Side::Client => &block.client,
                Side::Server => &block.server,
            };
            return Some(RecordDecrypter::aead(RecordKeys::new(keys)?));
        }
        let (mac, key_len, block_len) = match of.cipher {
            Cipher::Cbc(block, mac) => (mac, block.key_len(), block.block_len()),
            Cipher::Rc4(mac) => (mac, 16, 0),
            Cipher::Null(mac) => (mac, 0, 0),
            Cipher::Aead(_) => return None,
        };
        // Only TLS 1.0 takes the first IV from the key block (RFC 4346 §6.3).
        let chained = of.version == ProtocolVersion::TLS_1_0 && block_len > 0;
        let iv_len = if chained { block_len } else { 0 };
        let (mac_len, index) = (mac.output_len(), usize::from(from == Side::Server));
        let mut block = Zeroizing::new(vec![0; 2 * (mac_len + key_len + iv_len)]);
        let seed: [&[u8]; 2] = [of.server_random, of.client_random];
        self.prf.fill(self.secret.expose(), b"key expansion", seed, &mut block);
        let cut = |start: usize, length: usize| {
            let start = start + index * length;
            block.get(start..start + length).and_then(Secret::copy_from)
        };
        let mac_key = cut(0, mac_len)?;
        let key = cut(2 * mac_len, key_len)?;
        let iv = cut(2 * (mac_len + key_len), iv_len)?;
        let explicit_iv = !chained;
        let keys = Keys { mac, mac_key, key, explicit_iv, encrypt_then_mac: of.encrypt_then_mac };
        RecordDecrypter::legacy(of.cipher, keys, iv.expose().to_vec())
    }
}
