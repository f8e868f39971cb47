//! The application that dials a service and relays.

use std::{io, time::Duration};

use handclasp::tokio::server::TlsStream;
use tokio::{io::AsyncWriteExt as _, time::timeout};

use crate::{
    Address, Application, ClientContext, Ending, RelaySide, Socket, Transfer,
    copy::{CopyOptions, copy},
    proxy_protocol::{Version, header},
};

/// Time limit for a connection to the service.
const DIAL_LIMIT: Duration = Duration::from_secs(10);

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
        let mut service = match self.reach(stream, context).await {
            Ok(service) => service,
            Err(error) => {
                context.observer.target_failed(&context.client, &self.target, &error);
                // The client sees a reset: an orderly end would be an empty answer of the service.
                stream.get_ref().0.reset_on_drop();
                return Transfer::new(0, 0, Ending::NoTarget(error));
            }
        };
        copy(stream, &mut service, RelaySide::Client, &self.copy_options, &context.drain).await
    }
}

impl Forward {
    /// The service, behind the header if one is sent.
    async fn reach(&self, stream: &TlsStream<Socket>, context: &ClientContext) -> io::Result<Socket> {
        let mut service = dial(&self.target, self.dial_limit).await?;
        let Some(version) = self.proxy_header else { return Ok(service) };
        let (socket, connection) = stream.get_ref();
        let header = header(&context.client, socket, context.header.as_deref(), Some(connection));
        match timeout(self.dial_limit, service.write_all(&header.encode(version))).await {
            Ok(written) => written.map(|()| service),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the PROXY header is not read")),
        }
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
