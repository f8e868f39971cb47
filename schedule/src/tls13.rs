//! The key schedule of TLS 1.3 (RFC 8446 §7.1), from top to bottom of its figure. A stage is a
//! type; what can be derived at a stage are its methods; going on consumes it.
//!
//! Called by: the machines of TLS 1.3 in `handshake`, `explain` (binders of typed secrets).

use handclasp_crypto::{Digest, Hash, Secret, expand_label, extract};

use crate::{Exporter, TrafficSecret, traffic::verify_data};

/// Where a pre-shared key comes from, which its binder tells (RFC 8446 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinderKind {
    /// Provisioned outside of TLS.
    External,
    /// From a ticket of an earlier connection.
    Resumption,
    /// Provisioned outside of TLS and imported for this use (RFC 9258 §4.2).
    Imported,
}

/// The first stage.
pub struct EarlySecret {
    hash: &'static dyn Hash,
    secret: Secret,
}

impl EarlySecret {
    /// From a pre-shared key, or from zeros where there is none.
    pub fn new(hash: &'static dyn Hash, psk: Option<&[u8]>) -> Self {
        let zeros = Secret::zero(hash.output_len());
        Self { hash, secret: extract(hash, &[], psk.unwrap_or(zeros.expose())) }
    }

    /// The binder over the transcript up to the truncated ClientHello (RFC 8446 §4.2.11.2).
    pub fn binder(&self, kind: BinderKind, truncated_transcript: &Digest) -> Digest {
        let label: &[u8] = match kind {
            BinderKind::External => b"ext binder",
            BinderKind::Resumption => b"res binder",
            BinderKind::Imported => b"imp binder",
        };
        let binder_key = self.secret.derive(self.hash, label, &self.hash.hash(&[]));
        verify_data(self.hash, &binder_key, truncated_transcript)
    }

    /// The next stage; `shared` is that of the key exchange, absent with psk_ke.
    pub fn handshake(self, shared: Option<&Secret>) -> HandshakeSecret {
        let zeros = Secret::zero(self.hash.output_len());
        let secret = onwards(self.hash, &self.secret, shared.unwrap_or(&zeros));
        HandshakeSecret { hash: self.hash, secret }
    }
}

/// The second stage.
pub struct HandshakeSecret {
    hash: &'static dyn Hash,
    secret: Secret,
}

impl HandshakeSecret {
    /// client_handshake_traffic_secret, over ClientHello…ServerHello.
    pub fn client_handshake_traffic(&self, transcript_hash: &Digest) -> TrafficSecret {
        TrafficSecret::derive(self.hash, &self.secret, b"c hs traffic", transcript_hash)
    }

    /// server_handshake_traffic_secret, over ClientHello…ServerHello.
    pub fn server_handshake_traffic(&self, transcript_hash: &Digest) -> TrafficSecret {
        TrafficSecret::derive(self.hash, &self.secret, b"s hs traffic", transcript_hash)
    }

    /// The last stage.
    pub fn main(self) -> MainSecret {
        let zeros = Secret::zero(self.hash.output_len());
        let secret = onwards(self.hash, &self.secret, &zeros);
        MainSecret { hash: self.hash, secret }
    }
}

/// The last stage: the Main Secret of RFC 9846, Master Secret in RFC 8446.
pub struct MainSecret {
    hash: &'static dyn Hash,
    secret: Secret,
}

impl MainSecret {
    /// client_application_traffic_secret_0, over ClientHello…server Finished.
    pub fn client_application_traffic(&self, transcript_hash: &Digest) -> TrafficSecret {
        TrafficSecret::derive(self.hash, &self.secret, b"c ap traffic", transcript_hash)
    }

    /// server_application_traffic_secret_0, over ClientHello…server Finished.
    pub fn server_application_traffic(&self, transcript_hash: &Digest) -> TrafficSecret {
        TrafficSecret::derive(self.hash, &self.secret, b"s ap traffic", transcript_hash)
    }

    /// The exporter (RFC 8446 §7.5), over ClientHello…server Finished.
    pub fn exporter(&self, transcript_hash: &Digest) -> Exporter {
        Exporter::tls13(self.hash, self.secret.derive(self.hash, b"exp master", transcript_hash))
    }

    /// The resumption secret, over ClientHello…client Finished. See [`resumption_psk`].
    pub fn resumption(&self, transcript_hash: &Digest) -> Secret {
        self.secret.derive(self.hash, b"res master", transcript_hash)
    }
}

/// The pre-shared key that a NewSessionTicket stands for (RFC 8446 §4.6.1).
pub fn resumption_psk(hash: &dyn Hash, resumption: &Secret, ticket_nonce: &[u8]) -> Secret {
    resumption.expand_label(hash, b"resumption", ticket_nonce)
}

/// ipskx: the key that stands for an external one under an ImportedIdentity (RFC 9258 §4.1).
/// `hash` belongs to the external key, SHA-256 where nothing is said; `target` is the hash of
/// the suites that it is imported for.
pub fn imported_psk(hash: &dyn Hash, epsk: &[u8], imported_identity: &[u8], target: &dyn Hash) -> Secret {
    let epskx = extract(hash, &[], epsk);
    let context = hash.hash(&[imported_identity]);
    let mut ipskx = Secret::zero(target.output_len());
    expand_label(hash, epskx.expose(), b"derived psk", &context, ipskx.expose_mut());
    ipskx
}

/// From one stage to the next: Derive-Secret("derived", "") is the salt.
fn onwards(hash: &dyn Hash, stage: &Secret, input: &Secret) -> Secret {
    let salt = stage.derive(hash, b"derived", &hash.hash(&[]));
    extract(hash, salt.expose(), input.expose())
}
