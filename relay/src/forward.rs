//! The application that dials a service and relays.

use std::{io, time::Duration};

use crate::{
    Address, Application, ClientContext, Ending, RelaySide, Socket, Transfer,
    copy::{CopyOptions, copy},
    dial::{DIAL_LIMIT, dial_with_header},
    proxy_protocol::{Version, header},
};
use handclasp::tokio::server::TlsStream;

/// Relays each client to a service, which is dialled after the client's handshake: a client that is not authenticated
/// costs the service nothing.
#[derive(Clone, Debug)]
pub struct Forward {
    target: Address,
    dial_limit: Duration,
    copy_options: CopyOptions,
    proxy_header: Option<Version>,
}

impl Forward {
    /// To the service at this address.
    pub fn new(target: Address) -> Self {
        Self { target, dial_limit: DIAL_LIMIT, copy_options: CopyOptions::default(), proxy_header: None }
    }

    /// Time limit for a connection to the service; 10 seconds by default.
    #[must_use]
    pub fn dial_limit(mut self, limit: Duration) -> Self {
        self.dial_limit = limit;
        self
    }

    /// Sends the service a PROXY header first; version 2 has facts about the client's TLS.
    #[must_use]
    pub fn proxy_header(mut self, version: Option<Version>) -> Self {
        self.proxy_header = version;
        self
    }

    /// Options of the relay: its idle limit.
    #[must_use]
    pub fn copy_options(mut self, copy_options: CopyOptions) -> Self {
        self.copy_options = copy_options;
        self
    }
}

impl Application for Forward {
    async fn run(&self, mut stream: TlsStream<Socket>, context: &ClientContext) -> Transfer {
        self.relay(&mut stream, context).await
    }
}

impl Forward {
    /// As [`Application::run`], for a caller that keeps the stream.
    pub async fn relay(&self, stream: &mut TlsStream<Socket>, context: &ClientContext) -> Transfer {
        let dialling = self.dial(stream, context);
        let ending = match context.drain.limit(dialling).await {
            Some(Ok(mut service)) => {
                return copy(stream, &mut service, RelaySide::Client, &self.copy_options, &context.drain)
                    .await;
            }
            Some(Err(error)) => {
                context.observer.target_failed(&context.client, &self.target, &error);
                Ending::NoTarget(error)
            }
            None => Ending::Drained,
        };
        // The client sees a reset: an orderly end would be an empty answer of the service.
        stream.get_ref().0.reset_on_drop();
        Transfer::new(0, 0, ending)
    }

    /// The service, behind the header if one is sent.
    async fn dial(&self, stream: &TlsStream<Socket>, context: &ClientContext) -> io::Result<Socket> {
        let (socket, connection) = stream.get_ref();
        let header = self.proxy_header.map(|version| {
            (version, header(&context.client, socket, context.header.as_deref(), Some(connection)))
        });
        dial_with_header(&self.target, self.dial_limit, header).await
    }
}
