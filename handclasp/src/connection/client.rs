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
    trace::Trace,
};

/// The name of a server: a DNS name or an IP address, which its certificate must be for and by which
/// sessions are kept. `None` where the trust needs no name (pins, pre-shared keys).
///
/// Made from `&str`, `String`, [`ServerName`], or an `Option` of `&str`. With [`Trust::KnownPeers`] the server
/// may have another name in the file than the one by which it is reached: [`PeerName::known_as`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerName<'n> {
    pub(crate) host: Option<Cow<'n, str>>,
    pub(crate) known: Option<Cow<'n, str>>,
}

impl<'n> PeerName<'n> {
    /// A server that has neither a DNS name nor a constant address, such as the service
    /// `Hall Door._lock._tcp` of DNS-SD: by that name [`Trust::KnownPeers`] looks it up, and server_name is not
    /// sent. Certificates are not for such names, so that it does not work with [`Trust::WebPki`].
    ///
    /// ```no_run
    /// use handclasp::{Client, KnownPeers, PeerName, Trust};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::new(Trust::KnownPeers(KnownPeers::new("known_peers")));
    /// let stream = client.connect_to("192.0.2.7:4433", PeerName::service("Hall Door._lock._tcp"))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn service(name: impl Into<Cow<'n, str>>) -> Self {
        Self { host: None, known: Some(name.into()) }
    }

    /// Sets the name by which [`Trust::KnownPeers`] looks the server up. Any text that is not empty; capital and
    /// small letters of ASCII are the same.
    #[must_use]
    pub fn known_as(mut self, name: impl Into<Cow<'n, str>>) -> Self {
        self.known = Some(name.into());
        self
    }

    fn host(name: Option<Cow<'n, str>>) -> Self {
        Self { host: name, known: None }
    }
}

impl<'n> From<&'n str> for PeerName<'n> {
    fn from(name: &'n str) -> Self {
        Self::host(Some(Cow::Borrowed(name)))
    }
}

impl<'n> From<&'n String> for PeerName<'n> {
    fn from(name: &'n String) -> Self {
        Self::host(Some(Cow::Borrowed(name)))
    }
}

impl From<String> for PeerName<'_> {
    fn from(name: String) -> Self {
        Self::host(Some(Cow::Owned(name)))
    }
}

impl<'n> From<Option<&'n str>> for PeerName<'n> {
    fn from(name: Option<&'n str>) -> Self {
        Self::host(name.map(Cow::Borrowed))
    }
}

impl From<ServerName<'_>> for PeerName<'_> {
    fn from(name: ServerName<'_>) -> Self {
        Self::host(Some(Cow::Owned(name.to_str().into_owned())))
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
        let name = name.into();
        let mut trace = Trace::begin(Side::Client, name.host.as_deref().or(name.known.as_deref()));
        let started = Self::start(&client.settings, &name).inspect_err(|error| trace.failed(error))?;
        Ok(Self(started.with_trace(trace)))
    }

    fn start(settings: &Arc<Settings>, asked: &PeerName<'_>) -> Result<Connection, Error> {
        let name = server_name(settings, asked)?;
        let known_name = asked.known.as_deref().filter(|_| settings.known_peers().is_some()).map(Box::from);
        let entries = match settings.trust.as_deref() {
            Some(Trust::Psk(psk)) => PskEntry::offered(psk, &settings.config.handshake),
            _ => Vec::new(),
        };
        let psk = PskEntry::client(&entries);
        // Without a name a session would be anybody's.
        let sessions = settings.active_sessions();
        let mut store =
            sessions.and_then(|sessions| Some((sessions, SessionStoreHandle::new(asked.host.as_deref()?))));
        let offered = store.as_mut().and_then(|(sessions, handle)| handle.offer(sessions));
        let server_name = name.as_ref().and_then(Name::dns).filter(|_| settings.sends_name);
        let start = ClientStart { server_name, psk, session: offered };
        let engine = with_context(&settings.config, |context| Engine::client(context, start))
            .map_err(|fault| Error::from_fault(fault, &Report::new(Side::Client)))?;
        let deadline = deadline_after(settings.deadline);
        let state = HandshakeState { name, known_name, deadline, ..HandshakeState::default() };
        let mut connection = Connection::new(settings, engine, state);
        connection.sessions = store.map(|(_, handle)| handle);
        Ok(connection)
    }
}

/// The name to verify, where there is one; checks the configuration too.
pub(crate) fn server_name(settings: &Settings, asked: &PeerName<'_>) -> Result<Option<Name>, Error> {
    let name = asked.host.as_deref().map(misuse::server_name).transpose();
    let known = asked.known.as_deref().map(misuse::known_name).transpose();
    let names = known.and_then(|known| Ok((name?, known.is_some())));
    let checked = names.and_then(|(name, is_known)| {
        let is_named = name.is_some() || is_known && settings.known_peers().is_some();
        misuse::client(settings, is_named).map(|()| name)
    });
    checked.map_err(unusable)
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
