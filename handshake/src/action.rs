//! What a machine tells its connection to do, in order.

use alloc::{boxed::Box, vec::Vec};
use core::{fmt, ops::Range};

use handclasp_codec::{
    AlertDescription, CipherSuite, EncodeError, HandshakeType, NamedGroup, ProtocolVersion, SignatureScheme,
    Writer,
};
use handclasp_crypto::Secret;
use handclasp_schedule::{Epoch, Exporter};

use crate::{
    Config,
    session::Session,
    types::{PeerIdentity, RecordLimits},
};

/// One thing to do. Exhaustive, since whoever drives a machine must carry out each of them.
#[derive(Debug)]
pub enum Action {
    /// Send this part of [`Actions::flight`] as handshake records, under the write keys as
    /// they are at this point.
    Send(Range<usize>),
    /// Send a change_cipher_spec record: TLS 1.2's, or 1.3's for middleboxes (RFC 8446 §D.4).
    SendChangeCipherSpec,
    /// From here on what comes is protected by the peer's keys of that epoch, which the machine
    /// lends (`read_keys`). Refused inside a message.
    InstallReadKeys(Epoch),
    /// From here on what is sent is protected by our keys of that epoch (`write_keys`).
    InstallWriteKeys(Epoch),
    /// From here on records are no larger than this.
    LimitRecords(RecordLimits),
    /// Send a warning alert, which changes nothing.
    Warn(AlertDescription),
    /// A line for the key log; only where [`Config::key_log`] asks for it.
    KeyLog(Box<KeyLogLine>),
    /// The peer asks for new write keys before our next application data (RFC 8446 §4.6.3).
    /// One KeyUpdate answers any number of these.
    KeyUpdateRequested,
    /// Both Finished are right: application data may flow.
    Connected(Box<Connected>),
    /// A ticket came: the caller may keep the session and offer it in a later connection.
    Ticket(Session),
    /// The client sends data before our answer (0-RTT), which nobody here can open: its records
    /// are to be passed over, within a budget, up to the first that opens (RFC 8446 §4.2.10).
    SkipEarlyData,
}

/// A line of a key log (RFC 9850), its secret still bytes.
#[non_exhaustive]
pub struct KeyLogLine {
    /// The label, such as `CLIENT_RANDOM`.
    pub label: &'static str,
    /// The connection.
    pub client_random: [u8; 32],
    /// The secret.
    pub secret: Secret,
}

impl fmt::Debug for KeyLogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyLogLine").field("label", &self.label).finish_non_exhaustive()
    }
}

/// What was agreed. Stays with the connection when the handshake's own state is gone.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Connected {
    /// Protocol version.
    pub version: ProtocolVersion,
    /// Cipher suite.
    pub suite: CipherSuite,
    /// Group of the key exchange; none with plain PSK in TLS 1.2.
    pub group: Option<NamedGroup>,
    /// Scheme with which the server signed; none where a pre-shared key authenticates.
    pub scheme: Option<SignatureScheme>,
    /// Scheme with which the client signed. `None` where the client sent no certificate, and in a
    /// resumed session: then `peer` says on the server who the client is.
    pub client_scheme: Option<SignatureScheme>,
    /// Whether extended_master_secret (RFC 7627) was negotiated; true in TLS 1.3, whose key schedule has
    /// the same property.
    pub extended_master_secret: bool,
    /// Application protocol.
    pub alpn: Option<Vec<u8>>,
    /// The server name that the client sent (on either side).
    pub server_name: Option<Vec<u8>>,
    /// The pre-shared key's identity, where one was used.
    pub psk_identity: Option<Vec<u8>>,
    /// Whether a session was resumed: the identities are those of the handshake that began it.
    pub resumed: bool,
    /// Who the peer is, where it showed a certificate or key.
    pub peer: Option<PeerIdentity>,
    /// For exporting keys (RFC 8446 §7.5, RFC 5705); none in TLS 1.2 without
    /// extended_master_secret.
    pub exporter: Option<Exporter>,
    /// The OCSP response (DER) that the server sent about its certificate, as it came: nobody
    /// has verified it.
    pub ocsp_response: Option<Vec<u8>>,
    /// What the server of TLS 1.2 said about the pre-shared key that it wants. It came
    /// unprotected, before the key was used.
    pub psk_identity_hint: Option<Vec<u8>>,
    /// Limits of records, where they were negotiated.
    pub record_limits: Option<RecordLimits>,
}

/// Room for a server's flight with one small certificate.
const FLIGHT: usize = 1024;

/// Room for a ClientHello without a hybrid share.
const HELLO: usize = 320;

/// Actions between two calls of the machine: keys of both directions, messages.
const ACTIONS: usize = 8;

/// Actions in order, and the bytes of the messages among them. Reused from flight to flight.
#[derive(Debug, Default)]
pub struct Actions {
    list: Vec<Action>,
    flight: Vec<u8>,
}

impl Actions {
    /// Writes a handshake message: its header, then `body`. Returns the message's bytes, for
    /// the transcript.
    ///
    /// # Errors
    /// Content that does not fit its length prefix.
    pub fn send(
        &mut self,
        message: HandshakeType,
        body: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
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
        body: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<&mut [u8], EncodeError> {
        let start = self.begin(HELLO);
        handclasp_codec::encode_handshake(&mut self.flight, message, body)?;
        self.sent_from(start);
        Ok(self.flight.get_mut(start..).unwrap_or_default())
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

    /// Records `start..` of the flight as sent, joined to the message before it if nothing
    /// lies between.
    fn sent_from(&mut self, start: usize) -> &[u8] {
        let end = self.flight.len();
        match self.list.last_mut() {
            Some(Action::Send(range)) if range.end == start => range.end = end,
            _ => self.push(Action::Send(start..end)),
        }
        self.flight.get(start..end).unwrap_or_default()
    }

    /// Adds an action.
    pub fn push(&mut self, action: Action) {
        if self.list.capacity() == 0 {
            self.list.reserve(ACTIONS);
        }
        self.list.push(action);
    }

    /// A secret for the key log, where one is kept.
    pub(crate) fn log(
        &mut self,
        config: &Config,
        label: &'static str,
        client_random: &[u8; 32],
        secret: &Secret,
    ) {
        if config.key_log {
            let mut line =
                Box::new(KeyLogLine { label, client_random: *client_random, secret: Secret::zero(0) });
            line.secret.set(secret.expose());
            self.push(Action::KeyLog(line));
        }
    }

    /// The bytes that [`Action::Send`] points into.
    pub fn flight(&self) -> &[u8] {
        &self.flight
    }

    /// Takes the list for carrying out; give it back with [`Actions::reuse`].
    pub fn take_list(&mut self) -> Vec<Action> {
        core::mem::take(&mut self.list)
    }

    /// Empties both for the next flight, keeping their memory.
    pub fn reuse(&mut self, mut list: Vec<Action>) {
        list.clear();
        self.list = list;
        self.flight.clear();
    }
}
