//! The key schedule of TLS 1.3 (RFC 8446 §7.1). Each stage of its figure is a type; its methods derive
//! what belongs to the stage, and the step to the next stage consumes it.
//!
//! All secrets of a connection are in one heap block, which is wiped when the last stage is dropped. A
//! stage is a pointer to that block, so moving a stage does not copy a secret.

use alloc::boxed::Box;

use handclasp_crypto::{Digest, Hash, Secret, expand_label, extract};

use crate::{Epoch, Exporter, Sender, TrafficSecret, traffic::verify_data};

/// Origin of a pre-shared key, which selects the label of its binder (RFC 8446 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinderKind {
    /// Provisioned outside TLS.
    External,
    /// From a ticket of an earlier connection.
    Resumption,
    /// Provisioned outside TLS and imported (RFC 9258 §4.2).
    Imported,
}

/// The secrets of a connection, each written in place.
struct Block {
    hash: &'static dyn Hash,
    /// Secret of the current stage; in the last stage the resumption secret.
    stage: Secret,
    client_handshake: TrafficSecret,
    server_handshake: TrafficSecret,
    client_application: TrafficSecret,
    server_application: TrafficSecret,
}

impl Block {
    fn traffic(&self, epoch: Epoch, sender: Sender) -> &TrafficSecret {
        match (epoch, sender) {
            (Epoch::Handshake, Sender::Client) => &self.client_handshake,
            (Epoch::Handshake, Sender::Server) => &self.server_handshake,
            (Epoch::Application, Sender::Client) => &self.client_application,
            (Epoch::Application, Sender::Server) => &self.server_application,
        }
    }

    /// Derives the secret of the next stage; the salt is Derive-Secret(stage, "derived", "").
    fn advance(&mut self, input: &[u8]) {
        let salt = self.stage.derive(self.hash, b"derived", &self.hash.hash(&[]));
        self.hash.hmac(salt.expose(), &[input], self.stage.expose_mut());
    }
}

/// The first stage: Early Secret.
pub struct EarlySecret(Box<Block>);

impl EarlySecret {
    /// Derives the Early Secret from a pre-shared key, or from zeros without one.
    pub fn new(hash: &'static dyn Hash, psk: Option<&[u8]>) -> Self {
        let zeros = Secret::zero(hash.output_len());
        let mut block = Box::new(Block {
            hash,
            stage: Secret::zero(hash.output_len()),
            client_handshake: TrafficSecret::zero(hash),
            server_handshake: TrafficSecret::zero(hash),
            client_application: TrafficSecret::zero(hash),
            server_application: TrafficSecret::zero(hash),
        });
        hash.hmac(&[], &[psk.unwrap_or(zeros.expose())], block.stage.expose_mut());
        Self(block)
    }

    /// Returns the binder over the transcript up to the truncated ClientHello (RFC 8446 §4.2.11.2).
    pub fn binder(&self, kind: BinderKind, truncated_transcript: &Digest) -> Digest {
        let label: &[u8] = match kind {
            BinderKind::External => b"ext binder",
            BinderKind::Resumption => b"res binder",
            BinderKind::Imported => b"imp binder",
        };
        let Self(block) = self;
        let binder_key = block.stage.derive(block.hash, label, &block.hash.hash(&[]));
        verify_data(block.hash, &binder_key, truncated_transcript)
    }

    /// Derives the next stage and the handshake traffic secrets. `shared` is the secret of the key
    /// exchange, absent with psk_ke; `transcript_hash` covers ClientHello…ServerHello.
    pub fn handshake(self, shared: Option<&Secret>, transcript_hash: &Digest) -> HandshakeSecret {
        let Self(mut block) = self;
        let zeros = Secret::zero(block.hash.output_len());
        block.advance(shared.unwrap_or(&zeros).expose());
        let Block { stage, client_handshake, server_handshake, .. } = &mut *block;
        client_handshake.derive(stage, b"c hs traffic", transcript_hash);
        server_handshake.derive(stage, b"s hs traffic", transcript_hash);
        HandshakeSecret(block)
    }
}

/// The second stage: Handshake Secret.
pub struct HandshakeSecret(Box<Block>);

impl HandshakeSecret {
    /// Returns client_handshake_traffic_secret or server_handshake_traffic_secret.
    pub fn traffic(&self, sender: Sender) -> &TrafficSecret {
        self.0.traffic(Epoch::Handshake, sender)
    }

    /// Derives the next stage and the application traffic secrets; `transcript_hash` covers
    /// ClientHello…server Finished.
    pub fn main(self, transcript_hash: &Digest) -> MainSecret {
        let Self(mut block) = self;
        let zeros = Secret::zero(block.hash.output_len());
        block.advance(zeros.expose());
        let Block { stage, client_application, server_application, .. } = &mut *block;
        client_application.derive(stage, b"c ap traffic", transcript_hash);
        server_application.derive(stage, b"s ap traffic", transcript_hash);
        MainSecret(block)
    }
}

/// The third stage: the Main Secret of RFC 9846 (Master Secret in RFC 8446). The client's Finished is
/// still outstanding, so the handshake traffic secrets are kept.
pub struct MainSecret(Box<Block>);

impl MainSecret {
    /// Returns the first traffic secret of an epoch and sender.
    pub fn traffic(&self, epoch: Epoch, sender: Sender) -> &TrafficSecret {
        self.0.traffic(epoch, sender)
    }

    /// Writes the exporter (RFC 8446 §7.5) into `place`; `transcript_hash` covers
    /// ClientHello…server Finished.
    pub fn exporter<'p>(&self, transcript_hash: &Digest, place: &'p mut Option<Exporter>) -> &'p Exporter {
        let Self(block) = self;
        let exporter = place.insert(Exporter::tls13(block.hash));
        let secret = exporter.secret_mut().expose_mut();
        expand_label(block.hash, block.stage.expose(), b"exp master", transcript_hash, secret);
        exporter
    }

    /// Derives the last stage once both Finished are verified. `transcript_hash` covers
    /// ClientHello…client Finished; without it no session can be created. Secrets that are no longer
    /// needed are wiped.
    pub fn application(self, transcript_hash: Option<&Digest>) -> ApplicationSecrets {
        let Self(mut block) = self;
        match transcript_hash {
            Some(transcript_hash) => {
                let resumption = block.stage.derive(block.hash, b"res master", transcript_hash);
                block.stage.set(resumption.expose());
            }
            None => block.stage.wipe(),
        }
        block.client_handshake.wipe();
        block.server_handshake.wipe();
        ApplicationSecrets(block)
    }
}

/// The last stage: the current application traffic secrets, and the resumption secret if sessions are
/// created.
pub struct ApplicationSecrets(Box<Block>);

impl ApplicationSecrets {
    /// Returns the current client_application_traffic_secret or server_application_traffic_secret.
    pub fn traffic(&self, sender: Sender) -> &TrafficSecret {
        self.0.traffic(Epoch::Application, sender)
    }

    /// Replaces the sender's traffic secret by its next generation (RFC 8446 §7.2).
    pub fn update(&mut self, sender: Sender) {
        let Self(block) = self;
        match sender {
            Sender::Client => block.client_application.update(),
            Sender::Server => block.server_application.update(),
        }
    }

    /// Returns the resumption secret; empty if no session can be created.
    pub fn resumption(&self) -> &Secret {
        &self.0.stage
    }

    /// Writes the pre-shared key of a NewSessionTicket into `psk` (RFC 8446 §4.6.1).
    pub fn resumption_psk(&self, ticket_nonce: &[u8], psk: &mut Secret) {
        let Self(block) = self;
        *psk = Secret::zero(block.hash.output_len());
        expand_label(block.hash, block.stage.expose(), b"resumption", ticket_nonce, psk.expose_mut());
    }
}

/// Returns ipskx, the imported key for an ImportedIdentity (RFC 9258 §4.1). `hash` is the hash of the
/// external key, SHA-256 unless specified; `target` is the hash of the suites for which it is imported.
pub fn imported_psk(hash: &dyn Hash, epsk: &[u8], imported_identity: &[u8], target: &dyn Hash) -> Secret {
    let epskx = extract(hash, &[], epsk);
    let context = hash.hash(&[imported_identity]);
    let mut ipskx = Secret::zero(target.output_len());
    expand_label(hash, epskx.expose(), b"derived psk", &context, ipskx.expose_mut());
    ipskx
}
