//! A server of the crate over real sockets, with an observer that keeps the events.

#![allow(dead_code, reason = "each test uses a part")]

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        mpsc::{Sender, channel},
    },
    time::{Duration, Instant},
};

use handclasp::{
    Client, Connection, Error, Identity, Pin, Policy, ProtocolVersion, Server, Trust,
    tokio::{TlsConnector, client::TlsStream},
};
use handclasp_relay::{
    AcceptLoop, Address, Application, Drain, Forward, Gate, Limits, Listener, Observer, Peer, Refusal,
    Service, Termination, Transfer,
};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
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

    /// Waits until as many events have this text, also while the clock of the runtime is held.
    pub async fn until(&self, wanted: &str, count: usize) {
        let end = Instant::now() + PATIENCE;
        while self.count(wanted) < count {
            assert!(Instant::now() < end, "{wanted:?} is missing {count} times in {:?}", self.all());
            tokio::task::yield_now().await;
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The clock of a runtime of one thread, which stands still until a test moves it. It goes on when this is dropped.
pub struct HeldClock(#[expect(dead_code, reason = "dropped, it lets the clock go")] Sender<()>);

impl HeldClock {
    pub fn new() -> Self {
        let (release, held) = channel();
        // A clock that is paused goes on where every task waits, but not while this thread runs.
        drop(tokio::task::spawn_blocking(move || held.recv()));
        tokio::time::pause();
        Self(release)
    }

    pub async fn advance(&self, time: Duration) {
        tokio::time::advance(time).await;
    }
}

impl Drop for HeldClock {
    fn drop(&mut self) {
        tokio::time::resume();
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
    fn proxy_failed(&self, _: &Peer, error: &std::io::Error) {
        self.push(format!("proxy: {error}"));
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

    pub async fn start<S: Service>(service: S, limits: Limits, client: Client) -> Self {
        Self::behind(None, service, limits, client).await
    }

    /// As [`Running::start`], behind proxies.
    pub async fn behind<S: Service>(
        proxies: Option<&str>,
        service: S,
        limits: Limits,
        client: Client,
    ) -> Self {
        let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
        let Address::Tcp { port, .. } = listener.address().unwrap() else { panic!("a TCP listener") };
        let (gate, drain, events) = (Gate::new(limits), Drain::new(), Arc::<Events>::default());
        let accepting = AcceptLoop::new(listener, gate.clone(), events.clone(), drain.clone());
        let accepting = accepting.behind(proxies.map(|list| list.parse().unwrap()));
        let task = tokio::spawn(accepting.run(Arc::new(service)));
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        Self { address, connector: TlsConnector::from(client), events, drain, gate, task }
    }

    /// Waits until so many connections are open, also while the clock of the runtime is held.
    pub async fn until_connections(&self, count: usize) {
        let end = Instant::now() + PATIENCE;
        while self.gate.connections() != count {
            assert!(Instant::now() < end, "{} connections, expected {count}", self.gate.connections());
            tokio::task::yield_now().await;
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// A client without TLS, which a tunnel has accepted.
    pub async fn connect_plain(&self) -> TcpStream {
        let accepted = self.events.count("accepted");
        let client = TcpStream::connect(self.address).await.unwrap();
        self.events.until("accepted", accepted + 1).await;
        client
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

/// A client and a service with a forwarding server between them.
pub async fn relayed(version: ProtocolVersion) -> (Running, TlsStream<TcpStream>, TcpStream) {
    let (running, service) = forwarding(version).await;
    let (client, served) = through(&running, &service).await;
    (running, client, served)
}

/// An address that answers no connection: the queue of its listener is full.
pub async fn unanswered() -> (Address, impl Sized) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // One more than the queue is said to hold.
    let waiting = [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
    let third = tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(address)).await;
    assert!(third.is_err(), "a third connection is answered");
    (address.into(), (listener, waiting))
}
