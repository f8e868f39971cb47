//! The application that dials a service and relays.

use std::{io, time::Duration};

use handclasp::tokio::server::TlsStream;
use tokio::time::timeout;

use crate::{
    Address, Application, Ending, Party, Socket, Transfer, Visit,
    copy::{Copying, copy},
};

/// Time limit for a connection to the service.
const DIAL_LIMIT: Duration = Duration::from_secs(10);

/// Relays each client to a service, which is dialled after the client's handshake: a client that is not authenticated
/// costs the service nothing.
#[derive(Clone, Debug)]
pub struct Forward {
    target: Address,
    dial_limit: Duration,
    copying: Copying,
}

impl Forward {
    /// To the service at this address.
    pub fn new(target: Address) -> Self {
        Self { target, dial_limit: DIAL_LIMIT, copying: Copying::default() }
    }

    /// Time limit for a connection to the service; 10 seconds by default.
    #[must_use]
    pub fn dial_limit(mut self, limit: Duration) -> Self {
        self.dial_limit = limit;
        self
    }

    /// How bytes are moved.
    #[must_use]
    pub fn copying(mut self, copying: Copying) -> Self {
        self.copying = copying;
        self
    }
}

impl Application for Forward {
    async fn run(&self, mut stream: TlsStream<Socket>, visit: &Visit) -> Transfer {
        self.relay(&mut stream, visit).await
    }
}

impl Forward {
    /// As [`Application::run`], for a caller that keeps the stream.
    pub async fn relay(&self, stream: &mut TlsStream<Socket>, visit: &Visit) -> Transfer {
        let mut service = match dial(&self.target, self.dial_limit).await {
            Ok(service) => service,
            Err(error) => {
                visit.observer.target_failed(&visit.client, &self.target, &error);
                // The client sees a reset: an orderly end would be an empty answer of the service.
                stream.get_ref().0.reset_on_drop();
                return Transfer::new(0, 0, Ending::NoTarget(error));
            }
        };
        copy(stream, &mut service, Party::Client, &self.copying, &visit.drain).await
    }
}

/// Connects within a time limit.
///
/// # Errors
/// Those of [`Socket::connect`], or [`io::ErrorKind::TimedOut`].
pub async fn dial(target: &Address, limit: Duration) -> io::Result<Socket> {
    match timeout(limit, Socket::connect(target)).await {
        Ok(outcome) => outcome,
        Err(_) => {
            let text = format!("no answer within {} s", limit.as_secs_f64());
            Err(io::Error::new(io::ErrorKind::TimedOut, text))
        }
    }
}
