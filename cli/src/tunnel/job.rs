//! A tunnel by its flags, before it listens and while it runs.

use std::sync::Arc;

use handclasp::{Client, ClientConnection, Current, PeerName};
use handclasp_relay::{
    AcceptLoop, Address, Blocking, Copying, Drain, Gate, Listener, Observer, Observers, Tunnel,
};

use super::{
    dialogue::{Dialogue, Dialogues},
    handshakes::Handshakes,
};
use crate::{
    args, client,
    exit::Failure,
    files::OutputFile,
    keys,
    observe::{Detail, Watched},
    say::say,
    serve::limits,
};

/// A tunnel that the flags describe.
pub struct Job {
    arguments: Arc<args::Tunnel>,
    client: Current<Client>,
    name: Option<PeerName<'static>>,
    observer: Arc<dyn Observer>,
}

impl Job {
    /// Reads keys, trust and files, and opens nothing else.
    pub fn new(arguments: args::Tunnel) -> Result<Self, Failure> {
        let report = OutputFile::asked("--report", arguments.client.record.report.as_ref())?;
        let deadline = arguments.limits.handshake_timeout();
        let client = client::client(&arguments.client)?.deadline(Some(deadline));
        let name = name(&arguments)?;
        is_possible(&arguments, &client, name.as_ref())?;
        let arguments = Arc::new(arguments);
        let detail = if arguments.client.record.quiet { Detail::Failures } else { Detail::Connections };
        let (watched, handshakes) = (Watched::tunnel("tunnel", detail), Handshakes::new(&arguments, report));
        let observer = Observers(vec![Arc::new(watched), Arc::new(handshakes)]);
        Ok(Self { arguments, client: Current::new(client), name, observer: Arc::new(observer) })
    }

    /// Listens as the flags say, and serves until the drain is over.
    pub async fn run(self, drain: Drain) -> Result<(), Failure> {
        let address = &self.arguments.listen;
        let bound = Listener::bind(address).await;
        let listener = bound.map_err(|error| Failure::Transport(format!("{address}: {error}")))?;
        self.run_on(listener, drain).await
    }

    /// As [`Job::run`], over a socket that listens already.
    pub async fn run_on(self, listener: Listener, drain: Drain) -> Result<(), Failure> {
        let arguments = &self.arguments;
        say(format_args!("listening on {}", listener.address()?));
        let gate = Gate::new(limits::limits(&arguments.limits, 2));
        let accepting = AcceptLoop::new(listener, gate, Arc::clone(&self.observer), drain)
            .behind(arguments.proxy_protocol.proxy_protocol_in.clone());
        let host = arguments.client.name.as_deref().or(arguments.target.host()).unwrap_or_default();
        let tunnel = Tunnel::new(&self.client, arguments.target.clone())
            .name(self.name.clone())
            .dial_limit(arguments.limits.dial_timeout())
            .copying(Copying::default().idle_limit(arguments.limits.idle_timeout()))
            .blocking(keys::client_may_block(&arguments.client).then(Blocking::default))
            .proxy_header(arguments.proxy_protocol.out())
            .prelude(match arguments.starttls {
                None => Dialogues::None,
                Some(protocol) => Dialogues::StartTls(Dialogue::new(protocol, host)),
            });
        accepting.run(Arc::new(tunnel)).await;
        Ok(())
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
