//! Traffic secrets of TLS 1.3 and what they become: keys, Finished, the next generation
//! (RFC 8446 §4.4.4 §7.2 §7.3). [`TrafficKeys`] serve TLS 1.2 as well.

use handclasp_crypto::{Digest, Hash, Secret, Suite, expand_label};

/// What protects the records of one direction. `record` makes read or write keys of it.
pub struct TrafficKeys {
    /// The suite that says how.
    pub suite: &'static Suite,
    /// The cipher's key.
    pub key: Secret,
    /// With an AEAD the IV: 12 bytes, or 4 where part of the nonce travels with the record. With
    /// CBC the MAC's key. No suite has both, and these lie in the machines' states.
    pub iv_or_mac_key: Secret,
}

impl TrafficKeys {
    /// Zeros of the lengths that the suite wants, to be written in place.
    pub(crate) fn zero(suite: &'static Suite) -> Self {
        Self {
            suite,
            key: Secret::zero(suite.protection.key_len()),
            iv_or_mac_key: Secret::zero(suite.protection.iv_or_mac_key_len()),
        }
    }
}

/// client_ or server_, handshake_ or application_traffic_secret.
pub struct TrafficSecret {
    hash: &'static dyn Hash,
    secret: Secret,
}

impl TrafficSecret {
    /// Zeros, to be derived in place.
    pub(crate) fn zero(hash: &'static dyn Hash) -> Self {
        Self { hash, secret: Secret::zero(hash.output_len()) }
    }

    pub(crate) fn derive(&mut self, stage: &Secret, label: &[u8], transcript_hash: &Digest) {
        expand_label(self.hash, stage.expose(), label, transcript_hash, self.secret.expose_mut());
    }

    pub(crate) fn wipe(&mut self) {
        self.secret.wipe();
    }

    /// One that stood in a key log.
    pub fn restore(hash: &'static dyn Hash, secret: Secret) -> Self {
        Self { hash, secret }
    }

    /// The keys of this generation (RFC 8446 §7.3).
    pub fn keys(&self, suite: &'static Suite) -> TrafficKeys {
        let mut keys = TrafficKeys::zero(suite);
        expand_label(self.hash, self.secret.expose(), b"key", &[], keys.key.expose_mut());
        expand_label(self.hash, self.secret.expose(), b"iv", &[], keys.iv_or_mac_key.expose_mut());
        keys
    }

    /// verify_data of the Finished that this side sends (RFC 8446 §4.4.4).
    pub fn finished(&self, transcript_hash: &Digest) -> Digest {
        verify_data(self.hash, &self.secret, transcript_hash)
    }

    /// The secret after a KeyUpdate (RFC 8446 §7.2).
    #[must_use]
    pub fn next(&self) -> Self {
        Self { hash: self.hash, secret: self.secret.expand_label(self.hash, b"traffic upd", &[]) }
    }

    /// As [`TrafficSecret::next`], in place.
    pub(crate) fn update(&mut self) {
        let next = self.next();
        self.secret.set(next.secret.expose());
    }

    /// A copy whose wiping is its holder's business too.
    pub fn duplicate(&self) -> Self {
        Self { hash: self.hash, secret: self.secret.duplicate() }
    }

    /// Itself, for the key log.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }
}

/// What keys are made of, or where they lie.
pub enum KeySource<'s> {
    /// TLS 1.3: keys follow from a traffic secret.
    Secret(&'s TrafficSecret, &'static Suite),
    /// TLS 1.2: they lie in the key block.
    Keys(&'s TrafficKeys),
}

impl KeySource<'_> {
    /// Lends the keys; those that were made for it are wiped behind it.
    pub fn with<R>(&self, install: impl FnOnce(&TrafficKeys) -> R) -> R {
        match self {
            Self::Secret(secret, suite) => install(&secret.keys(suite)),
            Self::Keys(keys) => install(keys),
        }
    }
}

/// HMAC over the transcript under the finished_key of `base_key`; binders are made so too.
pub(crate) fn verify_data(hash: &dyn Hash, base_key: &Secret, transcript_hash: &Digest) -> Digest {
    let finished_key = base_key.expand_label(hash, b"finished", &[]);
    let mut out = [0; Digest::MAX];
    hash.hmac(finished_key.expose(), &[transcript_hash], &mut out);
    Digest::new(out.get(..hash.output_len()).unwrap_or_default())
}
