//! The actions that a state machine requests from its connection, in order.

use alloc::{boxed::Box, vec::Vec};
use core::{fmt, mem};

use handclasp_codec::{
    AlertDescription, CipherSuite, EncodeError, HandshakeType, NamedGroup, ProtocolVersion, SignatureScheme,
    Writer,
};
use handclasp_crypto::Secret;
use handclasp_schedule::{Epoch, Exporter};

use crate::{
    Config,
    capability::{self, Built, Held},
    session::Session,
    types::{PeerIdentity, RecordLimits},
};

/// An action of the connection. Exhaustive: a driver must execute every one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send what was not sent yet of [`Actions::flight`] up to this length, in handshake records, under
    /// the current write keys.
    Send(usize),
    /// Send a change_cipher_spec record: TLS 1.2's, or 1.3's for middleboxes (RFC 8446 §D.4).
    SendChangeCipherSpec,
    /// Decrypt the following records with the peer's keys of this epoch, which the machine lends
    /// (`read_keys`). An error inside a message.
    InstallReadKeys(Epoch),
    /// Encrypt the following records with our keys of this epoch (`write_keys`).
    InstallWriteKeys(Epoch),
    /// Limit the size of the following records.
    LimitRecords(RecordLimits),
    /// Send a warning alert; the connection continues.
    Warn(AlertDescription),
    /// The peer requests new write keys before our next application data (RFC 8446 §4.6.3). One
    /// KeyUpdate answers any number of requests.
    KeyUpdateRequested,
    /// The handshake is complete: application data may be sent and received.
    /// [`Actions::connected`] has what was negotiated.
    Connected,
    /// The client sends early data, which this server does not accept: skip records, within a limit,
    /// up to the first that decrypts (RFC 8446 §4.2.10).
    SkipEarlyData,
}

/// A line of a key log (RFC 9850), its secret as bytes.
#[non_exhaustive]
pub struct KeyLogLine {
    /// The label, such as `CLIENT_RANDOM`.
    pub label: &'static str,
    /// random of the ClientHello, which identifies the connection.
    pub client_random: [u8; 32],
    /// The secret that the label names.
    pub secret: Secret,
}

impl fmt::Debug for KeyLogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyLogLine").field("label", &self.label).finish_non_exhaustive()
    }
}

/// The negotiated parameters, kept after the handshake.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Connected {
    /// The protocol version.
    pub version: ProtocolVersion,
    /// The cipher suite.
    pub suite: CipherSuite,
    /// The group of the key exchange; `None` without (EC)DHE.
    pub group: Option<NamedGroup>,
    /// The scheme with which the server signed; `None` if a pre-shared key or session
    /// authenticates it.
    pub scheme: Option<SignatureScheme>,
    /// Scheme with which the client signed. `None` where the client sent no certificate, and in a
    /// resumed session: then `peer` says on the server who the client is.
    pub client_scheme: Option<SignatureScheme>,
    /// Whether extended_master_secret (RFC 7627) was negotiated; true in TLS 1.3, whose key schedule has
    /// the same property.
    pub extended_master_secret: bool,
    /// The application protocol (ALPN).
    pub alpn: Option<Vec<u8>>,
    /// The server name that the client sent.
    pub server_name: Option<Vec<u8>>,
    /// The identity of the pre-shared key, if one was used.
    pub psk_identity: Option<Vec<u8>>,
    /// Whether a session was resumed. The identities are then those of its first handshake.
    pub resumed: bool,
    /// The peer's identity, if it authenticated with a certificate or raw public key.
    pub peer: Option<PeerIdentity>,
    /// The exporter (RFC 8446 §7.5, RFC 5705); `None` in TLS 1.2 without extended_master_secret.
    pub exporter: Option<Exporter>,
    /// Client: the server's OCSP response (DER) about its certificate, not verified.
    pub ocsp_response: Option<Vec<u8>>,
    /// Client, TLS 1.2: the server's hint about the pre-shared key. It was sent unprotected, before
    /// the key was used.
    pub psk_identity_hint: Option<Vec<u8>>,
    /// The negotiated record limits.
    pub record_limits: Option<RecordLimits>,
}

/// Room for a server's flight with one small certificate.
const FLIGHT: usize = 1024;

/// Room for a ClientHello without a hybrid share.
const HELLO: usize = 320;

/// Actions between two calls of the machine: keys of both directions, messages.
const ACTIONS: usize = 8;

/// Sessions that wait for [`Actions::take_sessions`]: OpenSSL gives 2, others up to 4.
const SESSIONS_MAX: usize = 4;

/// Output of a state machine: actions in order with the bytes of their messages, whose memory
/// is reused for each flight; and the values that the caller may take, which a later failure in the step does not undo.
#[derive(Debug, Default)]
pub struct Actions {
    list: Vec<Action>,
    flight: Vec<u8>,
    /// What was negotiated, for [`Action::Connected`].
    pub connected: Option<Box<Connected>>,
    #[expect(clippy::box_collection, reason = "one word in an idle connection")]
    sessions: Option<Held<capability::Tickets, Box<Vec<Session>>>>,
    /// A list that grows leaves no copy of a secret behind: its elements are pointers.
    #[expect(clippy::box_collection, reason = "one word in an idle connection")]
    key_log: Option<Held<capability::KeyLog, Box<Vec<Box<KeyLogLine>>>>>,
}

impl Actions {
    /// Appends a handshake message with this body. Returns its bytes for the transcript.
    ///
    /// # Errors
    /// Content that does not fit its length prefix.
    pub fn send(
        &mut self,
        message: HandshakeType,
        body: impl FnOnce(&mut Writer<'_>),
    ) -> Result<&[u8], EncodeError> {
        let start = self.begin(FLIGHT);
        handclasp_codec::encode_handshake(&mut self.flight, message, body)?;
        Ok(self.sent_from(start))
    }

    /// As [`Actions::send`], for a message that is not finished yet: the binders of a ClientHello
    /// are filled in where it lies.
    ///
    /// # Errors
    /// As [`Actions::send`].
    pub(crate) fn send_unfinished(
        &mut self,
        message: HandshakeType,
        body: impl FnOnce(&mut Writer<'_>),
    ) -> Result<&mut [u8], EncodeError> {
        let start = self.begin(HELLO);
        handclasp_codec::encode_handshake(&mut self.flight, message, body)?;
        Ok(self.sent_from(start))
    }

    /// Sends a message that is already encoded.
    pub fn send_encoded(&mut self, message: &[u8]) {
        let start = self.begin(message.len());
        self.flight.extend_from_slice(message);
        self.sent_from(start);
    }

    /// Where the next message begins. The first one finds room for what its flight is in most cases,
    /// so that it need not grow by doubling from nothing.
    fn begin(&mut self, usual: usize) -> usize {
        if self.flight.capacity() == 0 {
            self.flight.reserve(usual);
        }
        self.flight.len()
    }

    /// Sends the flight to its end, together with the message before where nothing lies between.
    fn sent_from(&mut self, start: usize) -> &mut [u8] {
        let end = self.flight.len();
        match self.list.last_mut() {
            Some(Action::Send(until)) => *until = end,
            _ => self.push(Action::Send(end)),
        }
        self.flight.get_mut(start..).unwrap_or_default()
    }

    /// Adds an action.
    pub fn push(&mut self, action: Action) {
        if self.list.capacity() == 0 {
            self.list.reserve(ACTIONS);
        }
        self.list.push(action);
    }

    /// The handshake is complete.
    pub(crate) fn connect(&mut self, agreed: Box<Connected>) {
        self.connected = Some(agreed);
        self.push(Action::Connected);
    }

    /// The server sent a ticket. Of more sessions than are ever offered the newest are kept.
    pub(crate) fn keep_session(&mut self, session: Session) {
        let Some(built) = capability::Tickets::get() else { return };
        let sessions = self.sessions.get_or_insert_with(|| built.hold(Box::default()));
        if sessions.len() >= SESSIONS_MAX {
            sessions.remove(0);
        }
        sessions.push(session);
    }

    /// A secret for the key log, where one is kept.
    pub(crate) fn log(
        &mut self,
        config: &Config,
        label: &'static str,
        client_random: &[u8; 32],
        secret: &Secret,
    ) {
        let Some(built) = capability::KeyLog::get().filter(|_| config.key_log) else { return };
        let mut line = Box::new(KeyLogLine { label, client_random: *client_random, secret: Secret::zero(0) });
        line.secret.set(secret.expose());
        self.key_log.get_or_insert_with(|| built.hold(Box::default())).push(line);
    }

    /// The action at that place; after the last one [`Actions::clear`] follows.
    pub fn get(&self, index: usize) -> Option<Action> {
        self.list.get(index).copied()
    }

    /// The bytes of the messages that [`Action::Send`] sends.
    pub fn flight(&self) -> &[u8] {
        &self.flight
    }

    /// Removes the actions and their bytes, and keeps the memory.
    pub fn clear(&mut self) {
        self.list.clear();
        self.flight.clear();
    }

    /// As [`Actions::clear`], and frees the memory.
    pub fn free(&mut self) {
        (self.list, self.flight) = (Vec::new(), Vec::new());
    }

    /// The sessions whose tickets came since the last call; none unless the configuration resumes sessions.
    pub fn take_sessions(&mut self) -> Vec<Session> {
        self.sessions.take().map(|mut sessions| mem::take(&mut **sessions)).unwrap_or_default()
    }

    /// The lines of the key log since the last call; none unless [`Config::key_log`] is set.
    pub fn take_key_log(&mut self) -> Vec<Box<KeyLogLine>> {
        self.key_log.take().map(|mut lines| mem::take(&mut **lines)).unwrap_or_default()
    }
}
