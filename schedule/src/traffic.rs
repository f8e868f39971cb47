//! Traffic secrets of TLS 1.3 and what derives from them: keys, Finished, the next generation (RFC 8446
//! §4.4.4, §7.2 and §7.3). [`TrafficKeys`] are used for TLS 1.2 too.

use handclasp_crypto::{Digest, Hash, Secret, Suite, expand_label};

/// Keys that protect the records of one direction; `record` turns them into read or write keys.
pub struct TrafficKeys {
    /// Cipher suite, which determines the algorithms and lengths.
    pub suite: &'static Suite,
    /// Key of the cipher.
    pub key: Secret,
    /// AEAD: the IV, 12 bytes, or 4 if part of the nonce is sent with each record. CBC: the key of the
    /// MAC. One field for both, because no suite has both and states of the handshake hold this
    /// structure.
    pub iv_or_mac_key: Secret,
}

impl TrafficKeys {
    /// Returns zeros of the lengths that the suite requires, to be written in place.
    pub(crate) fn zero(suite: &'static Suite) -> Self {
        Self {
            suite,
            key: Secret::zero(suite.protection.key_len()),
            iv_or_mac_key: Secret::zero(suite.protection.iv_or_mac_key_len()),
        }
    }
}

/// A client or server, handshake or application traffic secret.
pub struct TrafficSecret {
    hash: &'static dyn Hash,
    secret: Secret,
}

impl TrafficSecret {
    /// Returns zeros, to be derived in place.
    pub(crate) fn zero(hash: &'static dyn Hash) -> Self {
        Self { hash, secret: Secret::zero(hash.output_len()) }
    }

    pub(crate) fn derive(&mut self, stage: &Secret, label: &[u8], transcript_hash: &Digest) {
        expand_label(self.hash, stage.expose(), label, transcript_hash, self.secret.expose_mut());
    }

    pub(crate) fn wipe(&mut self) {
        self.secret.wipe();
    }

    /// Returns a secret from a key log.
    pub fn restore(hash: &'static dyn Hash, secret: Secret) -> Self {
        Self { hash, secret }
    }

    /// Derives the keys of this generation (RFC 8446 §7.3).
    pub fn keys(&self, suite: &'static Suite) -> TrafficKeys {
        let mut keys = TrafficKeys::zero(suite);
        expand_label(self.hash, self.secret.expose(), b"key", &[], keys.key.expose_mut());
        expand_label(self.hash, self.secret.expose(), b"iv", &[], keys.iv_or_mac_key.expose_mut());
        keys
    }

    /// Returns verify_data of the Finished that this side sends (RFC 8446 §4.4.4).
    pub fn finished(&self, transcript_hash: &Digest) -> Digest {
        verify_data(self.hash, &self.secret, transcript_hash)
    }

    /// Returns the secret after a KeyUpdate (RFC 8446 §7.2).
    #[must_use]
    pub fn next(&self) -> Self {
        Self { hash: self.hash, secret: self.secret.expand_label(self.hash, b"traffic upd", &[]) }
    }

    /// As [`TrafficSecret::next`], in place.
    pub(crate) fn update(&mut self) {
        let next = self.next();
        self.secret.set(next.secret.expose());
    }

    /// Returns a copy, which is wiped separately.
    pub fn duplicate(&self) -> Self {
        Self { hash: self.hash, secret: self.secret.duplicate() }
    }

    /// Returns the secret, for the key log.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }
}

/// Where keys come from.
#[non_exhaustive]
pub enum KeySource<'s> {
    /// TLS 1.3: derived from a traffic secret. See [`KeySource::derived`].
    Secret {
        /// The secret.
        secret: &'s TrafficSecret,
        /// The suite of the keys.
        suite: &'static Suite,
        /// Derives them. A pointer, so that a program without TLS 1.3 does not link it.
        derive: fn(&TrafficSecret, &'static Suite) -> TrafficKeys,
    },
    /// TLS 1.2: part of the key block.
    Keys(&'s TrafficKeys),
}

impl<'s> KeySource<'s> {
    /// Keys that are derived from a traffic secret where they are used.
    pub fn derived(secret: &'s TrafficSecret, suite: &'static Suite) -> Self {
        Self::Secret { secret, suite, derive: TrafficSecret::keys }
    }

    /// Calls `install` with the keys; keys derived for the call are wiped after it.
    pub fn with<R>(&self, install: impl FnOnce(&TrafficKeys) -> R) -> R {
        match self {
            Self::Secret { secret, suite, derive } => install(&derive(secret, suite)),
            Self::Keys(keys) => install(keys),
        }
    }
}

/// HMAC over the transcript hash with the finished_key of `base_key`; used for Finished and binders.
pub(crate) fn verify_data(hash: &dyn Hash, base_key: &Secret, transcript_hash: &Digest) -> Digest {
    let finished_key = base_key.expand_label(hash, b"finished", &[]);
    let mut out = [0; Digest::MAX];
    hash.hmac(finished_key.expose(), &[transcript_hash], &mut out);
    Digest::new(out.get(..hash.output_len()).unwrap_or_default())
}
