//! A certificate that the application chooses, by the server name or what else the peer sent.

use std::{fmt, sync::Arc};

use handclasp_codec::{ProtocolVersion, SignatureScheme};
use handclasp_handshake::{CredentialRequest, Need};
use handclasp_identity::Identity;
use handclasp_report::{NoneShown, Side};

use crate::{
    Connection, Error,
    answer::{Answers, Reply},
    choose::Choice,
    index::Index,
};

/// Asks for the certificate that this side sends.
///
/// ```
/// use std::sync::Arc;
/// use handclasp::{
///     Client, ClientConnection, Credentials, Identity, LateNeed, NeedKind, Server, ServerConnection, Trust,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let client = ClientConnection::new(&Client::new(Trust::DangerNobody), "tenant-7.example")?;
/// let server = Server::new(Credentials::default()).late_needs(&[NeedKind::Credential]);
/// let mut connection = ServerConnection::new(&server)?;
/// connection.receive(client.transmit())?;
/// if let Some(LateNeed::Credential(need)) = connection.need() {
///     // Out of a store, by the name that the client asks for.
///     let name = need.server_name().unwrap_or("default.example").to_owned();
///     need.answer(Arc::new(Identity::self_signed(&[&name])?))?;
/// }
/// assert!(connection.may().transmit);
/// # Ok(())
/// # }
/// ```
pub struct CredentialNeed<'c> {
    pub(super) connection: &'c mut Connection,
}

impl CredentialNeed<'_> {
    fn request(&self) -> Option<CredentialRequest<'_>> {
        match self.connection.engine.need() {
            Some(Need::Credential(request)) => Some(request),
            _ => None,
        }
    }

    /// The protocol version that was negotiated.
    pub fn version(&self) -> ProtocolVersion {
        self.request().map_or(ProtocolVersion::default(), |request| request.version)
    }

    /// The server_name that the client sent (RFC 6066 §3). On a client: `None`.
    pub fn server_name(&self) -> Option<&str> {
        let name = self.request().and_then(|request| request.server_name)?;
        core::str::from_utf8(name).ok()
    }

    /// The signature schemes that the peer accepts, in its order of preference.
    pub fn schemes(&self) -> impl Iterator<Item = SignatureScheme> + '_ {
        self.request().into_iter().flat_map(|request| request.schemes.iter())
    }

    /// The DER names of the authorities that the peer accepts; empty where it names none.
    pub fn authorities(&self) -> impl Iterator<Item = &[u8]> {
        self.request().into_iter().flat_map(|request| request.authorities.iter().map(|name| name.0))
    }

    /// Sends this certificate. Its key signs, unless [`crate::NeedKind::Signature`] is late as well.
    ///
    /// # Errors
    /// The certificate's key does not fit what the peer accepts, or the handshake fails as it goes on.
    pub fn answer(self, identity: Arc<Identity>) -> Result<(), Error> {
        let identities = [identity];
        let index = Index::of(&identities);
        let raw_keys = self.connection.settings.raw_keys;
        let choice = Choice { identities: &identities, index: &index, raw_keys };
        let is_server = self.connection.settings.side == Side::Server;
        let selected = self.request().and_then(|request| choice.choose(&request, is_server));
        self.connection.state.signer = selected.as_ref().map(|selected| Arc::clone(&selected.identity));
        self.connection.answer_late(match (selected, is_server) {
            (None, false) => Reply::NoCredential(NoneShown::NoCommonScheme),
            (selected, _) => Reply::Credential(selected),
        })
    }

    /// Chooses among the identities of the configuration, as without [`crate::NeedKind::Credential`].
    ///
    /// # Errors
    /// None of them fits (on a server), or the handshake fails as it goes on.
    pub fn choose_configured(self) -> Result<(), Error> {
        let settings = Arc::clone(&self.connection.settings);
        let Connection { engine, state, .. } = &mut *self.connection;
        let reply = match engine.need() {
            Some(Need::Credential(request)) => Answers { settings: &settings, state }.credential(&request),
            _ => Reply::NoCredential(NoneShown::NotConfigured),
        };
        self.connection.answer_late(reply)
    }

    /// Sends no certificate. A client goes on without one where the server permits it; a server's
    /// handshake ends.
    ///
    /// # Errors
    /// The handshake fails as it goes on.
    pub fn send_none(self) -> Result<(), Error> {
        let reply = match self.connection.settings.side {
            Side::Client => Reply::NoCredential(NoneShown::NotConfigured),
            Side::Server => Reply::Credential(None),
        };
        self.connection.answer_late(reply)
    }
}

impl fmt::Debug for CredentialNeed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialNeed")
            .field("version", &self.version())
            .field("server_name", &self.server_name())
            .finish_non_exhaustive()
    }
}
