//! A server by its flags, before it listens and while it runs.

use std::{net::SocketAddr, sync::Arc};

use handclasp::{
    Current, Error, Pin, Server,
    tokio::{TlsAcceptor, server::TlsStream},
};
use handclasp_relay::{
    AcceptLoop, Address, Application, Blocking, Drain, Ending, Gate, Listener, Observer, Observers, Socket,
    Termination, Visit, as_client,
};
use tokio::{sync::mpsc, time::Instant};

use super::{
    advertise,
    configuration::Configuration,
    desk::{Desk, cannot_listen},
    limits,
    log::{self, Log},
};
use crate::{args::Serve, exit::Failure, files::OutputFile, say::say};

/// A server that the flags describe.
pub struct Job {
    arguments: Arc<Serve>,
    server: Current<Server>,
    pins: Vec<Pin>,
    facts: Vec<String>,
    /// Where handshakes may block.
    blocking: Option<Blocking>,
    observer: Arc<dyn Observer>,
    desk: Arc<Desk>,
    log: Arc<Log>,
    /// Why the program has to end.
    stopped: mpsc::UnboundedReceiver<Result<(), Failure>>,
}

impl Job {
    /// Reads keys, trust and files, and opens nothing else.
    pub fn new(arguments: Serve) -> Result<Self, Failure> {
        let report = OutputFile::asked("--report", arguments.record.report.as_ref())?;
        let Configuration { server, pins, facts, may_block } = Configuration::new(&arguments)?;
        let arguments = Arc::new(arguments);
        let (desk, stopped) = Desk::new(&arguments, report);
        let desk = Arc::new(desk);
        let log = Arc::new(Log::new(&arguments));
        let observer = Observers(vec![desk.clone(), log.clone()]);
        let blocking = may_block.then(Blocking::default);
        let (server, observer) = (Current::new(server), Arc::new(observer));
        Ok(Self { arguments, server, pins, facts, blocking, observer, desk, log, stopped })
    }

    /// Listens as the flags say, and serves until the drain is over or the program has to end.
    pub async fn run(self, drain: Drain) -> Result<(), Failure> {
        let bound = Listener::bind(&self.arguments.address).await;
        let listener = bound.map_err(|error| cannot_listen(&self.arguments.address, &error))?;
        self.run_on(listener, drain).await
    }

    /// As [`Job::run`], over a socket that listens already.
    pub async fn run_on(mut self, listener: Listener, drain: Drain) -> Result<(), Failure> {
        let address = listener.address()?;
        say(format_args!("listening on {address}"));
        let is_quiet = self.arguments.record.quiet;
        self.facts.iter().filter(|_| !is_quiet).for_each(say);
        let name = self.arguments.advertise.advertise.as_ref();
        let advertised = match name {
            Some(_) => Some(advertise::start(name, tcp_address(&address)?, &self.pins, is_quiet)?),
            None => None,
        };
        let outcome = if self.arguments.once {
            self.once(listener, drain).await
        } else {
            let sockets = 1 + usize::from(self.arguments.forward.is_some());
            let gate = Gate::new(limits::limits(&self.arguments.limits, sockets));
            let accepting = AcceptLoop::new(listener, gate, Arc::clone(&self.observer), drain);
            let mut service = Termination::new(TlsAcceptor::from(&self.server), Arc::clone(&self.desk));
            if let Some(blocking) = &self.blocking {
                service = service.blocking(blocking.clone());
            }
            tokio::select! {
                () = accepting.run(Arc::new(service)) => Ok(()),
                why = self.stopped.recv() => why.unwrap_or(Ok(())),
            }
        };
        if let Some(advertised) = advertised {
            advertised.withdraw();
        }
        outcome
    }

    /// Serves one client; its failure is the program's.
    async fn once(&mut self, mut listener: Listener, drain: Drain) -> Result<(), Failure> {
        let socket = loop {
            match listener.accept().await {
                Ok(socket) => break socket,
                Err(error) => {
                    self.observer.accept_failed(&error);
                    tokio::time::sleep(listener.pause()).await;
                }
            }
        };
        let visit = Visit::new(socket.peer().clone(), Arc::clone(&self.observer), drain);
        let serving = as_client(visit.client.clone(), async {
            let stream = self.handshake(socket, &visit).await?;
            let transfer = self.desk.run(stream, &visit).await;
            if let Ending::Left = transfer.ending {
                self.log.left(&visit.client);
            }
            log::failure(&self.arguments, transfer.ending).map_or(Ok(()), Err)
        });
        let outcome = serving.await;
        match self.stopped.try_recv() {
            Ok(Err(failure)) => Err(failure),
            _ => outcome,
        }
    }

    async fn handshake(&self, socket: Socket, visit: &Visit) -> Result<TlsStream<Socket>, Failure> {
        let begun = Instant::now();
        let accept = TlsAcceptor::from(&self.server).accept(socket);
        let outcome = match &self.blocking {
            Some(blocking) => blocking.run(accept).await,
            None => accept.await,
        };
        match outcome {
            Ok(stream) => {
                self.observer.handshake_done(&visit.client, stream.get_ref().1, begun.elapsed());
                Ok(stream)
            }
            Err(error) => {
                if let Some(error) = Error::in_io_error(&error) {
                    self.desk.handshake_failed(&visit.client, error, begun.elapsed());
                }
                Err(error.into())
            }
        }
    }
}

/// The address for an announcement.
fn tcp_address(address: &Address) -> Result<SocketAddr, Failure> {
    address
        .to_string()
        .parse()
        .map_err(|_| Failure::usage(format!("--advertise needs a TCP address to listen on, found {address}")))
}
