//! A client that was admitted, and the trait of what serves it.

use std::{fmt, sync::Arc};

use crate::{Drain, Observer, Peer, Slot, Socket, proxy_protocol::Header};

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
    /// Its slot at the gate; frees itself when dropped.
    pub slot: Slot,
    /// The client, its observer and the drain.
    pub context: ClientContext,
}

/// A client with the observer of its connection and the drain that ends it.
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientContext {
    /// The client.
    pub client: Peer,
    /// The PROXY header of the proxy in front of the client.
    pub header: Option<Arc<Header>>,
    /// Receives the events of this connection.
    pub observer: Arc<dyn Observer>,
    /// Ends the connection when the time limit of the drain is over.
    pub drain: Drain,
}

impl ClientContext {
    /// A client without a PROXY header.
    pub fn new(client: Peer, observer: Arc<dyn Observer>, drain: Drain) -> Self {
        Self { client, header: None, observer, drain }
    }
}

impl fmt::Debug for ClientContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientContext").field("client", &self.client).finish_non_exhaustive()
    }
}

/// Serves clients from the accepted socket on, before TLS: [`crate::Termination`], [`crate::Tunnel`], or one of your own.
pub trait Service: Send + Sync + 'static {
    /// Serves a client to its end. Its slot is free when `incoming` is dropped.
    fn serve(&self, incoming: Incoming) -> impl Future<Output = ()> + Send;
}
