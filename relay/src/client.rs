//! What the task of a client holds.

use std::{fmt, sync::Arc};

use crate::{Drain, Observer, Peer, Place, Socket, proxy_protocol::Header};

tokio::task_local! {
    static CURRENT: Peer;
}

/// The client whose task is running, for code below it that has no other way to know, such as a question about a key.
pub fn current_client() -> Option<Peer> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Runs what is done for a client, so that [`current_client`] names it.
pub async fn as_client<R>(client: Peer, task: impl Future<Output = R>) -> R {
    CURRENT.scope(client, task).await
}

/// A client that was admitted.
#[derive(Debug)]
#[non_exhaustive]
pub struct Incoming {
    /// Its socket.
    pub socket: Socket,
    /// Its place at the gate.
    pub place: Place,
    /// Who it is, and what watches its connection.
    pub visit: Visit,
}

/// A client, what observes its connection and what ends it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Visit {
    /// The client.
    pub client: Peer,
    /// What the proxy in front of it said about it.
    pub header: Option<Arc<Header>>,
    /// Learns of the connection's events.
    pub observer: Arc<dyn Observer>,
    /// Ends the connection at the end of its time limit.
    pub drain: Drain,
}

impl Visit {
    /// The visit of a client.
    pub fn new(client: Peer, observer: Arc<dyn Observer>, drain: Drain) -> Self {
        Self { client, header: None, observer, drain }
    }
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit").field("client", &self.client).finish_non_exhaustive()
    }
}

/// What is done with each client.
pub trait Service: Send + Sync + 'static {
    /// Serves a client to its end. Its place is free when `incoming` is dropped.
    fn serve(&self, incoming: Incoming) -> impl Future<Output = ()> + Send;
}
