//! The transcript hash (RFC 8446 §4.4.1; Hash(handshake_messages) in RFC 5246 §7.4.9). Until a suite is
//! negotiated the hash is unknown, so the first messages are kept as bytes; after that only a hash
//! context is kept.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::HandshakeType;
use handclasp_crypto::{Digest, Hash, HashContext};

/// All handshake messages so far, headers included.
#[derive(Default)]
pub struct Transcript {
    selected: Option<Selected>,
    messages: Vec<u8>,
    keep: bool,
}

struct Selected {
    hash: &'static dyn Hash,
    context: Box<dyn HashContext>,
}

impl Transcript {
    /// Returns an empty transcript, which keeps bytes until [`Transcript::select`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the transcript of a stateless server: it kept only the hash of the first ClientHello, in
    /// the cookie that the client returns (RFC 8446 §4.2.2). The HelloRetryRequest is added next.
    pub fn of_first_hello(hash: &'static dyn Hash, client_hello: &Digest) -> Self {
        let mut transcript = Self::new();
        let mut context = hash.start();
        message_hash(&mut *context, client_hello);
        transcript.selected = Some(Selected { hash, context });
        transcript
    }

    /// Appends one handshake message, header included.
    pub fn add(&mut self, message: &[u8]) {
        if let Some(selected) = &mut self.selected {
            selected.context.update(message);
        }
        if self.keep || self.selected.is_none() {
            self.messages.extend_from_slice(message);
        }
    }

    /// Selects the hash of the negotiated suite and hashes the bytes kept so far. A second call has no
    /// effect, because the bytes are gone.
    pub fn select(&mut self, hash: &'static dyn Hash) {
        if self.selected.is_some() {
            return;
        }
        let mut context = hash.start();
        context.update(&self.messages);
        self.selected = Some(Selected { hash, context });
        if !self.keep {
            self.messages = Vec::new();
        }
    }

    /// Keeps the bytes after [`Transcript::select`] too: the client's CertificateVerify of TLS 1.2 signs
    /// them with a hash that may differ from the PRF's (RFC 5246 §7.4.8). Call it before `select`.
    pub fn keep_messages(&mut self) {
        self.keep = true;
    }

    /// Drops the kept bytes: no client certificate was requested, or its signature is done.
    pub fn drop_messages(&mut self) {
        self.keep = false;
        if self.selected.is_some() {
            self.messages = Vec::new();
        }
    }

    /// Returns the bytes kept: all messages before `select`, and after it too with
    /// [`Transcript::keep_messages`].
    pub fn messages(&self) -> &[u8] {
        &self.messages
    }

    /// Returns the hash of all messages so far. Empty before `select`, which matches no digest.
    pub fn hash(&self) -> Digest {
        match &self.selected {
            Some(selected) => selected.context.current(),
            None => Digest::new(&[]),
        }
    }

    /// Returns the hash of all messages so far and `partial`, which is not added: the ClientHello up to
    /// its binders (RFC 8446 §4.2.11.2). Works before and after `select`; empty if `hash` differs from
    /// the selected one.
    pub fn hash_with(&self, hash: &'static dyn Hash, partial: &[u8]) -> Digest {
        match &self.selected {
            None => hash.hash(&[&self.messages, partial]),
            // The hashes of TLS differ in length, so the length identifies them.
            Some(selected) if selected.hash.output_len() == hash.output_len() => {
                let mut context = selected.context.fork();
                context.update(partial);
                context.current()
            }
            Some(_) => Digest::new(&[]),
        }
    }

    /// Replaces the first ClientHello by a message_hash message, because a HelloRetryRequest follows
    /// (RFC 8446 §4.4.1). Call it after `select` and before adding the HelloRetryRequest.
    pub fn replace_first_hello(&mut self) {
        let Some(selected) = &mut self.selected else { return };
        let client_hello = selected.context.current();
        selected.context = selected.hash.start();
        let header = message_hash(&mut *selected.context, &client_hello);
        if self.keep {
            self.messages.clear();
            self.messages.extend_from_slice(&header);
            self.messages.extend_from_slice(&client_hello);
        }
    }
}

/// Adds a message_hash message to the hash (RFC 8446 §4.4.1); returns its header.
fn message_hash(context: &mut dyn HashContext, client_hello: &Digest) -> [u8; 4] {
    let HandshakeType(message_hash) = HandshakeType::message_hash;
    let header = [message_hash, 0, 0, u8::try_from(client_hello.len()).unwrap_or(u8::MAX)];
    context.update(&header);
    context.update(client_hello);
    header
}
