//! TLS in: the handshake with a client, then an application.

use std::sync::Arc;

use handclasp::{
    Error,
    tokio::{TlsAcceptor, server::TlsStream},
};
use tokio::time::Instant;

use crate::{Blocking, ClientContext, Incoming, Service, Slot, Socket, Transfer};

/// Serves clients whose TLS handshake is complete: [`crate::Forward`], [`crate::Echo`], or one of your own.
pub trait Application: Send + Sync + 'static {
    /// Serves the stream to its end.
    fn run(
        &self,
        stream: TlsStream<Socket>,
        context: &ClientContext,
    ) -> impl Future<Output = Transfer> + Send;
}

impl<A: Application> Application for Arc<A> {
    fn run(
        &self,
        stream: TlsStream<Socket>,
        context: &ClientContext,
    ) -> impl Future<Output = Transfer> + Send {
        (**self).run(stream, context)
    }
}

/// Accepts TLS clients for an application.
#[derive(Debug)]
pub struct Termination<A> {
    acceptor: TlsAcceptor,
    application: A,
    blocking: Option<Blocking>,
}

impl<A: Application> Termination<A> {
    /// Handshakes by this acceptor, whose [`handclasp::Current`] server may be replaced meanwhile.
    pub fn new(acceptor: impl Into<TlsAcceptor>, application: A) -> Self {
        Self { acceptor: acceptor.into(), application, blocking: None }
    }

    /// Handshakes may block: a key in a token or behind a command, a question on a terminal, a file that is read for
    /// each client.
    #[must_use]
    pub fn blocking(mut self, blocking: Blocking) -> Self {
        self.blocking = Some(blocking);
        self
    }

    /// The stream of a client; `None` where there is none, which the observer knows.
    async fn handshake(
        &self,
        socket: Socket,
        slot: &mut Slot,
        context: &ClientContext,
    ) -> Option<TlsStream<Socket>> {
        let ClientContext { client, observer, drain, .. } = context;
        let begun = Instant::now();
        let turns = slot.turns();
        let accepting = turns.run(self.acceptor.accept(socket), self.blocking.as_ref());
        let outcome = tokio::select! {
            // Nothing is computed for a handshake that has to go.
            biased;
            refusal = slot.displaced() => {
                observer.refused(client, &refusal);
                return None;
            }
            () = drain.expired() => return None,
            outcome = accepting => outcome,
        };
        match outcome {
            Ok(stream) if slot.finish() => {
                observer.handshake_done(client, stream.get_ref().1, begun.elapsed());
                Some(stream)
            }
            // It gave way at the last moment.
            Ok(_) => {
                slot.displacement().iter().for_each(|refusal| observer.refused(client, refusal));
                None
            }
            Err(error) => {
                // Every error of a handshake has one inside.
                if let Some(error) = Error::in_io_error(&error) {
                    observer.handshake_failed(client, error, begun.elapsed());
                }
                None
            }
        }
    }
}

impl<A: Application> Service for Termination<A> {
    async fn serve(&self, incoming: Incoming) {
        let Incoming { mut socket, mut slot, context } = incoming;
        socket.note_first_byte(slot.has_spoken());
        // The memory of the handshake is freed with this future; a connection may be idle for long.
        let stream = Box::pin(self.handshake(socket, &mut slot, &context)).await;
        if let Some(stream) = stream {
            let transfer = self.application.run(stream, &context).await;
            context.observer.ended(&context.client, &transfer);
        }
    }
}
