//! A server of the crate over real sockets, with an observer that keeps the events.

#![allow(dead_code, reason = "each test uses a part")]

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use handclasp::{
    Client, Connection, Error, Identity, Pin, Policy, ProtocolVersion, Server, Trust,
    tokio::{TlsConnector, client::TlsStream},
};
use handclasp_relay::{
    AcceptLoop, Address, Application, Drain, Forward, Gate, Limits, Listener, Observer, Peer, Refusal,
    Termination, Transfer,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Longer than anything takes on a machine that others use too.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The events in the order in which they came, as text.
#[derive(Default)]
pub struct Events {
    all: Mutex<Vec<String>>,
}

impl Events {
    fn push(&self, event: String) {
        self.all.lock().unwrap().push(event);
    }

    pub fn all(&self) -> Vec<String> {
        self.all.lock().unwrap().clone()
    }

    pub fn count(&self, wanted: &str) -> usize {
        self.all().iter().filter(|event| event.contains(wanted)).count()
    }

    /// Waits until as many events have this text.
    pub async fn until(&self, wanted: &str, count: usize) {
        let waiting = async {
            while self.count(wanted) < count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(waited.is_ok(), "{wanted:?} is missing {count} times in {:?}", self.all());
    }
}

impl Observer for Events {
    fn accepted(&self, _: &Peer) {
        self.push("accepted".to_owned());
    }
    fn handshake_done(&self, _: &Peer, _: &Connection, _: Duration) {
        self.push("connected".to_owned());
    }
    fn handshake_failed(&self, _: &Peer, error: &Error, _: Duration) {
        self.push(format!("failed: {error}"));
    }
    fn refused(&self, _: &Peer, refusal: &Refusal) {
        self.push(format!("refused: {refusal:?}"));
    }
    fn target_failed(&self, _: &Peer, target: &Address, error: &std::io::Error) {
        self.push(format!("no target {target}: {error}"));
    }
    fn ended(&self, _: &Peer, transfer: &Transfer) {
        let Transfer { from_client, from_target, ending, .. } = transfer;
        self.push(format!("ended: {from_client} in, {from_target} out, {ending}"));
    }
    fn closed(&self, _: &Peer) {
        self.push("closed".to_owned());
    }
    fn accept_failed(&self, error: &std::io::Error) {
        self.push(format!("accept: {error}"));
    }
}

/// A running server.
pub struct Running {
    pub address: SocketAddr,
    pub connector: TlsConnector,
    pub events: Arc<Events>,
    pub drain: Drain,
    pub gate: Gate,
    pub task: JoinHandle<()>,
}

/// Both ends of a configuration, for one version.
pub fn pair(version: ProtocolVersion) -> (Client, Server) {
    let identity = Identity::self_signed(&["a.example"]).unwrap();
    let trust = Trust::Pins(vec![Pin::of_spki(&identity.spki())]);
    let policy = || Policy::modern().only_version(version).unwrap();
    (Client::with_policy(trust, policy()), Server::with_policy(identity, policy()))
}

impl Running {
    /// Serves an application.
    pub async fn serve<A: Application>(application: A, limits: Limits, version: ProtocolVersion) -> Self {
        let (client, server) = pair(version);
        Self::start(Termination::new(server, application), limits, client).await
    }

    pub async fn start<A: Application>(service: Termination<A>, limits: Limits, client: Client) -> Self {
        let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
        let Address::Tcp { port, .. } = listener.address().unwrap() else { panic!("a TCP listener") };
        let (gate, drain, events) = (Gate::new(limits), Drain::new(), Arc::<Events>::default());
        let accepting = AcceptLoop::new(listener, gate.clone(), events.clone(), drain.clone());
        let task = tokio::spawn(accepting.run(Arc::new(service)));
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        Self { address, connector: TlsConnector::from(client), events, drain, gate, task }
    }

    /// A connected client.
    pub async fn connect(&self) -> TlsStream<TcpStream> {
        let tcp = TcpStream::connect(self.address).await.unwrap();
        self.connector.connect("a.example", tcp).await.unwrap()
    }
}

/// A forwarding server in front of a service of this test, and the service.
pub async fn forwarding(version: ProtocolVersion) -> (Running, TcpListener) {
    let service = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = Address::from(service.local_addr().unwrap());
    (Running::serve(Forward::new(target), Limits::default(), version).await, service)
}

/// A client and the service, connected.
pub async fn through(running: &Running, service: &TcpListener) -> (TlsStream<TcpStream>, TcpStream) {
    let (client, served) = tokio::join!(running.connect(), service.accept());
    (client, served.unwrap().0)
}
