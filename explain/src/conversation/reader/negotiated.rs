//! What the hellos negotiate, as far as it decides how later messages are read.

use handclasp_codec::{
    CipherSuite, ClientHello, Context, Decode, Field, HandshakeType, ProtocolVersion, ServerHelloOrRetry,
};

use crate::conversation::legacy;
use crate::input::capture_event::Side;

/// Limit on the bytes of a transcript; a longer handshake is read, but its Finished is not recomputed.
const TRANSCRIPT: usize = 1 << 20;

/// State of the current handshake.
#[derive(Clone, Debug, Default)]
pub(super) struct Negotiated {
    /// random of the ClientHello.
    pub client_random: Option<[u8; 32]>,
    /// random of the ServerHello.
    pub server_random: Option<[u8; 32]>,
    /// The negotiated version.
    pub version: Option<ProtocolVersion>,
    /// The negotiated cipher suite.
    pub suite: Option<CipherSuite>,
    /// Whether the server's hello has extended_master_secret.
    pub extended_master_secret: bool,
    /// Whether the server's hello has encrypt_then_mac.
    pub encrypt_then_mac: bool,
    /// Whether the ClientHello has early_data.
    pub early_data: bool,
    /// TLS 1.3: the pre-shared key that the server selected.
    pub psk: Option<SelectedPsk>,
    /// The handshake messages that Finished covers (RFC 8446 §4.4.1, RFC 5246 §7.4.9).
    pub transcript: Vec<u8>,
    /// Length of the part that the session hash covers (RFC 7627 §3): up to ClientKeyExchange.
    pub session_end: Option<usize>,
    /// The transcript is incomplete, or was dropped.
    pub transcript_incomplete: bool,
}

/// The pre-shared key that a server of TLS 1.3 selected.
#[derive(Clone, Copy, Debug)]
pub(super) struct SelectedPsk {
    /// Index in the client's list of identities.
    pub identity: u16,
    /// Without a key exchange (psk_ke).
    pub without_key_exchange: bool,
}

impl Negotiated {
    /// The parameters that decide how later messages are decoded.
    pub fn context(&self) -> Context {
        Context { version: self.version, cipher_suite: self.suite }
    }

    /// Whether TLS 1.3 was negotiated.
    pub fn is_tls13(&self) -> bool {
        self.version == Some(ProtocolVersion::TLS_1_3)
    }

    /// Updates the state by a message, header included.
    pub fn message(&mut self, from: Side, msg_type: HandshakeType, bytes: &[u8]) {
        let body = bytes.get(4..).unwrap_or_default();
        match (from, msg_type) {
            (Side::Client, HandshakeType::client_hello) => self.client_hello(body),
            (Side::Server, HandshakeType::server_hello) => self.server_hello(body),
            _ => {}
        }
        self.add(msg_type, bytes);
        if msg_type == HandshakeType::client_key_exchange {
            self.session_end = Some(self.transcript.len());
        }
    }

    /// The messages that the session hash covers.
    pub fn session(&self) -> Option<&[u8]> {
        self.transcript.get(..self.session_end?).filter(|_| !self.transcript_incomplete)
    }

    /// The transcript, if it is complete.
    pub fn whole_transcript(&self) -> Option<&[u8]> {
        (!self.transcript_incomplete).then_some(self.transcript.as_slice())
    }

    /// Drops the transcript: the handshake is over, or the transcript is too long.
    pub fn drop_transcript(&mut self) {
        self.transcript = Vec::new();
        self.session_end = None;
        self.transcript_incomplete = true;
    }

    fn add(&mut self, msg_type: HandshakeType, bytes: &[u8]) {
        let ticket = self.is_tls13() && msg_type == HandshakeType::new_session_ticket;
        let outside = [HandshakeType::hello_request, HandshakeType::key_update];
        if ticket || outside.contains(&msg_type) || self.transcript_incomplete {
            return;
        }
        match self.transcript.len() + bytes.len() <= TRANSCRIPT {
            true => self.transcript.extend_from_slice(bytes),
            false => self.drop_transcript(),
        }
    }

    /// A ClientHello starts another handshake, unless it answers a HelloRetryRequest.
    fn client_hello(&mut self, body: &[u8]) {
        let retried = self.is_tls13() && self.server_random.is_none();
        // At a fixed offset, so it is known even if the rest does not decode.
        let random = body.get(2..34).and_then(|random| random.try_into().ok());
        let before = std::mem::take(self);
        if retried {
            (self.version, self.suite) = (before.version, before.suite);
            (self.transcript, self.transcript_incomplete) = (before.transcript, before.transcript_incomplete);
            self.early_data = before.early_data;
        }
        self.client_random = random;
        if let Ok(hello) = ClientHello::from_bytes(body, Field::body) {
            self.early_data |= hello.extensions.early_data.is_some();
        }
    }

    fn server_hello(&mut self, body: &[u8]) {
        match ServerHelloOrRetry::from_bytes(body, Field::body) {
            Ok(ServerHelloOrRetry::ServerHello(hello)) => {
                let chosen = hello.extensions.supported_versions.map(|chosen| chosen.selected_version);
                self.version = Some(chosen.unwrap_or(hello.legacy_version));
                self.suite = Some(hello.cipher_suite);
                self.server_random = Some(*hello.random);
                // Without the ClientHello nothing can be recomputed.
                self.transcript_incomplete |= self.client_random.is_none();
                self.extended_master_secret = hello.extensions.extended_master_secret.is_some();
                self.encrypt_then_mac = hello.extensions.encrypt_then_mac.is_some();
                let without_key_exchange = hello.extensions.key_share.is_none();
                self.psk = hello.extensions.pre_shared_key.map(|selected| SelectedPsk {
                    identity: selected.selected_identity,
                    without_key_exchange,
                });
            }
            Ok(ServerHelloOrRetry::HelloRetryRequest(retry)) => {
                self.version = Some(ProtocolVersion::TLS_1_3);
                self.suite = Some(retry.cipher_suite);
                self.hash_first_hello(retry.cipher_suite);
            }
            Err(_) => {}
        }
    }

    /// Replaces the first ClientHello by a message_hash (RFC 8446 §4.4.1).
    fn hash_first_hello(&mut self, suite: CipherSuite) {
        let Some(suite) = legacy::tls13(suite) else { return self.drop_transcript() };
        let hash = suite.hash.hash(&[&self.transcript]);
        let length = u8::try_from(hash.len()).unwrap_or_default();
        self.transcript = [&[HandshakeType::message_hash.0, 0, 0, length], &*hash].concat();
    }
}
