//! What happens to clients, replaced while they come: each client keeps what it began with.

use std::{
    io,
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use handclasp::{Connection, Error};
use handclasp_relay::{Address, Incoming, Observer, Peer, Refusal, Service, Transfer};

/// What is done with each client, whichever kind of service it is.
pub trait Task: Send + Sync + 'static {
    /// Serves a client to its end.
    fn serve(&self, incoming: Incoming) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

impl<S: Service> Task for S {
    fn serve(&self, incoming: Incoming) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(Service::serve(self, incoming))
    }
}

/// The present task and observer.
pub struct Switch(RwLock<Present>);

#[derive(Clone)]
struct Present {
    task: Arc<dyn Task>,
    observer: Arc<dyn Observer>,
}

impl Switch {
    pub fn new(task: Arc<dyn Task>, observer: Arc<dyn Observer>) -> Self {
        Self(RwLock::new(Present { task, observer }))
    }

    /// For the clients that come from now on.
    pub fn set(&self, task: Arc<dyn Task>, observer: Arc<dyn Observer>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Present { task, observer };
    }

    fn present(&self) -> Present {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn observer(&self) -> Arc<dyn Observer> {
        self.present().observer
    }
}

/// What the accept loop serves: a client is given to the task of the moment at which it came.
pub struct Switched(pub Arc<Switch>);

impl Service for Switched {
    async fn serve(&self, mut incoming: Incoming) {
        let Present { task, observer } = self.0.present();
        incoming.context.observer = observer;
        task.serve(incoming).await;
    }
}

/// Events outside of a client's task.
impl Observer for Switch {
    fn accepted(&self, client: &Peer) {
        self.observer().accepted(client);
    }

    fn handshake_done(&self, client: &Peer, connection: &Connection, time: Duration) {
        self.observer().handshake_done(client, connection, time);
    }

    fn handshake_failed(&self, client: &Peer, error: &Error, time: Duration) {
        self.observer().handshake_failed(client, error, time);
    }

    fn refused(&self, client: &Peer, refusal: &Refusal) {
        self.observer().refused(client, refusal);
    }

    fn proxy_failed(&self, proxy: &Peer, error: &io::Error) {
        self.observer().proxy_failed(proxy, error);
    }

    fn target_failed(&self, client: &Peer, target: &Address, error: &io::Error) {
        self.observer().target_failed(client, target, error);
    }

    fn ended(&self, client: &Peer, transfer: &Transfer) {
        self.observer().ended(client, transfer);
    }

    fn closed(&self, client: &Peer) {
        self.observer().closed(client);
    }

    fn accept_failed(&self, error: &io::Error) {
        self.observer().accept_failed(error);
    }
}
