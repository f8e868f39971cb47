//! Traffic secrets of TLS 1.3 and what they become: keys, Finished, the next generation
//! (RFC 8446 §4.4.4 §7.2 §7.3). [`TrafficKeys`] serve TLS 1.2 as well.
//!
//! Called by: `handshake`, `connection` (KeyUpdate), `explain`.

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

/// client_ or server_, handshake_ or application_traffic_secret.
pub struct TrafficSecret {
    hash: &'static dyn Hash,
    secret: Secret,
}

impl TrafficSecret {
    pub(crate) fn derive(
        hash: &'static dyn Hash,
        stage: &Secret,
        label: &[u8],
        transcript_hash: &Digest,
    ) -> Self {
        Self { hash, secret: stage.derive(hash, label, transcript_hash) }
    }

    /// One that stood in a key log.
    pub fn restore(hash: &'static dyn Hash, secret: Secret) -> Self {
        Self { hash, secret }
    }

    /// The keys of this generation (RFC 8446 §7.3).
    pub fn keys(&self, suite: &'static Suite) -> TrafficKeys {
        let mut key = Secret::zero(suite.protection.key_len());
        let mut iv = Secret::zero(suite.protection.iv_or_mac_key_len());
        expand_label(self.hash, self.secret.expose(), b"key", &[], key.expose_mut());
        expand_label(self.hash, self.secret.expose(), b"iv", &[], iv.expose_mut());
        TrafficKeys { suite, key, iv_or_mac_key: iv }
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

    /// Itself, for the key log.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }
}

/// HMAC over the transcript under the finished_key of `base_key`; binders are made so too.
pub(crate) fn verify_data(hash: &dyn Hash, base_key: &Secret, transcript_hash: &Digest) -> Digest {
    let finished_key = base_key.expand_label(hash, b"finished", &[]);
    let mut out = [0; Digest::MAX];
    hash.hmac(finished_key.expose(), &[transcript_hash], &mut out);
    Digest::new(out.get(..hash.output_len()).unwrap_or_default())
}
