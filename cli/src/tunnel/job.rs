//! A tunnel by its flags, before it listens and while it runs.

use std::sync::Arc;

use handclasp::{Client, ClientConnection, Current, PeerName};
use handclasp_relay::{Address, Blocking, CopyOptions, Observer, Observers, Tunnel};

use super::{
    dialogue::{Dialogue, Dialogues},
    handshakes::Handshakes,
};
use crate::{
    args, client,
    daemon::{Before, Unit},
    exit::Failure,
    files::OutputFile,
    keys,
    observe::{Detail, ServiceObserver},
    serve::limits,
};

/// A tunnel that the flags describe.
pub struct Job {
    arguments: Arc<args::Tunnel>,
    title: String,
    service: String,
    client: Current<Client>,
    name: Option<PeerName<'static>>,
    observer: Arc<dyn Observer>,
}

impl Job {
    /// Reads keys, trust and files, and opens nothing else. `title` names the table of a file.
    pub fn new(arguments: &Arc<args::Tunnel>, title: &str, before: &Before) -> Result<Self, Failure> {
        let report = OutputFile::asked("--report", arguments.client.record.report.as_ref())?;
        let deadline = arguments.limits.handshake_timeout();
        let client = client::client(&arguments.client)?.deadline(Some(deadline));
        let name = name(arguments)?;
        is_possible(arguments, &client, name.as_ref())?;
        let client = before.client(title, client)?;
        let detail = if arguments.client.record.quiet { Detail::Failures } else { Detail::Connections };
        let service = if title.is_empty() { "tunnel" } else { title }.to_owned();
        let (service_observer, handshakes) =
            (ServiceObserver::tunnel(&service, detail), Handshakes::new(arguments, report));
        let observer = Observers(vec![Arc::new(service_observer), Arc::new(handshakes)]);
        let (arguments, title) = (Arc::clone(arguments), title.to_owned());
        Ok(Self {
            arguments,
            title,
            service,
            client: Current::new(client),
            name,
            observer: Arc::new(observer),
        })
    }

    /// What the daemon runs.
    pub fn unit(self) -> Unit {
        let arguments = &self.arguments;
        let host = arguments.client.name.as_deref().or(arguments.target.host()).unwrap_or_default();
        let tunnel = Tunnel::new(&self.client, arguments.target.clone())
            .name(self.name)
            .dial_limit(arguments.limits.dial_timeout())
            .copy_options(CopyOptions::default().idle_limit(arguments.limits.idle_timeout()))
            .blocking(keys::client_may_block(&arguments.client).then(Blocking::default))
            .proxy_header(arguments.proxy_protocol.out())
            .prelude(match arguments.starttls {
                None => Dialogues::None,
                Some(protocol) => {
                    Dialogues::StartTls(Dialogue::new(protocol, host, arguments.limits.handshake_timeout()))
                }
            });
        Unit {
            listen: arguments.listen.clone(),
            limits: limits::limits(&arguments.limits, 2),
            title: self.title,
            service: self.service,
            observer: self.observer,
            task: Arc::new(tunnel),
            proxies: arguments.proxy_protocol.proxy_protocol_in.clone(),
            facts: Vec::new(),
            announcement: None,
            stopped: None,
            server: None,
            store: None,
            client: Some(self.client.get()),
        }
    }
}

/// The name that the server's certificate is for, and by which known peers know it.
fn name(arguments: &args::Tunnel) -> Result<Option<PeerName<'static>>, Failure> {
    let host = arguments.client.name.as_deref().or(arguments.target.host());
    if let Some(host) = host {
        return Ok(Some(PeerName::from(host.to_owned())));
    }
    // A UNIX socket has no name that a certificate could be for; known peers may know it by its path.
    Ok(arguments.client.tofu.tofu.is_some().then(|| PeerName::service(arguments.target.to_string())))
}

/// What could never work is said at the start, not for each client.
fn is_possible(
    arguments: &args::Tunnel,
    client: &Client,
    name: Option<&PeerName<'static>>,
) -> Result<(), Failure> {
    if let (Address::Unix(_), Some(protocol)) = (&arguments.target, arguments.starttls) {
        return Err(Failure::usage(format!(
            "--starttls {} needs HOST:PORT as TARGET, found {}",
            protocol.name(),
            arguments.target
        )));
    }
    client.check()?;
    // Without a name the first step of a handshake takes no session.
    if name.is_none() && ClientConnection::new(client, None).is_err() {
        return Err(Failure::usage(format!(
            "{} has no name that a certificate could be for: pass --name NAME, or trust a key with --pin, --tofu or a \
             pre-shared key",
            arguments.target
        )));
    }
    Ok(())
}
