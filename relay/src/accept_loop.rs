//! Accepts clients and gives each a task of its own.

use std::{
    panic::resume_unwind,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{task::JoinHandle, time::sleep};

use crate::{
    ClientContext, Drain, Gate, Incoming, LimitKind, Listener, Observer, Proxies, Refusal, Service, Slot,
    Socket, behind_proxy, service::as_client,
};

/// How long connections have after the time limit of the drain to close.
const GRACE: Duration = Duration::from_secs(1);

/// Accepts clients until the drain starts.
#[derive(Debug)]
#[non_exhaustive]
pub struct AcceptLoop {
    listener: Listener,
    gate: Gate,
    shared: Shared,
    /// The proxies in front of all clients.
    proxies: Proxies,
}

/// What all clients of a loop share.
struct Shared {
    observer: Arc<dyn Observer>,
    drain: Drain,
}

impl AcceptLoop {
    /// A loop over a listener. Several loops may share a gate and a drain.
    pub fn new(listener: Listener, gate: Gate, observer: Arc<dyn Observer>, drain: Drain) -> Self {
        Self { listener, gate, shared: Shared { observer, drain }, proxies: Proxies::default() }
    }

    /// Every connection comes from one of these proxies and begins with a PROXY header; connections of others are
    /// closed. Clients are those that the headers name, for the limits of the gate, too.
    #[must_use]
    pub fn behind(mut self, proxies: impl Into<Proxies>) -> Self {
        self.proxies = proxies.into();
        self
    }

    /// Serves each client in a task of its own. When the drain starts, the listener is closed at once; this returns
    /// when the last client of the gate is gone, at the latest a second after the time limit of the drain: a service
    /// that does not heed the drain, or whose thread is blocked, is not waited for.
    pub async fn run<S: Service>(mut self, service: Arc<S>) {
        let (drain, ending, gate) = (self.shared.drain.clone(), self.shared.drain.clone(), self.gate.clone());
        // In a task: the caller often runs on a thread that is not a worker of the runtime, and then each client would
        // begin with a wake-up of another thread. A worker runs the task of a client itself, next.
        let accepting = tokio::spawn(async move {
            tokio::select! {
                biased;
                () = drain.started() => {}
                () = self.accept_all(&service) => {}
            }
            // `self` ends here, and with it the listener: the port is free for the next server.
        });
        Accepting(accepting).await;
        let overdue = async {
            ending.expired().await;
            sleep(GRACE).await;
        };
        tokio::select! {
            () = gate.empty() => {}
            () = overdue => {}
        }
    }

    async fn accept_all<S: Service>(&mut self, service: &Arc<S>) {
        loop {
            let (socket, slot, is_proxied) = self.next().await;
            let service = Arc::clone(service);
            let context = self.shared.context(&socket);
            let incoming = Incoming { socket, slot, context };
            if is_proxied {
                tokio::spawn(async move {
                    if let Some(incoming) = behind_proxy::named(incoming).await {
                        serve(incoming, service).await;
                    }
                });
            } else {
                tokio::spawn(serve(incoming, service));
            }
        }
    }

    /// The slot of a client, and whether a proxy is in front of it.
    async fn admit(&self, socket: &Socket) -> Result<(Slot, bool), Refusal> {
        match self.proxies.get() {
            None => Ok((self.gate.admit(socket.peer()).await?, false)),
            Some(proxies) if behind_proxy::is_sender(&proxies, socket.peer()) => {
                Ok((self.gate.admit_proxied().await?, true))
            }
            Some(_) => Err(Refusal::NotAProxy),
        }
    }

    /// The next client, once there is a slot for it.
    async fn next(&mut self) -> (Socket, Slot, bool) {
        loop {
            match self.listener.accept().await {
                Ok(socket) => match self.admit(&socket).await {
                    Ok((slot, is_proxied)) => return (socket, slot, is_proxied),
                    Err(refusal) => self.shared.refused(&socket, &refusal),
                },
                Err(error) => {
                    self.shared.observer.accept_failed(&error);
                    self.gate.free_slot(self.listener.pause(), LimitKind::Descriptors).await;
                }
            }
        }
    }
}

/// The task that accepts; it ends when this is dropped.
struct Accepting(JoinHandle<()>);

impl Future for Accepting {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match ready!(Pin::new(&mut self.0).poll(cx)) {
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            _ => Poll::Ready(()),
        }
    }
}

impl Drop for Accepting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Serves a client whose address is known. The observer is called in the task of the client: a panic of it ends one client.
fn serve<S: Service>(incoming: Incoming, service: Arc<S>) -> impl Future<Output = ()> + Send {
    let context = incoming.context.clone();
    as_client(context.client.clone(), async move {
        context.observer.accepted(&context.client);
        let closing = Closing(context);
        service.serve(incoming).await;
        drop(closing);
    })
}

impl Shared {
    fn context(&self, socket: &Socket) -> ClientContext {
        ClientContext::new(socket.peer().clone(), Arc::clone(&self.observer), self.drain.clone())
    }

    fn refused(&self, socket: &Socket, refusal: &Refusal) {
        self.observer.refused(socket.peer(), refusal);
    }
}

/// Tells the observer of the end of a client's task, also after a panic.
struct Closing(ClientContext);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.observer.closed(&self.0.client);
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
