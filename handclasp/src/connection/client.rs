//! A client's end.

use std::{
    borrow::Cow,
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use handclasp_connection::Connection as Engine;
use handclasp_handshake::ClientStart;
use handclasp_report::{Report, Side};
use handclasp_trust::{Name, Trust};
use rustls_pki_types::ServerName;

use super::Connection;
use crate::{
    Client, Error,
    answer::HandshakeState,
    misuse::{self, Problem},
    psk::PskEntry,
    sessions::SessionStoreHandle,
    settings::Settings,
    time::{deadline_after, with_context},
};

/// The name of a server: a DNS name or an IP address, which its certificate must be for and by which
/// sessions are kept. `None` where the trust needs no name (pins, pre-shared keys).
///
/// Made from `&str`, `String`, [`ServerName`], or an `Option` of `&str`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerName<'n>(pub(crate) Option<Cow<'n, str>>);

impl<'n> From<&'n str> for PeerName<'n> {
    fn from(name: &'n str) -> Self {
        Self(Some(Cow::Borrowed(name)))
    }
}

impl<'n> From<&'n String> for PeerName<'n> {
    fn from(name: &'n String) -> Self {
        Self(Some(Cow::Borrowed(name)))
    }
}

impl From<String> for PeerName<'_> {
    fn from(name: String) -> Self {
        Self(Some(Cow::Owned(name)))
    }
}

impl<'n> From<Option<&'n str>> for PeerName<'n> {
    fn from(name: Option<&'n str>) -> Self {
        Self(name.map(Cow::Borrowed))
    }
}

impl From<ServerName<'_>> for PeerName<'_> {
    fn from(name: ServerName<'_>) -> Self {
        Self(Some(Cow::Owned(name.to_str().into_owned())))
    }
}

/// A client's end of a connection, without a socket and without blocking: see [`Connection`].
pub struct ClientConnection(Connection);

impl ClientConnection {
    /// Starts a connection to the server of that name; the ClientHello waits in
    /// [`Connection::transmit`]. The handshake's time begins now ([`Connection::deadline`]).
    ///
    /// # Errors
    /// A name or a configuration with which no handshake could succeed, or the random number generator
    /// failed.
    pub fn new<'n>(client: &Client, name: impl Into<PeerName<'n>>) -> Result<Self, Error> {
        Self::start(&client.settings, name.into().0.as_deref()).map(Self)
    }

    fn start(settings: &Arc<Settings>, asked: Option<&str>) -> Result<Connection, Error> {
        let name = server_name(settings, asked)?;
        let entries = match settings.trust.as_deref() {
            Some(Trust::Psk(psk)) => PskEntry::offered(psk, &settings.config.handshake),
            _ => Vec::new(),
        };
        let psk = PskEntry::client(&entries);
        // Without a name a session would be anybody's.
        let sessions = settings.active_sessions();
        let mut store = sessions.and_then(|sessions| Some((sessions, SessionStoreHandle::new(asked?))));
        let offered = store.as_mut().and_then(|(sessions, handle)| handle.offer(sessions));
        let server_name = name.as_ref().and_then(Name::dns).filter(|_| settings.sends_name);
        let start = ClientStart { server_name, psk, session: offered };
        let engine = with_context(&settings.config, |context| Engine::client(context, start))
            .map_err(|fault| Error::from_fault(fault, &Report::new(Side::Client)))?;
        let deadline = deadline_after(settings.deadline);
        let state = HandshakeState { name, deadline, ..HandshakeState::default() };
        let mut connection = Connection::new(settings, engine, state);
        connection.sessions = store.map(|(_, handle)| handle);
        Ok(connection)
    }
}

/// The name to verify, where there is one; checks the configuration too.
pub(crate) fn server_name(settings: &Settings, asked: Option<&str>) -> Result<Option<Name>, Error> {
    let name = asked.map(misuse::server_name).transpose();
    name.and_then(|name| misuse::client(settings, asked.is_some()).map(|()| name)).map_err(unusable)
}

/// The application's input cannot be used; nothing was sent.
pub(crate) fn unusable(problem: Problem) -> Error {
    Error::misuse(problem, &Report::new(Side::Client))
}

impl Deref for ClientConnection {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for ClientConnection {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}

impl From<ClientConnection> for Connection {
    fn from(client: ClientConnection) -> Self {
        client.0
    }
}

impl fmt::Debug for ClientConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
