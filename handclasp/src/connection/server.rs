//! A server's end.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use handclasp_connection::Connection as Engine;
use handclasp_report::{Report, Side};

use super::Connection;
use crate::{
    Error, Server,
    answer::HandshakeState,
    time::{deadline_after, with_context},
    trace::Trace,
};

/// A server's end of a connection, without a socket and without blocking: see [`Connection`].
pub struct ServerConnection(Connection);

impl ServerConnection {
    /// Starts a connection with a client, whose ClientHello goes into [`Connection::receive`]. The
    /// handshake's time begins now ([`Connection::deadline`]).
    ///
    /// # Errors
    /// A configuration with which no handshake could succeed.
    pub fn new(server: &Server) -> Result<Self, Error> {
        Self::in_span(server, Trace::begin(Side::Server, None))
    }

    /// As [`ServerConnection::new`], for a handshake that began already.
    pub(crate) fn in_span(server: &Server, mut trace: Trace) -> Result<Self, Error> {
        let started = Self::start(server).inspect_err(|error| trace.failed(error))?;
        Ok(Self(started.with_trace(trace)))
    }

    fn start(server: &Server) -> Result<Connection, Error> {
        server.check()?;
        let settings = &server.settings;
        let engine = with_context(&settings.config, Engine::server)
            .map_err(|fault| Error::from_fault(fault, &Report::new(Side::Server)))?;
        let deadline = deadline_after(settings.deadline);
        let state = HandshakeState { deadline, ..HandshakeState::default() };
        Ok(Connection::new(settings, engine, state))
    }
}

impl Connection {
    /// How many session tickets this server sealed for the client; 0 on a client.
    pub fn tickets_issued(&self) -> u8 {
        self.state.tickets_issued
    }
}

impl Deref for ServerConnection {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for ServerConnection {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}

impl From<ServerConnection> for Connection {
    fn from(server: ServerConnection) -> Self {
        server.0
    }
}

impl fmt::Debug for ServerConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
