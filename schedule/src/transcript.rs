//! The transcript hash (RFC 8446 §4.4.1; RFC 5246 §7.4.9 calls it Hash(handshake_messages)).
//! Until a suite is chosen nobody knows which hash, so the first messages are kept as bytes;
//! from then on there is one hash context and no bytes.

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
    /// An empty one, which keeps bytes until [`Transcript::select`].
    pub fn new() -> Self {
        Self::default()
    }

    /// That of a server which kept nothing of a first ClientHello but its hash, and had the
    /// client carry even that, in a cookie (RFC 8446 §4.2.2). The HelloRetryRequest comes next.
    pub fn of_first_hello(hash: &'static dyn Hash, client_hello: &Digest) -> Self {
        let mut transcript = Self::new();
        let mut context = hash.start();
        message_hash(&mut *context, client_hello);
        transcript.selected = Some(Selected { hash, context });
        transcript
    }

    /// Appends a whole handshake message, header included.
    pub fn add(&mut self, message: &[u8]) {
        if let Some(selected) = &mut self.selected {
            selected.context.update(message);
        }
        if self.keep || self.selected.is_none() {
            self.messages.extend_from_slice(message);
        }
    }

    /// The suite is chosen, and with it the hash: hashes what was kept. A second call changes
    /// nothing, since the bytes are gone.
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

    /// Keeps the bytes beyond [`Transcript::select`]: the client's CertificateVerify of TLS 1.2
    /// signs them by a hash that is not the PRF's (RFC 5246 §7.4.8). Call it before `select`.
    pub fn keep_messages(&mut self) {
        self.keep = true;
    }

    /// Drops the kept bytes: no client certificate was asked for, or its signature is done.
    pub fn drop_messages(&mut self) {
        self.keep = false;
        if self.selected.is_some() {
            self.messages = Vec::new();
        }
    }

    /// The bytes kept: all messages before `select`, and beyond it after
    /// [`Transcript::keep_messages`].
    pub fn messages(&self) -> &[u8] {
        &self.messages
    }

    /// The hash of all messages so far. Empty before `select`: nothing ever matches that.
    pub fn hash(&self) -> Digest {
        match &self.selected {
            Some(selected) => selected.context.current(),
            None => Digest::new(&[]),
        }
    }

    /// The hash of all messages so far and `partial`, which does not become part of them: the
    /// ClientHello up to its binders (RFC 8446 §4.2.11.2). Works before and after `select`;
    /// empty if after it `hash` is another one than was selected.
    pub fn hash_with(&self, hash: &'static dyn Hash, partial: &[u8]) -> Digest {
        match &self.selected {
            None => hash.hash(&[&self.messages, partial]),
            // Hashes of TLS differ in length, so their lengths identify them.
            Some(selected) if selected.hash.output_len() == hash.output_len() => {
                let mut context = selected.context.fork();
                context.update(partial);
                context.current()
            }
            Some(_) => Digest::new(&[]),
        }
    }

    /// A HelloRetryRequest follows: the first ClientHello becomes a message_hash message
    /// (RFC 8446 §4.4.1). Call it after `select` and before the retry request is added.
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

/// Hashes a message_hash message (RFC 8446 §4.4.1); its header.
fn message_hash(context: &mut dyn HashContext, client_hello: &Digest) -> [u8; 4] {
    let HandshakeType(message_hash) = HandshakeType::message_hash;
    let header = [message_hash, 0, 0, u8::try_from(client_hello.len()).unwrap_or(u8::MAX)];
    context.update(&header);
    context.update(client_hello);
    header
}
