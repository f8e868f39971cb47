//! Plain in, TLS out: the service that connects each client to a TLS server.

use std::{
    future::pending,
    io::{ErrorKind, Result},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use handclasp::{
    AlertDescription, Fault, PeerName,
    tokio::{TlsConnector, client::TlsStream},
};
use tokio::{
    io::AsyncWriteExt as _,
    time::{Instant, sleep},
};

use crate::{
    AbortKind, Address, Blocking, ClientContext, CopyOptions, Drain, Ending, Incoming, RelaySide, Service,
    Slot, Socket, Transfer, copy,
    dial::{DIAL_LIMIT, dial_with_header},
    proxy_protocol::{Version, header},
    tls_abort_kind,
    turns::Turns,
};

/// What is said in plaintext before TLS. `()` says nothing.
pub trait Prelude: Send + Sync + 'static {
    /// Speaks with the server up to its first byte of TLS. Returns bytes for the client, which it is sent when the TLS
    /// handshake is complete: before that, the server is not known.
    ///
    /// # Errors
    /// The server does not begin TLS.
    fn before_tls(&self, server: &Socket) -> impl Future<Output = Result<Vec<u8>>> + Send;

    /// Speaks with the client when TLS has begun. Returns bytes of the client that are the server's.
    ///
    /// # Errors
    /// Those of the socket.
    fn with_client(&self, client: &mut Socket) -> impl Future<Output = Result<Vec<u8>>> + Send {
        let _ = client;
        async { Ok(Vec::new()) }
    }
}

impl Prelude for () {
    async fn before_tls(&self, _: &Socket) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }
}

/// Connects each client, in plaintext, to a TLS server. Sessions are resumed between connections. A client whose server
/// is not reached or not trusted is reset: an orderly end would be an empty answer of the server.
#[derive(Debug)]
pub struct Tunnel<P = ()> {
    connector: TlsConnector,
    target: Address,
    name: Option<PeerName<'static>>,
    dial_limit: Duration,
    blocking: Option<Blocking>,
    proxy_header: Option<Version>,
    copy_options: CopyOptions,
    /// The server has refused a handshake as servers do that refuse the sessions which they gave, and accepted a full one.
    refuses_sessions: AtomicBool,
    prelude: P,
}

impl Tunnel {
    /// To the TLS server at this address, by a connector whose [`handclasp::Current`] client may be replaced meanwhile.
    pub fn new(connector: impl Into<TlsConnector>, target: Address) -> Self {
        let name = target.host().map(|host| PeerName::from(host.to_owned()));
        Self {
            connector: connector.into(),
            target,
            name,
            dial_limit: DIAL_LIMIT,
            blocking: None,
            proxy_header: None,
            copy_options: CopyOptions::default(),
            refuses_sessions: AtomicBool::new(false),
            prelude: (),
        }
    }

    /// Speaks before TLS.
    #[must_use]
    pub fn prelude<P: Prelude>(self, prelude: P) -> Tunnel<P> {
        let Self { connector, target, name, dial_limit, blocking, proxy_header, copy_options, .. } = self;
        let refuses_sessions = self.refuses_sessions;
        Tunnel {
            connector,
            target,
            name,
            dial_limit,
            blocking,
            proxy_header,
            copy_options,
            refuses_sessions,
            prelude,
        }
    }
}

impl<P: Prelude> Tunnel<P> {
    /// The name of the server; without it that of the address. A UNIX socket has none.
    #[must_use]
    pub fn name(mut self, name: Option<PeerName<'static>>) -> Self {
        self.name = name;
        self
    }

    /// Time limit for a connection to the server; 10 seconds by default. The handshake has its own.
    #[must_use]
    pub fn dial_limit(mut self, limit: Duration) -> Self {
        self.dial_limit = limit;
        self
    }

    /// Handshakes may block: a key in a token or behind a command, a question on a terminal.
    #[must_use]
    pub fn blocking(mut self, blocking: Option<Blocking>) -> Self {
        self.blocking = blocking;
        self
    }

    /// Sends a PROXY header in front of TLS, in plaintext, as servers expect that accept such headers.
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

    /// The connection to the server; `None` where there is none, which the observer knows.
    async fn connect(
        &self,
        client: &Socket,
        turns: &Turns,
        context: &ClientContext,
    ) -> Option<(TlsStream<Socket>, Vec<u8>)> {
        let mut is_full = self.refuses_sessions.load(Ordering::Relaxed);
        loop {
            let (server, greeting) = match self.dial(client, context).await {
                Ok(reached) => reached,
                Err(error) => {
                    context.observer.target_failed(&context.client, &self.target, &error);
                    return None;
                }
            };
            let begun = Instant::now();
            let error = match self.handshake(server, is_full, turns).await {
                Ok(stream) => {
                    self.refuses_sessions.store(is_full, Ordering::Relaxed);
                    context.observer.handshake_done(&context.client, stream.get_ref().1, begun.elapsed());
                    return Some((stream, greeting));
                }
                Err(error) => error,
            };
            // Every error of a handshake has one inside.
            let error = handclasp::Error::in_io_error(&error)?;
            context.observer.handshake_failed(&context.client, error, begun.elapsed());
            if is_full || !may_be_a_session(error) {
                return None;
            }
            is_full = true;
        }
    }

    /// TLS with the server; `is_full`: without a session.
    async fn handshake(&self, server: Socket, is_full: bool, turns: &Turns) -> Result<TlsStream<Socket>> {
        let name = self.name.clone().unwrap_or_else(|| PeerName::from(None));
        let connect = if is_full {
            self.connector.without_resumption().connect(name, server)
        } else {
            self.connector.connect(name, server)
        };
        turns.run(connect, self.blocking.as_ref()).await
    }

    /// The server's socket, up to its first byte of TLS.
    async fn dial(&self, client: &Socket, context: &ClientContext) -> Result<(Socket, Vec<u8>)> {
        let header = self
            .proxy_header
            .map(|version| (version, header(&context.client, client, context.header.as_deref(), None)));
        let server = dial_with_header(&self.target, self.dial_limit, header).await?;
        let greeting = self.prelude.before_tls(&server).await?;
        Ok((server, greeting))
    }

    /// As [`Tunnel::connect`], until another client needs its slot.
    async fn connect_in_slot(
        &self,
        client: &Socket,
        slot: &mut Slot,
        context: &ClientContext,
    ) -> Option<(TlsStream<Socket>, Vec<u8>)> {
        let turns = slot.turns();
        let connected = tokio::select! {
            connected = self.connect(client, &turns, context) => connected?,
            refusal = slot.displaced() => {
                context.observer.refused(&context.client, &refusal);
                return None;
            }
            () = context.drain.expired() => return None,
        };
        if slot.finish() {
            return Some(connected);
        }
        slot.displacement().iter().for_each(|refusal| context.observer.refused(&context.client, refusal));
        None
    }

    /// What both sides are sent before the relay.
    async fn begin(
        &self,
        client: &mut Socket,
        server: &mut TlsStream<Socket>,
        greeting: &[u8],
    ) -> Result<()> {
        client.write_all(greeting).await?;
        let first = self.prelude.with_client(client).await?;
        server.write_all(&first).await?;
        server.flush().await
    }

    /// As [`Tunnel::begin`], within the limits of the relay: it waits for both sides. `Err`: no relay begins.
    async fn begin_in_time(
        &self,
        client: &mut Socket,
        server: &mut TlsStream<Socket>,
        greeting: &[u8],
        drain: &Drain,
    ) -> std::result::Result<(), Ending> {
        let idle = async {
            match self.copy_options.idle_limit {
                Some(limit) => sleep(limit).await,
                None => pending().await,
            }
        };
        let error = tokio::select! {
            begun = self.begin(client, server, greeting) => match begun {
                Ok(()) => return Ok(()),
                Err(error) => error,
            },
            () = idle => return Err(Ending::Idle),
            () = drain.expired() => return Err(Ending::Drained),
        };
        Err(match (handclasp::Error::in_io_error(&error), error.kind()) {
            (Some(_), _) => {
                let how = tls_abort_kind(server.get_ref().0, &error);
                Ending::Aborted { by: RelaySide::Target, how, error }
            }
            // A client that leaves before its first message, as programs do that ask whether a port is open.
            (None, ErrorKind::UnexpectedEof) => Ending::Closed,
            (None, ErrorKind::ConnectionReset) => {
                Ending::Aborted { by: RelaySide::Client, how: AbortKind::Reset, error }
            }
            (None, _) => Ending::Aborted { by: RelaySide::Client, how: AbortKind::Failed, error },
        })
    }
}

/// Whether a server may have refused the session that it was offered. OpenSSL does where a server verifies clients and has
/// no session ID context, as that of socat: every connection but the first one fails, by internal_error.
fn may_be_a_session(error: &handclasp::Error) -> bool {
    matches!(error.fault(), Some(Fault::PeerAlert(AlertDescription::internal_error)))
}

impl<P: Prelude> Service for Tunnel<P> {
    async fn serve(&self, incoming: Incoming) {
        let Incoming { socket: mut client, mut slot, context } = incoming;
        // Its turn to speak may come after the server's: silence is not a reason to give way.
        slot.has_spoken().store(true, std::sync::atomic::Ordering::Relaxed);
        // The memory of the handshake is freed with this future; a connection may be idle for long.
        let connected = Box::pin(self.connect_in_slot(&client, &mut slot, &context)).await;
        let Some((mut server, greeting)) = connected else { return client.reset() };
        let begun = self.begin_in_time(&mut client, &mut server, &greeting, &context.drain).await;
        if let Err(ending) = begun {
            server.get_ref().0.reset_on_drop();
            context.observer.ended(&context.client, &Transfer::new(0, 0, ending));
            return client.reset();
        }
        let transfer =
            copy(&mut server, &mut client, RelaySide::Target, &self.copy_options, &context.drain).await;
        context.observer.ended(&context.client, &transfer);
    }
}
