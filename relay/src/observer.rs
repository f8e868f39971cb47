//! The events of a server or tunnel, for logs and metrics.

use std::{fmt, io, sync::Arc, time::Duration};

use handclasp::{Connection, Error};

use crate::{Address, Peer, Transfer};

/// Why a client was closed before its handshake was complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Its address has as many connections as one address may have.
    PerAddress {
        /// The limit, in connections.
        limit: usize,
    },
    /// Its handshake gave way to another client.
    Displaced {
        /// The limit that was reached.
        limit: LimitKind,
        /// Time since the connection was accepted.
        age: Duration,
    },
    /// A PROXY header is expected here, and this address is not one of those that may send it.
    NotAProxy,
}

/// The limit that left no slot for one more client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitKind {
    /// [`crate::Limits::connections`].
    Connections,
    /// [`crate::Limits::handshakes`].
    Handshakes,
    /// [`crate::Limits::per_address`].
    PerAddress,
    /// File descriptors of the process.
    Descriptors,
}

/// Receives every event. Methods must not block; each does nothing unless it is implemented. They are called in the task of
/// the client, but for [`Observer::accept_failed`] and for [`Observer::refused`] of a client that was not admitted: these are
/// called in the task that accepts, which a panic ends.
pub trait Observer: Send + Sync + 'static {
    /// A client was admitted; [`Observer::closed`] follows in any case.
    fn accepted(&self, client: &Peer) {
        let _ = client;
    }

    /// The TLS handshake is complete. For a tunnel it is the one with its target.
    fn handshake_done(&self, client: &Peer, connection: &Connection, time: Duration) {
        let _ = (client, connection, time);
    }

    /// The TLS handshake failed.
    fn handshake_failed(&self, client: &Peer, error: &Error, time: Duration) {
        let _ = (client, error, time);
    }

    /// A client was closed because of a limit.
    fn refused(&self, client: &Peer, refusal: &Refusal) {
        let _ = (client, refusal);
    }

    /// A proxy did not name its client: its PROXY header did not arrive in time, or is not one
    /// ([`crate::proxy_protocol::HeaderError`] inside of the error).
    fn proxy_failed(&self, proxy: &Peer, error: &io::Error) {
        let _ = (proxy, error);
    }

    /// The target of a relay was not reached.
    fn target_failed(&self, client: &Peer, target: &Address, error: &io::Error) {
        let _ = (client, target, error);
    }

    /// The connection ended after its handshake.
    fn ended(&self, client: &Peer, transfer: &Transfer) {
        let _ = (client, transfer);
    }

    /// An admitted client is gone, however it ended.
    fn closed(&self, client: &Peer) {
        let _ = client;
    }

    /// A connection could not be accepted, for example without a free file descriptor; accepting is tried again.
    fn accept_failed(&self, error: &io::Error) {
        let _ = error;
    }
}

/// Does nothing.
impl Observer for () {}

/// Several observers, in this order.
#[derive(Clone, Default)]
pub struct Observers(pub Vec<Arc<dyn Observer>>);

impl Observer for Observers {
    fn accepted(&self, client: &Peer) {
        self.0.iter().for_each(|observer| observer.accepted(client));
    }

    fn handshake_done(&self, client: &Peer, connection: &Connection, time: Duration) {
        self.0.iter().for_each(|observer| observer.handshake_done(client, connection, time));
    }

    fn handshake_failed(&self, client: &Peer, error: &Error, time: Duration) {
        self.0.iter().for_each(|observer| observer.handshake_failed(client, error, time));
    }

    fn refused(&self, client: &Peer, refusal: &Refusal) {
        self.0.iter().for_each(|observer| observer.refused(client, refusal));
    }

    fn proxy_failed(&self, proxy: &Peer, error: &io::Error) {
        self.0.iter().for_each(|observer| observer.proxy_failed(proxy, error));
    }

    fn target_failed(&self, client: &Peer, target: &Address, error: &io::Error) {
        self.0.iter().for_each(|observer| observer.target_failed(client, target, error));
    }

    fn ended(&self, client: &Peer, transfer: &Transfer) {
        self.0.iter().for_each(|observer| observer.ended(client, transfer));
    }

    fn closed(&self, client: &Peer) {
        self.0.iter().for_each(|observer| observer.closed(client));
    }

    fn accept_failed(&self, error: &io::Error) {
        self.0.iter().for_each(|observer| observer.accept_failed(error));
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observers").field(&self.0.len()).finish()
    }
}
