//! A server by its flags, before it listens and while it runs.

use std::sync::Arc;

use handclasp::{
    Current, Error, Pin, Server,
    tokio::{TlsAcceptor, server::TlsStream},
};
use handclasp_relay::{
    Application, Blocking, ClientContext, Drain, Ending, Listener, Observer, Observers, Socket, Termination,
    as_client,
};
use tokio::{sync::mpsc, time::Instant};

use super::{
    application::ServeApplication,
    configuration::Configuration,
    limits,
    log::{self, KnownClients},
};
use crate::{
    advertise::{self, Announcement},
    args::Serve,
    daemon::{Before, Unit, bind},
    exit::Failure,
    files::OutputFile,
    observe::{self, ServiceObserver},
    say::say,
    store::SharedStore,
    systemd::Inherited,
};

/// A server that the flags describe.
pub struct Job {
    arguments: Arc<Serve>,
    title: String,
    service: String,
    server: Current<Server>,
    /// What it shares with other servers.
    store: Option<SharedStore>,
    pins: Vec<Pin>,
    facts: Vec<String>,
    /// Where handshakes may block.
    blocking: Option<Blocking>,
    observer: Arc<dyn Observer>,
    application: Arc<ServeApplication>,
    service_observer: Arc<ServiceObserver>,
    /// Why the program has to end.
    stopped: mpsc::UnboundedReceiver<Result<(), Failure>>,
}

impl Job {
    /// Reads keys, trust and files, and opens nothing else. `title` names the table of a file.
    pub fn new(arguments: &Arc<Serve>, title: &str, before: &Before) -> Result<Self, Failure> {
        check_proxy_protocol(arguments)?;
        let report = OutputFile::asked("--report", arguments.record.report.as_ref())?;
        let Configuration { server, pins, facts, may_block } = Configuration::new(arguments)?;
        let service = if title.is_empty() { "serve" } else { title };
        let store = SharedStore::open(&arguments.store, service, before.store(title))?;
        let server = match &store {
            Some(store) => store.fleet().configure(server),
            None => server,
        };
        let server = before.server(title, server)?;
        let (application, stopped) = ServeApplication::new(arguments, report);
        let application = Arc::new(application);
        let service_observer = Arc::new(log::service_observer(arguments, service));
        let known = Arc::new(KnownClients(Arc::clone(arguments)));
        let observer = Observers(vec![application.clone(), service_observer.clone(), known]);
        let blocking = may_block.then(Blocking::default);
        let (arguments, title, service) = (Arc::clone(arguments), title.to_owned(), service.to_owned());
        let (server, observer) = (Current::new(server), Arc::new(observer));
        Ok(Self {
            arguments,
            title,
            service,
            server,
            store,
            pins,
            facts,
            blocking,
            observer,
            application,
            service_observer,
            stopped,
        })
    }

    /// What the daemon runs.
    pub fn unit(self) -> Unit {
        let arguments = &self.arguments;
        let announcement = self.announcement();
        let mut task = Termination::new(self.acceptor(), self.application);
        if let Some(blocking) = self.blocking {
            task = task.blocking(blocking);
        }
        Unit {
            listen: arguments.address.clone(),
            limits: limits::limits(&arguments.limits, 1 + usize::from(arguments.forward.is_some())),
            observer: self.observer,
            title: self.title,
            service: self.service,
            task: Arc::new(task),
            proxies: arguments.proxy_protocol.proxy_protocol_in.clone(),
            facts: if arguments.record.quiet { Vec::new() } else { self.facts },
            announcement,
            stopped: Some(self.stopped),
            server: Some(self.server.get()),
            client: None,
            store: self.store,
        }
    }

    fn acceptor(&self) -> TlsAcceptor {
        let acceptor = TlsAcceptor::from(&self.server);
        let Some(store) = &self.store else { return acceptor };
        let connecting = store.fleet().clone();
        tokio::spawn(async move { connecting.begin().await });
        acceptor.with_needs(store.fleet().clone())
    }

    fn announcement(&self) -> Option<Announcement> {
        let name = self.arguments.advertise.advertise.clone()?;
        Some(Announcement { name, pins: self.pins.clone(), is_quiet: self.arguments.record.quiet })
    }

    /// Listens as the flags say, and serves one client; its failure is the program's.
    pub async fn once(mut self) -> Result<(), Failure> {
        let mut listener = bind(&self.arguments.address, &mut Inherited::from_environment()?, "").await?;
        let address = listener.address()?;
        observe::listening(&self.service, &address);
        self.facts.iter().filter(|_| !self.arguments.record.quiet).for_each(say);
        let announcement = self.announcement();
        let advertised = announcement.map(|what| advertise::until_signal(&what, &address)).transpose()?;
        let outcome = self.one(&mut listener).await;
        drop(advertised);
        outcome
    }

    async fn one(&mut self, listener: &mut Listener) -> Result<(), Failure> {
        let socket = loop {
            match listener.accept().await {
                Ok(socket) => break socket,
                Err(error) => {
                    self.observer.accept_failed(&error);
                    tokio::time::sleep(listener.pause()).await;
                }
            }
        };
        let context = ClientContext::new(socket.peer().clone(), Arc::clone(&self.observer), Drain::new());
        let serving = as_client(context.client.clone(), async {
            let stream = self.handshake(socket, &context).await?;
            let transfer = self.application.run(stream, &context).await;
            if let Ending::Left = transfer.ending {
                self.service_observer.left(&context.client);
            }
            log::failure(&self.arguments, transfer.ending).map_or(Ok(()), Err)
        });
        let outcome = serving.await;
        match self.stopped.try_recv() {
            Ok(Err(failure)) => Err(failure),
            _ => outcome,
        }
    }

    async fn handshake(&self, socket: Socket, context: &ClientContext) -> Result<TlsStream<Socket>, Failure> {
        let begun = Instant::now();
        let accept = self.acceptor().accept(socket);
        let outcome = match &self.blocking {
            Some(blocking) => blocking.run(accept).await,
            None => accept.await,
        };
        match outcome {
            Ok(stream) => {
                self.observer.handshake_done(&context.client, stream.get_ref().1, begun.elapsed());
                Ok(stream)
            }
            Err(error) => {
                if let Some(error) = Error::in_io_error(&error) {
                    self.application.handshake_failed(&context.client, error, begun.elapsed());
                }
                Err(error.into())
            }
        }
    }
}

fn check_proxy_protocol(arguments: &Serve) -> Result<(), Failure> {
    let flags = &arguments.proxy_protocol;
    if flags.proxy_protocol_out.is_some() && arguments.forward.is_none() {
        return Err(Failure::usage(
            "--proxy-protocol-out needs a service to send the header to: pass --forward",
        ));
    }
    if flags.proxy_protocol_in.is_some() && arguments.once {
        return Err(Failure::usage(
            "--once and --proxy-protocol-in exclude each other: remove one of the two",
        ));
    }
    Ok(())
}
